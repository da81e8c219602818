#include "vector.h"

#include <stdio.h>
#include <string.h>

static const uint8_t nothing[128];

void fault(vector *v, const char *what, const char *name)
{
    if (v->fault[0] == 0) {
        snprintf(v->fault, sizeof v->fault, "%s%s%s", what, name[0] == 0 ? "" : ": ", name);
    }
}

static int digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static kw_bytes from_hex(vector *v, kw_bytes text)
{
    uint8_t *to = scratch(text.size / 2);
    if (to == NULL || text.size % 2 != 0) {
        fault(v, "not hexadecimal, or too long", "");
        return kw_bytes_of(nothing, 0);
    }
    for (size_t i = 0; i < text.size / 2; i++) {
        int high = digit(text.at[2 * i]), low = digit(text.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            fault(v, "not hexadecimal", "");
            return kw_bytes_of(nothing, 0);
        }
        to[i] = (uint8_t)(high << 4 | low);
    }
    return kw_bytes_of(to, text.size / 2);
}

kw_bytes bytes_of(vector *v, const json *value)
{
    if (value == NULL || value->type != JSON_TEXT) {
        fault(v, "no bytes where bytes should be", "");
        return kw_bytes_of(nothing, 0);
    }
    return mutated(from_hex(v, value->text));
}

static const json *member(vector *v, const char *name, json_type type)
{
    const json *value = json_member(v->root, name);
    if (value == NULL || value->type != type) {
        fault(v, "no such field", name);
        return NULL;
    }
    return value;
}

kw_bytes bytes_at(vector *v, const char *name)
{
    const json *value = member(v, name, JSON_TEXT);
    return value == NULL ? kw_bytes_of(nothing, 0) : flipped(name, bytes_of(v, value));
}

kw_bytes text_at(vector *v, const char *name)
{
    const json *value = member(v, name, JSON_TEXT);
    return value == NULL ? kw_bytes_of(nothing, 0) : value->text;
}

uint64_t number_at(vector *v, const char *name)
{
    const json *value = member(v, name, JSON_NUMBER);
    return value == NULL ? 0 : value->number;
}

const uint8_t *fixed_of(vector *v, const json *value, size_t size)
{
    if (value == NULL || value->type != JSON_TEXT) {
        fault(v, "no bytes where bytes should be", "");
        return nothing;
    }
    kw_bytes bytes = from_hex(v, value->text);
    if (bytes.size != size) {
        fault(v, "not as many bytes as there should be", "");
        return nothing;
    }
    return bytes.at;
}

const uint8_t *fixed_at(vector *v, const char *name, size_t size)
{
    return fixed_of(v, member(v, name, JSON_TEXT), size);
}

const json *fields(vector *v, const char *name)
{
    const json *value = json_member(v->root, name);
    if (value == NULL || (value->type != JSON_OBJECT && value->type != JSON_LIST)) {
        fault(v, "nothing to compare with", name);
    }
    return value;
}

void is_bytes(vector *v, const json *expected, kw_bytes got)
{
    if (expected == NULL || expected->type != JSON_TEXT || !kw_same(from_hex(v, expected->text), got)) {
        fault(v, "other bytes came out", "");
    }
}

void is_text(vector *v, const json *expected, kw_bytes got)
{
    if (expected == NULL || expected->type != JSON_TEXT || !kw_same(expected->text, got)) {
        fault(v, "another text came out", "");
    }
}

void is_number(vector *v, const json *expected, uint64_t got)
{
    if (expected == NULL || (expected->type != JSON_NUMBER && expected->type != JSON_BOOL)
        || expected->number != got) {
        fault(v, "another number came out", "");
    }
}

void same_bytes(vector *v, const json *expected, const char *name, kw_bytes got)
{
    const json *value = json_member(expected, name);
    if (value == NULL || value->type != JSON_TEXT || !kw_same(from_hex(v, value->text), got)) {
        fault(v, "other bytes came out", name);
    }
}

void same_text(vector *v, const json *expected, const char *name, kw_bytes got)
{
    const json *value = json_member(expected, name);
    if (value == NULL || value->type != JSON_TEXT || !kw_same(value->text, got)) {
        fault(v, "another text came out", name);
    }
}

void same_number(vector *v, const json *expected, const char *name, uint64_t got)
{
    const json *value = json_member(expected, name);
    if (value == NULL || (value->type != JSON_NUMBER && value->type != JSON_BOOL) || value->number != got) {
        fault(v, "another number came out", name);
    }
}

void is_absent(vector *v, const json *expected, const char *name)
{
    if (json_member(expected, name) != NULL) {
        fault(v, "did not come out", name);
    }
}

void same_count(vector *v, const json *list, size_t count)
{
    if (list == NULL || list->type != JSON_LIST || json_count(list) != count) {
        fault(v, "another count came out", "");
    }
}
