/* vectors/issuer, possession, certificate, chain, backup, entry, checkpoint. */
#include "field_list.h"
#include "keywright/backup.h"
#include "vector.h"

kw_reason read_issuer(vector *v)
{
    kw_issuer issuer;
    kw_reason reason = kw_issuer_read(bytes_at(v, "message"), &issuer);
    if (reason == KW_OK) {
        reason = kw_message_verify_signature(&issuer.message, fixed_at(v, "key", KW_PUBLIC_KEY_SIZE));
    }
    if (reason == KW_OK) {
        const json *field = compare_bytes(v, first_field(v), issuer.issuing, KW_PUBLIC_KEY_SIZE);
        field = compare_text(v, field, issuer.product);
        no_more(v, compare_text(v, field, issuer.log));
    }
    return reason;
}

static const kw_message_type possession_type = {"possession", KW_SIGNED, 512};

/* What a chip makes and a site reads (backup.md §3). */
kw_reason read_possession(vector *v)
{
    kw_message message;
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&possession_type, bytes_at(v, "message"), &message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 6);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    const uint8_t *chip_id = kw_cbor_chip_id(&cbor);
    kw_map_key(&map, 2);
    kw_bytes device_id = kw_cbor_device_id(&cbor);
    kw_map_key(&map, 3);
    const uint8_t *kem = kw_cbor_public_key(&cbor);
    kw_map_key(&map, 4);
    const uint8_t *tls = kw_cbor_public_key(&cbor);
    kw_map_key(&map, 5);
    const uint8_t *nonce = kw_cbor_fixed(&cbor, 16);
    reason = kw_cbor_end(&cbor);
    if (reason == KW_OK) {
        reason = kw_message_verify_signature(&message, fixed_at(v, "key", KW_PUBLIC_KEY_SIZE));
    }
    if (reason == KW_OK) {
        const json *field = compare_bytes(v, first_field(v), chip_id, KW_CHIP_ID_SIZE);
        field = compare_text(v, field, device_id);
        field = compare_bytes(v, field, kem, KW_PUBLIC_KEY_SIZE);
        field = compare_bytes(v, field, tls, KW_PUBLIC_KEY_SIZE);
        no_more(v, compare_bytes(v, field, nonce, 16));
    }
    return reason;
}

kw_reason read_certificate(vector *v)
{
    kw_certificate certificate;
    kw_reason reason = kw_certificate_read(bytes_at(v, "message"), &certificate);
    if (reason == KW_OK) {
        reason = kw_message_verify_signature(&certificate.message, fixed_at(v, "key", KW_PUBLIC_KEY_SIZE));
    }
    if (reason == KW_OK) {
        const json *field = compare_bytes(v, first_field(v), certificate.chip_id, KW_CHIP_ID_SIZE);
        field = compare_text(v, field, certificate.device_id);
        field = compare_text(v, field, certificate.device_type);
        field = compare_bytes(v, field, certificate.identity, KW_PUBLIC_KEY_SIZE);
        field = compare_bytes(v, field, certificate.tls, KW_PUBLIC_KEY_SIZE);
        field = compare_bytes(v, field, certificate.kem, KW_PUBLIC_KEY_SIZE);
        field = compare_number(v, field, certificate.issued);
        field = compare_text(v, field, certificate.station);
        no_more(v, compare_text(v, field, certificate.product));
    }
    return reason;
}

/* What a chip judges when it is certified (backup.md §4.2), without its own keys. */
kw_reason read_chain(vector *v)
{
    kw_issuer issuer;
    kw_certificate certificate;
    kw_reason reason = kw_issuer_judge(bytes_at(v, "issuer"), fixed_at(v, "order-key", KW_PUBLIC_KEY_SIZE),
                                       fixed_at(v, "oem", KW_DIGEST_SIZE), &issuer);
    reason = reason == KW_OK ? kw_certificate_read(bytes_at(v, "certificate"), &certificate) : reason;
    return reason == KW_OK ? kw_certificate_judge(&certificate, &issuer) : reason;
}

kw_reason read_entry(vector *v)
{
    kw_entry entry;
    kw_reason reason = kw_entry_read(bytes_at(v, "message"), &entry);
    if (reason == KW_OK) {
        reason = kw_message_verify_signature(&entry.message, fixed_at(v, "key", KW_PUBLIC_KEY_SIZE));
    }
    if (reason == KW_OK) {
        const json *field = compare_number(v, first_field(v), entry.backup.number);
        field = compare_bytes(v, field, entry.backup.whole.at, entry.backup.whole.size);
        no_more(v, compare_bytes(v, field, entry.certificate.message.whole.at,
                                 entry.certificate.message.whole.size));
    }
    return reason;
}

/* Opens it, and makes it again bit for bit. */
kw_reason read_backup(vector *v)
{
    kw_backup_owner owner = {fixed_at(v, "root", 32), fixed_at(v, "chip", KW_CHIP_ID_SIZE),
                             fixed_at(v, "identity", 32)};
    kw_backup backup;
    kw_reason reason = kw_backup_read(bytes_at(v, "message"), &backup);
    if (reason != KW_OK) {
        return reason;
    }
    kw_bytes store = kw_bytes_of(scratch(kw_sealed_content_size(&backup.e0)),
                                 kw_sealed_content_size(&backup.e0));
    uint8_t *again = scratch(store.size + 128);
    reason = kw_backup_open(&backup, &owner, (uint8_t *)(uintptr_t)store.at);
    if (reason == KW_OK) {
        same_number(v, v->root, "number", backup.number);
        same_bytes(v, v->root, "store", store);
        is_bytes(v, json_member(v->root, "message"),
                 kw_bytes_of(again, kw_backup_make(&owner, backup.number, store, again)));
    }
    return reason;
}

kw_reason read_checkpoint(vector *v)
{
    kw_log_key key;
    kw_checkpoint checkpoint;
    kw_reason reason = kw_log_key_read(mutated(text_at(v, "verifierKey")), &key);
    if (reason != KW_OK) {
        return reason;
    }
    reason = kw_checkpoint_read(mutated(text_at(v, "note")), &key, &checkpoint);
    if (reason == KW_OK) {
        same_number(v, v->root, "size", checkpoint.size);
        same_bytes(v, v->root, "root", kw_bytes_of(checkpoint.root, sizeof checkpoint.root));
    }
    return reason;
}
