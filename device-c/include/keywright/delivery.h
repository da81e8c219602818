/* Delivery as the device sees it: docs/spec/delivery.md. Claim and Done it makes itself; Grant and Refusal it
 * judges. */
#ifndef KEYWRIGHT_DELIVERY_H
#define KEYWRIGHT_DELIVERY_H

#include "keywright/body.h"
#include "keywright/cose.h"

enum {
    KW_CLAIM_MAX = 8192,
    KW_GRANT_MAX = 512,
    KW_REFUSAL_MAX = 256,
    KW_DONE_MAX = 4096,
    KW_INSTALLED_MAX = 16
};

/* The claim that is open. */
typedef struct {
    uint8_t digest[32];
    uint64_t number;
} kw_open_claim;

typedef struct {
    kw_message message;
    const uint8_t *claim; /* H(Claim) */
    uint64_t number;
    const uint8_t *manifest; /* H(manifest) */
    uint64_t size;           /* of all programs */
    const uint8_t *random;   /* s, 32 bytes */
} kw_grant;

/* Form, MAC, claim (§9.3): wire.md §4, bad-mac, wrong-claim. The caller compares H(manifest): wrong-grant. */
kw_reason kw_grant_read(kw_bytes bytes, kw_grant *grant);
kw_reason kw_grant_judge(const kw_grant *grant, const uint8_t device_key[32], const kw_open_claim *claim);

typedef struct {
    kw_message message;
    const uint8_t *claim;
    uint64_t number;
    kw_reason condition; /* of the six of §5 */
} kw_refusal;

kw_reason kw_refusal_read(kw_bytes bytes, kw_refusal *refusal);
kw_reason kw_refusal_judge(const kw_refusal *refusal, const uint8_t device_key[32],
                           const kw_open_claim *claim);

/* Resumed and Resync (§10), and what they answer. */
typedef struct {
    kw_message message;
    const uint8_t *answers; /* H(Resume); of a Resync also H(Claim) */
    uint64_t number;        /* Resumed: the number at which to go on */
    const uint8_t *epoch;   /* Resync: of the site, 16 bytes */
} kw_out_of_step;

kw_reason kw_resumed_read(kw_bytes bytes, kw_out_of_step *resumed);
kw_reason kw_resync_read(kw_bytes bytes, kw_out_of_step *resync);

/* bad-mac */
kw_reason kw_resumed_verify(const kw_out_of_step *resumed, const uint8_t device_key[32]);
kw_reason kw_resync_verify(const kw_out_of_step *resync, const uint8_t device_key[32]);

/* Body i of a Grant (§7), by the salt in its head; the commitment must be right: bad-seal. */
kw_reason kw_grant_body_begin(const kw_grant *grant, const uint8_t device_key[32], uint64_t index,
                              const uint8_t head[KW_BODY_HEAD_SIZE], kw_body *body);

#endif
