/* vectors/primitives: values that are published with the standards. */
#include "../src/hpke.h"
#include "gcm.h"
#include "keywright/hash.h"
#include "keywright/keydownload.h"
#include "keywright/kwp.h"
#include "vector.h"

static bool is_aes_key(kw_bytes key)
{
    return key.size == 16 || key.size == 24 || key.size == 32;
}

static kw_reason cmac(vector *v)
{
    uint8_t tag[16];
    kw_bytes key = bytes_at(v, "key");
    if (!is_aes_key(key)) {
        return KW_MALFORMED;
    }
    kw_cmac_of(key, bytes_at(v, "message"), tag);
    same_bytes(v, fields(v, "expect"), "tag", kw_bytes_of(tag, sizeof tag));
    return KW_OK;
}

/* What was wrapped comes out again. */
static kw_reason kwp(vector *v)
{
    kw_bytes key = bytes_at(v, "key"), wrapped = bytes_of(v, json_member(fields(v, "expect"), "wrapped"));
    uint8_t *plain = scratch(wrapped.size);
    size_t size = 0;
    if (!is_aes_key(key) || !kw_kwp_unwrap(key, wrapped, plain, wrapped.size, &size)) {
        fault(v, "it does not unwrap", "");
        return KW_OK;
    }
    same_bytes(v, v->root, "plaintext", kw_bytes_of(plain, size));
    return KW_OK;
}

static kw_reason hkdf(vector *v)
{
    uint8_t prk[32], block[32] = {0};
    size_t size = (size_t)number_at(v, "size"), done = 0;
    kw_bytes info = bytes_at(v, "info");
    uint8_t *okm = scratch(size < 8160 ? size : 8160);
    kw_hmac hmac;
    kw_hmac_begin(&hmac, bytes_at(v, "salt"));
    kw_hmac_add(&hmac, bytes_at(v, "ikm"));
    kw_hmac_end(&hmac, prk);
    for (uint8_t i = 1; done < size && done < 8160; i++) {
        size_t part = size - done < 32 ? size - done : 32;
        kw_hmac_begin(&hmac, kw_bytes_of(prk, sizeof prk));
        kw_hmac_add(&hmac, kw_bytes_of(block, i == 1 ? 0 : sizeof block));
        kw_hmac_add(&hmac, info);
        kw_hmac_add(&hmac, kw_bytes_of(&i, 1));
        kw_hmac_end(&hmac, block);
        kw_copy(okm + done, block, part);
        done += part;
    }
    same_bytes(v, fields(v, "expect"), "prk", kw_bytes_of(prk, sizeof prk));
    same_bytes(v, fields(v, "expect"), "okm", kw_bytes_of(okm, done));
    return KW_OK;
}

/* PRF(key, [i] || fixed input), i = 1, 2, ... */
static kw_reason kdf_counter(vector *v)
{
    const json *expected = json_member(fields(v, "expect"), "derived"), *prf = json_member(v->root, "prf");
    kw_bytes key = bytes_at(v, "key"), input = bytes_at(v, "fixedInput");
    bool with_cmac = json_is_text(prf, "aes-cmac");
    size_t size = expected == NULL ? 0 : expected->text.size / 2, block_size = with_cmac ? 16 : 32;
    uint8_t *derived = scratch(size + block_size), counter[4];
    if ((with_cmac && !is_aes_key(key)) || (!with_cmac && !json_is_text(prf, "hmac-sha256"))) {
        return KW_MALFORMED;
    }
    for (size_t done = 0; done < size; done += block_size) {
        kw_put_uint32(counter, (uint32_t)(done / block_size + 1));
        if (with_cmac) {
            kw_cmac state;
            kw_cmac_begin(&state, key);
            kw_cmac_add(&state, kw_bytes_of(counter, sizeof counter));
            kw_cmac_add(&state, input);
            kw_cmac_end(&state, derived + done);
        } else {
            kw_hmac state;
            kw_hmac_begin(&state, key);
            kw_hmac_add(&state, kw_bytes_of(counter, sizeof counter));
            kw_hmac_add(&state, input);
            kw_hmac_end(&state, derived + done);
        }
    }
    is_bytes(v, expected, kw_bytes_of(derived, size));
    return KW_OK;
}

/* DeriveKeyPair (RFC 9180 §7.1.3); the first candidate is good but for a chance of 2^-32. */
static void derive_key_pair(kw_bytes ikm, uint8_t scalar[32], uint8_t point[65])
{
    static const uint8_t zero = 0;
    uint8_t prk[32];
    kw_bytes suite = kw_bytes_of(kw_hpke_kem_suite, sizeof kw_hpke_kem_suite), none = {NULL, 0};
    kw_hpke_extract(suite, none, "dkp_prk", ikm, prk);
    kw_hpke_expand(suite, prk, "candidate", kw_bytes_of(&zero, 1), none, scalar, 32);
    kw_port_p256_public(scalar, point);
}

