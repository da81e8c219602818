/* The program generator and its validation codes (images.md §5.3, §6). */
#include "image.h"

#include "keywright/hash.h"

#include <string.h>

/* The zone's bytes in the image; null when they do not lie in one segment. */
static uint8_t *zone_at(const image *in, const zone *each)
{
    for (size_t i = 0; i < in->count; i++) {
        const segment *s = &in->segments[i];
        if (each->address >= s->address
            && (uint64_t)each->address + each->size <= (uint64_t)s->address + s->size) {
            return s->at + (each->address - s->address);
        }
    }
    return NULL;
}

static bool is_blank(const uint8_t *at, const zone *each)
{
    for (size_t i = 0; at != NULL && i < each->size; i++) {
        if (at[i] != each->blank) {
            return false;
        }
    }
    return at != NULL;
}

static const kw_bytes *value_of(const device_values *values, const zone *each)
{
    size_t count = each->holds_key ? values->key_count : values->identity_count;
    const kw_bytes *list = each->holds_key ? values->keys : values->identities;
    return each->number <= count ? &list[each->number - 1] : NULL;
}

static kw_reason judge(const image *in, const zone_plan *plan, const device_values *values)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (!is_blank(zone_at(in, &plan->zones[i]), &plan->zones[i])) {
            return KW_ZONE_TOO_SMALL;
        }
    }
    for (size_t i = 0; i < plan->parameter_count; i++) {
        const zone *each = &plan->zones[i];
        const kw_bytes *value = value_of(values, each);
        if (value == NULL) {
            return KW_MISSING_INPUT;
        }
        if (value->size < each->min_bytes || value->size > each->size) {
            return KW_ZONE_TOO_SMALL;
        }
    }
    return KW_OK;
}

typedef struct {
    uint32_t crc;
    kw_port_state hash;
} code_state;

static void cover(code_state *state, const uint8_t *at, size_t size)
{
    kw_port_sha256_add(&state->hash, at, size);
    for (size_t i = 0; i < size; i++) {
        state->crc ^= at[i];
        for (int bit = 0; bit < 8; bit++) {
            state->crc = state->crc >> 1 ^ ((state->crc & 1) != 0 ? 0xedb88320u : 0);
        }
    }
}

/* The code zone that covers the image and lies at or behind this address first; null: none. */
static const zone *next_left_out(const zone_plan *plan, uint64_t address)
{
    for (size_t i = plan->parameter_count; i < plan->count; i++) {
        const zone *each = &plan->zones[i];
        if (each->covers_image && each->address >= address) {
            return each;
        }
    }
    return NULL;
}

static void cover_image(code_state *state, const image *in, const zone_plan *plan)
{
    for (size_t i = 0; i < in->count; i++) {
        const segment *s = &in->segments[i];
        uint64_t at = s->address, end = at + s->size;
        while (at < end) {
            const zone *hole = next_left_out(plan, at);
            uint64_t stop = hole == NULL || hole->address > end ? end : hole->address;
            cover(state, s->at + (at - s->address), (size_t)(stop - at));
            at = stop < end ? stop + hole->size : stop;
        }
    }
}

static void write_code(const image *in, const zone_plan *plan, const zone *code)
{
    code_state state = {.crc = 0xffffffffu};
    uint8_t digest[32];
    kw_port_sha256_begin(&state.hash);
    if (code->covers_image) {
        cover_image(&state, in, plan);
    } else {
        for (size_t i = 0; i < plan->parameter_count; i++) {
            cover(&state, zone_at(in, &plan->zones[i]), plan->zones[i].size);
        }
    }
    kw_port_sha256_end(&state.hash, digest);

    uint8_t *to = zone_at(in, code);
    uint8_t crc[4];
    kw_put_uint32(crc, ~state.crc);
    if (code->algorithm == SHA_256) {
        kw_copy(to, digest, sizeof digest);
    } else {
        for (size_t i = 0; i < 4; i++) {
            to[i] = crc[code->algorithm == CRC_32_BE ? i : 3 - i];
        }
    }
}

kw_reason image_patch(image *to, const zone_plan *plan, const device_values *values)
{
    kw_reason reason = judge(to, plan, values);
    if (reason != KW_OK) {
        return reason;
    }
    for (size_t i = 0; i < plan->parameter_count; i++) {
        const zone *each = &plan->zones[i];
        const kw_bytes *value = value_of(values, each);
        uint8_t *at = zone_at(to, each);
        kw_copy(at, value->at, value->size);
        memset(at + value->size, each->fill, each->size - value->size);
    }
    for (int image_codes = 0; image_codes < 2; image_codes++) {
        for (size_t i = plan->parameter_count; i < plan->count; i++) {
            if (plan->zones[i].covers_image == (image_codes == 1)) {
                write_code(to, plan, &plan->zones[i]);
            }
        }
    }
    return KW_OK;
}
