"""Orders, receipts, counted chips and chip lists: provisioning.md §7–§9."""

import cose
import fields
import keys
import log
from cbor import Reader, list_of, need, read_payload, reads_as, uint

SORTED = "leaves stand by rising chip ID, none twice (provisioning.md §8.4)"
LEAF_SIZE = 153


def mode(reader):
    value = reader.any_uint()
    need(value in (1, 2), "malformed")
    return value


def chips_in_order(reader):
    chips = []
    for _ in reader.array(0, 262144):
        chips.append(read_leaf_item(reader))
        need(len(chips) < 2 or chips[-2]["chip"] < chips[-1]["chip"], "malformed", SORTED)
    return [fields.in_hex(chip) for chip in chips]


def read_leaf_item(reader):
    reader.array(3, 3)
    return {name: field(reader) for name, field in LEAF.items()}


LEAF = {"chip": fields.chip_id, "identity": fields.public_key, "kem": fields.public_key}
ORDER = {"id": fields.name, "product": fields.name, "factory": fields.name, "family": fields.name,
         "lots": list_of(1, 64, fields.number32), "quota": fields.number32, "mode": mode,
         "packages": list_of(1, 16, fields.digest), "issued": fields.number63}
RECEIPT = {"chip": fields.chip_id, "order": fields.digest, "package": fields.digest, "lifecycle": uint(23),
           "debug": Reader.bool, "identity": fields.public_key, "kem": fields.public_key}
CHIP_LIST = {"family": fields.name, "lot": fields.number32, "count": uint(16777216), "root": fields.digest}


@reads_as("provisioning.md", "Order")
def read_order(data):
    message = cose.parse(data, "order", cose.SIGNED, 4096)
    return message, read_payload(message.payload, ORDER)


@reads_as("provisioning.md", "Receipt")
def read_receipt(data):
    message = cose.parse(data, "receipt", cose.SIGNED, 512)
    return message, read_payload(message.payload, RECEIPT)


@reads_as("provisioning.md", "CountedChips")
def read_counted_chips(data):
    message = cose.parse(data, "counted-chips", cose.SIGNED, 40108544)
    return message, read_payload(message.payload, {"order": fields.digest, "chips": chips_in_order})


@reads_as("provisioning.md", "leaf")
def read_leaf(data):
    reader = Reader(data)
    leaf = read_leaf_item(reader)
    reader.end()
    return leaf


@reads_as("provisioning.md", "ListedChip")
def read_listed_chip(data):
    """The leaf, its index and its path."""
    need(len(data) <= 1024, "too-large", "a message has a largest size (its page)")
    reader = Reader(data)
    reader.array(4, 4)
    need(reader.any_uint() == 1, "wrong-version")
    leaf = read_leaf_item(reader)
    index = reader.uint(16777215)
    path = [fields.digest(reader) for _ in reader.array(0, 24)]
    reader.end()
    return leaf, index, path


@reads_as("provisioning.md", "ChipList")
def read_chip_list(data):
    message = cose.parse(data, "chip-list", cose.SIGNED, 512)
    return message, read_payload(message.payload, CHIP_LIST)


def signed_with(read):
    """A judge of a signed message: its digest and what it says, once the key has verified it."""
    def judge(key: bytes, message: bytes):
        envelope, said = read(message)
        cose.verify_signature(envelope, key)
        return {"digest": keys.digest(message).hex(), "says": told(said)}
    return judge


def told(said):
    said = fields.in_hex(said)
    if "packages" in said:
        said["packages"] = [package.hex() for package in said["packages"]]
    return said


judge_order = signed_with(read_order)
judge_receipt = signed_with(read_receipt)
judge_counted_chips = signed_with(read_counted_chips)


def judge_chip_list(key: bytes, message: bytes, leaves: bytes):
    """provisioning.md §9.3."""
    envelope, said = read_chip_list(message)
    cose.verify_signature(envelope, key)
    need(len(leaves) == said["count"] * LEAF_SIZE, "malformed")
    leaves = [leaves[at:at + LEAF_SIZE] for at in range(0, len(leaves), LEAF_SIZE)]
    chips = []
    for leaf in leaves:
        chip = read_leaf(leaf)["chip"]
        need(chip not in chips, "malformed")
        chips.append(chip)
    need(log.root_of([log.leaf_hash(leaf) for leaf in leaves]) == said["root"], "bad-proof")
    return {"says": told(said) | {"chips": [chip.hex() for chip in chips]}}
