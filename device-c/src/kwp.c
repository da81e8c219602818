/* AES Key Wrap with Padding (RFC 5649), unwrapping. */
#include "keywright/kwp.h"

#include "keywright/port.h"

enum { HALF = 8 };

/* W^-1 of SP 800-38F over A and the semiblocks at `out`. */
static void unwrap_steps(kw_port_state *aes, uint8_t a[HALF], uint8_t *out, size_t count)
{
    uint8_t block[16];
    for (size_t step = 6 * count; step > 0; step--) {
        uint8_t *half = out + HALF * ((step - 1) % count);
        kw_copy(block, a, HALF);
        for (size_t i = 0; i < sizeof step && i < HALF; i++) {
            block[HALF - 1 - i] ^= (uint8_t)(step >> (8 * i));
        }
        kw_copy(block + HALF, half, HALF);
        kw_port_aes_block(aes, block, block);
        kw_copy(a, block, HALF);
        kw_copy(half, block + HALF, HALF);
    }
    kw_wipe(block, sizeof block);
}

bool kw_kwp_unwrap(kw_bytes key, kw_bytes wrapped, uint8_t *out, size_t room, size_t *size)
{
    static const uint8_t constant[4] = {0xa6, 0x59, 0x59, 0xa6};
    if (wrapped.size < 16 || wrapped.size % HALF != 0 || wrapped.size - HALF > room) {
        return false;
    }
    size_t count = wrapped.size / HALF - 1;
    uint8_t a[HALF];
    kw_port_state aes;
    kw_port_aes_begin(&aes, key.at, key.size, true);
    if (count == 1) {
        uint8_t block[16];
        kw_port_aes_block(&aes, wrapped.at, block);
        kw_copy(a, block, HALF);
        kw_copy(out, block + HALF, HALF);
        kw_wipe(block, sizeof block);
    } else {
        kw_copy(a, wrapped.at, HALF);
        kw_copy(out, wrapped.at + HALF, HALF * count);
        unwrap_steps(&aes, a, out, count);
    }
    kw_port_aes_end(&aes);

    uint32_t length = kw_get_uint32(a + 4);
    uint8_t wrong = (uint8_t)!kw_same_secret(a, constant, sizeof constant);
    wrong |= length > HALF * count || length <= HALF * (count - 1);
    for (size_t i = HALF * (count - 1); i < HALF * count; i++) {
        wrong |= (uint8_t)(i >= length ? out[i] : 0);
    }
    kw_wipe(a, sizeof a);
    if (wrong != 0) {
        kw_wipe(out, HALF * count);
        return false;
    }
    *size = length;
    return true;
}
