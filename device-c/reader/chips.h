/* What an OEM and a site read of chips: docs/spec/provisioning.md §8, §9. */
#ifndef READER_CHIPS_H
#define READER_CHIPS_H

#include "keywright/cose.h"

enum { LEAF_SIZE = 153, COUNTED_MAX = 262144, COUNT_MAX = 16777216 };

typedef struct {
    kw_message message;
    const uint8_t *chip_id, *order, *package;
    uint64_t lifecycle;
    bool debug;
    const uint8_t *identity, *kem;
} receipt;

typedef struct {
    const uint8_t *chip_id, *identity, *kem;
} chip_leaf;

typedef struct {
    kw_message message;
    kw_bytes family;
    uint32_t lot;
    uint64_t count;
    const uint8_t *root;
} chip_list;

typedef struct {
    kw_message message;
    const uint8_t *order;
    kw_bytes leaves;
    size_t count;
} counted_chips;

kw_reason receipt_read(kw_bytes bytes, receipt *to);
kw_reason chip_list_read(kw_bytes bytes, chip_list *to);

/* §9.2 behind the signature: malformed, unknown-key, bad-proof. */
kw_reason chip_list_judge_leaves(const chip_list *list, kw_bytes leaves);

kw_reason counted_chips_read(kw_bytes bytes, counted_chips *to);

/* One chip with its proof (§9.2). */
typedef struct {
    chip_leaf leaf;
    kw_bytes leaf_bytes;
    uint64_t index;
    kw_bytes path; /* encoded digests */
    size_t path_length;
} listed_chip;

kw_reason listed_chip_read(kw_bytes bytes, listed_chip *to);
bool listed_chip_is_in(const listed_chip *chip, const chip_list *list);

/* Reads one leaf; the keys are points. */
void leaf_read(kw_cbor *cbor, chip_leaf *leaf);

#endif
