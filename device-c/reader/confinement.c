/* What everybody proves of a program before its first instruction (provisioning.md §3.4). */
#include "inputs.h"
#include "labels.h"
#include "program.h"

#include <string.h>

typedef enum { UNUSED, PARENT, KEY_ENCRYPTION, MAC, PART, MATERIAL } purpose;

typedef struct {
    bool written, in_loop, is_root, rooted, opened, part_key;
    uint64_t size; /* a constant one; 0: not known */
} slot;

typedef struct {
    bool confined;
    slot keys[SLOTS], values[SLOTS];
    purpose purposes[SLOTS];
    bool planned, composed, has_header, verified, passed, has_parts, has_receipt, committed, must_commit;
    uint64_t receipt_lifecycle;
    bool in_loop;
    uint64_t kinds; /* of the loop, as bits */
    unsigned next_kind, handled;
    input_list inputs;
} state;

enum { OF_KEY = 1025 }; /* a size that is header.keysize */
enum { KINDS_1_TO_4 = 0x1e, KINDS_1_TO_5 = 0x3e, KINDS_6_TO_9 = 0x3c0 };

static void need(state *s, bool rule)
{
    s->confined &= rule;
}

static bool is_constant(const program_item *item, uint64_t least, uint64_t most)
{
    return item->type == ITEM_CONSTANT && item->number >= least && item->number <= most;
}

/* Facts stand only where they are there (rule 1). */
static bool is_there(const state *s, uint64_t code)
{
    return code < 48   ? true
           : code < 56 ? s->planned
           : code < 72 ? s->composed || s->has_header
           : code < 76 ? s->verified
           : code < 88 ? false
           : code < 96 ? s->in_loop
                       : s->passed;
}

/* Items that are read; key slots and shares only where the instruction takes them (rule 2). */
static void read_items(state *s, const operand *from, bool takes_keys)
{
    for (size_t i = 0; i < from->count; i++) {
        const program_item *item = &from->items[i];
        if (item->type != ITEM_CODE) {
            continue;
        }
        if (item->number < SLOTS) {
            need(s, s->values[item->number].written);
        } else if (item->number < ITEM_SHARES) {
            need(s, takes_keys && s->keys[item->number - ITEM_K0].written);
        } else if (item->number == ITEM_SHARES) {
            need(s, takes_keys);
        } else {
            need(s, is_there(s, item->number));
        }
    }
}

static bool is_fact(const program_item *item, uint64_t code)
{
    return item->type == ITEM_CODE && item->number == code;
}

/* A constant from 1 to 1024; header.keysize: OF_KEY; asset.size in a loop over kinds 1-4: 0. */
static uint64_t read_size(state *s, const operand *from)
{
    const program_item *item = &from->items[0];
    if (is_fact(item, FACT_HEADER_KEYSIZE)) {
        need(s, is_there(s, item->number));
        return OF_KEY;
    }
    bool of_asset = is_fact(item, FACT_ASSET_SIZE) && s->in_loop && (s->kinds & ~(uint64_t)KINDS_1_TO_4) == 0;
    need(s, of_asset || is_constant(item, 1, 1024));
    return of_asset ? 0 : item->number;
}

static slot *write_slot(state *s, slot *to)
{
    need(s, !s->in_loop || !to->written || to->in_loop);
    memset(to, 0, sizeof *to);
    to->written = true;
    to->in_loop = s->in_loop;
    return to;
}

/* A key serves one purpose (rule 5). */
static slot *serve(state *s, const operand *key, purpose what)
{
    slot *from = &s->keys[key->number];
    purpose *known = &s->purposes[key->number];
    need(s, from->written && (*known == UNUSED || *known == what));
    *known = what;
    return from;
}

/* The same, outside of extractions: a root only derives (rule 4). */
static slot *use(state *s, const operand *key, purpose what)
{
    slot *from = serve(s, key, what);
    need(s, !from->is_root || what == PARENT);
    return from;
}

/* A key that wraps, unwraps or tags (rule 3). */
static void use_rooted(state *s, const operand *key, purpose what)
{
    const slot *from = use(s, key, what);
    need(s, from->rooted && from->size == 32);
}

static void use_part_key(state *s, const operand *key)
{
    const slot *from = use(s, key, PART);
    need(s, from->rooted && from->part_key && from->in_loop);
    s->handled++;
}

static bool is_public_label(kw_bytes label)
{
    return label.size >= 7 && memcmp(label.at, "public ", 7) == 0;
}

