/* vectors/take, turn, enrolment, program-file. */
#include "keywright/hash.h"
#include "station.h"
#include "vector.h"

kw_reason read_take(vector *v)
{
    take message;
    uint8_t digest[32];
    kw_reason reason = take_read(bytes_at(v, "take"), &message);
    reason = reason == KW_OK ? kw_message_verify_mac(&message.message, fixed_at(v, "take-key", 32)) : reason;
    if (reason == KW_OK) {
        const json *expect = fields(v, "expect");
        kw_message_digest(&message.message, digest);
        same_bytes(v, expect, "digest", kw_bytes_of(digest, sizeof digest));
        same_text(v, expect, "station", message.station);
        same_number(v, expect, "turn", message.turn);
        same_text(v, expect, "device-type", message.device_type);
        same_bytes(v, expect, "order", kw_bytes_of(message.order, KW_DIGEST_SIZE));
        same_bytes(v, expect, "chip", kw_bytes_of(message.chip_id, KW_CHIP_ID_SIZE));
        same_bytes(v, expect, "fresh", kw_bytes_of(message.fresh, KW_PUBLIC_KEY_SIZE));
    }
    return reason;
}

kw_reason read_turn(vector *v)
{
    const uint8_t *state = fixed_at(v, "generator", 32);
    kw_bytes station = text_at(v, "station");
    uint32_t turn = (uint32_t)number_at(v, "turn");
    uint8_t key[32], device[32], next[32];
    turn_key(state, station, turn, key);
    next_state(state, station, turn, next);
    device_key(key, text_at(v, "device"), fixed_at(v, "chip", KW_CHIP_ID_SIZE), device);
    const json *expect = fields(v, "expect");
    same_bytes(v, expect, "turn-key", kw_bytes_of(key, sizeof key));
    same_bytes(v, expect, "device-key", kw_bytes_of(device, sizeof device));
    same_bytes(v, expect, "next", kw_bytes_of(next, sizeof next));
    return KW_OK;
}

kw_reason read_enrolment(vector *v)
{
    enrolment message;
    uint8_t state[32], take_key[32];
    kw_reason reason = enrolment_read(bytes_at(v, "enrolment"), &message);
    if (reason == KW_OK) {
        reason = kw_message_verify_signature(&message.message,
                                             fixed_at(v, "programming-key", KW_PUBLIC_KEY_SIZE));
    }
    reason = reason == KW_OK ? enrolment_open(&message, fixed_at(v, "station-key", 32), state, take_key)
                             : reason;
    if (reason == KW_OK) {
        const json *expect = fields(v, "expect");
        same_text(v, expect, "station", message.station);
        same_text(v, expect, "factory", message.factory);
        same_bytes(v, expect, "epoch", kw_bytes_of(message.epoch, EPOCH_SIZE));
        same_number(v, expect, "turn", message.turn);
        same_bytes(v, expect, "generator", kw_bytes_of(state, sizeof state));
        same_bytes(v, expect, "take-key", kw_bytes_of(take_key, sizeof take_key));
    }
    return reason;
}

static void compare_file(vector *v, const program_file *file, const file_content *content)
{
    const json *expect = fields(v, "expect"), *devices = json_member(expect, "devices");
    same_count(v, devices, file->devices.count);
    kw_cbor cbor;
    kw_cbor_begin(&cbor, file->devices.items);
    for (const json *each = v->fault[0] != 0 ? NULL : devices->first; each != NULL; each = each->next) {
        is_text(v, each, kw_cbor_device_id(&cbor));
    }
    same_number(v, expect, "serial", file->serial);
    same_number(v, expect, "kid", content->kid);
    same_bytes(v, expect, "device-key", kw_bytes_of(content->device_key, KW_KEY_SIZE));
    same_text(v, expect, "product", content->product);
    same_text(v, expect, "device-type", content->device_type);
    same_number(v, expect, "kind", content->kind);
    same_number(v, expect, "base-address", content->base_address);
    same_bytes(v, expect, "image", content->image);
    same_bytes(v, expect, "chip-key", kw_bytes_of(file->kem, KW_PUBLIC_KEY_SIZE));
}

/* §5, in its order. */
kw_reason read_program_file(vector *v)
{
    take own;
    program_file file;
    file_content content;
    kw_bytes taken = bytes_at(v, "take");
    kw_reason reason = take_read(taken, &own);
    reason = reason == KW_OK ? program_file_read(bytes_at(v, "file"), &file) : reason;
    if (reason == KW_OK) {
        reason = kw_message_verify_signature(&file.message,
                                             fixed_at(v, "programming-key", KW_PUBLIC_KEY_SIZE));
    }
    if (reason != KW_OK) {
        return reason;
    }
    if (!kw_hash_is(taken, file.take)
        || !kw_same(kw_bytes_of(file.chip_id, KW_CHIP_ID_SIZE), kw_bytes_of(own.chip_id, KW_CHIP_ID_SIZE))) {
        return KW_WRONG_TAKE;
    }
    if (!kw_same(kw_bytes_of(file.epoch, EPOCH_SIZE),
                 kw_bytes_of(fixed_at(v, "epoch", EPOCH_SIZE), EPOCH_SIZE))) {
        return KW_STALE_EPOCH;
    }
    reason = program_file_open(&file, fixed_at(v, "fresh-key", 32), scratch(program_file_room(&file)),
                               &content);
    if (reason != KW_OK) {
        return reason;
    }
    uint8_t key[32];
    kw_cbor cbor;
    kw_cbor_begin(&cbor, file.devices.items);
    device_key(fixed_at(v, "turn-key", 32), kw_cbor_device_id(&cbor), file.chip_id, key);
    if (!kw_same(file.devices.items, content.devices.items)
        || !kw_same_secret(key, content.device_key, sizeof key)) {
        return KW_WRONG_TAKE;
    }
    compare_file(v, &file, &content);
    return KW_OK;
}
