/* What an OEM decides of receipts, a SAM of downloads, a device of modules, a chip of commands. */
#include "judge.h"

kw_reason judge_receipt(vector *v, const json *state, const json *input)
{
    const json *list = json_member(state, "list"), *chip = json_member(input, "chip"),
               *order = json_member(input, "order");
    const json *lot = json_member(list, "lot"), *counted = json_member(state, "counted");
    if (!list_has(list_of(v, list, "chips"), chip)) {
        return KW_UNKNOWN_CHIP;
    }
    if (!same_name(json_member(input, "signed-by"), chip) || !same_name(json_member(input, "keys-of"), chip)
        || !json_is_text(order, "order-1")) {
        return KW_FOREIGN_RECEIPT;
    }
    if (!same_name(json_member(list, "family"), json_member(state, "family"))) {
        return KW_WRONG_FAMILY;
    }
    if (!list_has(list_of(v, state, "lots"), lot)) {
        return KW_WRONG_LOT;
    }
    if (!list_has(list_of(v, state, "packages"), json_member(input, "package"))) {
        return KW_FOREIGN_PACKAGE;
    }
    if (count_of(v, input, "lifecycle") != 1 || flag(v, input, "debug")) {
        return KW_WRONG_LIFECYCLE;
    }
    bool again = list_has(list_of(v, state, "counted"), chip);
    return !again && json_count(counted) >= count_of(v, state, "quota") ? KW_OVER_QUOTA : KW_OK;
}

/* What a station says of one chip, held against the receipts. */
kw_reason judge_account(vector *v, const json *state, const json *input)
{
    const json *standing = json_member(input, "standing");
    bool counted = flag(v, state, "counted"), proven = flag(v, state, "receipt") || counted;
    bool failed = json_is_text(standing, "failed"), scrapped = json_is_text(standing, "scrapped");
    if (!json_is_text(json_member(input, "order"), "order-1")) {
        return KW_FOREIGN_RECEIPT;
    }
    if (!proven && !flag(v, state, "listed")) {
        return verdict(v, "left out, contradicted");
    }
    if (scrapped) {
        return verdict(v, counted ? "scrapped, contradicted" : "scrapped");
    }
    if (proven) {
        return verdict(v, failed || is_nothing(standing) ? "provisioned, contradicted" : "provisioned");
    }
    return verdict(v, failed                                    ? "failed"
                      : json_is_text(standing, "provisioned") ? "open, contradicted"
                                                              : "open");
}

kw_reason judge_export_key(vector *v, const json *state, const json *input)
{
    const json *key = list_of(v, state, "keys");
    if (!list_has(list_of(v, state, "units"), json_member(input, "unit"))) {
        return KW_UNKNOWN_UNIT;
    }
    while (key != NULL && !same_name(json_member(key, "ref1"), json_member(input, "ref1"))) {
        key = key->next;
    }
    if (key == NULL) {
        return KW_UNKNOWN_APPLICATION_KEY;
    }
    if (!flag(v, state, "authorised")) {
        return KW_NOT_AUTHORISED;
    }
    return count_of(v, key, "exported") < count_of(v, key, "ceiling") ? KW_OK : KW_CEILING_REACHED;
}

/* The sequence of an (owner, program) in a list; 0: none. */
static uint64_t sequence_of(vector *v, const json *list, const json *owner, const json *program)
{
    for (const json *each = list; each != NULL; each = each->next) {
        if (same_name(json_member(each, "owner"), owner)
            && same_name(json_member(each, "program"), program)) {
            return count_of(v, each, "sequence");
        }
    }
    return 0;
}

