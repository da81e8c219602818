"""Issuers, possession, certificates, backups and their entries: backup.md."""

import cose
import fields
import keys
import log
from cbor import LARGEST, Reader, Refused, encode, need, reads_as


@reads_as("backup.md", "Issuer")
def read_issuer(data):
    message = cose.parse(data, "issuer", cose.SIGNED, 1024)
    reader = Reader(message.payload)
    payload = reader.map(4)
    reader.version(payload)
    payload.key(1)
    issuing = fields.public_key(reader)
    payload.key(2)
    product = fields.name(reader)
    payload.key(3)
    verifier_key = reader.text(1, 320)
    log.read_verifier_key(verifier_key)
    payload.end()
    reader.end()
    return message, [issuing, product, verifier_key]


@reads_as("backup.md", "Possession")
def read_possession(data):
    message = cose.parse(data, "possession", cose.SIGNED, 512)
    reader = Reader(message.payload)
    payload = reader.map(6)
    reader.version(payload)
    said = []
    for key, field in enumerate((fields.chip_id, fields.device_id, fields.public_key, fields.public_key), 1):
        payload.key(key)
        said.append(field(reader))
    payload.key(5)
    said.append(reader.bytes(16, 16))
    payload.end()
    reader.end()
    return message, said


CERTIFICATE = (fields.chip_id, fields.device_id, fields.name, fields.public_key, fields.public_key, fields.public_key,
               lambda reader: reader.uint(LARGEST), fields.name, fields.name)


@reads_as("backup.md", "Certificate")
def read_certificate(data):
    message = cose.parse(data, "identity", cose.SIGNED, 768)
    reader = Reader(message.payload)
    payload = reader.map(len(CERTIFICATE) + 1)
    reader.version(payload)
    said = []
    for key, field in enumerate(CERTIFICATE, 1):
        payload.key(key)
        said.append(field(reader))
    payload.end()
    reader.end()
    return message, said


@reads_as("backup.md", "backup")
def read_backup(data):
    """Number and E0. A mark of eight other bytes, or of another length, is no backup code."""
    need(len(data) <= 64 * 1024 + 128, "too-large", "a message has a largest size (its page)")
    reader = Reader(data)
    payload = reader.map(4)
    reader.version(payload)
    payload.key(1)
    need(reader.bytes(8, 8) == b"KWBACKUP", "wrong-type")
    payload.key(2)
    number = reader.uint(LARGEST, 1)
    payload.key(3)
    sealed = cose.parse_e0(reader.bytes(0, len(data)))
    payload.end()
    reader.end()
    return number, sealed


@reads_as("backup.md", "Entry")
def read_entry(data):
    message = cose.parse(data, "backup", cose.SIGNED, 64 * 1024 + 1152)
    reader = Reader(message.payload)
    payload = reader.map(3)
    reader.version(payload)
    payload.key(1)
    backup = reader.bytes(0, len(data))
    number, _ = read_backup(backup)
    payload.key(2)
    certificate = reader.bytes(0, len(data))
    read_certificate(certificate)
    payload.end()
    reader.end()
    return message, [number, backup, certificate]


def signed_with(read):
    """A judge of a signed message: what it says, once the key has verified it."""
    def judge(key: bytes, message: bytes):
        envelope, said = read(message)
        cose.verify_signature(envelope, key)
        return {"fields": [field.hex() if isinstance(field, bytes) else str(field) for field in said]}
    return judge


judge_issuer = signed_with(read_issuer)
judge_possession = signed_with(read_possession)
judge_certificate = signed_with(read_certificate)
judge_entry = signed_with(read_entry)


def judge_backup(root: bytes, chip: bytes, identity: bytes, message: bytes):
    number, sealed = read_backup(message)
    place = encode([chip, identity, number])
    store = cose.open_e0(sealed, keys.kdf(root, "seal", []), place, "foreign-backup")
    if sealed.iv != keys.hmac_sha256(keys.kdf(root, "nonce", []), place + store)[:12]:
        raise ValueError("opens, but its nonce is not the synthetic one")
    return {"number": number, "store": store.hex()}


def judge_chain(oem: bytes, order_key: bytes, issuer: bytes, certificate: bytes):
    """backup.md §2.2, then §4.1.1."""
    keys.public_key(order_key)
    need(keys.digest(order_key) == oem, "broken-chain")
    envelope, (issuing, product, _) = read_issuer(issuer)
    try:
        cose.verify_signature(envelope, order_key)
    except Refused:
        raise Refused("broken-chain") from None
    envelope, said = read_certificate(certificate)
    cose.verify_signature(envelope, issuing)
    need(said[-1] == product, "broken-chain")
    return {}
