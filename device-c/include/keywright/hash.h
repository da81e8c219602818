/* SHA-256 and HMAC over the port, AES-CMAC, and the derivations of docs/spec/keys.md and
 * keydownload.md §2. */
#ifndef KEYWRIGHT_HASH_H
#define KEYWRIGHT_HASH_H

#include "keywright/port.h"

void kw_hash(kw_bytes bytes, uint8_t digest[32]);

/* H over head and body, one behind the other. */
void kw_hash_of_two(kw_bytes head, kw_bytes body, uint8_t digest[32]);

bool kw_hash_is(kw_bytes bytes, const uint8_t digest[32]);

typedef struct {
    kw_port_state state;
    uint8_t outer[64];
} kw_hmac;

void kw_hmac_begin(kw_hmac *hmac, kw_bytes key); /* a key of at most 64 bytes, or its hash */
void kw_hmac_add(kw_hmac *hmac, kw_bytes bytes);
void kw_hmac_end(kw_hmac *hmac, uint8_t tag[32]);

/* AES-CMAC (RFC 4493, SP 800-38B); key of 16, 24 or 32 bytes. */
typedef struct {
    kw_port_state aes;
    uint8_t chain[16];
    uint8_t block[16];
    uint8_t used;
} kw_cmac;

void kw_cmac_begin(kw_cmac *cmac, kw_bytes key);
void kw_cmac_add(kw_cmac *cmac, kw_bytes bytes);
void kw_cmac_end(kw_cmac *cmac, uint8_t tag[16]);
void kw_cmac_of(kw_bytes key, kw_bytes bytes, uint8_t tag[16]);

/* KDF(k, name, context) (keys.md §1); context is encoded CBOR. */
void kw_kdf(kw_bytes key, const char *name, kw_bytes context, uint8_t *out, size_t size);

/* KDF(k, name, []), 32 bytes. */
void kw_kdf_plain(const uint8_t key[32], const char *name, uint8_t out[32]);

/* KDF-CMAC (keydownload.md §2.2). */
void kw_kdf_cmac(kw_bytes key, const char *name, kw_bytes context, uint8_t *out, size_t size);

/* HMAC-SHA-256("keywright v1 " || name, parts) (keys.md §2); parts is an encoded CBOR array. */
void kw_extract(const char *name, kw_bytes parts, uint8_t out[32]);

/* AN10922 (keydownload.md §2.1): T_SN of T and M, as long as T. False when T or M has no allowed size. */
bool kw_an10922(kw_bytes master, kw_bytes input, uint8_t out[32]);

#endif
