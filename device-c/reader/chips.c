#include "chips.h"

#include "keywright/log.h"

#include <string.h>

static const kw_message_type receipt_type = {"receipt", KW_SIGNED, 512};
static const kw_message_type chip_list_type = {"chip-list", KW_SIGNED, 512};
static const kw_message_type counted_chips_type = {"counted-chips", KW_SIGNED, 40108544};

kw_reason receipt_read(kw_bytes bytes, receipt *to)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&receipt_type, bytes, &to->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 8);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->chip_id = kw_cbor_chip_id(&cbor);
    kw_map_key(&map, 2);
    to->order = kw_cbor_digest(&cbor);
    kw_map_key(&map, 3);
    to->package = kw_cbor_digest(&cbor);
    kw_map_key(&map, 4);
    to->lifecycle = kw_cbor_uint(&cbor, 0, 23);
    kw_map_key(&map, 5);
    to->debug = kw_cbor_bool(&cbor);
    kw_map_key(&map, 6);
    to->identity = kw_cbor_public_key(&cbor);
    kw_map_key(&map, 7);
    to->kem = kw_cbor_public_key(&cbor);
    return kw_cbor_end(&cbor);
}

kw_reason chip_list_read(kw_bytes bytes, chip_list *to)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&chip_list_type, bytes, &to->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 5);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->family = kw_cbor_short(&cbor);
    kw_map_key(&map, 2);
    to->lot = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 3);
    to->count = kw_cbor_uint(&cbor, 0, COUNT_MAX);
    kw_map_key(&map, 4);
    to->root = kw_cbor_digest(&cbor);
    return kw_cbor_end(&cbor);
}

void leaf_read(kw_cbor *cbor, chip_leaf *leaf)
{
    kw_cbor_array(cbor, 3, 3);
    leaf->chip_id = kw_cbor_chip_id(cbor);
    leaf->identity = kw_cbor_public_key(cbor);
    leaf->kem = kw_cbor_public_key(cbor);
}

kw_reason listed_chip_read(kw_bytes bytes, listed_chip *to)
{
    if (bytes.size > 1024) {
        return KW_TOO_LARGE;
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, bytes);
    kw_cbor_array(&cbor, 4, 4);
    if (kw_cbor_uint(&cbor, 0, UINT64_MAX) != 1) {
        kw_cbor_refuse(&cbor, KW_WRONG_VERSION);
    }
    to->leaf_bytes.at = cbor.at;
    leaf_read(&cbor, &to->leaf);
    to->leaf_bytes.size = (size_t)(cbor.at - to->leaf_bytes.at);
    to->index = kw_cbor_uint(&cbor, 0, COUNT_MAX - 1);
    to->path_length = kw_cbor_array(&cbor, 0, 24);
    to->path.at = cbor.at;
    for (size_t i = 0; i < to->path_length; i++) {
        kw_cbor_digest(&cbor);
    }
    to->path.size = (size_t)(cbor.at - to->path.at);
    return kw_cbor_end(&cbor);
}

bool listed_chip_is_in(const listed_chip *chip, const chip_list *list)
{
    uint8_t hash[32];
    kw_path path;
    kw_cbor cbor;
    kw_leaf_hash(chip->leaf_bytes, hash);
    kw_path_begin(&path, chip->index, list->count, hash);
    kw_cbor_begin(&cbor, chip->path);
    for (size_t i = 0; i < chip->path_length; i++) {
        kw_path_add(&path, kw_cbor_digest(&cbor));
    }
    return kw_path_leads(&path, list->root);
}

/* In a leaf of 153 bytes the chip ID stands at 2. Sorted lists need one comparison a leaf. */
static bool repeats(kw_bytes leaves, size_t at)
{
    const uint8_t *id = leaves.at + at + 2;
    if (at == 0 || memcmp(id - LEAF_SIZE, id, KW_CHIP_ID_SIZE) == 0) {
        return at != 0;
    }
    for (size_t i = 0; i < at; i += LEAF_SIZE) {
        if (memcmp(leaves.at + i + 2, id, KW_CHIP_ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

kw_reason chip_list_judge_leaves(const chip_list *list, kw_bytes leaves)
{
    if (leaves.size != list->count * LEAF_SIZE) {
        return KW_MALFORMED;
    }
    kw_tree tree;
    kw_tree_begin(&tree);
    bool sorted = true;
    for (size_t at = 0; at < leaves.size; at += LEAF_SIZE) {
        kw_bytes bytes = kw_bytes_of(leaves.at + at, LEAF_SIZE);
        kw_cbor cbor;
        chip_leaf leaf;
        kw_cbor_begin(&cbor, bytes);
        leaf_read(&cbor, &leaf);
        if (kw_cbor_end(&cbor) != KW_OK) {
            return cbor.reason;
        }
        sorted = sorted && (at == 0 || memcmp(bytes.at + 2 - LEAF_SIZE, bytes.at + 2, KW_CHIP_ID_SIZE) < 0);
        if (!sorted && repeats(leaves, at)) {
            return KW_MALFORMED;
        }
        kw_tree_add(&tree, bytes);
    }
    uint8_t root[32];
    kw_tree_root(&tree, root);
    return memcmp(root, list->root, sizeof root) == 0 ? KW_OK : KW_BAD_PROOF;
}

kw_reason counted_chips_read(kw_bytes bytes, counted_chips *to)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&counted_chips_type, bytes, &to->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 3);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->order = kw_cbor_digest(&cbor);
    kw_map_key(&map, 2);
    to->count = kw_cbor_array(&cbor, 0, COUNTED_MAX);
    to->leaves.at = cbor.at;
    chip_leaf before = {NULL, NULL, NULL}, leaf;
    for (size_t i = 0; i < to->count && cbor.reason == KW_OK; i++) {
        leaf_read(&cbor, &leaf);
        if (before.chip_id != NULL && memcmp(before.chip_id, leaf.chip_id, KW_CHIP_ID_SIZE) >= 0) {
            kw_cbor_refuse(&cbor, KW_MALFORMED);
        }
        before = leaf;
    }
    to->leaves.size = (size_t)(cbor.at - to->leaves.at);
    return kw_cbor_end(&cbor);
}
