/* EN (wire.md §6): a content key for one to eight recipients by COSE-HPKE key encryption. */
#include "hpke.h"
#include "sealed.h"

#include "keywright/hash.h"

typedef struct {
    kw_bytes protected_header;
    const uint8_t *kid;
    const uint8_t *encapsulated;
    const uint8_t *sealed_key; /* 32 bytes and a tag of 16 */
} recipient;

enum { SEALED_KEY_SIZE = KW_KEY_SIZE + KW_TAG_SIZE };

static void read_recipient(kw_cbor *cbor, recipient *to)
{
    kw_cbor_array(cbor, 3, 3);
    to->protected_header = kw_cbor_bytes(cbor, 0, SIZE_MAX);
    kw_map map = kw_cbor_map(cbor, 1);
    kw_map_key(&map, -4);
    to->encapsulated = kw_cbor_fixed(cbor, KW_PUBLIC_KEY_SIZE);
    to->sealed_key = kw_cbor_fixed(cbor, SEALED_KEY_SIZE);
}

/* { 1: 53, 4: kid } */
static kw_reason read_recipient_header(recipient *of)
{
    kw_cbor header;
    kw_cbor_begin(&header, of->protected_header);
    kw_map map = kw_cbor_map(&header, 2);
    kw_map_key(&map, 1);
    uint64_t algorithm = kw_cbor_algorithm(&header);
    kw_map_key(&map, 4);
    of->kid = kw_cbor_digest(&header);
    if (kw_cbor_end(&header) != KW_OK) {
        return header.reason;
    }
    return algorithm == KW_HPKE_7_KE ? KW_OK : KW_WRONG_ALGORITHM;
}

kw_reason kw_en_read(kw_bytes bytes, size_t most, kw_en *en)
{
    recipient each;
    kw_cbor cbor;
    kw_cbor_begin(&cbor, bytes);
    kw_cbor_array(&cbor, 4, 4);
    kw_sealed_read(&cbor, most, &en->content);
    en->recipient_count = kw_cbor_array(&cbor, 1, KW_RECIPIENTS_MAX);
    en->recipients.at = cbor.at;
    for (size_t i = 0; i < en->recipient_count; i++) {
        read_recipient(&cbor, &each);
    }
    if (kw_cbor_end(&cbor) != KW_OK) {
        return cbor.reason;
    }
    en->recipients.size = (size_t)(cbor.at - en->recipients.at);

    kw_reason reason = kw_sealed_read_header(&en->content);
    kw_cbor_begin(&cbor, en->recipients);
    for (size_t i = 0; reason == KW_OK && i < en->recipient_count; i++) {
        read_recipient(&cbor, &each);
        reason = read_recipient_header(&each);
    }
    return reason;
}

/* The first recipient that is one of the keys; null when none is. */
static const kw_hpke_key *own(const kw_en *en, const kw_hpke_key *keys, size_t key_count, recipient *found)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, en->recipients);
    for (size_t i = 0; i < en->recipient_count; i++) {
        read_recipient(&cbor, found);
        (void)read_recipient_header(found);
        for (size_t k = 0; k < key_count; k++) {
            if (kw_hash_is(kw_bytes_of(keys[k].point, KW_PUBLIC_KEY_SIZE), found->kid)) {
                return &keys[k];
            }
        }
    }
    return NULL;
}

kw_reason kw_en_open(const kw_en *en, const kw_hpke_key *keys, size_t key_count, kw_bytes extra_info,
                     uint8_t *plain)
{
    recipient found;
    const kw_hpke_key *key = own(en, keys, key_count, &found);
    if (key == NULL) {
        return KW_NOT_THE_RECIPIENT;
    }

    uint8_t room[352]; /* Recipient_structure */
    kw_cbor_writer info;
    kw_cbor_write_begin(&info, room, sizeof room);
    kw_cbor_write_array(&info, 4);
    kw_cbor_write_text(&info, kw_bytes_of_text("HPKE Recipient"));
    kw_cbor_write_uint(&info, KW_A256GCM);
    kw_cbor_write_bytes(&info, found.protected_header);
    kw_cbor_write_bytes(&info, extra_info);

    uint8_t content_key[KW_KEY_SIZE];
    kw_reason reason = KW_BAD_SEAL;
    if (!info.full
        && kw_hpke_open(key, found.encapsulated, kw_cbor_written(&info), found.sealed_key, KW_KEY_SIZE,
                        content_key)) {
        reason = kw_sealed_open(&en->content, "Encrypt", content_key, kw_bytes_of(NULL, 0), plain);
    }
    kw_wipe(content_key, sizeof content_key);
    return reason;
}