static void check_extract(state *s, const instruction *each)
{
    const operand *items = &each->operands[2];
    bool rooted = false;
    read_items(s, items, true);
    need(s, !is_public_label(each->operands[1].text));
    for (size_t i = 0; i < items->count; i++) {
        const program_item *item = &items->items[i];
        if (item->type == ITEM_CODE && item->number >= ITEM_K0 && item->number < ITEM_SHARES) {
            operand key = {.number = item->number - ITEM_K0};
            const slot *from = serve(s, &key, MATERIAL);
            rooted |= from->rooted || from->is_root;
        }
        rooted |= item->type == ITEM_CODE && item->number == ITEM_SHARES;
    }
    slot *to = write_slot(s, &s->keys[each->operands[0].number]);
    to->rooted = rooted;
    to->size = 32;
}

static void check_derive(state *s, const instruction *each)
{
    const operand *items = &each->operands[3];
    read_items(s, items, false);
    uint64_t size = read_size(s, &each->operands[4]);
    const slot *parent = use(s, &each->operands[1], PARENT);
    bool rooted = (parent->rooted || parent->is_root) && size >= 32;
    need(s, is_public_label(each->operands[2].text) == (each->opcode == PUBLIC));
    if (each->opcode == PUBLIC) {
        write_slot(s, &s->values[each->operands[0].number]);
        return;
    }
    slot *to = write_slot(s, &s->keys[each->operands[0].number]);
    to->rooted = rooted;
    to->size = size;
    to->part_key = s->in_loop && size == OF_KEY && items->count >= 2
                   && is_fact(&items->items[0], FACT_HEADER_HASH)
                   && is_fact(&items->items[1], FACT_ASSET_NUMBER);
}

static void begin_loop(state *s, uint64_t kinds)
{
    need(s, !s->in_loop && (s->composed || s->passed) && (kinds & 1) == 0);
    while (s->next_kind <= 9 && (kinds >> s->next_kind & 1) != 0) {
        kinds &= ~((uint64_t)1 << s->next_kind);
        s->kinds |= (uint64_t)1 << s->next_kind++;
    }
    need(s, kinds == 0);
    s->in_loop = true;
    s->handled = 0;
}

static void end_loop(state *s)
{
    need(s, s->in_loop && s->handled == 1);
    s->in_loop = false;
    s->kinds = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        if (s->keys[i].in_loop) {
            memset(&s->keys[i], 0, sizeof s->keys[i]);
        }
        if (s->values[i].in_loop) {
            memset(&s->values[i], 0, sizeof s->values[i]);
        }
    }
}

static bool only_kinds(const state *s, uint64_t kinds)
{
    return s->in_loop && (s->kinds & ~kinds) == 0;
}

/* open, store, put, copy, fill */
static void check_part(state *s, const instruction *each)
{
    const operand *o = each->operands;
    kw_bytes prefix = o[0].text;
    switch (each->opcode) {
    case OPEN:
        need(s, s->passed && only_kinds(s, KINDS_1_TO_5));
        use_part_key(s, &o[1]);
        write_slot(s, &s->keys[o[0].number])->opened = true;
        break;
    case STORE:
        need(s, s->passed && only_kinds(s, KINDS_6_TO_9));
        need(s, prefix.size <= 32 && prefix.at[prefix.size - 1] == '/');
        use_part_key(s, &o[1]);
        s->must_commit = true;
        break;
    case PUT:
        need(s, s->passed && only_kinds(s, KINDS_1_TO_5));
        need(s, (s->kinds >> 5 & 1) == 0 || (s->keys[o[0].number].opened && s->keys[o[0].number].in_loop));
        use(s, &o[0], MATERIAL);
        s->must_commit = true;
        break;
    case COPY:
        need(s, s->in_loop && s->composed);
        use_part_key(s, &o[2]);
        break;
    default:
        need(s, s->composed && only_kinds(s, KINDS_1_TO_4));
        use(s, &o[0], MATERIAL);
        use_part_key(s, &o[2]);
    }
}

