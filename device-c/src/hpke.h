/* HPKE base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (RFC 9180), opening
 * one short message. */
#ifndef KEYWRIGHT_HPKE_H
#define KEYWRIGHT_HPKE_H

#include "keywright/cose.h"

/* sealed: `size` bytes of ciphertext, then 16 of tag; aad is empty. False: another key, or changed. */
bool kw_hpke_open(const kw_hpke_key *key, const uint8_t encapsulated[65], kw_bytes info,
                  const uint8_t *sealed, size_t size, uint8_t *plain);

#endif
