/* IMPORT KEY and its acknowledgement (keydownload.md §2, §5, §6). */
#include "keywright/keydownload.h"

#include "keywright/hash.h"

bool kw_unit_key(kw_bytes transport_key, kw_bytes serial, kw_bytes application_id, uint8_t unit_key[32])
{
    uint8_t input[1 + KW_SERIAL_MAX + KW_APPLICATION_ID_MAX];
    if (serial.size < 1 || serial.size > KW_SERIAL_MAX || application_id.size < 1
        || application_id.size > KW_APPLICATION_ID_MAX) {
        return false;
    }
    input[0] = (uint8_t)serial.size;
    kw_copy(input + 1, serial.at, serial.size);
    kw_copy(input + 1 + serial.size, application_id.at, application_id.size);
    return kw_an10922(transport_key, kw_bytes_of(input, 1 + serial.size + application_id.size), unit_key);
}

/* REF1 || REF2 || SN in upper-case hexadecimal, as optional block 75 must say. */
static bool names_this_download(const kw_key_block *block, const kw_unit *unit, uint32_t ref2)
{
    static const char digits[] = "0123456789ABCDEF";
    uint8_t bytes[8 + KW_SERIAL_MAX];
    size_t size = 8 + unit->serial.size;
    kw_bytes id, data;
    if (block->optional_count != 1 || unit->serial.size > KW_SERIAL_MAX) {
        return false;
    }
    kw_key_block_optional(block, 0, &id, &data);
    if (!kw_same(id, kw_bytes_of_text("75")) || data.size != 2 * size) {
        return false;
    }
    kw_put_uint32(bytes, unit->ref1);
    kw_put_uint32(bytes + 4, ref2);
    kw_copy(bytes + 8, unit->serial.at, unit->serial.size);
    for (size_t i = 0; i < 2 * size; i++) {
        unsigned nibble = i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 0x0fu;
        if (data.at[i] != (uint8_t)digits[nibble]) {
            return false;
        }
    }
    return true;
}

static const kw_slot *slot_of(const kw_unit *unit, uint32_t ref2)
{
    for (size_t i = 0; i < unit->slot_count; i++) {
        if (unit->slots[i].ref2 == ref2) {
            return &unit->slots[i];
        }
    }
    return NULL;
}

static void operation_key(const kw_unit *unit, uint32_t ref2, uint8_t key[32])
{
    uint8_t room[32];
    kw_cbor_writer context;
    kw_cbor_write_begin(&context, room, sizeof room);
    kw_cbor_write_array(&context, 3);
    kw_cbor_write_bytes(&context, kw_bytes_of(unit->random, KW_CHALLENGE_SIZE));
    kw_cbor_write_uint(&context, unit->ref1);
    kw_cbor_write_uint(&context, ref2);
    kw_kdf_cmac(unit->unit_key, "operation", kw_cbor_written(&context), key, 32);
}

/* CMAC(KA, H(DATA)) */
static void acknowledge(const kw_unit *unit, const uint8_t data_digest[32], uint8_t tag[16])
{
    uint8_t room[20], key[32];
    kw_cbor_writer context;
    kw_cbor_write_begin(&context, room, sizeof room);
    kw_cbor_write_array(&context, 1);
    kw_cbor_write_bytes(&context, kw_bytes_of(unit->random, KW_CHALLENGE_SIZE));
    kw_kdf_cmac(unit->unit_key, "ack", kw_cbor_written(&context), key, 32);
    kw_cmac_of(kw_bytes_of(key, 32), kw_bytes_of(data_digest, KW_DIGEST_SIZE), tag);
    kw_wipe(key, sizeof key);
}

