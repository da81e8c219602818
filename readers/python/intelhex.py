"""Intel HEX, read and written: images.md §3."""

import re

from cbor import need
from segments import TEXT_LIMIT, add_data

DATA, END, SEGMENTED_BASE, SEGMENTED_START, LINEAR_BASE, LINEAR_START = range(6)
SIZES = {END: 0, SEGMENTED_BASE: 2, SEGMENTED_START: 4, LINEAR_BASE: 2, LINEAR_START: 4}


def read_intel_hex(text):
    """Segments as [address, bytearray], and a start address (value, segmented) or None."""
    need(len(text) <= TEXT_LIMIT, "too-large")
    segments, start, base, ended = [], None, 0, False
    for line in re.findall(b"[^\n]*\n|[^\n]+$", text):
        need(not ended, "bad-image")
        offset, kind, data = read_record(line)
        if kind == DATA:
            need(data and offset + len(data) <= 0x10000, "bad-image")
            add_data(segments, base + offset, data)
            continue
        need(offset == 0 and len(data) == SIZES[kind], "bad-image")
        value = int.from_bytes(data, "big")
        if kind == END:
            ended = True
        elif kind in (SEGMENTED_BASE, LINEAR_BASE):
            base = value << (4 if kind == SEGMENTED_BASE else 16)
        else:
            need(start is None, "bad-image")
            start = value, kind == SEGMENTED_START
    need(ended and segments, "bad-image")
    return segments, start


def read_record(line):
    match = re.fullmatch(b":((?:[0-9A-Fa-f]{2}){5,260})(?:\r?\n)?", line)
    need(match, "bad-image")
    record = bytes.fromhex(match[1].decode())
    need(len(record) == record[0] + 5 and sum(record) % 256 == 0 and record[3] <= LINEAR_START, "bad-image")
    return int.from_bytes(record[1:3], "big"), record[3], record[4:-1]


def write_intel_hex(segments, start):
    lines, upper = [], 0
    for address, content in segments:
        end = address + len(content)
        at = address
        while at < end:
            if at >> 16 != upper:
                upper = at >> 16
                lines.append(record_line(0, LINEAR_BASE, upper.to_bytes(2, "big")))
            stop = min(at + 16, end, (upper + 1) << 16)
            lines.append(record_line(at & 0xFFFF, DATA, content[at - address:stop - address]))
            at = stop
    if start:
        value, segmented = start
        lines.append(record_line(0, SEGMENTED_START if segmented else LINEAR_START, value.to_bytes(4, "big")))
    return "".join(lines) + ":00000001FF\n"


def record_line(offset, kind, data):
    record = bytes([len(data), offset >> 8, offset & 0xFF, kind]) + data
    return f":{record.hex().upper()}{-sum(record) & 0xFF:02X}\n"
