/* Header, Unlock and keys of a package (provisioning.md §4). */
#include "keywright/package.h"

#include "keywright/hash.h"
#include "keywright/kwp.h"

static kw_asset read_asset(kw_cbor *cbor)
{
    kw_asset asset;
    asset.ref = (uint32_t)kw_cbor_uint(cbor, 1, 65535);
    asset.kind = (uint8_t)kw_cbor_uint(cbor, 1, 9);
    asset.storage = (uint8_t)kw_cbor_uint(cbor, 1, 3);
    asset.size = (uint32_t)kw_cbor_uint(cbor, 1, 67108864);
    return asset;
}

/* The table of §4.1. */
static bool is_storable(const kw_asset *asset)
{
    switch (asset->storage) {
    case 1:
        return asset->kind <= 4 ? asset->size <= 1024 : asset->kind == 5 && asset->size == KW_PUBLIC_KEY_SIZE;
    case 2:
        return asset->kind <= 4 && (asset->size == 16 || asset->size == 24 || asset->size == 32);
    default:
        return asset->kind >= 6;
    }
}

static bool has_ref(const kw_header *header, size_t limit, uint32_t ref)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, header->assets);
    for (size_t i = 0; i < limit; i++) {
        if (read_asset(&cbor).ref == ref) {
            return true;
        }
    }
    return false;
}

static void read_assets(kw_cbor *cbor, kw_header *header)
{
    size_t count = kw_cbor_array(cbor, 4, 4 * KW_ASSETS_MAX);
    uint8_t kind = 0;
    header->asset_count = count / 4;
    header->assets = kw_bytes_of(cbor->at, (size_t)(cbor->end - cbor->at));
    if (count % 4 != 0) {
        kw_cbor_refuse(cbor, KW_MALFORMED);
    }
    for (size_t i = 0; i < header->asset_count; i++) {
        kw_asset asset = read_asset(cbor);
        if (cbor->reason != KW_OK) {
            return;
        }
        if (asset.kind < kind || !is_storable(&asset) || has_ref(header, i, asset.ref)) {
            kw_cbor_refuse(cbor, KW_MALFORMED);
        }
        kind = asset.kind;
    }
    header->assets.size = (size_t)(cbor->at - header->assets.at);
}

/* suite, block-size and assets under this key and the next two */
static void read_layout(kw_map *map, int key, kw_header *header)
{
    kw_map_key(map, key);
    uint64_t suite = kw_cbor_uint(map->cbor, 0, UINT64_MAX);
    if (suite < KW_SUITE_GCM || suite > KW_SUITE_CBC_CMAC) {
        kw_cbor_refuse(map->cbor, KW_WRONG_ALGORITHM);
    }
    header->suite = (kw_suite)suite;
    kw_map_key(map, key + 1);
    header->block_size = (uint32_t)kw_cbor_uint(map->cbor, 1024, KW_BLOCK_MAX);
    if (header->block_size % 1024 != 0) {
        kw_cbor_refuse(map->cbor, KW_MALFORMED);
    }
    kw_map_key(map, key + 2);
    read_assets(map->cbor, header);
}

kw_reason kw_plan_read(kw_bytes bytes, kw_header *plan)
{
    static const kw_header nothing;
    if (bytes.size > KW_HEADER_MAX) {
        return KW_TOO_LARGE;
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, bytes);
    *plan = nothing;
    plan->whole = bytes;
    kw_map map = kw_cbor_map(&cbor, 6);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    plan->oem = kw_cbor_digest(&cbor);
    kw_map_key(&map, 2);
    plan->mode = kw_cbor_mode(&cbor);
    read_layout(&map, 3, plan);
    kw_hash(bytes, plan->digest);
    return kw_cbor_end(&cbor);
}

kw_reason kw_header_read(kw_bytes bytes, kw_header *header)
{
    if (bytes.size > KW_HEADER_MAX) {
        return KW_TOO_LARGE;
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, bytes);
    header->whole = bytes;
    kw_map map = kw_cbor_map(&cbor, 9);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    header->oem = kw_cbor_digest(&cbor);
    kw_map_key(&map, 2);
    header->family = kw_cbor_short(&cbor);
    kw_map_key(&map, 3);
    header->mode = kw_cbor_mode(&cbor);
    kw_map_key(&map, 4);
    header->epoch = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 5);
    header->package = kw_cbor_fixed(&cbor, KW_PACKAGE_ID_SIZE);
    read_layout(&map, 6, header);
    kw_hash(bytes, header->digest);
    return kw_cbor_end(&cbor);
}

kw_asset kw_header_asset(const kw_header *header, size_t i)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, header->assets);
    while (i-- > 0) {
        read_asset(&cbor);
    }
    return read_asset(&cbor);
}

void kw_chip_seed(kw_bytes seed, uint32_t ref, const uint8_t chip_id[17], uint8_t *out)
{
    uint8_t room[32];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_uint(&writer, ref);
    kw_cbor_write_bytes(&writer, kw_bytes_of(chip_id, KW_CHIP_ID_SIZE));
    kw_kdf(seed, "seed", kw_cbor_written(&writer), out, seed.size);
}
