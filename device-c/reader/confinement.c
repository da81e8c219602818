/* What everybody proves of a program before its first instruction (provisioning.md §3.4). */
#include "labels.h"
#include "slots.h"

#include <string.h>

static void check_extract(command_state *s, const instruction *each)
{
    const operand *items = &each->operands[2];
    bool rooted = false, sent = false;
    read_items(s, items, true);
    confine(s, !label_starts(each->operands[1].text, "public "));
    for (size_t i = 0; i < items->count; i++) {
        const program_item *item = &items->items[i];
        if (item->type == ITEM_CODE && item->number >= ITEM_K0 && item->number < ITEM_SHARES) {
            operand key = {.number = item->number - ITEM_K0};
            const slot *from = serve_key(s, &key, MATERIAL);
            rooted |= from->rooted || from->is_root;
            sent |= from->sent;
        }
        rooted |= item->type == ITEM_CODE && item->number == ITEM_SHARES;
    }
    slot *to = write_slot(s, &s->keys[each->operands[0].number]);
    to->rooted = rooted;
    to->sent = sent;
    to->size = 32;
}

static void check_derive(command_state *s, const instruction *each)
{
    const operand *items = &each->operands[3];
    read_items(s, items, false);
    uint64_t size = read_size(s, &each->operands[4]);
    const slot *parent = use_key(s, &each->operands[1], PARENT);
    bool rooted = (parent->rooted || parent->is_root) && size >= 32, sent = parent->sent;
    confine(s, label_starts(each->operands[2].text, "public ") == (each->opcode == PUBLIC));
    if (each->opcode == PUBLIC) {
        write_slot(s, &s->values[each->operands[0].number]);
        return;
    }
    slot *to = write_slot(s, &s->keys[each->operands[0].number]);
    to->rooted = rooted;
    to->sent = sent;
    to->named = label_starts(each->operands[2].text, "named ");
    to->size = size;
    to->part_key = s->in_loop && size == OF_KEY && items->count >= 2
                   && is_fact(&items->items[0], FACT_HEADER_HASH)
                   && is_fact(&items->items[1], FACT_ASSET_NUMBER);
}

static void begin_loop(command_state *s, uint64_t kinds)
{
    confine(s, !s->in_loop && (s->composed || s->passed) && (kinds & 1) == 0);
    while (s->next_kind <= 9 && (kinds >> s->next_kind & 1) != 0) {
        kinds &= ~((uint64_t)1 << s->next_kind);
        s->kinds |= (uint64_t)1 << s->next_kind++;
    }
    confine(s, kinds == 0);
    s->in_loop = true;
    s->handled = 0;
}

