/* Resumed and Resync (delivery.md §10). */
#include "keywright/delivery.h"

#include "keywright/hash.h"

static const kw_message_type resumed_type = {"resumed", KW_TAGGED, 256};
static const kw_message_type resync_type = {"resync", KW_TAGGED, 256};

static kw_reason begin(const kw_message_type *type, kw_bytes bytes, kw_out_of_step *to, kw_cbor *cbor,
                       kw_map *map)
{
    kw_reason reason = kw_message_read(type, bytes, &to->message, cbor);
    if (reason == KW_OK) {
        *map = kw_cbor_map(cbor, 3);
        kw_map_version(map);
        kw_map_key(map, 1);
        to->answers = kw_cbor_digest(cbor);
        kw_map_key(map, 2);
    }
    return reason;
}

kw_reason kw_resumed_read(kw_bytes bytes, kw_out_of_step *resumed)
{
    kw_cbor cbor;
    kw_map map;
    kw_reason reason = begin(&resumed_type, bytes, resumed, &cbor, &map);
    if (reason != KW_OK) {
        return reason;
    }
    resumed->number = kw_cbor_uint(&cbor, 2, KW_INT63_MAX);
    return kw_cbor_end(&cbor);
}

kw_reason kw_resync_read(kw_bytes bytes, kw_out_of_step *resync)
{
    kw_cbor cbor;
    kw_map map;
    kw_reason reason = begin(&resync_type, bytes, resync, &cbor, &map);
    if (reason != KW_OK) {
        return reason;
    }
    resync->epoch = kw_cbor_fixed(&cbor, 16);
    return kw_cbor_end(&cbor);
}

static kw_reason verify(const kw_message *message, const uint8_t device_key[32], const char *name)
{
    uint8_t key[32];
    kw_kdf_plain(device_key, name, key);
    kw_reason reason = kw_message_verify_mac(message, key);
    kw_wipe(key, sizeof key);
    return reason;
}

kw_reason kw_resumed_verify(const kw_out_of_step *resumed, const uint8_t device_key[32])
{
    return verify(&resumed->message, device_key, "resumed");
}

kw_reason kw_resync_verify(const kw_out_of_step *resync, const uint8_t device_key[32])
{
    return verify(&resync->message, device_key, "resync");
}
