/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/p256_group.h"

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#define POINT_BYTES 65

struct se_p256_group {
    EC_GROUP *curve; /* with libcrypto's table of multiples of the generator */
    EC_POINT *p, *q;
    BIGNUM *a, *b;
    BN_CTX *ctx;
};

enum rdv_err se_p256_group_new(struct se_p256_group **out)
{
    struct se_p256_group *g;

    *out = NULL;
    if ((g = calloc(1, sizeof(*g))) == NULL)
        return RDV_ERR_NOMEM;
    if ((g->curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)) == NULL ||
        (g->p = EC_POINT_new(g->curve)) == NULL || (g->q = EC_POINT_new(g->curve)) == NULL ||
        (g->a = BN_new()) == NULL || (g->b = BN_new()) == NULL || (g->ctx = BN_CTX_new()) == NULL) {
        se_p256_group_free(g);
        return RDV_ERR_NOMEM;
    }
    *out = g;
    return RDV_OK;
}

void se_p256_group_free(struct se_p256_group *g)
{
    if (g == NULL)
        return;
    BN_CTX_free(g->ctx);
    BN_clear_free(g->a);
    BN_clear_free(g->b);
    EC_POINT_clear_free(g->p);
    EC_POINT_clear_free(g->q);
    EC_GROUP_free(g->curve);
    free(g);
}

enum rdv_err se_p256_group_multiply(struct se_p256_group *g, uint8_t xy[64],
                                    const uint8_t scalar[32])
{
    enum rdv_err err = RDV_ERR_NOMEM;

    if (BN_bin2bn(scalar, 32, g->a) != NULL &&
        EC_POINT_mul(g->curve, g->p, g->a, NULL, NULL, g->ctx) == 1 &&
        EC_POINT_get_affine_coordinates(g->curve, g->p, g->a, g->b, g->ctx) == 1 &&
        BN_bn2binpad(g->a, xy, 32) == 32 && BN_bn2binpad(g->b, xy + 32, 32) == 32)
        err = RDV_OK;
    BN_clear(g->a);
    return err;
}

enum rdv_err se_p256_group_sum(struct se_p256_group *g, uint8_t x[32], const uint8_t u[32],
                               const uint8_t v[32], const uint8_t point[POINT_BYTES])
{
    if (EC_POINT_oct2point(g->curve, g->q, point, POINT_BYTES, g->ctx) != 1 ||
        BN_bin2bn(u, 32, g->a) == NULL || BN_bin2bn(v, 32, g->b) == NULL ||
        EC_POINT_mul(g->curve, g->p, g->a, g->q, g->b, g->ctx) != 1)
        return RDV_ERR_NOMEM;
    if (EC_POINT_is_at_infinity(g->curve, g->p) == 1)
        return RDV_ERR_RANGE;
    if (EC_POINT_get_affine_coordinates(g->curve, g->p, g->a, NULL, g->ctx) != 1 ||
        BN_bn2binpad(g->a, x, 32) != 32)
        return RDV_ERR_NOMEM;
    return RDV_OK;
}

enum rdv_err se_p256_group_check(struct se_p256_group *g, const uint8_t point[POINT_BYTES])
{
    /* It checks that X and Y are below p and on the curve; the cofactor is 1, and 04 is not the
     * form of the point at infinity. */
    return EC_POINT_oct2point(g->curve, g->q, point, POINT_BYTES, g->ctx) == 1 ? RDV_OK
                                                                               : RDV_ERR_RANGE;
}
