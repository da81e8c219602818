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
        kw_reason reason = bytes.size > (1 << 20) - used
                               ? KW_TOO_LARGE
                               : image_add(&current, address_of(v, json_member(each, "address")), bytes,
                                           &room);
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
    for (const json *each = v->fault[0] != 0 ? NULL : segments->first; each != NULL;
         each = each->next, got++) {
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

/* What comes out is text; of ELF, hexadecimal. */
static void say_elf(vector *v, uint8_t *room, size_t limit)
{
    static const char digits[] = "0123456789abcdef";
    elf_form form = {.wide = number_at(v, "class") == 64,
                     .machine = (uint16_t)number_at(v, "machine"),
                     .flags = address_of(v, json_member(v->root, "flags"))};
    const json *big = json_member(v->root, "bigEndian");
    form.big = big != NULL && big->number == 1;
    size_t size = elf_write(&current, &form, room, limit / 2);
    for (size_t i = 2 * size; i > 0; i--) {
        uint8_t byte = room[(i - 1) / 2];
        room[i - 1] = (uint8_t)digits[i % 2 == 1 ? byte >> 4 : byte & 15];
    }
    v->said = kw_bytes_of(room, 2 * size);
}

static kw_reason write_file(vector *v, const json *kind)
{
    enum { ROOM = 1 << 20 };
    const json *from = fields(v, "image"), *start = json_member(from, "start");
    kw_reason reason = image_of(v, json_member(from, "segments"));
    if (reason != KW_OK) {
        return reason;
    }
    if (start != NULL) {
        current.has_start = true;
        current.start = address_of(v, json_member(start, "value"));
        current.start_is_segmented = json_member(start, "segmented") != NULL
                                     && json_member(start, "segmented")->number == 1;
    }
    uint8_t *room = scratch(ROOM);
    if (current.count == 0) {
        return KW_BAD_IMAGE;
    }
    if (json_is_text(kind, "elf-write")) {
        say_elf(v, room, ROOM);
    } else {
        v->said = kw_bytes_of(room, json_is_text(kind, "s-record-write") ? srecord_write(&current, room, ROOM)
                                                                         : hex_write(&current, room, ROOM));
    }
    return KW_OK;
}

static void read_values(vector *v, device_values *values)
{
    const json *identities = fields(v, "identities"), *keys = fields(v, "keys");
    for (const json *each = identities == NULL ? NULL : identities->first;
         each != NULL && values->identity_count < 16; each = each->next) {
        values->identities[values->identity_count++] = each->text;
    }
    for (const json *each = keys == NULL ? NULL : keys->first; each != NULL && values->key_count < 16;
         each = each->next) {
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

/* The formats that are read. */
static kw_reason read_file(vector *v, const json *kind)
{
    kw_bytes input = json_is_text(kind, "raw") || json_is_text(kind, "elf") ? bytes_at(v, "input")
                                                                            : mutated(text_at(v, "input"));
    uint8_t *room = scratch(input.size);
    if (json_is_text(kind, "intel-hex")) {
        return hex_read(input, room, &current);
    }
    if (json_is_text(kind, "s-record")) {
        return srecord_read(input, room, &current);
    }
    if (json_is_text(kind, "elf")) {
        return elf_read(input, scratch(1 << 20), 1 << 20, &current);
    }
    if (!json_is_text(kind, "raw")) {
        fault(v, "no reader for this kind", "");
    }
    return raw_read(input, address_of(v, json_member(v->root, "base")), room, &current);
}

kw_reason read_images(vector *v)
{
    const json *kind = json_member(v->root, "kind");
    if (json_is_text(kind, "zone-plan")) {
        static zone_plan plan;
        return zone_plan_read(json_member(v->root, "input"), &plan);
    }
    if (json_is_text(kind, "patch")) {
        return patch(v);
    }
    if (json_is_text(kind, "intel-hex-write") || json_is_text(kind, "s-record-write")
        || json_is_text(kind, "elf-write")) {
        return write_file(v, kind);
    }
    kw_reason reason = read_file(v, kind);
    if (reason == KW_OK) {
        compare_image(v);
    }
    return reason;
}
