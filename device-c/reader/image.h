/* Images, their formats, and the program generator: docs/spec/images.md. */
#ifndef READER_IMAGE_H
#define READER_IMAGE_H

#include "json.h"
#include "keywright/reason.h"

enum { IMAGE_SEGMENTS_MAX = 4096, CONTENT_MAX = 64 << 20, ZONES_MAX = 32 };

typedef struct {
    uint32_t address;
    uint8_t *at;
    size_t size;
} segment;

typedef struct {
    segment segments[IMAGE_SEGMENTS_MAX];
    size_t count;
    bool has_start, start_is_segmented;
    uint32_t start;
} image;

/* Appends bytes at an address that is not below the end of what is there; `room` is where content goes on. */
kw_reason image_add(image *to, uint64_t address, kw_bytes bytes, uint8_t **room);

/* `room` has text.size / 2 bytes. */
kw_reason hex_read(kw_bytes text, uint8_t *room, image *to);

/* Writes at most `limit` characters; how many, or 0 when they do not fit. */
size_t hex_write(const image *from, uint8_t *to, size_t limit);

kw_reason srecord_read(kw_bytes text, uint8_t *room, image *to);
size_t srecord_write(const image *from, uint8_t *to, size_t limit);

/* Several segments may come from one place in the file: more than there is room for is too-large. */
kw_reason elf_read(kw_bytes file, uint8_t *room, size_t room_size, image *to);

/* What an ELF file says besides the image. */
typedef struct {
    bool wide, big; /* 64 bits; most significant byte first */
    uint16_t machine;
    uint32_t flags;
} elf_form;

size_t elf_write(const image *from, const elf_form *form, uint8_t *to, size_t limit);

/* 0 when there is none. */
uint32_t image_linear_start(const image *from);

kw_reason raw_read(kw_bytes bytes, uint32_t base, uint8_t *room, image *to);

typedef enum { CRC_32_LE, CRC_32_BE, SHA_256 } code_algorithm;

/* A parameter zone or a code zone. */
typedef struct {
    kw_bytes name;
    bool is_code;
    uint32_t address;
    uint32_t size; /* of the zone */
    uint8_t blank;
    uint32_t min_bytes;
    uint8_t fill;
    bool holds_key;
    unsigned number;
    code_algorithm algorithm;
    bool covers_image;
} zone;

typedef struct {
    zone zones[2 * ZONES_MAX]; /* parameters, then codes, each in order of address */
    size_t parameter_count, count;
} zone_plan;

kw_reason zone_plan_read(const json *value, zone_plan *plan);

typedef struct {
    kw_bytes identities[16], keys[16];
    size_t identity_count, key_count;
} device_values;

/* §6: changes the image, or refuses before anything was changed. */
kw_reason image_patch(image *to, const zone_plan *plan, const device_values *values);

#endif
