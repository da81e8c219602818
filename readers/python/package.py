"""Plans, headers and parts of packages: provisioning.md §4, §5."""

import hmac
from types import SimpleNamespace

import fields
import keys
from cbor import encode, need, read_payload, reads_as, string
from provisioning import mode

HEADER_LIMIT = 4096
TAG = 16
SECRETS, OWNER, OBJECTS = range(1, 5), 5, range(6, 10)
KEY_STORE, TRANSPORT, FLASH = 1, 2, 3
TABLE = "assets are of the table (provisioning.md 4.1)"


def read_assets(reader):
    count = len(reader.array(4, 256))
    need(count % 4 == 0, "malformed")
    assets = []
    for _ in range(count // 4):
        asset = SimpleNamespace(ref=reader.uint(65535, 1), kind=reader.uint(9, 1), storage=reader.uint(3, 1),
                                size=reader.uint(67108864, 1))
        need(all(asset.ref != other.ref and asset.kind >= other.kind for other in assets), "malformed", TABLE)
        need(fits_table(asset), "malformed", TABLE)
        assets.append(asset)
    return assets


def fits_table(asset):
    if asset.kind in OBJECTS:
        return asset.storage == FLASH
    if asset.kind == OWNER:
        return asset.storage == KEY_STORE and asset.size == 65
    if asset.storage == TRANSPORT:
        return asset.size in (16, 24, 32)
    return asset.storage == KEY_STORE and asset.size <= 1024


def read_suite(reader):
    suite = reader.any_uint()
    need(suite in SUITES, "wrong-algorithm")
    return suite


def read_block_size(reader):
    size = reader.uint(16384, 1024)
    need(size % 1024 == 0, "malformed", "blocks are of whole KiB (provisioning.md §4)")
    return size


LAYOUT = {"suite": read_suite, "block_size": read_block_size, "assets": read_assets}
PLAN = {"oem": fields.digest, "mode": mode} | LAYOUT
HEADER = {"oem": fields.digest, "family": fields.name, "mode": mode, "epoch": fields.number32,
          "package": string(16)} | LAYOUT


@reads_as("provisioning.md", "plan")
def read_plan(data):
    need(len(data) <= HEADER_LIMIT, "too-large", "a message has a largest size (its page)")
    return SimpleNamespace(**read_payload(data, PLAN))


@reads_as("provisioning.md", "header")
def read_header(data):
    return SimpleNamespace(**read_payload(data, HEADER))


def flat(assets):
    return [number for asset in assets for number in (asset.ref, asset.kind, asset.storage, asset.size)]


def header_of(package):
    need(len(package) >= 4, "malformed")
    size = int.from_bytes(package[:4], "big")
    need(size <= HEADER_LIMIT, "too-large")
    need(len(package) >= 4 + size, "malformed")
    return package[4:4 + size]


def blocks_of(header, content_size):
    return -(-content_size // header.block_size)


def split(package, header, reason):
    """The parts of a package, and its tag; refused unless it is as long as its header says."""
    at, parts = 4 + int.from_bytes(package[:4], "big"), []
    for asset in header.assets:
        size = sealed_part_size(header, asset.size)
        parts.append(package[at:at + size])
        at += size
    need(len(package) == at + TAG, reason)
    return parts, package[at:]


def digest_of_parts(header_hash, parts):
    """P, §5.3."""
    return keys.digest(encode([header_hash, [keys.digest(part) for part in parts]]))


def nonce(number, last):
    return number.to_bytes(11, "big") + bytes([last])


def open_part(header, asset, key, sealed, reason):
    suite, blocks, content = SUITES[header.suite], blocks_of(header, asset.size), b""
    step = suite.sealed_size(header.block_size)
    for number in range(blocks):
        last = number == blocks - 1
        block = suite.open_block(key, nonce(number, last), sealed[number * step:(number + 1) * step], reason)
        need(len(block) == (asset.size - number * header.block_size if last else header.block_size), reason)
        content += block
    return content


def seal_part(header, key, content):
    suite, size, blocks = SUITES[header.suite], header.block_size, blocks_of(header, len(content))
    cut = [content[at:at + size] for at in range(0, len(content), size)]
    return b"".join(suite.seal_block(key, nonce(number, number == blocks - 1), block)
                    for number, block in enumerate(cut))


def sealed_part_size(header, size):
    whole, rest = divmod(size, header.block_size)
    sealed_size = SUITES[header.suite].sealed_size
    return whole * sealed_size(header.block_size) + (sealed_size(rest) if rest else 0)


def seal_cbc(key, nonce, content):
    padding = 16 - len(content) % 16
    iv = keys.aes_block(key[:32], nonce + bytes(4))
    ciphertext = keys.aes_cbc(key[:32], iv, content + bytes([padding]) * padding, encrypting=True)
    return ciphertext + keys.cmac(key[32:], nonce + ciphertext)


def open_cbc(key, nonce, sealed, reason):
    ciphertext, mac = sealed[:-TAG], sealed[-TAG:]
    need(hmac.compare_digest(keys.cmac(key[32:], nonce + ciphertext), mac), reason)
    need(ciphertext and len(ciphertext) % 16 == 0, reason)
    content = keys.aes_cbc(key[:32], keys.aes_block(key[:32], nonce + bytes(4)), ciphertext)
    padding = content[-1]
    need(1 <= padding <= 16 and content.endswith(bytes([padding]) * padding), reason)
    return content[:-padding]


def with_tag(size):
    return size + TAG


SUITES = {
    1: SimpleNamespace(key_size=32, sealed_size=with_tag, seal_block=keys.seal_gcm,
                       open_block=keys.open_block_gcm),
    2: SimpleNamespace(key_size=32, sealed_size=with_tag, seal_block=keys.seal_ccm,
                       open_block=keys.open_block_ccm),
    3: SimpleNamespace(key_size=64, sealed_size=lambda size: size // 16 * 16 + 32, seal_block=seal_cbc,
                       open_block=open_cbc),
}
