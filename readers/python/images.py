"""Judges of program files in every format, of zone plans, and of filled zones: images.md §9."""

import json

import elf
import intelhex
import segments
import srecord
import zones

READERS = {"intel-hex": lambda text: intelhex.read_intel_hex(text.encode()),
           "s-record": lambda text: srecord.read_s_record(text.encode()),
           "elf": lambda hexadecimal: elf.read_elf(bytes.fromhex(hexadecimal))}
WRITERS = {"intel-hex-write": intelhex.write_intel_hex, "s-record-write": srecord.write_s_record}


def judge_images(kind, **case):
    """One of the folder's kinds: a file read, written, a plan read, or zones filled."""
    if kind in READERS:
        return told(*READERS[kind](case["input"]))
    if kind == "raw":
        return told(*segments.read_raw(int(case["base"], 16), bytes.fromhex(case["input"])))
    if kind in WRITERS:
        return {"outcome": WRITERS[kind](*given(case["image"]))}
    if kind == "elf-write":
        header = case["class"] == 64, case["big_endian"], case["machine"], int(case["flags"], 16)
        return {"outcome": elf.write_elf(*given(case["image"]), *header).hex()}
    if kind == "zone-plan":
        zones.read_plan(as_json(case["input"]))
        return {}
    if kind == "patch":
        image, _ = given({"segments": case["image"]})
        identities = [identity.encode() for identity in case["identities"]]
        device_keys = [bytes.fromhex(key) for key in case["keys"]]
        plan = zones.read_plan(as_json(case["plan"]))
        return told(zones.fill_zones(image, plan, identities, device_keys), None)
    raise ValueError(f"no such kind: {kind}")


def as_json(value):
    return value.encode() if isinstance(value, str) else json.dumps(value, ensure_ascii=False).encode()


def given(image):
    """Segments and start address as a case has them."""
    start = image.get("start")
    listed = [(int(segment["address"], 16), bytes.fromhex(segment["bytes"])) for segment in image["segments"]]
    return listed, start and (int(start["value"], 16), start["segmented"])


def told(found, start):
    result = {"segments": [{"address": f"0x{at:08X}", "bytes": content.hex()} for at, content in found]}
    return result | {"start": {"value": f"0x{start[0]:08X}", "segmented": start[1]}} if start else result
