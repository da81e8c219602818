/* vectors/module. */
#include "field_list.h"
#include "keywright/module.h"
#include "vector.h"

typedef kw_bytes text_reader(kw_cbor *cbor);

/* Device types or devices; none: the list is not there. */
static const json *compare_texts(vector *v, const json *field, const kw_list *list, text_reader *read)
{
    if (list->count == 0) {
        return compare_null(v, field);
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, list->items);
    const json *text = first_within(v, field);
    for (size_t i = 0; i < list->count; i++) {
        text = compare_text(v, text, read(&cbor));
    }
    no_more(v, text);
    return next_field(field);
}

static void compare_program(vector *v, const json *said, const kw_program *program)
{
    said = compare_text(v, said, program->name);
    said = compare_number(v, said, program->kind);
    said = compare_text(v, said, program->version);
    said = compare_bytes(v, said, program->build_id.at, program->build_id.size);
    said = compare_bytes(v, said, program->digest, KW_DIGEST_SIZE);
    said = compare_number(v, said, program->size);
    no_more(v, program->diagnostics_key == NULL
                   ? compare_null(v, said)
                   : compare_bytes(v, said, program->diagnostics_key, KW_DIGEST_SIZE));
}

static const json *compare_programs(vector *v, const json *field, const kw_module *module)
{
    const json *each = first_within(v, field);
    for (size_t i = 0; i < module->programs.count; i++, each = next_field(each)) {
        kw_program program;
        kw_module_program(module, i, &program);
        compare_program(v, first_within(v, each), &program);
    }
    no_more(v, each);
    return next_field(field);
}

static const json *compare_keys(vector *v, const json *field, const kw_module *module)
{
    const json *each = first_within(v, field);
    for (size_t i = 0; i < module->keys.count; i++, each = next_field(each)) {
        kw_diagnostics_key key;
        kw_module_key(module, i, &key);
        const json *said = compare_bytes(v, first_within(v, each), key.point, KW_PUBLIC_KEY_SIZE);
        no_more(v, compare_number(v, said, key.epoch));
    }
    no_more(v, each);
    return next_field(field);
}

static const json *compare_requirements(vector *v, const json *field, const kw_module *module)
{
    if (module->requirements.count == 0) {
        return compare_null(v, field);
    }
    const json *each = first_within(v, field);
    for (size_t i = 0; i < module->requirements.count; i++, each = next_field(each)) {
        kw_requirement requirement;
        kw_module_requirement(module, i, &requirement);
        const json *said = compare_text(v, first_within(v, each), requirement.program);
        no_more(v, compare_number(v, said, requirement.sequence));
    }
    no_more(v, each);
    return next_field(field);
}

kw_reason read_module(vector *v)
{
    kw_module module;
    kw_reason reason = kw_module_read(bytes_at(v, "message"), &module);
    reason = reason == KW_OK ? kw_module_verify(&module, fixed_at(v, "owner", KW_PUBLIC_KEY_SIZE)) : reason;
    if (reason == KW_OK) {
        const json *field = compare_bytes(v, first_field(v), module.owner, KW_DIGEST_SIZE);
        field = compare_number(v, field, module.sequence);
        field = compare_text(v, field, module.product);
        field = compare_texts(v, field, &module.device_types, kw_cbor_short);
        field = compare_texts(v, field, &module.devices, kw_cbor_device_id);
        field = compare_programs(v, field, &module);
        field = compare_keys(v, field, &module);
        no_more(v, compare_requirements(v, field, &module));
    }
    return reason;
}
