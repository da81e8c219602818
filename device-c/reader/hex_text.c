#include "hex_text.h"

#include <string.h>

bool hex_line(kw_bytes *text, kw_bytes *line)
{
    if (text->size == 0) {
        return false;
    }
    const uint8_t *end = memchr(text->at, '\n', text->size);
    size_t size = end == NULL ? text->size : (size_t)(end - text->at);
    *line = kw_bytes_of(text->at, size - (end != NULL && size > 0 && text->at[size - 1] == '\r'));
    size += end != NULL;
    *text = kw_bytes_of(text->at + size, text->size - size);
    return true;
}

static int digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

size_t hex_digits(kw_bytes digits, uint8_t *bytes, size_t room)
{
    if (digits.size % 2 != 0 || digits.size / 2 > room) {
        return 0;
    }
    for (size_t i = 0; i < digits.size / 2; i++) {
        int high = digit(digits.at[2 * i]), low = digit(digits.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            return 0;
        }
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return digits.size / 2;
}

void hex_put(hex_writer *to, const char *begin, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t begin_size = strlen(begin);
    if (to->full || to->limit - to->used < begin_size + 2 * size + 1) {
        to->full = true;
        return;
    }
    kw_copy(to->at + to->used, (const uint8_t *)begin, begin_size);
    to->used += begin_size;
    for (size_t i = 0; i < size; i++) {
        to->at[to->used++] = (uint8_t)digits[bytes[i] >> 4];
        to->at[to->used++] = (uint8_t)digits[bytes[i] & 15];
    }
    to->at[to->used++] = '\n';
}