static void end_loop(command_state *s)
{
    confine(s, s->in_loop && s->handled == 1);
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

static bool only_kinds(const command_state *s, uint64_t kinds)
{
    return s->in_loop && (s->kinds & ~kinds) == 0;
}

/* open, store, put, copy, fill */
static void check_part(command_state *s, const instruction *each)
{
    const operand *o = each->operands;
    kw_bytes prefix = o[0].text;
    switch (each->opcode) {
    case OPEN:
        confine(s, s->passed && only_kinds(s, KINDS_1_TO_5));
        use_part_key(s, &o[1]);
        write_slot(s, &s->keys[o[0].number])->opened = true;
        break;
    case STORE:
        confine(s, s->passed && only_kinds(s, KINDS_6_TO_9));
        confine(s, prefix.size <= 32 && prefix.at[prefix.size - 1] == '/');
        use_part_key(s, &o[1]);
        s->must_commit = true;
        break;
    case PUT:
        confine(s, s->passed && only_kinds(s, KINDS_1_TO_5));
        confine(s, (s->kinds >> 5 & 1) == 0 || (s->keys[o[0].number].opened && s->keys[o[0].number].in_loop));
        use_key(s, &o[0], MATERIAL);
        s->must_commit = true;
        break;
    case COPY:
        confine(s, s->in_loop && s->composed);
        use_part_key(s, &o[2]);
        break;
    default:
        confine(s, s->composed && only_kinds(s, KINDS_1_TO_4));
        use_leaving(s, &o[0]);
        use_part_key(s, &o[2]);
    }
}

/* What stands once, and what stands before what (rule 9). */
static void check_order(command_state *s, const instruction *each)
{
    const operand *o = each->operands;
    switch (each->opcode) {
    case VERIFY:
        confine(s, !s->verified);
        s->verified = true;
        break;
    case PLAN:
        confine(s, !s->planned);
        s->planned = true;
        break;
    case COMPOSE:
        read_items(s, &o[0], false);
        confine(s, s->planned && !s->composed && !s->has_header);
        s->composed = true;
        break;
    case HEADER:
        confine(s, !s->composed && !s->has_header);
        s->has_header = true;
        break;
    case PASS:
        confine(s, s->has_header && !s->passed);
        s->passed = true;
        write_slot(s, &s->values[o[0].number]);
        break;
    case PARTS:
        confine(s, s->composed && !s->has_parts && s->next_kind == 10);
        s->has_parts = true;
        write_slot(s, &s->values[o[0].number]);
        break;
    case RECEIPT:
        read_items(s, &o[1], false);
        read_items(s, &o[2], false);
        confine(s, s->passed && !s->has_receipt);
        s->has_receipt = true;
        s->receipt_lifecycle = o[3].number;
        write_slot(s, &s->values[o[0].number]);
        break;
    default:
        read_items(s, &o[0], false);
        read_items(s, &o[1], false);
        confine(s,
             s->has_receipt && o[2].number == s->receipt_lifecycle && o[2].number > 0 && s->next_kind == 10);
        s->committed = true;
    }
}

/* Values, checks and keys. */
static void check_plain(command_state *s, const instruction *each)
{
    const operand *o = each->operands;
    slot *value = &s->values[o[0].number < SLOTS ? o[0].number : 0];
    slot *key = &s->keys[o[0].number < SLOTS ? o[0].number : 0];
    for (size_t i = 0; each->pattern[i] != 0; i++) {
        if (each->pattern[i] == 'i' || each->pattern[i] == 'A') {
            read_items(s, &o[i], false);
        }
    }
    confine(s, each->opcode != MEMBER || s->verified);
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
        use_leaving(s, &o[1]);
        use_rooted(s, &o[2], KEY_ENCRYPTION);
        break;
    case UNWRAP:
        use_rooted(s, &o[2], KEY_ENCRYPTION);
        write_slot(s, key);
        return;
    case CMAC:
        use_rooted(s, &o[2], MAC);
        break;
    case LEAF:
        confine(s, !s->has_leaf);
        s->has_leaf = true;
        return;
    case HSEAL:
        confine(s, s->has_leaf && use_leaving(s, &o[1])->named && !label_starts(o[2].text, "public "));
        break;
    case HOPEN:
        confine(s, !label_starts(o[2].text, "public "));
        write_slot(s, key)->sent = true;
        return;
    default:
        break;
    }
    if (each->pattern[0] == 'v') {
        write_slot(s, value);
    }
}

static void check_instruction(command_state *s, const instruction *each)
{
    opcode code = each->opcode;
    confine(s, !s->committed || code == EMIT);
    confine(s, !s->in_loop || code == LOAD || code == HASH || code == NEED || code == DERIVE
                || (code >= END_EACH && code <= FILL));
    confine(s, inputs_agree(&s->inputs, each));
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
    command_state s;
    kw_cbor cbor;
    memset(&s, 0, sizeof s);
    s.confined = true;
    s.next_kind = 1;
    kw_cbor_begin(&cbor, code);
    for (size_t count = kw_cbor_array(&cbor, 1, INSTRUCTIONS_MAX); count > 0; count--) {
        instruction_read(&cbor, &each);
        check_instruction(&s, &each);
    }
    confine(&s, !s.in_loop && (!s.must_commit || s.committed));

    kw_cbor_begin(&cbor, code);
    for (size_t count = kw_cbor_array(&cbor, 1, INSTRUCTIONS_MAX); count > 0; count--) {
        instruction_read(&cbor, &each);
        if (each.opcode == DERIVE || each.opcode == EXTRACT || each.opcode == HOPEN) {
            kw_bytes text = each.operands[each.opcode == EXTRACT ? 1 : 2].text;
            confine(&s, label_agrees(book, text, (int)s.purposes[each.operands[0].number]));
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
