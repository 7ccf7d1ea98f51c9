/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/ec.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "se_card/k1.h"
#include "se_card/p256.h"

#define DER_SEQUENCE 0x30
#define DER_INTEGER 0x02

struct se_ec {
    struct se_k1 *k1;
    struct se_p256_group *p256;
};

enum rdv_err se_ec_new(struct se_ec **out)
{
    struct se_ec *ec;
    enum rdv_err err = RDV_ERR_NOMEM;

    *out = NULL;
    if ((ec = calloc(1, sizeof(*ec))) == NULL)
        return RDV_ERR_NOMEM;
    if ((err = se_k1_new(&ec->k1)) != RDV_OK || (err = se_p256_group_new(&ec->p256)) != RDV_OK)
        goto out;
    *out = ec;
    ec = NULL;
out:
    se_ec_free(ec);
    return err;
}

void se_ec_free(struct se_ec *ec)
{
    if (ec == NULL)
        return;
    se_k1_free(ec->k1);
    se_p256_group_free(ec->p256);
    free(ec);
}

/* A number of up to 32 bytes, filled up with zeros on the left. */
static enum rdv_err pad(uint8_t out[32], struct rdv_span bytes)
{
    memset(out, 0, 32);
    if (bytes.n > 32)
        return RDV_ERR_RANGE;
    if (bytes.n > 0)
        memcpy(out + 32 - bytes.n, bytes.p, bytes.n);
    return RDV_OK;
}

/* --- keys ------------------------------------------------------------------------------------- */

static bool is_valid(struct se_ec *ec, enum se_curve curve, const struct rdv_key *secret)
{
    return curve == SE_CURVE_K1 ? se_k1_valid(ec->k1, secret) : se_p256_valid(secret);
}

void se_ec_generate(struct se_ec *ec, enum se_curve curve, struct rdv_key *out)
{
    do
        rdv_random(out->bytes, sizeof(out->bytes));
    while (!is_valid(ec, curve, out));
}

enum rdv_err se_ec_import(struct se_ec *ec, enum se_curve curve, struct rdv_key *out,
                          struct rdv_span bytes)
{
    enum rdv_err err = pad(out->bytes, bytes);

    if (err == RDV_OK && !is_valid(ec, curve, out)) {
        rdv_key_wipe(out);
        err = RDV_ERR_RANGE;
    }
    return err;
}

enum rdv_err se_ec_public(struct se_ec *ec, enum se_curve curve, uint8_t out[SE_EC_POINT_BYTES],
                          const struct rdv_key *secret)
{
    return curve == SE_CURVE_K1 ? se_k1_public(ec->k1, out, secret)
                                : se_p256_public(ec->p256, out, secret);
}

enum rdv_err se_ec_public_check(struct se_ec *ec, enum se_curve curve, struct rdv_span point)
{
    if (point.n != SE_EC_POINT_BYTES || point.p[0] != 4)
        return RDV_ERR_FORMAT;
    return curve == SE_CURVE_K1 ? se_k1_check(ec->k1, point.p)
                                : se_p256_group_check(ec->p256, point.p);
}

void se_ec_compress(uint8_t out[SE_EC_COMPRESSED_BYTES], const uint8_t point[SE_EC_POINT_BYTES])
{
    out[0] = (uint8_t)(2 | (point[SE_EC_POINT_BYTES - 1] & 1));
    memcpy(out + 1, point + 1, 32);
}

enum rdv_err se_ec_k1_add(struct se_ec *ec, struct rdv_key *secret, const struct rdv_key *addend)
{
    return se_k1_add(ec->k1, secret, addend);
}

/* --- signatures ------------------------------------------------------------------------------- */

enum rdv_err se_ec_sign_rs(struct se_ec *ec, enum se_curve curve, uint8_t out[SE_EC_RS_BYTES],
                           const struct rdv_key *secret, struct rdv_span value)
{
    uint8_t padded[32], extra[32];
    enum rdv_err err;

    memset(out, 0, SE_EC_RS_BYTES);
    if ((err = pad(padded, value)) != RDV_OK)
        return err;
    rdv_random(extra, sizeof(extra));
    err = curve == SE_CURVE_K1 ? se_k1_sign(ec->k1, out, secret, padded, extra)
                               : se_p256_sign(ec->p256, out, secret, padded,
                                              (struct rdv_span){ extra, sizeof(extra) });
    rdv_wipe(extra, sizeof(extra));
    return err;
}

