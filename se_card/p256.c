/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/p256.h"

#include <string.h>

#include "se_card/drbg.h"
#include "se_card/p256_scalar.h"

static const uint8_t field[32] = { /* p, which coordinates are below */
                                   0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
                                   0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF
};

static enum rdv_err get_secret(struct se_p256_scalar *out, const struct rdv_key *secret)
{
    const uint64_t too_big = se_p256_scalar_get(out, secret->bytes);

    return rdv_reveal(too_big | se_p256_scalar_is_zero(out)) ? RDV_ERR_RANGE : RDV_OK;
}

bool se_p256_valid(const struct rdv_key *secret)
{
    struct se_p256_scalar d;
    const bool valid = get_secret(&d, secret) == RDV_OK;

    rdv_wipe(&d, sizeof(d));
    return valid;
}

/* --- points ----------------------------------------------------------------------------------- */

/* X and Y of k or n - k times the generator, whichever number is high; k becomes that number, and
 * the answer is whether it changed. The two points differ in the sign of Y alone. */
static enum rdv_err multiply(struct se_p256_group *group, uint8_t xy[64], struct se_p256_scalar *k,
                             uint64_t *negated)
{
    uint8_t bytes[32];
    enum rdv_err err;

    *negated = se_p256_scalar_is_high(k) ^ 1;
    se_p256_scalar_negate_if(k, *negated);
    se_p256_scalar_put(bytes, k);
    err = se_p256_group_multiply(group, xy, bytes);
    rdv_wipe(bytes, sizeof(bytes));
    return err;
}

/* y = p - y, which is never 0. */
static void negate_y_if(uint8_t y[32], uint64_t negate)
{
    const unsigned mask = 0U - (unsigned)negate;
    unsigned borrow = 0;

    for (size_t i = 32; i-- > 0;) {
        const unsigned d = (unsigned)field[i] - y[i] - borrow;

        y[i] = (uint8_t)((d & mask) | (y[i] & ~mask));
        borrow = d >> 8 & 1;
    }
}

enum rdv_err se_p256_public(struct se_p256_group *group, uint8_t out[65],
                            const struct rdv_key *secret)
{
    struct se_p256_scalar d;
    uint64_t negated;
    enum rdv_err err;

    memset(out, 0, 65);
    if ((err = get_secret(&d, secret)) != RDV_OK ||
        (err = multiply(group, out + 1, &d, &negated)) != RDV_OK)
        goto out;
    out[0] = 4;
    negate_y_if(out + 33, negated);
out:
    rdv_wipe(&d, sizeof(d));
    return err;
}

/* --- the nonce -------------------------------------------------------------------------------- */

void se_p256_nonce(struct rdv_key *out, const struct rdv_key *secret, const uint8_t value[32],
                   struct rdv_span extra)
{
    struct se_drbg g;

    se_drbg_start(&g, secret->bytes, value, extra);
    do
        se_drbg_next(&g, out->bytes);
    while (!se_p256_valid(out));
    rdv_wipe(&g, sizeof(g));
}

/* --- signatures ------------------------------------------------------------------------------- */

/* r = X of kG; k may change its sign, and s with it, which the low s makes up for. */
static enum rdv_err make_r(struct se_p256_group *group, struct se_p256_scalar *r,
                           struct se_p256_scalar *k)
{
    uint8_t xy[64];
    uint64_t negated;
    enum rdv_err err;

    if ((err = multiply(group, xy, k, &negated)) == RDV_OK)
        (void)se_p256_scalar_get(r, xy);
    return err;
}

enum rdv_err se_p256_sign(struct se_p256_group *group, uint8_t rs[64], const struct rdv_key *secret,
                          const uint8_t value[32], struct rdv_span extra)
{
    struct se_p256_scalar d, e, k, r, s;
    struct rdv_key nonce = { 0 };
    uint8_t reduced[32];
    enum rdv_err err;

    memset(rs, 0, 64);
    if ((err = get_secret(&d, secret)) != RDV_OK)
        goto out;
    (void)se_p256_scalar_get(&e, value);
    se_p256_scalar_put(reduced, &e);
    se_p256_nonce(&nonce, secret, reduced, extra);
    (void)se_p256_scalar_get(&k, nonce.bytes);
    if ((err = make_r(group, &r, &k)) != RDV_OK)
        goto out;
    /* s = (e + r d) / k */
    se_p256_scalar_mul(&s, &r, &d);
    se_p256_scalar_add(&s, &s, &e);
    se_p256_scalar_inverse(&k, &k);
    se_p256_scalar_mul(&s, &s, &k);
    se_p256_scalar_negate_if(&s, se_p256_scalar_is_high(&s));
    /* Each is 0 for one nonce in 2^256, and nobody can choose the nonce. */
    RDV_INVARIANT(!rdv_reveal(se_p256_scalar_is_zero(&r) | se_p256_scalar_is_zero(&s)));
    se_p256_scalar_put(rs, &r);
    se_p256_scalar_put(rs + 32, &s);
out:
    rdv_wipe(&d, sizeof(d));
    rdv_wipe(&k, sizeof(k));
    rdv_key_wipe(&nonce);
    return err;
}

enum rdv_err se_p256_verify(struct se_p256_group *group, const uint8_t rs[64],
                            const uint8_t point[65], const uint8_t value[32])
{
    struct se_p256_scalar e, r, s, u, v;
    uint8_t u_bytes[32], v_bytes[32], x[32];
    enum rdv_err err;

    if (se_p256_scalar_get(&r, rs) == 1 || se_p256_scalar_is_zero(&r) == 1 ||
        se_p256_scalar_get(&s, rs + 32) == 1 || se_p256_scalar_is_zero(&s) == 1)
        return RDV_ERR_AUTH;
    (void)se_p256_scalar_get(&e, value);
    se_p256_scalar_inverse(&s, &s);
    se_p256_scalar_mul(&u, &e, &s);
    se_p256_scalar_mul(&v, &r, &s);
    se_p256_scalar_put(u_bytes, &u);
    se_p256_scalar_put(v_bytes, &v);
    err = se_p256_group_sum(group, x, u_bytes, v_bytes, point);
    if (err != RDV_OK)
        return err == RDV_ERR_RANGE ? RDV_ERR_AUTH : err;
    (void)se_p256_scalar_get(&u, x);
    se_p256_scalar_put(x, &u);
    return rdv_ct_equal(x, rs, 32) ? RDV_OK : RDV_ERR_AUTH;
}
