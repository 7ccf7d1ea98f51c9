/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/ec.h"

#include <string.h>

#include "tests/support/ecdsa.h"
#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

/* A curve with its order, its field, and a pair of keys that others have published. */
static const struct curve {
    enum se_curve id;
    const char *order, *order_less_1, *order_and_1, *field;
    const char *secret, *point;
    const char *small_x, *small_x_and_field, *its_y; /* a point whose X can be written twice */
    /* Keys that sign 1 with s = 1: with r = X, as small as it gets, and with r = X - n. */
    const char *x_below_n, *its_r, *its_r_and_order;
    const char *x_above_n, *that_r;
} curves[] = {
    {
            SE_CURVE_K1,
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141",
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364140",
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364142",
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F",
            "5CDEE66CAEDE933ADD0CA894393480A076431FCA3EE6AC9A8E1129CE5F794120",
            "046099836D971593AAA2C1C32B6DB9EF9521041795E21CF1E7511DF3BD358F97DF"
            "358B33A875E359CBE236163D6DBAEDFEC6C9393522C7EBC25A7CC85E1F0A7D67",
            "0000000000000000000000000000000000000000000000000000000000000001",
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC30",
            "4218F20AE6C646B363DB68605822FB14264CA8D2587FDD6FBC750D587E76A7EE",
            "04871E0C836EC675E07395AEF58D72B646F77E0E33CE1622DFAA0FB8E131F3FE12"
            "A98C427DC105E902E049A4D6AE800608A662597C575C73BFE6AF75FB5C331D3E",
            "0000000000000000000000000000000000000000000000000000000000000001",
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364142",
            "0419099FBDDDCDB7A14410B5C6BA73F51BD2F74A3D1CD8456FCC1DA68ED6468884"
            "B07B9F7DD9EA5753E009246A1DB85E7E1644BFDEE276881A950CE59FDD45B45B",
            "0000000000000000000000000000000000000000000000000000000000000002",
    },
    {
            SE_CURVE_P256,
            "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
            "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550",
            "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632552",
            "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
            "CFEBA5FB779C84ED89EF364B892E916F52CE6BC20F3A856129EEDE4D1D07BDCB",
            "0437232040741008CF078D96BC8EAFC76365FC6A98AF30203B6022739813677FA2"
            "6C1E014A5F8CFA67DD0DB7F97B912023B86063E3B9BEADC95D9F1C9CCD1209B6",
            "0000000000000000000000000000000000000000000000000000000000000005",
            "FFFFFFFF00000001000000000000000000000001000000000000000000000004",
            "459243B9AA581806FE913BCE99817ADE11CA503C64D9A3C533415C083248FBCC",
            "047FB5725D2381060287140D8C7E6D1CA5011E8D016975D1BAA19A421020F3F476"
            "F0AC159E246CF283086B05B75A4F6D2A694A2D66AA0A94190AA329B27FD1A16A",
            "0000000000000000000000000000000000000000000000000000000000000005",
            "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632556",
            "04AB835D9808D0B3E93199F38D0C1C9A5AB8C9BF62516FFBF37B037EA17F2FBD41"
            "E99C2933EC5B6DE96409C9C5EBE6A33842583F16805B96074E9A977B125D29CD",
            "0000000000000000000000000000000000000000000000000000000000000003",
    },
};

#define EACH_CURVE(c)                 \
    const struct curve *(c) = curves; \
    (c) < curves + 2;                 \
    (c)++

static struct se_ec *new_ec(void)
{
    struct se_ec *ec;

    T_MUST_OK(se_ec_new(&ec));
    return ec;
}

static struct rdv_span span_of(const void *p, size_t n)
{
    return (struct rdv_span){ p, n };
}

static struct rdv_key key_of(const char *digits)
{
    struct rdv_key key;

    memcpy(key.bytes, t_hex(digits).p, RDV_KEY_BYTES);
    return key;
}

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *bytes = p;
    unsigned any = 0;

    for (size_t i = 0; i < n; i++)
        any |= bytes[i];
    return any == 0;
}

