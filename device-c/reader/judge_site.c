/* What a site decides of Takes, claims and Dones (programming.md §6.4, delivery.md §6.1, §6.2). */
#include "judge.h"

kw_reason judge_take(vector *v, const json *state, const json *input)
{
    const json *station = json_member(state, "station"), *order = json_member(state, "order"),
               *chip = json_member(state, "chip"), *used = json_member(state, "used");
    uint64_t turn = count_of(v, input, "turn"), next = count_of(v, station, "next");
    if (flag(v, station, "revoked")) {
        return KW_REVOKED_STATION;
    }
    if (!is_nothing(used)) {
        return same_name(used, json_member(input, "take")) ? verdict(v, "repeat") : KW_USED_TURN;
    }
    if (turn < next || turn - next >= 64) {
        return turn < next ? KW_USED_TURN : KW_TURN_OUT_OF_WINDOW;
    }
    if (is_nothing(order) || !same_name(json_member(order, "factory"), json_member(station, "factory"))) {
        return KW_UNKNOWN_ORDER;
    }
    if (is_nothing(chip)) {
        return KW_UNKNOWN_CHIP;
    }
    if (!same_name(json_member(chip, "order"), json_member(input, "order"))) {
        return KW_UNKNOWN_ORDER;
    }
    if (flag(v, state, "device")) {
        return KW_IDENTITY_TAKEN;
    }
    if (!flag(v, state, "bootloader")) {
        return KW_NO_BOOTLOADER;
    }
    return flag(v, state, "identities") ? verdict(v, "program") : KW_NO_IDENTITY_LEFT;
}

kw_reason judge_speaker(vector *v, const json *state, const json *input)
{
    if (!flag(v, state, "key")) {
        return KW_UNKNOWN_KEY;
    }
    bool tagged = json_is_text(json_member(input, "protection"), "mac");
    return tagged && flag(v, state, "identity") ? KW_DOWNGRADE : KW_OK;
}

static const json *entry_at(vector *v, const json *state, uint64_t number)
{
    const json *entry = list_of(v, state, "entries");
    while (entry != NULL && count_of(v, entry, "number") != number) {
        entry = entry->next;
    }
    return entry;
}

static bool is_state(const json *entry, const char *state)
{
    return json_is_text(json_member(entry, "state"), state);
}

typedef enum { NO_DONE, KNOWN, CLOSES, OF_VOID, ANOTHER, OF_NO_GRANT, OF_NO_NUMBER } done_kind;

/* What a Done is to the record (§6.2, below the table). */
static done_kind kind_of(vector *v, const json *state, const json *done)
{
    if (is_nothing(done)) {
        return NO_DONE;
    }
    const json *entry = entry_at(v, state, count_of(v, done, "number"));
    if (entry == NULL) {
        return OF_NO_NUMBER;
    }
    if (is_state(entry, "void")) {
        return OF_VOID;
    }
    const json *known = json_member(entry, "done");
    if (!is_nothing(known) && same_name(known, json_member(done, "done"))) {
        return KNOWN;
    }
    if (!same_name(json_member(entry, "answer"), json_member(done, "grant"))) {
        return OF_NO_GRANT;
    }
    return is_state(entry, "open") ? CLOSES : ANOTHER;
}

/* The next number: it must hang on what closed the one before. */
static kw_reason judge_next(vector *v, const json *state, const json *input, done_kind riding)
{
    uint64_t number = count_of(v, input, "number");
    const json *before = number > 1 ? entry_at(v, state, number - 1) : NULL,
               *done = json_member(input, "done");
    if (riding == OF_NO_GRANT) {
        return KW_FORK;
    }
    if (before != NULL && is_state(before, "open")) {
        return riding == CLOSES && same_name(json_member(done, "done"), json_member(input, "prev"))
                   ? verdict(v, "answer-and-close")
                   : KW_FORK;
    }
    return same_name(json_member(state, "prev"), json_member(input, "prev")) ? verdict(v, "answer") : KW_FORK;
}

kw_reason judge_claim(vector *v, const json *state, const json *input)
{
    uint64_t number = count_of(v, input, "number"), next = count_of(v, state, "next");
    const json *entry = entry_at(v, state, number);
    done_kind riding = kind_of(v, state, json_member(input, "done"));
    if (flag(v, state, "held")) {
        return KW_FORK;
    }
    if (entry != NULL && same_name(json_member(entry, "claim"), json_member(input, "claim"))) {
        if (is_state(entry, "open") || is_state(entry, "refused")) {
            return verdict(v, "repeat");
        }
        return is_state(entry, "void") ? KW_RESYNC : KW_SECOND_DELIVERY;
    }
    if (entry != NULL || riding == ANOTHER) {
        return KW_FORK;
    }
    if (flag(v, state, "resume-due")) {
        return KW_RESUME_DUE;
    }
    return number != next ? KW_RESYNC : judge_next(v, state, input, riding);
}

kw_reason judge_done(vector *v, const json *state, const json *input)
{
    done_kind kind = kind_of(v, state, input);
    bool due = flag(v, state, "resume-due");
    if (flag(v, state, "held")) {
        return KW_FORK;
    }
    switch (kind) {
    case KNOWN:
    case OF_VOID:
        return verdict(v, "nothing");
    case ANOTHER:
        return KW_FORK;
    case OF_NO_GRANT:
        return due ? KW_RESUME_DUE : KW_FORK;
    case CLOSES:
        return verdict(v, "close");
    default:
        return due ? KW_RESUME_DUE : KW_RESYNC;
    }
}
