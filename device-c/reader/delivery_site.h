/* What a device makes and a site reads: Claim, Done and Resume (docs/spec/delivery.md §3, §8, §10). */
#ifndef READER_DELIVERY_SITE_H
#define READER_DELIVERY_SITE_H

#include "keywright/delivery.h"

typedef struct {
    const uint8_t *owner;
    kw_bytes program;
    uint64_t sequence;
    kw_bytes version;
    const uint8_t *digest;
} installed;

/* Reads one of a list of what is installed. */
void installed_read(kw_cbor *cbor, installed *to);

typedef struct {
    kw_message message;
    kw_bytes device_id;
    uint32_t kid;
    uint64_t number;
    const uint8_t *prev;
    kw_bytes done; /* the Done that rides along; empty: none */
    kw_bytes product;
    const uint8_t *wanted; /* H(manifest); null: the newest */
    kw_list installed;
    const uint8_t *nonce;
} claim;

typedef struct {
    kw_message message;
    const uint8_t *grant;
    uint64_t number;
    uint64_t result; /* 1 installed, 2 declined */
    kw_list installed;
} done;

typedef struct {
    kw_message message;
    kw_bytes device_id;
    uint32_t kid;
    uint64_t recovery, number;
    const uint8_t *epoch, *nonce;
} resume;

kw_reason resume_read(kw_bytes bytes, resume *to);
kw_reason resume_verify(const resume *message, const uint8_t device_key[32], const uint8_t *identity);

kw_reason claim_read(kw_bytes bytes, claim *to);
kw_reason done_read(kw_bytes bytes, done *to);

/* The signature by the identity key, or the MAC under K_D; then the riding Done: form, MAC, number. */
kw_reason claim_verify(const claim *message, const uint8_t device_key[32], const uint8_t identity[65]);
kw_reason done_verify(const done *message, const uint8_t device_key[32]);

#endif
