#include "keywright/provisioning.h"

static const kw_message_type type = {"order", KW_SIGNED, KW_ORDER_MAX};

kw_reason kw_order_read(kw_bytes bytes, kw_order *order)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&type, bytes, &order->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 10);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    order->id = kw_cbor_short(&cbor);
    kw_map_key(&map, 2);
    order->product = kw_cbor_short(&cbor);
    kw_map_key(&map, 3);
    order->factory = kw_cbor_short(&cbor);
    kw_map_key(&map, 4);
    order->family = kw_cbor_short(&cbor);
    kw_map_key(&map, 5);
    order->lot_count = kw_cbor_array(&cbor, 1, 64);
    order->lots.at = cbor.at;
    for (size_t i = 0; i < order->lot_count; i++) {
        kw_cbor_uint32(&cbor);
    }
    order->lots.size = (size_t)(cbor.at - order->lots.at);
    kw_map_key(&map, 6);
    order->quota = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 7);
    order->mode = kw_cbor_mode(&cbor);
    kw_map_key(&map, 8);
    order->package_count = kw_cbor_array(&cbor, 1, 16);
    order->packages.at = cbor.at;
    for (size_t i = 0; i < order->package_count; i++) {
        kw_cbor_digest(&cbor);
    }
    order->packages.size = (size_t)(cbor.at - order->packages.at);
    kw_map_key(&map, 9);
    order->issued = kw_cbor_uint(&cbor, 0, KW_INT63_MAX);
    return kw_cbor_end(&cbor);
}

uint32_t kw_order_lot(const kw_order *order, size_t i)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, order->lots);
    while (i-- > 0) {
        kw_cbor_uint32(&cbor);
    }
    return kw_cbor_uint32(&cbor);
}

const uint8_t *kw_order_package(const kw_order *order, size_t i)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, order->packages);
    while (i-- > 0) {
        kw_cbor_digest(&cbor);
    }
    return kw_cbor_digest(&cbor);
}

bool kw_order_has_lot(const kw_order *order, uint32_t lot)
{
    for (size_t i = 0; i < order->lot_count; i++) {
        if (kw_order_lot(order, i) == lot) {
            return true;
        }
    }
    return false;
}

bool kw_order_has_package(const kw_order *order, const uint8_t digest[32])
{
    bool found = false;
    for (size_t i = 0; i < order->package_count; i++) {
        found |= kw_same_secret(kw_order_package(order, i), digest, KW_DIGEST_SIZE);
    }
    return found;
}
