/* The port over mbed TLS 2.28. It allocates within GCM, CCM and P-256 (MBEDTLS_MEMORY_BUFFER_ALLOC_C gives it
   a fixed place for that); when it cannot, the program ends. */
#include "keywright/port.h"

#include <mbedtls/aes.h>
#include <mbedtls/ccm.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/gcm.h>
#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>

#include <stdlib.h>
#include <string.h>

/* A failure of the provider, which no input can cause. */
static void must(bool done)
{
    if (!done) {
        abort();
    }
}

/* Contexts lie in the port's state itself. */
typedef char sha256_fits[sizeof(mbedtls_sha256_context) <= sizeof(kw_port_state) ? 1 : -1];
typedef char sha512_fits[sizeof(mbedtls_sha512_context) <= sizeof(kw_port_state) ? 1 : -1];
typedef struct {
    mbedtls_aes_context context;
    int mode;
} aes_state;

typedef char aes_fits[sizeof(aes_state) <= sizeof(kw_port_state) ? 1 : -1];

static void *context_of(kw_port_state *state)
{
    return state->words;
}

void kw_port_sha256_begin(kw_port_state *state)
{
    mbedtls_sha256_init(context_of(state));
    must(mbedtls_sha256_starts_ret(context_of(state), 0) == 0);
}

void kw_port_sha256_add(kw_port_state *state, const uint8_t *bytes, size_t size)
{
    must(size == 0 || mbedtls_sha256_update_ret(context_of(state), bytes, size) == 0);
}

void kw_port_sha256_end(kw_port_state *state, uint8_t digest[32])
{
    must(mbedtls_sha256_finish_ret(context_of(state), digest) == 0);
    mbedtls_sha256_free(context_of(state));
}

void kw_port_sha512_begin(kw_port_state *state)
{
    mbedtls_sha512_init(context_of(state));
    must(mbedtls_sha512_starts_ret(context_of(state), 0) == 0);
}

void kw_port_sha512_add(kw_port_state *state, const uint8_t *bytes, size_t size)
{
    must(size == 0 || mbedtls_sha512_update_ret(context_of(state), bytes, size) == 0);
}

void kw_port_sha512_end(kw_port_state *state, uint8_t digest[64])
{
    must(mbedtls_sha512_finish_ret(context_of(state), digest) == 0);
    mbedtls_sha512_free(context_of(state));
}

void kw_port_aes_begin(kw_port_state *state, const uint8_t *key, size_t key_size, bool decrypt)
{
    aes_state *aes = context_of(state);
    unsigned bits = (unsigned)key_size * 8;
    mbedtls_aes_init(&aes->context);
    aes->mode = decrypt ? MBEDTLS_AES_DECRYPT : MBEDTLS_AES_ENCRYPT;
    must((decrypt ? mbedtls_aes_setkey_dec(&aes->context, key, bits)
                  : mbedtls_aes_setkey_enc(&aes->context, key, bits))
         == 0);
}

void kw_port_aes_block(kw_port_state *state, const uint8_t in[16], uint8_t out[16])
{
    aes_state *aes = context_of(state);
    must(mbedtls_aes_crypt_ecb(&aes->context, aes->mode, in, out) == 0);
}

void kw_port_aes_end(kw_port_state *state)
{
    aes_state *aes = context_of(state);
    mbedtls_aes_free(&aes->context);
}

bool kw_port_gcm_open(const uint8_t key[32], const uint8_t nonce[12], kw_bytes associated,
                      const uint8_t *sealed, size_t size, const uint8_t tag[16], uint8_t *plain)
{
    mbedtls_gcm_context gcm;
    mbedtls_gcm_init(&gcm);
    must(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 256) == 0);
    int result = mbedtls_gcm_auth_decrypt(&gcm, size, nonce, 12, associated.at, associated.size, tag, 16,
                                          sealed, plain);
    mbedtls_gcm_free(&gcm);
    must(result == 0 || result == MBEDTLS_ERR_GCM_AUTH_FAILED);
    return result == 0;
}

