"""Motorola S-records, read and written: images.md §7."""

import re

from cbor import need
from segments import TEXT_LIMIT, add_data, linear

NUMBER_SIZES = {0: 2, 1: 2, 2: 3, 3: 4, 5: 2, 6: 3, 7: 4, 8: 3, 9: 2}
DATA, COUNTS, ENDS = (1, 2, 3), (5, 6), (7, 8, 9)


def read_s_record(text):
    need(len(text) <= TEXT_LIMIT, "too-large")
    segments, kinds, start, records = [], [], None, 0
    for line in re.findall(b"[^\n]*\n|[^\n]+$", text):
        need(not kinds or kinds[-1] not in ENDS, "bad-image")
        kind, number, data = read_record(line)
        if kind == 0:
            need(not kinds and number == 0, "bad-image")
        elif kind in DATA:
            need(not kinds or kinds[-1] in (0, kind), "bad-image")
            need(data and number + len(data) <= 256 ** NUMBER_SIZES[kind], "bad-image")
            add_data(segments, number, data)
            records += 1
        elif kind in COUNTS:
            need(not data and number == records and not (kinds and kinds[-1] in COUNTS), "bad-image")
        else:
            need(not data and 10 - kind in kinds, "bad-image")
            start = (number, False) if number else None
        kinds.append(kind)
    need(kinds and kinds[-1] in ENDS and segments, "bad-image")
    return segments, start


def read_record(line):
    match = re.fullmatch(b"S([0-35-9])((?:[0-9A-Fa-f]{2}){4,256})(?:\r?\n)?", line)
    need(match, "bad-image")
    kind, record = int(match[1]), bytes.fromhex(match[2].decode())
    need(record[0] == len(record) - 1 and sum(record) % 256 == 255, "bad-image")
    end = 1 + NUMBER_SIZES[kind]
    need(len(record) > end, "bad-image")
    return kind, int.from_bytes(record[1:end], "big"), record[end:-1]


def write_s_record(segments, start):
    address, content = segments[-1]
    highest = max(address + len(content) - 1, linear(start))
    kind = 1 if highest < 2**16 else 2 if highest < 2**24 else 3
    lines = [record_line(0, 0, b"")]
    for address, content in segments:
        lines += [record_line(kind, address + at, content[at:at + 16]) for at in range(0, len(content), 16)]
    count = len(lines) - 1
    lines.append(record_line(5 if count < 65536 else 6, count, b""))
    return "".join(lines) + record_line(10 - kind, linear(start), b"")


def record_line(kind, number, data):
    record = number.to_bytes(NUMBER_SIZES[kind], "big") + data
    record = bytes([len(record) + 1]) + record
    return f"S{kind}{record.hex().upper()}{~sum(record) & 0xFF:02X}\n"
