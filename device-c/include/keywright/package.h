/*
 * The asset package as a chip reads it: docs/spec/provisioning.md §4, §5. The header is read in place; parts
 * are streamed twice from a source in the memory of one block.
 */
#ifndef KEYWRIGHT_PACKAGE_H
#define KEYWRIGHT_PACKAGE_H

#include "keywright/cose.h"

enum { KW_HEADER_MAX = 4096, KW_ASSETS_MAX = 64, KW_BLOCK_MAX = 16384, KW_PACKAGE_ID_SIZE = 16 };

typedef enum { KW_SUITE_GCM = 1, KW_SUITE_CCM = 2, KW_SUITE_CBC_CMAC = 3 } kw_suite;

typedef struct {
    uint32_t ref;
    uint8_t kind;    /* 1 key, 2 seed, 3 share, 4 generated, 5 owner, 6 certificate, 7 program,
                        8 configuration, 9 data */
    uint8_t storage; /* 1 key store, 2 transport key, 3 flash object */
    uint32_t size;
} kw_asset;

typedef struct {
    kw_bytes whole;
    uint8_t digest[32];
    const uint8_t *oem;
    kw_bytes family;
    uint8_t mode;
    uint32_t epoch;
    const uint8_t *package; /* 16 bytes */
    kw_suite suite;
    uint32_t block_size;
    kw_bytes assets; /* encoded, checked */
    size_t asset_count;
} kw_header;

/* A plan has no family, epoch and package. */
kw_reason kw_plan_read(kw_bytes bytes, kw_header *plan);

/* The header's bytes, without the length before them. */
kw_reason kw_header_read(kw_bytes bytes, kw_header *header);
kw_asset kw_header_asset(const kw_header *header, size_t i);

/* Bytes of a part key: 32, or 64 for suite 3. */
size_t kw_part_key_size(kw_suite suite);

/* Sealed bytes of part i, and of one block of `size` bytes of content. */
uint64_t kw_part_size(const kw_header *header, const kw_asset *asset);
size_t kw_sealed_block_size(const kw_header *header, size_t size);

/* Bytes of the whole package: length, header, parts, tag. */
uint64_t kw_package_size(const kw_header *header);

/* Where the package comes from; `read` fills `into` or says false. */
typedef struct {
    bool (*read)(void *from, uint64_t offset, uint8_t *into, size_t size);
    void *from;
    uint64_t size;
} kw_source;

/* What a chip knows: shares as the program's epoch shows them (§2.4). */
typedef struct {
    kw_bytes family;
    const uint8_t *shares; /* one after the other, 32 bytes each */
    size_t share_count;
    const uint8_t *oem_share;
} kw_family_keys;

typedef struct {
    uint8_t enck[32], encd[32], auth[32];
} kw_package_keys;

/* K_MK, and of it K_ENCK, K_ENCD and K_AUTH (§4.3). */
void kw_package_keys_make(const kw_family_keys *family, const kw_header *header, kw_bytes oem_share,
                          kw_package_keys *keys);

/* The Unlock of a package in family mode (§4.5), then the keys: malformed, too-large, wrong-version,
 * unlock-mismatch. */
kw_reason kw_unlock(kw_bytes unlock, const kw_header *header, const kw_family_keys *family,
                    kw_package_keys *keys);

typedef struct {
    const uint8_t *id; /* 17 bytes */
    kw_hpke_key kem;
} kw_named_chip;

enum { KW_UNLOCK_MAX = 1024 };

/* The same in chip mode, in the chip that it names; also damaged-package. `room` has KW_UNLOCK_MAX bytes. */
kw_reason kw_unlock_named(kw_bytes unlock, const kw_header *header, const kw_family_keys *family,
                          const kw_named_chip *chip, uint8_t *room, kw_package_keys *keys);

/* First pass: P, the tag under K_AUTH, and D. `room` has `room_size` bytes, any number from 32 on.
 * damaged-package. */
kw_reason kw_package_pass(const kw_source *source, const kw_header *header, const kw_package_keys *keys,
                          uint8_t *room, size_t room_size, uint8_t digest[32]);

/* Second pass, asset by asset and block by block. */
typedef struct {
    kw_asset asset;
    uint8_t key[64]; /* as many bytes as the suite's key has */
    kw_suite suite;
    uint32_t block_size;
    uint64_t offset; /* of the next block in the source */
    uint32_t left;   /* bytes of content */
    uint64_t number; /* of the next block */
} kw_part;

void kw_part_begin(const kw_header *header, size_t i, const kw_package_keys *keys, kw_part *part);

/* The next block: `room` has block size + 48 bytes, and its content comes out at `*content`.
 * damaged-package. */
kw_reason kw_part_next(kw_part *part, const kw_source *source, uint8_t *room, kw_bytes *content);
void kw_part_end(kw_part *part);

/* [share or K_OEM_SHARE] as a program of this epoch sees it (§2.4). */
void kw_epoch_share(const uint8_t share[32], uint32_t epoch, uint8_t out[32]);

/* A seed as this chip installs it: KDF(seed, "seed", [ref, chip ID]). */
void kw_chip_seed(kw_bytes seed, uint32_t ref, const uint8_t chip_id[17], uint8_t *out);

#endif