static kw_reason hpke(vector *v)
{
    uint8_t scalar[32], point[65], ephemeral[32], encapsulated[65], shared[32], key[32], nonce[12];
    kw_hpke_key recipient = {scalar, point};
    const json *expect = fields(v, "expect"), *aead = json_member(v->root, "aead");
    kw_bytes plain = bytes_at(v, "plaintext");
    uint8_t *sealed = scratch(plain.size + KW_TAG_SIZE);
    bool wide = json_is_text(aead, "aes-256-gcm");
    if (!wide && !json_is_text(aead, "aes-128-gcm")) {
        fault(v, "no such AEAD", "");
    }
    derive_key_pair(bytes_at(v, "ikmR"), scalar, point);
    derive_key_pair(bytes_at(v, "ikmE"), ephemeral, encapsulated);
    if (!kw_hpke_decapsulate(&recipient, encapsulated, shared)) {
        fault(v, "no shared secret", "");
        return KW_OK;
    }
    kw_hpke_schedule(shared, wide ? 2 : 1, bytes_at(v, "info"), key, wide ? 32 : 16, nonce);
    kw_bytes content_key = kw_bytes_of(key, wide ? 32 : 16);
    gcm_seal(content_key, nonce, bytes_at(v, "aad"), plain, sealed, sealed + plain.size);
    same_bytes(v, expect, "skR", kw_bytes_of(scalar, sizeof scalar));
    same_bytes(v, expect, "pkR", kw_bytes_of(point, sizeof point));
    same_bytes(v, expect, "encapsulated", kw_bytes_of(encapsulated, sizeof encapsulated));
    same_bytes(v, expect, "sharedSecret", kw_bytes_of(shared, sizeof shared));
    same_bytes(v, expect, "key", content_key);
    same_bytes(v, expect, "nonce", kw_bytes_of(nonce, sizeof nonce));
    same_bytes(v, expect, "ciphertext", kw_bytes_of(sealed, plain.size + KW_TAG_SIZE));
    return KW_OK;
}

static kw_reason an10922(vector *v)
{
    uint8_t key[32];
    kw_bytes master = bytes_at(v, "key");
    if (!kw_an10922(master, bytes_at(v, "input"), key)) {
        fault(v, "no key came out", "");
        return KW_OK;
    }
    same_bytes(v, fields(v, "expect"), "diversified", kw_bytes_of(key, master.size));
    return KW_OK;
}

static void compare_key_block(vector *v, const kw_key_block *block, kw_bytes key)
{
    static const uint8_t aes = 'A';
    const json *expect = fields(v, "expect"), *blocks = json_member(expect, "blocks");
    same_bytes(v, expect, "key", key);
    same_text(v, expect, "usage", block->usage);
    same_text(v, expect, "algorithm", kw_bytes_of(&aes, 1));
    same_text(v, expect, "mode", kw_bytes_of(&block->mode, 1));
    same_text(v, expect, "keyVersion", block->version);
    same_text(v, expect, "exportability", kw_bytes_of(&block->exportability, 1));
    same_count(v, blocks, block->optional_count);
    size_t i = 0;
    for (const json *each = v->fault[0] != 0 ? NULL : blocks->first; each != NULL; each = each->next) {
        kw_bytes id, data;
        kw_key_block_optional(block, i++, &id, &data);
        is_text(v, each->first, id);
        is_text(v, each->first == NULL ? NULL : each->first->next, data);
    }
}

static kw_reason x9143(vector *v)
{
    uint8_t key[32];
    size_t size;
    kw_key_block block;
    kw_bytes protection_key = bytes_at(v, "kbpk");
    if (!is_aes_key(protection_key)) {
        return KW_MALFORMED;
    }
    kw_reason reason = kw_key_block_read(mutated(text_at(v, "keyBlock")), &block);
    reason = reason == KW_OK ? kw_key_block_open(&block, protection_key, key, &size) : reason;
    if (reason == KW_OK) {
        compare_key_block(v, &block, kw_bytes_of(key, size));
    }
    return reason;
}

kw_reason read_primitives(vector *v)
{
    static const struct {
        const char *kind;
        vector_reader *read;
    } kinds[] = {
        {"aes-cmac", cmac}, {"aes-kwp", kwp},     {"hkdf-sha256", hkdf}, {"kdf-counter", kdf_counter},
        {"hpke", hpke},     {"an10922", an10922}, {"x9143", x9143}};
    const json *kind = json_member(v->root, "kind");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (json_is_text(kind, kinds[i].kind)) {
            return kinds[i].read(v);
        }
    }
    fault(v, "no reader for this kind", "");
    return KW_OK;
}
