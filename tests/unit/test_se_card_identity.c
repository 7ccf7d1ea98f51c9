/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/identity.h"

#include "tests/support/test.h"

/* Computed with Python's hashlib. */
static void the_digest_is_over_the_session_and_then_the_challenge(void)
{
    uint8_t session[SE_IDENTITY_BYTES], challenge[SE_IDENTITY_BYTES], out[SE_IDENTITY_BYTES];

    for (uint8_t i = 0; i < SE_IDENTITY_BYTES; i++) {
        session[i] = i;
        challenge[i] = (uint8_t)(0x80 + i);
    }
    se_identity_digest(out, session, challenge);
    T_SPAN(((struct rdv_span){ out, sizeof(out) }),
           t_hex("692ad7b1734f469491cd141294700a02130a37b7faef4211a272327387360f67"));
}

static CU_TestInfo tests[] = {
    T_CASE(the_digest_is_over_the_session_and_then_the_challenge),
    T_END,
};

T_SUITE(se_card_identity, tests);
