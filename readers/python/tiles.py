"""Tiles of the log's tree, and proofs made from them: log.md §5."""

import re

import keys
import log
from cbor import need

FULL = 256
PATH = r"tile/([0-7])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"


def judge_tiles(kind, path=None, size=None, leaves=None, old_sizes=None):
    if kind == "path":
        level, index, width = read_path(path)
        return {"level": level, "index": index, "width": width}
    tree = Tree(size)
    return {
        "root": tree.hash(0, size).hex() if size else keys.digest(b"").hex(),
        "tiles": [[tile_path(*tile), keys.digest(tree.tiles[tile]).hex()] for tile in tiles_of(size)],
        "inclusion": [[step.hex() for step in tree.inclusion(leaf, 0, size)] for leaf in leaves],
        "consistency": [[step.hex() for step in tree.consistency(old, 0, size, True)] for old in old_sizes],
    }


def read_path(path):
    """§5.1."""
    match = re.fullmatch(PATH, path)
    need(match, "malformed")
    digits = match[2].replace("x", "").replace("/", "")
    index, width = int(digits), int(match[3] or FULL)
    need(index < 2**63 and width <= FULL and not (match[3] and width == FULL), "malformed")
    need(len(digits) == 3 or digits[:3] != "000", "malformed")
    return int(match[1]), index, width


def tile_path(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < FULL else "")


def tiles_of(size):
    """§5.2: level, index and width of each."""
    level, hashes = 0, size
    while hashes:
        for index in range(-(-hashes // FULL)):
            yield level, index, min(FULL, hashes - index * FULL)
        level, hashes = level + 1, hashes // FULL


class Tree:
    """§5.3: roots and proofs from tiles alone. Leaf i is i in decimal digits."""

    def __init__(self, size):
        self.size, self.tiles = size, {}
        hashes = [log.leaf_hash(str(leaf).encode()) for leaf in range(size)]
        level = 0
        while hashes:
            rows = [hashes[at:at + FULL] for at in range(0, len(hashes), FULL)]
            for index, row in enumerate(rows):
                self.tiles[level, index, len(row)] = b"".join(row)
            hashes = [log.root_of(row) for row in rows if len(row) == FULL]
            level += 1

    def hash(self, start, end):
        """The root over leaves that are a node of the tree."""
        count = end - start
        if count & count - 1 == 0:
            return self.node(count.bit_length() - 1, start)
        split = start + split_of(count)
        return log.node_hash(self.hash(start, split), self.hash(split, end))

    def node(self, height, start):
        level, count = height // 8, 1 << height % 8
        first = start >> 8 * level
        index, hashes = first // FULL, self.size >> 8 * level
        tile = self.tiles[level, index, min(FULL, hashes - index * FULL)]
        row = [tile[32 * at:32 * at + 32] for at in range(first % FULL, first % FULL + count)]
        return log.root_of(row)

    def inclusion(self, leaf, start, end):
        """RFC 6962 §2.1.1."""
        if end - start == 1:
            return []
        split = start + split_of(end - start)
        if leaf < split:
            return self.inclusion(leaf, start, split) + [self.hash(split, end)]
        return self.inclusion(leaf, split, end) + [self.hash(start, split)]

    def consistency(self, old, start, end, whole):
        """RFC 6962 §2.1.2."""
        if old == end:
            return [] if whole else [self.hash(start, end)]
        split = start + split_of(end - start)
        if old <= split:
            return self.consistency(old, start, split, whole) + [self.hash(split, end)]
        return self.consistency(old, split, end, False) + [self.hash(start, split)]


def split_of(size):
    return 1 << (size - 1).bit_length() - 1
