"""Modules and their delivery: module.md, delivery.md."""

import re

import cose
import fields
import keys
from cbor import LARGEST, Reader, need, reads_as

ZERO = bytes(32)
CONDITIONS = ["unknown-software", "not-under-contract", "second-delivery", "predecessor-missing", "not-enabled",
              "older-version"]
NO_TWICE = "names and keys stand once (module.md §2)"


@reads_as("module.md", "Module")
def read_module(data):
    message = cose.parse(data, "module", cose.SIGNED, 8192)
    reader = Reader(message.payload)
    payload = reader.map(9)
    reader.version(payload)
    module = {"message": message}
    payload.key(1)
    module["owner"] = fields.digest(reader)
    payload.key(2)
    module["sequence"] = reader.uint(LARGEST)
    payload.key(3)
    module["product"] = fields.name(reader)
    if payload.has(4):
        module["types"] = [fields.name(reader) for _ in reader.array(1, 16)]
    if payload.has(5):
        module["devices"] = [fields.device_id(reader) for _ in reader.array(1, 64)]
    payload.key(6)
    programs = module["programs"] = [read_program(reader) for _ in reader.array(1, 8)]
    need(len({program["name"] for program in programs}) == len(programs), "malformed", NO_TWICE)
    payload.key(7)
    kids = [keys.digest(read_diagnostics_key(reader)) for _ in reader.array(0, 8)]
    need(len(set(kids)) == len(kids), "malformed", NO_TWICE)
    if payload.has(8):
        for _ in reader.array(1, 8):
            read_requirement(reader)
    payload.end()
    reader.end()
    known = set(kids).issuperset(program["kid"] for program in programs if "kid" in program)
    need(known, "unknown-key", "a diagnostics kid is among the keys (module.md §2)")
    return module


def read_program(reader):
    entry = reader.map(7)
    program = {}
    entry.key(1)
    program["name"] = program_name(reader)
    entry.key(2)
    reader.uint(4, 1)
    entry.key(3)
    fields.name(reader)
    entry.key(4)
    reader.bytes(0, 64)
    entry.key(5)
    program["digest"] = fields.digest(reader)
    entry.key(6)
    program["size"] = reader.uint(2**30)
    if entry.has(7):
        program["kid"] = fields.digest(reader)
    entry.end()
    return program


def program_name(reader):
    text = reader.text(1, 32)
    need(re.fullmatch("[a-z0-9._-]+", text), "malformed", "a program's name is of a–z 0–9 - . _ (module.md §2)")
    return text


def read_diagnostics_key(reader):
    entry = reader.map(2)
    entry.key(1)
    point = fields.public_key(reader)
    entry.key(2)
    reader.uint(fields.UINT32)
    entry.end()
    return point


def read_requirement(reader):
    entry = reader.map(2)
    entry.key(1)
    program_name(reader)
    entry.key(2)
    reader.uint()
    entry.end()


@reads_as("delivery.md", "Claim")
def read_claim(data):
    message = cose.parse(data, "claim", cose.SIGNED + cose.TAGGED, 8192)
    reader = Reader(message.payload)
    payload = reader.map(10)
    reader.version(payload)
    claim = {"message": message}
    payload.key(1)
    claim["device"] = fields.device_id(reader)
    payload.key(2)
    claim["kid"] = reader.uint(fields.UINT32)
    payload.key(3)
    number = claim["number"] = reader.uint(LARGEST, 1)
    payload.key(4)
    claim["prev"] = fields.digest(reader)
    need(number == 1 or claim["prev"] != ZERO, "malformed", "n above 1 has a prev (delivery.md §3)")
    if payload.has(5):
        claim["closing"] = reader.bytes(1, 4096)
        riding = keys.digest(claim["closing"]) == claim["prev"]
        need(riding, "malformed", "H of a riding Done is prev (delivery.md §3)")
    payload.key(6)
    fields.name(reader)
    if payload.has(7):
        fields.digest(reader)
    payload.key(8)
    read_installed(reader)
    payload.key(9)
    reader.bytes(16, 16)
    payload.end()
    reader.end()
    return claim


def read_installed(reader):
    for _ in reader.array(0, 16):
        entry = reader.map(5)
        entry.key(1)
        fields.digest(reader)
        entry.key(2)
        program_name(reader)
        entry.key(3)
        reader.uint()
        entry.key(4)
        fields.name(reader)
        entry.key(5)
        fields.digest(reader)
        entry.end()


