/* Images, Intel HEX and raw binary (images.md §1-§4). */
#include "image.h"
#include "hex_text.h"

#include <string.h>

#define ADDRESS_SPACE ((uint64_t)1 << 32)

static uint64_t end_of(const segment *each)
{
    return (uint64_t)each->address + each->size;
}

kw_reason image_add(image *to, uint64_t address, kw_bytes bytes, uint8_t **room)
{
    segment *last = to->count == 0 ? NULL : &to->segments[to->count - 1];
    if (bytes.size == 0 || address + bytes.size > ADDRESS_SPACE || (last != NULL && address < end_of(last))) {
        return KW_BAD_IMAGE;
    }
    if (last == NULL || address != end_of(last)) {
        if (to->count == IMAGE_SEGMENTS_MAX) {
            return KW_TOO_LARGE;
        }
        last = &to->segments[to->count++];
        last->address = (uint32_t)address;
        last->at = *room;
        last->size = 0;
    }
    if ((size_t)(*room - to->segments[0].at) + bytes.size > CONTENT_MAX) {
        return KW_TOO_LARGE;
    }
    kw_copy(*room, bytes.at, bytes.size);
    *room += bytes.size;
    last->size += bytes.size;
    return KW_OK;
}

/* The bytes of a line: length, offset, type, data, checksum. False when it is no record. */
static bool read_record(kw_bytes line, uint8_t record[260])
{
    if (line.size == 0 || line.at[0] != ':') {
        return false;
    }
    size_t count = hex_digits(kw_bytes_of(line.at + 1, line.size - 1), record, 260);
    uint8_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum = (uint8_t)(sum + record[i]);
    }
    return count >= 5 && record[0] == count - 5 && sum == 0 && record[3] <= 5;
}

typedef struct {
    image *to;
    uint8_t *room;
    uint64_t base;
    bool ended;
} hex_state;

static kw_reason take_record(hex_state *state, const uint8_t record[260])
{
    static const uint8_t sizes[6] = {0, 0, 2, 4, 2, 4};
    uint8_t size = record[0], type = record[3];
    uint32_t offset = (uint32_t)record[1] << 8 | record[2];
    uint32_t value = size == 4 ? kw_get_uint32(record + 4) : (uint32_t)record[4] << 8 | record[5];
    if (type == 0) {
        return offset + size > 0x10000
                   ? KW_BAD_IMAGE
                   : image_add(state->to, state->base + offset, kw_bytes_of(record + 4, size), &state->room);
    }
    if (offset != 0 || size != sizes[type]) {
        return KW_BAD_IMAGE;
    }
    switch (type) {
    case 1:
        state->ended = true;
        return KW_OK;
    case 2:
    case 4:
        state->base = (uint64_t)value << (type == 2 ? 4 : 16);
        return KW_OK;
    default:
        if (state->to->has_start) {
            return KW_BAD_IMAGE;
        }
        state->to->has_start = true;
        state->to->start_is_segmented = type == 3;
        state->to->start = value;
        return KW_OK;
    }
}

kw_reason hex_read(kw_bytes text, uint8_t *room, image *to)
{
    hex_state state = {to, room, 0, false};
    to->count = 0;
    to->has_start = false;
    if (text.size > (size_t)256 << 20) {
        return KW_TOO_LARGE;
    }
    kw_bytes line;
    while (hex_line(&text, &line)) {
        uint8_t record[260];
        if (state.ended || !read_record(line, record)) {
            return KW_BAD_IMAGE;
        }
        kw_reason reason = take_record(&state, record);
        if (reason != KW_OK) {
            return reason;
        }
    }
    return state.ended && to->count > 0 ? KW_OK : KW_BAD_IMAGE;
}

static void put_record(hex_writer *to, uint8_t type, uint32_t offset, const uint8_t *data, uint8_t size)
{
    uint8_t record[4 + 255 + 1] = {size, (uint8_t)(offset >> 8), (uint8_t)offset, type}, sum = 0;
    kw_copy(record + 4, data, size);
    for (size_t i = 0; i < 4u + size; i++) {
        sum = (uint8_t)(sum + record[i]);
    }
    record[4 + size] = (uint8_t)-sum;
    hex_put(to, ":", record, 5u + size);
}

size_t hex_write(const image *from, uint8_t *at, size_t limit)
{
    hex_writer to = {at, limit, 0, false};
    uint32_t upper = 0;
    for (size_t i = 0; i < from->count; i++) {
        const segment *each = &from->segments[i];
        for (size_t done = 0; done < each->size;) {
            uint32_t address = each->address + (uint32_t)done, left = 0x10000 - (address & 0xffff);
            size_t size = each->size - done < 16 ? each->size - done : 16;
            size = size < left ? size : left;
            if (address >> 16 != upper) {
                uint8_t base[2] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16)};
                put_record(&to, 4, 0, base, 2);
                upper = address >> 16;
            }
            put_record(&to, 0, address & 0xffff, each->at + done, (uint8_t)size);
            done += size;
        }
    }
    if (from->has_start) {
        uint8_t start[4];
        kw_put_uint32(start, from->start);
        put_record(&to, from->start_is_segmented ? 3 : 5, 0, start, 4);
    }
    put_record(&to, 1, 0, at, 0);
    return to.full ? 0 : to.used;
}

kw_reason raw_read(kw_bytes bytes, uint32_t base, uint8_t *room, image *to)
{
    to->count = 0;
    to->has_start = false;
    return image_add(to, base, bytes, &room);
}
