/* Backup and Entry (backup.md §5, §6). */
#include "keywright/backup.h"

#include "keywright/hash.h"

static const kw_message_type entry_type = {"backup", KW_SIGNED, KW_ENTRY_MAX};
static const char mark[] = "KWBACKUP";

enum { MARK_SIZE = sizeof mark - 1 };

kw_reason kw_backup_read(kw_bytes bytes, kw_backup *backup)
{
    if (bytes.size > KW_BACKUP_MAX) {
        return KW_TOO_LARGE;
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, bytes);
    backup->whole = bytes;
    kw_map map = kw_cbor_map(&cbor, 4);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    if (!kw_same(kw_cbor_bytes(&cbor, MARK_SIZE, MARK_SIZE), kw_bytes_of(mark, MARK_SIZE))) {
        kw_cbor_refuse(&cbor, KW_WRONG_TYPE);
    }
    kw_map_key(&map, 2);
    backup->number = kw_cbor_uint(&cbor, 1, KW_INT63_MAX);
    kw_map_key(&map, 3);
    kw_bytes sealed = kw_cbor_bytes(&cbor, 0, SIZE_MAX);
    if (cbor.reason == KW_OK) {
        kw_reason reason = kw_e0_read(sealed, KW_STORE_MAX, &backup->e0);
        if (reason != KW_OK) {
            kw_cbor_refuse(&cbor, reason);
        }
    }
    return kw_cbor_end(&cbor);
}

/* [chip ID, H(device ID), number] */
static kw_bytes associated(const kw_backup_owner *owner, uint64_t number, uint8_t room[64])
{
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, 64);
    kw_cbor_write_array(&writer, 3);
    kw_cbor_write_bytes(&writer, kw_bytes_of(owner->chip_id, KW_CHIP_ID_SIZE));
    kw_cbor_write_bytes(&writer, kw_bytes_of(owner->identity, KW_DIGEST_SIZE));
    kw_cbor_write_uint(&writer, number);
    return kw_cbor_written(&writer);
}

kw_reason kw_backup_open(const kw_backup *backup, const kw_backup_owner *owner, uint8_t *store)
{
    uint8_t key[32], room[64];
    kw_kdf_plain(owner->root, "seal", key);
    kw_reason reason = kw_e0_open(&backup->e0, key, associated(owner, backup->number, room), store);
    kw_wipe(key, sizeof key);
    return reason == KW_OK ? KW_OK : KW_FOREIGN_BACKUP;
}

size_t kw_backup_make(const kw_backup_owner *owner, uint64_t number, kw_bytes store, uint8_t *out)
{
    uint8_t key[32], iv[32], room[64], head[9];
    kw_bytes aad = associated(owner, number, room);
    kw_hmac hmac;
    kw_kdf_plain(owner->root, "nonce", key);
    kw_hmac_begin(&hmac, kw_bytes_of(key, sizeof key));
    kw_hmac_add(&hmac, aad);
    kw_hmac_add(&hmac, store);
    kw_hmac_end(&hmac, iv);
    kw_kdf_plain(owner->root, "seal", key);

    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, out, store.size + 128);
    kw_cbor_write_map(&writer, 4);
    kw_cbor_write_uint(&writer, 0);
    kw_cbor_write_uint(&writer, 1);
    kw_cbor_write_uint(&writer, 1);
    kw_cbor_write_bytes(&writer, kw_bytes_of(mark, MARK_SIZE));
    kw_cbor_write_uint(&writer, 2);
    kw_cbor_write_uint(&writer, number);
    kw_cbor_write_uint(&writer, 3);
    size_t e0_size = kw_e0_size(store.size);
    kw_cbor_write_raw(&writer, kw_bytes_of(head, kw_cbor_head(head, KW_CBOR_BYTES, e0_size)));
    kw_e0_seal(key, iv, aad, store, out + writer.used);
    kw_wipe(key, sizeof key);
    return writer.used + e0_size;
}

kw_reason kw_entry_read(kw_bytes bytes, kw_entry *entry)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&entry_type, bytes, &entry->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 3);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    kw_bytes backup = kw_cbor_bytes(&cbor, 0, KW_BACKUP_MAX);
    if (cbor.reason == KW_OK && (reason = kw_backup_read(backup, &entry->backup)) != KW_OK) {
        kw_cbor_refuse(&cbor, reason);
    }
    kw_map_key(&map, 2);
    kw_bytes certificate = kw_cbor_bytes(&cbor, 0, KW_CERTIFICATE_MAX);
    if (cbor.reason == KW_OK && (reason = kw_certificate_read(certificate, &entry->certificate)) != KW_OK) {
        kw_cbor_refuse(&cbor, reason);
    }
    return kw_cbor_end(&cbor);
}
