#include "field_list.h"

const json *next_field(const json *field)
{
    return field == NULL ? NULL : field->next;
}

const json *compare_bytes(vector *v, const json *field, const uint8_t *at, size_t size)
{
    is_bytes(v, field, kw_bytes_of(at, size));
    return next_field(field);
}

const json *compare_text(vector *v, const json *field, kw_bytes got)
{
    is_text(v, field, got);
    return next_field(field);
}

const json *compare_number(vector *v, const json *field, uint64_t got)
{
    is_number(v, field, got);
    return next_field(field);
}

const json *compare_null(vector *v, const json *field)
{
    if (field == NULL || field->type != JSON_NULL) {
        fault(v, "a field did not come out", "");
    }
    return next_field(field);
}

const json *first_within(vector *v, const json *field)
{
    if (field == NULL || field->type != JSON_LIST) {
        fault(v, "a list came out", "");
        return NULL;
    }
    return field->first;
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
