/* `fields` of a vector: what a message says, in the order of its keys; bytes in hexadecimal, null what is not
 * there, and a list for each list or map in it. */
#ifndef READER_FIELD_LIST_H
#define READER_FIELD_LIST_H

#include "vector.h"

const json *first_field(vector *v);

/* Compare one field; the next one. */
const json *compare_bytes(vector *v, const json *field, const uint8_t *at, size_t size);
const json *compare_text(vector *v, const json *field, kw_bytes got);
const json *compare_number(vector *v, const json *field, uint64_t got);
const json *compare_null(vector *v, const json *field);

/* The first of the fields that stand within this one; compare those, then say no_more. */
const json *first_within(vector *v, const json *field);
const json *next_field(const json *field);

void no_more(vector *v, const json *field);

#endif