void kw_port_gcm_seal(const uint8_t key[32], const uint8_t nonce[12], kw_bytes associated,
                      const uint8_t *plain, size_t size, uint8_t *sealed, uint8_t tag[16])
{
    mbedtls_gcm_context gcm;
    mbedtls_gcm_init(&gcm);
    must(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 256) == 0);
    must(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, size, nonce, 12, associated.at, associated.size,
                                   plain, sealed, 16, tag)
         == 0);
    mbedtls_gcm_free(&gcm);
}

bool kw_port_ccm_open(const uint8_t key[32], const uint8_t *nonce, size_t nonce_size, const uint8_t *sealed,
                      size_t size, const uint8_t tag[16], uint8_t *plain)
{
    mbedtls_ccm_context ccm;
    mbedtls_ccm_init(&ccm);
    must(mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_AES, key, 256) == 0);
    int result = mbedtls_ccm_auth_decrypt(&ccm, size, nonce, nonce_size, NULL, 0, sealed, plain, tag, 16);
    mbedtls_ccm_free(&ccm);
    must(result == 0 || result == MBEDTLS_ERR_CCM_AUTH_FAILED);
    return result == 0;
}

typedef struct {
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
} curve;

/* The curve, and the point on it; false when it is none. Every begin is followed by an end. */
static bool curve_begin(curve *on, const uint8_t *point)
{
    mbedtls_ecp_group_init(&on->group);
    mbedtls_ecp_point_init(&on->point);
    must(mbedtls_ecp_group_load(&on->group, MBEDTLS_ECP_DP_SECP256R1) == 0);
    return point[0] == 4 && mbedtls_ecp_point_read_binary(&on->group, &on->point, point, 65) == 0
           && mbedtls_ecp_check_pubkey(&on->group, &on->point) == 0;
}

static void curve_end(curve *on)
{
    mbedtls_ecp_point_free(&on->point);
    mbedtls_ecp_group_free(&on->group);
}

bool kw_port_p256_is_point(const uint8_t point[65])
{
    curve on;
    bool is_point = curve_begin(&on, point);
    curve_end(&on);
    return is_point;
}

bool kw_port_p256_verify(const uint8_t point[65], const uint8_t digest[32], const uint8_t signature[64])
{
    curve on;
    mbedtls_mpi r, s;
    bool verified = curve_begin(&on, point);
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
    must(mbedtls_mpi_read_binary(&r, signature, 32) == 0
         && mbedtls_mpi_read_binary(&s, signature + 32, 32) == 0);
    verified = verified && mbedtls_ecdsa_verify(&on.group, digest, 32, &on.point, &r, &s) == 0;
    mbedtls_mpi_free(&s);
    mbedtls_mpi_free(&r);
    curve_end(&on);
    return verified;
}

/* scalar * from, or nothing when the scalar is none. */
static bool multiply(curve *on, const uint8_t scalar[32], const mbedtls_ecp_point *from, uint8_t out[65])
{
    mbedtls_mpi factor;
    mbedtls_ecp_point product;
    size_t size = 0;
    mbedtls_mpi_init(&factor);
    mbedtls_ecp_point_init(&product);
    must(mbedtls_mpi_read_binary(&factor, scalar, 32) == 0);
    bool done = mbedtls_ecp_check_privkey(&on->group, &factor) == 0
                && mbedtls_ecp_mul(&on->group, &product, &factor, from, NULL, NULL) == 0
                && mbedtls_ecp_point_write_binary(&on->group, &product, MBEDTLS_ECP_PF_UNCOMPRESSED, &size,
                                                  out, 65)
                       == 0
                && size == 65;
    mbedtls_ecp_point_free(&product);
    mbedtls_mpi_free(&factor);
    return done;
}

bool kw_port_p256_ecdh(const uint8_t scalar[32], const uint8_t point[65], uint8_t shared[32])
{
    curve on;
    uint8_t product[65];
    bool done = curve_begin(&on, point) && multiply(&on, scalar, &on.point, product);
    curve_end(&on);
    if (done) {
        memcpy(shared, product + 1, 32);
    }
    kw_wipe(product, sizeof product);
    return done;
}

bool kw_port_p256_public(const uint8_t scalar[32], uint8_t point[65])
{
    static const uint8_t none[65] = {4};
    curve on;
    (void)curve_begin(&on, none);
    bool done = multiply(&on, scalar, &on.group.G, point);
    curve_end(&on);
    return done;
}
