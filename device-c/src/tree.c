/* Hashes of the log's tree (log.md §1, RFC 6962 §2.1). */
#include "keywright/log.h"

#include "keywright/hash.h"

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
