/* Shared by E0 and EN; not part of the library's surface. */
#ifndef KEYWRIGHT_SEALED_H
#define KEYWRIGHT_SEALED_H

#include "keywright/cose.h"

enum { KW_A256GCM = 3, KW_HPKE_7_KE = 53 };

/* An algorithm: 0 for any negative one, none of which encrypts here. */
uint64_t kw_cbor_algorithm(kw_cbor *cbor);

/* Protected header, empty map and ciphertext of at most `most` bytes of content; then what the header says.
 */
void kw_sealed_read(kw_cbor *cbor, size_t most, kw_sealed *sealed);
kw_reason kw_sealed_read_header(kw_sealed *sealed);

kw_reason kw_sealed_open(const kw_sealed *sealed, const char *context, const uint8_t key[32],
                         kw_bytes external_aad, uint8_t *plain);

#endif