kw_reason judge_module(vector *v, const json *state, const json *input)
{
    enum { FLASH_SIZE = 256 * 1024 };
    const json *owner = json_member(input, "owner"), *types = list_of(v, input, "device-types"),
               *devices = list_of(v, input, "devices");
    if (!list_has(list_of(v, state, "anchors"), owner)) {
        return KW_FOREIGN_MODULE;
    }
    if (!same_name(json_member(input, "signed-by"), owner)) {
        return KW_BAD_SIGNATURE;
    }
    if (!same_name(json_member(input, "product"), json_member(state, "product"))
        || (types != NULL && !list_has(types, json_member(state, "device-type")))
        || (devices != NULL && !list_has(devices, json_member(state, "device")))) {
        return KW_FOREIGN_MODULE;
    }
    for (const json *each = list_of(v, input, "requires"); each != NULL; each = each->next) {
        uint64_t least = count_of(v, each, "sequence");
        if (sequence_of(v, list_of(v, state, "installed"), owner, json_member(each, "program")) < least) {
            return KW_PREDECESSOR_MISSING;
        }
    }
    uint64_t size = 0;
    for (const json *each = list_of(v, input, "programs"); each != NULL; each = each->next) {
        if (sequence_of(v, list_of(v, state, "minimum"), owner, json_member(each, "name"))
            > count_of(v, input, "sequence")) {
            return KW_ROLLBACK;
        }
        size += count_of(v, each, "size");
    }
    return size > FLASH_SIZE ? KW_STORE_FULL : KW_OK;
}

typedef enum { BLANK, PROVISIONED, PERSONALISED, FIELDED, RETIRED, LIFECYCLES } lifecycle;

static lifecycle lifecycle_of(vector *v, const json *state)
{
    static const char *const names[LIFECYCLES] = {"blank", "provisioned", "personalised", "fielded",
                                                  "retired"};
    for (int i = 0; i < LIFECYCLES; i++) {
        if (json_is_text(json_member(state, "lifecycle"), names[i])) {
            return (lifecycle)i;
        }
    }
    fault(v, "no such lifecycle", "");
    return BLANK;
}

/* The chip of the vectors: no claim, no Done and no program in its flash. */
kw_reason judge_chip(vector *v, const json *state, const json *input)
{
    const json *command = json_member(input, "command");
    lifecycle now = lifecycle_of(v, state);
    uint64_t store = count_of(v, state, "store"), issued = count_of(v, state, "issued"),
             shown = count_of(v, state, "shown");
    bool recovers = (store != shown && store != issued) || (now >= PERSONALISED && store == 0);
    if (json_is_text(command, "identify")) {
        return KW_OK;
    }
    if (recovers) {
        return KW_STALE_BACKUP;
    }
    if (json_is_text(command, "provisioning")) {
        return now == BLANK ? KW_OK : KW_ALREADY_PROVISIONED;
    }
    if (json_is_text(command, "receipt")) {
        return now == BLANK ? KW_WRONG_LIFECYCLE : KW_OK;
    }
    if (json_is_text(command, "program")) {
        return now >= PERSONALISED ? KW_IDENTITY_TAKEN : now == PROVISIONED ? KW_OK : KW_WRONG_LIFECYCLE;
    }
    if (json_is_text(command, "challenge")) {
        return now < PROVISIONED || now > FIELDED      ? KW_WRONG_LIFECYCLE
               : now >= PERSONALISED && store != shown ? KW_PROOF_DUE
                                                       : KW_OK;
    }
    if (json_is_text(command, "dump")) {
        return now < PERSONALISED ? KW_WRONG_LIFECYCLE : KW_UNKNOWN_PROGRAM;
    }
    bool claims = json_is_text(command, "claim"), refused = json_is_text(command, "refused");
    if (!claims && !refused && !json_is_text(command, "done")) {
        return KW_UNKNOWN_COMMAND;
    }
    if (now < PERSONALISED || count_of(v, state, "delivery") > 0) {
        return now < PERSONALISED ? KW_WRONG_LIFECYCLE : KW_RESUME_DUE;
    }
    return claims ? KW_OK : refused ? KW_NO_CLAIM_OPEN : KW_UNKNOWN_ENTRY;
}
