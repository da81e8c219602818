"""The log: tree, notes, checkpoints and proofs: log.md."""

import base64
import binascii
import re

import keys
from cbor import Refused, need

NOTE_LIMIT, PROOF_LIMIT = 128 * 1024, 136 * 1024
BASE64 = "base64 has its padding, no spaces, and unused bits of zero (log.md §2.1)"
ECDSA = b"\x02"
VERIFIER_KEY = "a verifier key is of the form of log.md §3.2"
SPKI_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
NAME = r"[^\s+\x00-\x20\x7f-\x9f]{1,128}"


def leaf_hash(leaf):
    return keys.digest(b"\0" + leaf)


def node_hash(left, right):
    return keys.digest(b"\1" + left + right)


def root_of(leaves):
    """§1.1: the root over leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else keys.digest(b"")
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def check_inclusion(leaf, index, size, path, root):
    """§1.2, by RFC 9162 §2.1.3.2."""
    need(index < size, "bad-proof")
    last = size - 1
    for sibling in path:
        need(last, "bad-proof")
        if index & 1 or index == last:
            leaf = node_hash(sibling, leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = node_hash(leaf, sibling)
        index, last = index >> 1, last >> 1
    need(not last and leaf == root, "bad-proof")


def strict_base64(text):
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("malformed", BASE64) from None
    need(base64.b64encode(decoded).decode() == text, "malformed", BASE64)
    return decoded


def read_verifier_key(text):
    """Name, key ID and point."""
    match = re.fullmatch(f"({NAME})\\+([0-9a-f]{{8}})\\+([A-Za-z0-9+/=]+)", text)
    need(match, "malformed", VERIFIER_KEY)
    key = strict_base64(match[3])
    need(key[:1] == ECDSA, "wrong-algorithm", "a verifier key is of type 2 (log.md §3.2)")
    need(key[1:27] == SPKI_P256 and len(key) == 92, "malformed", VERIFIER_KEY)
    need(key_id(key[27:]).hex() == match[2], "malformed", "the key ID is that of the key (log.md §3.2)")
    keys.public_key(key[27:])
    return match[1], bytes.fromhex(match[2]), key[27:]


def key_id(point):
    return keys.digest(SPKI_P256 + point)[:4]


def read_note(note):
    """§3.3 up to the form of the signature lines: text, and (name, key ID, signature) of each line."""
    need(len(note) <= NOTE_LIMIT, "too-large")
    try:
        text = note.decode()
    except UnicodeDecodeError:
        raise Refused("malformed") from None
    need(not re.search(r"[\x00-\x09\x0b-\x1f]", text), "malformed")
    body, divider, lines = text.rpartition("\n\n")
    need(divider and lines.endswith("\n"), "malformed")
    lines = lines[:-1].split("\n")
    need(body and lines[0], "malformed")
    need(len(lines) <= 16, "too-large")
    return body + "\n", [read_signature_line(line) for line in lines]


def read_signature_line(line):
    match = re.fullmatch(f"— ({NAME}) (\\S+)", line)
    need(match, "malformed")
    signature = strict_base64(match[2])
    need(len(signature) > 4, "malformed")
    return match[1], signature[:4], signature[4:]


def read_checkpoint(verifier_key, note):
    """Size and root of a checkpoint that the log signed."""
    name, identifier, point = read_verifier_key(verifier_key)
    text, signatures = read_note(note)
    own = [signature for signer, key, signature in signatures if (signer, key) == (name, identifier)]
    need(own, "unknown-key")
    for signature in own:
        keys.verify_der(point, signature, text.encode())
    match = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([^\n]+)\n", text)
    need(match and int(match[2]) < 2**63, "malformed")
    root = strict_base64(match[3])
    need(len(root) == 32, "malformed")
    need(match[1] == name, "bad-proof")
    return int(match[2]), root


PROOF_HEAD = rb"c2sp\.org/tlog-proof@v1\nindex (0|[1-9][0-9]{0,18})((?:\n[A-Za-z0-9+/=]+)*)"


def check_proof(verifier_key, proof, entry):
    """§4: that this entry is in the log."""
    need(len(proof) <= PROOF_LIMIT, "too-large")
    head, divider, note = proof.partition(b"\n\n")
    match = re.fullmatch(PROOF_HEAD, head)
    need(divider and match and int(match[1]) < 2**63, "malformed")
    path = [strict_base64(line.decode()) for line in match[2].split()]
    need(all(len(sibling) == 32 for sibling in path), "malformed")
    need(len(path) <= 63, "too-large")
    size, root = read_checkpoint(verifier_key, note)
    check_inclusion(leaf_hash(entry), int(match[1]), size, path, root)


def judge_checkpoint(verifier_key, note):
    size, root = read_checkpoint(verifier_key, note.encode())
    return {"size": size, "root": root.hex()}


def judge_proof(verifier_key, proof, entry: bytes):
    check_proof(verifier_key, proof.encode(), entry)
    return {}
