"""Key download: diversified keys, key blocks, commands and acknowledgement: keydownload.md."""

import hmac
import re

import fields
import keys
from cbor import encode, need, read_payload, reads_as, string

CONSTANTS = {16: b"\x01", 24: b"\x11\x12", 32: b"\x41\x42"}
HEXADECIMAL = "[0-9A-F]"
FILL = "PB"
ALGORITHMS = {16: 2, 24: 3, 32: 4}


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
    return read_payload(data, {"block": string(1024, 1), "reference": fields.number32})


def judge_key_block(transport_key: bytes, application_id: bytes, serial: bytes, unit_key: bytes, challenge,
                    slot, import_key: bytes, data):
    """keydownload.md §5, in its order."""
    if unit_key_of(transport_key, serial, application_id) != unit_key:
        raise ValueError("T_SN is not what T gives")
    block, reference = read_import_key(import_key).values()
    need(challenge, "no-challenge")
    need(reference == slot["ref2"], "wrong-reference")
    head, optional, sealed = read_key_block(block)
    check_references(optional, challenge["ref1"], reference, serial)
    random = bytes.fromhex(challenge["random"])
    protection_key = kdf_cmac(unit_key, "operation", [random, challenge["ref1"], reference])
    key = open_key_block(protection_key, block, sealed)
    right = (head["usage"], head["mode"], head["exportability"]) == (slot["usage"], slot["mode"], "N")
    need(right, "wrong-usage")
    need(re.fullmatch("[0-9]{2}", head["version"]), "older-key")
    need(int(head["version"]) >= max(slot["minimumVersion"], 1), "older-key")
    named = keys.digest(block)
    acknowledgement = encode({0: 1, 1: serial, 2: named, 3: tag_of(unit_key, random, named)})
    return {"key": key.hex(), "version": int(head["version"]), "acknowledgement": acknowledgement.hex()}


def read_key_block(block):
    """keydownload.md §3: header fields, optional blocks by ID, and the sealed rest; else `bad-key-block`."""
    text = block.decode("latin-1")
    need(re.fullmatch("[ -~]*", text), "bad-key-block")
    match = re.match("D([0-9]{4})([A-Z0-9]{2})(A)([A-Z0-9])([A-Z0-9]{2})([A-Z0-9])([0-9]{2})00", text)
    need(match and int(match[1]) == len(block), "bad-key-block")
    at, optional = 16, {}
    for _ in range(int(match[7])):
        need(FILL not in optional, "bad-key-block")
        name, content, at = read_optional_block(text, at)
        need(name not in optional, "bad-key-block")
        optional[name] = content
    optional.pop(FILL, None)
    need(at % 16 == 0, "bad-key-block")
    need(re.fullmatch(f"{HEXADECIMAL}+", text[at:]) and (len(text) - at) % 32 == 0, "bad-key-block")
    sealed = bytes.fromhex(text[at:])
    need(len(sealed) >= 32, "bad-key-block")
    head = {"usage": match[2], "mode": match[4], "version": match[5], "exportability": match[6]}
    return head, optional, (at, sealed[:-16], sealed[-16:])


def read_optional_block(text, at):
    """ID, data, and where the next begins; the length has two digits, or `00`, their count, and so many."""
    head = re.match(f"([A-Z0-9]{{2}})({HEXADECIMAL}{{2}})", text[at:at + 4])
    need(head, "bad-key-block")
    digits, start = head[2], at + 4
    if digits == "00":
        count = re.match("0[1-8]", text[start:start + 2])
        need(count, "bad-key-block")
        start += 2 + int(count[0])
        digits = text[at + 6:start]
        need(re.fullmatch(f"{HEXADECIMAL}{{{int(count[0])}}}", digits), "bad-key-block")
    end = at + int(digits, 16)
    need(start <= end <= len(text), "bad-key-block")
    return head[1], text[start:end], end


def check_references(optional, first, second, serial):
    wanted = first.to_bytes(4, "big") + second.to_bytes(4, "big") + serial
    need(optional == {"75": wanted.hex().upper()}, "wrong-reference")


def open_key_block(protection_key, block, sealed):
    at, ciphertext, mac = sealed
    encryption, authentication = (derive_block_key(protection_key, purpose) for purpose in (0, 1))
    clear = keys.aes_cbc(encryption, mac, ciphertext)
    need(hmac.compare_digest(keys.cmac(authentication, block[:at] + clear), mac), "bad-key-block")
    bits = int.from_bytes(clear[:2], "big")
    need(bits in (128, 192, 256) and bits // 8 <= len(clear) - 2, "bad-key-block")
    return clear[2:2 + bits // 8]


def derive_block_key(key, purpose):
    """§3.4, for protection keys of all sizes of AES, as X9.143 has them."""
    tail = bytes([0, purpose, 0, 0, ALGORITHMS[len(key)]]) + (len(key) * 8).to_bytes(2, "big")
    return b"".join(keys.cmac(key, bytes([number]) + tail) for number in (1, 2))[:len(key)]


def tag_of(unit_key, random, data_digest):
    return keys.cmac(kdf_cmac(unit_key, "ack", [random]), data_digest)


@reads_as("keydownload.md", "acknowledgement")
def read_acknowledgement(data):
    need(len(data) <= 96, "too-large", "a message has a largest size (its page)")
    return read_payload(data, {"serial": string(20, 1), "digest": fields.digest, "tag": string(16)})


def judge_ack(unit_key: bytes, serial: bytes, random: bytes, data_digest: bytes, message: bytes):
    said = read_acknowledgement(message)
    need(said["serial"] == serial and said["digest"] == data_digest, "bad-acknowledgement")
    need(hmac.compare_digest(said["tag"], tag_of(unit_key, random, data_digest)), "bad-acknowledgement")
    return {}
