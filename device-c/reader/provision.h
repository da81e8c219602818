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
kw_reason chip_takes_program(const chip *of, kw_bytes bytes, kw_bytes command, program *to);

/* Header, family, epoch, mode (§6.1, step 2). */
kw_reason chip_takes_header(const chip *of, const program *by, kw_bytes package, uint8_t mode,
                            kw_header *header);

/* What a package is opened with, besides OEM_SHARE: as an epoch shows it. `room` is where it stands. */
typedef struct {
    uint8_t shares[SHARES_MAX * KW_KEY_SIZE], oem_share[KW_KEY_SIZE];
} epoch_room;

kw_family_keys chip_family_keys(const chip *of, uint32_t epoch, epoch_room *room);

typedef struct {
    kw_bytes program, command, package, unlock, order, order_key;
    const uint8_t *kem; /* the chip's private key, for `provision-named` */
} provision_inputs;

typedef struct {
    kw_header header;
    kw_package_keys keys;
    uint8_t digest[32]; /* D */
} provisioned;

/* §6.1 up to the commit, of `provision` with the family's unlock or, with the kem key, of `provision-named`; every
 * block of every part was opened. */
kw_reason chip_provision(const chip *of, const provision_inputs *inputs, uint8_t *room, provisioned *to);

/* The halves that an OEM kept (§4.4), and what is in them. */
typedef struct {
    kw_bytes input, share;
} kept_halves;

typedef struct {
    uint8_t input[40], share[40]; /* OEM_RND_INPUT, RND_SHARE */
    size_t input_size, share_size;
} opened_halves;

/* Both halves, for this OEM. */
kw_reason chip_opens_halves(const chip *of, const uint8_t *oem, const kept_halves *halves, opened_halves *to);

/* As `regenerate` judges them. */
kw_reason chip_opens_keep(const chip *of, kw_bytes program, kw_bytes plan_bytes, const kept_halves *halves,
                          opened_halves *to, kw_header *plan);

/* §4.5: `unlock-family`, or with a list `unlock-for-chip`. */
typedef struct {
    kw_bytes program, package;
    kept_halves halves;
    kw_bytes list, leaf; /* list.at is null: for the family */
} unlocking_inputs;

typedef struct {
    uint8_t oem_share[KW_KEY_SIZE]; /* what is wrapped or sealed */
    const uint8_t *named;           /* chip ID */
} unlocking;

kw_reason chip_makes_unlock(const chip *of, const unlocking_inputs *inputs, uint8_t *room, unlocking *to);

/* The package as it lies in memory. */
kw_source source_of(kw_bytes *package);

/* Asset i once more, into `room`, which has its size and one block more. */
kw_reason provisioned_asset(const provisioned *from, kw_bytes package, size_t i, uint8_t *room,
                            kw_bytes *content);

#endif
