/* Identity, backup and recovery as the chip sees them: docs/spec/backup.md §2, §4-§6. */
#ifndef KEYWRIGHT_BACKUP_H
#define KEYWRIGHT_BACKUP_H

#include "keywright/cose.h"
#include "keywright/log.h"

enum {
    KW_ISSUER_MAX = 1024,
    KW_CERTIFICATE_MAX = 768,
    KW_STORE_MAX = 65536,
    KW_BACKUP_MAX = KW_STORE_MAX + 128,
    KW_ENTRY_MAX = KW_STORE_MAX + 1152
};

typedef struct {
    kw_message message;
    const uint8_t *issuing;
    kw_bytes product;
    kw_bytes log; /* the verifier key as it stands there */
    kw_log_key log_key;
} kw_issuer;

kw_reason kw_issuer_read(kw_bytes bytes, kw_issuer *issuer);

/* §2.2: the order key, whose digest the chip holds, then the Issuer under it. */
kw_reason kw_issuer_judge(kw_bytes bytes, const uint8_t order_key[65], const uint8_t owner[32],
                          kw_issuer *issuer);

typedef struct {
    kw_message message;
    const uint8_t *chip_id;
    kw_bytes device_id, device_type;
    const uint8_t *identity, *tls, *kem;
    uint64_t issued;
    kw_bytes station, product;
} kw_certificate;

kw_reason kw_certificate_read(kw_bytes bytes, kw_certificate *certificate);

/* §4.1.1: the signature by the Issuer's key (bad-signature), then its product (broken-chain). */
kw_reason kw_certificate_judge(const kw_certificate *certificate, const kw_issuer *issuer);

typedef struct {
    kw_bytes whole;
    uint64_t number;
    kw_sealed e0;
} kw_backup;

/* §5.1 */
kw_reason kw_backup_read(kw_bytes bytes, kw_backup *backup);

/* Whose a Backup is: the root is the chip's key `backup`. */
typedef struct {
    const uint8_t *root; /* 32 bytes */
    const uint8_t *chip_id;
    const uint8_t *identity; /* H(device ID) */
} kw_backup_owner;

/* Room for kw_sealed_content_size(&backup->e0); foreign-backup when it is not this chip's. */
kw_reason kw_backup_open(const kw_backup *backup, const kw_backup_owner *owner, uint8_t *store);

/* Writes the Backup of this store into `out`, which has room for store.size + 128; its size. */
size_t kw_backup_make(const kw_backup_owner *owner, uint64_t number, kw_bytes store, uint8_t *out);

typedef struct {
    kw_message message;
    kw_backup backup;
    kw_certificate certificate;
} kw_entry;

/* §6.1 */
kw_reason kw_entry_read(kw_bytes bytes, kw_entry *entry);

#endif
