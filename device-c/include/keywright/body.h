/* Cobblestone-256 (c2sp.org/chunked-encryption), opened chunk by chunk; chunks may come in any order. */
#ifndef KEYWRIGHT_BODY_H
#define KEYWRIGHT_BODY_H

#include "keywright/reason.h"

enum {
    KW_BODY_SALT_SIZE = 24,
    KW_BODY_HEAD_SIZE = 56, /* salt, commitment */
    KW_BODY_CHUNK_SIZE = 16384,
    KW_BODY_SEALED_CHUNK_SIZE = KW_BODY_CHUNK_SIZE + KW_TAG_SIZE
};

typedef struct {
    uint8_t key[32];
    uint8_t base_nonce[12];
} kw_body;

/* Derives and checks the commitment: bad-seal. Every kw_body_begin is followed by kw_body_end. */
kw_reason kw_body_begin(kw_body *body, const uint8_t input_key[32], kw_bytes context,
                        const uint8_t head[KW_BODY_HEAD_SIZE]);

/* Chunk `number` with its tag. A full one is never the last, a shorter one always is; the caller sees to
   both. `plain` has room for sealed.size - 16, and may be where the chunk stands. Changed, or in another
   place: bad-seal. */
kw_reason kw_body_open_chunk(const kw_body *body, uint64_t number, kw_bytes sealed, uint8_t *plain);

void kw_body_end(kw_body *body);

/* A body of this many sealed bytes: how many bytes come out; false when no body has that size. */
bool kw_body_plain_size(uint64_t sealed_size, uint64_t *plain_size);

#endif
