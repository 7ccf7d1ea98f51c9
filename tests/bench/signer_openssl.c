/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/signer.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

static EVP_PKEY *key_of(bool p256, const uint8_t point[BENCH_POINT_BYTES])
{
    char group[16];
    uint8_t bytes[BENCH_POINT_BYTES];
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes, sizeof(bytes)),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    const char *name = p256 ? "P-256" : "secp256k1";
    size_t n = 0;

    do
        group[n] = name[n];
    while (name[n++] != '\0');
    for (n = 0; n < sizeof(bytes); n++)
        bytes[n] = point[n];
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)(uintptr_t)params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

bool bench_verifies(bool p256, const uint8_t point[BENCH_POINT_BYTES],
                    const uint8_t digest[BENCH_DIGEST_BYTES], struct rdv_span der)
{
    EVP_PKEY *key = key_of(p256, point);
    EVP_PKEY_CTX *ctx = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
    const bool good = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
                      EVP_PKEY_verify(ctx, der.p, der.n, digest, BENCH_DIGEST_BYTES) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good;
}
