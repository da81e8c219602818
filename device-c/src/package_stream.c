/* The two passes over a package (provisioning.md §5). */
#include "block.h"

#include "keywright/hash.h"

static size_t sealed_size(kw_suite suite, size_t size)
{
    return suite == KW_SUITE_CBC_CMAC ? size / 16 * 16 + 32 : size + KW_TAG_SIZE;
}

size_t kw_sealed_block_size(const kw_header *header, size_t size)
{
    return sealed_size(header->suite, size);
}

uint64_t kw_part_size(const kw_header *header, const kw_asset *asset)
{
    uint64_t whole = asset->size / header->block_size;
    uint32_t last = asset->size % header->block_size;
    return whole * kw_sealed_block_size(header, header->block_size)
           + (last == 0 ? 0 : kw_sealed_block_size(header, last));
}

static uint64_t part_offset(const kw_header *header, size_t i)
{
    uint64_t offset = 4 + header->whole.size;
    for (size_t k = 0; k < i; k++) {
        kw_asset asset = kw_header_asset(header, k);
        offset += kw_part_size(header, &asset);
    }
    return offset;
}

uint64_t kw_package_size(const kw_header *header)
{
    return part_offset(header, header->asset_count) + KW_TAG_SIZE;
}

static void add_head(kw_port_state *hash, kw_cbor_type type, uint64_t value)
{
    uint8_t head[9];
    kw_port_sha256_add(hash, head, kw_cbor_head(head, type, value));
}

static void add_digest(kw_port_state *hash, const uint8_t digest[32])
{
    add_head(hash, KW_CBOR_BYTES, KW_DIGEST_SIZE);
    kw_port_sha256_add(hash, digest, KW_DIGEST_SIZE);
}

static bool hash_part(const kw_source *source, uint64_t offset, uint64_t size, uint8_t *room,
                      size_t room_size, uint8_t digest[32])
{
    kw_port_state hash;
    bool whole = true;
    kw_port_sha256_begin(&hash);
    while (whole && size > 0) {
        size_t part = size < room_size ? (size_t)size : room_size;
        whole = source->read(source->from, offset, room, part);
        kw_port_sha256_add(&hash, room, whole ? part : 0);
        offset += part;
        size -= part;
    }
    kw_port_sha256_end(&hash, digest);
    return whole;
}

/* P = H(CBOR[H(header), [H(part)...]]) */
static bool hash_parts(const kw_source *source, const kw_header *header, uint8_t *room, size_t room_size,
                       uint8_t p[32])
{
    kw_port_state hash;
    uint64_t offset = part_offset(header, 0);
    bool whole = true;
    kw_port_sha256_begin(&hash);
    add_head(&hash, KW_CBOR_ARRAY, 2);
    add_digest(&hash, header->digest);
    add_head(&hash, KW_CBOR_ARRAY, header->asset_count);
    for (size_t i = 0; whole && i < header->asset_count; i++) {
        kw_asset asset = kw_header_asset(header, i);
        uint8_t digest[32];
        uint64_t size = kw_part_size(header, &asset);
        whole = hash_part(source, offset, size, room, room_size, digest);
        add_digest(&hash, digest);
        offset += size;
    }
    kw_port_sha256_end(&hash, p);
    return whole;
}

kw_reason kw_package_pass(const kw_source *source, const kw_header *header, const kw_package_keys *keys,
                          uint8_t *room, size_t room_size, uint8_t digest[32])
{
    uint8_t p[32], tag[16], own[16];
    if (source->size != kw_package_size(header) || !hash_parts(source, header, room, room_size, p)
        || !source->read(source->from, source->size - KW_TAG_SIZE, tag, KW_TAG_SIZE)) {
        return KW_DAMAGED_PACKAGE;
    }
    kw_cmac_of(kw_bytes_of(keys->auth, KW_KEY_SIZE), kw_bytes_of(p, sizeof p), own);
    if (!kw_same_secret(own, tag, sizeof tag)) {
        return KW_DAMAGED_PACKAGE;
    }
    uint8_t encoded[64];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, encoded, sizeof encoded);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_bytes(&writer, kw_bytes_of(p, sizeof p));
    kw_cbor_write_bytes(&writer, kw_bytes_of(tag, sizeof tag));
    kw_hash(kw_cbor_written(&writer), digest);
    return KW_OK;
}

void kw_part_begin(const kw_header *header, size_t i, const kw_package_keys *keys, kw_part *part)
{
    uint8_t room[40];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_bytes(&writer, kw_bytes_of(header->digest, KW_DIGEST_SIZE));
    kw_cbor_write_uint(&writer, i);

    part->asset = kw_header_asset(header, i);
    kw_kdf(kw_bytes_of(part->asset.kind <= 4 ? keys->enck : keys->encd, KW_KEY_SIZE), "asset",
           kw_cbor_written(&writer), part->key, kw_part_key_size(header->suite));
    part->suite = header->suite;
    part->block_size = header->block_size;
    part->offset = part_offset(header, i);
    part->left = part->asset.size;
    part->number = 0;
}

kw_reason kw_part_next(kw_part *part, const kw_source *source, uint8_t *room, kw_bytes *content)
{
    uint32_t size = part->left < part->block_size ? part->left : part->block_size;
    size_t sealed = sealed_size(part->suite, size);
    if (size == 0 || !source->read(source->from, part->offset, room, sealed)
        || !kw_block_open(part, room, size, size == part->left)) {
        kw_wipe(room, sealed);
        return KW_DAMAGED_PACKAGE;
    }
    part->offset += sealed;
    part->left -= size;
    part->number++;
    *content = kw_bytes_of(room, size);
    return KW_OK;
}

void kw_part_end(kw_part *part)
{
    kw_wipe(part, sizeof *part);
}
