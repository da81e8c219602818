#include "provision.h"

#include "keywright/hash.h"
#include "keywright/provisioning.h"

#include <string.h>

kw_reason chip_read(kw_bytes immutable, chip *to)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, immutable);
    kw_map map = kw_cbor_map(&cbor, 9);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->id = kw_cbor_chip_id(&cbor);
    kw_map_key(&map, 2);
    to->family = kw_cbor_short(&cbor);
    kw_map_key(&map, 3);
    to->lot = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 4);
    to->maker = kw_cbor_public_key(&cbor);
    kw_map_key(&map, 5);
    to->share_count = kw_cbor_array(&cbor, 2, SHARES_MAX);
    for (size_t i = 0; i < to->share_count; i++) {
        kw_copy(to->shares[i], kw_cbor_fixed(&cbor, KW_KEY_SIZE), KW_KEY_SIZE);
    }
    kw_map_key(&map, 6);
    to->oem_share = kw_cbor_fixed(&cbor, KW_KEY_SIZE);
    kw_map_key(&map, 7);
    to->master_share = kw_cbor_fixed(&cbor, KW_KEY_SIZE);
    to->owner = kw_map_has(&map, 8) ? kw_cbor_digest(&cbor) : NULL;
    kw_map_end(&map);
    return kw_cbor_end(&cbor);
}

kw_reason chip_takes_program(const chip *of, kw_bytes bytes, kw_bytes command, program *to)
{
    kw_reason reason = program_read(bytes, to);
    reason = reason == KW_OK ? kw_message_verify_signature(&to->message, of->maker) : reason;
    reason = reason == KW_OK ? program_check(to) : reason;
    if (reason != KW_OK) {
        return reason;
    }
    if (!kw_same(to->family, of->family)) {
        return KW_WRONG_FAMILY;
    }
    for (size_t i = 0; i < to->command_count; i++) {
        kw_bytes name, code;
        program_command(to, i, &name, &code);
        if (kw_same(name, command)) {
            return KW_OK;
        }
    }
    return KW_UNKNOWN_COMMAND;
}

kw_reason chip_takes_header(const chip *of, const program *by, kw_bytes package, uint8_t mode,
                            kw_header *header)
{
    if (package.size < 4) {
        return KW_MALFORMED;
    }
    uint32_t size = kw_get_uint32(package.at);
    if (size > KW_HEADER_MAX) {
        return KW_TOO_LARGE;
    }
    if (package.size - 4 < size) {
        return KW_MALFORMED;
    }
    kw_reason reason = kw_header_read(kw_bytes_of(package.at + 4, size), header);
    if (reason != KW_OK) {
        return reason;
    }
    if (!kw_same(header->family, of->family)) {
        return KW_WRONG_FAMILY;
    }
    if (header->epoch != by->epoch) {
        return KW_WRONG_EPOCH;
    }
    return header->mode == mode ? KW_OK : KW_UNLOCK_MISMATCH;
}

/* Step 3. */
static kw_reason judge_order(const chip *of, const provision_inputs *inputs, const kw_header *header,
                             kw_order *order)
{
    uint8_t owner[32];
    kw_reason reason = kw_order_read(inputs->order, order);
    if (reason != KW_OK) {
        return reason;
    }
    if (inputs->order_key.size > KW_PUBLIC_KEY_SIZE) {
        return KW_TOO_LARGE;
    }
    if (inputs->order_key.size != KW_PUBLIC_KEY_SIZE || !kw_port_p256_is_point(inputs->order_key.at)) {
        return KW_UNKNOWN_KEY;
    }
    reason = kw_message_verify_signature(&order->message, inputs->order_key.at);
    if (reason != KW_OK) {
        return reason;
    }
    kw_hash(inputs->order_key, owner);
    if (memcmp(owner, header->oem, 32) != 0 || (of->owner != NULL && memcmp(owner, of->owner, 32) != 0)) {
        return KW_WRONG_OWNER;
    }
    if (!kw_same(order->family, of->family)) {
        return KW_WRONG_FAMILY;
    }
    if (order->mode != header->mode) {
        return KW_FOREIGN_PACKAGE;
    }
    return kw_order_has_lot(order, of->lot) ? KW_OK : KW_WRONG_LOT;
}

