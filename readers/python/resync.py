"""How a device that lost its flash and a site that was restored find each other again: delivery.md §10."""

import cose
import fields
import keys
from cbor import LARGEST, Reader, reads_as


@reads_as("delivery.md", "Resume")
def read_resume(data):
    message = cose.parse(data, "resume", cose.SIGNED + cose.TAGGED, 512)
    reader = Reader(message.payload)
    payload = reader.map(7)
    reader.version(payload)
    payload.key(1)
    said = [fields.device_id(reader)]
    payload.key(2)
    said.append(reader.uint(fields.UINT32))
    for key in (3, 4):
        payload.key(key)
        said.append(reader.uint(LARGEST, 1))
    for key in (5, 6):
        payload.key(key)
        said.append(reader.bytes(16, 16))
    payload.end()
    reader.end()
    return message, said


@reads_as("delivery.md", "Resumed")
def read_resumed(data):
    message = cose.parse(data, "resumed", cose.TAGGED, 256)
    reader = Reader(message.payload)
    payload = reader.map(3)
    reader.version(payload)
    payload.key(1)
    said = [fields.digest(reader)]
    payload.key(2)
    said.append(reader.uint(LARGEST, 2))
    payload.end()
    reader.end()
    return message, said


@reads_as("delivery.md", "Resync")
def read_resync(data):
    message = cose.parse(data, "resync", cose.TAGGED, 256)
    reader = Reader(message.payload)
    payload = reader.map(3)
    reader.version(payload)
    payload.key(1)
    said = [fields.digest(reader)]
    payload.key(2)
    said.append(reader.bytes(16, 16))
    payload.end()
    reader.end()
    return message, said


def judge_resume(device_key: bytes, message: bytes, identity: bytes = None):
    envelope, said = read_resume(message)
    if envelope.algorithm == cose.ES256:
        cose.verify_signature(envelope, identity)
    else:
        cose.verify_mac(envelope, keys.kdf(device_key, "resume", []))
    return told(said)


def judge_resumed(device_key: bytes, message: bytes):
    envelope, said = read_resumed(message)
    cose.verify_mac(envelope, keys.kdf(device_key, "resumed", []))
    return told(said)


def judge_resync(device_key: bytes, message: bytes):
    envelope, said = read_resync(message)
    cose.verify_mac(envelope, keys.kdf(device_key, "resync", []))
    return told(said)


def told(said):
    return {"fields": [field.hex() if isinstance(field, bytes) else str(field) for field in said]}
