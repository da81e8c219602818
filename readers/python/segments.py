"""The image that every format describes: images.md §1, §4. Segments are [address, bytearray], ascending."""

from cbor import need

TEXT_LIMIT, CONTENT_LIMIT, SEGMENT_LIMIT = 256 * 2**20, 64 * 2**20, 4096
TOP = 2**32


def add_data(segments, address, data):
    """Data behind all there is; what touches becomes one segment."""
    end = segments[-1][0] + len(segments[-1][1]) if segments else -1
    need(address >= end and address + len(data) <= TOP, "bad-image")
    if address == end:
        segments[-1][1].extend(data)
    else:
        need(len(segments) < SEGMENT_LIMIT, "too-large")
        segments.append([address, bytearray(data)])
    need(sum(len(content) for _, content in segments) <= CONTENT_LIMIT, "too-large")


def linear(start):
    """A start address (value, segmented) as S-record and ELF have it; 0 for none."""
    if not start:
        return 0
    value, segmented = start
    return (value >> 16) * 16 + (value & 0xFFFF) if segmented else value


def read_raw(base, content):
    need(content and base + len(content) <= TOP, "bad-image")
    need(len(content) <= CONTENT_LIMIT, "too-large")
    return [[base, bytearray(content)]], None
