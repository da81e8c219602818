/* Hashes of the log's tree (log.md §1, RFC 6962 §2.1). */
#include "keywright/log.h"

#include "keywright/hash.h"

#include <string.h>

void kw_leaf_hash(kw_bytes leaf, uint8_t hash[32])
{
    static const uint8_t prefix = 0x00;
    kw_hash_of_two(kw_bytes_of(&prefix, 1), leaf, hash);
}

void kw_node_hash(const uint8_t left[32], const uint8_t right[32], uint8_t hash[32])
{
    uint8_t node[65];
    node[0] = 0x01;
    kw_copy(node + 1, left, 32);
    kw_copy(node + 33, right, 32);
    kw_hash(kw_bytes_of(node, sizeof node), hash);
}

/* RFC 9162 §2.1.3.2 */
void kw_path_begin(kw_path *path, uint64_t index, uint64_t size, const uint8_t leaf_hash[32])
{
    path->index = index;
    path->last = size - 1;
    path->fits = index < size;
    kw_copy(path->hash, leaf_hash, sizeof path->hash);
}

void kw_path_add(kw_path *path, const uint8_t sibling[32])
{
    path->fits = path->fits && path->last != 0;
    if ((path->index & 1) != 0 || path->index == path->last) {
        kw_node_hash(sibling, path->hash, path->hash);
        while ((path->index & 1) == 0 && path->index != 0) {
            path->index >>= 1;
            path->last >>= 1;
        }
    } else {
        kw_node_hash(path->hash, sibling, path->hash);
    }
    path->index >>= 1;
    path->last >>= 1;
}

bool kw_path_leads(const kw_path *path, const uint8_t root[32])
{
    return path->fits && path->last == 0 && memcmp(path->hash, root, sizeof path->hash) == 0;
}

void kw_tree_begin(kw_tree *tree)
{
    tree->count = 0;
}

/* hashes[b] is the root of the 2^b leaves that bit b of the count stands for. */
void kw_tree_add(kw_tree *tree, kw_bytes leaf)
{
    uint8_t hash[32];
    size_t bit = 0;
    kw_leaf_hash(leaf, hash);
    for (; (tree->count >> bit & 1) != 0; bit++) {
        kw_node_hash(tree->hashes[bit], hash, hash);
    }
    if (bit < 25) {
        kw_copy(tree->hashes[bit], hash, 32);
        tree->count++;
    }
}

void kw_tree_root(const kw_tree *tree, uint8_t root[32])
{
    bool some = false;
    for (size_t bit = 0; bit < 25; bit++) {
        if ((tree->count >> bit & 1) == 0) {
            continue;
        }
        if (some) {
            kw_node_hash(tree->hashes[bit], root, root);
        } else {
            kw_copy(root, tree->hashes[bit], 32);
        }
        some = true;
    }
    if (!some) {
        kw_hash(kw_bytes_of(NULL, 0), root);
    }
}