/* What stands once, and what stands before what (rule 9). */
static void check_order(state *s, const instruction *each)
{
    const operand *o = each->operands;
    switch (each->opcode) {
    case VERIFY:
        need(s, !s->verified);
        s->verified = true;
        break;
    case PLAN:
        need(s, !s->planned);
        s->planned = true;
        break;
    case COMPOSE:
        read_items(s, &o[0], false);
        need(s, s->planned && !s->composed && !s->has_header);
        s->composed = true;
        break;
    case HEADER:
        need(s, !s->composed && !s->has_header);
        s->has_header = true;
        break;
    case PASS:
        need(s, s->has_header && !s->passed);
        s->passed = true;
        write_slot(s, &s->values[o[0].number]);
        break;
    case PARTS:
        need(s, s->composed && !s->has_parts && s->next_kind == 10);
        s->has_parts = true;
        write_slot(s, &s->values[o[0].number]);
        break;
    case RECEIPT:
        read_items(s, &o[1], false);
        read_items(s, &o[2], false);
        need(s, s->passed && !s->has_receipt);
        s->has_receipt = true;
        s->receipt_lifecycle = o[3].number;
        write_slot(s, &s->values[o[0].number]);
        break;
    default:
        read_items(s, &o[0], false);
        read_items(s, &o[1], false);
        need(s,
             s->has_receipt && o[2].number == s->receipt_lifecycle && o[2].number > 0 && s->next_kind == 10);
        s->committed = true;
    }
}

/* Values, checks and keys. */
static void check_plain(state *s, const instruction *each)
{
    const operand *o = each->operands;
    slot *value = &s->values[o[0].number < SLOTS ? o[0].number : 0];
    slot *key = &s->keys[o[0].number < SLOTS ? o[0].number : 0];
    for (size_t i = 0; each->pattern[i] != 0; i++) {
        if (each->pattern[i] == 'i' || each->pattern[i] == 'A') {
            read_items(s, &o[i], false);
        }
    }
    need(s, each->opcode != MEMBER || s->verified);
    switch (each->opcode) {
    case RANDOM:
        read_size(s, &o[1]);
        break;
    case SECRET:
        write_slot(s, key);
        return;
    case FRESH:
        key = write_slot(s, key);
        key->size = read_size(s, &o[1]);
        key->rooted = key->size >= 32 && key->size != OF_KEY;
        return;
    case ROOT:
        write_slot(s, key)->is_root = true;
        return;
    case WRAP:
        use(s, &o[1], MATERIAL);
        use_rooted(s, &o[2], KEY_ENCRYPTION);
        break;
    case UNWRAP:
        use_rooted(s, &o[2], KEY_ENCRYPTION);
        write_slot(s, key);
        return;
    case CMAC:
        use_rooted(s, &o[2], MAC);
        break;
    default:
        break;
    }
    if (each->pattern[0] == 'v') {
        write_slot(s, value);
    }
}

static void check_instruction(state *s, const instruction *each)
{
    opcode code = each->opcode;
    need(s, !s->committed || code == EMIT);
    need(s, !s->in_loop || code == LOAD || code == HASH || code == NEED || code == DERIVE
                || (code >= END_EACH && code <= FILL));
    need(s, inputs_agree(&s->inputs, each));
    if (code == EACH) {
        begin_loop(s, each->operands[0].number);
    } else if (code == END_EACH) {
        end_loop(s);
    } else if (code == EXTRACT) {
        check_extract(s, each);
    } else if (code == DERIVE || code == PUBLIC) {
        check_derive(s, each);
    } else if (code >= OPEN && code <= FILL) {
        check_part(s, each);
    } else if (code == VERIFY || (code >= PLAN && code <= PARTS) || code == RECEIPT || code == COMMIT) {
        check_order(s, each);
    } else {
        check_plain(s, each);
    }
}

static bool check_command(kw_bytes code, label_book *book)
{
    static instruction each;
    state s;
    kw_cbor cbor;
    memset(&s, 0, sizeof s);
    s.confined = true;
    s.next_kind = 1;
    kw_cbor_begin(&cbor, code);
    for (size_t count = kw_cbor_array(&cbor, 1, INSTRUCTIONS_MAX); count > 0; count--) {
        instruction_read(&cbor, &each);
        check_instruction(&s, &each);
    }
    need(&s, !s.in_loop && (!s.must_commit || s.committed));

    kw_cbor_begin(&cbor, code);
    for (size_t count = kw_cbor_array(&cbor, 1, INSTRUCTIONS_MAX); count > 0; count--) {
        instruction_read(&cbor, &each);
        if (each.opcode == DERIVE || each.opcode == EXTRACT) {
            kw_bytes text = each.operands[each.opcode == DERIVE ? 2 : 1].text;
            need(&s, label_agrees(book, text, (int)s.purposes[each.operands[0].number]));
        }
    }
    return s.confined;
}

kw_reason program_check(const program *from)
{
    static label_book book;
    book.count = 0;
    for (size_t i = 0; i < from->command_count; i++) {
        kw_bytes name, code;
        program_command(from, i, &name, &code);
        if (!check_command(code, &book)) {
            return KW_UNCONFINED_PROGRAM;
        }
    }
    return KW_OK;
}
