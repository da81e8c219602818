"""Program files and the zones in them: images.md."""

import json
import re
import zlib

import keys
from cbor import Refused, need, reads_as

TEXT_LIMIT, CONTENT_LIMIT, SEGMENT_LIMIT, PLAN_LIMIT = 256 * 2**20, 64 * 2**20, 4096, 64 * 1024
TOP = 2**32
DATA, END, SEGMENTED_BASE, SEGMENTED_START, LINEAR_BASE, LINEAR_START = range(6)
SIZES = {END: 0, SEGMENTED_BASE: 2, SEGMENTED_START: 4, LINEAR_BASE: 2, LINEAR_START: 4}
CODE_SIZES = {"crc-32-le": 4, "crc-32-be": 4, "sha-256": 32}
IN_WORDS = "zones have a sense beyond their shape (images.md §5.1)"


def read_intel_hex(text):
    """Segments as [address, bytearray], and a start address (value, segmented) or None."""
    need(len(text) <= TEXT_LIMIT, "too-large")
    segments, start, base, total, ended = [], None, 0, 0, False
    for line in re.findall(b"[^\n]*\n|[^\n]+$", text):
        need(not ended, "bad-image")
        offset, kind, data = read_record(line)
        if kind == DATA:
            total += len(data)
            add_data(segments, base, offset, data, total)
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
    match = re.fullmatch(b":((?:[0-9A-Fa-f]{2}){5,260})\r?\n?", line)
    need(match, "bad-image")
    need(not line.endswith(b"\r"), "bad-image")
    record = bytes.fromhex(match[1].decode())
    need(len(record) == record[0] + 5 and sum(record) % 256 == 0 and record[3] <= LINEAR_START, "bad-image")
    return int.from_bytes(record[1:3], "big"), record[3], record[4:-1]


def add_data(segments, base, offset, data, total):
    need(data and offset + len(data) <= 0x10000, "bad-image")
    address = base + offset
    end = segments[-1][0] + len(segments[-1][1]) if segments else -1
    need(address >= end and address + len(data) <= TOP, "bad-image")
    if address == end:
        segments[-1][1].extend(data)
    else:
        need(len(segments) < SEGMENT_LIMIT, "too-large")
        segments.append([address, bytearray(data)])
    need(total <= CONTENT_LIMIT, "too-large")


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


def read_raw(base, content):
    need(content and base + len(content) <= TOP, "bad-image")
    need(len(content) <= CONTENT_LIMIT, "too-large")
    return [[base, bytearray(content)]], None


def read_json(text):
    def members(pairs):
        need(len(dict(pairs)) == len(pairs), "malformed")
        return dict(pairs)
    try:
        return json.loads(text.decode(), object_pairs_hook=members)
    except (ValueError, RecursionError):
        raise Refused("malformed") from None


@reads_as("images.md", "zone-plan", read_json)
def read_plan(text):
    """Zones in order of address: parameters, codes. Order of checks: images.md §5.2, then §5.1."""
    need(len(text) <= PLAN_LIMIT, "too-large", "a message has a largest size (its page)")
    plan = read_json(text)
    need(isinstance(plan, dict) and is_number(plan.get("version")), "malformed")
    need(plan["version"] == 1, "wrong-version")
    need(plan.keys() == {"version", "parameters", "codes"}, "malformed")
    lists = plan["parameters"], plan["codes"]
    need(all(isinstance(zones, list) for zones in lists), "malformed")
    need(all(len(zones) <= 32 for zones in lists), "too-large")
    for zones, members in zip(lists, (PARAMETER, CODE)):
        for zone in zones:
            check_members(zone, members)
    need(plan["parameters"], "malformed")
    parameters, codes = (sorted((placed(zone) for zone in zones), key=lambda zone: zone["at"]) for zones in lists)
    for zone in parameters:
        need(zone["min-bytes"] <= zone["max-bytes"], "malformed", IN_WORDS)
        visible = zone["holds"] == "identity" and 0x21 <= zone["fill"] <= 0x7F
        need(not visible, "malformed", IN_WORDS)
    zones = sorted(parameters + codes, key=lambda zone: zone["at"])
    need(all(zone["end"] <= TOP for zone in zones), "malformed", IN_WORDS)
    need(len({zone["name"] for zone in zones}) == len(zones), "malformed", IN_WORDS)
    need(all(one["end"] <= next_one["at"] for one, next_one in zip(zones, zones[1:])), "malformed", IN_WORDS)
    return parameters, codes


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool)


def text_like(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value)


def one_of(*values):
    return lambda value: isinstance(value, str) and value in values


def between(low, high):
    return lambda value: is_number(value) and low <= value <= high


