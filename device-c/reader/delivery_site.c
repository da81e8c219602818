#include "delivery_site.h"

#include "keywright/hash.h"

static const kw_message_type claim_type = {"claim", KW_SIGNED | KW_TAGGED, KW_CLAIM_MAX};
static const kw_message_type done_type = {"done", KW_TAGGED, KW_DONE_MAX};

static kw_bytes read_program_name(kw_cbor *cbor)
{
    kw_bytes name = kw_cbor_ascii(cbor, 1, 32, '-', 'z');
    for (size_t i = 0; i < name.size; i++) {
        if (name.at[i] == '/' || (name.at[i] > '9' && name.at[i] < 'a' && name.at[i] != '_')) {
            kw_cbor_refuse(cbor, KW_MALFORMED);
        }
    }
    return name;
}

void installed_read(kw_cbor *cbor, installed *to)
{
    kw_map map = kw_cbor_map(cbor, 5);
    kw_map_key(&map, 1);
    to->owner = kw_cbor_digest(cbor);
    kw_map_key(&map, 2);
    to->program = read_program_name(cbor);
    kw_map_key(&map, 3);
    to->sequence = kw_cbor_uint(cbor, 0, KW_INT63_MAX);
    kw_map_key(&map, 4);
    to->version = kw_cbor_short(cbor);
    kw_map_key(&map, 5);
    to->digest = kw_cbor_digest(cbor);
}

static kw_list read_all_installed(kw_cbor *cbor)
{
    kw_list list;
    installed each;
    list.count = kw_cbor_array(cbor, 0, KW_INSTALLED_MAX);
    list.items.at = cbor->at;
    for (size_t i = 0; i < list.count; i++) {
        installed_read(cbor, &each);
    }
    list.items.size = (size_t)(cbor->at - list.items.at);
    return list;
}

kw_reason claim_read(kw_bytes bytes, claim *to)
{
    static const uint8_t zero[KW_DIGEST_SIZE];
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&claim_type, bytes, &to->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 10);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->device_id = kw_cbor_device_id(&cbor);
    kw_map_key(&map, 2);
    to->kid = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 3);
    to->number = kw_cbor_uint(&cbor, 1, KW_INT63_MAX);
    kw_map_key(&map, 4);
    to->prev = kw_cbor_digest(&cbor);
    to->done = kw_map_has(&map, 5) ? kw_cbor_bytes(&cbor, 1, KW_DONE_MAX) : kw_bytes_of(NULL, 0);
    kw_map_key(&map, 6);
    to->product = kw_cbor_short(&cbor);
    to->wanted = kw_map_has(&map, 7) ? kw_cbor_digest(&cbor) : NULL;
    kw_map_key(&map, 8);
    to->installed = read_all_installed(&cbor);
    kw_map_key(&map, 9);
    to->nonce = kw_cbor_fixed(&cbor, 16);
    kw_map_end(&map);
    bool hangs_on_nothing = to->number > 1 && kw_same_secret(to->prev, zero, sizeof zero);
    if (hangs_on_nothing || (to->done.size > 0 && !kw_hash_is(to->done, to->prev))) {
        kw_cbor_refuse(&cbor, KW_MALFORMED);
    }
    return kw_cbor_end(&cbor);
}

kw_reason done_read(kw_bytes bytes, done *to)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&done_type, bytes, &to->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 5);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->grant = kw_cbor_digest(&cbor);
    kw_map_key(&map, 2);
    to->number = kw_cbor_uint(&cbor, 1, KW_INT63_MAX);
    kw_map_key(&map, 3);
    to->result = kw_cbor_uint(&cbor, 1, 2);
    kw_map_key(&map, 4);
    to->installed = read_all_installed(&cbor);
    return kw_cbor_end(&cbor);
}

kw_reason done_verify(const done *message, const uint8_t device_key[32])
{
    uint8_t key[32];
    kw_kdf_plain(device_key, "done", key);
    return kw_message_verify_mac(&message->message, key);
}

kw_reason claim_verify(const claim *message, const uint8_t device_key[32], const uint8_t identity[65])
{
    uint8_t key[32];
    kw_kdf_plain(device_key, "claim", key);
    kw_reason reason = message->message.is_signed ? kw_message_verify_signature(&message->message, identity)
                                                  : kw_message_verify_mac(&message->message, key);
    if (reason == KW_OK && message->done.size > 0) {
        done riding;
        reason = done_read(message->done, &riding);
        reason = reason == KW_OK ? done_verify(&riding, device_key) : reason;
        if (reason == KW_OK && riding.number != message->number - 1) {
            reason = KW_MALFORMED;
        }
    }
    return reason;
}

static const kw_message_type resume_type = {"resume", KW_SIGNED | KW_TAGGED, 512};

kw_reason resume_read(kw_bytes bytes, resume *to)
{
    kw_cbor cbor;
    kw_reason reason = kw_message_read(&resume_type, bytes, &to->message, &cbor);
    if (reason != KW_OK) {
        return reason;
    }
    kw_map map = kw_cbor_map(&cbor, 7);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    to->device_id = kw_cbor_device_id(&cbor);
    kw_map_key(&map, 2);
    to->kid = kw_cbor_uint32(&cbor);
    kw_map_key(&map, 3);
    to->recovery = kw_cbor_uint(&cbor, 1, KW_INT63_MAX);
    kw_map_key(&map, 4);
    to->number = kw_cbor_uint(&cbor, 1, KW_INT63_MAX);
    kw_map_key(&map, 5);
    to->epoch = kw_cbor_fixed(&cbor, 16);
    kw_map_key(&map, 6);
    to->nonce = kw_cbor_fixed(&cbor, 16);
    return kw_cbor_end(&cbor);
}

kw_reason resume_verify(const resume *message, const uint8_t device_key[32], const uint8_t *identity)
{
    uint8_t key[32];
    if (message->message.is_signed) {
        return identity == NULL ? KW_BAD_SIGNATURE : kw_message_verify_signature(&message->message, identity);
    }
    kw_kdf_plain(device_key, "resume", key);
    return kw_message_verify_mac(&message->message, key);
}