static bool read_at(void *from, uint64_t offset, uint8_t *into, size_t size)
{
    const kw_bytes *bytes = from;
    if (offset > bytes->size || bytes->size - offset < size) {
        return false;
    }
    kw_copy(into, bytes->at + offset, size);
    return true;
}

kw_source source_of(kw_bytes *package)
{
    kw_source source = {read_at, package, package->size};
    return source;
}

kw_family_keys chip_family_keys(const chip *of, uint32_t epoch, epoch_room *room)
{
    kw_family_keys family = {of->family, room->shares, of->share_count, room->oem_share};
    for (size_t i = 0; i < of->share_count; i++) {
        kw_epoch_share(of->shares[i], epoch, room->shares + KW_KEY_SIZE * i);
    }
    kw_epoch_share(of->oem_share, epoch, room->oem_share);
    return family;
}

/* Steps 4 and 5. */
static kw_reason unlock_and_pass(const chip *of, const provision_inputs *inputs, uint8_t *room,
                                 provisioned *to)
{
    epoch_room of_epoch;
    kw_family_keys family = chip_family_keys(of, to->header.epoch, &of_epoch);
    uint8_t point[KW_PUBLIC_KEY_SIZE];
    kw_reason reason;
    if (inputs->kem == NULL) {
        reason = kw_unlock(inputs->unlock, &to->header, &family, &to->keys);
    } else if (!kw_port_p256_public(inputs->kem, point)) {
        reason = KW_UNKNOWN_KEY;
    } else {
        kw_named_chip self = {of->id, {inputs->kem, point}};
        reason = kw_unlock_named(inputs->unlock, &to->header, &family, &self, room, &to->keys);
    }
    if (reason == KW_OK) {
        kw_bytes package = inputs->package;
        kw_source source = source_of(&package);
        reason = kw_package_pass(&source, &to->header, &to->keys, room, to->header.block_size, to->digest);
    }
    return reason;
}

kw_reason provisioned_asset(const provisioned *from, kw_bytes package, size_t i, uint8_t *room,
                            kw_bytes *content)
{
    kw_source source = source_of(&package);
    kw_part part;
    kw_bytes block;
    kw_reason reason = KW_OK;
    kw_part_begin(&from->header, i, &from->keys, &part);
    *content = kw_bytes_of(room, 0);
    while (reason == KW_OK && part.left > 0) {
        reason = kw_part_next(&part, &source, room + content->size, &block);
        content->size += reason == KW_OK ? block.size : 0;
    }
    kw_part_end(&part);
    return reason;
}

kw_reason chip_provision(const chip *of, const provision_inputs *inputs, uint8_t *room, provisioned *to)
{
    program by;
    kw_order order;
    bool is_named = inputs->kem != NULL;
    kw_reason reason = chip_takes_program(of, inputs->program, inputs->command, &by);
    uint8_t mode = is_named ? 2 : 1;
    reason = reason == KW_OK ? chip_takes_header(of, &by, inputs->package, mode, &to->header) : reason;
    reason = reason == KW_OK ? judge_order(of, inputs, &to->header, &order) : reason;
    reason = reason == KW_OK ? unlock_and_pass(of, inputs, room, to) : reason;
    if (reason == KW_OK && !kw_order_has_package(&order, to->digest)) {
        reason = KW_FOREIGN_PACKAGE;
    }
    for (size_t i = 0; reason == KW_OK && i < to->header.asset_count; i++) {
        kw_bytes package = inputs->package, block;
        kw_source source = source_of(&package);
        kw_part part;
        kw_part_begin(&to->header, i, &to->keys, &part);
        while (reason == KW_OK && part.left > 0) {
            reason = kw_part_next(&part, &source, room, &block);
        }
        kw_part_end(&part);
    }
    return reason;
}