BYTE = text_like("0x[0-9A-Fa-f]{2}")
COMMON = {"name": text_like("[a-z0-9-]{1,32}"), "address": text_like("0x[0-9A-Fa-f]{8}"), "blank": BYTE}
PARAMETER = COMMON | {"min-bytes": between(1, 65536), "max-bytes": between(1, 65536), "fill": BYTE,
                      "holds": one_of("identity", "key"), "number": between(1, 16)}
CODE = COMMON | {"algorithm": one_of(*CODE_SIZES), "covers": one_of("parameters", "image")}


def check_members(zone, members):
    need(isinstance(zone, dict) and zone.keys() == members.keys(), "malformed")
    need(all(right(zone[name]) for name, right in members.items()), "malformed")


def placed(zone):
    at = int(zone["address"], 16)
    size = zone["max-bytes"] if "holds" in zone else CODE_SIZES[zone["algorithm"]]
    numbers = {name: int(zone[name], 16) for name in ("blank", "fill") if name in zone}
    return zone | numbers | {"at": at, "end": at + size}


def fill_zones(segments, plan, identities, device_keys):
    """The program generator, images.md §6: the same segments with values and codes in place."""
    parameters, codes = plan
    for zone in parameters + codes:
        content, at = locate(segments, zone)
        need(set(content[at:at + zone["end"] - zone["at"]]) == {zone["blank"]}, "zone-too-small")
    filled = [[address, bytearray(content)] for address, content in segments]
    for zone in parameters:
        values = identities if zone["holds"] == "identity" else device_keys
        need(zone["number"] <= len(values), "missing-input")
        value = values[zone["number"] - 1]
        need(zone["min-bytes"] <= len(value) <= zone["max-bytes"], "zone-too-small")
        put(filled, zone, value.ljust(zone["max-bytes"], bytes([zone["fill"]])))
    for covers in ("parameters", "image"):
        covered = covered_by(filled, parameters, codes, covers)
        for code in codes:
            if code["covers"] == covers:
                put(filled, code, validation_code(code["algorithm"], covered))
    return filled


def locate(segments, zone):
    """The segment that the zone lies in, and where."""
    for address, content in segments:
        if address <= zone["at"] and zone["end"] <= address + len(content):
            return content, zone["at"] - address
    raise Refused("zone-too-small")


def put(segments, zone, value):
    content, at = locate(segments, zone)
    content[at:at + len(value)] = value


def covered_by(segments, parameters, codes, covers):
    if covers == "parameters":
        places = [(*locate(segments, zone), zone["end"] - zone["at"]) for zone in parameters]
        return b"".join(content[at:at + size] for content, at, size in places)
    covered = [bytearray(content) for _, content in segments]
    for zone in sorted(codes, key=lambda zone: -zone["at"]):
        if zone["covers"] == "image":
            index = next(i for i, (address, content) in enumerate(segments)
                         if address <= zone["at"] < address + len(content))
            at = zone["at"] - segments[index][0]
            del covered[index][at:at + zone["end"] - zone["at"]]
    return b"".join(covered)


def validation_code(algorithm, covered):
    if algorithm == "sha-256":
        return keys.digest(covered)
    return zlib.crc32(covered).to_bytes(4, "little" if algorithm == "crc-32-le" else "big")


def judge_images(kind, input=None, base=None, image=None, plan=None, identities=None, keys=None):
    """One of the folder's kinds: a file read, written, a plan read, or zones filled."""
    if kind == "intel-hex":
        return told(*read_intel_hex(input.encode()))
    if kind == "raw":
        return told(*read_raw(int(base, 16), bytes.fromhex(input)))
    if kind == "intel-hex-write":
        start = image.get("start")
        start = start and (int(start["value"], 16), start["segmented"])
        return {"verdict": write_intel_hex(given(image["segments"]), start)}
    if kind == "zone-plan":
        read_plan(as_json(input))
        return {}
    if kind == "patch":
        values = [identity.encode() for identity in identities], [bytes.fromhex(key) for key in keys]
        return told(fill_zones(given(image), read_plan(as_json(plan)), *values), None)
    raise ValueError(f"no such kind: {kind}")


def as_json(value):
    return value.encode() if isinstance(value, str) else json.dumps(value, ensure_ascii=False).encode()


def given(segments):
    return [(int(segment["address"], 16), bytes.fromhex(segment["bytes"])) for segment in segments]


def told(segments, start):
    result = {"segments": [{"address": f"0x{at:08X}", "bytes": content.hex()} for at, content in segments]}
    return result | {"start": {"value": f"0x{start[0]:08X}", "segmented": start[1]}} if start else result
