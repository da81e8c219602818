/* vectors/tiles: the log's tree in tiles (docs/spec/log.md §5). */
#include "keywright/hash.h"
#include "keywright/log.h"
#include "vector.h"

#include <stdio.h>

enum { FULL = 256, LEVELS = 3, LEAVES_MAX = 70000, PATH_SIZE = 64, GROUPS_MAX = 7 };

typedef struct {
    uint64_t level, index, width;
} tile;

/* All hashes of a level, one behind the other: its tiles are rows of 256. */
static uint8_t leaves[LEAVES_MAX][32], seconds[LEAVES_MAX / FULL][32], thirds[LEAVES_MAX / FULL / FULL][32];
static uint8_t (*const levels[LEVELS])[32] = {leaves, seconds, thirds};

/* Digits up to a character that is none; false for none, more than `most`, or a needless zero in front. */
static bool read_number(const char **at, size_t most, bool padded, uint64_t *number)
{
    size_t digits = 0;
    const char *first = *at;
    for (*number = 0; **at >= '0' && **at <= '9'; ++*at, digits++) {
        *number = *number * 10 + (uint64_t)(**at - '0');
    }
    return digits > 0 && digits <= most && (padded ? digits == most : digits == 1 || *first != '0');
}

static bool skip(const char **at, const char *word)
{
    const char *here = *at;
    while (*word != 0 && *here == *word) {
        here++;
        word++;
    }
    *at = *word == 0 ? here : *at;
    return *word == 0;
}

/* §5.1 */
static kw_reason read_path(kw_bytes text, tile *of)
{
    char path[PATH_SIZE];
    const char *at = path;
    uint64_t group = 0;
    size_t groups = 0;
    bool more = true;
    if (text.size >= sizeof path) {
        return KW_MALFORMED;
    }
    kw_copy((uint8_t *)path, text.at, text.size);
    path[text.size] = 0;
    of->index = 0;
    of->width = FULL;
    if (!skip(&at, "tile/") || !read_number(&at, 1, false, &of->level) || of->level > 7) {
        return KW_MALFORMED;
    }
    while (more) {
        more = skip(&at, "/x");
        if ((!more && !skip(&at, "/")) || !read_number(&at, 3, true, &group) || groups++ == GROUPS_MAX
            || (more && groups == 1 && group == 0) || of->index > (INT64_MAX - group) / 1000) {
            return KW_MALFORMED;
        }
        of->index = of->index * 1000 + group;
    }
    if (*at != 0
        && (!skip(&at, ".p/") || !read_number(&at, 3, false, &of->width) || of->width == 0
            || of->width >= FULL || *at != 0)) {
        return KW_MALFORMED;
    }
    return (size_t)(at - path) == text.size ? KW_OK : KW_MALFORMED;
}

static size_t write_path(tile of, char path[PATH_SIZE])
{
    uint64_t above = of.index / 1000, scale = 1;
    while (above / scale >= 1000) {
        scale *= 1000;
    }
    int used = snprintf(path, PATH_SIZE, "tile/%u/", (unsigned)of.level);
    for (; above > 0 && scale > 0; scale /= 1000) {
        used += snprintf(path + used, PATH_SIZE - (size_t)used, "x%03u/", (unsigned)(above / scale % 1000));
    }
    used += snprintf(path + used, PATH_SIZE - (size_t)used, "%03u", (unsigned)(of.index % 1000));
    if (of.width < FULL) {
        used += snprintf(path + used, PATH_SIZE - (size_t)used, ".p/%u", (unsigned)of.width);
    }
    return (size_t)used;
}

/* The root over hashes whose count is a power of two. */
static void complete(uint8_t (*hashes)[32], uint64_t count, uint8_t root[32])
{
    uint8_t left[32], right[32];
    if (count == 1) {
        kw_copy(root, hashes[0], 32);
        return;
    }
    complete(hashes, count / 2, left);
    complete(hashes + count / 2, count / 2, right);
    kw_node_hash(left, right, root);
}

static uint64_t split_of(uint64_t count)
{
    uint64_t split = 1;
    while (split * 2 < count) {
        split *= 2;
    }
    return split;
}

/* The root over leaves that are a node of the tree, from the highest level that has it (§5.3). */
static void hash_of(uint64_t from, uint64_t to, uint8_t root[32])
{
    uint64_t count = to - from, split = split_of(count);
    uint8_t left[32], right[32];
    if (count > 1 && split * 2 != count) {
        hash_of(from, from + split, left);
        hash_of(from + split, to, right);
        kw_node_hash(left, right, root);
        return;
    }
    size_t level = 0;
    for (; count >= FULL; count /= FULL, from /= FULL) {
        level++;
    }
    complete(levels[level] + from, count, root);
}

