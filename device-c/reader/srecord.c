/* Motorola S-record (images.md §7). */
#include "hex_text.h"
#include "image.h"

typedef struct {
    image *to;
    uint8_t *room;
    unsigned type; /* of the data: 1, 2 or 3; 0: none yet */
    uint64_t lines, records;
    bool counted, ended;
} srecord_state;

/* Bytes of the number behind a type's length. */
static size_t number_size(unsigned type)
{
    static const uint8_t sizes[10] = {2, 2, 3, 4, 0, 2, 3, 4, 3, 2};
    return sizes[type];
}

static kw_reason take_data(srecord_state *state, unsigned type, uint32_t address, kw_bytes data)
{
    uint64_t end = (uint64_t)1 << (8 + 8 * type);
    if (state->counted || (state->type != 0 && state->type != type) || address + data.size > end) {
        return KW_BAD_IMAGE;
    }
    state->type = type;
    state->records++;
    return image_add(state->to, address, data, &state->room);
}

/* One line: type, number, data. */
static kw_reason take_record(srecord_state *state, unsigned type, uint32_t number, kw_bytes data)
{
    switch (type) {
    case 0:
        return state->lines == 0 && number == 0 ? KW_OK : KW_BAD_IMAGE;
    case 1:
    case 2:
    case 3:
        return take_data(state, type, number, data);
    case 5:
    case 6:
        if (state->counted || data.size != 0 || number != state->records) {
            return KW_BAD_IMAGE;
        }
        state->counted = true;
        return KW_OK;
    default:
        if (data.size != 0 || type != 10 - state->type) {
            return KW_BAD_IMAGE;
        }
        state->ended = true;
        state->to->has_start = number != 0;
        state->to->start_is_segmented = false;
        state->to->start = number;
        return KW_OK;
    }
}

static kw_reason take_line(srecord_state *state, kw_bytes line)
{
    uint8_t bytes[256], sum = 0;
    if (state->ended || line.size < 2 || line.at[0] != 'S' || line.at[1] < '0' || line.at[1] > '9'
        || line.at[1] == '4') {
        return KW_BAD_IMAGE;
    }
    unsigned type = (unsigned)(line.at[1] - '0');
    size_t count = hex_digits(kw_bytes_of(line.at + 2, line.size - 2), bytes, sizeof bytes),
           size = number_size(type);
    for (size_t i = 0; i < count; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    if (count < 2 + size || bytes[0] != count - 1 || sum != 0xff) {
        return KW_BAD_IMAGE;
    }
    uint32_t number = 0;
    for (size_t i = 1; i <= size; i++) {
        number = number << 8 | bytes[i];
    }
    kw_reason reason = take_record(state, type, number, kw_bytes_of(bytes + 1 + size, count - 2 - size));
    state->lines++;
    return reason;
}

kw_reason srecord_read(kw_bytes text, uint8_t *room, image *to)
{
    srecord_state state = {.to = to, .room = room};
    kw_bytes line;
    to->count = 0;
    to->has_start = false;
    if (text.size > (size_t)256 << 20) {
        return KW_TOO_LARGE;
    }
    while (hex_line(&text, &line)) {
        kw_reason reason = take_line(&state, line);
        if (reason != KW_OK) {
            return reason;
        }
    }
    return state.ended && to->count > 0 ? KW_OK : KW_BAD_IMAGE;
}

static void put_record(hex_writer *to, unsigned type, uint32_t number, const uint8_t *data, size_t size)
{
    char begin[3] = {'S', (char)('0' + type), 0};
    uint8_t record[1 + 4 + 16 + 1], sum = 0;
    size_t at = 1;
    for (size_t i = number_size(type); i > 0; i--) {
        record[at++] = (uint8_t)(number >> (8 * (i - 1)));
    }
    kw_copy(record + at, data, size);
    at += size;
    record[0] = (uint8_t)at;
    for (size_t i = 0; i < at; i++) {
        sum = (uint8_t)(sum + record[i]);
    }
    record[at++] = (uint8_t)~sum;
    hex_put(to, begin, record, at);
}

uint32_t image_linear_start(const image *from)
{
    return !from->has_start           ? 0
           : from->start_is_segmented ? (from->start >> 16) * 16 + (from->start & 0xffff)
                                      : from->start;
}

size_t srecord_write(const image *from, uint8_t *at, size_t limit)
{
    hex_writer to = {at, limit, 0, false};
    const segment *last = &from->segments[from->count - 1];
    uint32_t start = image_linear_start(from), highest = last->address + (uint32_t)(last->size - 1),
             records = 0;
    highest = highest > start ? highest : start;
    unsigned type = highest < 0x10000 ? 1 : highest < 0x1000000 ? 2 : 3;
    put_record(&to, 0, 0, NULL, 0);
    for (size_t i = 0; i < from->count; i++) {
        const segment *each = &from->segments[i];
        for (size_t done = 0; done < each->size; done += 16, records++) {
            size_t size = each->size - done < 16 ? each->size - done : 16;
            put_record(&to, type, each->address + (uint32_t)done, each->at + done, size);
        }
    }
    put_record(&to, records < 65536 ? 5 : 6, records, NULL, 0);
    put_record(&to, 10 - type, start, NULL, 0);
    return to.full ? 0 : to.used;
}
