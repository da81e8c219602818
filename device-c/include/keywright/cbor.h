/*
 * Deterministic CBOR as docs/spec/wire.md §2 narrows it, read in place.
 *
 * A cursor is sticky: the first fault stays, every later read gives zero bytes or the number 0, and the
 * caller asks once, at the end. Arrays and maps are read by whoever knows their shape, so nothing recurses
 * and no depth is counted.
 *
 * Of one item the head is judged first (type, shortest form, limit), then whether its bytes are there, then
 * what they say.
 */
#ifndef KEYWRIGHT_CBOR_H
#define KEYWRIGHT_CBOR_H

#include "keywright/reason.h"

#define KW_INT63_MAX 9223372036854775807u

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    kw_reason reason;
} kw_cbor;

/* A map that is being read: the keys come in the order in which they are asked for. */
typedef struct {
    kw_cbor *cbor;
    size_t left;
} kw_map;

/* A list inside a message: count items from here on, all of which were read once. */
typedef struct {
    kw_bytes items;
    size_t count;
} kw_list;

typedef enum {
    KW_CBOR_UINT,
    KW_CBOR_NINT,
    KW_CBOR_BYTES,
    KW_CBOR_TEXT,
    KW_CBOR_ARRAY,
    KW_CBOR_MAP,
    KW_CBOR_TAG,
    KW_CBOR_SIMPLE,
    KW_CBOR_NOTHING
} kw_cbor_type;

void kw_cbor_begin(kw_cbor *cbor, kw_bytes bytes);

/* Refuses, unless something was refused before. */
void kw_cbor_refuse(kw_cbor *cbor, kw_reason reason);

/* What was found: also KW_MALFORMED when something follows the outermost item. */
kw_reason kw_cbor_end(kw_cbor *cbor);

/* The type of the next item, which stays where it is. */
kw_cbor_type kw_cbor_next(const kw_cbor *cbor);

/* Below least: malformed; above most: too-large. Sizes and counts likewise. */
uint64_t kw_cbor_uint(kw_cbor *cbor, uint64_t least, uint64_t most);
uint32_t kw_cbor_uint32(kw_cbor *cbor);
bool kw_cbor_bool(kw_cbor *cbor);

/* n of the negative integer -1 - n. */
uint64_t kw_cbor_nint(kw_cbor *cbor, uint64_t most);

/* SIZE_MAX: only what the string stands in limits it. */
kw_bytes kw_cbor_bytes(kw_cbor *cbor, size_t least, size_t most);
kw_bytes kw_cbor_text(kw_cbor *cbor, size_t least, size_t most);
size_t kw_cbor_array(kw_cbor *cbor, size_t least, size_t most);

/* More than `most` pairs: too-large. Fewer than are asked for: malformed where one is missed. */
kw_map kw_cbor_map(kw_cbor *cbor, size_t most);

void kw_map_key(kw_map *map, int key);
bool kw_map_has(kw_map *map, int key);
void kw_map_end(const kw_map *map);

/* Key 0 of every payload: not 1 is wrong-version. */
void kw_map_version(kw_map *map);

/* Shapes that several messages share (wire.md §2). What comes back always has its full size, zeros after a
 * refusal. */
const uint8_t *kw_cbor_digest(kw_cbor *cbor);
const uint8_t *kw_cbor_chip_id(kw_cbor *cbor);
const uint8_t *kw_cbor_public_key(kw_cbor *cbor);         /* no point of P-256: unknown-key */
const uint8_t *kw_cbor_fixed(kw_cbor *cbor, size_t size); /* at most KW_PUBLIC_KEY_SIZE */
kw_bytes kw_cbor_device_id(kw_cbor *cbor);                /* 1-64 visible ASCII */
kw_bytes kw_cbor_short(kw_cbor *cbor);                    /* 1-32 printable ASCII, spaces too */
kw_list kw_cbor_device_ids(kw_cbor *cbor);                /* 1-8, none twice */
uint8_t kw_cbor_mode(kw_cbor *cbor);                      /* of a package: 1 family, 2 chip */

/* Text whose characters all lie in first..last: anything else is malformed. */
kw_bytes kw_cbor_ascii(kw_cbor *cbor, size_t least, size_t most, uint8_t first, uint8_t last);

/* A flat array of exactly `count` unsigned integers, texts and byte strings, as provisioning programs read
 * them. */
typedef struct {
    kw_cbor_type type;
    uint64_t number;
    kw_bytes bytes;
} kw_flat;

void kw_cbor_flat(kw_cbor *cbor, kw_flat *items, size_t count);
bool kw_flat_is_uint(const kw_flat *item, uint64_t number);
bool kw_flat_is_text(const kw_flat *item, const char *text);

bool kw_is_utf8(kw_bytes text);

/* Writing: what a context, an associated datum or an answer needs. `full` stays when the
 * room was too small. */
typedef struct {
    uint8_t *at;
    size_t room;
    size_t used;
    bool full;
} kw_cbor_writer;

void kw_cbor_write_begin(kw_cbor_writer *writer, uint8_t *at, size_t room);
void kw_cbor_write_uint(kw_cbor_writer *writer, uint64_t value);
void kw_cbor_write_bytes(kw_cbor_writer *writer, kw_bytes bytes);
void kw_cbor_write_text(kw_cbor_writer *writer, kw_bytes text);
void kw_cbor_write_array(kw_cbor_writer *writer, size_t count);
void kw_cbor_write_map(kw_cbor_writer *writer, size_t count);
void kw_cbor_write_raw(kw_cbor_writer *writer, kw_bytes encoded);
kw_bytes kw_cbor_written(const kw_cbor_writer *writer);

/* The head of an item, 1 to 9 bytes. */
size_t kw_cbor_head(uint8_t into[9], kw_cbor_type type, uint64_t value);

#endif
