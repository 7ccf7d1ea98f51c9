/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/drbg.h"

#include "tests/support/ecdsa.h"
#include "tests/support/test.h"

/* RFC 6979 itself has no examples with additional data; test_se_card_p256.c has those without. */
static void gives_the_nonces_of_libsecp256k1_one_after_the_other(void)
{
    uint32_t seed = 7;

    for (unsigned i = 0; i < 1000; i++) {
        uint8_t secret[32], value[32], extra[32], want[32], got[32];
        struct se_drbg g;

        for (size_t j = 0; j < 32; j++) {
            secret[j] = (uint8_t)t_random(&seed);
            value[j] = j == 0 ? 0 : (uint8_t)t_random(&seed); /* below the order */
            extra[j] = (uint8_t)t_random(&seed);
        }
        se_drbg_start(&g, secret, value, (struct rdv_span){ extra, 32 });
        for (unsigned attempt = 0; attempt < 3; attempt++) {
            t_secp_nonce(want, secret, value, extra, attempt);
            se_drbg_next(&g, got);
            T_SPAN(((struct rdv_span){ got, 32 }), ((struct rdv_span){ want, 32 }));
        }
    }
}

static CU_TestInfo tests[] = {
    T_CASE(gives_the_nonces_of_libsecp256k1_one_after_the_other),
    T_END,
};

T_SUITE(se_card_drbg, tests);
