/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/device.h"

#include <string.h>

#include "se_card/tls.h"
#include "tests/support/digest.h"
#include "tests/support/test.h"

#define LONGEST 200 /* three blocks and a bit */

static void hashes_as_wolfssl_does_by_itself_wherever_it_is_cut(void)
{
    uint8_t bytes[LONGEST], midway[32], out[32], midway_there[32], out_there[32];
    uint32_t seed = 1;

    T_MUST_OK(se_tls_library_init());
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)t_random(&seed);
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        for (size_t cut = 0; cut <= n; cut++) {
            const struct rdv_span span = { bytes, n };

            t_digest_sha256(midway, out, T_NO_DEVICE, span, cut);
            t_digest_sha256(midway_there, out_there, SE_DEVICE, span, cut);
            T_SPAN(((struct rdv_span){ midway_there, 32 }), ((struct rdv_span){ midway, 32 }));
            T_SPAN(((struct rdv_span){ out_there, 32 }), ((struct rdv_span){ out, 32 }));
        }
    }
}

/* What no suite of ours takes is not hashed at all. A constant in its place could be agreed upon.
 */
static void a_digest_by_a_hash_it_leaves_out_fits_nothing(void)
{
    static const unsigned bits[] = { 160, 384, 512 };

    T_MUST_OK(se_tls_library_init());
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        uint8_t right[T_DIGEST_MAX], one[T_DIGEST_MAX], other[T_DIGEST_MAX];
        const size_t n = bits[i] / 8;

        t_digest_byte(right, bits[i], T_NO_DEVICE);
        t_digest_byte(one, bits[i], SE_DEVICE);
        t_digest_byte(other, bits[i], SE_DEVICE);
        T_TRUE(memcmp(one, right, n) != 0 && memcmp(one, other, n) != 0);
        t_digest_byte(one, bits[i], T_NO_DEVICE);
        T_TRUE(memcmp(one, right, n) == 0);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(hashes_as_wolfssl_does_by_itself_wherever_it_is_cut),
    T_CASE(a_digest_by_a_hash_it_leaves_out_fits_nothing),
    T_END,
};

T_SUITE(se_card_device, tests);
