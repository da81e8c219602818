"""The site's generator and first programming: programming.md."""

import cose
import fields
import keys
from cbor import Reader, Refused, need, read_keys, read_payload, reads_as, string, uint

BASE = "a base address with kind 2, and only then (programming.md §5)"
TURN_LIMIT = 2**32 - 2
SECRETS_LIMIT, HEAD_LIMIT = 512, 1024
FILE_LIMIT = 4 * 1024 * 1024
SEALED_LIMIT = FILE_LIMIT + 2048
HEX, RAW = 1, 2


turn = uint(TURN_LIMIT)
ENROLMENT = {"station": fields.name, "factory": fields.name, "epoch": string(16), "turn": turn,
             "sealed": string(SECRETS_LIMIT, 1)}
TAKE = {"station": fields.name, "turn": turn, "device-type": fields.name, "order": fields.digest,
        "chip": fields.chip_id, "fresh": fields.public_key}
FILE = {"take": fields.digest, "epoch": string(16), "chip": fields.chip_id, "devices": fields.device_ids,
        "serial": fields.number63, "sealed": string(SEALED_LIMIT, 1),
        "chip-key": fields.public_key}
DEVICE = {"kid": fields.number32, "device-key": string(32), "devices": fields.device_ids,
          "product": fields.name, "device-type": fields.name, "kind": uint(RAW, HEX)}
HEAD = DEVICE | {"base-address": fields.number32, "image-digest": fields.digest,
                 "image-size": uint(FILE_LIMIT, 1)}


@reads_as("programming.md", "Enrolment")
def read_enrolment(data):
    message = cose.parse(data, "enrolment", cose.SIGNED, 1024)
    return message, read_payload(message.payload, ENROLMENT)


@reads_as("programming.md", "enrolment-content")
def read_enrolment_content(data):
    return read_payload(data, {"generator": string(32), "take-key": string(32)})


def judge_enrolment(enrolment: bytes, programming_key: bytes, station_key: bytes):
    message, said = read_enrolment(enrolment)
    cose.verify_signature(message, programming_key)
    sealed = cose.parse_en(said.pop("sealed"), SECRETS_LIMIT)
    content = cose.open_en(sealed, [station_key], ["enrolment", said["station"], said["turn"]])
    return fields.in_hex(said | read_enrolment_content(content))


def judge_turn(generator: bytes, station, turn, device, chip: bytes):
    turn_key = keys.kdf(generator, "turn", [station, turn])
    return {"turn-key": turn_key.hex(), "device-key": device_key_of(turn_key, device, chip).hex(),
            "next": keys.kdf(generator, "step", [station, turn]).hex()}


def device_key_of(turn_key, device, chip):
    return keys.kdf(turn_key, "device key", [device, chip])


@reads_as("programming.md", "Take")
def read_take(data):
    message = cose.parse(data, "take", cose.TAGGED, 512)
    return message, read_payload(message.payload, TAKE) | {"digest": keys.digest(data)}


def judge_take(take: bytes, take_key: bytes):
    message, said = read_take(take)
    cose.verify_mac(message, take_key)
    return fields.in_hex(said)


@reads_as("programming.md", "File")
def read_file(data):
    message = cose.parse(data, "program-file", cose.SIGNED, FILE_LIMIT + 4096)
    return message, read_payload(message.payload, FILE)


@reads_as("programming.md", "file-content")
def read_file_content(data):
    reader = Reader(data)
    content = reader.map(9)
    reader.version(content)
    said = read_keys(reader, content, DEVICE | {"image": string(FILE_LIMIT, 1)})
    based = content.has(8)
    need(based == (said["kind"] == RAW), "malformed", BASE)
    said["base-address"] = fields.number32(reader) if based else 0
    content.end()
    reader.end()
    return said


def judge_program_file(file: bytes, programming_key: bytes, take: bytes, take_key: bytes, epoch: bytes,
                       fresh_key: bytes, turn_key: bytes):
    """The station's checks, programming.md §5. The Take is its own, so that nobody asks for the Take key."""
    _, sent = read_take(take)
    signed, answer = read_file(file)
    cose.verify_signature(signed, programming_key)
    need(answer["take"] == sent["digest"] and answer["chip"] == sent["chip"], "wrong-take")
    need(answer["epoch"] == epoch, "stale-epoch")
    sealed = cose.parse_en(answer["sealed"], SEALED_LIMIT)
    opened = cose.open_en(sealed, [fresh_key], ["program-file", sent["digest"]])
    content = read_file_content(opened)
    need(content["devices"] == answer["devices"], "wrong-take")
    own = device_key_of(turn_key, answer["devices"][0], answer["chip"])
    need(content["device-key"] == own, "wrong-take")
    return fields.in_hex(content | {"serial": answer["serial"], "chip-key": answer["chip-key"]})


@reads_as("programming.md", "head-content")
def read_head_content(data):
    return read_payload(data, HEAD)


def judge_program_command(chip: bytes, kem_key: bytes, head: bytes, image: bytes):
    """programming.md §9.2, of a chip that is provisioned."""
    need(len(head) <= 1280, "too-large")
    opened = cose.open_en(cose.parse_en(head, HEAD_LIMIT), [kem_key], ["program", chip])
    content = read_head_content(opened)
    need(len(image) == keys.body_size(content["image-size"]), "body-mismatch")
    named = keys.digest(opened)
    try:
        plain = keys.open_body(keys.kdf(content["device-key"], "program", [named]), ["program", named], image)
    except Refused:
        raise Refused("body-mismatch") from None
    need(keys.digest(plain) == content["image-digest"], "body-mismatch")
    confirmation = keys.kdf(content["device-key"], "programmed", [chip, named])
    return fields.in_hex(content | {"digest": named, "image": plain, "confirmation": confirmation})
