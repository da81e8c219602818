/* Command `program` as the chip sees it: docs/spec/programming.md §9. */
#ifndef KEYWRIGHT_PROGRAMMING_H
#define KEYWRIGHT_PROGRAMMING_H

#include "keywright/body.h"
#include "keywright/cose.h"

enum { KW_HEAD_MAX = 1280, KW_HEAD_CONTENT_MAX = 1024, KW_IMAGE_MAX = 4194304 };

typedef struct {
    uint8_t digest[32]; /* H(head-content) */
    uint32_t kid;
    const uint8_t *device_key; /* K_D */
    kw_list devices;
    kw_bytes product, device_type;
    uint8_t kind; /* 1 Intel HEX, 2 raw from the base address on */
    uint32_t base_address;
    const uint8_t *image_digest;
    uint32_t image_size;
} kw_head;

/* §9.2, steps 1-3. The views look into `room`, which has KW_HEAD_MAX bytes, holds K_D, and is to be wiped. */
kw_reason kw_head_open(kw_bytes sealed, const kw_hpke_key *kem, const uint8_t chip_id[17], uint8_t *room,
                       kw_head *head);

/* §9.2, steps 6 and 7: the size of the sealed image, and its first 56 bytes: body-mismatch. A chunk that does
   not open (kw_body_open_chunk) is body-mismatch too. */
kw_reason kw_head_image_begin(const kw_head *head, uint64_t sealed_size,
                              const uint8_t body_head[KW_BODY_HEAD_SIZE], kw_body *body);

/* §9.5: what the chip answers once all of it is durable. */
void kw_head_confirmation(const kw_head *head, const uint8_t chip_id[17], uint8_t confirmation[KW_KEY_SIZE]);

#endif
