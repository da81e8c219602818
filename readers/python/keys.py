"""Keys, derivations, signatures and seals: keys.md, wire.md §3 to §6, Cobblestone-256."""

import hashlib
import hmac

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import cmac as cmac_primitive
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM

from cbor import Refused, encode, need

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PREFIX = b"keywright v1 "
TAG = 16


def digest(data):
    return hashlib.sha256(data).digest()


def hmac_sha256(key, data):
    return hmac.digest(key, data, "sha256")


def kdf(key, name, context, size=32, prf=hmac_sha256):
    """SP 800-108 in counter mode, keys.md §1; `context` is a list."""
    fixed = PREFIX + name.encode() + b"\0" + encode(context) + (size * 8).to_bytes(4, "big")
    return counter_mode(prf, key, fixed, size)


def counter_mode(prf, key, fixed, size):
    result, number = b"", 1
    while len(result) < size:
        result += prf(key, number.to_bytes(4, "big") + fixed)
        number += 1
    return result[:size]


def extract(name, parts):
    return hmac_sha256(PREFIX + name.encode(), encode(parts))


def cmac(key, data):
    function = cmac_primitive.CMAC(algorithms.AES(key))
    function.update(data)
    return function.finalize()


def wrap(key, content):
    return keywrap.aes_key_wrap_with_padding(key, content)


def unwrap(key, wrapped, reason):
    try:
        return keywrap.aes_key_unwrap_with_padding(key, wrapped)
    except (keywrap.InvalidUnwrap, ValueError):
        raise Refused(reason) from None


def aes_cbc(key, iv, data, encrypting=False):
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    context = cipher.encryptor() if encrypting else cipher.decryptor()
    return context.update(data) + context.finalize()


def aes_block(key, block):
    context = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return context.update(block) + context.finalize()


def open_gcm(key, nonce, ciphertext, associated=b"", reason="bad-seal"):
    return open_aead(AESGCM(key), nonce, ciphertext, associated, reason)


def open_block_gcm(key, nonce, ciphertext, reason):
    return open_aead(AESGCM(key), nonce, ciphertext, b"", reason)


def open_block_ccm(key, nonce, ciphertext, reason):
    return open_aead(AESCCM(key), nonce, ciphertext, b"", reason)


def seal_gcm(key, nonce, content):
    return AESGCM(key).encrypt(nonce, content, b"")


def seal_ccm(key, nonce, content):
    return AESCCM(key).encrypt(nonce, content, b"")


def open_aead(aead, nonce, ciphertext, associated, reason):
    try:
        return aead.decrypt(nonce, ciphertext, associated)
    except (InvalidTag, ValueError):
        raise Refused(reason) from None


def public_key(point):
    """The key of a 65-byte point, or `unknown-key`."""
    try:
        need(len(point) == 65 and point[0] == 4, "unknown-key", "a public key is a point of P-256 (wire.md §2)")
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise Refused("unknown-key", "a public key is a point of P-256 (wire.md §2)") from None


def private_key(scalar):
    return ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())


def point_of(private):
    numbers = private.public_key().public_numbers()
    return b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def derived_scalar(seed):
    """keys.md §4: from 48 derived bytes."""
    return (int.from_bytes(seed, "big") % (ORDER - 1) + 1).to_bytes(32, "big")


def verify_ecdsa(point, signature, data):
    """r ‖ s over `data`; of the two forms of a signature only the one with s ≤ n/2."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    need(0 < r < ORDER and 0 < s <= ORDER // 2, "bad-signature")
    verify_der(point, encode_dss_signature(r, s), data)


def verify_der(point, signature, data):
    try:
        public_key(point).verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused("bad-signature") from None


KEM = b"KEM" + (0x0010).to_bytes(2, "big")
AES_256_GCM = 2


def open_hpke(private, encapsulated, info, ciphertext):
    """RFC 9180 base mode, one message: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM."""
    key, nonce = schedule(decapsulate(private, encapsulated), info, 32, AES_256_GCM)
    return open_gcm(key, nonce, ciphertext)


def decapsulate(private, encapsulated):
    try:
        shared = private.exchange(ec.ECDH(), public_key(encapsulated))
    except (Refused, ValueError):
        raise Refused("bad-seal") from None
    prk = labeled_extract(b"", KEM, b"eae_prk", shared)
    return labeled_expand(prk, KEM, b"shared_secret", encapsulated + point_of(private), 32)


def schedule(shared, info, key_size, aead):
    suite = b"HPKE" + bytes([0, 0x10, 0, 1, 0, aead])
    context = b"\0" + labeled_extract(b"", suite, b"psk_id_hash", b"")
    context += labeled_extract(b"", suite, b"info_hash", info)
    secret = labeled_extract(shared, suite, b"secret", b"")
    key = labeled_expand(secret, suite, b"key", context, key_size)
    return key, labeled_expand(secret, suite, b"base_nonce", context, 12)


def labeled_extract(salt, suite, label, material):
    return hmac_sha256(salt, b"HPKE-v1" + suite + label + material)


def labeled_expand(prk, suite, label, info, size):
    return hkdf_expand(prk, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size, "sha256")


def hkdf_expand(prk, info, size, function):
    result, block, number = b"", b"", 1
    while len(result) < size:
        block = hmac.digest(prk, block + info + bytes([number]), function)
        result, number = result + block, number + 1
    return result[:size]


BODY_HEAD, CHUNK = 56, 16384


def body_size(size):
    """Of the body of so many bytes; the last chunk is never full."""
    return BODY_HEAD + size + TAG * (size // CHUNK + 1)


def open_body(key, context, body):
    """Cobblestone-256: salt, commitment, chunks of 16 KiB, the last one shorter. Whole, or `bad-seal`."""
    chunks, whole = open_chunks(key, context, body)
    need(whole, "bad-seal")
    return b"".join(chunks)


def open_chunks(key, context, body):
    """What opens of a body, and whether that is all of it; a full chunk that does not open is `bad-seal`."""
    if len(body) < BODY_HEAD:
        return [], False
    salt, commitment = body[:24], body[24:BODY_HEAD]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + encode(context)
    derived = hkdf_expand(key, info, 76, "sha512")
    need(hmac.compare_digest(derived[44:], commitment), "bad-seal")
    base, chunks = int.from_bytes(derived[32:44], "big"), []
    for at in range(BODY_HEAD, len(body) + 1, CHUNK + TAG):
        sealed = body[at:at + CHUNK + TAG]
        nonce = (base ^ len(chunks)).to_bytes(12, "big")
        if len(sealed) == CHUNK + TAG:
            chunks.append(open_gcm(derived[:32], nonce, sealed))
            continue
        try:
            return chunks + [open_gcm(derived[:32], nonce, sealed)], True
        except Refused:
            break
    return chunks, False


def judge_digest(input: bytes):
    return {"outcome": digest(input).hex()}
