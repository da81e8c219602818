#include "keywright/bytes.h"

#include <string.h>

kw_bytes kw_bytes_of(const void *at, size_t size)
{
    kw_bytes bytes;
    bytes.at = at;
    bytes.size = size;
    return bytes;
}

kw_bytes kw_bytes_of_text(const char *text)
{
    return kw_bytes_of(text, strlen(text));
}

bool kw_same(kw_bytes a, kw_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

bool kw_same_secret(const void *a, const void *b, size_t size)
{
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    uint8_t difference = 0;
    for (size_t i = 0; i < size; i++) {
        difference = (uint8_t)(difference | (left[i] ^ right[i]));
    }
    return difference == 0;
}

void kw_copy(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size > 0) {
        memmove(to, from, size);
    }
}

void kw_wipe(void *at, size_t size)
{
    volatile uint8_t *byte = at;
    while (size-- > 0) {
        *byte++ = 0;
    }
}

void kw_put_uint32(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16);
    to[2] = (uint8_t)(value >> 8);
    to[3] = (uint8_t)value;
}

uint32_t kw_get_uint32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}
