"""Issuers, possession, certificates, backups and their entries: backup.md."""

import cose
import fields
import keys
import log
from cbor import Refused, encode, need, read_payload, reads_as, string

STORE_LIMIT, BACKUP_LIMIT, ENTRY_LIMIT = 64 * 1024, 64 * 1024 + 128, 64 * 1024 + 1152
CERTIFICATE_LIMIT = 768


def verifier_key(reader):
    text = reader.text(1, 320)
    log.read_verifier_key(text)
    return text


def mark(reader):
    need(reader.bytes(8, 8) == b"KWBACKUP", "wrong-type")


def sealed_store(reader):
    return cose.parse_e0(reader.bytes(), STORE_LIMIT)


ISSUER = {"issuing": fields.public_key, "product": fields.name, "log": verifier_key}
POSSESSION = {"chip": fields.chip_id, "device": fields.device_id, "kem": fields.public_key,
              "tls": fields.public_key, "nonce": string(16)}
CERTIFICATE = {"chip": fields.chip_id, "device": fields.device_id, "type": fields.name,
               "identity": fields.public_key, "tls": fields.public_key, "kem": fields.public_key,
               "issued": fields.number63, "station": fields.name, "product": fields.name}
BACKUP = {"mark": mark, "number": fields.counted, "sealed": sealed_store}


@reads_as("backup.md", "Issuer")
def read_issuer(data):
    message = cose.parse(data, "issuer", cose.SIGNED, 1024)
    return message, read_payload(message.payload, ISSUER)


@reads_as("backup.md", "Possession")
def read_possession(data):
    message = cose.parse(data, "possession", cose.SIGNED, 512)
    return message, read_payload(message.payload, POSSESSION)


@reads_as("backup.md", "Certificate")
def read_certificate(data):
    message = cose.parse(data, "identity", cose.SIGNED, CERTIFICATE_LIMIT)
    return message, read_payload(message.payload, CERTIFICATE)


@reads_as("backup.md", "backup")
def read_backup(data):
    need(len(data) <= BACKUP_LIMIT, "too-large", "a message has a largest size (its page)")
    return read_payload(data, BACKUP)


@reads_as("backup.md", "Entry")
def read_entry(data):
    message = cose.parse(data, "backup", cose.SIGNED, ENTRY_LIMIT)
    said = read_payload(message.payload, {"backup": backup_within, "certificate": certificate_within})
    return message, {"number": read_backup(said["backup"])["number"]} | said


def backup_within(reader):
    data = reader.bytes(0, BACKUP_LIMIT)
    read_backup(data)
    return data


def certificate_within(reader):
    data = reader.bytes(0, CERTIFICATE_LIMIT)
    read_certificate(data)
    return data


def signed_with(read):
    """A judge of a signed message: what it says, once the key has verified it."""
    def judge(key: bytes, message: bytes):
        envelope, said = read(message)
        cose.verify_signature(envelope, key)
        return {"fields": fields.in_order(said)}
    return judge


judge_issuer = signed_with(read_issuer)
judge_possession = signed_with(read_possession)
judge_certificate = signed_with(read_certificate)
judge_entry = signed_with(read_entry)


def judge_backup(root: bytes, chip: bytes, identity: bytes, message: bytes):
    backup = read_backup(message)
    place = encode([chip, identity, backup["number"]])
    store = cose.open_e0(backup["sealed"], keys.kdf(root, "seal", []), place, "foreign-backup")
    if backup["sealed"].iv != keys.hmac_sha256(keys.kdf(root, "nonce", []), place + store)[:12]:
        raise ValueError("opens, but its nonce is not the synthetic one")
    return {"number": backup["number"], "store": store.hex()}


def judge_chain(oem: bytes, order_key: bytes, issuer: bytes, certificate: bytes):
    """backup.md §2.2, then §4.1.1."""
    keys.public_key(order_key)
    need(keys.digest(order_key) == oem, "broken-chain")
    envelope, issued = read_issuer(issuer)
    try:
        cose.verify_signature(envelope, order_key)
    except Refused:
        raise Refused("broken-chain") from None
    envelope, certified = read_certificate(certificate)
    cose.verify_signature(envelope, issued["issuing"])
    need(certified["product"] == issued["product"], "broken-chain")
    return {}
