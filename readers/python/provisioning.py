"""Orders, receipts, counted chips and chip lists: provisioning.md §7–§9."""

import cose
import fields
import keys
import log
from cbor import LARGEST, Reader, Refused, need, reads_as

NO_MODE = "a mode that does not exist is malformed, also above 2 (provisioning.md §1)"
SORTED = "leaves stand by rising chip ID, none twice (provisioning.md §8.4)"
LEAF_SIZE = 153


def mode(reader):
    value = reader.uint()
    need(value in (1, 2), "malformed")
    return value


@reads_as("provisioning.md", "Order")
def read_order(data):
    message = cose.parse(data, "order", cose.SIGNED, 4096)
    reader = Reader(message.payload)
    payload = reader.map(10)
    reader.version(payload)
    order = {}
    for key, name in enumerate(("id", "product", "factory", "family"), 1):
        payload.key(key)
        order[name] = fields.name(reader)
    payload.key(5)
    order["lots"] = [reader.uint(fields.UINT32) for _ in reader.array(1, 64)]
    payload.key(6)
    order["quota"] = reader.uint(fields.UINT32)
    payload.key(7)
    order["mode"] = mode(reader)
    payload.key(8)
    order["packages"] = [fields.digest(reader).hex() for _ in reader.array(1, 16)]
    payload.key(9)
    order["issued"] = reader.uint(LARGEST)
    payload.end()
    reader.end()
    return message, order


@reads_as("provisioning.md", "Receipt")
def read_receipt(data):
    message = cose.parse(data, "receipt", cose.SIGNED, 512)
    reader = Reader(message.payload)
    payload = reader.map(8)
    reader.version(payload)
    receipt = {}
    payload.key(1)
    receipt["chip"] = fields.chip_id(reader).hex()
    payload.key(2)
    receipt["order"] = fields.digest(reader).hex()
    payload.key(3)
    receipt["package"] = fields.digest(reader).hex()
    payload.key(4)
    receipt["lifecycle"] = reader.uint(23)
    payload.key(5)
    receipt["debug"] = reader.bool()
    payload.key(6)
    receipt["identity"] = fields.public_key(reader).hex()
    payload.key(7)
    receipt["kem"] = fields.public_key(reader).hex()
    payload.end()
    reader.end()
    return message, receipt


@reads_as("provisioning.md", "CountedChips")
def read_counted_chips(data):
    message = cose.parse(data, "counted-chips", cose.SIGNED, 10027520)
    reader = Reader(message.payload)
    payload = reader.map(3)
    reader.version(payload)
    payload.key(1)
    order = fields.digest(reader)
    payload.key(2)
    chips = []
    for _ in reader.array(0, 65536):
        chips.append(read_leaf_item(reader))
        need(len(chips) < 2 or chips[-2]["chip"] < chips[-1]["chip"], "malformed", SORTED)
    payload.end()
    reader.end()
    return message, {"order": order.hex(), "chips": chips}


def read_leaf_item(reader):
    reader.array(3, 3)
    chip, identity = fields.chip_id(reader), fields.public_key(reader)
    return {"chip": chip.hex(), "identity": identity.hex(), "kem": fields.public_key(reader).hex()}


@reads_as("provisioning.md", "leaf")
def read_leaf(data):
    reader = Reader(data)
    leaf = read_leaf_item(reader)
    reader.end()
    return leaf


@reads_as("provisioning.md", "ChipList")
def read_chip_list(data):
    message = cose.parse(data, "chip-list", cose.SIGNED, 512)
    reader = Reader(message.payload)
    payload = reader.map(5)
    reader.version(payload)
    said = {}
    payload.key(1)
    said["family"] = fields.name(reader)
    payload.key(2)
    said["lot"] = reader.uint(fields.UINT32)
    payload.key(3)
    said["count"] = reader.uint(16777216)
    payload.key(4)
    said["root"] = fields.digest(reader).hex()
    payload.end()
    reader.end()
    return message, said


def signed_with(read):
    """A judge of a signed message: its digest and what it says, once the key has verified it."""
    def judge(key: bytes, message: bytes):
        envelope, said = read(message)
        cose.verify_signature(envelope, key)
        return {"digest": keys.digest(message).hex(), "says": said}
    return judge


judge_order = signed_with(read_order)
judge_receipt = signed_with(read_receipt)
judge_counted_chips = signed_with(read_counted_chips)


def judge_chip_list(key: bytes, message: bytes, leaves: bytes):
    """provisioning.md §9.2."""
    envelope, said = read_chip_list(message)
    cose.verify_signature(envelope, key)
    need(len(leaves) == said["count"] * LEAF_SIZE, "malformed")
    leaves = [leaves[at:at + LEAF_SIZE] for at in range(0, len(leaves), LEAF_SIZE)]
    chips = []
    for leaf in leaves:
        chip = read_leaf(leaf)["chip"]
        need(chip not in chips, "malformed")
        chips.append(chip)
    need(log.root_of([log.leaf_hash(leaf) for leaf in leaves]).hex() == said["root"], "bad-proof")
    return {"says": said | {"chips": chips}}