/* An INTEGER of 32 bytes: no zeros before it but the one that keeps it positive. */
static size_t put_integer(uint8_t *out, const uint8_t number[32])
{
    size_t skip = 0, n;

    while (skip < 31 && number[skip] == 0)
        skip++;
    n = 32 - skip;
    out[0] = DER_INTEGER;
    out[1] = (uint8_t)n;
    if (number[skip] >= 0x80) {
        out[1]++;
        out[2] = 0;
    }
    memcpy(out + 2 + out[1] - n, number + skip, n);
    return 2 + (size_t)out[1];
}

enum rdv_err se_ec_sign(struct se_ec *ec, enum se_curve curve, struct rdv_buf *out,
                        const struct rdv_key *secret, struct rdv_span value)
{
    uint8_t rs[SE_EC_RS_BYTES], der[SE_EC_DER_MAX + 1] = { DER_SEQUENCE };
    size_t n = 2;
    enum rdv_err err;

    if ((err = se_ec_sign_rs(ec, curve, rs, secret, value)) != RDV_OK)
        return err;
    n += put_integer(der + n, rs);
    n += put_integer(der + n, rs + 32);
    der[1] = (uint8_t)(n - 2);
    return rdv_put_bytes(out, (struct rdv_span){ der, n });
}

enum rdv_err se_ec_verify_rs(struct se_ec *ec, enum se_curve curve, struct rdv_span signature,
                             struct rdv_span point, struct rdv_span value)
{
    uint8_t padded[32];
    enum rdv_err err;

    if (signature.n != SE_EC_RS_BYTES)
        return RDV_ERR_FORMAT;
    if ((err = pad(padded, value)) != RDV_OK ||
        (err = se_ec_public_check(ec, curve, point)) != RDV_OK)
        return err;
    return curve == SE_CURVE_K1 ? se_k1_verify(ec->k1, signature.p, point.p, padded)
                                : se_p256_verify(ec->p256, signature.p, point.p, padded);
}

static enum rdv_err get_integer(struct rdv_reader *rd, uint8_t out[32])
{
    struct rdv_span bytes;
    uint8_t tag;
    enum rdv_err err;

    if ((err = rdv_get_u8(rd, &tag)) != RDV_OK || (err = rdv_get_vec8(rd, &bytes)) != RDV_OK)
        return err;
    if (tag != DER_INTEGER || bytes.n == 0 || bytes.p[0] >= 0x80)
        return RDV_ERR_FORMAT;
    if (bytes.p[0] == 0 && bytes.n > 1) {
        if (bytes.p[1] < 0x80)
            return RDV_ERR_FORMAT;
        bytes.p++;
        bytes.n--;
    }
    return pad(out, bytes);
}

static enum rdv_err get_der(struct rdv_span der, uint8_t rs[SE_EC_RS_BYTES])
{
    struct rdv_reader rd = { der }, inside;
    uint8_t tag;
    enum rdv_err err;

    if ((err = rdv_get_u8(&rd, &tag)) != RDV_OK ||
        (err = rdv_get_vec8(&rd, &inside.rest)) != RDV_OK || (err = rdv_get_end(&rd)) != RDV_OK ||
        (err = get_integer(&inside, rs)) != RDV_OK ||
        (err = get_integer(&inside, rs + 32)) != RDV_OK)
        return err;
    return tag == DER_SEQUENCE ? rdv_get_end(&inside) : RDV_ERR_FORMAT;
}

enum rdv_err se_ec_verify(struct se_ec *ec, enum se_curve curve, struct rdv_span signature,
                          struct rdv_span point, struct rdv_span value)
{
    uint8_t rs[SE_EC_RS_BYTES];

    if (get_der(signature, rs) != RDV_OK)
        return RDV_ERR_FORMAT;
    return se_ec_verify_rs(ec, curve, (struct rdv_span){ rs, sizeof(rs) }, point, value);
}
