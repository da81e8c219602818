"""Modules and their delivery: module.md, delivery.md."""

import re

import cose
import fields
import keys
from cbor import Reader, list_of, need, read_keys, read_map, read_payload, reads_as, string, uint

ZERO = bytes(32)
CONDITIONS = ["unknown-software", "not-under-contract", "second-delivery", "predecessor-missing",
              "not-enabled", "older-version"]
NAMES = "a program's name is of a–z 0–9 - . _ (module.md §2)"
NO_TWICE = "names and keys stand once (module.md §2)"


@reads_as("module.md", "Module")
def read_module(data):
    message = cose.parse(data, "module", cose.SIGNED, 8192)
    reader = Reader(message.payload)
    payload = reader.map(9)
    reader.version(payload)
    module = {}
    payload.key(1)
    module["owner"] = fields.digest(reader)
    payload.key(2)
    module["sequence"] = fields.number63(reader)
    payload.key(3)
    module["product"] = fields.name(reader)
    types, devices = list_of(1, 16, fields.name), list_of(1, 64, fields.device_id)
    module["types"] = types(reader) if payload.has(4) else None
    module["devices"] = devices(reader) if payload.has(5) else None
    payload.key(6)
    programs = module["programs"] = fields.read_distinct(
        reader, reader.array(1, 8), read_program, NO_TWICE, lambda program: program["name"])
    payload.key(7)
    module["keys"] = fields.read_distinct(
        reader, reader.array(0, 8), lambda reader: read_map(reader, DIAGNOSTICS_KEY), NO_TWICE,
        lambda each: each["key"])
    kids = {keys.digest(each["key"]) for each in module["keys"]}
    requirements = list_of(1, 8, lambda reader: read_map(reader, REQUIREMENT))
    module["requires"] = requirements(reader) if payload.has(8) else None
    payload.end()
    reader.end()
    known = (kids | {None}).issuperset(program["kid"] for program in programs)
    need(known, "unknown-key", "a diagnostics kid is among the keys (module.md §2)")
    return message, module


def read_program(reader):
    entry = reader.map(7)
    program = read_keys(reader, entry, PROGRAM)
    program["kid"] = fields.digest(reader) if entry.has(7) else None
    entry.end()
    return program


def program_name(reader):
    text = reader.text(1, 32)
    need(re.fullmatch("[a-z0-9._-]+", text), "malformed", NAMES)
    return text


PROGRAM = {"name": program_name, "kind": uint(4, 1), "version": fields.name, "build": string(64, 0),
           "digest": fields.digest, "size": uint(2**30)}
DIAGNOSTICS_KEY = {"key": fields.public_key, "epoch": fields.number32}
REQUIREMENT = {"name": program_name, "sequence": uint()}


@reads_as("delivery.md", "Claim")
def read_claim(data):
    message = cose.parse(data, "claim", cose.SIGNED + cose.TAGGED, 8192)
    reader = Reader(message.payload)
    payload = reader.map(10)
    reader.version(payload)
    claim = {}
    payload.key(1)
    claim["device"] = fields.device_id(reader)
    payload.key(2)
    claim["kid"] = fields.number32(reader)
    payload.key(3)
    number = claim["number"] = fields.counted(reader)
    payload.key(4)
    claim["prev"] = fields.digest(reader)
    claim["closing"] = reader.bytes(1, 4096) if payload.has(5) else None
    payload.key(6)
    claim["product"] = fields.name(reader)
    claim["manifest"] = fields.digest(reader) if payload.has(7) else None
    payload.key(8)
    claim["installed"] = read_installed(reader)
    payload.key(9)
    claim["nonce"] = reader.bytes(16, 16)
    payload.end()
    reader.end()
    need(number == 1 or claim["prev"] != ZERO, "malformed", "n above 1 has a prev (delivery.md §3)")
    riding = claim["closing"] is None or keys.digest(claim["closing"]) == claim["prev"]
    need(riding, "malformed", "H of a riding Done is prev (delivery.md §3)")
    return message, claim


