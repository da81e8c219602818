/* Issuer and Certificate (backup.md §2, §4). */
#include "keywright/backup.h"
#include "keywright/hash.h"

static const kw_message_type issuer_type = {"issuer", KW_SIGNED, KW_ISSUER_MAX};
static const kw_message_type certificate_type = {"identity", KW_SIGNED, KW_CERTIFICATE_MAX};

kw_reason kw_issuer_read(kw_bytes bytes, kw_issuer *issuer)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&issuer_type, bytes, &issuer->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 4);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    issuer->issuing = kw_cbor_public_key(&cbor);
    kw_map_key(&map, 2);
    issuer->product = kw_cbor_short(&cbor);
    kw_map_key(&map, 3);
    issuer->log = kw_cbor_text(&cbor, 1, 320);
    if (cbor.reason == KW_OK) {
        reason = kw_log_key_read(issuer->log, &issuer->log_key);
        if (reason != KW_OK) {
            kw_cbor_refuse(&cbor, reason);
        }
    }
    return kw_cbor_end(&cbor);
}

kw_reason kw_issuer_judge(kw_bytes bytes, const uint8_t order_key[65], const uint8_t owner[32],
                          kw_issuer *issuer)
{
    if (!kw_port_p256_is_point(order_key)) {
        return KW_UNKNOWN_KEY;
    }
    if (!kw_hash_is(kw_bytes_of(order_key, KW_PUBLIC_KEY_SIZE), owner)) {
        return KW_BROKEN_CHAIN;
    }
    kw_reason reason = kw_issuer_read(bytes, issuer);
    if (reason == KW_OK && kw_message_verify_signature(&issuer->message, order_key) != KW_OK) {
        reason = KW_BROKEN_CHAIN;
    }
    return reason;
}

kw_reason kw_certificate_read(kw_bytes bytes, kw_certificate *certificate)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&certificate_type, bytes, &certificate->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 10);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    certificate->chip_id = kw_cbor_chip_id(&cbor);
    kw_map_key(&map, 2);
    certificate->device_id = kw_cbor_device_id(&cbor);
    kw_map_key(&map, 3);
    certificate->device_type = kw_cbor_short(&cbor);
    kw_map_key(&map, 4);
    certificate->identity = kw_cbor_public_key(&cbor);
    kw_map_key(&map, 5);
    certificate->tls = kw_cbor_public_key(&cbor);
    kw_map_key(&map, 6);
    certificate->kem = kw_cbor_public_key(&cbor);
    kw_map_key(&map, 7);
    certificate->issued = kw_cbor_uint(&cbor, 0, KW_INT63_MAX);
    kw_map_key(&map, 8);
    certificate->station = kw_cbor_short(&cbor);
    kw_map_key(&map, 9);
    certificate->product = kw_cbor_short(&cbor);
    return kw_cbor_end(&cbor);
}

kw_reason kw_certificate_judge(const kw_certificate *certificate, const kw_issuer *issuer)
{
    kw_reason reason = kw_message_verify_signature(&certificate->message, issuer->issuing);
    if (reason == KW_OK && !kw_same(certificate->product, issuer->product)) {
        reason = KW_BROKEN_CHAIN;
    }
    return reason;
}
