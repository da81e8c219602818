/* The signed provisioning program: docs/spec/provisioning.md §2, §3. */
#ifndef READER_PROGRAM_H
#define READER_PROGRAM_H

#include "keywright/cose.h"

enum { PROGRAM_MAX = 16384, INSTRUCTIONS_MAX = 128, OPERANDS_MAX = 5, ITEMS_MAX = 16, SLOTS = 12 };

typedef enum {
    LOAD = 1,
    FIELD,
    HASH,
    DIGEST,
    RANDOM,
    PACK,
    NEED,
    MEMBER,
    OWNER,
    VERIFY,
    SECRET,
    FRESH,
    ROOT,
    EXTRACT,
    DERIVE,
    PUBLIC,
    WRAP,
    UNWRAP,
    CMAC,
    PLAN,
    COMPOSE,
    HEADER,
    PASS,
    PARTS,
    EACH,
    END_EACH,
    OPEN,
    STORE,
    PUT,
    COPY,
    FILL,
    RECEIPT,
    COMMIT,
    EMIT,
    LEAF,
    HSEAL,
    HOPEN,
    OPCODES
} opcode;

typedef enum { ITEM_TEXT, ITEM_CONSTANT, ITEM_CODE } item_type;

/* Codes of items that are neither text nor constant. */
enum {
    ITEM_K0 = 16,
    ITEM_SHARES = 28,
    FACT_ORDER_LOTS = 76,
    FACT_ORDER_PACKAGES = 77,
    FACT_HEADER_HASH = 56,
    FACT_HEADER_KEYSIZE = 63,
    FACT_ASSET_NUMBER = 88,
    FACT_ASSET_SIZE = 91,
    FACT_PACKAGE_TAG = 96,
    FACT_LEAF_CHIP = 104
};

typedef struct {
    item_type type;
    kw_bytes text;
    uint64_t number; /* of a constant, or the code */
} program_item;

typedef struct {
    uint64_t number; /* slot, count, root, lifecycle, list; kinds as bits */
    kw_bytes text;
    program_item items[ITEMS_MAX]; /* one item, or a list of them */
    size_t count;
} operand;

typedef struct {
    opcode opcode;
    const char *pattern; /* one character an operand, see program.c */
    operand operands[OPERANDS_MAX];
} instruction;

/* Reads the next instruction; what does not decode is refused. */
void instruction_read(kw_cbor *cbor, instruction *to);

typedef struct {
    kw_message message;
    kw_bytes family;
    uint32_t epoch, version;
    kw_bytes commands; /* encoded: name, code, name, code, ... */
    size_t command_count;
} program;

kw_reason program_read(kw_bytes bytes, program *to);

/* Command i: its name and its code. */
void program_command(const program *from, size_t i, kw_bytes *name, kw_bytes *code);

/* §3.4: unconfined-program. */
kw_reason program_check(const program *from);

#endif
