/* What opens a package (provisioning.md §4.3, §4.5): OEM_SHARE, wrapped for the family or sealed to one chip. */
#include "keywright/hash.h"
#include "keywright/kwp.h"
#include "keywright/package.h"

void kw_epoch_share(const uint8_t share[32], uint32_t epoch, uint8_t out[32])
{
    uint8_t room[8];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 1);
    kw_cbor_write_uint(&writer, epoch);
    kw_kdf(kw_bytes_of(share, KW_KEY_SIZE), "epoch", kw_cbor_written(&writer), out, KW_KEY_SIZE);
}

/* KDF(key, name, [one]) */
static void derive(const uint8_t key[32], const char *name, kw_bytes one, uint8_t out[32])
{
    uint8_t room[48];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 1);
    kw_cbor_write_bytes(&writer, one);
    kw_kdf(kw_bytes_of(key, KW_KEY_SIZE), name, kw_cbor_written(&writer), out, KW_KEY_SIZE);
}

/* Extraction "master" over [family, N, OEM_SHARE, share 1, ..., share N]. */
static void master_key(const kw_family_keys *family, kw_bytes oem_share, uint8_t out[32])
{
    uint8_t room[400];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 3 + family->share_count);
    kw_cbor_write_text(&writer, family->family);
    kw_cbor_write_uint(&writer, family->share_count);
    kw_cbor_write_bytes(&writer, oem_share);
    for (size_t i = 0; i < family->share_count; i++) {
        kw_cbor_write_bytes(&writer, kw_bytes_of(family->shares + KW_KEY_SIZE * i, KW_KEY_SIZE));
    }
    kw_extract("master", kw_cbor_written(&writer), out);
    kw_wipe(room, sizeof room);
}

void kw_package_keys_make(const kw_family_keys *family, const kw_header *header, kw_bytes oem_share,
                          kw_package_keys *keys)
{
    uint8_t master[32];
    kw_bytes number = kw_bytes_of(header->package, KW_PACKAGE_ID_SIZE);
    master_key(family, oem_share, master);
    derive(master, "enck", number, keys->enck);
    derive(master, "encd", number, keys->encd);
    derive(master, "auth", number, keys->auth);
    kw_wipe(master, sizeof master);
}

enum { VERSION, WHOM, SEALED, ITEMS };

static kw_reason read_unlock(kw_bytes unlock, kw_flat items[ITEMS])
{
    if (unlock.size > KW_UNLOCK_MAX) {
        return KW_TOO_LARGE;
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, unlock);
    kw_cbor_flat(&cbor, items, ITEMS);
    if (kw_cbor_end(&cbor) != KW_OK) {
        return cbor.reason;
    }
    return kw_flat_is_uint(&items[VERSION], 1) ? KW_OK : KW_WRONG_VERSION;
}

kw_reason kw_unlock(kw_bytes unlock, const kw_header *header, const kw_family_keys *family,
                    kw_package_keys *keys)
{
    kw_flat items[ITEMS];
    kw_reason reason = read_unlock(unlock, items);
    if (reason != KW_OK) {
        return reason;
    }
    uint8_t key[32], oem_share[40];
    size_t size = 0;
    derive(family->oem_share, "unlock", kw_bytes_of(header->digest, KW_DIGEST_SIZE), key);
    bool unwrapped = kw_flat_is_text(&items[WHOM], "family") && items[SEALED].type == KW_CBOR_BYTES
                     && kw_kwp_unwrap(kw_bytes_of(key, sizeof key), items[SEALED].bytes, oem_share,
                                      sizeof oem_share, &size);
    if (unwrapped) {
        kw_package_keys_make(family, header, kw_bytes_of(oem_share, size), keys);
    }
    kw_wipe(key, sizeof key);
    kw_wipe(oem_share, sizeof oem_share);
    return unwrapped ? KW_OK : KW_UNLOCK_MISMATCH;
}

/* ["provisioning", epoch, "chip unlock", H(header), chip ID] */
static kw_bytes place_of(const kw_header *header, const uint8_t *chip_id, uint8_t room[96])
{
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, 96);
    kw_cbor_write_array(&writer, 5);
    kw_cbor_write_text(&writer, kw_bytes_of_text("provisioning"));
    kw_cbor_write_uint(&writer, header->epoch);
    kw_cbor_write_text(&writer, kw_bytes_of_text("chip unlock"));
    kw_cbor_write_bytes(&writer, kw_bytes_of(header->digest, KW_DIGEST_SIZE));
    kw_cbor_write_bytes(&writer, kw_bytes_of(chip_id, KW_CHIP_ID_SIZE));
    return kw_cbor_written(&writer);
}

kw_reason kw_unlock_named(kw_bytes unlock, const kw_header *header, const kw_family_keys *family,
                          const kw_named_chip *chip, uint8_t *room, kw_package_keys *keys)
{
    kw_flat items[ITEMS];
    kw_reason reason = read_unlock(unlock, items);
    if (reason != KW_OK) {
        return reason;
    }
    uint8_t place[96];
    kw_en en;
    if (items[WHOM].type != KW_CBOR_BYTES
        || !kw_same(items[WHOM].bytes, kw_bytes_of(chip->id, KW_CHIP_ID_SIZE))
        || items[SEALED].type != KW_CBOR_BYTES || kw_en_read(items[SEALED].bytes, KW_UNLOCK_MAX, &en) != KW_OK
        || kw_en_open(&en, &chip->kem, 1, place_of(header, chip->id, place), room) != KW_OK
        || kw_sealed_content_size(&en.content) == 0) {
        return KW_UNLOCK_MISMATCH;
    }
    /* Anybody can seal to a chip. A share of another size is no OEM_SHARE, and makes no tag come out right. */
    bool is_share = kw_sealed_content_size(&en.content) == KW_KEY_SIZE;
    if (is_share) {
        kw_package_keys_make(family, header, kw_bytes_of(room, KW_KEY_SIZE), keys);
    }
    kw_wipe(room, kw_sealed_content_size(&en.content));
    return is_share ? KW_OK : KW_DAMAGED_PACKAGE;
}
