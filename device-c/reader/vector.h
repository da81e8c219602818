/* One vector: its fields as bytes, and the comparison of what came out with what the file says. */
#ifndef READER_VECTOR_H
#define READER_VECTOR_H

#include "json.h"
#include "mutate.h"
#include "keywright/reason.h"

typedef struct {
    const char *path;
    const char *folder;
    const json *root;
    char fault[160]; /* the first thing that is not as the file says */
    kw_bytes said;   /* what came out, where `expect` is neither a reason nor a list of fields */
} vector;

/* One function a folder: judges the case. KW_OK: accepted, and what came out was compared. */
typedef kw_reason vector_reader(vector *v);

/* Fields of the case. What is missing or of another kind is a fault of the file, and zero bytes or 0. */
kw_bytes bytes_at(vector *v, const char *name); /* hexadecimal */
kw_bytes bytes_of(vector *v, const json *value);
kw_bytes text_at(vector *v, const char *name);
uint64_t number_at(vector *v, const char *name);
const uint8_t *fixed_at(vector *v, const char *name, size_t size);
const uint8_t *fixed_of(vector *v, const json *value, size_t size);

/* The object that holds what comes out: `expect` itself, or what a folder names. */
const json *fields(vector *v, const char *name);

/* Comparison with members of `expected`; a missing member is a fault. */
void same_bytes(vector *v, const json *expected, const char *name, kw_bytes got);
void same_text(vector *v, const json *expected, const char *name, kw_bytes got);
void same_number(vector *v, const json *expected, const char *name, uint64_t got);
void is_bytes(vector *v, const json *expected, kw_bytes got);
void is_text(vector *v, const json *expected, kw_bytes got);
void is_number(vector *v, const json *expected, uint64_t got);
void is_absent(vector *v, const json *expected, const char *name);
void same_count(vector *v, const json *list, size_t count);
void fault(vector *v, const char *what, const char *name);

/* Scratch memory of this case; what lies around a piece of it is poisoned. Null when a case asks for too
 * much. */
uint8_t *scratch(size_t size);
void scratch_reset(void);

vector_reader read_ack, read_backup, read_body, read_cbor, read_certificate, read_chain, read_checkpoint,
    read_chip_list, read_claim, read_counted_chips, read_digest, read_done, read_dump, read_enrolment,
    read_entry, read_envelope, read_grant, read_images, read_issuer, read_journal, read_judgement, read_keep, read_key_block, read_module,
    read_order, read_package, read_possession, read_primitives, read_program, read_program_command,
    read_program_file, read_receipt, read_refusal, read_resume, read_resumed, read_resync, read_start, read_take,
    read_tiles, read_turn, read_unlock, read_unlocking;

#endif
