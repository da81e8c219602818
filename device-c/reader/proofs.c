/* Inclusion proofs of small trees: there are no vectors of them. Checkpoints are not signed here, so proofs
 * pass. */
#include "proofs.h"

#include "keywright/log.h"
#include "mutate.h"

#include <stdio.h>
#include <string.h>

enum { LEAVES_MAX = 33, TEXT_MAX = 4096 };

static kw_bytes leaf_of(size_t i, uint8_t room[2])
{
    room[0] = 'L';
    room[1] = (uint8_t)i;
    return kw_bytes_of(room, 2);
}

static void root_of(size_t first, size_t count, uint8_t root[32])
{
    kw_tree tree;
    uint8_t room[2];
    kw_tree_begin(&tree);
    for (size_t i = first; i < first + count; i++) {
        kw_tree_add(&tree, leaf_of(i, room));
    }
    kw_tree_root(&tree, root);
}

/* The path of RFC 6962 §2.1.1, from the leaf up; how many hashes. */
static size_t path_of(size_t index, size_t count, uint8_t path[8][32])
{
    struct {
        size_t first, count;
    } siblings[8];
    size_t depth = 0, first = 0;
    while (count > 1) {
        size_t half = 1;
        while (2 * half < count) {
            half *= 2;
        }
        bool left = index - first < half;
        siblings[depth].first = left ? first + half : first;
        siblings[depth++].count = left ? count - half : half;
        first = left ? first : first + half;
        count = left ? half : count - half;
    }
    for (size_t i = 0; i < depth; i++) {
        root_of(siblings[depth - 1 - i].first, siblings[depth - 1 - i].count, path[i]);
    }
    return depth;
}

static void append(char *text, const char *more)
{
    strncat(text, more, TEXT_MAX - 1 - strlen(text));
}

static void append_base64(char *text, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = (uint32_t)bytes[i] << 16 | (uint32_t)(i + 1 < size ? bytes[i + 1] : 0) << 8
                        | (uint32_t)(i + 2 < size ? bytes[i + 2] : 0);
        char four[5] = {digits[bits >> 18], digits[bits >> 12 & 63],
                        i + 1 < size ? digits[bits >> 6 & 63] : '=', i + 2 < size ? digits[bits & 63] : '=',
                        0};
        append(text, four);
    }
    append(text, "\n");
}

/* A proof for a tree of `count` leaves under the log's own name; one hash too many or too few as told. */
static void write_proof(char *text, const kw_log_key *key, size_t index, size_t count, int more_hashes)
{
    uint8_t path[8][32], root[32], signature[4 + 8] = {0};
    static const uint8_t der[8] = {0x30, 6, 2, 1, 1, 2, 1, 1};
    char line[256];
    size_t hashes = path_of(index, count, path);
    memset(path[hashes], 7, 32);
    hashes = more_hashes < 0 && hashes > 0 ? hashes - 1 : more_hashes > 0 ? hashes + 1 : hashes;
    root_of(0, count, root);
    kw_copy(signature, key->id, 4);
    kw_copy(signature + 4, der, sizeof der);

    snprintf(text, TEXT_MAX, "c2sp.org/tlog-proof@v1\nindex %zu\n", index);
    for (size_t i = 0; i < hashes; i++) {
        append_base64(text, path[i], 32);
    }
    snprintf(line, sizeof line, "\n%.*s\n%zu\n", (int)key->name.size, (const char *)key->name.at, count);
    append(text, line);
    append_base64(text, root, 32);
    snprintf(line, sizeof line, "\n\xe2\x80\x94 %.*s ", (int)key->name.size, (const char *)key->name.at);
    append(text, line);
    append_base64(text, signature, sizeof signature);
}

static bool judges(const char *text, const kw_log_key *key, size_t leaf, kw_reason expected)
{
    uint8_t room[2];
    return kw_log_proof_check(kw_bytes_of_text(text), key, leaf_of(leaf, room), NULL) == expected;
}

bool proofs_hold(kw_bytes verifier_key)
{
    static char text[TEXT_MAX];
    kw_log_key key;
    bool hold = kw_log_key_read(verifier_key, &key) == KW_OK;
    mutation_be_lenient(true);
    for (size_t count = 1; hold && count <= LEAVES_MAX; count++) {
        for (size_t index = 0; hold && index < count; index++) {
            write_proof(text, &key, index, count, 0);
            hold = judges(text, &key, index, KW_OK) && judges(text, &key, index + 1, KW_BAD_PROOF);
            write_proof(text, &key, index, count, 1);
            hold = hold && judges(text, &key, index, KW_BAD_PROOF);
            write_proof(text, &key, index, count, -1);
            hold = hold && (count == 1 || judges(text, &key, index, KW_BAD_PROOF));
        }
    }
    mutation_be_lenient(false);
    write_proof(text, &key, 0, 1, 0);
    return hold && judges(text, &key, 0, KW_BAD_SIGNATURE);
}
