#include "gcm.h"

#include "keywright/port.h"

/* x = (x ^ block) * h in GF(2^128) (SP 800-38D §6.3). */
static void ghash_block(uint8_t x[16], const uint8_t h[16], kw_bytes part)
{
    uint8_t z[16] = {0}, v[16];
    for (size_t i = 0; i < 16; i++) {
        x[i] ^= i < part.size ? part.at[i] : 0;
        v[i] = h[i];
    }
    for (size_t bit = 0; bit < 128; bit++) {
        uint8_t carry = v[15] & 1;
        for (size_t i = 0; i < 16; i++) {
            z[i] ^= (x[bit / 8] >> (7 - bit % 8) & 1) != 0 ? v[i] : 0;
        }
        for (size_t i = 15; i > 0; i--) {
            v[i] = (uint8_t)(v[i] >> 1 | v[i - 1] << 7);
        }
        v[0] = (uint8_t)(v[0] >> 1 ^ (carry != 0 ? 0xe1 : 0));
    }
    kw_copy(x, z, 16);
}

static void ghash(uint8_t x[16], const uint8_t h[16], kw_bytes bytes)
{
    for (size_t at = 0; at < bytes.size; at += 16) {
        size_t left = bytes.size - at;
        ghash_block(x, h, kw_bytes_of(bytes.at + at, left < 16 ? left : 16));
    }
}

void gcm_seal(kw_bytes key, const uint8_t nonce[12], kw_bytes associated, kw_bytes plain, uint8_t *sealed,
              uint8_t tag[16])
{
    uint8_t h[16] = {0}, counter[16], stream[16], x[16] = {0}, lengths[16] = {0};
    kw_port_state aes;
    kw_port_aes_begin(&aes, key.at, key.size, false);
    kw_port_aes_block(&aes, h, h);
    kw_copy(counter, nonce, 12);
    for (size_t at = 0; at < plain.size; at++) {
        if (at % 16 == 0) {
            kw_put_uint32(counter + 12, (uint32_t)(at / 16 + 2));
            kw_port_aes_block(&aes, counter, stream);
        }
        sealed[at] = plain.at[at] ^ stream[at % 16];
    }
    ghash(x, h, associated);
    ghash(x, h, kw_bytes_of(sealed, plain.size));
    kw_put_uint32(lengths + 4, (uint32_t)(associated.size * 8));
    kw_put_uint32(lengths + 12, (uint32_t)(plain.size * 8));
    ghash_block(x, h, kw_bytes_of(lengths, 16));
    kw_put_uint32(counter + 12, 1);
    kw_port_aes_block(&aes, counter, stream);
    kw_port_aes_end(&aes);
    for (size_t i = 0; i < 16; i++) {
        tag[i] = x[i] ^ stream[i];
    }
}
