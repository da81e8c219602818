#include "keywright/delivery.h"

#include "keywright/hash.h"

static const kw_message_type grant_type = {"grant", KW_TAGGED, KW_GRANT_MAX};
static const kw_message_type refusal_type = {"refusal", KW_TAGGED, KW_REFUSAL_MAX};

kw_reason kw_grant_read(kw_bytes bytes, kw_grant *grant)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&grant_type, bytes, &grant->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 7);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    grant->claim = kw_cbor_digest(&cbor);
    kw_map_key(&map, 2);
    grant->number = kw_cbor_uint(&cbor, 1, KW_INT63_MAX);
    kw_map_key(&map, 3);
    grant->manifest = kw_cbor_digest(&cbor);
    kw_map_key(&map, 4);
    grant->size = kw_cbor_uint(&cbor, 0, KW_INT63_MAX);
    kw_map_key(&map, 5);
    kw_cbor_uint(&cbor, 1, 1); /* mode: per device */
    kw_map_key(&map, 6);
    grant->random = kw_cbor_fixed(&cbor, 32);
    return kw_cbor_end(&cbor);
}

/* The MAC under KDF(K_D, name), then the claim that is answered. */
static kw_reason judge_answer(const kw_message *message, const uint8_t device_key[32], const char *name,
                              const uint8_t *digest, uint64_t number, const kw_open_claim *claim)
{
    uint8_t key[32];
    kw_kdf_plain(device_key, name, key);
    kw_reason reason = kw_message_verify_mac(message, key);
    kw_wipe(key, sizeof key);
    if (reason != KW_OK) {
        return reason;
    }
    bool answers = kw_same_secret(digest, claim->digest, KW_DIGEST_SIZE) && number == claim->number;
    return answers ? KW_OK : KW_WRONG_CLAIM;
}

kw_reason kw_grant_judge(const kw_grant *grant, const uint8_t device_key[32], const kw_open_claim *claim)
{
    return judge_answer(&grant->message, device_key, "grant", grant->claim, grant->number, claim);
}

kw_reason kw_refusal_read(kw_bytes bytes, kw_refusal *refusal)
{
    static const kw_reason conditions[] = {KW_UNKNOWN_SOFTWARE,    KW_NOT_UNDER_CONTRACT, KW_SECOND_DELIVERY,
                                           KW_PREDECESSOR_MISSING, KW_NOT_ENABLED,        KW_OLDER_VERSION};
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&refusal_type, bytes, &refusal->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 4);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    refusal->claim = kw_cbor_digest(&cbor);
    kw_map_key(&map, 2);
    refusal->number = kw_cbor_uint(&cbor, 1, KW_INT63_MAX);
    kw_map_key(&map, 3);
    uint64_t condition = kw_cbor_uint(&cbor, 1, 6);
    refusal->condition = condition == 0 ? KW_OK : conditions[condition - 1];
    return kw_cbor_end(&cbor);
}

kw_reason kw_refusal_judge(const kw_refusal *refusal, const uint8_t device_key[32],
                           const kw_open_claim *claim)
{
    return judge_answer(&refusal->message, device_key, "refusal", refusal->claim, refusal->number, claim);
}

kw_reason kw_grant_body_begin(const kw_grant *grant, const uint8_t device_key[32], uint64_t index,
                              const uint8_t head[KW_BODY_HEAD_SIZE], kw_body *body)
{
    uint8_t room[96], root[32], key[32], claim[32];
    kw_bytes manifest = kw_bytes_of(grant->manifest, KW_DIGEST_SIZE);
    kw_copy(claim, grant->claim, sizeof claim);

    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_bytes(&writer, kw_bytes_of(grant->random, 32));
    kw_cbor_write_bytes(&writer, kw_bytes_of(device_key, 32));
    kw_extract("body", kw_cbor_written(&writer), root);
    kw_wipe(room, sizeof room);

    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 3);
    kw_cbor_write_bytes(&writer, kw_bytes_of(claim, sizeof claim));
    kw_cbor_write_bytes(&writer, manifest);
    kw_cbor_write_uint(&writer, index);
    kw_kdf(kw_bytes_of(root, sizeof root), "body", kw_cbor_written(&writer), key, sizeof key);
    kw_wipe(root, sizeof root);

    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 3);
    kw_cbor_write_text(&writer, kw_bytes_of_text("body"));
    kw_cbor_write_bytes(&writer, manifest);
    kw_cbor_write_uint(&writer, index);
    kw_reason reason = kw_body_begin(body, key, kw_cbor_written(&writer), head);
    kw_wipe(key, sizeof key);
    return reason;
}
