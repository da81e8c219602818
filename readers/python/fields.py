"""Fields that several messages share: wire.md §2."""

import keys
from cbor import LARGEST, need, string, uint

PRINTABLE = "names are printable ASCII (wire.md §2)"
UINT32 = 2**32 - 1

digest = string(32)
number32 = uint(UINT32)
number63 = uint(LARGEST)
counted = uint(LARGEST, 1)


def chip_id(reader):
    chip = reader.bytes(17, 17)
    need(chip[0] == 1, "malformed", "a chip ID is a UEID of type RAND, 0x01 (wire.md §2)")
    return chip


def device_id(reader):
    return ascii_text(reader, 64, "!")


def device_ids(reader):
    """One to eight, none twice."""
    return read_distinct(reader, reader.array(1, 8), device_id, "no device ID stands twice (programming.md §5)")


def read_distinct(reader, indices, field, words, named=lambda item: item):
    """Items of which no two have one name; the second is refused, once it is read."""
    items = []
    for _ in indices:
        item = field(reader)
        need(all(named(item) != named(other) for other in items), "malformed", words)
        items.append(item)
    return items


def name(reader):
    return ascii_text(reader, 32, " ")


def ascii_text(reader, most, lowest):
    text = reader.text(1, most)
    need(all(lowest <= character <= "~" for character in text), "malformed", PRINTABLE)
    return text


def public_key(reader):
    point = reader.bytes(65, 65)
    keys.public_key(point)
    return point


def in_hex(said):
    """A dict of what was read, as files of vectors have it."""
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in said.items()}


def in_order(said):
    """The same as a list, without names; also of what stands in it. `None`: a field that is not there."""
    if isinstance(said, dict):
        return [in_order(value) for value in said.values()]
    if isinstance(said, list):
        return [in_order(value) for value in said]
    return said.hex() if isinstance(said, bytes) else said
