/* vectors/order, receipt, chip-list, counted-chips. */
#include "chips.h"
#include "keywright/hash.h"
#include "keywright/provisioning.h"
#include "vector.h"

static kw_reason verify(vector *v, const kw_message *message)
{
    return kw_message_verify_signature(message, fixed_at(v, "key", KW_PUBLIC_KEY_SIZE));
}

static void compare_digest(vector *v, const kw_message *message)
{
    uint8_t digest[32];
    kw_message_digest(message, digest);
    same_bytes(v, v->root, "digest", kw_bytes_of(digest, sizeof digest));
}

kw_reason read_order(vector *v)
{
    kw_order order;
    kw_reason reason = kw_order_read(bytes_at(v, "message"), &order);
    reason = reason == KW_OK ? verify(v, &order.message) : reason;
    if (reason != KW_OK) {
        return reason;
    }
    const json *says = fields(v, "says");
    compare_digest(v, &order.message);
    same_text(v, says, "id", order.id);
    same_text(v, says, "product", order.product);
    same_text(v, says, "factory", order.factory);
    same_text(v, says, "family", order.family);
    same_number(v, says, "quota", order.quota);
    same_number(v, says, "mode", order.mode);
    same_number(v, says, "issued", order.issued);
    const json *lots = json_member(says, "lots"), *packages = json_member(says, "packages");
    same_count(v, lots, order.lot_count);
    same_count(v, packages, order.package_count);
    if (v->fault[0] == 0) {
        size_t i = 0;
        for (const json *lot = lots->first; lot != NULL; lot = lot->next) {
            is_number(v, lot, kw_order_lot(&order, i++));
        }
        i = 0;
        for (const json *package = packages->first; package != NULL; package = package->next) {
            is_bytes(v, package, kw_bytes_of(kw_order_package(&order, i++), KW_DIGEST_SIZE));
        }
    }
    return KW_OK;
}

kw_reason read_receipt(vector *v)
{
    receipt message;
    kw_reason reason = receipt_read(bytes_at(v, "message"), &message);
    reason = reason == KW_OK ? verify(v, &message.message) : reason;
    if (reason == KW_OK) {
        const json *says = fields(v, "says");
        compare_digest(v, &message.message);
        same_bytes(v, says, "chip", kw_bytes_of(message.chip_id, KW_CHIP_ID_SIZE));
        same_bytes(v, says, "order", kw_bytes_of(message.order, KW_DIGEST_SIZE));
        same_bytes(v, says, "package", kw_bytes_of(message.package, KW_DIGEST_SIZE));
        same_number(v, says, "lifecycle", message.lifecycle);
        same_number(v, says, "debug", message.debug);
        same_bytes(v, says, "identity", kw_bytes_of(message.identity, KW_PUBLIC_KEY_SIZE));
        same_bytes(v, says, "kem", kw_bytes_of(message.kem, KW_PUBLIC_KEY_SIZE));
    }
    return reason;
}

kw_reason read_chip_list(vector *v)
{
    chip_list list;
    kw_bytes leaves = bytes_at(v, "leaves");
    kw_reason reason = chip_list_read(bytes_at(v, "message"), &list);
    reason = reason == KW_OK ? verify(v, &list.message) : reason;
    reason = reason == KW_OK ? chip_list_judge_leaves(&list, leaves) : reason;
    if (reason != KW_OK) {
        return reason;
    }
    const json *says = fields(v, "says"), *chips = json_member(says, "chips");
    same_text(v, says, "family", list.family);
    same_number(v, says, "lot", list.lot);
    same_number(v, says, "count", list.count);
    same_bytes(v, says, "root", kw_bytes_of(list.root, KW_DIGEST_SIZE));
    same_count(v, chips, (size_t)list.count);
    const uint8_t *leaf = leaves.at;
    for (const json *chip = v->fault[0] != 0 ? NULL : chips->first; chip != NULL;
         chip = chip->next, leaf += LEAF_SIZE) {
        is_bytes(v, chip, kw_bytes_of(leaf + 2, KW_CHIP_ID_SIZE));
    }
    return KW_OK;
}

kw_reason read_counted_chips(vector *v)
{
    counted_chips counted;
    kw_reason reason = counted_chips_read(bytes_at(v, "message"), &counted);
    reason = reason == KW_OK ? verify(v, &counted.message) : reason;
    if (reason != KW_OK) {
        return reason;
    }
    const json *says = fields(v, "says"), *chips = json_member(says, "chips");
    compare_digest(v, &counted.message);
    same_bytes(v, says, "order", kw_bytes_of(counted.order, KW_DIGEST_SIZE));
    same_count(v, chips, counted.count);
    kw_cbor cbor;
    kw_cbor_begin(&cbor, counted.leaves);
    for (const json *chip = v->fault[0] != 0 ? NULL : chips->first; chip != NULL; chip = chip->next) {
        chip_leaf leaf;
        leaf_read(&cbor, &leaf);
        same_bytes(v, chip, "chip", kw_bytes_of(leaf.chip_id, KW_CHIP_ID_SIZE));
        same_bytes(v, chip, "identity", kw_bytes_of(leaf.identity, KW_PUBLIC_KEY_SIZE));
        same_bytes(v, chip, "kem", kw_bytes_of(leaf.kem, KW_PUBLIC_KEY_SIZE));
    }
    return KW_OK;
}
