#include "dump.h"

#include <string.h>

static const kw_message_type type = {"dump", KW_SIGNED, DUMP_END_MAX};

typedef struct {
    const uint8_t *owner, *program, *en_digest, *body_digest;
    uint64_t size;
} said_segment;

static void read_segment(kw_cbor *cbor, said_segment *to)
{
    kw_map map = kw_cbor_map(cbor, 11);
    kw_map_key(&map, 1);
    to->owner = kw_cbor_digest(cbor);
    kw_map_key(&map, 2);
    to->program = kw_cbor_digest(cbor);
    kw_map_key(&map, 3);
    kw_cbor_short(cbor);
    kw_map_key(&map, 4);
    kw_cbor_short(cbor);
    kw_map_key(&map, 5);
    kw_cbor_bytes(cbor, 0, 64);
    kw_map_key(&map, 6);
    kw_cbor_uint(cbor, 1, 4);
    if (kw_map_has(&map, 7)) {
        kw_cbor_array(cbor, 2, 2);
        kw_cbor_uint(cbor, 0, KW_INT63_MAX);
        kw_cbor_uint(cbor, 0, KW_INT63_MAX);
    }
    kw_map_key(&map, 8);
    kw_cbor_uint(cbor, 0, 255);
    kw_map_key(&map, 9);
    to->en_digest = kw_cbor_digest(cbor);
    kw_map_key(&map, 10);
    to->body_digest = kw_cbor_digest(cbor);
    kw_map_key(&map, 11);
    to->size = kw_cbor_uint(cbor, 0, KW_INT63_MAX);
    kw_map_end(&map);
}

static bool is_as_received(const said_segment *said, const dump_segment *got)
{
    uint64_t size;
    return memcmp(said->owner, got->owner, 32) == 0 && memcmp(said->program, got->program, 32) == 0
           && memcmp(said->en_digest, got->en_digest, 32) == 0
           && memcmp(said->body_digest, got->body_digest, 32) == 0
           && kw_body_plain_size(got->sealed_size, &size) && said->size == size;
}

/* The end's fields in their order. */
typedef struct {
    const uint8_t *chip_id;
    kw_bytes device_id;
    uint64_t boot;
    uint32_t number;
    size_t count;
    said_segment segments[SEGMENTS_MAX];
} end_fields;

static void read_fields(kw_cbor *cbor, end_fields *end, dump *to)
{
    kw_map map = kw_cbor_map(cbor, 8);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    end->chip_id = kw_cbor_chip_id(cbor);
    kw_map_key(&map, 2);
    end->device_id = kw_cbor_device_id(cbor);
    kw_map_key(&map, 3);
    end->boot = kw_cbor_uint(cbor, 0, KW_INT63_MAX);
    kw_map_key(&map, 4);
    end->number = kw_cbor_uint32(cbor);
    kw_map_key(&map, 5);
    to->trigger = kw_cbor_uint(cbor, 1, 4);
    to->has_time = kw_map_has(&map, 6);
    to->time = to->has_time ? kw_cbor_uint(cbor, 0, KW_INT63_MAX) : 0;
    kw_map_key(&map, 7);
    end->count = kw_cbor_array(cbor, 1, SEGMENTS_MAX);
    for (size_t i = 0; i < end->count; i++) {
        read_segment(cbor, &end->segments[i]);
    }
    kw_map_end(&map);
}

kw_reason dump_end_judge(kw_bytes bytes, const dump_reader *reader, dump *received)
{
    kw_message message;
    kw_cbor cbor;
    end_fields end;
    kw_reason reason = kw_message_read(&type, bytes, &message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    read_fields(&cbor, &end, received);
    if (kw_cbor_end(&cbor) != KW_OK) {
        return cbor.reason;
    }
    reason = kw_message_verify_signature(&message, reader->identity);
    if (reason != KW_OK) {
        return reason;
    }
    if (memcmp(end.chip_id, reader->chip_id, KW_CHIP_ID_SIZE) != 0 || end.boot != received->boot
        || end.number != received->number || end.count != received->count) {
        return KW_WRONG_DUMP;
    }
    for (size_t i = 0; i < end.count; i++) {
        if (!is_as_received(&end.segments[i], &received->segments[i])) {
            return KW_WRONG_DUMP;
        }
    }
    return kw_same(end.device_id, reader->device_id) ? KW_OK : KW_WRONG_IDENTITY;
}