/* out = a - b, of 32 bytes */
static void subtract(uint8_t out[32], const uint8_t a[32], const uint8_t b[32])
{
    unsigned borrow = 0;

    for (size_t i = 32; i-- > 0;) {
        const unsigned d = 256U + a[i] - b[i] - borrow;

        out[i] = (uint8_t)d;
        borrow = d < 256;
    }
}

/* --- keys ------------------------------------------------------------------------------------- */

static void finds_the_published_public_keys(void)
{
    struct se_ec *ec = new_ec();
    struct rdv_key secret =
            key_of("0000000000000000000000000000000000000000000000000000000000001234");
    uint8_t point[SE_EC_POINT_BYTES];

    for (EACH_CURVE(c)) {
        const struct rdv_key known = key_of(c->secret);

        T_OK(se_ec_public(ec, c->id, point, &known));
        T_SPAN(span_of(point, sizeof(point)), t_hex(c->point));
    }
    T_OK(se_ec_public(ec, SE_CURVE_K1, point, &secret));
    T_SPAN(span_of(point, sizeof(point)),
           t_hex("0437A4AEF1F8423CA076E4B7D99A8CABFF40DDB8231F2A9F01081F15D7FA65C1BA"
                 "B96CED90A1B8F9B43A18FC900FF55AF2BE0E94B90A434FCA5B9E226B835024CD"));
    se_ec_free(ec);
}

/* The generator, and its opposite, which has the same X. */
static void finds_the_points_of_1_and_n_less_1(void)
{
    struct se_ec *ec = new_ec();
    const struct rdv_key one = { { [31] = 1 } };

    for (EACH_CURVE(c)) {
        const struct rdv_key last = key_of(c->order_less_1);
        uint8_t a[SE_EC_POINT_BYTES], b[SE_EC_POINT_BYTES], sum[32];

        T_OK(se_ec_public(ec, c->id, a, &one));
        T_OK(se_ec_public(ec, c->id, b, &last));
        T_TRUE(memcmp(a, b, 33) == 0);
        subtract(sum, t_hex(c->field).p, a + 33);
        T_TRUE(memcmp(sum, b + 33, 32) == 0);
    }
    se_ec_free(ec);
}

static void has_no_public_key_for_what_is_no_private_key(void)
{
    struct se_ec *ec = new_ec();
    const struct rdv_key zero = { { 0 } };
    uint8_t point[SE_EC_POINT_BYTES];

    for (EACH_CURVE(c)) {
        const struct rdv_key n = key_of(c->order);

        memset(point, 1, sizeof(point));
        T_ERR(se_ec_public(ec, c->id, point, &zero), RDV_ERR_RANGE);
        T_TRUE(is_zero(point, sizeof(point)));
        memset(point, 1, sizeof(point));
        T_ERR(se_ec_public(ec, c->id, point, &n), RDV_ERR_RANGE);
        T_TRUE(is_zero(point, sizeof(point)));
    }
    se_ec_free(ec);
}

static void generates_keys_that_differ(void)
{
    struct se_ec *ec = new_ec();

    for (EACH_CURVE(c)) {
        struct rdv_key a, b;
        uint8_t point[SE_EC_POINT_BYTES];

        se_ec_generate(ec, c->id, &a);
        se_ec_generate(ec, c->id, &b);
        T_TRUE(memcmp(&a, &b, sizeof(a)) != 0);
        T_OK(se_ec_public(ec, c->id, point, &a));
        T_OK(se_ec_public_check(ec, c->id, span_of(point, sizeof(point))));
    }
    se_ec_free(ec);
}

static void imports_1_to_32_bytes_filled_up_on_the_left(void)
{
    struct se_ec *ec = new_ec();

    for (EACH_CURVE(c)) {
        for (size_t n = 1; n <= 32; n++) {
            const uint8_t bytes[32] = { [0] = 1, [31] = 9 };
            struct rdv_key key;

            T_OK(se_ec_import(ec, c->id, &key, span_of(bytes, n)));
            T_TRUE(is_zero(key.bytes, 32 - n));
            T_TRUE(memcmp(key.bytes + 32 - n, bytes, n) == 0);
        }
    }
    se_ec_free(ec);
}

