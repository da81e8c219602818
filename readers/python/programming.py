"""The site's generator and first programming: programming.md."""

import cose
import fields
import keys
from cbor import LARGEST, Reader, need, reads_as

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
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in said.items()}
