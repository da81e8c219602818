/* What a chip reads when it is provisioned, besides the package: docs/spec/provisioning.md §7. */
#ifndef KEYWRIGHT_PROVISIONING_H
#define KEYWRIGHT_PROVISIONING_H

#include "keywright/cose.h"

enum { KW_ORDER_MAX = 4096 };

typedef struct {
    kw_message message;
    kw_bytes id, product, factory, family;
    kw_bytes lots; /* encoded */
    size_t lot_count;
    uint32_t quota;
    uint8_t mode;      /* 1 family, 2 chip */
    kw_bytes packages; /* encoded digests */
    size_t package_count;
    uint64_t issued;
} kw_order;

/* wire.md §4, steps 1-5; the signature is kw_message_verify_signature(&order->message, key). */
kw_reason kw_order_read(kw_bytes bytes, kw_order *order);

uint32_t kw_order_lot(const kw_order *order, size_t i);
const uint8_t *kw_order_package(const kw_order *order, size_t i);
bool kw_order_has_lot(const kw_order *order, uint32_t lot);
bool kw_order_has_package(const kw_order *order, const uint8_t digest[32]);

#endif
