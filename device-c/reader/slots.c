#include "slots.h"

#include <string.h>

void confine(command_state *s, bool rule)
{
    s->confined &= rule;
}

static bool is_constant(const program_item *item, uint64_t least, uint64_t most)
{
    return item->type == ITEM_CONSTANT && item->number >= least && item->number <= most;
}

/* Facts stand only where they are there (rule 1). */
static bool is_there(const command_state *s, uint64_t code)
{
    return code < 48   ? true
           : code < 56 ? s->planned
           : code < 72 ? s->composed || s->has_header
           : code < 76 ? s->verified
           : code < 88 ? false
           : code < 96 ? s->in_loop
           : code < 104 ? s->passed
                        : s->has_leaf;
}

void read_items(command_state *s, const operand *from, bool takes_keys)
{
    for (size_t i = 0; i < from->count; i++) {
        const program_item *item = &from->items[i];
        if (item->type != ITEM_CODE) {
            continue;
        }
        if (item->number < SLOTS) {
            confine(s, s->values[item->number].written);
        } else if (item->number < ITEM_SHARES) {
            confine(s, takes_keys && s->keys[item->number - ITEM_K0].written);
        } else if (item->number == ITEM_SHARES) {
            confine(s, takes_keys);
        } else {
            confine(s, is_there(s, item->number));
        }
    }
}

bool is_fact(const program_item *item, uint64_t code)
{
    return item->type == ITEM_CODE && item->number == code;
}

uint64_t read_size(command_state *s, const operand *from)
{
    const program_item *item = &from->items[0];
    if (is_fact(item, FACT_HEADER_KEYSIZE)) {
        confine(s, is_there(s, item->number));
        return OF_KEY;
    }
    bool of_asset = is_fact(item, FACT_ASSET_SIZE) && s->in_loop && (s->kinds & ~(uint64_t)KINDS_1_TO_4) == 0;
    confine(s, of_asset || is_constant(item, 1, 1024));
    return of_asset ? 0 : item->number;
}

slot *write_slot(command_state *s, slot *to)
{
    confine(s, !s->in_loop || !to->written || to->in_loop);
    memset(to, 0, sizeof *to);
    to->written = true;
    to->in_loop = s->in_loop;
    return to;
}

slot *serve_key(command_state *s, const operand *key, purpose what)
{
    slot *from = &s->keys[key->number];
    purpose *known = &s->purposes[key->number];
    confine(s, from->written && (*known == UNUSED || *known == what));
    *known = what;
    return from;
}

slot *use_key(command_state *s, const operand *key, purpose what)
{
    slot *from = serve_key(s, key, what);
    confine(s, !from->is_root || what == PARENT);
    return from;
}

void use_rooted(command_state *s, const operand *key, purpose what)
{
    const slot *from = use_key(s, key, what);
    confine(s, from->rooted && from->size == 32);
}

void use_part_key(command_state *s, const operand *key)
{
    const slot *from = use_key(s, key, PART);
    confine(s, from->rooted && from->part_key && from->in_loop);
    s->handled++;
}

slot *use_leaving(command_state *s, const operand *key)
{
    slot *from = use_key(s, key, MATERIAL);
    confine(s, !from->sent);
    return from;
}

bool label_starts(kw_bytes label, const char *with)
{
    size_t size = strlen(with);
    return label.size >= size && memcmp(label.at, with, size) == 0;
}
