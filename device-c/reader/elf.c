/* ELF (images.md §8). */
#include "image.h"

#include <string.h>

enum { PT_LOAD = 1, HEADERS_MAX = 4096 };

typedef struct {
    kw_bytes file;
    bool wide, big;
} elf;

/* Sizes of ELF header, program header and section header. */
static size_t header_size(bool wide)
{
    return wide ? 64 : 52;
}

static size_t segment_size(bool wide)
{
    return wide ? 56 : 32;
}

static size_t section_size(bool wide)
{
    return wide ? 64 : 40;
}

/* A field of 2, 4 or 8 bytes at a place inside the file. */
static uint64_t field(const elf *in, size_t at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | in->file.at[at + (in->big ? i : size - 1 - i)];
    }
    return value;
}

typedef struct {
    uint64_t offset, address, size, memory_size;
    uint32_t type;
} load;

static load load_at(const elf *in, size_t at)
{
    size_t word = in->wide ? 8 : 4;
    size_t offset = in->wide ? at + 8 : at + 4;
    load found;
    found.type = (uint32_t)field(in, at, 4);
    found.offset = field(in, offset, word);
    found.address = field(in, offset + 2 * word, word);
    found.size = field(in, offset + 3 * word, word);
    found.memory_size = field(in, offset + 4 * word, word);
    return found;
}

typedef struct {
    size_t table, count;
    uint64_t entry;
} elf_header;

/* Steps 2 to 4 of §8.2. */
static kw_reason read_header(elf *in, elf_header *header)
{
    kw_bytes file = in->file;
    if (file.size < 16
        || memcmp(file.at,
                  "\x7f"
                  "ELF",
                  4)
               != 0
        || (file.at[4] != 1 && file.at[4] != 2) || (file.at[5] != 1 && file.at[5] != 2) || file.at[6] != 1) {
        return KW_BAD_IMAGE;
    }
    in->wide = file.at[4] == 2;
    in->big = file.at[5] == 2;
    size_t word = in->wide ? 8 : 4;
    if (file.size < header_size(in->wide)) {
        return KW_BAD_IMAGE;
    }
    uint64_t type = field(in, 16, 2);
    header->entry = field(in, 24, word);
    if ((type != 2 && type != 3) || field(in, 20, 4) != 1 || header->entry > UINT32_MAX) {
        return KW_BAD_IMAGE;
    }
    uint64_t table = field(in, 24 + word, word);
    size_t sizes = 24 + 3 * word + 4 + 2; /* e_phentsize, e_phnum */
    header->count = (size_t)field(in, sizes + 2, 2);
    if (header->count > HEADERS_MAX) {
        return KW_TOO_LARGE;
    }
    if (header->count == 0 || field(in, sizes, 2) != segment_size(in->wide) || table > file.size
        || file.size - table < header->count * segment_size(in->wide)) {
        return KW_BAD_IMAGE;
    }
    header->table = (size_t)table;
    return KW_OK;
}

kw_reason elf_read(kw_bytes file, uint8_t *room, size_t room_size, image *to)
{
    static load loads[HEADERS_MAX];
    elf in = {file, false, false};
    elf_header header;
    size_t count = 0;
    to->count = 0;
    to->has_start = false;
    if (file.size > (size_t)256 << 20) {
        return KW_TOO_LARGE;
    }
    kw_reason reason = read_header(&in, &header);
    for (size_t i = 0; reason == KW_OK && i < header.count; i++) {
        load each = load_at(&in, header.table + i * segment_size(in.wide));
        if (each.type != PT_LOAD) {
            continue;
        }
        if (each.offset > file.size || file.size - each.offset < each.size || each.memory_size < each.size
            || (each.size > 0
                && (each.address > UINT32_MAX || each.address + each.size > (uint64_t)1 << 32))) {
            return KW_BAD_IMAGE;
        }
        size_t at = count;
        count += each.size > 0;
        for (; each.size > 0 && at > 0 && loads[at - 1].address > each.address; at--) {
            loads[at] = loads[at - 1];
        }
        loads[at] = each;
    }
    for (size_t i = 0; reason == KW_OK && i < count; i++) {
        reason = loads[i].size > room_size ? KW_TOO_LARGE : KW_OK;
        room_size -= reason == KW_OK ? (size_t)loads[i].size : 0;
        reason = reason != KW_OK
                     ? reason
                     : image_add(to, loads[i].address,
                                 kw_bytes_of(file.at + loads[i].offset, (size_t)loads[i].size), &room);
    }
    to->has_start = header.entry != 0;
    to->start_is_segmented = false;
    to->start = (uint32_t)header.entry;
    return reason == KW_OK && to->count == 0 ? KW_BAD_IMAGE : reason;
}

