#include "mutate.h"

#include "vector.h"

#include <string.h>

static uint64_t state;
static bool lenient;

/* splitmix64 */
static uint64_t next_random(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t random_below(uint64_t limit)
{
    return next_random() % limit;
}

void mutate_by(uint64_t seed)
{
    state = seed;
    lenient = seed != 0 && random_below(2) == 0;
}

bool mutation_is_lenient(void)
{
    return lenient;
}

void mutation_be_lenient(bool be)
{
    lenient = be;
}

/* One change; the copy has room for 16 bytes more. */
static size_t change(uint8_t *at, size_t size)
{
    static const uint8_t heads[] = {0x00, 0x17, 0x18, 0x1b, 0x20, 0x3b, 0x40, 0x58, 0x5b, 0x5f, 0x78,
                                    0x7b, 0x80, 0x84, 0x98, 0x9b, 0x9f, 0xa0, 0xa2, 0xb8, 0xbb, 0xbf,
                                    0xc0, 0xd8, 0xf4, 0xf6, 0xf9, 0xfb, 0xff, 0x7f, 0x30, 0x0a};
    size_t place = (size_t)random_below(size + 1);
    size_t count = (size_t)random_below(8) + 1;
    uint64_t kind = size == 0 ? 3 : random_below(7);
    if (kind < 5 && kind != 3 && place == size) {
        place--;
    }
    switch (kind) {
    case 0:
        at[place] ^= (uint8_t)(1u << random_below(8));
        return size;
    case 1:
        at[place] = heads[random_below(sizeof heads)];
        return size;
    case 2:
        at[place] = (uint8_t)next_random();
        return size;
    case 3:
        memmove(at + place + count, at + place, size - place);
        for (size_t i = 0; i < count; i++) {
            at[place + i] = heads[random_below(sizeof heads)];
        }
        return size + count;
    case 4:
        count = count < size - place ? count : size - place;
        memmove(at + place, at + place + count, size - place - count);
        return size - count;
    case 5:
        return place;
    default:
        at[random_below(size)]++;
        return size;
    }
}

static const char *flipped_field;
static uint64_t flipped_bit, flipped_field_bits;

void flip_by(const char *field, uint64_t bit)
{
    flipped_field = field;
    flipped_bit = bit;
    flipped_field_bits = 0;
}

uint64_t flip_field_bits(void)
{
    return flipped_field_bits;
}

kw_bytes flipped(const char *field, kw_bytes bytes)
{
    if (flipped_field == NULL || strcmp(field, flipped_field) != 0) {
        return bytes;
    }
    flipped_field_bits = 8 * (uint64_t)bytes.size;
    uint8_t *copy = flipped_bit < flipped_field_bits ? scratch(bytes.size) : NULL;
    if (copy == NULL) {
        return bytes;
    }
    kw_copy(copy, bytes.at, bytes.size);
    copy[flipped_bit / 8] ^= (uint8_t)(1u << flipped_bit % 8);
    return kw_bytes_of(copy, bytes.size);
}

kw_bytes mutated(kw_bytes bytes)
{
    if (state == 0 || random_below(2) == 0) {
        return bytes;
    }
    size_t times = (size_t)random_below(4) + 1;
    uint8_t *room = scratch(bytes.size + 8 * times);
    if (room == NULL) {
        return bytes;
    }
    kw_copy(room, bytes.at, bytes.size);
    size_t size = bytes.size;
    while (times-- > 0) {
        size = change(room, size);
    }
    uint8_t *exact = scratch(size);
    if (exact == NULL) {
        return bytes;
    }
    kw_copy(exact, room, size);
    return kw_bytes_of(exact, size);
}
