/* Lines of the texts of docs/spec/log.md, in place. */
#ifndef KEYWRIGHT_TEXT_H
#define KEYWRIGHT_TEXT_H

#include "keywright/bytes.h"

/* The next line without its LF; false when no whole line is left. */
bool kw_text_line(kw_bytes *text, kw_bytes *line);

/* Takes what `start` says off the front. */
bool kw_text_starts(kw_bytes *text, const char *start);

/* Everything before the first such character; `text` then stands behind it. False when there is none. */
bool kw_text_until(kw_bytes *text, uint8_t end, kw_bytes *part);

/* A decimal without leading zeros, at most 2^63 - 1. */
bool kw_text_number(kw_bytes digits, uint64_t *value);

#endif
