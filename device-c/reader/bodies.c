#include "bodies.h"

#include "vector.h"

kw_reason open_body(const kw_body *body, kw_bytes sealed, kw_bytes *plain)
{
    uint64_t size;
    if (!kw_body_plain_size(sealed.size, &size)) {
        return KW_BAD_SEAL;
    }
    uint8_t *to = scratch((size_t)size);
    size_t at = KW_BODY_HEAD_SIZE, got = 0;
    if (to == NULL) {
        return KW_TOO_LARGE;
    }
    for (uint64_t number = 0; at < sealed.size; number++) {
        size_t part = sealed.size - at < KW_BODY_SEALED_CHUNK_SIZE ? sealed.size - at
                                                                   : KW_BODY_SEALED_CHUNK_SIZE;
        kw_reason reason = kw_body_open_chunk(body, number, kw_bytes_of(sealed.at + at, part), to + got);
        if (reason != KW_OK) {
            return reason;
        }
        at += part;
        got += part - KW_TAG_SIZE;
    }
    *plain = kw_bytes_of(to, got);
    return KW_OK;
}
