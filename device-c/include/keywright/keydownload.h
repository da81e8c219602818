/* Key download as the unit sees it: docs/spec/keydownload.md §2, §3, §5, §6. */
#ifndef KEYWRIGHT_KEYDOWNLOAD_H
#define KEYWRIGHT_KEYDOWNLOAD_H

#include "keywright/cbor.h"

enum {
    KW_SERIAL_MAX = 20,
    KW_APPLICATION_ID_MAX = 8,
    KW_KEY_BLOCK_MAX = 1024, /* characters */
    KW_CHALLENGE_SIZE = 16,
    KW_ACKNOWLEDGEMENT_MAX = 96
};

/* T_SN of the transport key T (16, 24 or 32 bytes), which it is as long as. False when a
 * size is not allowed. */
bool kw_unit_key(kw_bytes transport_key, kw_bytes serial, kw_bytes application_id, uint8_t unit_key[32]);

/* An X9.143 key block of version D, in place. */
typedef struct {
    kw_bytes header; /* with the optional blocks */
    kw_bytes usage;  /* 2 characters */
    char mode, exportability;
    kw_bytes version;      /* 2 characters */
    size_t optional_count; /* without PB */
    kw_bytes sealed;       /* in hexadecimal */
    kw_bytes mac;          /* in hexadecimal */
} kw_key_block;

/* Form alone: bad-key-block. */
kw_reason kw_key_block_read(kw_bytes data, kw_key_block *block);

/* Optional block i, i < optional_count: its ID, and what it says. */
void kw_key_block_optional(const kw_key_block *block, size_t i, kw_bytes *id, kw_bytes *data);

/* MAC and length of the key under a protection key of 16, 24 or 32 bytes: bad-key-block. *key_size is 16, 24
 * or 32. */
kw_reason kw_key_block_open(const kw_key_block *block, kw_bytes protection_key, uint8_t key[32],
                            size_t *key_size);

typedef struct {
    uint32_t ref2;
    char usage[2];
    char mode;
    uint32_t minimum_version;
} kw_slot;

/* What a unit knows when an IMPORT KEY comes. */
typedef struct {
    kw_bytes serial;
    kw_bytes unit_key;     /* T_SN */
    const uint8_t *random; /* 16 bytes; null: no challenge is out */
    uint32_t ref1;
    const kw_slot *slots;
    size_t slot_count;
} kw_unit;

typedef struct {
    uint8_t key[32];
    size_t key_size;
    uint32_t ref2;
    uint32_t version;
    uint8_t acknowledgement[KW_ACKNOWLEDGEMENT_MAX];
    size_t acknowledgement_size;
} kw_imported;

/* §5, every check in its order. After KW_OK the caller stores the key and drops the
 * challenge, then answers. */
kw_reason kw_import_key(kw_bytes command, const kw_unit *unit, kw_imported *imported);

/* §6, for whoever exported: malformed, too-large, wrong-version, bad-acknowledgement. */
kw_reason kw_acknowledgement_check(kw_bytes message, const kw_unit *unit, const uint8_t data_digest[32]);

#endif
