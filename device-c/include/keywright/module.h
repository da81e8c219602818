/* Modules: docs/spec/module.md. What is installed on a device, signed by its owner. */
#ifndef KEYWRIGHT_MODULE_H
#define KEYWRIGHT_MODULE_H

#include "keywright/cose.h"

enum { KW_MODULE_MAX = 8192, KW_PROGRAM_MAX = 1 << 30 };

typedef struct {
    kw_message message;
    const uint8_t *owner; /* H of the module key */
    uint64_t sequence;
    kw_bytes product;
    kw_list device_types; /* none: all of the product */
    kw_list devices;      /* none: all */
    kw_list programs;     /* 1-8 */
    kw_list keys;         /* 0-8 */
    kw_list requirements; /* 0-8 */
} kw_module;

typedef struct {
    kw_bytes name;
    uint8_t kind; /* 1 application, 2 bootloader, 3 data, 4 dummy */
    kw_bytes version;
    kw_bytes build_id;
    const uint8_t *digest;
    uint32_t size;
    const uint8_t *diagnostics_key; /* kid; null: none */
} kw_program;

typedef struct {
    const uint8_t *point;
    uint32_t epoch;
} kw_diagnostics_key;

typedef struct {
    kw_bytes program;
    uint64_t sequence;
} kw_requirement;

/* wire.md §4, steps 1-5. */
kw_reason kw_module_read(kw_bytes bytes, kw_module *module);

/* §4, steps 2 and 3, with one trust anchor: foreign-module, bad-signature. */
kw_reason kw_module_verify(const kw_module *module, const uint8_t owner_key[65]);

/* §4, step 5: foreign-module. */
kw_reason kw_module_is_for(const kw_module *module, kw_bytes product, kw_bytes device_type,
                           kw_bytes device_id);

/* Item i of a list, i < count. */
void kw_module_program(const kw_module *module, size_t i, kw_program *program);
void kw_module_key(const kw_module *module, size_t i, kw_diagnostics_key *key);
void kw_module_requirement(const kw_module *module, size_t i, kw_requirement *requirement);

#endif
