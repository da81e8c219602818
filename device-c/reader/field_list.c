#include "field_list.h"

#include <stdio.h>

const json *compare_bytes(vector *v, const json *field, const uint8_t *at, size_t size)
{
    is_bytes(v, field, kw_bytes_of(at, size));
    return field == NULL ? NULL : field->next;
}

const json *compare_text(vector *v, const json *field, kw_bytes got)
{
    is_text(v, field, got);
    return field == NULL ? NULL : field->next;
}

const json *compare_number(vector *v, const json *field, uint64_t got)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)got);
    return compare_text(v, field, kw_bytes_of_text(text));
}

const json *first_field(vector *v)
{
    const json *list = fields(v, "fields");
    return list == NULL ? NULL : list->first;
}

void no_more(vector *v, const json *field)
{
    if (field != NULL) {
        fault(v, "more fields than came out", "");
    }
}
