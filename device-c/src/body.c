#include "keywright/body.h"

#include "keywright/port.h"

#include <string.h>

enum { HASH_SIZE = 64, HASH_BLOCK = 128 };

static void hmac_half(kw_port_state *state, const uint8_t key[32], uint8_t pad)
{
    uint8_t block[HASH_BLOCK];
    memset(block, pad, sizeof block);
    for (size_t i = 0; i < 32; i++) {
        block[i] ^= key[i];
    }
    kw_port_sha512_begin(state);
    kw_port_sha512_add(state, block, sizeof block);
    kw_wipe(block, sizeof block);
}

/* T(i) of HKDF-Expand with SHA-512; `block` has T(i - 1), except for i = 1. */
static void expand_block(const uint8_t key[32], const uint8_t salt[KW_BODY_SALT_SIZE], kw_bytes context,
                         uint8_t number, uint8_t block[HASH_SIZE])
{
    static const char info[] = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM"; /* with its zero */
    kw_port_state state;
    hmac_half(&state, key, 0x36);
    kw_port_sha512_add(&state, block, number == 1 ? 0 : HASH_SIZE);
    kw_port_sha512_add(&state, (const uint8_t *)info, sizeof info);
    kw_port_sha512_add(&state, salt, KW_BODY_SALT_SIZE);
    kw_port_sha512_add(&state, context.at, context.size);
    kw_port_sha512_add(&state, &number, 1);
    kw_port_sha512_end(&state, block);

    hmac_half(&state, key, 0x5c);
    kw_port_sha512_add(&state, block, HASH_SIZE);
    kw_port_sha512_end(&state, block);
}

kw_reason kw_body_begin(kw_body *body, const uint8_t input_key[32], kw_bytes context,
                        const uint8_t head[KW_BODY_HEAD_SIZE])
{
    uint8_t block[HASH_SIZE], commitment[32];
    expand_block(input_key, head, context, 1, block);
    kw_copy(body->key, block, 32);
    kw_copy(body->base_nonce, block + 32, 12);
    kw_copy(commitment, block + 44, 20);
    expand_block(input_key, head, context, 2, block);
    kw_copy(commitment + 20, block, 12);
    bool same = kw_same_secret(commitment, head + KW_BODY_SALT_SIZE, sizeof commitment);
    kw_wipe(block, sizeof block);
    if (!same) {
        kw_body_end(body);
    }
    return same ? KW_OK : KW_BAD_SEAL;
}

kw_reason kw_body_open_chunk(const kw_body *body, uint64_t number, kw_bytes sealed, uint8_t *plain)
{
    if (sealed.size < KW_TAG_SIZE || sealed.size > KW_BODY_SEALED_CHUNK_SIZE || number >= (uint64_t)1 << 38) {
        return KW_BAD_SEAL;
    }
    uint8_t nonce[12];
    kw_copy(nonce, body->base_nonce, sizeof nonce);
    for (size_t i = 0; i < 5; i++) {
        nonce[11 - i] ^= (uint8_t)(number >> (8 * i));
    }
    size_t size = sealed.size - KW_TAG_SIZE;
    uint8_t tag[KW_TAG_SIZE];
    kw_copy(tag, sealed.at + size, sizeof tag);
    if (!kw_port_gcm_open(body->key, nonce, kw_bytes_of(NULL, 0), sealed.at, size, tag, plain)) {
        kw_wipe(plain, size);
        return KW_BAD_SEAL;
    }
    return KW_OK;
}

void kw_body_end(kw_body *body)
{
    kw_wipe(body, sizeof *body);
}

bool kw_body_plain_size(uint64_t sealed_size, uint64_t *plain_size)
{
    if (sealed_size < KW_BODY_HEAD_SIZE + KW_TAG_SIZE) {
        return false;
    }
    uint64_t chunks = (sealed_size - KW_BODY_HEAD_SIZE) / KW_BODY_SEALED_CHUNK_SIZE;
    uint64_t last = (sealed_size - KW_BODY_HEAD_SIZE) % KW_BODY_SEALED_CHUNK_SIZE;
    if (last < KW_TAG_SIZE || chunks >= (uint64_t)1 << 38) {
        return false;
    }
    *plain_size = chunks * KW_BODY_CHUNK_SIZE + last - KW_TAG_SIZE;
    return true;
}
