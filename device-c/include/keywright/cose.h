/*
 * The protections of docs/spec/wire.md §3-§6, read in place: S1 (COSE_Sign1, ES256), M0 (COSE_Mac0, HMAC
 * 256/256), E0 (COSE_Encrypt0, A256GCM) and EN (COSE_Encrypt, HPKE-7-KE). What is verified are the received
 * bytes.
 */
#ifndef KEYWRIGHT_COSE_H
#define KEYWRIGHT_COSE_H

#include "keywright/cbor.h"

enum { KW_SIGNED = 1, KW_TAGGED = 2 };

/* What the type of a message fixes: its name in `typ`, how it may be protected, and its largest size. */
typedef struct {
    const char *name;
    unsigned protections;
    size_t most;
} kw_message_type;

/* A message whose form is right; nothing in it is to be acted upon before its proof was verified. */
typedef struct {
    kw_bytes whole;
    kw_bytes protected_header;
    kw_bytes payload;
    const uint8_t *proof; /* 64 bytes of signature or 32 bytes of tag */
    bool is_signed;
} kw_message;

/* Steps 1-4 of wire.md §4; `payload` then stands at the payload's beginning. */
kw_reason kw_message_read(const kw_message_type *type, kw_bytes bytes, kw_message *message, kw_cbor *payload);

/* Step 7: bad-signature, also when the message is not signed or s is above n/2. */
kw_reason kw_message_verify_signature(const kw_message *message, const uint8_t key[65]);

/* Step 7: bad-mac. */
kw_reason kw_message_verify_mac(const kw_message *message, const uint8_t key[32]);

void kw_message_digest(const kw_message *message, uint8_t digest[32]);

/* What E0 and the content of EN have in common. `sealed` is the ciphertext with its tag of 16 bytes. */
typedef struct {
    kw_bytes protected_header;
    const uint8_t *iv;
    kw_bytes sealed;
} kw_sealed;

/* The bytes that come out when it opens. */
size_t kw_sealed_content_size(const kw_sealed *sealed);

/* `most`: the largest content that is allowed; above it too-large. */
kw_reason kw_e0_read(kw_bytes bytes, size_t most, kw_sealed *e0);

/* `plain` has room for kw_sealed_content_size; external_aad has at most 128 bytes. bad-seal wipes it. */
kw_reason kw_e0_open(const kw_sealed *e0, const uint8_t key[32], kw_bytes external_aad, uint8_t *plain);

/* How many bytes an E0 of that many has. */
size_t kw_e0_size(size_t plain_size);

/* Writes an E0 of plain under this IV into `out`, which has room for kw_e0_size(plain.size)
 * bytes; its size. */
size_t kw_e0_seal(const uint8_t key[32], const uint8_t iv[12], kw_bytes external_aad, kw_bytes plain,
                  uint8_t *out);

enum { KW_RECIPIENTS_MAX = 8 };

typedef struct {
    kw_sealed content;
    kw_bytes recipients; /* as received, checked; kw_en_open reads them again */
    size_t recipient_count;
} kw_en;

/* An HPKE key of this reader. */
typedef struct {
    const uint8_t *scalar; /* 32 bytes */
    const uint8_t *point;  /* 65 bytes */
} kw_hpke_key;

/* Structure and algorithms of all parts. */
kw_reason kw_en_read(kw_bytes bytes, size_t most, kw_en *en);

/* extra_info: recipient_extra_info, at most 256 bytes. `plain` has room for
   kw_sealed_content_size(&en->content). None of the keys is a recipient: not-the-recipient; else the first
   one that is opens it, or bad-seal. */
kw_reason kw_en_open(const kw_en *en, const kw_hpke_key *keys, size_t key_count, kw_bytes extra_info,
                     uint8_t *plain);

#endif
