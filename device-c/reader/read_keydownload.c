/* vectors/key-block, vectors/ack, vectors/digest. */
#include "keywright/hash.h"
#include "keywright/keydownload.h"
#include "vector.h"

kw_reason read_digest(vector *v)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[32];
    uint8_t *text = scratch(64);
    kw_hash(bytes_at(v, "input"), digest);
    for (size_t i = 0; i < 64; i++) {
        text[i] = (uint8_t)digits[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 0x0f];
    }
    v->said = kw_bytes_of(text, 64);
    return KW_OK;
}

kw_reason read_ack(vector *v)
{
    kw_unit unit = {.serial = bytes_at(v, "serial"),
                    .unit_key = bytes_at(v, "unitKey"),
                    .random = fixed_at(v, "random", KW_CHALLENGE_SIZE)};
    if (unit.unit_key.size != 16 && unit.unit_key.size != 24 && unit.unit_key.size != 32) {
        return KW_MALFORMED;
    }
    return kw_acknowledgement_check(bytes_at(v, "message"), &unit, fixed_at(v, "dataDigest", KW_DIGEST_SIZE));
}

static kw_slot slot_at(vector *v)
{
    kw_slot slot = {0, {0, 0}, 0, 0};
    const json *value = fields(v, "slot");
    const json *ref2 = json_member(value, "ref2"), *usage = json_member(value, "usage"),
               *mode = json_member(value, "mode"), *minimum = json_member(value, "minimumVersion");
    if (ref2 == NULL || usage == NULL || usage->text.size != 2 || mode == NULL || mode->text.size != 1
        || minimum == NULL) {
        fault(v, "no slot", "");
        return slot;
    }
    slot.ref2 = (uint32_t)ref2->number;
    kw_copy((uint8_t *)slot.usage, usage->text.at, 2);
    slot.mode = (char)mode->text.at[0];
    slot.minimum_version = (uint32_t)minimum->number;
    return slot;
}

kw_reason read_key_block(vector *v)
{
    kw_slot slot = slot_at(v);
    kw_unit unit = {.serial = bytes_at(v, "serial"), .slots = &slot, .slot_count = 1};
    uint8_t unit_key[32];
    kw_bytes transport_key = bytes_at(v, "transportKey");
    if (!kw_unit_key(transport_key, unit.serial, bytes_at(v, "applicationId"), unit_key)) {
        fault(v, "no unit key", "");
        return KW_MALFORMED;
    }
    unit.unit_key = kw_bytes_of(unit_key, transport_key.size);
    same_bytes(v, v->root, "unitKey", unit.unit_key);

    const json *challenge = json_member(v->root, "challenge");
    if (challenge != NULL && challenge->type == JSON_OBJECT) {
        const json *ref1 = json_member(challenge, "ref1");
        unit.random = fixed_of(v, json_member(challenge, "random"), KW_CHALLENGE_SIZE);
        unit.ref1 = ref1 == NULL ? 0 : (uint32_t)ref1->number;
    }
    kw_imported imported;
    kw_reason reason = kw_import_key(bytes_at(v, "importKey"), &unit, &imported);
    if (reason == KW_OK) {
        same_bytes(v, v->root, "key", kw_bytes_of(imported.key, imported.key_size));
        same_number(v, v->root, "version", imported.version);
        same_bytes(v, v->root, "acknowledgement",
                   kw_bytes_of(imported.acknowledgement, imported.acknowledgement_size));
    }
    kw_wipe(&imported, sizeof imported);
    kw_wipe(unit_key, sizeof unit_key);
    return reason;
}
