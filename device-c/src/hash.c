#include "keywright/hash.h"

void kw_hash(kw_bytes bytes, uint8_t digest[32])
{
    kw_hash_of_two(bytes, kw_bytes_of(NULL, 0), digest);
}

void kw_hash_of_two(kw_bytes head, kw_bytes body, uint8_t digest[32])
{
    kw_port_state state;
    kw_port_sha256_begin(&state);
    kw_port_sha256_add(&state, head.at, head.size);
    kw_port_sha256_add(&state, body.at, body.size);
    kw_port_sha256_end(&state, digest);
}

bool kw_hash_is(kw_bytes bytes, const uint8_t digest[32])
{
    uint8_t own[32];
    kw_hash(bytes, own);
    return kw_same_secret(own, digest, sizeof own);
}

void kw_hmac_begin(kw_hmac *hmac, kw_bytes key)
{
    uint8_t inner[64] = {0};
    if (key.size > sizeof inner) {
        kw_hash(key, inner);
    } else {
        kw_copy(inner, key.at, key.size);
    }
    for (size_t i = 0; i < sizeof inner; i++) {
        hmac->outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    kw_port_sha256_begin(&hmac->state);
    kw_port_sha256_add(&hmac->state, inner, sizeof inner);
    kw_wipe(inner, sizeof inner);
}

void kw_hmac_add(kw_hmac *hmac, kw_bytes bytes)
{
    kw_port_sha256_add(&hmac->state, bytes.at, bytes.size);
}

void kw_hmac_end(kw_hmac *hmac, uint8_t tag[32])
{
    uint8_t inner[32];
    kw_port_sha256_end(&hmac->state, inner);
    kw_hash_of_two(kw_bytes_of(hmac->outer, sizeof hmac->outer), kw_bytes_of(inner, sizeof inner), tag);
    kw_wipe(inner, sizeof inner);
    kw_wipe(hmac, sizeof *hmac);
}
