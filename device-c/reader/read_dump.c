/* vectors/dump. */
#include "dump.h"
#include "keywright/port.h"
#include "vector.h"

enum { KEYS_MAX = 8 };

static void compare_contents(vector *v, const dump *got)
{
    const json *contents = fields(v, "contents");
    same_count(v, contents, got->count);
    const json *each = v->fault[0] != 0 ? NULL : contents->first;
    for (size_t i = 0; each != NULL; i++, each = each->next) {
        if (got->segments[i].own) {
            is_bytes(v, each, got->segments[i].content);
        } else if (each->type != JSON_NULL) {
            fault(v, "a segment of another owner opened", "");
        }
    }
}

kw_reason read_dump(vector *v)
{
    uint8_t points[KEYS_MAX][KW_PUBLIC_KEY_SIZE];
    kw_hpke_key keys[KEYS_MAX];
    dump_reader reader = {fixed_at(v, "chip", KW_CHIP_ID_SIZE), fixed_at(v, "identity", KW_PUBLIC_KEY_SIZE),
                          text_at(v, "device"), keys, 0};
    const json *list = fields(v, "keys");
    for (const json *each = list == NULL ? NULL : list->first; each != NULL; each = each->next) {
        if (reader.key_count == KEYS_MAX) {
            fault(v, "too many keys", "");
            break;
        }
        kw_hpke_key *key = &keys[reader.key_count];
        key->scalar = fixed_of(v, each, KW_SCALAR_SIZE);
        key->point = points[reader.key_count];
        if (!kw_port_p256_public(key->scalar, points[reader.key_count])) {
            fault(v, "no private key", "");
            break;
        }
        reader.key_count++;
    }
    static dump got;
    kw_bytes stream = bytes_at(v, "dump");
    kw_reason reason = dump_read(stream, &reader, scratch(stream.size), &got);
    if (reason != KW_OK) {
        return reason;
    }
    compare_contents(v, &got);
    if (!got.finished) {
        v->said = kw_bytes_of_text("unfinished");
        return KW_OK;
    }
    same_number(v, v->root, "boot", got.boot);
    same_number(v, v->root, "number", got.number);
    if (got.has_time) {
        same_number(v, v->root, "time", got.time);
    } else {
        is_absent(v, v->root, "time");
    }
    return KW_OK;
}
