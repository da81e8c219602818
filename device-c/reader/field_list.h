/* `fields` of a vector: what comes out, as texts; bytes in hexadecimal, numbers in decimal. */
#ifndef READER_FIELD_LIST_H
#define READER_FIELD_LIST_H

#include "vector.h"

const json *first_field(vector *v);

/* Compare one field; the next one. */
const json *compare_bytes(vector *v, const json *field, const uint8_t *at, size_t size);
const json *compare_text(vector *v, const json *field, kw_bytes got);
const json *compare_number(vector *v, const json *field, uint64_t got);

void no_more(vector *v, const json *field);

#endif
