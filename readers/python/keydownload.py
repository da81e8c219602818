"""Key download: diversified keys, key blocks, commands and acknowledgement: keydownload.md."""

import hmac
import re

import fields
import keys
from cbor import Reader, encode, need, reads_as

CONSTANTS = {16: b"\x01", 24: b"\x11\x12", 32: b"\x41\x42"}
HEXADECIMAL = "[0-9A-F]"


def diversify(key, message):
    """AN10922: a CMAC whose input is padded to 32 bytes however short `message` is."""
    parts = [padded_cmac(key, bytes([constant]) + message) for constant in CONSTANTS[len(key)]]
    if len(key) == 24:
        first, second = parts
        return first[:8] + bytes(a ^ b for a, b in zip(first[8:], second[:8])) + second[8:]
    return b"".join(parts)


def padded_cmac(key, data):
    first = double(keys.aes_block(key, bytes(16)))
    subkey = first if len(data) == 32 else double(first)
    data = data if len(data) == 32 else (data + b"\x80").ljust(32, b"\0")
    last = bytes(a ^ b for a, b in zip(data[16:], subkey))
    return keys.aes_cbc(key, bytes(16), data[:16] + last, encrypting=True)[16:]


def double(block):
    value = int.from_bytes(block, "big") << 1
    return (value & (1 << 128) - 1 ^ (0x87 if value >> 128 else 0)).to_bytes(16, "big")


def unit_key_of(transport_key, serial, application):
    return diversify(transport_key, bytes([len(serial)]) + serial + application)


def kdf_cmac(key, name, context):
    return keys.kdf(key, name, context, 32, keys.cmac)


@reads_as("keydownload.md", "import-key")
def read_import_key(data):
    need(len(data) <= 1040, "too-large", "a message has a largest size (its page)")
    reader = Reader(data)
    command = reader.map(3)
    reader.version(command)
    command.key(1)
    block = reader.bytes(1, 1024)
    command.key(2)
    reference = reader.uint(fields.UINT32)
    command.end()
    reader.end()
    return block, reference


def judge_key_block(transport_key: bytes, application_id: bytes, serial: bytes, unit_key: bytes, challenge, slot,
                    import_key: bytes, data):
    """keydownload.md §5, in its order."""
    if unit_key_of(transport_key, serial, application_id) != unit_key:
        raise ValueError("T_SN is not what T gives")
    block, reference = read_import_key(import_key)
    need(challenge, "no-challenge")
    need(reference == slot["ref2"], "wrong-reference")
    head, optional, sealed = read_key_block(block)
    check_references(optional, challenge["ref1"], reference, serial)
    random = bytes.fromhex(challenge["random"])
    key = open_key_block(kdf_cmac(unit_key, "operation", [random, challenge["ref1"], reference]), block, sealed)
    right = (head["usage"], head["mode"], head["exportability"]) == (slot["usage"], slot["mode"], "N")
    need(right, "wrong-usage")
    numbered = re.fullmatch("[0-9]{2}", head["version"]) and int(head["version"]) >= max(slot["minimumVersion"], 1)
    need(numbered, "older-key")
    acknowledgement = encode({0: 1, 1: serial, 2: keys.digest(block), 3: tag_of(unit_key, random, keys.digest(block))})
    return {"key": key.hex(), "version": int(head["version"]), "acknowledgement": acknowledgement.hex()}


def read_key_block(block):
    """keydownload.md §3: header fields, optional blocks by ID, and the sealed rest; else `bad-key-block`."""
    text = block.decode("latin-1")
    match = re.match("D([0-9]{4})([A-Z0-9]{2})(A)([A-Z0-9])(.{2})(.)([0-9]{2})00", text, re.S)
    need(match and int(match[1]) == len(block), "bad-key-block")
    at, optional = 16, {}
    for _ in range(int(match[7])):
        head = re.match(f"([ -~]{{2}})({HEXADECIMAL}{{2}})", text[at:at + 4])
        need(head and head[1] not in optional, "bad-key-block")
        size = int(head[2], 16)
        content = text[at + 4:at + size]
        need(size >= 4 and len(content) == size - 4 and re.fullmatch("[ -~]*", content), "bad-key-block")
        need("PB" not in optional, "bad-key-block")
        optional[head[1]] = content
        at += size
    need(at % 16 == 0, "bad-key-block")
    need(re.fullmatch(f"{HEXADECIMAL}+", text[at:]) and (len(text) - at) % 32 == 0, "bad-key-block")
    sealed = bytes.fromhex(text[at:])
    need(len(sealed) >= 48, "bad-key-block")
    head = {"usage": match[2], "mode": match[4], "version": match[5], "exportability": match[6]}
    return head, optional, (at, sealed[:-16], sealed[-16:])


def check_references(optional, first, second, serial):
    wanted = first.to_bytes(4, "big") + second.to_bytes(4, "big") + serial
    others = {name: content for name, content in optional.items() if name != "PB"}
    need(others == {"75": wanted.hex().upper()}, "wrong-reference")


def open_key_block(protection_key, block, sealed):
    at, ciphertext, mac = sealed
    encryption, authentication = (derive_block_key(protection_key, purpose) for purpose in (0, 1))
    clear = keys.aes_cbc(encryption, mac, ciphertext)
    need(hmac.compare_digest(keys.cmac(authentication, block[:at] + clear), mac), "bad-key-block")
    bits = int.from_bytes(clear[:2], "big")
    need(bits in (128, 192, 256) and bits // 8 <= len(clear) - 2, "bad-key-block")
    return clear[2:2 + bits // 8]


def derive_block_key(key, purpose):
    """X9.143: for a key of 32 bytes, algorithm 4 and 256 bits."""
    return b"".join(keys.cmac(key, bytes([number, 0, purpose, 0, 0, 4, 1, 0])) for number in (1, 2))


def tag_of(unit_key, random, data_digest):
    return keys.cmac(kdf_cmac(unit_key, "ack", [random]), data_digest)


@reads_as("keydownload.md", "acknowledgement")
def read_acknowledgement(data):
    need(len(data) <= 96, "too-large", "a message has a largest size (its page)")
    reader = Reader(data)
    said = reader.map(4)
    reader.version(said)
    said.key(1)
    serial = reader.bytes(1, 20)
    said.key(2)
    data_digest = fields.digest(reader)
    said.key(3)
    tag = reader.bytes(16, 16)
    said.end()
    reader.end()
    return serial, data_digest, tag


def judge_ack(unit_key: bytes, serial: bytes, random: bytes, data_digest: bytes, message: bytes):
    wanted = serial, data_digest
    *named, tag = read_acknowledgement(message)
    right = tuple(named) == wanted and hmac.compare_digest(tag, tag_of(unit_key, random, data_digest))
    need(right, "bad-acknowledgement")
    return {}