INSTALLED = {"owner": fields.digest, "program": program_name, "sequence": uint(), "version": fields.name,
             "digest": fields.digest}
GRANT = {"claim": fields.digest, "number": fields.counted, "manifest": fields.digest, "size": uint(),
         "mode": uint(1, 1), "random": string(32)}
REFUSAL = {"claim": fields.digest, "number": fields.counted, "condition": uint(len(CONDITIONS), 1)}


def read_installed(reader):
    return [read_map(reader, INSTALLED) for _ in reader.array(0, 16)]


DONE = {"grant": fields.digest, "number": fields.counted, "result": uint(2, 1), "installed": read_installed}


@reads_as("delivery.md", "Grant")
def read_grant(data):
    message = cose.parse(data, "grant", cose.TAGGED, 512)
    return message, read_payload(message.payload, GRANT)


@reads_as("delivery.md", "Refusal")
def read_refusal(data):
    message = cose.parse(data, "refusal", cose.TAGGED, 256)
    return message, read_payload(message.payload, REFUSAL)


@reads_as("delivery.md", "Done")
def read_done(data):
    message = cose.parse(data, "done", cose.TAGGED, 4096)
    return message, read_payload(message.payload, DONE)


def judge_module(owner: bytes, message: bytes):
    envelope, module = read_module(message)
    need(keys.digest(owner) == module["owner"], "foreign-module")
    cose.verify_signature(envelope, owner)
    return {"fields": fields.in_order(module)}


def judge_claim(device_key: bytes, identity: bytes, message: bytes):
    envelope, claim = read_claim(message)
    verify_claim(envelope, device_key, identity)
    if claim["closing"] is not None:
        riding, done = read_done(claim["closing"])
        cose.verify_mac(riding, keys.kdf(device_key, "done", []))
        need(done["number"] == claim["number"] - 1, "malformed")
    return {"fields": fields.in_order(claim)}


def verify_claim(envelope, device_key, identity):
    if envelope.algorithm == cose.ES256:
        cose.verify_signature(envelope, identity)
    else:
        cose.verify_mac(envelope, keys.kdf(device_key, "claim", []))


def judge_grant(device_key: bytes, claim: bytes, manifest: bytes, message: bytes):
    envelope, grant = read_grant(message)
    cose.verify_mac(envelope, keys.kdf(device_key, "grant", []))
    answers(grant, claim)
    need(grant["manifest"] == keys.digest(manifest), "wrong-grant")
    return {"fields": fields.in_order(grant)}


def answers(answer, claim):
    """delivery.md §9.3, §9.4: H(Claim) and n."""
    _, open_claim = read_claim(claim)
    right = answer["claim"] == keys.digest(claim) and answer["number"] == open_claim["number"]
    need(right, "wrong-claim")


def judge_refusal(device_key: bytes, claim: bytes, message: bytes):
    envelope, refusal = read_refusal(message)
    cose.verify_mac(envelope, keys.kdf(device_key, "refusal", []))
    answers(refusal, claim)
    return {"condition": CONDITIONS[refusal["condition"] - 1], "fields": fields.in_order(refusal)}


def judge_done(device_key: bytes, message: bytes):
    envelope, done = read_done(message)
    cose.verify_mac(envelope, keys.kdf(device_key, "done", []))
    return {"fields": fields.in_order(done)}


def judge_body(device_key: bytes, claim: bytes, grant: bytes, index: int, body: bytes):
    _, given = read_grant(grant)
    root = keys.extract("body", [given["random"], device_key])
    place = [keys.digest(claim), given["manifest"], index]
    key = keys.kdf(root, "body", place)
    program = keys.open_body(key, ["body", given["manifest"], index], body)
    return {"hash": keys.digest(program).hex(), "salt": keys.kdf(root, "body salt", place, 24).hex()}
