/* vectors/package, unlock, keep, unlocking. */
#include "provision.h"
#include "vector.h"

enum { BLOCK_ROOM = KW_BLOCK_MAX + 48, GENERATED = 4 };

/* What was sealed; of a generated asset nobody outside knows more than that it has its size, and the vector
 * has nothing. */
static void compare_assets(vector *v, const provisioned *got, kw_bytes package)
{
    const json *assets = fields(v, "assets");
    same_bytes(v, v->root, "digest", kw_bytes_of(got->digest, sizeof got->digest));
    same_count(v, assets, got->header.asset_count);
    size_t i = 0;
    for (const json *each = v->fault[0] != 0 ? NULL : assets->first; each != NULL; each = each->next, i++) {
        kw_asset asset = kw_header_asset(&got->header, i);
        kw_bytes content;
        same_number(v, each, "ref", asset.ref);
        same_number(v, each, "kind", asset.kind);
        uint8_t *room = scratch(asset.size + BLOCK_ROOM);
        if (room == NULL || provisioned_asset(got, package, i, room, &content) != KW_OK
            || content.size != asset.size) {
            fault(v, "an asset did not open", "");
        } else {
            same_bytes(v, each, "content",
                       kw_bytes_of(content.at, asset.kind == GENERATED ? 0 : content.size));
        }
    }
}

static kw_reason provision(vector *v, provisioned *got, kw_bytes *package)
{
    chip blank;
    kw_reason reason = chip_read(bytes_at(v, "chip"), &blank);
    if (reason != KW_OK) {
        return reason;
    }
    provision_inputs inputs = {bytes_at(v, "program"), text_at(v, "command"), bytes_at(v, "package"),
                               bytes_at(v, "unlock"), bytes_at(v, "order"), bytes_at(v, "orderKey"), NULL};
    if (kw_same(inputs.command, kw_bytes_of_text("provision-named"))) {
        inputs.kem = fixed_at(v, "kem", KW_SCALAR_SIZE);
    }
    *package = inputs.package;
    return chip_provision(&blank, &inputs, scratch(BLOCK_ROOM), got);
}

kw_reason read_package(vector *v)
{
    provisioned got;
    kw_bytes package;
    kw_reason reason = provision(v, &got, &package);
    if (reason == KW_OK) {
        compare_assets(v, &got, package);
    }
    return reason;
}

kw_reason read_unlock(vector *v)
{
    return read_package(v);
}

kw_reason read_keep(vector *v)
{
    chip blank;
    kw_header plan;
    opened_halves opened;
    kw_reason reason = chip_read(bytes_at(v, "chip"), &blank);
    if (reason != KW_OK) {
        return reason;
    }
    kept_halves halves = {bytes_at(v, "keepInput"), bytes_at(v, "keepShare")};
    reason = chip_opens_keep(&blank, bytes_at(v, "program"), bytes_at(v, "plan"), &halves, &opened, &plan);
    if (reason == KW_OK) {
        same_bytes(v, v->root, "oem", kw_bytes_of(plan.oem, KW_DIGEST_SIZE));
        same_bytes(v, v->root, "oemRandom", kw_bytes_of(opened.input, opened.input_size));
    }
    return reason;
}

/* That the unlock of the file opens to the share that was made: KWP has one result. */
static void compare_unlock(vector *v, const chip *of, kw_bytes package, const uint8_t oem_share[KW_KEY_SIZE])
{
    kw_header header;
    epoch_room room;
    kw_package_keys made, opened;
    uint32_t size = kw_get_uint32(package.at);
    if (kw_header_read(kw_bytes_of(package.at + 4, size), &header) != KW_OK) {
        fault(v, "a header that was judged before", "package");
        return;
    }
    kw_family_keys family = chip_family_keys(of, header.epoch, &room);
    kw_package_keys_make(&family, &header, kw_bytes_of(oem_share, KW_KEY_SIZE), &made);
    if (kw_unlock(bytes_at(v, "emitted"), &header, &family, &opened) != KW_OK
        || !kw_same_secret(made.auth, opened.auth, sizeof made.auth)) {
        fault(v, "another unlock", "emitted");
    }
}

kw_reason read_unlocking(vector *v)
{
    chip blank;
    unlocking made;
    kw_reason reason = chip_read(bytes_at(v, "chip"), &blank);
    if (reason != KW_OK) {
        return reason;
    }
    unlocking_inputs inputs = {.program = bytes_at(v, "program"),
                               .package = bytes_at(v, "package"),
                               .halves = {bytes_at(v, "keepInput"), bytes_at(v, "keepShare")}};
    bool for_chip = json_is_text(json_member(v->root, "command"), "unlock-for-chip");
    if (for_chip) {
        inputs.list = bytes_at(v, "list");
        inputs.leaf = bytes_at(v, "leaf");
    }
    reason = chip_makes_unlock(&blank, &inputs, scratch(BLOCK_ROOM), &made);
    if (reason != KW_OK) {
        return reason;
    }
    same_bytes(v, v->root, "oemShare", kw_bytes_of(made.oem_share, sizeof made.oem_share));
    if (for_chip) {
        same_bytes(v, v->root, "named", kw_bytes_of(made.named, KW_CHIP_ID_SIZE));
    } else {
        compare_unlock(v, &blank, inputs.package, made.oem_share);
    }
    return KW_OK;
}
