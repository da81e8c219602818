/*
 * What the library needs of a cryptographic provider, and nothing more. A port implements these functions
 * over OpenSSL, mbed TLS, or the engines of a chip; device-c/port/ has those that exist.
 *
 * What is begun is always ended by the library, also when something was refused in between. Functions without
 * a result cannot fail for any input; a port whose provider is out of order stops the device. Input and
 * output of a function may be the same place, never overlap otherwise. Sizes may be zero, and then the place
 * may be null.
 */
#ifndef KEYWRIGHT_PORT_H
#define KEYWRIGHT_PORT_H

#include "keywright/bytes.h"

#ifndef KW_PORT_STATE_WORDS
#define KW_PORT_STATE_WORDS 37
#endif

/* Room for the state of a hash or a block cipher, or for a pointer to it. */
typedef struct {
    uint64_t words[KW_PORT_STATE_WORDS];
} kw_port_state;

void kw_port_sha256_begin(kw_port_state *state);
void kw_port_sha256_add(kw_port_state *state, const uint8_t *bytes, size_t size);
void kw_port_sha256_end(kw_port_state *state, uint8_t digest[32]);

/* SHA-512 serves Cobblestone-256 alone. */
void kw_port_sha512_begin(kw_port_state *state);
void kw_port_sha512_add(kw_port_state *state, const uint8_t *bytes, size_t size);
void kw_port_sha512_end(kw_port_state *state, uint8_t digest[64]);

/* AES on single blocks; key_size 16, 24 or 32. */
void kw_port_aes_begin(kw_port_state *state, const uint8_t *key, size_t key_size, bool decrypt);
void kw_port_aes_block(kw_port_state *state, const uint8_t in[16], uint8_t out[16]);
void kw_port_aes_end(kw_port_state *state);

/* AES-256-GCM, tag of 16 bytes. open: false when the tag does not verify; then `plain`
 * holds nothing of use. */
bool kw_port_gcm_open(const uint8_t key[32], const uint8_t nonce[12], kw_bytes associated,
                      const uint8_t *sealed, size_t size, const uint8_t tag[16], uint8_t *plain);
void kw_port_gcm_seal(const uint8_t key[32], const uint8_t nonce[12], kw_bytes associated,
                      const uint8_t *plain, size_t size, uint8_t *sealed, uint8_t tag[16]);

/* AES-256-CCM, tag of 16 bytes, no associated data. */
bool kw_port_ccm_open(const uint8_t key[32], const uint8_t *nonce, size_t nonce_size, const uint8_t *sealed,
                      size_t size, const uint8_t tag[16], uint8_t *plain);

/* P-256. Points have 65 bytes and come from outside: whatever they are, the answer is false or right. */
bool kw_port_p256_is_point(const uint8_t point[65]);
bool kw_port_p256_verify(const uint8_t point[65], const uint8_t digest[32], const uint8_t signature[64]);
bool kw_port_p256_ecdh(const uint8_t scalar[32], const uint8_t point[65], uint8_t shared[32]);
bool kw_port_p256_public(const uint8_t scalar[32], uint8_t point[65]);

#endif
