"""Signed, tagged and encrypted messages: wire.md §3–§6."""

import hmac
from collections import namedtuple

import keys
from cbor import BYTES, Reader, Refused, decode, encode, need, reads_as

ES256, HMAC_256, A256GCM, HPKE_7_KE = -7, 5, 3, 53
SIGNED, TAGGED = (ES256,), (HMAC_256,)
PROOF_SIZE = {ES256: 64, HMAC_256: 32}

Message = namedtuple("Message", "data algorithm protected payload proof")


def parse(data, name, algorithms, limit):
    """wire.md §4, steps 1 to 4."""
    need(len(data) <= limit, "too-large", "a message has a largest size (its page)")
    reader = Reader(data)
    reader.array(4, 4)
    protected = reader.bytes()
    reader.map(0)
    payload = reader.bytes()
    proof = reader.bytes()
    reader.end()
    algorithm = parse_header(protected, name, algorithms)
    need(len(proof) == PROOF_SIZE[algorithm], "malformed")
    return Message(data, algorithm, protected, payload, proof)


def parse_header(protected, name, algorithms):
    reader = Reader(protected)
    header = reader.map(2)
    header.key(1)
    algorithm = signed_integer(reader)
    header.key(16)
    typ = reader.text()
    header.end()
    reader.end()
    need(algorithm in algorithms, "wrong-algorithm")
    need(typ == f"application/vnd.keywright.{name}+cose", "wrong-type")
    return algorithm


def signed_integer(reader):
    major, argument = reader.head()
    need(major in (0, 1), "malformed")
    return argument if major == 0 else -1 - argument


def verify_signature(message, point):
    signed = encode(["Signature1", message.protected, b"", message.payload])
    keys.verify_ecdsa(point, message.proof, signed)


def verify_mac(message, key):
    tag = keys.hmac_sha256(key, encode(["MAC0", message.protected, b"", message.payload]))
    need(hmac.compare_digest(tag, message.proof), "bad-mac")


Encrypted = namedtuple("Encrypted", "protected iv ciphertext recipients")
Recipient = namedtuple("Recipient", "protected kid encapsulated wrapped_key")


@reads_as("wire.md", "E0")
def parse_e0(data, most=None):
    """`most`: the largest content that is allowed."""
    reader = Reader(data)
    reader.array(3, 3)
    protected, ciphertext = parse_layer(reader, most)
    reader.end()
    return Encrypted(protected, parse_content_header(protected), ciphertext, [])


def open_e0(sealed, key, associated, reason="bad-seal"):
    structure = encode(["Encrypt0", sealed.protected, associated])
    return keys.open_gcm(key, sealed.iv, sealed.ciphertext, structure, reason)


@reads_as("wire.md", "EN")
def parse_en(data, most=None):
    """The arrays first, then the headers; both front to back."""
    reader = Reader(data)
    reader.array(4, 4)
    protected, ciphertext = parse_layer(reader, most)
    recipients = [parse_recipient(reader) for _ in reader.array(1, 8)]
    reader.end()
    iv = parse_content_header(protected)
    kids = [parse_header_of_two(recipient.protected, HPKE_7_KE, 4, 32) for recipient in recipients]
    named = [recipient._replace(kid=kid) for recipient, kid in zip(recipients, kids)]
    return Encrypted(protected, iv, ciphertext, named)


def parse_layer(reader, most):
    protected = reader.bytes()
    reader.map(0)
    size = reader.argument(BYTES, 0, 2**64)
    need(most is None or size <= most + keys.TAG, "too-large", "a content has a largest size (its page)")
    need(size >= keys.TAG, "malformed", "a ciphertext is not shorter than its tag (wire.md §5)")
    return protected, reader.take(size)


def parse_recipient(reader):
    reader.array(3, 3)
    protected = reader.bytes()
    unprotected = reader.map(1)
    unprotected.key(-4)
    encapsulated = reader.bytes(65, 65)
    return Recipient(protected, None, encapsulated, reader.bytes(48, 48))


def parse_content_header(protected):
    return parse_header_of_two(protected, A256GCM, 5, 12)


def parse_header_of_two(protected, algorithm, key, size):
    """A header of an algorithm and one byte string."""
    reader = Reader(protected)
    header = reader.map(2)
    header.key(1)
    found = signed_integer(reader)
    header.key(key)
    value = reader.bytes(size, size)
    header.end()
    reader.end()
    need(found == algorithm, "wrong-algorithm")
    return value


def open_en(sealed, private_scalars, extra_info):
    """The content, by the first of these private keys that is a recipient."""
    for private in map(keys.private_key, private_scalars):
        kid = keys.digest(keys.point_of(private))
        recipient = next((one for one in sealed.recipients if one.kid == kid), None)
        if recipient is not None:
            break
    else:
        raise Refused("not-the-recipient")
    info = encode(["HPKE Recipient", A256GCM, recipient.protected, encode(extra_info)])
    content_key = keys.open_hpke(private, recipient.encapsulated, info, recipient.wrapped_key)
    structure = encode(["Encrypt", sealed.protected, b""])
    return keys.open_gcm(content_key, sealed.iv, sealed.ciphertext, structure)


def judge_envelope(kind, message: bytes, max_size, key: bytes = None, external_aad: bytes = None,
                   private_key: bytes = None, extra_info: bytes = None):
    """wire.md §8."""
    if kind == "e0":
        return {"content": open_e0(parse_e0(message, max_size), key, external_aad).hex()}
    return {"content": open_en(parse_en(message, max_size), [private_key], decode(extra_info)).hex()}
