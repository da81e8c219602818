#include "keywright/module.h"

#include "keywright/hash.h"

static const kw_message_type type = {"module", KW_SIGNED, KW_MODULE_MAX};

/* 1-32 of a-z 0-9 - . _ */
static kw_bytes read_name(kw_cbor *cbor)
{
    kw_bytes name = kw_cbor_ascii(cbor, 1, 32, '-', 'z');
    for (size_t i = 0; i < name.size; i++) {
        uint8_t c = name.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_')) {
            kw_cbor_refuse(cbor, KW_MALFORMED);
        }
    }
    return name;
}

static void read_program(kw_cbor *cbor, kw_program *program)
{
    kw_map map = kw_cbor_map(cbor, 7);
    kw_map_key(&map, 1);
    program->name = read_name(cbor);
    kw_map_key(&map, 2);
    program->kind = (uint8_t)kw_cbor_uint(cbor, 1, 4);
    kw_map_key(&map, 3);
    program->version = kw_cbor_short(cbor);
    kw_map_key(&map, 4);
    program->build_id = kw_cbor_bytes(cbor, 0, 64);
    kw_map_key(&map, 5);
    program->digest = kw_cbor_digest(cbor);
    kw_map_key(&map, 6);
    program->size = (uint32_t)kw_cbor_uint(cbor, 0, KW_PROGRAM_MAX);
    program->diagnostics_key = kw_map_has(&map, 7) ? kw_cbor_digest(cbor) : NULL;
    kw_map_end(&map);
}

static void read_key(kw_cbor *cbor, kw_diagnostics_key *key)
{
    kw_map map = kw_cbor_map(cbor, 2);
    kw_map_key(&map, 1);
    key->point = kw_cbor_fixed(cbor, KW_PUBLIC_KEY_SIZE);
    kw_map_key(&map, 2);
    key->epoch = kw_cbor_uint32(cbor);
}

static void read_requirement(kw_cbor *cbor, kw_requirement *requirement)
{
    kw_map map = kw_cbor_map(cbor, 2);
    kw_map_key(&map, 1);
    requirement->program = read_name(cbor);
    kw_map_key(&map, 2);
    requirement->sequence = kw_cbor_uint(cbor, 0, KW_INT63_MAX);
}

typedef enum { TYPES, DEVICES, PROGRAMS, KEYS, REQUIREMENTS } item;

/* One item, and what names it among the others. */
static kw_bytes read_item(kw_cbor *cbor, item kind)
{
    kw_program program;
    kw_diagnostics_key key;
    kw_requirement requirement;
    switch (kind) {
    case TYPES:
        return kw_cbor_short(cbor);
    case DEVICES:
        return kw_cbor_device_id(cbor);
    case PROGRAMS:
        read_program(cbor, &program);
        return program.name;
    case KEYS:
        read_key(cbor, &key);
        return kw_bytes_of(key.point, KW_PUBLIC_KEY_SIZE);
    case REQUIREMENTS:
        break;
    }
    read_requirement(cbor, &requirement);
    return requirement.program;
}

/* The key that comes next is a point: judged once, at its place. */
static void check_key(kw_cbor *cbor)
{
    kw_cbor ahead = *cbor;
    kw_map map = kw_cbor_map(&ahead, 2);
    kw_map_key(&map, 1);
    kw_cbor_public_key(&ahead);
    if (ahead.reason != KW_OK) {
        kw_cbor_refuse(cbor, ahead.reason);
    }
}

/* Finds a name before item `limit`. */
static bool has(const kw_list *list, item kind, size_t limit, kw_bytes name)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, list->items);
    for (size_t i = 0; i < limit; i++) {
        if (kw_same(read_item(&cbor, kind), name)) {
            return true;
        }
    }
    return false;
}

