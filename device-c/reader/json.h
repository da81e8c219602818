/* A reader of JSON as the vectors use it (integers only), over static memory. Every member of an object is
   kept, in its order, so that whoever must refuse unknown or repeated ones sees them. */
#ifndef READER_JSON_H
#define READER_JSON_H

#include "keywright/bytes.h"

typedef enum { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJECT } json_type;

typedef struct json {
    json_type type;
    kw_bytes name; /* of a member */
    kw_bytes text;
    uint64_t number;          /* also a bool */
    const struct json *first; /* of a list or an object */
    const struct json *next;
} json;

/* Null when the text is no JSON value, or there is no room. Texts are unescaped where they stand. What was
 * read stays. */
const json *json_read(uint8_t *at, size_t size);

/* Forgets everything that was read. */
void json_reset(void);

/* Null when there is no such member, or this is no object. */
const json *json_member(const json *object, const char *name);

size_t json_count(const json *list);
bool json_is_text(const json *value, const char *text);

#endif
