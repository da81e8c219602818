#include "keywright/cbor.h"

#include "keywright/port.h"

static const uint8_t zeros[KW_PUBLIC_KEY_SIZE];

void kw_cbor_begin(kw_cbor *cbor, kw_bytes bytes)
{
    cbor->at = bytes.at;
    cbor->end = bytes.size > 0 ? bytes.at + bytes.size : bytes.at;
    cbor->reason = KW_OK;
}

void kw_cbor_refuse(kw_cbor *cbor, kw_reason reason)
{
    if (cbor->reason == KW_OK) {
        cbor->reason = reason;
        cbor->at = cbor->end;
    }
}

kw_reason kw_cbor_end(kw_cbor *cbor)
{
    if (cbor->at != cbor->end) {
        kw_cbor_refuse(cbor, KW_MALFORMED);
    }
    return cbor->reason;
}

kw_cbor_type kw_cbor_next(const kw_cbor *cbor)
{
    return cbor->at == cbor->end ? KW_CBOR_NOTHING : (kw_cbor_type)(*cbor->at >> 5);
}

/* The head of the next item: 0 after a refusal. */
static uint64_t head(kw_cbor *cbor, kw_cbor_type type, uint64_t least, uint64_t most)
{
    if (cbor->at == cbor->end || kw_cbor_next(cbor) != type) {
        kw_cbor_refuse(cbor, KW_MALFORMED);
        return 0;
    }
    uint8_t info = *cbor->at++ & 0x1f;
    uint64_t value = info;
    if (info >= 24) {
        size_t size = (size_t)1 << (info - 24);
        if (info > 27 || (size_t)(cbor->end - cbor->at) < size) {
            kw_cbor_refuse(cbor, KW_MALFORMED);
            return 0;
        }
        value = 0;
        for (size_t i = 0; i < size; i++) {
            value = value << 8 | *cbor->at++;
        }
        if (value < (info == 24 ? 24 : (uint64_t)1 << (4 * size))) {
            kw_cbor_refuse(cbor, KW_MALFORMED);
            return 0;
        }
    }
    if (value < least || value > most) {
        kw_cbor_refuse(cbor, value < least ? KW_MALFORMED : KW_TOO_LARGE);
        return 0;
    }
    return value;
}

uint64_t kw_cbor_uint(kw_cbor *cbor, uint64_t least, uint64_t most)
{
    return head(cbor, KW_CBOR_UINT, least, most);
}

uint32_t kw_cbor_uint32(kw_cbor *cbor)
{
    return (uint32_t)head(cbor, KW_CBOR_UINT, 0, UINT32_MAX);
}

uint64_t kw_cbor_nint(kw_cbor *cbor, uint64_t most)
{
    return head(cbor, KW_CBOR_NINT, 0, most);
}

bool kw_cbor_bool(kw_cbor *cbor)
{
    if (cbor->at == cbor->end || (*cbor->at != 0xf4 && *cbor->at != 0xf5)) {
        kw_cbor_refuse(cbor, KW_MALFORMED);
        return false;
    }
    return *cbor->at++ == 0xf5;
}

static kw_bytes string(kw_cbor *cbor, kw_cbor_type type, size_t least, size_t most)
{
    uint64_t size = head(cbor, type, least, most == SIZE_MAX ? UINT64_MAX : most);
    if (cbor->reason == KW_OK && size > (size_t)(cbor->end - cbor->at)) {
        kw_cbor_refuse(cbor, KW_MALFORMED);
    }
    if (cbor->reason != KW_OK) {
        return kw_bytes_of(zeros, 0);
    }
    kw_bytes bytes = kw_bytes_of(cbor->at, (size_t)size);
    cbor->at += bytes.size;
    return bytes;
}

kw_bytes kw_cbor_bytes(kw_cbor *cbor, size_t least, size_t most)
{
    return string(cbor, KW_CBOR_BYTES, least, most);
}

kw_bytes kw_cbor_text(kw_cbor *cbor, size_t least, size_t most)
{
    kw_bytes text = string(cbor, KW_CBOR_TEXT, least, most);
    if (!kw_is_utf8(text)) {
        kw_cbor_refuse(cbor, KW_MALFORMED);
    }
    return text;
}

kw_bytes kw_cbor_ascii(kw_cbor *cbor, size_t least, size_t most, uint8_t first, uint8_t last)
{
    kw_bytes text = string(cbor, KW_CBOR_TEXT, least, most);
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < first || text.at[i] > last) {
            kw_cbor_refuse(cbor, KW_MALFORMED);
        }
    }
    return text;
}

size_t kw_cbor_array(kw_cbor *cbor, size_t least, size_t most)
{
    return (size_t)head(cbor, KW_CBOR_ARRAY, least, most);
}

