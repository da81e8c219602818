"""Plans, headers and parts of packages: provisioning.md §4, §5."""

from types import SimpleNamespace

import fields
import keys
from cbor import Reader, encode, need, reads_as
from provisioning import mode

HEADER_LIMIT = 4096
TAG = 16
SECRETS, OWNER, OBJECTS = range(1, 5), 5, range(6, 10)
KEY_STORE, TRANSPORT, FLASH = 1, 2, 3
TABLE = "assets are of the table (provisioning.md 4.1)"


def read_assets(reader):
    count = len(reader.array(4, 256))
    need(count % 4 == 0, "malformed")
    assets = [SimpleNamespace(ref=reader.uint(65535, 1), kind=reader.uint(9, 1), storage=reader.uint(3, 1),
                              size=reader.uint(67108864, 1)) for _ in range(count // 4)]
    need(len({asset.ref for asset in assets}) == len(assets), "malformed", TABLE)
    need(all(one.kind <= other.kind for one, other in zip(assets, assets[1:])), "malformed", TABLE)
    need(all(map(fits_table, assets)), "malformed", TABLE)
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
    suite = reader.uint()
    need(suite in SUITES, "wrong-algorithm")
    return suite


def read_block_size(reader):
    size = reader.uint(16384, 1024)
    need(size % 1024 == 0, "malformed", "blocks are of whole KiB (provisioning.md §4)")
    return size


@reads_as("provisioning.md", "plan")
def read_plan(data):
    need(len(data) <= HEADER_LIMIT, "too-large", "a message has a largest size (its page)")
    reader = Reader(data)
    fields_of_plan = reader.map(6)
    reader.version(fields_of_plan)
    plan = SimpleNamespace()
    fields_of_plan.key(1)
    plan.oem = fields.digest(reader)
    fields_of_plan.key(2)
    plan.mode = mode(reader)
    read_layout(reader, fields_of_plan, plan, 3)
    fields_of_plan.end()
    reader.end()
    plan.flat_assets = [number for asset in plan.assets for number in (asset.ref, asset.kind, asset.storage, asset.size)]
    return plan


@reads_as("provisioning.md", "header")
def read_header(data):
    reader = Reader(data)
    fields_of_header = reader.map(9)
    reader.version(fields_of_header)
    header = SimpleNamespace()
    fields_of_header.key(1)
    header.oem = fields.digest(reader)
    fields_of_header.key(2)
    header.family = fields.name(reader)
    fields_of_header.key(3)
    header.mode = mode(reader)
    fields_of_header.key(4)
    header.epoch = reader.uint(fields.UINT32)
    fields_of_header.key(5)
    header.package = reader.bytes(16, 16)
    read_layout(reader, fields_of_header, header, 6)
    fields_of_header.end()
    reader.end()
    return header


def read_layout(reader, fields_of, into, key):
    """Suite, block size and assets, which plan and header share."""
    fields_of.key(key)
    into.suite = read_suite(reader)
    fields_of.key(key + 1)
    into.block_size = read_block_size(reader)
    fields_of.key(key + 2)
    into.assets = read_assets(reader)


def header_of(package):
    need(len(package) >= 4, "damaged-package")
    size = int.from_bytes(package[:4], "big")
    need(size <= HEADER_LIMIT, "too-large")
    need(len(package) >= 4 + size, "damaged-package")
    return package[4:4 + size]


def blocks_of(header, content_size):
    return -(-content_size // header.block_size)


def split(package, header, reason):
    """The parts of a package, and its tag; refused unless it is as long as its header says."""
    at, parts = 4 + int.from_bytes(package[:4], "big"), []
    for asset in header.assets:
        size = SUITES[header.suite].sealed_size(header, asset.size)
        parts.append(package[at:at + size])
        at += size
    need(len(package) == at + TAG, reason)
    return parts, package[at:]


def digest_of_parts(header_hash, parts):
    """P, §5.3."""
    return keys.digest(encode([header_hash, [keys.digest(part) for part in parts]]))


def nonce(number, last):
    return number.to_bytes(11, "big") + bytes([last])


def gcm_sealed_size(header, size):
    return size + TAG * blocks_of(header, size)


def open_part(header, asset, key, sealed, reason):
    suite, content = SUITES[header.suite], b""
    blocks = blocks_of(header, asset.size)
    step = suite.sealed_block(header.block_size)
    for number in range(blocks):
        block = sealed[number * step:(number + 1) * step]
        content += suite.open_block(key, nonce(number, number == blocks - 1), block, reason)
    return content


def seal_part(header, key, content):
    suite, size = SUITES[header.suite], header.block_size
    blocks = blocks_of(header, len(content))
    return b"".join(suite.seal_block(key, nonce(number, number == blocks - 1), content[number * size:(number + 1) * size])
                    for number in range(blocks))


SUITES = {
    1: SimpleNamespace(sealed_size=gcm_sealed_size, sealed_block=lambda size: size + TAG, seal_block=keys.seal_gcm,
                       open_block=lambda key, nonce, block, reason: keys.open_gcm(key, nonce, block, b"", reason)),
}
