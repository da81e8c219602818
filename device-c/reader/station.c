#include "station.h"

#include "keywright/hash.h"

static const kw_message_type take_type = {"take", KW_TAGGED, 512};
static const kw_message_type enrolment_type = {"enrolment", KW_SIGNED, 1024};
static const kw_message_type file_type = {"program-file", KW_SIGNED, FILE_MAX};

#define TURN_MAX 4294967294u

enum { SECRETS_MAX = 512, SEALED_MAX = 4196352 };

kw_reason take_read(kw_bytes bytes, take *to)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&take_type, bytes, &to->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 7);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->station = kw_cbor_short(&cbor);
    kw_map_key(&map, 2);
    to->turn = (uint32_t)kw_cbor_uint(&cbor, 0, TURN_MAX);
    kw_map_key(&map, 3);
    to->device_type = kw_cbor_short(&cbor);
    kw_map_key(&map, 4);
    to->order = kw_cbor_digest(&cbor);
    kw_map_key(&map, 5);
    to->chip_id = kw_cbor_chip_id(&cbor);
    kw_map_key(&map, 6);
    to->fresh = kw_cbor_public_key(&cbor);
    return kw_cbor_end(&cbor);
}

kw_reason enrolment_read(kw_bytes bytes, enrolment *to)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&enrolment_type, bytes, &to->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 6);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->station = kw_cbor_short(&cbor);
    kw_map_key(&map, 2);
    to->factory = kw_cbor_short(&cbor);
    kw_map_key(&map, 3);
    to->epoch = kw_cbor_fixed(&cbor, EPOCH_SIZE);
    kw_map_key(&map, 4);
    to->turn = (uint32_t)kw_cbor_uint(&cbor, 0, TURN_MAX);
    kw_map_key(&map, 5);
    to->sealed = kw_cbor_bytes(&cbor, 1, SECRETS_MAX);
    return kw_cbor_end(&cbor);
}

/* An EN for one key of which only the scalar is at hand; it is read only now. `room` has sealed.size bytes.
 */
static kw_reason open_with(kw_bytes sealed, size_t most, const uint8_t scalar[32], kw_bytes extra_info,
                           uint8_t *room, kw_bytes *content)
{
    uint8_t point[KW_PUBLIC_KEY_SIZE];
    kw_hpke_key key = {scalar, point};
    kw_en en;
    kw_reason reason = kw_en_read(sealed, most, &en);
    if (reason != KW_OK) {
        return reason;
    }
    *content = kw_bytes_of(room, kw_sealed_content_size(&en.content));
    return kw_port_p256_public(scalar, point) ? kw_en_open(&en, &key, 1, extra_info, room) : KW_UNKNOWN_KEY;
}

kw_reason enrolment_open(const enrolment *message, const uint8_t station_key[32], uint8_t state[32],
                         uint8_t take_key[32])
{
    uint8_t info[64], room[SECRETS_MAX];
    kw_bytes content;
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, info, sizeof info);
    kw_cbor_write_array(&writer, 3);
    kw_cbor_write_text(&writer, kw_bytes_of_text("enrolment"));
    kw_cbor_write_text(&writer, message->station);
    kw_cbor_write_uint(&writer, message->turn);
    kw_reason reason = open_with(message->sealed, SECRETS_MAX, station_key, kw_cbor_written(&writer), room,
                                 &content);
    if (reason == KW_OK) {
        kw_cbor cbor;
        kw_cbor_begin(&cbor, content);
        kw_map map = kw_cbor_map(&cbor, 3);
        kw_map_version(&map);
        kw_map_key(&map, 1);
        kw_copy(state, kw_cbor_fixed(&cbor, 32), 32);
        kw_map_key(&map, 2);
        kw_copy(take_key, kw_cbor_fixed(&cbor, 32), 32);
        reason = kw_cbor_end(&cbor);
    }
    kw_wipe(room, sizeof room);
    return reason;
}

static void step(const uint8_t state[32], const char *name, kw_bytes station, uint32_t turn, uint8_t out[32])
{
    uint8_t room[64];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_text(&writer, station);
    kw_cbor_write_uint(&writer, turn);
    kw_kdf(kw_bytes_of(state, 32), name, kw_cbor_written(&writer), out, 32);
}

void turn_key(const uint8_t state[32], kw_bytes station, uint32_t turn, uint8_t key[32])
{
    step(state, "turn", station, turn, key);
}

void next_state(const uint8_t state[32], kw_bytes station, uint32_t turn, uint8_t next[32])
{
    step(state, "step", station, turn, next);
}

void device_key(const uint8_t turn[32], kw_bytes device_id, const uint8_t chip_id[17], uint8_t key[32])
{
    uint8_t room[96];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_text(&writer, device_id);
    kw_cbor_write_bytes(&writer, kw_bytes_of(chip_id, KW_CHIP_ID_SIZE));
    kw_kdf(kw_bytes_of(turn, 32), "device key", kw_cbor_written(&writer), key, 32);
}

kw_reason program_file_read(kw_bytes bytes, program_file *to)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&file_type, bytes, &to->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 8);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->take = kw_cbor_digest(&cbor);
    kw_map_key(&map, 2);
    to->epoch = kw_cbor_fixed(&cbor, EPOCH_SIZE);
    kw_map_key(&map, 3);
    to->chip_id = kw_cbor_chip_id(&cbor);
    kw_map_key(&map, 4);
    to->devices = kw_cbor_device_ids(&cbor);
    kw_map_key(&map, 5);
    to->serial = kw_cbor_uint(&cbor, 0, KW_INT63_MAX);
    kw_map_key(&map, 6);
    to->sealed = kw_cbor_bytes(&cbor, 1, SEALED_MAX);
    kw_map_key(&map, 7);
    to->kem = kw_cbor_public_key(&cbor);
    return kw_cbor_end(&cbor);
}

size_t program_file_room(const program_file *file)
{
    return file->sealed.size;
}

static kw_reason content_read(kw_bytes bytes, file_content *content)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, bytes);
    kw_map map = kw_cbor_map(&cbor, 9);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    content->kid = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 2);
    content->device_key = kw_cbor_fixed(&cbor, KW_KEY_SIZE);
    kw_map_key(&map, 3);
    content->devices = kw_cbor_device_ids(&cbor);
    kw_map_key(&map, 4);
    content->product = kw_cbor_short(&cbor);
    kw_map_key(&map, 5);
    content->device_type = kw_cbor_short(&cbor);
    kw_map_key(&map, 6);
    content->kind = kw_cbor_uint(&cbor, 1, 2);
    kw_map_key(&map, 7);
    content->image = kw_cbor_bytes(&cbor, 1, IMAGE_MAX);
    content->base_address = 0;
    if (content->kind == 2) {
        kw_map_key(&map, 8);
        content->base_address = kw_cbor_uint32(&cbor);
    }
    kw_map_end(&map);
    return kw_cbor_end(&cbor);
}

kw_reason program_file_open(const program_file *file, const uint8_t fresh_key[32], uint8_t *room,
                            file_content *content)
{
    uint8_t info[64];
    kw_bytes opened;
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, info, sizeof info);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_text(&writer, kw_bytes_of_text("program-file"));
    kw_cbor_write_bytes(&writer, kw_bytes_of(file->take, KW_DIGEST_SIZE));
    kw_reason reason = open_with(file->sealed, SEALED_MAX, fresh_key, kw_cbor_written(&writer), room,
                                 &opened);
    return reason == KW_OK ? content_read(opened, content) : reason;
}
