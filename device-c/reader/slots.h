/* What a checked command has in its slots, and what it has done so far (provisioning.md §3.4). */
#ifndef READER_SLOTS_H
#define READER_SLOTS_H

#include "inputs.h"
#include "program.h"

typedef enum { UNUSED, PARENT, KEY_ENCRYPTION, MAC, PART, MATERIAL } purpose;

typedef struct {
    bool written, in_loop, is_root, rooted, opened, part_key;
    bool named; /* derived under a label that begins with `named ` */
    bool sent;  /* opened by hopen, or made of what was */
    uint64_t size; /* a constant one; 0: not known */
} slot;

typedef struct {
    bool confined;
    slot keys[SLOTS], values[SLOTS];
    purpose purposes[SLOTS];
    bool planned, composed, has_header, verified, passed, has_parts, has_receipt;
    bool has_leaf, committed, must_commit;
    uint64_t receipt_lifecycle;
    bool in_loop;
    uint64_t kinds; /* of the loop, as bits */
    unsigned next_kind, handled;
    input_list inputs;
} command_state;

enum { OF_KEY = 1025 }; /* a size that is header.keysize */
enum { KINDS_1_TO_4 = 0x1e, KINDS_1_TO_5 = 0x3e, KINDS_6_TO_9 = 0x3c0 };

void confine(command_state *s, bool rule);

/* Items that are read; key slots and shares only where the instruction takes them (rule 2). */
void read_items(command_state *s, const operand *from, bool takes_keys);

bool is_fact(const program_item *item, uint64_t code);

/* A constant from 1 to 1024; header.keysize: OF_KEY; asset.size in a loop over kinds 1-4: 0. */
uint64_t read_size(command_state *s, const operand *from);

slot *write_slot(command_state *s, slot *to);

/* A key serves one purpose (rule 5). */
slot *serve_key(command_state *s, const operand *key, purpose what);

/* The same, outside of extractions: a root only derives (rule 4). */
slot *use_key(command_state *s, const operand *key, purpose what);

/* A key that wraps, unwraps or tags (rule 3). */
void use_rooted(command_state *s, const operand *key, purpose what);
void use_part_key(command_state *s, const operand *key);

/* Material that leaves the command (rule 11). */
slot *use_leaving(command_state *s, const operand *key);

bool label_starts(kw_bytes label, const char *with);

#endif
