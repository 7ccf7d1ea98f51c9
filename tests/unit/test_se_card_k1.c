/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What se_card/ec.h asks of it is tested there. */
#include "se_card/k1.h"

#include <string.h>

#include "tests/support/ecdsa.h"
#include "tests/support/test.h"

static void signs_the_same(struct se_k1 *k1, const struct rdv_key *secret, const uint8_t value[32],
                           const uint8_t extra[32])
{
    uint8_t want[64], got[64];

    t_secp_sign(want, secret->bytes, value, extra);
    T_OK(se_k1_sign(k1, got, secret, value, extra));
    T_SPAN(((struct rdv_span){ got, 64 }), ((struct rdv_span){ want, 64 }));
}

static void signs_bit_for_bit_as_the_library_does_by_itself(void)
{
    struct se_k1 *k1;
    uint32_t seed = 11;

    T_MUST_OK(se_k1_new(&k1));
    for (unsigned i = 0; i < 500; i++) {
        uint8_t value[32], extra[32];
        struct rdv_key secret;

        for (size_t j = 0; j < 32; j++) {
            secret.bytes[j] = (uint8_t)(j == 0 ? 0x7F : t_random(&seed));
            value[j] = (uint8_t)t_random(&seed);
            extra[j] = (uint8_t)t_random(&seed);
        }
        signs_the_same(k1, &secret, value, extra);
    }
    se_k1_free(k1);
}

/* Which are taken modulo it before they are mixed into the nonce. */
static void values_at_the_order_and_above_are_no_exception(void)
{
    static const char *const values[] = {
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364140",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364142",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    };
    const struct rdv_key secret = { { 1, 2, 3 } };
    const uint8_t extra[32] = { 9 };
    struct se_k1 *k1;

    T_MUST_OK(se_k1_new(&k1));
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        signs_the_same(k1, &secret, t_hex(values[i]).p, extra);
    se_k1_free(k1);
}

static CU_TestInfo tests[] = {
    T_CASE(signs_bit_for_bit_as_the_library_does_by_itself),
    T_CASE(values_at_the_order_and_above_are_no_exception),
    T_END,
};

T_SUITE(se_card_k1, tests);
