#include "keywright/hash.h"

#include <string.h>

static const char prefix[] = "keywright v1 ";
static const char empty_array[1] = {(char)0x80};

/* What stands behind the counter: prefix || name || 0x00 || context || [L]. */
typedef struct {
    kw_bytes parts[4];
    uint8_t bits[4];
} kdf_input;

static kdf_input input_of(const char *name, kw_bytes context, size_t size)
{
    kdf_input input;
    input.parts[0] = kw_bytes_of(prefix, sizeof prefix - 1);
    input.parts[1] = kw_bytes_of(name, strlen(name) + 1);
    input.parts[2] = context;
    input.parts[3] = kw_bytes_of(NULL, 4);
    kw_put_uint32(input.bits, (uint32_t)(size * 8));
    return input;
}

static void kdf_block(kw_bytes key, kdf_input *input, uint32_t number, bool with_cmac, uint8_t block[32])
{
    union {
        kw_hmac hmac;
        kw_cmac cmac;
    } prf;
    uint8_t counter[4];
    kw_put_uint32(counter, number);
    input->parts[3].at = input->bits;
    if (with_cmac) {
        kw_cmac_begin(&prf.cmac, key);
        kw_cmac_add(&prf.cmac, kw_bytes_of(counter, 4));
    } else {
        kw_hmac_begin(&prf.hmac, key);
        kw_hmac_add(&prf.hmac, kw_bytes_of(counter, 4));
    }
    for (size_t i = 0; i < 4; i++) {
        if (with_cmac) {
            kw_cmac_add(&prf.cmac, input->parts[i]);
        } else {
            kw_hmac_add(&prf.hmac, input->parts[i]);
        }
    }
    if (with_cmac) {
        kw_cmac_end(&prf.cmac, block);
    } else {
        kw_hmac_end(&prf.hmac, block);
    }
}

static void kdf(kw_bytes key, const char *name, kw_bytes context, bool with_cmac, uint8_t *out, size_t size)
{
    kdf_input input = input_of(name, context, size);
    uint8_t block[32];
    size_t block_size = with_cmac ? 16 : 32;
    uint32_t number = 0;
    while (size > 0) {
        size_t part = size < block_size ? size : block_size;
        kdf_block(key, &input, ++number, with_cmac, block);
        kw_copy(out, block, part);
        out += part;
        size -= part;
    }
    kw_wipe(block, sizeof block);
}

void kw_kdf(kw_bytes key, const char *name, kw_bytes context, uint8_t *out, size_t size)
{
    kdf(key, name, context, false, out, size);
}

void kw_kdf_plain(const uint8_t key[32], const char *name, uint8_t out[32])
{
    kdf(kw_bytes_of(key, 32), name, kw_bytes_of(empty_array, 1), false, out, 32);
}

void kw_kdf_cmac(kw_bytes key, const char *name, kw_bytes context, uint8_t *out, size_t size)
{
    kdf(key, name, context, true, out, size);
}

void kw_extract(const char *name, kw_bytes parts, uint8_t out[32])
{
    uint8_t salt[sizeof prefix - 1 + 64]; /* a name has at most 64 bytes */
    size_t name_size = strlen(name);
    size_t fits = sizeof salt - (sizeof prefix - 1);
    kw_copy(salt, (const uint8_t *)prefix, sizeof prefix - 1);
    kw_copy(salt + sizeof prefix - 1, (const uint8_t *)name, name_size < fits ? name_size : fits);

    kw_hmac hmac;
    kw_hmac_begin(&hmac, kw_bytes_of(salt, sizeof prefix - 1 + (name_size < fits ? name_size : fits)));
    kw_hmac_add(&hmac, parts);
    kw_hmac_end(&hmac, out);
}
