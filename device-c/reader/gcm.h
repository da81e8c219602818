/* AES-GCM on single blocks, any key size: for published values that the port's GCM does not cover. Slow. */
#ifndef READER_GCM_H
#define READER_GCM_H

#include "keywright/bytes.h"

/* Encrypts, and makes the tag. */
void gcm_seal(kw_bytes key, const uint8_t nonce[12], kw_bytes associated, kw_bytes plain, uint8_t *sealed,
              uint8_t tag[16]);

#endif
