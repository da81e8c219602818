"""ELF files, read and written: images.md §8."""

import struct
from types import SimpleNamespace

from cbor import need
from segments import TEXT_LIMIT, TOP, add_data, linear

MAGIC = b"\x7fELF"
EXECUTABLE, SHARED, LOAD = 2, 3, 1
PROGBITS, STRTAB, ALLOC = 1, 3, 2
MOST_HEADERS = 4096
HEADER = "HHI{0}{0}{0}IHHHHHH"  # what follows the identification; {0} is a word of the class
SECTION = "II{0}{0}{0}{0}II{0}{0}"
NAMES = b"\0.load\0.shstrtab\0"


def layout(wide, big):
    """How numbers stand in a file of this class and byte order."""
    order, word = ">" if big else "<", "Q" if wide else "I"
    program = "IIQQQQQQ" if wide else "IIIIIIII"
    return SimpleNamespace(header=struct.Struct(order + HEADER.format(word)),
                           program=struct.Struct(order + program),
                           section=struct.Struct(order + SECTION.format(word)), wide=wide)


def read_elf(data):
    need(len(data) <= TEXT_LIMIT, "too-large")
    need(len(data) >= 16 and data[:4] == MAGIC and data[6] == 1, "bad-image")
    need(data[4] in (1, 2) and data[5] in (1, 2), "bad-image")
    form = layout(data[4] == 2, data[5] == 2)
    need(len(data) >= 16 + form.header.size, "bad-image")
    kind, _, version, entry, table, _, _, _, entry_size, count, *_ = form.header.unpack_from(data, 16)
    need(kind in (EXECUTABLE, SHARED) and version == 1 and entry < TOP, "bad-image")
    need(count <= MOST_HEADERS, "too-large")
    need(count and entry_size == form.program.size and table + count * entry_size <= len(data), "bad-image")
    loaded = [loaded_part(data, form, table + index * entry_size) for index in range(count)]
    segments = []
    for address, content in sorted(filter(None, loaded), key=lambda part: part[0]):
        add_data(segments, address, content)
    need(segments, "bad-image")
    return segments, (entry, False) if entry else None


def loaded_part(data, form, at):
    """Address and bytes of a PT_LOAD that has any."""
    numbers = form.program.unpack_from(data, at)
    if form.wide:
        kind, _, offset, _, address, size, memory, _ = numbers
    else:
        kind, offset, _, address, size, memory, _, _ = numbers
    if kind != LOAD:
        return None
    need(offset + size <= len(data) and memory >= size, "bad-image")
    need(not size or address + size <= TOP, "bad-image")
    return (address, data[offset:offset + size]) if size else None


def write_elf(segments, start, wide, big, machine, flags):
    form = layout(wide, big)
    head = 16 + form.header.size
    at = head + len(segments) * form.program.size
    programs, sections = [], [form.section.pack(*[0] * 10)]
    for address, content in segments:
        size = len(content)
        place = at, address, address, size, size
        programs.append(form.program.pack(LOAD, *(5, *place) if wide else (*place, 5), 1))
        sections.append(form.section.pack(1, PROGBITS, ALLOC, address, at, size, 0, 0, 1, 0))
        at += size
    sections.append(form.section.pack(NAMES.index(b".shstrtab"), STRTAB, 0, 0, at, len(NAMES), 0, 0, 1, 0))
    header = form.header.pack(EXECUTABLE, machine, 1, linear(start), head, at + len(NAMES), flags, head,
                              form.program.size, len(programs), form.section.size, len(sections),
                              len(sections) - 1)
    identification = MAGIC + bytes([2 if wide else 1, 2 if big else 1, 1]) + bytes(9)
    content = b"".join(bytes(content) for _, content in segments)
    return identification + header + b"".join(programs) + content + NAMES + b"".join(sections)
