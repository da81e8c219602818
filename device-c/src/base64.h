/* RFC 4648 §4 with padding, without blanks, unused bits zero. */
#ifndef KEYWRIGHT_BASE64_H
#define KEYWRIGHT_BASE64_H

#include "keywright/bytes.h"

/* Whether the text is base64; *size: how many bytes it stands for. The first `room` of them go to `out`. */
bool kw_base64_read(kw_bytes text, uint8_t *out, size_t room, size_t *size);

#endif
