/* The zone plan (images.md §5). */
#include "image.h"

#include <string.h>

/* Every member is one of the names, none stands twice, none is missing. */
static bool has_exactly(const json *object, const char *const *names, size_t count)
{
    if (object == NULL || object->type != JSON_OBJECT || json_count(object) != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (json_member(object, names[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool read_number(const json *object, const char *name, uint64_t least, uint64_t most, uint32_t *value)
{
    const json *number = json_member(object, name);
    *value = number->type == JSON_NUMBER ? (uint32_t)number->number : 0;
    return number->type == JSON_NUMBER && number->number >= least && number->number <= most;
}

/* "0x" and so many digits. */
static bool read_hex(const json *object, const char *name, size_t digits, uint32_t *value)
{
    const json *text = json_member(object, name);
    *value = 0;
    if (text->type != JSON_TEXT || text->text.size != 2 + digits || memcmp(text->text.at, "0x", 2) != 0) {
        return false;
    }
    for (size_t i = 2; i < text->text.size; i++) {
        uint8_t c = text->text.at[i], small = c | 0x20;
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && (small < 'a' || small > 'f')) {
            return false;
        }
        *value = *value << 4 | (uint32_t)(is_digit ? c - '0' : small - 'a' + 10);
    }
    return true;
}

static bool read_name(const json *object, zone *to)
{
    const json *name = json_member(object, "name");
    to->name = name->text;
    if (name->type != JSON_TEXT || to->name.size < 1 || to->name.size > 32) {
        return false;
    }
    for (size_t i = 0; i < to->name.size; i++) {
        uint8_t c = to->name.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return true;
}

static bool read_parameter(const json *value, zone *to)
{
    static const char *const names[] = {"name",  "address", "min-bytes", "max-bytes",
                                        "blank", "fill",    "holds",     "number"};
    uint32_t blank, fill, number;
    if (!has_exactly(value, names, 8) || !read_name(value, to) || !read_hex(value, "address", 8, &to->address)
        || !read_number(value, "max-bytes", 1, 65536, &to->size)
        || !read_number(value, "min-bytes", 1, to->size, &to->min_bytes)
        || !read_hex(value, "blank", 2, &blank) || !read_hex(value, "fill", 2, &fill)
        || !read_number(value, "number", 1, 16, &number)) {
        return false;
    }
    const json *holds = json_member(value, "holds");
    to->is_code = false;
    to->blank = (uint8_t)blank;
    to->fill = (uint8_t)fill;
    to->number = number;
    to->holds_key = json_is_text(holds, "key");
    return to->holds_key || (json_is_text(holds, "identity") && (fill < 0x21 || fill > 0x7e));
}

static bool read_code(const json *value, zone *to)
{
    static const char *const names[] = {"name", "address", "blank", "algorithm", "covers"};
    static const char *const algorithms[] = {"crc-32-le", "crc-32-be", "sha-256"};
    uint32_t blank;
    if (!has_exactly(value, names, 5) || !read_name(value, to) || !read_hex(value, "address", 8, &to->address)
        || !read_hex(value, "blank", 2, &blank)) {
        return false;
    }
    unsigned algorithm = 0;
    while (algorithm < 3 && !json_is_text(json_member(value, "algorithm"), algorithms[algorithm])) {
        algorithm++;
    }
    to->is_code = true;
    to->blank = (uint8_t)blank;
    to->algorithm = (code_algorithm)algorithm;
    to->size = to->algorithm == SHA_256 ? 32 : 4;
    to->covers_image = json_is_text(json_member(value, "covers"), "image");
    return algorithm < 3 && (to->covers_image || json_is_text(json_member(value, "covers"), "parameters"));
}

/* Puts the zone where its address has its place among those from `first` on. */
static void insert(zone_plan *plan, size_t first, const zone *each)
{
    size_t at = plan->count++;
    for (; at > first && plan->zones[at - 1].address > each->address; at--) {
        plan->zones[at] = plan->zones[at - 1];
    }
    plan->zones[at] = *each;
}

static bool clashes(const zone_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const zone *a = &plan->zones[i];
        for (size_t k = 0; k < i; k++) {
            const zone *b = &plan->zones[k];
            if (kw_same(a->name, b->name)
                || (a->address < (uint64_t)b->address + b->size
                    && b->address < (uint64_t)a->address + a->size)) {
                return true;
            }
        }
        if ((uint64_t)a->address + a->size > (uint64_t)1 << 32) {
            return true;
        }
    }
    return false;
}

kw_reason zone_plan_read(const json *value, zone_plan *plan)
{
    static const char *const names[] = {"version", "parameters", "codes"};
    memset(plan, 0, sizeof *plan);
    const json *parameters = json_member(value, "parameters"), *codes = json_member(value, "codes");
    uint32_t version;
    if (!has_exactly(value, names, 3) || !read_number(value, "version", 0, UINT64_MAX, &version)
        || parameters->type != JSON_LIST || codes->type != JSON_LIST) {
        return KW_MALFORMED;
    }
    if (json_member(value, "version")->number != 1) {
        return KW_WRONG_VERSION;
    }
    if (json_count(parameters) > ZONES_MAX || json_count(codes) > ZONES_MAX) {
        return KW_TOO_LARGE;
    }
    for (const json *each = parameters->first; each != NULL; each = each->next) {
        zone parameter;
        if (!read_parameter(each, &parameter)) {
            return KW_MALFORMED;
        }
        insert(plan, 0, &parameter);
    }
    plan->parameter_count = plan->count;
    for (const json *each = codes->first; each != NULL; each = each->next) {
        zone code;
        if (!read_code(each, &code)) {
            return KW_MALFORMED;
        }
        insert(plan, plan->parameter_count, &code);
    }
    return plan->parameter_count == 0 || clashes(plan) ? KW_MALFORMED : KW_OK;
}