typedef struct {
    uint8_t *at;
    size_t limit, used;
    bool full, big;
    size_t word;
} elf_writer;

static void put(elf_writer *to, uint64_t value, size_t size)
{
    if (to->limit - to->used < size) {
        to->full = true;
        return;
    }
    for (size_t i = 0; i < size; i++) {
        to->at[to->used++] = (uint8_t)(value >> (8 * (to->big ? size - 1 - i : i)));
    }
}

static void put_bytes(elf_writer *to, const void *bytes, size_t size)
{
    if (to->limit - to->used < size) {
        to->full = true;
        return;
    }
    kw_copy(to->at + to->used, bytes, size);
    to->used += size;
}

static const char names[] = "\0.load\0.shstrtab"; /* with its last zero */

static void put_header(elf_writer *to, const image *from, const elf_form *form, size_t sections)
{
    const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', form->wide ? 2 : 1, form->big ? 2 : 1, 1};
    put_bytes(to, ident, sizeof ident);
    put(to, 2, 2);
    put(to, form->machine, 2);
    put(to, 1, 4);
    put(to, image_linear_start(from), to->word);
    put(to, header_size(form->wide), to->word);
    put(to, sections, to->word);
    put(to, form->flags, 4);
    put(to, header_size(form->wide), 2);
    put(to, segment_size(form->wide), 2);
    put(to, from->count, 2);
    put(to, section_size(form->wide), 2);
    put(to, from->count + 2, 2);
    put(to, from->count + 1, 2);
}

static void put_segment(elf_writer *to, const segment *each, size_t offset, const elf_form *form)
{
    enum { READ_EXECUTE = 5 };
    put(to, PT_LOAD, 4);
    if (form->wide) {
        put(to, READ_EXECUTE, 4);
    }
    put(to, offset, to->word);
    put(to, each->address, to->word);
    put(to, each->address, to->word);
    put(to, each->size, to->word);
    put(to, each->size, to->word);
    if (!form->wide) {
        put(to, READ_EXECUTE, 4);
    }
    put(to, 1, to->word);
}

static void put_section(elf_writer *to, unsigned name, unsigned type, unsigned flags, uint32_t address,
                        size_t offset, size_t size)
{
    put(to, name, 4);
    put(to, type, 4);
    put(to, flags, to->word);
    put(to, address, to->word);
    put(to, offset, to->word);
    put(to, size, to->word);
    put(to, 0, 4);
    put(to, 0, 4);
    put(to, type == 0 ? 0 : 1, to->word);
    put(to, 0, to->word);
}

size_t elf_write(const image *from, const elf_form *form, uint8_t *at, size_t limit)
{
    elf_writer to = {at, limit, 0, false, form->big, form->wide ? 8 : 4};
    size_t content = header_size(form->wide) + from->count * segment_size(form->wide), end = content;
    for (size_t i = 0; i < from->count; i++) {
        end += from->segments[i].size;
    }
    put_header(&to, from, form, end + sizeof names);
    size_t offset = content;
    for (size_t i = 0; i < from->count; i++) {
        put_segment(&to, &from->segments[i], offset, form);
        offset += from->segments[i].size;
    }
    for (size_t i = 0; i < from->count; i++) {
        put_bytes(&to, from->segments[i].at, from->segments[i].size);
    }
    put_bytes(&to, names, sizeof names);
    put_section(&to, 0, 0, 0, 0, 0, 0);
    offset = content;
    for (size_t i = 0; i < from->count; i++) {
        put_section(&to, 1, 1, 2, from->segments[i].address, offset, from->segments[i].size);
        offset += from->segments[i].size;
    }
    put_section(&to, 7, 3, 0, 0, end, sizeof names);
    return to.full ? 0 : to.used;
}
