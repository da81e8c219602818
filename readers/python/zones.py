"""Zone plans, and the program generator that fills the zones: images.md §5, §6."""

import json
import re
import zlib

import keys
from cbor import Refused, need, reads_as
from segments import TOP

PLAN_LIMIT = 64 * 1024
CODE_SIZES = {"crc-32-le": 4, "crc-32-be": 4, "sha-256": 32}
IN_WORDS = "zones have a sense beyond their shape (images.md §5.1)"


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
    need(isinstance(plan, dict) and plan.keys() == {"version", "parameters", "codes"}, "malformed")
    lists = plan["parameters"], plan["codes"]
    need(is_number(plan["version"]) and all(isinstance(zones, list) for zones in lists), "malformed")
    need(plan["version"] == 1, "wrong-version")
    need(all(len(zones) <= 32 for zones in lists), "too-large")
    for zones, members in zip(lists, (PARAMETER, CODE)):
        for zone in zones:
            check_members(zone, members)
    need(plan["parameters"], "malformed")
    parameters, codes = (sorted(map(placed, zones), key=lambda zone: zone["at"]) for zones in lists)
    for zone in parameters:
        need(zone["min-bytes"] <= zone["max-bytes"], "malformed", IN_WORDS)
        visible = zone["holds"] == "identity" and 0x21 <= zone["fill"] <= 0x7E
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
