"""How a device that lost its flash and a site that was restored find each other again: delivery.md §10."""

import cose
import fields
import keys
from cbor import LARGEST, need, read_payload, reads_as, string, uint

RESUME = {"device": fields.device_id, "kid": fields.number32, "recovery": fields.counted,
          "number": fields.counted, "epoch": string(16), "nonce": string(16)}
RESUMED = {"resume": fields.digest, "number": uint(LARGEST, 2)}
RESYNC = {"answered": fields.digest, "epoch": string(16)}


@reads_as("delivery.md", "Resume")
def read_resume(data):
    message = cose.parse(data, "resume", cose.SIGNED + cose.TAGGED, 512)
    return message, read_payload(message.payload, RESUME)


@reads_as("delivery.md", "Resumed")
def read_resumed(data):
    message = cose.parse(data, "resumed", cose.TAGGED, 256)
    return message, read_payload(message.payload, RESUMED)


@reads_as("delivery.md", "Resync")
def read_resync(data):
    message = cose.parse(data, "resync", cose.TAGGED, 256)
    return message, read_payload(message.payload, RESYNC)


def judge_resume(device_key: bytes, message: bytes, identity: bytes = None):
    envelope, said = read_resume(message)
    if envelope.algorithm == cose.ES256:
        need(identity is not None, "bad-signature")
        cose.verify_signature(envelope, identity)
    else:
        cose.verify_mac(envelope, keys.kdf(device_key, "resume", []))
    return {"fields": fields.in_order(said)}


def judge_resumed(device_key: bytes, message: bytes):
    envelope, said = read_resumed(message)
    cose.verify_mac(envelope, keys.kdf(device_key, "resumed", []))
    return {"fields": fields.in_order(said)}


def judge_resync(device_key: bytes, message: bytes):
    envelope, said = read_resync(message)
    cose.verify_mac(envelope, keys.kdf(device_key, "resync", []))
    return {"fields": fields.in_order(said)}
