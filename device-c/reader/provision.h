/* A blank chip and what is done with it: docs/spec/chip.md §1, provisioning.md §4.4, §6. */
#ifndef READER_PROVISION_H
#define READER_PROVISION_H

#include "keywright/package.h"
#include "program.h"

enum { SHARES_MAX = 8 };

typedef struct {
    const uint8_t *id;
    kw_bytes family;
    uint32_t lot;
    const uint8_t *maker;
    uint8_t shares[SHARES_MAX][KW_KEY_SIZE];
    size_t share_count;
    const uint8_t *oem_share, *master_share;
    const uint8_t *owner; /* null: none */
} chip;

kw_reason chip_read(kw_bytes immutable, chip *to);

/* Message, signature, confinement, family, command (§2.2). */
kw_reason chip_takes_program(const chip *of, kw_bytes bytes, const char *command, program *to);

typedef struct {
    kw_bytes program, package, unlock, order, order_key;
} provision_inputs;

typedef struct {
    kw_header header;
    kw_package_keys keys;
    uint8_t digest[32]; /* D */
} provisioned;

/* §6.1 up to the commit; every block of every part was opened. */
kw_reason chip_provision(const chip *of, const provision_inputs *inputs, uint8_t *room, provisioned *to);

/* The halves that an OEM kept (§4.4), judged as `regenerate` does; OEM_RND_INPUT comes out. */
typedef struct {
    kw_bytes program, plan, input_half, share_half;
} keep_inputs;

kw_reason chip_opens_keep(const chip *of, const keep_inputs *inputs, uint8_t oem_random[40], size_t *size,
                          kw_header *plan);

/* Asset i once more, into `room`, which has its size and one block more. */
kw_reason provisioned_asset(const provisioned *from, kw_bytes package, size_t i, uint8_t *room,
                            kw_bytes *content);

#endif
