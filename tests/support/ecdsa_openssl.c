/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/ecdsa.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "tests/support/test.h"

struct t_openssl_key {
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *verify;
};

struct t_openssl_key *t_openssl_key_new(enum se_curve curve, const uint8_t point[SE_EC_POINT_BYTES])
{
    char k1[] = "secp256k1", p256[] = "prime256v1";
    uint8_t copy[SE_EC_POINT_BYTES];
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                         curve == SE_CURVE_K1 ? k1 : p256, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy, sizeof(copy)),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    struct t_openssl_key *key = calloc(1, sizeof(*key));

    for (size_t i = 0; i < sizeof(copy); i++)
        copy[i] = point[i];
    T_MUST(ctx != NULL && key != NULL);
    T_MUST(EVP_PKEY_fromdata_init(ctx) == 1 &&
           EVP_PKEY_fromdata(ctx, &key->pkey, EVP_PKEY_PUBLIC_KEY, params) == 1);
    EVP_PKEY_CTX_free(ctx);
    T_MUST((key->verify = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL)) != NULL);
    T_MUST(EVP_PKEY_verify_init(key->verify) == 1);
    return key;
}

void t_openssl_key_free(struct t_openssl_key *key)
{
    EVP_PKEY_CTX_free(key->verify);
    EVP_PKEY_free(key->pkey);
    free(key);
}

bool t_openssl_verifies(struct t_openssl_key *key, const uint8_t value[32], struct rdv_span der)
{
    return EVP_PKEY_verify(key->verify, der.p, der.n, value, 32) == 1;
}
