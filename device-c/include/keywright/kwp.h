/* AES Key Wrap with Padding (RFC 5649). */
#ifndef KEYWRIGHT_KWP_H
#define KEYWRIGHT_KWP_H

#include "keywright/bytes.h"

/* `out` has `room` bytes, at least wrapped.size - 8. False, and nothing comes out: another
 * key, or changed. */
bool kw_kwp_unwrap(kw_bytes key, kw_bytes wrapped, uint8_t *out, size_t room, size_t *size);

#endif
