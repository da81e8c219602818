/* One sealed block of a package; not part of the library's surface. */
#ifndef KEYWRIGHT_BLOCK_H
#define KEYWRIGHT_BLOCK_H

#include "keywright/package.h"

/* Opens the next block of the part where it stands; `size` bytes of content come out. */
bool kw_block_open(const kw_part *part, uint8_t *block, size_t size, bool last);

#endif
