"""The site's generator and first programming: programming.md."""

import cose
import fields
import keys
from cbor import LARGEST, Reader, Refused, need, reads_as

TURN_LIMIT = 2**32 - 2
FILE_LIMIT = 4 * 1024 * 1024
HEX, RAW = 1, 2


@reads_as("programming.md", "Enrolment")
def read_enrolment(data):
    message = cose.parse(data, "enrolment", cose.SIGNED, 1024)
    reader = Reader(message.payload)
    payload = reader.map(6)
    reader.version(payload)
    payload.key(1)
    station = fields.name(reader)
    payload.key(2)
    factory = fields.name(reader)
    payload.key(3)
    epoch = reader.bytes(16, 16)
    payload.key(4)
    turn = reader.uint(TURN_LIMIT)
    payload.key(5)
    sealed = cose.parse_en(reader.bytes(1, 512))
    payload.end()
    reader.end()
    return message, {"station": station, "factory": factory, "epoch": epoch.hex(), "turn": turn}, sealed


@reads_as("programming.md", "enrolment-content")
def read_enrolment_content(data):
    reader = Reader(data)
    content = reader.map(3)
    reader.version(content)
    content.key(1)
    generator = reader.bytes(32, 32)
    content.key(2)
    take_key = reader.bytes(32, 32)
    content.end()
    reader.end()
    return {"generator": generator.hex(), "take-key": take_key.hex()}


def judge_enrolment(enrolment: bytes, programming_key: bytes, station_key: bytes):
    message, said, sealed = read_enrolment(enrolment)
    cose.verify_signature(message, programming_key)
    content = cose.open_en(sealed, [station_key], ["enrolment", said["station"], said["turn"]])
    return said | read_enrolment_content(content)


def judge_turn(generator: bytes, station, turn, device, chip: bytes):
    turn_key = keys.kdf(generator, "turn", [station, turn])
    return {"turn-key": turn_key.hex(), "device-key": device_key_of(turn_key, device, chip).hex(),
            "next": keys.kdf(generator, "step", [station, turn]).hex()}


def device_key_of(turn_key, device, chip):
    return keys.kdf(turn_key, "device key", [device, chip])


@reads_as("programming.md", "Take")
def read_take(data):
    message = cose.parse(data, "take", cose.TAGGED, 512)
    reader = Reader(message.payload)
    payload = reader.map(7)
    reader.version(payload)
    take = {"digest": keys.digest(data)}
    payload.key(1)
    take["station"] = fields.name(reader)
    payload.key(2)
    take["turn"] = reader.uint(TURN_LIMIT)
    payload.key(3)
    take["device-type"] = fields.name(reader)
    payload.key(4)
    take["order"] = fields.digest(reader)
    payload.key(5)
    take["chip"] = fields.chip_id(reader)
    payload.key(6)
    take["fresh"] = fields.public_key(reader)
    payload.end()
    reader.end()
    return message, take


def judge_take(take: bytes, take_key: bytes):
    message, said = read_take(take)
    cose.verify_mac(message, take_key)
    return in_hex(said)


@reads_as("programming.md", "File")
def read_file(data):
    message = cose.parse(data, "program-file", cose.SIGNED, FILE_LIMIT + 4096)
    reader = Reader(message.payload)
    payload = reader.map(8)
    reader.version(payload)
    file = {"message": message}
    payload.key(1)
    file["take"] = fields.digest(reader)
    payload.key(2)
    file["epoch"] = reader.bytes(16, 16)
    payload.key(3)
    file["chip"] = fields.chip_id(reader)
    payload.key(4)
    file["devices"] = fields.device_ids(reader)
    payload.key(5)
    file["serial"] = reader.uint(LARGEST)
    payload.key(6)
    file["sealed"] = cose.parse_en(reader.bytes(1, FILE_LIMIT + 2048))
    payload.key(7)
    file["chip-key"] = fields.public_key(reader)
    payload.end()
    reader.end()
    return file


@reads_as("programming.md", "file-content")
def read_file_content(data):
    reader = Reader(data)
    content = reader.map(9)
    reader.version(content)
    said = read_device(reader, content)
    content.key(7)
    said["image"] = reader.bytes(1, FILE_LIMIT)
    said["base-address"] = 0
    if content.has(8):
        need(said["kind"] == RAW, "malformed", BASE)
        said["base-address"] = reader.uint(fields.UINT32)
    else:
        need(said["kind"] == HEX, "malformed", BASE)
    content.end()
    reader.end()
    return said


BASE = "a base address with kind 2 only, and always (programming.md §5)"


def read_device(reader, content):
    """Fields 1 to 6, which the content of a File and that of a head share."""
    said = {}
    content.key(1)
    said["kid"] = reader.uint(fields.UINT32)
    content.key(2)
    said["device-key"] = reader.bytes(32, 32)
    content.key(3)
    said["devices"] = fields.device_ids(reader)
    content.key(4)
    said["product"] = fields.name(reader)
    content.key(5)
    said["device-type"] = fields.name(reader)
    content.key(6)
    said["kind"] = reader.uint(RAW, HEX)
    return said


def judge_program_file(file: bytes, programming_key: bytes, take: bytes, take_key: bytes, epoch: bytes,
                       fresh_key: bytes, turn_key: bytes):
    """The station's checks, programming.md §5."""
    message, sent = read_take(take)
    cose.verify_mac(message, take_key)
    answer = read_file(file)
    cose.verify_signature(answer["message"], programming_key)
    need(answer["take"] == sent["digest"] and answer["chip"] == sent["chip"], "wrong-take")
    need(answer["epoch"] == epoch, "stale-epoch")
    opened = cose.open_en(answer["sealed"], [fresh_key], ["program-file", sent["digest"]])
    content = read_file_content(opened)
    need(content["devices"] == answer["devices"], "wrong-take")
    own = device_key_of(turn_key, answer["devices"][0], answer["chip"])
    need(content["device-key"] == own, "wrong-take")
    return in_hex(content | {"serial": answer["serial"], "chip-key": answer["chip-key"]})


@reads_as("programming.md", "head-content")
def read_head_content(data):
    need(len(data) <= 1024, "too-large", "a message has a largest size (its page)")
    reader = Reader(data)
    content = reader.map(10)
    reader.version(content)
    said = read_device(reader, content)
    content.key(7)
    said["base-address"] = reader.uint(fields.UINT32)
    content.key(8)
    said["image-digest"] = fields.digest(reader)
    content.key(9)
    said["image-size"] = reader.uint(FILE_LIMIT, 1)
    content.end()
    reader.end()
    return said


def judge_program_command(chip: bytes, kem_key: bytes, head: bytes, image: bytes):
    """programming.md §9.2, of a chip that is provisioned."""
    need(len(head) <= 1280, "too-large")
    opened = cose.open_en(cose.parse_en(head), [kem_key], ["program", chip])
    content = read_head_content(opened)
    need(len(image) == keys.body_size(content["image-size"]), "body-mismatch")
    named = keys.digest(opened)
    try:
        plain = keys.open_body(keys.kdf(content["device-key"], "program", [named]), ["program", named], image)
    except Refused:
        raise Refused("body-mismatch") from None
    need(keys.digest(plain) == content["image-digest"], "body-mismatch")
    return in_hex(content | {"digest": named, "image": plain})


def in_hex(said):
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in said.items()}
