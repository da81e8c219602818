"""Values that are published with the standards: primitives.md §2."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import keydownload
import keys
from cbor import decode, need


def judge_primitives(kind, **case):
    given = {name: bytes.fromhex(value) if name not in TEXTS and isinstance(value, str) else value
             for name, value in case.items()}
    found = KINDS[kind](**given)
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in found.items()}


TEXTS = ("prf", "aead", "key_block")


def aes_cmac(key, message):
    return {"tag": keys.cmac(key, message)}


def aes_kwp(key, plaintext):
    wrapped = keys.wrap(key, plaintext)
    need(keys.unwrap(key, wrapped, "bad-seal") == plaintext, "bad-seal")
    return {"wrapped": wrapped}


def hkdf_sha256(ikm, salt, info, size):
    prk = keys.hmac_sha256(salt or bytes(32), ikm)
    return {"prk": prk, "okm": keys.hkdf_expand(prk, info, size, "sha256")}


def kdf_counter(prf, key, fixed_input, size):
    function = {"hmac-sha256": keys.hmac_sha256, "aes-cmac": keys.cmac}[prf]
    return {"derived": keys.counter_mode(function, key, fixed_input, size)}


def hpke(aead, info, ikm_e, ikm_r, aad, plaintext):
    """As the sender and as the recipient; RFC 9180 §4.1, §6.1, §7.1.3."""
    key_size, aead_id = {"aes-128-gcm": (16, 1), "aes-256-gcm": (32, 2)}[aead]
    sender, recipient = keys.private_key(derive_scalar(ikm_e)), derive_scalar(ikm_r)
    encapsulated = keys.point_of(sender)
    private = keys.private_key(recipient)
    shared = keys.decapsulate(private, encapsulated)
    key, nonce = keys.schedule(shared, info, key_size, aead_id)
    ciphertext = AESGCM(key).encrypt(nonce, plaintext, aad)
    return {"skR": recipient, "pkR": keys.point_of(private), "encapsulated": encapsulated,
            "sharedSecret": shared, "key": key, "nonce": nonce, "ciphertext": ciphertext}


def derive_scalar(material):
    prk = keys.labeled_extract(b"", keys.KEM, b"dkp_prk", material)
    numbers = (bytes([number]) for number in range(256))
    candidates = (keys.labeled_expand(prk, keys.KEM, b"candidate", number, 32) for number in numbers)
    return next(scalar for scalar in candidates if 0 < int.from_bytes(scalar, "big") < keys.ORDER)


def an10922(key, input):
    return {"diversified": keydownload.diversify(key, input)}


def x9143(kbpk, key_block):
    head, optional, sealed = keydownload.read_key_block(key_block.encode())
    key = keydownload.open_key_block(kbpk, key_block.encode(), sealed)
    return {"key": key, "usage": head["usage"], "algorithm": "A", "mode": head["mode"],
            "keyVersion": head["version"], "exportability": head["exportability"], "blocks": [list(block) for block in optional.items()]}


KINDS = {"aes-cmac": aes_cmac, "aes-kwp": aes_kwp, "hkdf-sha256": hkdf_sha256, "kdf-counter": kdf_counter,
         "hpke": hpke, "an10922": an10922, "x9143": x9143}


def judge_cbor(item: bytes):
    decode(item)
    return {}
