/* vectors/start: how a chip is made and how it starts (docs/spec/chip.md §1, §5). */
#include "keywright/hash.h"
#include "provision.h"
#include "vector.h"

#include <string.h>

enum { SAMPLES = 1024, SEED = 96, WINDOW = 512, REPETITIONS = 9, PROPORTION = 71 };

/* SP 800-90B §4.4.1 and §4.4.2. */
static bool is_noise(const uint8_t *samples)
{
    size_t run = 1, alike = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        run = i > 0 && samples[i] == samples[i - 1] ? run + 1 : 1;
        alike = i % WINDOW == 0 ? 0 : alike;
        alike += samples[i] == samples[i - i % WINDOW];
        if (run == REPETITIONS || alike == PROPORTION) {
            return false;
        }
    }
    return true;
}

static void chip_key(const uint8_t *samples, const uint8_t *tester, uint8_t key[KW_KEY_SIZE])
{
    uint8_t parts[3 + SEED + 2 + KW_KEY_SIZE] = {0x82, 0x58, SEED};
    memcpy(parts + 3, samples + SAMPLES - SEED, SEED);
    parts[3 + SEED] = 0x58;
    parts[4 + SEED] = KW_KEY_SIZE;
    memcpy(parts + 5 + SEED, tester, KW_KEY_SIZE);
    kw_extract("chip key", kw_bytes_of(parts, sizeof parts), key);
}

/* HMAC-DRBG, SP 800-90A §10.1.2. */
typedef struct {
    uint8_t key[32], value[32];
} drbg;

static void turn(drbg *of, uint8_t round, kw_bytes seed)
{
    kw_hmac hmac;
    kw_hmac_begin(&hmac, kw_bytes_of(of->key, 32));
    kw_hmac_add(&hmac, kw_bytes_of(of->value, 32));
    kw_hmac_add(&hmac, kw_bytes_of(&round, 1));
    kw_hmac_add(&hmac, seed);
    kw_hmac_end(&hmac, of->key);
    kw_hmac_begin(&hmac, kw_bytes_of(of->key, 32));
    kw_hmac_add(&hmac, kw_bytes_of(of->value, 32));
    kw_hmac_end(&hmac, of->value);
}

static void first_bytes(kw_bytes seed, uint8_t out[32])
{
    drbg made = {{0}, {0}};
    memset(made.value, 1, sizeof made.value);
    turn(&made, 0, seed);
    turn(&made, 1, seed);
    kw_hmac hmac;
    kw_hmac_begin(&hmac, kw_bytes_of(made.key, 32));
    kw_hmac_add(&hmac, kw_bytes_of(made.value, 32));
    kw_hmac_end(&hmac, out);
}

kw_reason read_start(vector *v)
{
    chip made;
    kw_reason reason = chip_read(bytes_at(v, "chip"), &made);
    const uint8_t *birth = fixed_at(v, "noiseAtBirth", SAMPLES), *noise = fixed_at(v, "noise", SAMPLES),
                  *tester = fixed_at(v, "tester", KW_KEY_SIZE);
    if (reason != KW_OK || birth == NULL || noise == NULL || tester == NULL) {
        return reason;
    }
    if (!is_noise(birth) || !is_noise(noise)) {
        v->said = kw_bytes_of_text("no start");
        return KW_OK;
    }
    uint8_t key[KW_KEY_SIZE], random[32], seed[SEED + KW_KEY_SIZE + 8], context[2 + KW_CHIP_ID_SIZE] = {0x81};
    uint64_t boots = number_at(v, "boots");
    chip_key(birth, tester, key);
    context[1] = 0x40 + KW_CHIP_ID_SIZE;
    memcpy(context + 2, made.id, KW_CHIP_ID_SIZE);
    memcpy(seed, noise + SAMPLES - SEED, SEED);
    kw_kdf(kw_bytes_of(key, sizeof key), "drbg", kw_bytes_of(context, sizeof context), seed + SEED, KW_KEY_SIZE);
    for (int i = 0; i < 8; i++) {
        seed[SEED + KW_KEY_SIZE + i] = (uint8_t)(boots >> (56 - 8 * i));
    }
    first_bytes(kw_bytes_of(seed, sizeof seed), random);
    same_bytes(v, fields(v, "expect"), "random", kw_bytes_of(random, sizeof random));
    return KW_OK;
}
