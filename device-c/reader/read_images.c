/* vectors/images. */
#include "image.h"
#include "vector.h"

static image current;

static uint32_t address_of(vector *v, const json *value)
{
    uint32_t address = 0;
    if (value == NULL || value->type != JSON_TEXT || value->text.size != 10) {
        fault(v, "no address", "");
        return 0;
    }
    for (size_t i = 2; i < 10; i++) {
        uint8_t c = value->text.at[i];
        address = address << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return address;
}

/* The image that the file describes, with its content in scratch memory. */
static kw_reason image_of(vector *v, const json *segments)
{
    current.count = 0;
    current.has_start = false;
    uint8_t *room = scratch(1 << 20);
    for (const json *each = segments == NULL ? NULL : segments->first; each != NULL; each = each->next) {
        kw_bytes bytes = bytes_of(v, json_member(each, "bytes"));
        size_t used = current.count == 0 ? 0 : (size_t)(room - current.segments[0].at);
        kw_reason reason = bytes.size > (1 << 20) - used ? KW_TOO_LARGE
            : image_add(&current, address_of(v, json_member(each, "address")), bytes, &room);
        if (reason != KW_OK) {
            return reason;
        }
    }
    return KW_OK;
}

static void compare_image(vector *v)
{
    const json *expect = fields(v, "expect"), *segments = json_member(expect, "segments");
    same_count(v, segments, current.count);
    const segment *got = current.segments;
    for (const json *each = v->fault[0] != 0 ? NULL : segments->first; each != NULL; each = each->next, got++) {
        if (address_of(v, json_member(each, "address")) != got->address) {
            fault(v, "another address came out", "");
        }
        same_bytes(v, each, "bytes", kw_bytes_of(got->at, got->size));
    }
    const json *start = json_member(expect, "start");
    if ((start != NULL) != current.has_start) {
        fault(v, "the start address did not come out, or should not have", "");
    } else if (start != NULL) {
        same_number(v, start, "segmented", current.start_is_segmented);
        if (address_of(v, json_member(start, "value")) != current.start) {
            fault(v, "another start address came out", "");
        }
    }
}

static kw_reason write_hex(vector *v)
{
    const json *from = fields(v, "image"), *start = json_member(from, "start");
    kw_reason reason = image_of(v, json_member(from, "segments"));
    if (reason != KW_OK) {
        return reason;
    }
    if (start != NULL) {
        current.has_start = true;
        current.start = address_of(v, json_member(start, "value"));
        current.start_is_segmented = json_member(start, "segmented") != NULL && json_member(start, "segmented")->number == 1;
    }
    uint8_t *text = scratch(1 << 20);
    v->said = kw_bytes_of(text, hex_write(&current, text, 1 << 20));
    return KW_OK;
}

static void read_values(vector *v, device_values *values)
{
    const json *identities = fields(v, "identities"), *keys = fields(v, "keys");
    for (const json *each = identities == NULL ? NULL : identities->first; each != NULL && values->identity_count < 16;
         each = each->next) {
        values->identities[values->identity_count++] = each->text;
    }
    for (const json *each = keys == NULL ? NULL : keys->first; each != NULL && values->key_count < 16; each = each->next) {
        values->keys[values->key_count++] = bytes_of(v, each);
    }
}

static kw_reason patch(vector *v)
{
    static zone_plan plan;
    device_values values = {.identity_count = 0, .key_count = 0};
    read_values(v, &values);
    kw_reason reason = image_of(v, fields(v, "image"));
    reason = reason == KW_OK ? zone_plan_read(fields(v, "plan"), &plan) : reason;
    reason = reason == KW_OK ? image_patch(&current, &plan, &values) : reason;
    if (reason == KW_OK) {
        compare_image(v);
    }
    return reason;
}

kw_reason read_images(vector *v)
{
    const json *kind = json_member(v->root, "kind");
    kw_reason reason;
    if (json_is_text(kind, "zone-plan")) {
        static zone_plan plan;
        return zone_plan_read(json_member(v->root, "input"), &plan);
    }
    if (json_is_text(kind, "patch")) {
        return patch(v);
    }
    if (json_is_text(kind, "intel-hex-write")) {
        return write_hex(v);
    }
    if (json_is_text(kind, "intel-hex")) {
        kw_bytes text = mutated(text_at(v, "input"));
        reason = hex_read(text, scratch(text.size / 2), &current);
    } else if (json_is_text(kind, "raw")) {
        kw_bytes bytes = bytes_at(v, "input");
        reason = raw_read(bytes, address_of(v, json_member(v->root, "base")), scratch(bytes.size), &current);
    } else {
        fault(v, "no reader for this kind", "");
        return KW_OK;
    }
    if (reason == KW_OK) {
        compare_image(v);
    }
    return reason;
}
