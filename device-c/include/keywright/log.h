/* The public log: docs/spec/log.md. Checkpoints, inclusion proofs, and the tree's hashes. */
#ifndef KEYWRIGHT_LOG_H
#define KEYWRIGHT_LOG_H

#include "keywright/reason.h"

enum { KW_NOTE_MAX = 128 * 1024, KW_PROOF_MAX = 136 * 1024, KW_PATH_MAX = 63 };

typedef struct {
    kw_bytes name;
    uint8_t id[4];
    uint8_t point[KW_PUBLIC_KEY_SIZE];
} kw_log_key;

/* A verifier key (§3.2): malformed, wrong-algorithm, unknown-key. */
kw_reason kw_log_key_read(kw_bytes text, kw_log_key *key);

typedef struct {
    uint64_t size;
    uint8_t root[32];
} kw_checkpoint;

/* Every check of §3.3, in its order. */
kw_reason kw_checkpoint_read(kw_bytes note, const kw_log_key *key, kw_checkpoint *checkpoint);

/* A proof that this leaf is in the log (§4); `checkpoint` may be null. */
kw_reason kw_log_proof_check(kw_bytes proof, const kw_log_key *key, kw_bytes leaf, kw_checkpoint *checkpoint);

void kw_leaf_hash(kw_bytes leaf, uint8_t hash[32]);
void kw_node_hash(const uint8_t left[32], const uint8_t right[32], uint8_t hash[32]);

/* An inclusion path (§1.2), sibling by sibling from the leaf up. */
typedef struct {
    uint64_t index, last;
    uint8_t hash[32];
    bool fits;
} kw_path;

void kw_path_begin(kw_path *path, uint64_t index, uint64_t size, const uint8_t leaf_hash[32]);
void kw_path_add(kw_path *path, const uint8_t sibling[32]);
bool kw_path_leads(const kw_path *path, const uint8_t root[32]);

/* The root of a tree, leaf by leaf. */
typedef struct {
    uint64_t count;
    uint8_t hashes[25][32]; /* up to 2^25 - 1 leaves */
} kw_tree;

void kw_tree_begin(kw_tree *tree);
void kw_tree_add(kw_tree *tree, kw_bytes leaf);
void kw_tree_root(const kw_tree *tree, uint8_t root[32]);

#endif
