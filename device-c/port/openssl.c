/* The port over OpenSSL 3 (EVP): for hosts. OpenSSL allocates; when it cannot, the program ends. */
#include "keywright/port.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <stdlib.h>
#include <string.h>

/* A failure of the provider, which no input can cause. */
static void must(bool done)
{
    if (!done) {
        abort();
    }
}

static void keep(kw_port_state *state, void *context)
{
    must(context != NULL);
    memcpy(state, &context, sizeof context);
}

static void *kept(const kw_port_state *state)
{
    void *context;
    memcpy(&context, state, sizeof context);
    return context;
}

static void hash_begin(kw_port_state *state, const EVP_MD *algorithm)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    keep(state, context);
    must(EVP_DigestInit_ex(context, algorithm, NULL) == 1);
}

static void hash_add(kw_port_state *state, const uint8_t *bytes, size_t size)
{
    must(size == 0 || EVP_DigestUpdate(kept(state), bytes, size) == 1);
}

static void hash_end(kw_port_state *state, uint8_t *digest)
{
    must(EVP_DigestFinal_ex(kept(state), digest, NULL) == 1);
    EVP_MD_CTX_free(kept(state));
}

void kw_port_sha256_begin(kw_port_state *state)
{
    hash_begin(state, EVP_sha256());
}

void kw_port_sha256_add(kw_port_state *state, const uint8_t *bytes, size_t size)
{
    hash_add(state, bytes, size);
}

void kw_port_sha256_end(kw_port_state *state, uint8_t digest[32])
{
    hash_end(state, digest);
}

void kw_port_sha512_begin(kw_port_state *state)
{
    hash_begin(state, EVP_sha512());
}

void kw_port_sha512_add(kw_port_state *state, const uint8_t *bytes, size_t size)
{
    hash_add(state, bytes, size);
}

void kw_port_sha512_end(kw_port_state *state, uint8_t digest[64])
{
    hash_end(state, digest);
}

void kw_port_aes_begin(kw_port_state *state, const uint8_t *key, size_t key_size, bool decrypt)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    keep(state, context);
    const EVP_CIPHER *cipher = key_size == 16   ? EVP_aes_128_ecb()
                               : key_size == 24 ? EVP_aes_192_ecb()
                                                : EVP_aes_256_ecb();
    must(EVP_CipherInit_ex(context, cipher, NULL, key, NULL, decrypt ? 0 : 1) == 1);
    must(EVP_CIPHER_CTX_set_padding(context, 0) == 1);
}

void kw_port_aes_block(kw_port_state *state, const uint8_t in[16], uint8_t out[16])
{
    int size = 0;
    must(EVP_CipherUpdate(kept(state), out, &size, in, 16) == 1 && size == 16);
}

void kw_port_aes_end(kw_port_state *state)
{
    EVP_CIPHER_CTX_free(kept(state));
}

static void add(EVP_CIPHER_CTX *context, uint8_t *out, const uint8_t *in, size_t size)
{
    int done = 0;
    must(size <= INT32_MAX && (size == 0 || EVP_CipherUpdate(context, out, &done, in, (int)size) == 1));
}

bool kw_port_gcm_open(const uint8_t key[32], const uint8_t nonce[12], kw_bytes associated,
                      const uint8_t *sealed, size_t size, const uint8_t tag[16], uint8_t *plain)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t expected[16], rest[16];
    int done = 0;
    memcpy(expected, tag, sizeof expected);
    must(context != NULL && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1);
    add(context, NULL, associated.at, associated.size);
    add(context, plain, sealed, size);
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, expected) == 1);
    bool opened = EVP_DecryptFinal_ex(context, rest, &done) == 1;
    EVP_CIPHER_CTX_free(context);
    return opened;
}

void kw_port_gcm_seal(const uint8_t key[32], const uint8_t nonce[12], kw_bytes associated,
                      const uint8_t *plain, size_t size, uint8_t *sealed, uint8_t tag[16])
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t rest[16];
    int done = 0;
    must(context != NULL && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1);
    add(context, NULL, associated.at, associated.size);
    add(context, sealed, plain, size);
    must(EVP_EncryptFinal_ex(context, rest, &done) == 1);
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
    EVP_CIPHER_CTX_free(context);
}

