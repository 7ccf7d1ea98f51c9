/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ten thousand random signatures a curve; the refusals and limits are in test_se_card_ec.c. */
#include "se_card/ec.h"

#include <string.h>

#include "base/random.h"
#include "tests/support/ecdsa.h"
#include "tests/support/test.h"

#define KEYS 100
#define SIGNATURES_OF_A_KEY 100

/* n / 2, rounded down */
static const char *const half_order[] = {
    [SE_CURVE_K1] = "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0",
    [SE_CURVE_P256] = "7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8",
};

/* A public key, and what judges its signatures. */
struct judges {
    enum se_curve curve;
    uint8_t point[SE_EC_POINT_BYTES];
    struct rdv_span half_order;
    struct se_ec *ec;
    struct t_openssl_key *openssl;
    struct t_wolf_key *wolf; /* for P-256 */
};

/* Whether it is DER with the lower s, and verifies here and elsewhere. */
static bool is_good(const struct judges *j, const uint8_t value[32], struct rdv_span der)
{
    const uint8_t *s = der.p + 4 + der.p[3];
    uint8_t padded[32] = { 0 };

    if (s[1] > 32)
        return false;
    memcpy(padded + 32 - s[1], s + 2, s[1]);
    return memcmp(padded, j->half_order.p, 32) <= 0 && t_openssl_verifies(j->openssl, value, der) &&
           (j->wolf == NULL || t_wolf_verifies(j->wolf, value, der)) &&
           se_ec_verify(j->ec, j->curve, der, (struct rdv_span){ j->point, sizeof(j->point) },
                        (struct rdv_span){ value, 32 }) == RDV_OK;
}

static unsigned count_good(struct se_ec *ec, enum se_curve curve)
{
    struct judges j = { .curve = curve, .half_order = t_hex(half_order[curve]), .ec = ec };
    struct rdv_buf der = RDV_BUF(SE_EC_DER_MAX);
    struct rdv_key secret;
    uint8_t value[32];
    unsigned good = 0;

    se_ec_generate(ec, curve, &secret);
    T_MUST_OK(se_ec_public(ec, curve, j.point, &secret));
    j.openssl = t_openssl_key_new(curve, j.point);
    if (curve == SE_CURVE_P256)
        j.wolf = t_wolf_key_new(j.point);
    for (unsigned i = 0; i < SIGNATURES_OF_A_KEY; i++) {
        rdv_random(value, sizeof(value));
        T_MUST_OK(se_ec_sign(ec, curve, &der, &secret, (struct rdv_span){ value, 32 }));
        good += is_good(&j, value, rdv_buf_view(&der));
        rdv_buf_clear(&der);
    }
    t_openssl_key_free(j.openssl);
    if (j.wolf != NULL)
        t_wolf_key_free(j.wolf);
    rdv_buf_free(&der);
    return good;
}

static void signs_ten_thousand_times(enum se_curve curve)
{
    struct se_ec *ec;

    T_MUST_OK(se_ec_new(&ec));
    for (unsigned i = 0; i < KEYS; i++)
        T_UINT(count_good(ec, curve), SIGNATURES_OF_A_KEY);
    se_ec_free(ec);
}

static void signs_on_secp256k1_what_openssl_verifies(void)
{
    signs_ten_thousand_times(SE_CURVE_K1);
}

static void signs_on_p256_what_openssl_and_wolfcrypt_verify(void)
{
    signs_ten_thousand_times(SE_CURVE_P256);
}

static CU_TestInfo tests[] = {
    T_CASE(signs_on_secp256k1_what_openssl_verifies),
    T_CASE(signs_on_p256_what_openssl_and_wolfcrypt_verify),
    T_END,
};

T_SUITE(se_card_ec_many, tests);
