/* Views into received bytes, comparison and wiping. A view owns nothing and lives as long as what it looks
 * at. */
#ifndef KEYWRIGHT_BYTES_H
#define KEYWRIGHT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KW_DIGEST_SIZE = 32,
    KW_CHIP_ID_SIZE = 17,    /* RFC 9711 UEID of type RAND: 0x01, then 16 random bytes */
    KW_PUBLIC_KEY_SIZE = 65, /* P-256 point 04 || x || y */
    KW_KEY_SIZE = 32,
    KW_SCALAR_SIZE = 32,    /* P-256 private key, big-endian */
    KW_SIGNATURE_SIZE = 64, /* r || s */
    KW_TAG_SIZE = 16,
    KW_NONCE_SIZE = 12
};

typedef struct {
    const uint8_t *at;
    size_t size;
} kw_bytes;

kw_bytes kw_bytes_of(const void *at, size_t size);

/* The bytes of a text that ends with a zero, without it. */
kw_bytes kw_bytes_of_text(const char *text);

/* For public bytes: ends at the first difference. */
bool kw_same(kw_bytes a, kw_bytes b);

/* For secrets, tags and commitments: the time does not depend on where the bytes differ. */
bool kw_same_secret(const void *a, const void *b, size_t size);

void kw_copy(uint8_t *to, const uint8_t *from, size_t size);

/* Overwrites a secret that has served; a compiler cannot drop it. */
void kw_wipe(void *at, size_t size);

void kw_put_uint32(uint8_t *to, uint32_t value); /* big-endian */
uint32_t kw_get_uint32(const uint8_t *from);

#endif
