#include "keywright/programming.h"

#include "keywright/hash.h"

static kw_reason read_content(kw_bytes content, kw_head *head)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, content);
    kw_map map = kw_cbor_map(&cbor, 10);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    head->kid = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 2);
    head->device_key = kw_cbor_fixed(&cbor, KW_KEY_SIZE);
    kw_map_key(&map, 3);
    head->devices = kw_cbor_device_ids(&cbor);
    kw_map_key(&map, 4);
    head->product = kw_cbor_short(&cbor);
    kw_map_key(&map, 5);
    head->device_type = kw_cbor_short(&cbor);
    kw_map_key(&map, 6);
    head->kind = (uint8_t)kw_cbor_uint(&cbor, 1, 2);
    kw_map_key(&map, 7);
    head->base_address = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 8);
    head->image_digest = kw_cbor_digest(&cbor);
    kw_map_key(&map, 9);
    head->image_size = (uint32_t)kw_cbor_uint(&cbor, 1, KW_IMAGE_MAX);
    kw_hash(content, head->digest);
    return kw_cbor_end(&cbor);
}

kw_reason kw_head_open(kw_bytes sealed, const kw_hpke_key *kem, const uint8_t chip_id[17], uint8_t *room,
                       kw_head *head)
{
    if (sealed.size > KW_HEAD_MAX) {
        return KW_TOO_LARGE;
    }
    uint8_t info[32];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, info, sizeof info);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_text(&writer, kw_bytes_of_text("program"));
    kw_cbor_write_bytes(&writer, kw_bytes_of(chip_id, KW_CHIP_ID_SIZE));

    kw_en en;
    kw_reason reason = kw_en_read(sealed, KW_HEAD_CONTENT_MAX, &en);
    reason = reason == KW_OK ? kw_en_open(&en, kem, 1, kw_cbor_written(&writer), room) : reason;
    return reason == KW_OK ? read_content(kw_bytes_of(room, kw_sealed_content_size(&en.content)), head)
                           : reason;
}

kw_reason kw_head_image_begin(const kw_head *head, uint64_t sealed_size,
                              const uint8_t body_head[KW_BODY_HEAD_SIZE], kw_body *body)
{
    uint64_t size;
    if (!kw_body_plain_size(sealed_size, &size) || size != head->image_size) {
        return KW_BODY_MISMATCH;
    }
    uint8_t context[48], key[32];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, context, sizeof context);
    kw_cbor_write_array(&writer, 1);
    kw_cbor_write_bytes(&writer, kw_bytes_of(head->digest, sizeof head->digest));
    kw_kdf(kw_bytes_of(head->device_key, KW_KEY_SIZE), "program", kw_cbor_written(&writer), key, sizeof key);

    kw_cbor_write_begin(&writer, context, sizeof context);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_text(&writer, kw_bytes_of_text("program"));
    kw_cbor_write_bytes(&writer, kw_bytes_of(head->digest, sizeof head->digest));
    kw_reason reason = kw_body_begin(body, key, kw_cbor_written(&writer), body_head);
    kw_wipe(key, sizeof key);
    return reason == KW_OK ? KW_OK : KW_BODY_MISMATCH;
}

void kw_head_confirmation(const kw_head *head, const uint8_t chip_id[17], uint8_t confirmation[KW_KEY_SIZE])
{
    uint8_t context[56];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, context, sizeof context);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_bytes(&writer, kw_bytes_of(chip_id, 17));
    kw_cbor_write_bytes(&writer, kw_bytes_of(head->digest, sizeof head->digest));
    kw_kdf(kw_bytes_of(head->device_key, KW_KEY_SIZE), "programmed", kw_cbor_written(&writer), confirmation,
           KW_KEY_SIZE);
}
