#include "hpke.h"

#include "keywright/hash.h"

const uint8_t kw_hpke_kem_suite[5] = {'K', 'E', 'M', 0x00, 0x10};

static kw_bytes kem_suite(void)
{
    return kw_bytes_of(kw_hpke_kem_suite, sizeof kw_hpke_kem_suite);
}

void kw_hpke_extract(kw_bytes suite_id, kw_bytes salt, const char *label, kw_bytes ikm, uint8_t prk[32])
{
    kw_hmac hmac;
    kw_hmac_begin(&hmac, salt);
    kw_hmac_add(&hmac, kw_bytes_of_text("HPKE-v1"));
    kw_hmac_add(&hmac, suite_id);
    kw_hmac_add(&hmac, kw_bytes_of_text(label));
    kw_hmac_add(&hmac, ikm);
    kw_hmac_end(&hmac, prk);
}

/* The info is `first || second`; what comes out is at most one block of HMAC. */
void kw_hpke_expand(kw_bytes suite_id, const uint8_t prk[32], const char *label, kw_bytes first,
                    kw_bytes second, uint8_t *out, uint8_t size)
{
    static const uint8_t one = 1;
    uint8_t length[2] = {0, size};
    uint8_t block[32];
    kw_hmac hmac;
    kw_hmac_begin(&hmac, kw_bytes_of(prk, 32));
    kw_hmac_add(&hmac, kw_bytes_of(length, sizeof length));
    kw_hmac_add(&hmac, kw_bytes_of_text("HPKE-v1"));
    kw_hmac_add(&hmac, suite_id);
    kw_hmac_add(&hmac, kw_bytes_of_text(label));
    kw_hmac_add(&hmac, first);
    kw_hmac_add(&hmac, second);
    kw_hmac_add(&hmac, kw_bytes_of(&one, 1));
    kw_hmac_end(&hmac, block);
    kw_copy(out, block, size);
    kw_wipe(block, sizeof block);
}

bool kw_hpke_decapsulate(const kw_hpke_key *key, const uint8_t encapsulated[65], uint8_t shared[32])
{
    uint8_t dh[32];
    uint8_t prk[32];
    if (!kw_port_p256_ecdh(key->scalar, encapsulated, dh)) {
        return false;
    }
    kw_hpke_extract(kem_suite(), kw_bytes_of(NULL, 0), "eae_prk", kw_bytes_of(dh, sizeof dh), prk);
    kw_hpke_expand(kem_suite(), prk, "shared_secret", kw_bytes_of(encapsulated, 65),
                   kw_bytes_of(key->point, 65), shared, 32);
    kw_wipe(dh, sizeof dh);
    kw_wipe(prk, sizeof prk);
    return true;
}

void kw_hpke_schedule(const uint8_t shared[32], uint8_t aead, kw_bytes info, uint8_t *content_key,
                      uint8_t key_size, uint8_t nonce[12])
{
    const uint8_t suite[10] = {'H', 'P', 'K', 'E', 0x00, 0x10, 0x00, 0x01, 0x00, aead};
    kw_bytes suite_id = kw_bytes_of(suite, sizeof suite), none = kw_bytes_of(NULL, 0);
    uint8_t context[65] = {0}; /* mode base || psk_id_hash || info_hash */
    uint8_t secret[32];
    kw_hpke_extract(suite_id, none, "psk_id_hash", none, context + 1);
    kw_hpke_extract(suite_id, none, "info_hash", info, context + 33);
    kw_hpke_extract(suite_id, kw_bytes_of(shared, 32), "secret", none, secret);

    kw_bytes schedule = kw_bytes_of(context, sizeof context);
    kw_hpke_expand(suite_id, secret, "key", schedule, none, content_key, key_size);
    kw_hpke_expand(suite_id, secret, "base_nonce", schedule, none, nonce, 12);
    kw_wipe(secret, sizeof secret);
}

bool kw_hpke_open(const kw_hpke_key *key, const uint8_t encapsulated[65], kw_bytes info,
                  const uint8_t *sealed, size_t size, uint8_t *plain)
{
    enum { AES_256_GCM = 2 };
    uint8_t shared[32], content_key[32], nonce[12];
    if (!kw_hpke_decapsulate(key, encapsulated, shared)) {
        return false;
    }
    kw_hpke_schedule(shared, AES_256_GCM, info, content_key, sizeof content_key, nonce);
    bool opened = kw_port_gcm_open(content_key, nonce, kw_bytes_of(NULL, 0), sealed, size, sealed + size,
                                   plain);
    kw_wipe(shared, sizeof shared);
    kw_wipe(content_key, sizeof content_key);
    kw_wipe(nonce, sizeof nonce);
    return opened;
}
