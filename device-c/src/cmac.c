#include "keywright/hash.h"

/* A block times x in GF(2^128), as SP 800-38B §6.1 makes subkeys. */
static void doubled(uint8_t block[16])
{
    uint8_t carry = block[0] >> 7;
    for (size_t i = 0; i < 15; i++) {
        block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
    }
    block[15] = (uint8_t)(block[15] << 1 ^ (carry != 0 ? 0x87 : 0));
}

static void chain_block(kw_cmac *cmac)
{
    for (size_t i = 0; i < 16; i++) {
        cmac->chain[i] ^= cmac->block[i];
    }
    kw_port_aes_block(&cmac->aes, cmac->chain, cmac->chain);
    cmac->used = 0;
}

void kw_cmac_begin(kw_cmac *cmac, kw_bytes key)
{
    kw_port_aes_begin(&cmac->aes, key.at, key.size, false);
    for (size_t i = 0; i < 16; i++) {
        cmac->chain[i] = 0;
    }
    cmac->used = 0;
}

void kw_cmac_add(kw_cmac *cmac, kw_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (cmac->used == 16) {
            chain_block(cmac);
        }
        cmac->block[cmac->used++] = bytes.at[i];
    }
}

void kw_cmac_end(kw_cmac *cmac, uint8_t tag[16])
{
    uint8_t subkey[16] = {0};
    kw_port_aes_block(&cmac->aes, subkey, subkey);
    doubled(subkey);
    if (cmac->used < 16) {
        doubled(subkey);
        cmac->block[cmac->used++] = 0x80;
        while (cmac->used < 16) {
            cmac->block[cmac->used++] = 0;
        }
    }
    for (size_t i = 0; i < 16; i++) {
        cmac->block[i] ^= subkey[i];
    }
    chain_block(cmac);
    kw_copy(tag, cmac->chain, 16);
    kw_port_aes_end(&cmac->aes);
    kw_wipe(subkey, sizeof subkey);
    kw_wipe(cmac, sizeof *cmac);
}

void kw_cmac_of(kw_bytes key, kw_bytes bytes, uint8_t tag[16])
{
    kw_cmac cmac;
    kw_cmac_begin(&cmac, key);
    kw_cmac_add(&cmac, bytes);
    kw_cmac_end(&cmac, tag);
}

/* CMAC over constant || M, padded to 32 bytes however short M is: the padding is AN10922's, not CMAC's. */
static void diversify(kw_bytes master, uint8_t constant, kw_bytes input, uint8_t out[16])
{
    uint8_t message[32] = {0};
    message[0] = constant;
    kw_copy(message + 1, input.at, input.size);

    if (input.size == 31) {
        kw_cmac_of(master, kw_bytes_of(message, sizeof message), out);
        return;
    }
    uint8_t subkey[16] = {0};
    kw_port_state aes;
    message[1 + input.size] = 0x80;
    kw_port_aes_begin(&aes, master.at, master.size, false);
    kw_port_aes_block(&aes, subkey, subkey);
    doubled(subkey);
    doubled(subkey);
    kw_port_aes_block(&aes, message, out);
    for (size_t i = 0; i < 16; i++) {
        out[i] ^= message[16 + i] ^ subkey[i];
    }
    kw_port_aes_block(&aes, out, out);
    kw_port_aes_end(&aes);
    kw_wipe(subkey, sizeof subkey);
}

bool kw_an10922(kw_bytes master, kw_bytes input, uint8_t out[32])
{
    if ((master.size != 16 && master.size != 24 && master.size != 32) || input.size < 1 || input.size > 31) {
        return false;
    }
    if (master.size == 16) {
        diversify(master, 0x01, input, out);
    } else if (master.size == 32) {
        diversify(master, 0x41, input, out);
        diversify(master, 0x42, input, out + 16);
    } else {
        uint8_t second[16];
        diversify(master, 0x11, input, out);
        diversify(master, 0x12, input, second);
        for (size_t i = 0; i < 8; i++) {
            out[8 + i] ^= second[i];
            out[16 + i] = second[8 + i];
        }
        kw_wipe(second, sizeof second);
    }
    return true;
}
