#include "hpke.h"

#include "keywright/hash.h"

static const uint8_t kem_suite[5] = {'K', 'E', 'M', 0x00, 0x10};
static const uint8_t suite[10] = {'H', 'P', 'K', 'E', 0x00, 0x10, 0x00, 0x01, 0x00, 0x02};

static kw_bytes suite_id(bool kem)
{
    return kem ? kw_bytes_of(kem_suite, sizeof kem_suite) : kw_bytes_of(suite, sizeof suite);
}

/* LabeledExtract(salt, label, ikm) */
static void extract(bool kem, kw_bytes salt, const char *label, kw_bytes ikm, uint8_t prk[32])
{
    kw_hmac hmac;
    kw_hmac_begin(&hmac, salt);
    kw_hmac_add(&hmac, kw_bytes_of_text("HPKE-v1"));
    kw_hmac_add(&hmac, suite_id(kem));
    kw_hmac_add(&hmac, kw_bytes_of_text(label));
    kw_hmac_add(&hmac, ikm);
    kw_hmac_end(&hmac, prk);
}

/* LabeledExpand(prk, label, first || second, size), at most one block of HMAC. */
static void expand(bool kem, const uint8_t prk[32], const char *label, kw_bytes first, kw_bytes second,
                   uint8_t *out, uint8_t size)
{
    static const uint8_t one = 1;
    uint8_t length[2] = {0, size};
    uint8_t block[32];
    kw_hmac hmac;
    kw_hmac_begin(&hmac, kw_bytes_of(prk, 32));
    kw_hmac_add(&hmac, kw_bytes_of(length, sizeof length));
    kw_hmac_add(&hmac, kw_bytes_of_text("HPKE-v1"));
    kw_hmac_add(&hmac, suite_id(kem));
    kw_hmac_add(&hmac, kw_bytes_of_text(label));
    kw_hmac_add(&hmac, first);
    kw_hmac_add(&hmac, second);
    kw_hmac_add(&hmac, kw_bytes_of(&one, 1));
    kw_hmac_end(&hmac, block);
    kw_copy(out, block, size);
    kw_wipe(block, sizeof block);
}

static bool decapsulate(const kw_hpke_key *key, const uint8_t encapsulated[65], uint8_t shared[32])
{
    uint8_t dh[32];
    uint8_t prk[32];
    if (!kw_port_p256_ecdh(key->scalar, encapsulated, dh)) {
        return false;
    }
    extract(true, kw_bytes_of(NULL, 0), "eae_prk", kw_bytes_of(dh, sizeof dh), prk);
    expand(true, prk, "shared_secret", kw_bytes_of(encapsulated, 65), kw_bytes_of(key->point, 65), shared,
           32);
    kw_wipe(dh, sizeof dh);
    kw_wipe(prk, sizeof prk);
    return true;
}

bool kw_hpke_open(const kw_hpke_key *key, const uint8_t encapsulated[65], kw_bytes info,
                  const uint8_t *sealed, size_t size, uint8_t *plain)
{
    uint8_t shared[32];
    if (!decapsulate(key, encapsulated, shared)) {
        return false;
    }

    kw_bytes none = kw_bytes_of(NULL, 0);
    uint8_t context[65] = {0}; /* mode base || psk_id_hash || info_hash */
    extract(false, none, "psk_id_hash", none, context + 1);
    extract(false, none, "info_hash", info, context + 33);

    uint8_t secret[32], content_key[32], nonce[12];
    kw_bytes schedule = kw_bytes_of(context, sizeof context);
    extract(false, kw_bytes_of(shared, sizeof shared), "secret", none, secret);
    expand(false, secret, "key", schedule, none, content_key, 32);
    expand(false, secret, "base_nonce", schedule, none, nonce, 12);
    bool opened = kw_port_gcm_open(content_key, nonce, none, sealed, size, sealed + size, plain);
    kw_wipe(shared, sizeof shared);
    kw_wipe(secret, sizeof secret);
    kw_wipe(content_key, sizeof content_key);
    kw_wipe(nonce, sizeof nonce);
    return opened;
}
