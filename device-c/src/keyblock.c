/* ANSI X9.143 key blocks of version D (keydownload.md §3). */
#include "keywright/hash.h"
#include "keywright/keydownload.h"

enum { HEADER_SIZE = 16, MAC_SIZE = 32, BLOCK_SIZE = 32 }; /* characters; a block is 16 bytes */

/* Decimal digits as a number; -1 when one is none. */
static int decimal(kw_bytes text)
{
    int value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return -1;
        }
        value = value * 10 + (text.at[i] - '0');
    }
    return value;
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_hex(kw_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (hex_digit(text.at[i]) < 0) {
            return false;
        }
    }
    return true;
}

/* 16 bytes of upper-case hexadecimal that was checked before. */
static void hex_block(const uint8_t *from, uint8_t block[16])
{
    for (size_t i = 0; i < 16; i++) {
        block[i] = (uint8_t)(hex_digit(from[2 * i]) << 4 | hex_digit(from[2 * i + 1]));
    }
}

static bool is_capital_or_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

static bool are_capitals_or_digits(kw_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!is_capital_or_digit(text.at[i])) {
            return false;
        }
    }
    return true;
}

static bool is_printable(kw_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < 0x20 || text.at[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

/* Digits of upper-case hexadecimal, at most 8, as a number; -1 when one is none. */
static int64_t hexadecimal(kw_bytes text)
{
    int64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        int digit = hex_digit(text.at[i]);
        if (digit < 0) {
            return -1;
        }
        value = value << 4 | digit;
    }
    return value;
}

typedef struct {
    kw_bytes id, data;
    size_t size; /* of the whole */
} optional_block;

/* The optional block at this place (3.1); false when it is none. */
static bool read_optional(kw_bytes data, size_t at, optional_block *to)
{
    size_t left = data.size - at, head = 4;
    if (left < head || !is_capital_or_digit(data.at[at]) || !is_capital_or_digit(data.at[at + 1])) {
        return false;
    }
    int64_t size = hexadecimal(kw_bytes_of(data.at + at + 2, 2));
    if (size == 0) {
        int64_t digits = left < 6 ? -1 : hexadecimal(kw_bytes_of(data.at + at + 4, 2));
        if (digits < 1 || digits > 8 || left - 6 < (size_t)digits) {
            return false;
        }
        head = 6 + (size_t)digits;
        size = hexadecimal(kw_bytes_of(data.at + at + 6, (size_t)digits));
    }
    if (size < (int64_t)head || size > (int64_t)left) {
        return false;
    }
    to->size = (size_t)size;
    to->id = kw_bytes_of(data.at + at, 2);
    to->data = kw_bytes_of(data.at + at + head, to->size - head);
    return is_printable(to->data);
}

static bool stands_before(kw_bytes data, size_t at, kw_bytes id)
{
    optional_block other;
    for (size_t i = HEADER_SIZE; i < at && read_optional(data, i, &other); i += other.size) {
        if (kw_same(other.id, id)) {
            return true;
        }
    }
    return false;
}

/* Reads `count` optional blocks; where they end, or 0. */
static size_t read_optionals(kw_bytes data, size_t count, kw_key_block *block)
{
    size_t at = HEADER_SIZE;
    block->optional_count = count;
    for (size_t i = 0; i < count; i++) {
        optional_block each;
        if (!read_optional(data, at, &each) || stands_before(data, at, each.id)) {
            return 0;
        }
        if (kw_same(each.id, kw_bytes_of_text("PB"))) {
            if (i != count - 1) {
                return 0;
            }
            block->optional_count--;
        }
        at += each.size;
    }
    return at % 16 == 0 ? at : 0;
}

void kw_key_block_optional(const kw_key_block *block, size_t i, kw_bytes *id, kw_bytes *data)
{
    optional_block each = {{NULL, 0}, {NULL, 0}, 0};
    size_t at = HEADER_SIZE;
    do {
        at += each.size;
    } while (read_optional(block->header, at, &each) && i-- > 0);
    *id = each.id;
    *data = each.data;
}

kw_reason kw_key_block_read(kw_bytes data, kw_key_block *block)
{
    if (data.size < HEADER_SIZE + BLOCK_SIZE + MAC_SIZE || data.size > KW_KEY_BLOCK_MAX
        || !are_capitals_or_digits(kw_bytes_of(data.at, HEADER_SIZE)) || data.at[0] != 'D'
        || decimal(kw_bytes_of(data.at + 1, 4)) != (int)data.size || data.at[7] != 'A'
        || decimal(kw_bytes_of(data.at + 12, 2)) < 0 || data.at[14] != '0' || data.at[15] != '0') {
        return KW_BAD_KEY_BLOCK;
    }
    block->usage = kw_bytes_of(data.at + 5, 2);
    block->mode = (char)data.at[8];
    block->version = kw_bytes_of(data.at + 9, 2);
    block->exportability = (char)data.at[11];

    size_t header = read_optionals(data, (size_t)decimal(kw_bytes_of(data.at + 12, 2)), block);
    if (header == 0 || data.size - header < BLOCK_SIZE + MAC_SIZE
        || (data.size - header - MAC_SIZE) % BLOCK_SIZE != 0) {
        return KW_BAD_KEY_BLOCK;
    }
    block->header = kw_bytes_of(data.at, header);
    block->sealed = kw_bytes_of(data.at + header, data.size - header - MAC_SIZE);
    block->mac = kw_bytes_of(data.at + data.size - MAC_SIZE, MAC_SIZE);
    return is_hex(block->sealed) && is_hex(block->mac) ? KW_OK : KW_BAD_KEY_BLOCK;
}

/* §3.4: a key, as long as the protection key, for a purpose: 0 to encrypt, 1 to authenticate. */
static void block_key(kw_bytes protection_key, uint8_t purpose, uint8_t key[32])
{
    uint8_t input[8] = {0, 0, purpose, 0, 0, 0, 0, 0};
    input[5] = protection_key.size == 16 ? 2 : protection_key.size == 24 ? 3 : 4;
    input[6] = (uint8_t)(protection_key.size * 8 >> 8);
    input[7] = (uint8_t)(protection_key.size * 8);
    for (uint8_t i = 1; i <= 2; i++) {
        input[0] = i;
        kw_cmac_of(protection_key, kw_bytes_of(input, sizeof input), key + 16 * (i - 1));
    }
}

/* AES-CBC, block by block; all clear bytes go into the CMAC, the first 48 are kept. */
static void decrypt(const kw_key_block *block, kw_bytes key, kw_cmac *cmac, uint8_t clear[48])
{
    kw_port_state aes;
    uint8_t before[16], sealed[16], plain[16];
    hex_block(block->mac.at, before);
    kw_port_aes_begin(&aes, key.at, key.size, true);
    for (size_t i = 0; i < block->sealed.size / BLOCK_SIZE; i++) {
        hex_block(block->sealed.at + i * BLOCK_SIZE, sealed);
        kw_port_aes_block(&aes, sealed, plain);
        for (size_t k = 0; k < 16; k++) {
            plain[k] ^= before[k];
            before[k] = sealed[k];
        }
        kw_cmac_add(cmac, kw_bytes_of(plain, 16));
        if (i < 3) {
            kw_copy(clear + 16 * i, plain, 16);
        }
    }
    kw_port_aes_end(&aes);
    kw_wipe(plain, sizeof plain);
}

kw_reason kw_key_block_open(const kw_key_block *block, kw_bytes protection_key, uint8_t key[32],
                            size_t *key_size)
{
    uint8_t block_keys[32] = {0}, clear[48] = {0}, tag[16], mac[16];
    kw_bytes block_key_of_size = kw_bytes_of(block_keys, protection_key.size);
    kw_cmac cmac;
    block_key(protection_key, 1, block_keys);
    kw_cmac_begin(&cmac, block_key_of_size);
    kw_cmac_add(&cmac, block->header);
    block_key(protection_key, 0, block_keys);
    decrypt(block, block_key_of_size, &cmac, clear);
    kw_cmac_end(&cmac, tag);
    hex_block(block->mac.at, mac);

    kw_reason reason = KW_BAD_KEY_BLOCK;
    size_t bits = (size_t)clear[0] << 8 | clear[1];
    if (kw_same_secret(tag, mac, sizeof tag) && (bits == 128 || bits == 192 || bits == 256)
        && 2 + bits / 8 <= block->sealed.size / 2) {
        *key_size = bits / 8;
        kw_copy(key, clear + 2, *key_size);
        reason = KW_OK;
    }
    kw_wipe(block_keys, sizeof block_keys);
    kw_wipe(clear, sizeof clear);
    return reason;
}