static void grow(uint64_t size)
{
    for (uint64_t i = 0; i < size; i++) {
        char leaf[24];
        int digits = snprintf(leaf, sizeof leaf, "%u", (unsigned)i);
        kw_leaf_hash(kw_bytes_of(leaf, (size_t)digits), leaves[i]);
    }
    for (size_t level = 1; level < LEVELS; level++) {
        size /= FULL;
        for (uint64_t i = 0; i < size; i++) {
            complete(levels[level - 1] + i * FULL, FULL, levels[level][i]);
        }
    }
}

/* §5.2 */
static void compare_tiles(vector *v, uint64_t size)
{
    const json *tiles = json_member(json_member(v->root, "expect"), "tiles");
    const json *next = tiles == NULL ? NULL : tiles->first;
    size_t count = 0;
    for (size_t level = 0; level < LEVELS && size > 0; level++, size /= FULL) {
        for (uint64_t first = 0; first < size && v->fault[0] == 0; first += FULL, count++) {
            tile of = {level, first / FULL, size - first < FULL ? size - first : FULL};
            char path[PATH_SIZE];
            uint8_t digest[32];
            kw_hash(kw_bytes_of(levels[level][first], (size_t)of.width * 32), digest);
            is_text(v, next == NULL ? NULL : next->first, kw_bytes_of(path, write_path(of, path)));
            is_bytes(v, next == NULL || next->first == NULL ? NULL : next->first->next,
                     kw_bytes_of(digest, 32));
            next = next == NULL ? NULL : next->next;
        }
    }
    same_count(v, tiles, count);
}

/* Steps from the leaf up; `path` is filled from its end. */
static void compare_path(vector *v, const json *expected, uint64_t size, uint64_t wanted, bool is_consistency)
{
    uint8_t path[64][32];
    uint64_t from = 0, to = size;
    size_t first = 64;
    while (is_consistency ? to != wanted : to - from > 1) {
        uint64_t middle = from + split_of(to - from);
        bool is_left = is_consistency ? wanted <= middle : wanted < middle;
        first--;
        hash_of(is_left ? middle : from, is_left ? to : middle, path[first]);
        from = is_left ? from : middle;
        to = is_left ? middle : to;
    }
    if (is_consistency && from > 0) {
        first--;
        hash_of(from, to, path[first]);
    }
    same_count(v, expected, 64 - first);
    for (const json *step = v->fault[0] != 0 ? NULL : expected->first; step != NULL; step = step->next) {
        is_bytes(v, step, kw_bytes_of(path[first++], 32));
    }
}

static void compare_proofs(vector *v, const char *asked, const char *name, uint64_t size, bool is_consistency)
{
    const json *each = json_member(v->root, asked),
               *paths = json_member(json_member(v->root, "expect"), name);
    const json *path = paths == NULL ? NULL : paths->first;
    same_count(v, paths, each == NULL ? 0 : json_count(each));
    for (each = each == NULL ? NULL : each->first; each != NULL && v->fault[0] == 0; each = each->next) {
        if (each->number >= size + is_consistency || each->number < is_consistency) {
            fault(v, "no such proof", name);
            return;
        }
        compare_path(v, path, size, each->number, is_consistency);
        path = path->next;
    }
}

kw_reason read_tiles(vector *v)
{
    const json *expect = json_member(v->root, "expect");
    if (kw_same(text_at(v, "kind"), kw_bytes_of_text("path"))) {
        tile of;
        kw_reason reason = read_path(mutated(text_at(v, "path")), &of);
        if (reason == KW_OK) {
            same_number(v, expect, "level", of.level);
            same_number(v, expect, "index", of.index);
            same_number(v, expect, "width", of.width);
        }
        return reason;
    }
    uint64_t size = number_at(v, "size");
    uint8_t root[32];
    if (size > LEAVES_MAX) {
        return KW_TOO_LARGE;
    }
    grow(size);
    if (size == 0) {
        kw_hash(kw_bytes_of(NULL, 0), root);
    } else {
        hash_of(0, size, root);
    }
    same_bytes(v, expect, "root", kw_bytes_of(root, 32));
    compare_tiles(v, size);
    compare_proofs(v, "leaves", "inclusion", size, false);
    compare_proofs(v, "oldSizes", "consistency", size, true);
    return KW_OK;
}
