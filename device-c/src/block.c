/* Blocks of a package in its three suites (provisioning.md §5.1). */
#include "block.h"

#include "keywright/hash.h"

size_t kw_part_key_size(kw_suite suite)
{
    return suite == KW_SUITE_CBC_CMAC ? 64 : 32;
}

/* The MAC of nonce and ciphertext comes before anything is decrypted. */
static bool open_cbc(const uint8_t key[64], const uint8_t nonce[12], uint8_t *block, size_t size)
{
    size_t sealed = size / 16 * 16 + 16;
    uint8_t tag[KW_TAG_SIZE], before[16] = {0}, own[16];
    kw_cmac cmac;
    kw_cmac_begin(&cmac, kw_bytes_of(key + 32, 32));
    kw_cmac_add(&cmac, kw_bytes_of(nonce, 12));
    kw_cmac_add(&cmac, kw_bytes_of(block, sealed));
    kw_cmac_end(&cmac, tag);
    if (!kw_same_secret(tag, block + sealed, sizeof tag)) {
        return false;
    }

    kw_port_state aes;
    kw_copy(before, nonce, 12);
    kw_port_aes_begin(&aes, key, 32, false);
    kw_port_aes_block(&aes, before, before); /* the IV */
    kw_port_aes_end(&aes);
    kw_port_aes_begin(&aes, key, 32, true);
    for (size_t at = 0; at < sealed; at += 16) {
        kw_copy(own, block + at, 16);
        kw_port_aes_block(&aes, block + at, block + at);
        for (size_t i = 0; i < 16; i++) {
            block[at + i] ^= before[i];
            before[i] = own[i];
        }
    }
    kw_port_aes_end(&aes);

    bool padded = true; /* PKCS#7 */
    for (size_t i = size; i < sealed; i++) {
        padded &= block[i] == sealed - size;
    }
    return padded;
}

bool kw_block_open(const kw_part *part, uint8_t *block, size_t size, bool last)
{
    uint8_t nonce[12] = {0}, tag[KW_TAG_SIZE];
    for (size_t i = 0; i < 8; i++) {
        nonce[10 - i] = (uint8_t)(part->number >> (8 * i));
    }
    nonce[11] = last ? 1 : 0;
    if (part->suite == KW_SUITE_CBC_CMAC) {
        return open_cbc(part->key, nonce, block, size);
    }
    kw_copy(tag, block + size, sizeof tag);
    return part->suite == KW_SUITE_CCM
               ? kw_port_ccm_open(part->key, nonce, sizeof nonce, block, size, tag, block)
               : kw_port_gcm_open(part->key, nonce, kw_bytes_of(NULL, 0), block, size, tag, block);
}