static void refuse_import(struct se_ec *ec, enum se_curve curve, struct rdv_span bytes)
{
    struct rdv_key key;

    memset(&key, 1, sizeof(key));
    T_ERR(se_ec_import(ec, curve, &key, bytes), RDV_ERR_RANGE);
    T_TRUE(is_zero(&key, sizeof(key)));
}

static void imports_numbers_from_1_to_n_less_1_only(void)
{
    struct se_ec *ec = new_ec();
    const uint8_t zeros[40] = { 0 }, small[33] = { [32] = 1 };
    uint8_t ones[40];
    struct rdv_key key;

    memset(ones, 0xFF, sizeof(ones));
    for (EACH_CURVE(c)) {
        T_OK(se_ec_import(ec, c->id, &key, span_of(small + 32, 1)));
        T_OK(se_ec_import(ec, c->id, &key, t_hex(c->order_less_1)));
        refuse_import(ec, c->id, t_hex(c->order));
        refuse_import(ec, c->id, t_hex(c->order_and_1));
        refuse_import(ec, c->id, t_hex(c->field));
        for (size_t n = 0; n <= sizeof(zeros); n++)
            refuse_import(ec, c->id, span_of(zeros, n));
        for (size_t n = 32; n <= sizeof(ones); n++)
            refuse_import(ec, c->id, span_of(ones, n));
        refuse_import(ec, c->id, span_of(small, 33)); /* 1, and too long all the same */
    }
    se_ec_free(ec);
}

/* --- public keys ------------------------------------------------------------------------------ */

static void takes_public_keys_in_their_long_form_only(void)
{
    struct se_ec *ec = new_ec();

    for (EACH_CURVE(c)) {
        uint8_t point[SE_EC_POINT_BYTES + 1] = { 0 }, compressed[SE_EC_COMPRESSED_BYTES];

        memcpy(point, t_hex(c->point).p, SE_EC_POINT_BYTES);
        T_OK(se_ec_public_check(ec, c->id, span_of(point, 65)));
        T_ERR(se_ec_public_check(ec, c->id, span_of(point, 66)), RDV_ERR_FORMAT);
        T_ERR(se_ec_public_check(ec, c->id, span_of(point, 64)), RDV_ERR_FORMAT);
        T_ERR(se_ec_public_check(ec, c->id, span_of(point, 0)), RDV_ERR_FORMAT);
        se_ec_compress(compressed, point);
        T_ERR(se_ec_public_check(ec, c->id, span_of(compressed, 33)), RDV_ERR_FORMAT);
        for (unsigned first = 0; first < 256; first++) {
            point[0] = (uint8_t)first;
            T_ERR(se_ec_public_check(ec, c->id, span_of(point, 65)),
                  first == 4 ? RDV_OK : RDV_ERR_FORMAT);
        }
    }
    se_ec_free(ec);
}

static enum rdv_err check(struct se_ec *ec, enum se_curve curve, const char *x, const char *y)
{
    uint8_t point[SE_EC_POINT_BYTES] = { 4 };

    memcpy(point + 1, t_hex(x).p, 32);
    memcpy(point + 33, t_hex(y).p, 32);
    return se_ec_public_check(ec, curve, span_of(point, sizeof(point)));
}

