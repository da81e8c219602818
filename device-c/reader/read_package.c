/* vectors/package, unlock, keep. */
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
    provision_inputs inputs = {bytes_at(v, "program"), bytes_at(v, "package"), bytes_at(v, "unlock"),
                               bytes_at(v, "order"), bytes_at(v, "orderKey")};
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
    uint8_t oem_random[40];
    size_t size;
    kw_reason reason = chip_read(bytes_at(v, "chip"), &blank);
    if (reason != KW_OK) {
        return reason;
    }
    keep_inputs inputs = {bytes_at(v, "program"), bytes_at(v, "plan"), bytes_at(v, "keepInput"),
                          bytes_at(v, "keepShare")};
    reason = chip_opens_keep(&blank, &inputs, oem_random, &size, &plan);
    if (reason == KW_OK) {
        same_bytes(v, v->root, "oem", kw_bytes_of(plan.oem, KW_DIGEST_SIZE));
        same_bytes(v, v->root, "oemRandom", kw_bytes_of(oem_random, size));
    }
    return reason;
}
