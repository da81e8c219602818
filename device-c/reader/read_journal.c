/* vectors/journal: the file of entries that a station only adds to (docs/spec/journal.md). */
#include "keywright/hash.h"
#include "vector.h"

enum { HEAD = 40, HASH = 32, RECORD_MAX = 8 << 20, SECRET_MAX = 4096 };

typedef struct {
    kw_bytes record, secret;
    bool has_secret; /* it is the one of the entry's first hash */
    size_t end;
} entry;

/* An entry whose second hash is right begins here. */
static bool entry_at(kw_bytes file, size_t at, entry *to)
{
    if (file.size - at < HEAD + HASH) {
        return false;
    }
    size_t record = kw_get_uint32(file.at + at), secret = kw_get_uint32(file.at + at + 4);
    if (record > RECORD_MAX || secret > SECRET_MAX || file.size - at - HEAD - HASH < record + secret) {
        return false;
    }
    const uint8_t *hash = file.at + at + HEAD + record;
    to->record = kw_bytes_of(file.at + at + HEAD, record);
    to->secret = kw_bytes_of(hash + HASH, secret);
    to->has_secret = kw_hash_is(to->secret, file.at + at + 8);
    to->end = at + HEAD + record + HASH + secret;
    return kw_hash_is(kw_bytes_of(file.at + at, HEAD + record), hash);
}

static bool is_damaged(kw_bytes file, size_t torn)
{
    entry behind;
    for (size_t at = torn + 1; at < file.size; at++) {
        if (entry_at(file, at, &behind)) {
            return true;
        }
    }
    return false;
}

static void compare(vector *v, const json *said, const entry *got)
{
    same_bytes(v, said, "record", got->record);
    const json *secret = json_member(said, "secret");
    if (got->has_secret) {
        same_bytes(v, said, "secret", got->secret);
    } else if (secret == NULL || secret->type != JSON_NULL) {
        fault(v, "the secret was erased", "");
    }
}

kw_reason read_journal(vector *v)
{
    kw_bytes file = bytes_at(v, "journal");
    const json *expect = json_member(v->root, "expect"), *entries = json_member(expect, "entries");
    size_t at = 0, count = 0;
    entry next;
    for (const json *said = entries == NULL ? NULL : entries->first; at < file.size; at = next.end, count++) {
        if (!entry_at(file, at, &next) || (!next.has_secret && next.end == file.size)) {
            if (is_damaged(file, at)) {
                v->said = kw_bytes_of_text("damaged");
                return KW_OK;
            }
            break;
        }
        if (said != NULL) {
            compare(v, said, &next);
            said = said->next;
        }
    }
    if (expect != NULL && expect->type == JSON_OBJECT) {
        same_count(v, entries, count);
        same_number(v, expect, "kept", at);
    }
    return KW_OK;
}