kw_map kw_cbor_map(kw_cbor *cbor, size_t most)
{
    kw_map map;
    map.cbor = cbor;
    map.left = (size_t)head(cbor, KW_CBOR_MAP, 0, most);
    return map;
}

bool kw_map_has(kw_map *map, int key)
{
    uint8_t encoded = (uint8_t)(key >= 0 ? key : 0x20 + -1 - key);
    kw_cbor *cbor = map->cbor;
    if (map->left == 0 || cbor->at == cbor->end || *cbor->at != encoded) {
        return false;
    }
    cbor->at++;
    map->left--;
    return true;
}

void kw_map_key(kw_map *map, int key)
{
    if (!kw_map_has(map, key)) {
        kw_cbor_refuse(map->cbor, KW_MALFORMED);
    }
}

void kw_map_end(const kw_map *map)
{
    if (map->left > 0) {
        kw_cbor_refuse(map->cbor, KW_MALFORMED);
    }
}

void kw_map_version(kw_map *map)
{
    kw_map_key(map, 0);
    if (kw_cbor_uint(map->cbor, 0, UINT64_MAX) != 1) {
        kw_cbor_refuse(map->cbor, KW_WRONG_VERSION);
    }
}

const uint8_t *kw_cbor_fixed(kw_cbor *cbor, size_t size)
{
    kw_bytes bytes = kw_cbor_bytes(cbor, size, size);
    return cbor->reason == KW_OK ? bytes.at : zeros;
}

const uint8_t *kw_cbor_digest(kw_cbor *cbor)
{
    return kw_cbor_fixed(cbor, KW_DIGEST_SIZE);
}

const uint8_t *kw_cbor_chip_id(kw_cbor *cbor)
{
    const uint8_t *id = kw_cbor_fixed(cbor, KW_CHIP_ID_SIZE);
    if (id[0] != 1) {
        kw_cbor_refuse(cbor, KW_MALFORMED);
    }
    return id;
}

const uint8_t *kw_cbor_public_key(kw_cbor *cbor)
{
    const uint8_t *key = kw_cbor_fixed(cbor, KW_PUBLIC_KEY_SIZE);
    if (cbor->reason == KW_OK && !kw_port_p256_is_point(key)) {
        kw_cbor_refuse(cbor, KW_UNKNOWN_KEY);
    }
    return key;
}

kw_list kw_cbor_device_ids(kw_cbor *cbor)
{
    kw_bytes ids[8];
    kw_list list;
    list.count = kw_cbor_array(cbor, 1, 8);
    list.items.at = cbor->at;
    for (size_t i = 0; i < list.count; i++) {
        ids[i] = kw_cbor_device_id(cbor);
        for (size_t k = 0; k < i; k++) {
            if (kw_same(ids[k], ids[i])) {
                kw_cbor_refuse(cbor, KW_MALFORMED);
            }
        }
    }
    list.items.size = (size_t)(cbor->at - list.items.at);
    return list;
}

uint8_t kw_cbor_mode(kw_cbor *cbor)
{
    uint64_t mode = kw_cbor_uint(cbor, 0, UINT64_MAX);
    if (mode != 1 && mode != 2) {
        kw_cbor_refuse(cbor, KW_MALFORMED);
    }
    return (uint8_t)mode;
}

kw_bytes kw_cbor_device_id(kw_cbor *cbor)
{
    return kw_cbor_ascii(cbor, 1, 64, 0x21, 0x7e);
}

kw_bytes kw_cbor_short(kw_cbor *cbor)
{
    return kw_cbor_ascii(cbor, 1, 32, 0x20, 0x7e);
}

void kw_cbor_flat(kw_cbor *cbor, kw_flat *items, size_t count)
{
    kw_cbor_array(cbor, count, count);
    for (size_t i = 0; i < count; i++) {
        kw_flat *item = &items[i];
        item->type = kw_cbor_next(cbor);
        item->number = 0;
        item->bytes = kw_bytes_of(zeros, 0);
        if (item->type == KW_CBOR_BYTES) {
            item->bytes = kw_cbor_bytes(cbor, 0, SIZE_MAX);
        } else if (item->type == KW_CBOR_TEXT) {
            item->bytes = kw_cbor_text(cbor, 0, SIZE_MAX);
        } else {
            item->number = kw_cbor_uint(cbor, 0, UINT64_MAX);
        }
    }
}

bool kw_flat_is_uint(const kw_flat *item, uint64_t number)
{
    return item->type == KW_CBOR_UINT && item->number == number;
}

bool kw_flat_is_text(const kw_flat *item, const char *text)
{
    return item->type == KW_CBOR_TEXT && kw_same(item->bytes, kw_bytes_of_text(text));
}
