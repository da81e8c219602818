/* What a device gets (delivery.md §6.3). */
#include "judge.h"

static bool fits(vector *v, const json *module, const json *state, const json *input)
{
    const json *types = list_of(v, module, "device-types"), *devices = list_of(v, module, "devices");
    return same_name(json_member(module, "product"), json_member(input, "product"))
           && (types == NULL || list_has(types, json_member(state, "device-type")))
           && (devices == NULL || list_has(devices, json_member(input, "device")));
}

/* The one asked for; else special before general, the highest sequence first. */
static const json *choose(vector *v, const json *state, const json *input)
{
    const json *asked = json_member(input, "manifest"), *best = NULL;
    for (const json *each = list_of(v, state, "archive"); each != NULL; each = each->next) {
        if (!fits(v, each, state, input)) {
            continue;
        }
        if (!is_nothing(asked)) {
            if (same_name(json_member(each, "manifest"), asked)) {
                return each;
            }
            continue;
        }
        bool special = list_of(v, each, "devices") != NULL,
             best_special = best != NULL && list_of(v, best, "devices") != NULL;
        if (best == NULL || (special && !best_special)
            || (special == best_special && count_of(v, each, "sequence") > count_of(v, best, "sequence"))) {
            best = each;
        }
    }
    return best;
}

/* What stands on the device of this program; null: nothing. */
static const json *installed(vector *v, const json *input, const json *program)
{
    const json *each = list_of(v, input, "installed");
    while (each != NULL && !same_name(json_member(each, "program"), program)) {
        each = each->next;
    }
    return each;
}

static bool has_condition(vector *v, const json *state, const char *name)
{
    for (const json *each = list_of(v, state, "conditions"); each != NULL; each = each->next) {
        if (json_is_text(each, name)) {
            return true;
        }
    }
    return false;
}

static bool requirements_stand(vector *v, const json *module, const json *input)
{
    for (const json *each = list_of(v, module, "requires"); each != NULL; each = each->next) {
        const json *there = installed(v, input, json_member(each, "program"));
        if (there == NULL || count_of(v, there, "sequence") < count_of(v, each, "sequence")) {
            return false;
        }
    }
    return true;
}

/* All older ones for a program of this one, above what the device has, were delivered. */
static bool predecessors_delivered(vector *v, const json *module, const json *state, const json *input)
{
    for (const json *program = list_of(v, module, "programs"); program != NULL; program = program->next) {
        const json *there = installed(v, input, program);
        for (const json *each = list_of(v, state, "archive"); each != NULL; each = each->next) {
            uint64_t sequence = count_of(v, each, "sequence");
            if (fits(v, each, state, input) && list_has(list_of(v, each, "programs"), program)
                && sequence < count_of(v, module, "sequence")
                && (there == NULL || sequence > count_of(v, there, "sequence"))
                && !list_has(list_of(v, state, "delivered"), json_member(each, "manifest"))) {
                return false;
            }
        }
    }
    return true;
}

static bool is_newer(vector *v, const json *module, const json *input)
{
    for (const json *program = list_of(v, module, "programs"); program != NULL; program = program->next) {
        const json *there = installed(v, input, program);
        if (there != NULL && count_of(v, there, "sequence") >= count_of(v, module, "sequence")) {
            return false;
        }
    }
    return true;
}

static bool has_newest(vector *v, const json *module, const json *input)
{
    for (const json *program = list_of(v, module, "programs"); program != NULL; program = program->next) {
        const json *there = installed(v, input, program);
        if (there == NULL || !same_name(json_member(there, "manifest"), json_member(module, "manifest"))) {
            return false;
        }
    }
    return true;
}

static uint64_t times_declined(const json *state, const json *manifest)
{
    const json *declined = json_member(state, "declined");
    for (const json *each = declined == NULL ? NULL : declined->first; each != NULL; each = each->next) {
        if (kw_same(each->name, manifest->text)) {
            return each->number;
        }
    }
    return 0;
}

kw_reason judge_condition(vector *v, const json *state, const json *input)
{
    const json *module = choose(v, state, input), *manifest = json_member(module, "manifest");
    if (module == NULL || manifest == NULL) {
        return KW_UNKNOWN_SOFTWARE;
    }
    if (has_condition(v, state, "contract") && !flag(v, state, "covered")) {
        return KW_NOT_UNDER_CONTRACT;
    }
    if (is_nothing(json_member(input, "manifest")) && has_newest(v, module, input)) {
        return KW_OLDER_VERSION;
    }
    if (has_condition(v, state, "once") && list_has(list_of(v, state, "delivered"), manifest)) {
        return KW_SECOND_DELIVERY;
    }
    if (!requirements_stand(v, module, input)
        || (has_condition(v, state, "predecessors") && !predecessors_delivered(v, module, state, input))) {
        return KW_PREDECESSOR_MISSING;
    }
    if ((has_condition(v, state, "enabled") && !list_has(list_of(v, state, "enabled"), manifest))
        || times_declined(state, manifest) >= 3) {
        return KW_NOT_ENABLED;
    }
    if (has_condition(v, state, "version-order") && !is_newer(v, module, input)) {
        return KW_OLDER_VERSION;
    }
    same_text(v, fields(v, "expect"), "granted", manifest->text);
    return KW_OK;
}
