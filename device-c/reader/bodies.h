/* Whole bodies in memory. */
#ifndef READER_BODIES_H
#define READER_BODIES_H

#include "keywright/body.h"

/* All chunks one after the other, into scratch memory. bad-seal, too-large when there is no room. */
kw_reason open_body(const kw_body *body, kw_bytes sealed, kw_bytes *plain);

#endif
