#include "keywright/cose.h"

#include "keywright/hash.h"

#include <string.h>

enum { ES256 = -7, HMAC_256 = 5 };

/* n / 2 of P-256, rounded down: the highest s (wire.md §3). */
static const uint8_t highest_s[32] = {0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b,
                                      0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8};

/* { 1: alg, 16: typ }: structure, then algorithm, then type. */
static kw_reason read_header(const kw_message_type *type, kw_message *message)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, message->protected_header);
    kw_map map = kw_cbor_map(&cbor, 2);
    kw_map_key(&map, 1);
    bool negative = kw_cbor_next(&cbor) == KW_CBOR_NINT;
    uint64_t algorithm = negative ? kw_cbor_nint(&cbor, UINT64_MAX) : kw_cbor_uint(&cbor, 0, UINT64_MAX);
    kw_map_key(&map, 16);
    kw_bytes typ = kw_cbor_text(&cbor, 0, SIZE_MAX);
    if (kw_cbor_end(&cbor) != KW_OK) {
        return cbor.reason;
    }

    message->is_signed = negative && algorithm == -1 - ES256;
    bool is_tagged = !negative && algorithm == HMAC_256;
    if (!(message->is_signed && (type->protections & KW_SIGNED) != 0)
        && !(is_tagged && (type->protections & KW_TAGGED) != 0)) {
        return KW_WRONG_ALGORITHM;
    }

    static const char before[] = "application/vnd.keywright.", after[] = "+cose";
    size_t name_size = strlen(type->name);
    if (typ.size != sizeof before - 1 + name_size + sizeof after - 1
        || memcmp(typ.at, before, sizeof before - 1) != 0
        || memcmp(typ.at + sizeof before - 1, type->name, name_size) != 0
        || memcmp(typ.at + sizeof before - 1 + name_size, after, sizeof after - 1) != 0) {
        return KW_WRONG_TYPE;
    }
    return KW_OK;
}

kw_reason kw_message_read(const kw_message_type *type, kw_bytes bytes, kw_message *message, kw_cbor *payload)
{
    if (bytes.size > type->most) {
        return KW_TOO_LARGE;
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, bytes);
    kw_cbor_array(&cbor, 4, 4);
    message->whole = bytes;
    message->protected_header = kw_cbor_bytes(&cbor, 0, SIZE_MAX);
    kw_cbor_map(&cbor, 0);
    message->payload = kw_cbor_bytes(&cbor, 0, SIZE_MAX);
    kw_bytes proof = kw_cbor_bytes(&cbor, 0, SIZE_MAX);
    if (kw_cbor_end(&cbor) != KW_OK) {
        return cbor.reason;
    }
    kw_reason reason = read_header(type, message);
    if (reason != KW_OK) {
        return reason;
    }
    if (proof.size != (message->is_signed ? KW_SIGNATURE_SIZE : KW_DIGEST_SIZE)) {
        return KW_MALFORMED;
    }
    message->proof = proof.at;
    kw_cbor_begin(payload, message->payload);
    return KW_OK;
}

/* Sig_structure or MAC_structure up to the payload's bytes. A header that was read has at most 70 bytes. */
static kw_bytes before_payload(const kw_message *message, const char *context, uint8_t room[128])
{
    kw_cbor_writer writer;
    uint8_t head[9];
    kw_cbor_write_begin(&writer, room, 128);
    kw_cbor_write_array(&writer, 4);
    kw_cbor_write_text(&writer, kw_bytes_of_text(context));
    kw_cbor_write_bytes(&writer, message->protected_header);
    kw_cbor_write_bytes(&writer, kw_bytes_of(NULL, 0)); /* external_aad */
    kw_cbor_write_raw(&writer, kw_bytes_of(head, kw_cbor_head(head, KW_CBOR_BYTES, message->payload.size)));
    return kw_cbor_written(&writer);
}

kw_reason kw_message_verify_signature(const kw_message *message, const uint8_t key[65])
{
    if (!message->is_signed || memcmp(message->proof + 32, highest_s, sizeof highest_s) > 0) {
        return KW_BAD_SIGNATURE;
    }
    uint8_t room[128];
    uint8_t digest[32];
    kw_hash_of_two(before_payload(message, "Signature1", room), message->payload, digest);
    return kw_port_p256_verify(key, digest, message->proof) ? KW_OK : KW_BAD_SIGNATURE;
}

kw_reason kw_message_verify_mac(const kw_message *message, const uint8_t key[32])
{
    if (message->is_signed) {
        return KW_BAD_MAC;
    }
    uint8_t room[128];
    uint8_t tag[32];
    kw_hmac hmac;
    kw_hmac_begin(&hmac, kw_bytes_of(key, 32));
    kw_hmac_add(&hmac, before_payload(message, "MAC0", room));
    kw_hmac_add(&hmac, message->payload);
    kw_hmac_end(&hmac, tag);
    bool same = kw_same_secret(tag, message->proof, sizeof tag);
    kw_wipe(tag, sizeof tag);
    return same ? KW_OK : KW_BAD_MAC;
}

void kw_message_digest(const kw_message *message, uint8_t digest[32])
{
    kw_hash(message->whole, digest);
}
