"""Dumps: the stream, its segments and its end: diagnostics.md."""

from types import SimpleNamespace

import cose
import fields
import keys
from cbor import Reader, Refused, need, read_keys, read_payload, reads_as, string, uint

PREAMBLE, SEGMENT, BODY, END = range(4)
FRAME_LIMIT, SEGMENT_LIMIT, KEY_SIZE = 65536, 8, 32


class CutShort(Exception):
    """The stream ends before its end frame."""


PLACE = {"chip": fields.chip_id, "boot": fields.number63, "number": fields.number32}
SEGMENT_FIELDS = {"owner": fields.digest, "program": fields.digest, "sealed": string(4096, 1)}
END_FIELDS = {"chip": fields.chip_id, "device": fields.device_id, "boot": fields.number63,
              "number": fields.number32, "trigger": uint(4, 1)}
PROGRAM_FIELDS = {"owner": fields.digest, "program": fields.digest, "name": fields.name,
                  "version": fields.name, "build": string(64, 0), "kind": uint(4, 1)}
SEAL_FIELDS = {"policy": uint(255), "sealed": fields.digest, "body": fields.digest, "size": fields.number63}


@reads_as("diagnostics.md", "preamble")
def read_preamble(data):
    return tuple(read_payload(data, PLACE).values())


@reads_as("diagnostics.md", "segment")
def read_segment(data):
    owner, program, sealed = read_payload(data, SEGMENT_FIELDS).values()
    return SimpleNamespace(owner=owner, program=program, sealed=sealed, parsed=cose.parse_en(sealed, KEY_SIZE),
                           body=b"", key=None, content=b"", whole=False)


@reads_as("diagnostics.md", "Dump")
def read_end(data):
    message = cose.parse(data, "dump", cose.SIGNED, 8192)
    reader = Reader(message.payload)
    payload = reader.map(8)
    reader.version(payload)
    end = read_keys(reader, payload, END_FIELDS) | {"message": message}
    if payload.has(6):
        end["time"] = fields.number63(reader)
    payload.key(7)
    end["segments"] = [read_line(reader) for _ in reader.array(1, 8)]
    payload.end()
    reader.end()
    return end


def read_line(reader):
    """What the end says of one segment: owner, program, H(EN), H(body), size."""
    line = reader.map(11)
    said = read_keys(reader, line, PROGRAM_FIELDS)
    if line.has(7):
        for _ in reader.array(2, 2):
            reader.uint()
    said |= read_keys(reader, line, SEAL_FIELDS, first=8)
    line.end()
    return tuple(said[name] for name in ("owner", "program", "sealed", "body", "size"))


def judge_dump(chip: bytes, identity: bytes, device, keys, dump: bytes):
    """diagnostics.md §4. A dump that breaks off is told as `unfinished`, with what opened of it."""
    scalars = [bytes.fromhex(scalar) for scalar in keys]
    segments = []
    try:
        place, end, rest = read_stream(dump, chip, scalars, segments)
    except CutShort:
        need(any(segment.key for segment in segments), "unfinished-dump")
        return {"outcome": "unfinished", "contents": contents_of(segments)}
    cose.verify_signature(end["message"], identity)
    check_end(end, place, segments)
    need(end["device"] == device, "wrong-identity")
    need(not rest, "malformed")
    need(any(segment.key for segment in segments), "not-the-recipient")
    times = {"time": end["time"]} if "time" in end else {}
    return {"contents": contents_of(segments), "boot": place[1], "number": place[2]} | times


def read_stream(stream, chip, scalars, segments):
    """Place, end, and what follows it. `segments` fills as the stream goes: a cut leaves what was opened."""
    try:
        content, at = read_frame(stream, 0, [PREAMBLE])
    except CutShort:
        raise Refused("malformed") from None
    place = read_preamble(content)
    need(place[0] == chip, "wrong-chip")
    content, at = read_frame(stream, at, [SEGMENT])
    while True:
        segment = open_segment(content, scalars, place, len(segments))
        segments.append(segment)
        allowed = [BODY, END] if len(segments) == SEGMENT_LIMIT else [SEGMENT, BODY, END]
        while head(stream, at, allowed) == BODY:
            content, at = read_frame(stream, at, [BODY])
            segment.body += content
            open_chunks(segment)
        content, next_at = read_frame(stream, at, allowed)
        need(not segment.key or segment.whole, "bad-seal")
        if stream[at] == END:
            return place, read_end(content), stream[next_at:]
        at = next_at


def head(stream, at, allowed):
    """The kind of the frame that begins here; a frame is judged by its head, once that is whole."""
    if len(stream) - at < 5:
        raise CutShort
    need(stream[at] in allowed, "malformed")
    need(1 <= int.from_bytes(stream[at + 1:at + 5], "big") <= FRAME_LIMIT, "malformed")
    return stream[at]


def read_frame(stream, at, allowed):
    head(stream, at, allowed)
    end = at + 5 + int.from_bytes(stream[at + 1:at + 5], "big")
    if end > len(stream):
        raise CutShort
    return stream[at + 5:end], end


def open_segment(content, scalars, place, index):
    segment = read_segment(content)
    chip, boot, number = place
    try:
        extra = ["dump", chip, boot, number, index, segment.program]
        segment.key = cose.open_en(segment.parsed, scalars, extra)
    except Refused as refused:
        need(refused.reason == "not-the-recipient", refused.reason)
    need(segment.key is None or len(segment.key) == KEY_SIZE, "malformed")
    segment.context = ["dump", chip, boot, number, index]
    return segment


def open_chunks(segment):
    """All that opens so far; a body of the segment's own owner that does not is `bad-seal` at once."""
    if segment.key:
        chunks, segment.whole = keys.open_chunks(segment.key, segment.context, segment.body)
        segment.content = b"".join(chunks)


def contents_of(segments):
    """Of each segment that was for this reader its content, else None."""
    return [segment.content.hex() if segment.key else None for segment in segments]


def check_end(end, place, segments):
    need((end["chip"], end["boot"], end["number"]) == place, "wrong-dump")
    received = [(segment.owner, segment.program, keys.digest(segment.sealed), keys.digest(segment.body),
                 plain_size(segment.body)) for segment in segments]
    need(end["segments"] == received, "wrong-dump")


def plain_size(body):
    """Of a Cobblestone-256 body, also one that is sealed to somebody else; None when it is no body."""
    chunks, last = divmod(len(body) - keys.BODY_HEAD, keys.CHUNK + keys.TAG)
    return chunks * keys.CHUNK + last - keys.TAG if chunks >= 0 and last >= keys.TAG else None
