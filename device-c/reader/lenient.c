/* While vectors are mutated, proofs may pass that should not: what stands behind them is attacked as well.
   The linker puts these functions in front of the real ones (--wrap, see the Makefile). */
#include "keywright/port.h"
#include "mutate.h"

bool __real_kw_port_p256_verify(const uint8_t point[65], const uint8_t digest[32],
                                const uint8_t signature[64]);
bool __real_kw_port_gcm_open(const uint8_t key[32], const uint8_t nonce[12], kw_bytes associated,
                             const uint8_t *sealed, size_t size, const uint8_t tag[16], uint8_t *plain);
bool __real_kw_same_secret(const void *a, const void *b, size_t size);

bool __wrap_kw_port_p256_verify(const uint8_t point[65], const uint8_t digest[32],
                                const uint8_t signature[64]);
bool __wrap_kw_port_gcm_open(const uint8_t key[32], const uint8_t nonce[12], kw_bytes associated,
                             const uint8_t *sealed, size_t size, const uint8_t tag[16], uint8_t *plain);
bool __wrap_kw_same_secret(const void *a, const void *b, size_t size);

bool __wrap_kw_port_p256_verify(const uint8_t point[65], const uint8_t digest[32],
                                const uint8_t signature[64])
{
    return mutation_is_lenient() || __real_kw_port_p256_verify(point, digest, signature);
}

bool __wrap_kw_port_gcm_open(const uint8_t key[32], const uint8_t nonce[12], kw_bytes associated,
                             const uint8_t *sealed, size_t size, const uint8_t tag[16], uint8_t *plain)
{
    bool opened = __real_kw_port_gcm_open(key, nonce, associated, sealed, size, tag, plain);
    return opened || mutation_is_lenient();
}

bool __wrap_kw_same_secret(const void *a, const void *b, size_t size)
{
    bool same = __real_kw_same_secret(a, b, size);
    return same || mutation_is_lenient();
}
