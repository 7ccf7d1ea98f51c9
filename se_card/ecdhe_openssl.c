/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/ecdhe.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "base/random.h"
#include "base/secret.h"

/* Read-only once made; libcrypto's precomputed table for the generator comes with it. */
static EC_GROUP *group;

enum rdv_err se_ecdhe_init(void)
{
    if (group == NULL)
        group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    return group == NULL ? RDV_ERR_NOMEM : RDV_OK;
}

enum rdv_err se_p256_generate(uint8_t scalar[SE_SCALAR_BYTES], uint8_t point[SE_P256_POINT_BYTES])
{
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *d = BN_new();
    EC_POINT *q = EC_POINT_new(group);
    enum rdv_err err = RDV_ERR_NOMEM;

    if (ctx == NULL || d == NULL || q == NULL)
        goto out;
    BN_set_flags(d, BN_FLG_CONSTTIME);
    do {
        if (BN_priv_rand_range_ex(d, EC_GROUP_get0_order(group), 0, ctx) != 1)
            goto out;
    } while (BN_is_zero(d));
    if (EC_POINT_mul(group, q, d, NULL, NULL, ctx) == 1 &&
        EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED, point, SE_P256_POINT_BYTES,
                           ctx) == SE_P256_POINT_BYTES &&
        BN_bn2binpad(d, scalar, SE_SCALAR_BYTES) == SE_SCALAR_BYTES)
        err = RDV_OK;
out:
    if (err != RDV_OK) {
        rdv_wipe(scalar, SE_SCALAR_BYTES);
        rdv_wipe(point, SE_P256_POINT_BYTES);
    }
    EC_POINT_clear_free(q);
    BN_clear_free(d);
    BN_CTX_free(ctx);
    return err;
}

enum rdv_err se_p256_shared(uint8_t secret[SE_SHARED_BYTES], const uint8_t scalar[SE_SCALAR_BYTES],
                            const uint8_t point[SE_P256_POINT_BYTES])
{
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *d = BN_new(), *x = BN_new();
    EC_POINT *q = EC_POINT_new(group), *z = EC_POINT_new(group);
    enum rdv_err err = RDV_ERR_NOMEM;

    if (ctx == NULL || d == NULL || x == NULL || q == NULL || z == NULL ||
        BN_bin2bn(scalar, SE_SCALAR_BYTES, d) == NULL)
        goto out;
    BN_set_flags(d, BN_FLG_CONSTTIME);
    err = RDV_ERR_RANGE;
    /* oct2point refuses what is not on the curve; a product at infinity has no coordinates. */
    if (EC_POINT_oct2point(group, q, point, SE_P256_POINT_BYTES, ctx) == 1 &&
        EC_POINT_mul(group, z, NULL, q, d, ctx) == 1 &&
        EC_POINT_get_affine_coordinates(group, z, x, NULL, ctx) == 1 &&
        BN_bn2binpad(x, secret, SE_SHARED_BYTES) == SE_SHARED_BYTES)
        err = RDV_OK;
out:
    if (err != RDV_OK)
        rdv_wipe(secret, SE_SHARED_BYTES);
    EC_POINT_clear_free(q);
    EC_POINT_clear_free(z);
    BN_clear_free(d);
    BN_clear_free(x);
    BN_CTX_free(ctx);
    return err;
}

/* --- X25519 ----------------------------------------------------------------------------------- */

enum rdv_err se_x25519_generate(uint8_t scalar[SE_SCALAR_BYTES],
                                uint8_t point[SE_X25519_POINT_BYTES])
{
    size_t n = SE_X25519_POINT_BYTES;
    EVP_PKEY *key;
    enum rdv_err err = RDV_ERR_NOMEM;

    rdv_random(scalar, SE_SCALAR_BYTES); /* any 32 bytes are a private key: RFC 7748 section 5 */
    if ((key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, scalar, SE_SCALAR_BYTES)) !=
                NULL &&
        EVP_PKEY_get_raw_public_key(key, point, &n) == 1 && n == SE_X25519_POINT_BYTES)
        err = RDV_OK;
    if (err != RDV_OK) {
        rdv_wipe(scalar, SE_SCALAR_BYTES);
        rdv_wipe(point, SE_X25519_POINT_BYTES);
    }
    EVP_PKEY_free(key);
    return err;
}

enum rdv_err se_x25519_shared(uint8_t secret[SE_SHARED_BYTES],
                              const uint8_t scalar[SE_SCALAR_BYTES],
                              const uint8_t point[SE_X25519_POINT_BYTES])
{
    EVP_PKEY *ours = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, scalar, SE_SCALAR_BYTES);
    EVP_PKEY *peer =
            EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, point, SE_X25519_POINT_BYTES);
    EVP_PKEY_CTX *ctx = ours == NULL ? NULL : EVP_PKEY_CTX_new(ours, NULL);
    size_t n = SE_SHARED_BYTES;
    enum rdv_err err = RDV_ERR_NOMEM;

    if (ctx != NULL && peer != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
        EVP_PKEY_derive_set_peer(ctx, peer) == 1)
        /* libcrypto refuses an all-zero secret: RFC 7748 section 6.1 */
        err = EVP_PKEY_derive(ctx, secret, &n) == 1 && n == SE_SHARED_BYTES ? RDV_OK
                                                                            : RDV_ERR_RANGE;
    if (err != RDV_OK)
        rdv_wipe(secret, SE_SHARED_BYTES);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(ours);
    EVP_PKEY_free(peer);
    return err;
}