bool kw_port_ccm_open(const uint8_t key[32], const uint8_t *nonce, size_t nonce_size, const uint8_t *sealed,
                      size_t size, const uint8_t tag[16], uint8_t *plain)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t expected[16], nothing[1] = {0};
    int done = 0;
    memcpy(expected, tag, sizeof expected);
    must(size <= INT32_MAX && context != NULL
         && EVP_DecryptInit_ex(context, EVP_aes_256_ccm(), NULL, NULL, NULL) == 1);
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, (int)nonce_size, NULL) == 1);
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, expected) == 1);
    must(EVP_DecryptInit_ex(context, NULL, NULL, key, nonce) == 1);
    bool opened = EVP_DecryptUpdate(context, size == 0 ? nothing : plain, &done, size == 0 ? nothing : sealed,
                                    (int)size)
                  == 1;
    EVP_CIPHER_CTX_free(context);
    return opened;
}

/* A point as a key; null when it is no point of the curve. The group is checked, not only the form. */
static EVP_PKEY *key_of_point(const uint8_t point[65])
{
    if (point[0] != 4) {
        return NULL;
    }
    char group[] = "P-256";
    uint8_t copy[65];
    memcpy(copy, point, sizeof copy);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy, sizeof copy),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    must(context != NULL && EVP_PKEY_fromdata_init(context) == 1);
    if (EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    return key;
}

bool kw_port_p256_is_point(const uint8_t point[65])
{
    EVP_PKEY *key = key_of_point(point);
    EVP_PKEY_free(key);
    return key != NULL;
}

/* r || s as the DER that EVP asks for; its size. */
static int der_of(const uint8_t signature[64], uint8_t der[80])
{
    ECDSA_SIG *both = ECDSA_SIG_new();
    must(both != NULL
         && ECDSA_SIG_set0(both, BN_bin2bn(signature, 32, NULL), BN_bin2bn(signature + 32, 32, NULL)) == 1);
    int size = i2d_ECDSA_SIG(both, &der);
    ECDSA_SIG_free(both);
    must(size > 0);
    return size;
}

bool kw_port_p256_verify(const uint8_t point[65], const uint8_t digest[32], const uint8_t signature[64])
{
    EVP_PKEY *key = key_of_point(point);
    if (key == NULL) {
        return false;
    }
    uint8_t der[80];
    int size = der_of(signature, der);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    must(context != NULL && EVP_PKEY_verify_init(context) == 1);
    bool verified = EVP_PKEY_verify(context, der, (size_t)size, digest, 32) == 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    return verified;
}

/* scalar * point, or scalar * generator where there is no point; false when a point or the scalar is none. */
static bool multiply(const uint8_t scalar[32], const uint8_t *point, uint8_t out[65])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BN_CTX *numbers = BN_CTX_secure_new();
    BIGNUM *factor = BN_bin2bn(scalar, 32, NULL);
    must(group != NULL && numbers != NULL && factor != NULL);
    EC_POINT *from = EC_POINT_new(group), *to = EC_POINT_new(group);
    must(from != NULL && to != NULL);

    bool done = !BN_is_zero(factor) && BN_cmp(factor, EC_GROUP_get0_order(group)) < 0;
    if (point != NULL) {
        done = done && point[0] == 4 && EC_POINT_oct2point(group, from, point, 65, numbers) == 1;
    }
    done = done
           && EC_POINT_mul(group, to, point == NULL ? factor : NULL, point == NULL ? NULL : from,
                           point == NULL ? NULL : factor, numbers)
                  == 1
           && EC_POINT_point2oct(group, to, POINT_CONVERSION_UNCOMPRESSED, out, 65, numbers) == 65;

    EC_POINT_clear_free(to);
    EC_POINT_clear_free(from);
    BN_clear_free(factor);
    BN_CTX_free(numbers);
    EC_GROUP_free(group);
    return done;
}

bool kw_port_p256_ecdh(const uint8_t scalar[32], const uint8_t point[65], uint8_t shared[32])
{
    uint8_t product[65];
    bool done = multiply(scalar, point, product);
    if (done) {
        memcpy(shared, product + 1, 32);
    }
    kw_wipe(product, sizeof product);
    return done;
}

bool kw_port_p256_public(const uint8_t scalar[32], uint8_t point[65])
{
    return multiply(scalar, NULL, point);
}
