#include "text.h"

#include <string.h>

static void advance(kw_bytes *text, size_t size)
{
    text->at += size;
    text->size -= size;
}

bool kw_text_until(kw_bytes *text, uint8_t end, kw_bytes *part)
{
    const uint8_t *found = text->size == 0 ? NULL : memchr(text->at, end, text->size);
    if (found == NULL) {
        return false;
    }
    *part = kw_bytes_of(text->at, (size_t)(found - text->at));
    advance(text, part->size + 1);
    return true;
}

bool kw_text_line(kw_bytes *text, kw_bytes *line)
{
    return kw_text_until(text, '\n', line);
}

bool kw_text_starts(kw_bytes *text, const char *start)
{
    size_t size = strlen(start);
    if (text->size < size || memcmp(text->at, start, size) != 0) {
        return false;
    }
    advance(text, size);
    return true;
}

bool kw_text_number(kw_bytes digits, uint64_t *value)
{
    *value = 0;
    if (digits.size < 1 || digits.size > 19 || (digits.at[0] == '0' && digits.size > 1)) {
        return false;
    }
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') {
            return false;
        }
        *value = *value * 10 + (uint64_t)(digits.at[i] - '0');
    }
    return *value <= INT64_MAX;
}