static void write_acknowledgement(const kw_unit *unit, kw_bytes data, kw_imported *imported)
{
    uint8_t digest[32], tag[16];
    kw_hash(data, digest);
    acknowledge(unit, digest, tag);

    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, imported->acknowledgement, sizeof imported->acknowledgement);
    kw_cbor_write_map(&writer, 4);
    kw_cbor_write_uint(&writer, 0);
    kw_cbor_write_uint(&writer, 1);
    kw_cbor_write_uint(&writer, 1);
    kw_cbor_write_bytes(&writer, unit->serial);
    kw_cbor_write_uint(&writer, 2);
    kw_cbor_write_bytes(&writer, kw_bytes_of(digest, sizeof digest));
    kw_cbor_write_uint(&writer, 3);
    kw_cbor_write_bytes(&writer, kw_bytes_of(tag, sizeof tag));
    imported->acknowledgement_size = writer.used;
}

/* Usage, mode, exportability, then the version (§5, the last two rows). */
static kw_reason judge_use(const kw_key_block *block, const kw_slot *slot, uint32_t *version)
{
    if (!kw_same(block->usage, kw_bytes_of(slot->usage, sizeof slot->usage)) || block->mode != slot->mode
        || block->exportability != 'N') {
        return KW_WRONG_USAGE;
    }
    uint8_t tens = block->version.at[0], ones = block->version.at[1];
    if (tens < '0' || tens > '9' || ones < '0' || ones > '9') {
        return KW_OLDER_KEY;
    }
    *version = (uint32_t)(tens - '0') * 10 + (uint32_t)(ones - '0');
    return *version >= 1 && *version >= slot->minimum_version ? KW_OK : KW_OLDER_KEY;
}

kw_reason kw_import_key(kw_bytes command, const kw_unit *unit, kw_imported *imported)
{
    if (command.size > 1040) {
        return KW_TOO_LARGE;
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, command);
    kw_map map = kw_cbor_map(&cbor, 3);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    kw_bytes data = kw_cbor_bytes(&cbor, 1, KW_KEY_BLOCK_MAX);
    kw_map_key(&map, 2);
    imported->ref2 = kw_cbor_uint32(&cbor);
    if (kw_cbor_end(&cbor) != KW_OK) {
        return cbor.reason;
    }
    if (unit->random == NULL) {
        return KW_NO_CHALLENGE;
    }
    const kw_slot *slot = slot_of(unit, imported->ref2);
    if (slot == NULL) {
        return KW_WRONG_REFERENCE;
    }
    kw_key_block block;
    kw_reason reason = kw_key_block_read(data, &block);
    if (reason != KW_OK) {
        return reason;
    }
    if (!names_this_download(&block, unit, imported->ref2)) {
        return KW_WRONG_REFERENCE;
    }
    uint8_t key[32];
    operation_key(unit, imported->ref2, key);
    reason = kw_key_block_open(&block, kw_bytes_of(key, sizeof key), imported->key, &imported->key_size);
    kw_wipe(key, sizeof key);
    if (reason == KW_OK) {
        reason = judge_use(&block, slot, &imported->version);
        if (reason != KW_OK) {
            kw_wipe(imported->key, sizeof imported->key);
        } else {
            write_acknowledgement(unit, data, imported);
        }
    }
    return reason;
}

kw_reason kw_acknowledgement_check(kw_bytes message, const kw_unit *unit, const uint8_t data_digest[32])
{
    if (message.size > KW_ACKNOWLEDGEMENT_MAX) {
        return KW_TOO_LARGE;
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, message);
    kw_map map = kw_cbor_map(&cbor, 4);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    kw_bytes serial = kw_cbor_bytes(&cbor, 1, KW_SERIAL_MAX);
    kw_map_key(&map, 2);
    const uint8_t *digest = kw_cbor_digest(&cbor);
    kw_map_key(&map, 3);
    const uint8_t *tag = kw_cbor_fixed(&cbor, 16);
    if (kw_cbor_end(&cbor) != KW_OK) {
        return cbor.reason;
    }
    uint8_t expected[16];
    acknowledge(unit, data_digest, expected);
    bool good = kw_same(serial, unit->serial) && kw_same_secret(digest, data_digest, KW_DIGEST_SIZE)
                && kw_same_secret(tag, expected, sizeof expected);
    return good ? KW_OK : KW_BAD_ACKNOWLEDGEMENT;
}
