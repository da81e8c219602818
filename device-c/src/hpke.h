/* HPKE base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (RFC 9180), opening
 * one short message. */
#ifndef KEYWRIGHT_HPKE_H
#define KEYWRIGHT_HPKE_H

#include "keywright/cose.h"

/* sealed: `size` bytes of ciphertext, then 16 of tag; aad is empty. False: another key, or changed. */
bool kw_hpke_open(const kw_hpke_key *key, const uint8_t encapsulated[65], kw_bytes info,
                  const uint8_t *sealed, size_t size, uint8_t *plain);

/* LabeledExtract and LabeledExpand (RFC 9180 §4), with the suite ID of the KEM or of HPKE. */
void kw_hpke_extract(kw_bytes suite_id, kw_bytes salt, const char *label, kw_bytes ikm, uint8_t prk[32]);
void kw_hpke_expand(kw_bytes suite_id, const uint8_t prk[32], const char *label, kw_bytes first,
                    kw_bytes second, uint8_t *out, uint8_t size);

extern const uint8_t kw_hpke_kem_suite[5];

/* Decap (§4.1), and key and nonce of a suite with this AEAD (§5.1). */
bool kw_hpke_decapsulate(const kw_hpke_key *key, const uint8_t encapsulated[65], uint8_t shared[32]);
void kw_hpke_schedule(const uint8_t shared[32], uint8_t aead, kw_bytes info, uint8_t *content_key,
                      uint8_t key_size, uint8_t nonce[12]);

#endif
