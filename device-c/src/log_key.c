#include "log_key.h"

#include "base64.h"
#include "text.h"

#include "keywright/cbor.h"
#include "keywright/hash.h"

#include <string.h>

/* SubjectPublicKeyInfo of an uncompressed point of P-256, up to the point. */
static const uint8_t key_info[26] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

/* The character at the front of UTF-8 that was checked; its size. */
static size_t character(kw_bytes text, uint32_t *code)
{
    uint8_t first = text.at[0];
    size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    *code = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        *code = *code << 6 | (text.at[i] & 0x3fu);
    }
    return size;
}

/* Controls, and what Unicode calls white space. */
static bool is_control_or_space(uint32_t code)
{
    return code <= ' ' || (code >= 0x7f && code <= 0xa0) || code == 0x1680
           || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 || code == 0x202f
           || code == 0x205f || code == 0x3000;
}

bool kw_is_log_name(kw_bytes name)
{
    size_t characters = 0;
    if (!kw_is_utf8(name)) {
        return false;
    }
    while (name.size > 0) {
        uint32_t code;
        size_t size = character(name, &code);
        if (is_control_or_space(code) || code == '+') {
            return false;
        }
        name = kw_bytes_of(name.at + size, name.size - size);
        characters++;
    }
    return characters >= 1 && characters <= 128;
}

static bool read_id(kw_bytes hex, uint8_t id[4])
{
    for (size_t i = 0; i < hex.size; i++) {
        uint8_t c = hex.at[i];
        bool is_digit = c >= '0' && c <= '9';
        if (hex.size != 8 || (!is_digit && (c < 'a' || c > 'f'))) {
            return false;
        }
        id[i / 2] = (uint8_t)(id[i / 2] << 4 | (is_digit ? c - '0' : c - 'a' + 10));
    }
    return hex.size == 8;
}

kw_reason kw_log_key_read(kw_bytes text, kw_log_key *key)
{
    uint8_t decoded[1 + sizeof key_info + KW_PUBLIC_KEY_SIZE], digest[32];
    kw_bytes id;
    size_t size;
    memset(key->id, 0, sizeof key->id);
    if (!kw_text_until(&text, '+', &key->name) || !kw_is_log_name(key->name)
        || !kw_text_until(&text, '+', &id) || !read_id(id, key->id)
        || !kw_base64_read(text, decoded, sizeof decoded, &size) || size == 0) {
        return KW_MALFORMED;
    }
    if (decoded[0] != 0x02) {
        return KW_WRONG_ALGORITHM;
    }
    if (size != sizeof decoded || memcmp(decoded + 1, key_info, sizeof key_info) != 0) {
        return KW_MALFORMED;
    }
    kw_hash(kw_bytes_of(decoded + 1, sizeof decoded - 1), digest);
    if (memcmp(digest, key->id, sizeof key->id) != 0) {
        return KW_MALFORMED;
    }
    kw_copy(key->point, decoded + 1 + sizeof key_info, KW_PUBLIC_KEY_SIZE);
    return kw_port_p256_is_point(key->point) ? KW_OK : KW_UNKNOWN_KEY;
}

/* A positive INTEGER of at most 256 bits, right-aligned into 32 bytes. */
static bool read_integer(kw_bytes *der, uint8_t out[32])
{
    if (der->size < 3 || der->at[0] != 0x02 || der->at[1] == 0 || der->at[1] > 33
        || der->size - 2 < der->at[1]) {
        return false;
    }
    kw_bytes digits = kw_bytes_of(der->at + 2, der->at[1]);
    der->at += 2 + digits.size;
    der->size -= 2 + digits.size;
    if ((digits.at[0] & 0x80) != 0) {
        return false;
    }
    if (digits.at[0] == 0 && digits.size > 1) {
        if ((digits.at[1] & 0x80) == 0) {
            return false;
        }
        digits = kw_bytes_of(digits.at + 1, digits.size - 1);
    }
    if (digits.size > 32) {
        return false;
    }
    memset(out, 0, 32);
    kw_copy(out + 32 - digits.size, digits.at, digits.size);
    return true;
}

bool kw_log_key_verifies(const kw_log_key *key, kw_bytes text, kw_bytes der)
{
    uint8_t signature[KW_SIGNATURE_SIZE], digest[32];
    if (der.size < 8 || der.at[0] != 0x30 || der.at[1] >= 0x80 || der.at[1] != der.size - 2) {
        return false;
    }
    kw_bytes integers = kw_bytes_of(der.at + 2, der.size - 2);
    if (!read_integer(&integers, signature) || !read_integer(&integers, signature + 32)
        || integers.size != 0) {
        return false;
    }
    kw_hash(text, digest);
    return kw_port_p256_verify(key->point, digest, signature);
}