@reads_as("delivery.md", "Grant")
def read_grant(data):
    message = cose.parse(data, "grant", cose.TAGGED, 512)
    reader = Reader(message.payload)
    payload = reader.map(7)
    reader.version(payload)
    grant = {"message": message}
    payload.key(1)
    grant["claim"] = fields.digest(reader)
    payload.key(2)
    grant["number"] = reader.uint(LARGEST, 1)
    payload.key(3)
    grant["manifest"] = fields.digest(reader)
    payload.key(4)
    reader.uint()
    payload.key(5)
    reader.uint(1, 1)
    payload.key(6)
    grant["random"] = reader.bytes(32, 32)
    payload.end()
    reader.end()
    return grant


@reads_as("delivery.md", "Refusal")
def read_refusal(data):
    message = cose.parse(data, "refusal", cose.TAGGED, 256)
    reader = Reader(message.payload)
    payload = reader.map(4)
    reader.version(payload)
    refusal = {"message": message}
    payload.key(1)
    refusal["claim"] = fields.digest(reader)
    payload.key(2)
    refusal["number"] = reader.uint(LARGEST, 1)
    payload.key(3)
    refusal["condition"] = CONDITIONS[reader.uint(6, 1) - 1]
    payload.end()
    reader.end()
    return refusal


@reads_as("delivery.md", "Done")
def read_done(data):
    message = cose.parse(data, "done", cose.TAGGED, 4096)
    reader = Reader(message.payload)
    payload = reader.map(5)
    reader.version(payload)
    done = {"message": message}
    payload.key(1)
    done["grant"] = fields.digest(reader)
    payload.key(2)
    done["number"] = reader.uint(LARGEST, 1)
    payload.key(3)
    reader.uint(2, 1)
    payload.key(4)
    read_installed(reader)
    payload.end()
    reader.end()
    return done


def judge_module(owner: bytes, message: bytes):
    module = read_module(message)
    need(keys.digest(owner) == module["owner"], "foreign-module")
    cose.verify_signature(module["message"], owner)
    return {}


def judge_claim(device_key: bytes, identity: bytes, message: bytes):
    claim = read_claim(message)
    verify_claim(claim, device_key, identity)
    if "closing" in claim:
        done = read_done(claim["closing"])
        cose.verify_mac(done["message"], keys.kdf(device_key, "done", []))
        need(done["number"] == claim["number"] - 1, "malformed")
    return {}


def verify_claim(claim, device_key, identity):
    if claim["message"].algorithm == cose.ES256:
        cose.verify_signature(claim["message"], identity)
    else:
        cose.verify_mac(claim["message"], keys.kdf(device_key, "claim", []))


def judge_grant(device_key: bytes, claim: bytes, manifest: bytes, message: bytes):
    grant = read_grant(message)
    cose.verify_mac(grant["message"], keys.kdf(device_key, "grant", []))
    answers(grant, claim)
    need(grant["manifest"] == keys.digest(manifest), "wrong-grant")
    return {}


def answers(answer, claim):
    """delivery.md §9.3, §9.4: H(Claim) and n."""
    open_claim = read_claim(claim)
    right = answer["claim"] == keys.digest(claim) and answer["number"] == open_claim["number"]
    need(right, "wrong-claim")


def judge_refusal(device_key: bytes, claim: bytes, message: bytes):
    refusal = read_refusal(message)
    cose.verify_mac(refusal["message"], keys.kdf(device_key, "refusal", []))
    answers(refusal, claim)
    return {"condition": refusal["condition"]}


def judge_done(device_key: bytes, grant: bytes, message: bytes):
    done = read_done(message)
    cose.verify_mac(done["message"], keys.kdf(device_key, "done", []))
    given = read_grant(grant)
    need(done["grant"] == keys.digest(grant) and done["number"] == given["number"], "wrong-grant")
    return {}


def judge_body(device_key: bytes, claim: bytes, grant: bytes, index: int, body: bytes):
    given = read_grant(grant)
    root = keys.extract("body", [given["random"], device_key])
    place = [keys.digest(claim), given["manifest"], index]
    key = keys.kdf(root, "body", place)
    program = keys.open_body(key, ["body", given["manifest"], index], body)
    if body[:24] != keys.kdf(root, "body salt", place, 24):
        raise ValueError("opens, but the site did not derive its salt")
    return {"hash": keys.digest(program).hex()}