static void takes_points_of_the_curve_with_coordinates_below_p_only(void)
{
    static const char zero[] = "0000000000000000000000000000000000000000000000000000000000000000";
    struct se_ec *ec = new_ec();

    for (EACH_CURVE(c)) {
        const enum se_curve other = c->id == SE_CURVE_K1 ? SE_CURVE_P256 : SE_CURVE_K1;
        uint8_t point[SE_EC_POINT_BYTES];

        T_OK(check(ec, c->id, c->small_x, c->its_y));
        T_ERR(check(ec, c->id, c->small_x_and_field, c->its_y), RDV_ERR_RANGE);
        T_ERR(check(ec, c->id, c->its_y, c->small_x), RDV_ERR_RANGE);
        T_ERR(check(ec, c->id, zero, zero), RDV_ERR_RANGE);
        T_ERR(check(ec, c->id, c->field, c->field), RDV_ERR_RANGE);
        T_ERR(check(ec, c->id, c->small_x, c->field), RDV_ERR_RANGE);
        T_ERR(se_ec_public_check(ec, other, t_hex(c->point)), RDV_ERR_RANGE);
        memcpy(point, t_hex(c->point).p, sizeof(point));
        for (size_t bit = 8; bit < 8 * sizeof(point); bit++) {
            point[bit / 8] ^= (uint8_t)(1U << bit % 8);
            T_ERR(se_ec_public_check(ec, c->id, span_of(point, 65)), RDV_ERR_RANGE);
            point[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
    se_ec_free(ec);
}

static void compresses_by_the_last_bit_of_y(void)
{
    uint8_t point[SE_EC_POINT_BYTES] = { 4, 0x11, [32] = 0x22, [33] = 0xFF, [64] = 0xF0 };
    uint8_t out[SE_EC_COMPRESSED_BYTES];

    se_ec_compress(out, point);
    T_UINT(out[0], 2);
    T_TRUE(memcmp(out + 1, point + 1, 32) == 0);
    point[64] = 0x0F;
    se_ec_compress(out, point);
    T_UINT(out[0], 3);
}

static void adds_private_keys_of_secp256k1_modulo_n(void)
{
    struct se_ec *ec = new_ec();
    const struct rdv_key last = key_of(curves[0].order_less_1), n = key_of(curves[0].order);
    const struct rdv_key zero = { { 0 } }, one = { { [31] = 1 } }, two = { { [31] = 2 } };
    struct rdv_key key = last;

    T_OK(se_ec_k1_add(ec, &key, &two));
    T_TRUE(memcmp(&key, &one, sizeof(key)) == 0);
    T_OK(se_ec_k1_add(ec, &key, &zero));
    T_TRUE(memcmp(&key, &one, sizeof(key)) == 0);
    T_ERR(se_ec_k1_add(ec, &key, &n), RDV_ERR_RANGE);
    T_TRUE(is_zero(&key, sizeof(key)));
    key = one;
    T_ERR(se_ec_k1_add(ec, &key, &last), RDV_ERR_RANGE);
    T_TRUE(is_zero(&key, sizeof(key)));
    se_ec_free(ec);
}

/* --- signatures ------------------------------------------------------------------------------- */

static void signs_with_fresh_nonces_what_others_verify(void)
{
    static const uint8_t value[32] = { 0xAB, [31] = 0xCD };
    struct se_ec *ec = new_ec();

    for (EACH_CURVE(c)) {
        const struct rdv_key secret = key_of(c->secret);
        struct t_openssl_key *judge = t_openssl_key_new(c->id, t_hex(c->point).p);
        struct rdv_buf a = RDV_BUF(SE_EC_DER_MAX), b = RDV_BUF(SE_EC_DER_MAX);

        T_OK(se_ec_sign(ec, c->id, &a, &secret, span_of(value, sizeof(value))));
        T_OK(se_ec_sign(ec, c->id, &b, &secret, span_of(value, sizeof(value))));
        T_TRUE(!rdv_span_equal(rdv_buf_view(&a), rdv_buf_view(&b)));
        T_TRUE(t_openssl_verifies(judge, value, rdv_buf_view(&a)));
        T_TRUE(t_openssl_verifies(judge, value, rdv_buf_view(&b)));
        rdv_buf_free(&a);
        rdv_buf_free(&b);
        t_openssl_key_free(judge);
    }
    se_ec_free(ec);
}

static void signs_up_to_32_bytes_as_a_number(void)
{
    struct se_ec *ec = new_ec();
    uint8_t bytes[33], rs[SE_EC_RS_BYTES];

    memset(bytes, 0xFF, sizeof(bytes)); /* 32 of them are more than n */
    for (EACH_CURVE(c)) {
        const struct rdv_key secret = key_of(c->secret);

        for (size_t n = 0; n <= 32; n++) {
            uint8_t padded[32] = { 0 };

            memset(padded + 32 - n, 0xFF, n);
            T_OK(se_ec_sign_rs(ec, c->id, rs, &secret, span_of(bytes, n)));
            T_OK(se_ec_verify_rs(ec, c->id, span_of(rs, sizeof(rs)), t_hex(c->point),
                                 span_of(padded, 32)));
        }
        T_ERR(se_ec_sign_rs(ec, c->id, rs, &secret, span_of(bytes, 33)), RDV_ERR_RANGE);
        T_TRUE(is_zero(rs, sizeof(rs)));
        T_ERR(se_ec_verify_rs(ec, c->id, span_of(rs, sizeof(rs)), t_hex(c->point),
                              span_of(bytes, 33)),
              RDV_ERR_RANGE);
    }
    se_ec_free(ec);
}

static void refuses_to_sign_without_a_key_or_room(void)
{
    struct se_ec *ec = new_ec();
    const struct rdv_key zero = { { 0 } };

    for (EACH_CURVE(c)) {
        const struct rdv_key n = key_of(c->order), secret = key_of(c->secret);
        struct rdv_buf out = RDV_BUF(4);
        uint8_t rs[SE_EC_RS_BYTES];

        memset(rs, 1, sizeof(rs));
        T_ERR(se_ec_sign_rs(ec, c->id, rs, &zero, RDV_LIT("x")), RDV_ERR_RANGE);
        T_TRUE(is_zero(rs, sizeof(rs)));
        T_ERR(se_ec_sign(ec, c->id, &out, &zero, RDV_LIT("x")), RDV_ERR_RANGE);
        T_ERR(se_ec_sign(ec, c->id, &out, &n, RDV_LIT("x")), RDV_ERR_RANGE);
        T_ERR(se_ec_sign(ec, c->id, &out, &secret, RDV_LIT("x")), RDV_ERR_LIMIT);
        T_UINT(rdv_buf_len(&out), 0);
        rdv_buf_free(&out);
    }
    se_ec_free(ec);
}

/* keystore 1.1's sample: over the integer ABCD, by the key of t031234 and b0380000001 */
static void verifies_the_signature_of_a_card(void)
{
    struct se_ec *ec = new_ec();
    const struct rdv_span point =
            t_hex("0455CB37165F08D5E85D49DA700C083B8D9D7CB33EA7BEF0FE3455F632FE50DE74"
                  "3E4664A488C3D825F872135BF2F139C655B9E212394717D0A9F27E9DEA32146E");
    const struct rdv_span der =
            t_hex("30440220604F3520C7112BA934B34D25DB03DD66851C84017A0216FE1DC876A4ED4F6C33"
                  "022070B437A956D5D9D7B7EAEBDC122E52DC347218DA4884EF920AA44940D48BD92F");

    T_OK(se_ec_verify(ec, SE_CURVE_K1, der, point, t_hex("ABCD")));
    T_ERR(se_ec_verify(ec, SE_CURVE_K1, der, point, t_hex("ABCE")), RDV_ERR_AUTH);
    T_ERR(se_ec_verify(ec, SE_CURVE_K1, der, t_hex(curves[0].point), t_hex("ABCD")), RDV_ERR_AUTH);
    T_ERR(se_ec_verify(ec, SE_CURVE_P256, der, point, t_hex("ABCD")), RDV_ERR_RANGE);
    T_ERR(se_ec_verify(ec, SE_CURVE_K1, der, span_of(point.p, 64), t_hex("ABCD")), RDV_ERR_FORMAT);
    se_ec_free(ec);
}

static void verifies_either_s_and_no_other_number(void)
{
    struct se_ec *ec = new_ec();

    for (EACH_CURVE(c)) {
        const struct rdv_key secret = key_of(c->secret);
        const struct rdv_span point = t_hex(c->point), value = RDV_LIT("value"),
                              n = t_hex(c->order);
        uint8_t rs[SE_EC_RS_BYTES], other[SE_EC_RS_BYTES];
        const struct rdv_span tried = { other, sizeof(other) };

        T_OK(se_ec_sign_rs(ec, c->id, rs, &secret, value));
        memcpy(other, rs, sizeof(rs));
        subtract(other + 32, n.p, rs + 32);
        T_OK(se_ec_verify_rs(ec, c->id, tried, point, value));
        memcpy(other + 32, n.p, 32);
        T_ERR(se_ec_verify_rs(ec, c->id, tried, point, value), RDV_ERR_AUTH);
        memset(other + 32, 0, 32);
        T_ERR(se_ec_verify_rs(ec, c->id, tried, point, value), RDV_ERR_AUTH);
        memcpy(other + 32, rs + 32, 32);
        memcpy(other, n.p, 32);
        T_ERR(se_ec_verify_rs(ec, c->id, tried, point, value), RDV_ERR_AUTH);
        memset(other, 0, 32);
        T_ERR(se_ec_verify_rs(ec, c->id, tried, point, value), RDV_ERR_AUTH);
        T_ERR(se_ec_verify_rs(ec, c->id, span_of(rs, 63), point, value), RDV_ERR_FORMAT);
        for (size_t bit = 0; bit < 8 * sizeof(rs); bit++) {
            rs[bit / 8] ^= (uint8_t)(1U << bit % 8);
            T_ERR(se_ec_verify_rs(ec, c->id, span_of(rs, 64), point, value), RDV_ERR_AUTH);
            rs[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
    se_ec_free(ec);
}

static enum rdv_err verify_1(struct se_ec *ec, const struct curve *c, const char *point,
                             const char *r, const char *s)
{
    uint8_t rs[SE_EC_RS_BYTES];

    memcpy(rs, t_hex(r).p, 32);
    memcpy(rs + 32, t_hex(s).p, 32);
    return se_ec_verify_rs(ec, c->id, span_of(rs, 64), t_hex(point), t_hex("01"));
}

static void takes_r_and_s_below_n_and_an_x_above_it(void)
{
    static const char one[] = "0000000000000000000000000000000000000000000000000000000000000001";
    struct se_ec *ec = new_ec();

    for (EACH_CURVE(c)) {
        T_OK(verify_1(ec, c, c->x_above_n, c->that_r, one));
        T_OK(verify_1(ec, c, c->x_below_n, c->its_r, one));
        T_ERR(verify_1(ec, c, c->x_below_n, c->its_r_and_order, one), RDV_ERR_AUTH);
        T_ERR(verify_1(ec, c, c->x_below_n, c->its_r, c->order_and_1), RDV_ERR_AUTH);
    }
    se_ec_free(ec);
}

/* u G + v Q is at infinity when Q = -(u / v) G: for e = 1, r = 1 and the key -1, 1 G + 1 (-G). */
static void refuses_a_signature_whose_sum_is_at_infinity(void)
{
    struct se_ec *ec = new_ec();

    for (EACH_CURVE(c)) {
        const struct rdv_key last = key_of(c->order_less_1);
        const uint8_t rs[SE_EC_RS_BYTES] = { [31] = 1, [63] = 1 };
        uint8_t point[SE_EC_POINT_BYTES];

        T_OK(se_ec_public(ec, c->id, point, &last));
        T_ERR(se_ec_verify_rs(ec, c->id, span_of(rs, 64), span_of(point, 65), t_hex("01")),
              RDV_ERR_AUTH);
    }
    se_ec_free(ec);
}

static void reads_der_and_nothing_like_it(void)
{
    static const char *const malformed[] = {
        "",                       /* nothing */
        "30",                     /* no length */
        "3006020101020101"        /* a byte too many */
        "00",                     /* after it */
        "30070201010201"          /* and within it */
        "0100",                   /* */
        "3005020101020101",       /* a length too small */
        "3007020101020101",       /* too great */
        "308106020101020101",     /* in the long form */
        "3106020101020101",       /* not a SEQUENCE */
        "3006030101020101",       /* not an INTEGER, the first */
        "3006020101030101",       /* and the second */
        "300502000201"            /* no bytes in an INTEGER */
        "01",                     /* */
        "300702020001020101",     /* a zero that is not needed */
        "3007020101"              /* */
        "02020001",               /* the same in the second */
        "3006020181020101",       /* negative */
        "3006020101020180",       /* */
        "3003020101",             /* one number only */
        "3009020101020101020101", /* three */
        "3026022101"              /* 33 bytes */
        "000000000000000000000000000000000000000000000000000000000000000000020101",
    };
    struct se_ec *ec = new_ec();
    const struct rdv_span point = t_hex(curves[0].point);

    T_ERR(se_ec_verify(ec, SE_CURVE_K1, t_hex("3006020101020101"), point, t_hex("01")),
          RDV_ERR_AUTH);
    T_ERR(se_ec_verify(ec, SE_CURVE_K1, t_hex("30080202008002020080"), point, t_hex("01")),
          RDV_ERR_AUTH);
    T_ERR(se_ec_verify(ec, SE_CURVE_K1, t_hex("3006020100020100"), point, t_hex("01")),
          RDV_ERR_AUTH);
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        T_ERR(se_ec_verify(ec, SE_CURVE_K1, t_hex(malformed[i]), point, t_hex("01")),
              RDV_ERR_FORMAT);
    se_ec_free(ec);
}

static struct se_ec *judge_ec;
static struct rdv_span judge_point;

static void verify_der(struct rdv_span der)
{
    T_TRUE(se_ec_verify(judge_ec, SE_CURVE_P256, der, judge_point, RDV_LIT("value")) != RDV_OK);
}

static void refuses_every_prefix_and_every_changed_bit_of_a_signature(void)
{
    const struct rdv_key secret = key_of(curves[1].secret);
    struct rdv_buf der = RDV_BUF(SE_EC_DER_MAX);

    judge_ec = new_ec();
    judge_point = t_hex(curves[1].point);
    T_OK(se_ec_sign(judge_ec, SE_CURVE_P256, &der, &secret, RDV_LIT("value")));
    t_every_prefix(rdv_buf_view(&der), verify_der);
    t_every_bit_flip(rdv_buf_view(&der), verify_der);
    rdv_buf_free(&der);
    se_ec_free(judge_ec);
}

static void survives_a_lack_of_memory(void)
{
    for (t_alloc_sweep_begin(); t_alloc_sweep_next();) {
        struct se_ec *ec;
        const enum rdv_err err = se_ec_new(&ec);

        T_TRUE((err == RDV_OK) == (ec != NULL));
        se_ec_free(ec);
        t_alloc_sweep_judge(err);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(finds_the_published_public_keys),
    T_CASE(finds_the_points_of_1_and_n_less_1),
    T_CASE(has_no_public_key_for_what_is_no_private_key),
    T_CASE(generates_keys_that_differ),
    T_CASE(imports_1_to_32_bytes_filled_up_on_the_left),
    T_CASE(imports_numbers_from_1_to_n_less_1_only),
    T_CASE(takes_public_keys_in_their_long_form_only),
    T_CASE(takes_points_of_the_curve_with_coordinates_below_p_only),
    T_CASE(compresses_by_the_last_bit_of_y),
    T_CASE(adds_private_keys_of_secp256k1_modulo_n),
    T_CASE(signs_with_fresh_nonces_what_others_verify),
    T_CASE(signs_up_to_32_bytes_as_a_number),
    T_CASE(refuses_to_sign_without_a_key_or_room),
    T_CASE(verifies_the_signature_of_a_card),
    T_CASE(verifies_either_s_and_no_other_number),
    T_CASE(takes_r_and_s_below_n_and_an_x_above_it),
    T_CASE(refuses_a_signature_whose_sum_is_at_infinity),
    T_CASE(reads_der_and_nothing_like_it),
    T_CASE(refuses_every_prefix_and_every_changed_bit_of_a_signature),
    T_CASE(survives_a_lack_of_memory),
    T_END,
};

T_SUITE(se_card_ec, tests);
