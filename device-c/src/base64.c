#include "base64.h"

static int value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool kw_base64_read(kw_bytes text, uint8_t *out, size_t room, size_t *size)
{
    *size = 0;
    if (text.size % 4 != 0) {
        return false;
    }
    size_t padding = 0;
    while (padding < 2 && padding < text.size && text.at[text.size - 1 - padding] == '=') {
        padding++;
    }
    uint32_t bits = 0;
    for (size_t i = 0; i < text.size; i++) {
        bool pads = i >= text.size - padding;
        int value = pads ? 0 : value_of(text.at[i]);
        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 == 3) {
            size_t whole = i + 1 == text.size ? 3 - padding : 3;
            if ((bits & 0xffffffu & ((1u << (24 - 8 * whole)) - 1)) != 0) {
                return false;
            }
            for (size_t k = 0; k < whole; k++, (*size)++) {
                if (*size < room) {
                    out[*size] = (uint8_t)(bits >> (16 - 8 * k));
                }
            }
        }
    }
    return true;
}
