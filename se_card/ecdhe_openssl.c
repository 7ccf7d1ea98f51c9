/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/p256.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "base/secret.h"

/* Read-only once made; libcrypto's precomputed table for the generator comes with it. */
static EC_GROUP *group;

enum rdv_err se_p256_init(void)
{
    if (group == NULL)
        group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    return group == NULL ? RDV_ERR_NOMEM : RDV_OK;
}

enum rdv_err se_p256_generate(uint8_t scalar[SE_P256_SCALAR_BYTES],
                              uint8_t point[SE_P256_POINT_BYTES])
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
        BN_bn2binpad(d, scalar, SE_P256_SCALAR_BYTES) == SE_P256_SCALAR_BYTES)
        err = RDV_OK;
out:
    if (err != RDV_OK) {
        rdv_wipe(scalar, SE_P256_SCALAR_BYTES);
        rdv_wipe(point, SE_P256_POINT_BYTES);
    }
    EC_POINT_clear_free(q);
    BN_clear_free(d);
    BN_CTX_free(ctx);
    return err;
}

enum rdv_err se_p256_ecdh(uint8_t x[SE_P256_SCALAR_BYTES],
                          const uint8_t scalar[SE_P256_SCALAR_BYTES],
                          const uint8_t point[SE_P256_POINT_BYTES])
{
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *d = BN_new(), *zx = BN_new();
    EC_POINT *q = EC_POINT_new(group), *z = EC_POINT_new(group);
    enum rdv_err err = RDV_ERR_NOMEM;

    if (ctx == NULL || d == NULL || zx == NULL || q == NULL || z == NULL ||
        BN_bin2bn(scalar, SE_P256_SCALAR_BYTES, d) == NULL)
        goto out;
    BN_set_flags(d, BN_FLG_CONSTTIME);
    err = RDV_ERR_RANGE;
    /* oct2point refuses what is not on the curve; a product at infinity has no coordinates. */
    if (EC_POINT_oct2point(group, q, point, SE_P256_POINT_BYTES, ctx) == 1 &&
        EC_POINT_mul(group, z, NULL, q, d, ctx) == 1 &&
        EC_POINT_get_affine_coordinates(group, z, zx, NULL, ctx) == 1 &&
        BN_bn2binpad(zx, x, SE_P256_SCALAR_BYTES) == SE_P256_SCALAR_BYTES)
        err = RDV_OK;
out:
    if (err != RDV_OK)
        rdv_wipe(x, SE_P256_SCALAR_BYTES);
    EC_POINT_clear_free(q);
    EC_POINT_clear_free(z);
    BN_clear_free(d);
    BN_clear_free(zx);
    BN_CTX_free(ctx);
    return err;
}
