#include "json.h"

#include <string.h>

enum { NODES_MAX = 1 << 17, DEPTH_MAX = 16 };

static json nodes[NODES_MAX];
static size_t node_count;

typedef struct {
    uint8_t *at;
    uint8_t *end;
    unsigned depth;
} cursor;

static json *read_value(cursor *in);

static void skip_blanks(cursor *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r')) {
        in->at++;
    }
}

static bool take(cursor *in, const char *text)
{
    size_t size = strlen(text);
    skip_blanks(in);
    if ((size_t)(in->end - in->at) < size || memcmp(in->at, text, size) != 0) {
        return false;
    }
    in->at += size;
    return true;
}

static json *new_node(json_type type)
{
    if (node_count == NODES_MAX) {
        return NULL;
    }
    json *node = &nodes[node_count++];
    memset(node, 0, sizeof *node);
    node->type = type;
    return node;
}

/* The four digits behind \u; false when they are none. */
static bool read_code(cursor *in, unsigned *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        if (in->at == in->end) {
            return false;
        }
        uint8_t c = *in->at++;
        uint8_t small = c | 0x20;
        if (c >= '0' && c <= '9') {
            *code = *code << 4 | (unsigned)(c - '0');
        } else if (small >= 'a' && small <= 'f') {
            *code = *code << 4 | (unsigned)(small - 'a' + 10);
        } else {
            return false;
        }
    }
    return true;
}

static uint8_t *put_utf8(uint8_t *to, unsigned code)
{
    if (code < 0x80) {
        *to++ = (uint8_t)code;
    } else if (code < 0x800) {
        *to++ = (uint8_t)(0xc0 | code >> 6);
        *to++ = (uint8_t)(0x80 | (code & 0x3f));
    } else if (code >= 0x10000) {
        *to++ = (uint8_t)(0xf0 | code >> 18);
        *to++ = (uint8_t)(0x80 | (code >> 12 & 0x3f));
        *to++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        *to++ = (uint8_t)(0x80 | (code & 0x3f));
    } else {
        *to++ = (uint8_t)(0xe0 | code >> 12);
        *to++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        *to++ = (uint8_t)(0x80 | (code & 0x3f));
    }
    return to;
}

/* A character behind \\u, of one code or of two surrogates. */
static bool read_escape(cursor *in, unsigned *code)
{
    unsigned low;
    if (!read_code(in, code) || (*code & 0xfc00) == 0xdc00) {
        return false;
    }
    if ((*code & 0xfc00) == 0xd800) {
        if (in->end - in->at < 2 || in->at[0] != '\\' || in->at[1] != 'u') {
            return false;
        }
        in->at += 2;
        if (!read_code(in, &low) || (low & 0xfc00) != 0xdc00) {
            return false;
        }
        *code = 0x10000 + ((*code & 0x3ff) << 10 | (low & 0x3ff));
    }
    return true;
}

/* Behind the opening quote. */
static bool read_text(cursor *in, kw_bytes *text)
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    uint8_t *to = in->at;
    text->at = to;
    while (in->at < in->end && *in->at != '"') {
        uint8_t c = *in->at++;
        if (c < 0x20) {
            return false;
        }
        if (c != '\\') {
            *to++ = c;
            continue;
        }
        unsigned code;
        if (in->at == in->end) {
            return false;
        }
        c = *in->at++;
        const char *escape = strchr(escapes, c);
        if (c != 0 && escape != NULL) {
            *to++ = (uint8_t)meanings[escape - escapes];
        } else if (c == 'u' && read_escape(in, &code)) {
            to = put_utf8(to, code);
        } else {
            return false;
        }
    }
    text->size = (size_t)(to - text->at);
    return in->at < in->end && *in->at++ == '"';
}

static json *read_number(cursor *in)
{
    json *node = new_node(JSON_NUMBER);
    uint8_t *first = in->at;
    while (node != NULL && in->at < in->end && *in->at >= '0' && *in->at <= '9') {
        if (node->number > (UINT64_MAX - 9) / 10) {
            return NULL;
        }
        node->number = node->number * 10 + (uint64_t)(*in->at++ - '0');
    }
    return in->at == first || (*first == '0' && in->at - first > 1) ? NULL : node;
}

static json *read_children(cursor *in, json_type type, const char *end)
{
    json *node = new_node(type);
    const json **link = node == NULL ? NULL : &node->first;
    if (node == NULL || take(in, end)) {
        return node;
    }
    do {
        kw_bytes name = {NULL, 0};
        if (type == JSON_OBJECT && (!take(in, "\"") || !read_text(in, &name) || !take(in, ":"))) {
            return NULL;
        }
        json *child = read_value(in);
        if (child == NULL) {
            return NULL;
        }
        child->name = name;
        *link = child;
        link = &child->next;
    } while (take(in, ","));
    return take(in, end) ? node : NULL;
}

static json *read_value(cursor *in)
{
    json *node = NULL;
    if (++in->depth > DEPTH_MAX) {
        return NULL;
    }
    if (take(in, "{")) {
        node = read_children(in, JSON_OBJECT, "}");
    } else if (take(in, "[")) {
        node = read_children(in, JSON_LIST, "]");
    } else if (take(in, "\"")) {
        node = new_node(JSON_TEXT);
        node = node != NULL && read_text(in, &node->text) ? node : NULL;
    } else if (take(in, "null")) {
        node = new_node(JSON_NULL);
    } else if (take(in, "true") || take(in, "false")) {
        node = new_node(JSON_BOOL);
        if (node != NULL) {
            node->number = in->at[-2] == 'u';
        }
    } else {
        node = read_number(in);
    }
    in->depth--;
    return node;
}

const json *json_read(uint8_t *at, size_t size)
{
    cursor in = {at, at + size, 0};
    const json *value = read_value(&in);
    skip_blanks(&in);
    return in.at == in.end ? value : NULL;
}

const json *json_member(const json *object, const char *name)
{
    if (object == NULL || object->type != JSON_OBJECT) {
        return NULL;
    }
    const json *member = object->first;
    while (member != NULL && !kw_same(member->name, kw_bytes_of_text(name))) {
        member = member->next;
    }
    return member;
}

size_t json_count(const json *list)
{
    size_t count = 0;
    for (const json *each = list == NULL ? NULL : list->first; each != NULL; each = each->next) {
        count++;
    }
    return count;
}

bool json_is_text(const json *value, const char *text)
{
    return value != NULL && value->type == JSON_TEXT && kw_same(value->text, kw_bytes_of_text(text));
}

void json_reset(void)
{
    node_count = 0;
}
