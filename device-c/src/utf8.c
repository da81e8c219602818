#include "keywright/cbor.h"

/* How many bytes follow this first one, and the lowest and highest second byte (RFC 3629 §4). */
static bool leads(uint8_t first, size_t *follow, uint8_t *lowest, uint8_t *highest)
{
    *lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first < 0x80) {
        *follow = 0;
        return true;
    }
    *follow = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    return first >= 0xc2 && first <= 0xf4;
}

bool kw_is_utf8(kw_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        size_t follow;
        uint8_t lowest, highest;
        if (!leads(text.at[i], &follow, &lowest, &highest) || text.size - i - 1 < follow) {
            return false;
        }
        for (; follow > 0; follow--) {
            uint8_t byte = text.at[++i];
            if (byte < lowest || byte > highest) {
                return false;
            }
            lowest = 0x80;
            highest = 0xbf;
        }
    }
    return true;
}
