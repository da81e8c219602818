/* Checkpoints, notes and proofs (log.md §2-§4). */
#include "keywright/log.h"

#include "base64.h"
#include "log_key.h"
#include "text.h"

#include "keywright/cbor.h"

#include <string.h>

enum { SIGNATURE_LINES_MAX = 16, SIGNATURE_MAX = 4 + 72 };

typedef struct {
    kw_bytes name;
    uint8_t bytes[SIGNATURE_MAX]; /* key ID, signature; longer ones are cut */
    size_t size;
} signature_line;

/* "— " name " " base64 */
static bool read_line(kw_bytes line, signature_line *to)
{
    return kw_text_starts(&line, "\xe2\x80\x94 ") && kw_text_until(&line, ' ', &to->name)
           && kw_is_log_name(to->name) && kw_base64_read(line, to->bytes, sizeof to->bytes, &to->size)
           && to->size > 4;
}

/* Text with its LF, and the signature lines behind the last empty line. */
static bool divide(kw_bytes note, kw_bytes *text, kw_bytes *signatures)
{
    for (size_t i = 0; i < note.size; i++) {
        if (note.at[i] < 0x20 && note.at[i] != '\n') {
            return false;
        }
    }
    size_t end = note.size;
    while (end >= 2 && !(note.at[end - 1] == '\n' && note.at[end - 2] == '\n')) {
        end--;
    }
    if (end < 2 || end == note.size || !kw_is_utf8(note)) {
        return false;
    }
    *text = kw_bytes_of(note.at, end - 1);
    *signatures = kw_bytes_of(note.at + end, note.size - end);
    return true;
}

/* Count and form of every line, then the log's own. */
static kw_reason judge_signatures(kw_bytes signatures, kw_bytes text, const kw_log_key *key)
{
    signature_line each;
    kw_bytes line, rest = signatures;
    size_t count = 0;
    while (kw_text_line(&rest, &line)) {
        count++;
    }
    if (rest.size > 0) {
        return KW_MALFORMED;
    }
    if (count > SIGNATURE_LINES_MAX) {
        return KW_TOO_LARGE;
    }
    for (rest = signatures; kw_text_line(&rest, &line);) {
        if (!read_line(line, &each)) {
            return KW_MALFORMED;
        }
    }
    kw_reason reason = KW_UNKNOWN_KEY;
    for (rest = signatures; kw_text_line(&rest, &line) && read_line(line, &each);) {
        if (!kw_same(each.name, key->name) || memcmp(each.bytes, key->id, sizeof key->id) != 0) {
            continue;
        }
        if (each.size > sizeof each.bytes
            || !kw_log_key_verifies(key, text, kw_bytes_of(each.bytes + 4, each.size - 4))) {
            return KW_BAD_SIGNATURE;
        }
        reason = KW_OK;
    }
    return reason;
}

kw_reason kw_checkpoint_read(kw_bytes note, const kw_log_key *key, kw_checkpoint *checkpoint)
{
    kw_bytes text, signatures, origin, size, root;
    size_t root_size;
    if (note.size > KW_NOTE_MAX) {
        return KW_TOO_LARGE;
    }
    if (!divide(note, &text, &signatures)) {
        return KW_MALFORMED;
    }
    kw_reason reason = judge_signatures(signatures, text, key);
    if (reason != KW_OK) {
        return reason;
    }
    if (!kw_text_line(&text, &origin) || origin.size == 0 || !kw_text_line(&text, &size)
        || !kw_text_number(size, &checkpoint->size) || !kw_text_line(&text, &root)
        || !kw_base64_read(root, checkpoint->root, sizeof checkpoint->root, &root_size)
        || root_size != sizeof checkpoint->root || text.size != 0) {
        return KW_MALFORMED;
    }
    return kw_same(origin, key->name) ? KW_OK : KW_BAD_PROOF;
}

/* The hashes of a path stand in `lines`, one a line. */
static bool path_leads(kw_bytes lines, uint64_t index, const uint8_t leaf_hash[32],
                       const kw_checkpoint *checkpoint)
{
    uint8_t sibling[32];
    kw_bytes line;
    size_t size;
    kw_path path;
    kw_path_begin(&path, index, checkpoint->size, leaf_hash);
    while (kw_text_line(&lines, &line) && kw_base64_read(line, sibling, sizeof sibling, &size)) {
        kw_path_add(&path, sibling);
    }
    return kw_path_leads(&path, checkpoint->root);
}

kw_reason kw_log_proof_check(kw_bytes proof, const kw_log_key *key, kw_bytes leaf, kw_checkpoint *checkpoint)
{
    kw_checkpoint own;
    kw_bytes line, lines;
    uint64_t index;
    uint8_t hash[32];
    size_t count = 0, size;
    checkpoint = checkpoint == NULL ? &own : checkpoint;
    if (proof.size > KW_PROOF_MAX) {
        return KW_TOO_LARGE;
    }
    if (!kw_text_starts(&proof, "c2sp.org/tlog-proof@v1\nindex ") || !kw_text_line(&proof, &line)
        || !kw_text_number(line, &index)) {
        return KW_MALFORMED;
    }
    lines = kw_bytes_of(proof.at, 0);
    while (kw_text_line(&proof, &line) && line.size > 0) {
        if (!kw_base64_read(line, hash, sizeof hash, &size) || size != sizeof hash) {
            return KW_MALFORMED;
        }
        lines.size += line.size + 1;
        count++;
    }
    if (proof.at != lines.at + lines.size + 1) {
        return KW_MALFORMED;
    }
    if (count > KW_PATH_MAX) {
        return KW_TOO_LARGE;
    }
    kw_reason reason = kw_checkpoint_read(proof, key, checkpoint);
    if (reason != KW_OK) {
        return reason;
    }
    kw_leaf_hash(leaf, hash);
    return path_leads(lines, index, hash, checkpoint) ? KW_OK : KW_BAD_PROOF;
}