/* No two programs have one name, and no key stands twice. */
static kw_list read_list(kw_cbor *cbor, item kind, size_t least, size_t most)
{
    kw_list list;
    list.count = kw_cbor_array(cbor, least, most);
    list.items = kw_bytes_of(cbor->at, (size_t)(cbor->end - cbor->at));
    for (size_t i = 0; i < list.count && cbor->reason == KW_OK; i++) {
        if (kind == KEYS) {
            check_key(cbor);
        }
        kw_bytes name = read_item(cbor, kind);
        if (cbor->reason == KW_OK && (kind == PROGRAMS || kind == KEYS) && has(&list, kind, i, name)) {
            kw_cbor_refuse(cbor, KW_MALFORMED);
        }
    }
    list.items.size = (size_t)(cbor->at - list.items.at);
    return list;
}

/* Every kid that a program names is that of a key. */
static bool knows_kids(const kw_module *module)
{
    for (size_t i = 0; i < module->programs.count; i++) {
        kw_program program;
        kw_diagnostics_key key;
        size_t k = 0;
        kw_module_program(module, i, &program);
        while (program.diagnostics_key != NULL) {
            if (k == module->keys.count) {
                return false;
            }
            kw_module_key(module, k++, &key);
            if (kw_hash_is(kw_bytes_of(key.point, KW_PUBLIC_KEY_SIZE), program.diagnostics_key)) {
                break;
            }
        }
    }
    return true;
}

kw_reason kw_module_read(kw_bytes bytes, kw_module *module)
{
    static const kw_list none;
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&type, bytes, &module->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 9);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    module->owner = kw_cbor_digest(&cbor);
    kw_map_key(&map, 2);
    module->sequence = kw_cbor_uint(&cbor, 0, KW_INT63_MAX);
    kw_map_key(&map, 3);
    module->product = kw_cbor_short(&cbor);
    module->device_types = kw_map_has(&map, 4) ? read_list(&cbor, TYPES, 1, 16) : none;
    module->devices = kw_map_has(&map, 5) ? read_list(&cbor, DEVICES, 1, 64) : none;
    kw_map_key(&map, 6);
    module->programs = read_list(&cbor, PROGRAMS, 1, 8);
    kw_map_key(&map, 7);
    module->keys = read_list(&cbor, KEYS, 0, 8);
    module->requirements = kw_map_has(&map, 8) ? read_list(&cbor, REQUIREMENTS, 1, 8) : none;
    kw_map_end(&map);
    if (kw_cbor_end(&cbor) != KW_OK) {
        return cbor.reason;
    }
    return knows_kids(module) ? KW_OK : KW_UNKNOWN_KEY;
}

kw_reason kw_module_verify(const kw_module *module, const uint8_t owner_key[65])
{
    if (!kw_hash_is(kw_bytes_of(owner_key, KW_PUBLIC_KEY_SIZE), module->owner)) {
        return KW_FOREIGN_MODULE;
    }
    return kw_message_verify_signature(&module->message, owner_key);
}

kw_reason kw_module_is_for(const kw_module *module, kw_bytes product, kw_bytes device_type,
                           kw_bytes device_id)
{
    bool fits = kw_same(module->product, product)
                && (module->device_types.count == 0
                    || has(&module->device_types, TYPES, module->device_types.count, device_type))
                && (module->devices.count == 0
                    || has(&module->devices, DEVICES, module->devices.count, device_id));
    return fits ? KW_OK : KW_FOREIGN_MODULE;
}

/* Stands before item i of the list. */
static kw_cbor at_item(const kw_list *list, item kind, size_t i)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, list->items);
    while (i-- > 0) {
        read_item(&cbor, kind);
    }
    return cbor;
}

void kw_module_program(const kw_module *module, size_t i, kw_program *program)
{
    kw_cbor cbor = at_item(&module->programs, PROGRAMS, i);
    read_program(&cbor, program);
}

void kw_module_key(const kw_module *module, size_t i, kw_diagnostics_key *key)
{
    kw_cbor cbor = at_item(&module->keys, KEYS, i);
    read_key(&cbor, key);
}

void kw_module_requirement(const kw_module *module, size_t i, kw_requirement *requirement)
{
    kw_cbor cbor = at_item(&module->requirements, REQUIREMENTS, i);
    read_requirement(&cbor, requirement);
}
