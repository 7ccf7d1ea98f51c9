/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/cose.h"

#include <string.h>

#include "tests/support/test.h"

/* 18([h'A10138 2E', {}, h'313233', 64 bytes of 11]) */
#define MESSAGE                                                        \
    "D2 84 44 A101382E A0 43 313233 5840"                              \
    "1111111111111111111111111111111111111111111111111111111111111111" \
    "1111111111111111111111111111111111111111111111111111111111111111"

static void a_message_is_written_and_read(void)
{
    struct rdv_buf out = RDV_BUF(200);
    uint8_t signature[RDV_COSE_SIGNATURE_BYTES];
    struct rdv_cose in = { t_hex("A101382E"), RDV_LIT("123"), { signature, sizeof(signature) } };
    struct rdv_cose got;

    memset(signature, 0x11, sizeof(signature));
    T_MUST_OK(rdv_cose_put(&out, &in));
    T_SPAN(rdv_buf_view(&out), t_hex(MESSAGE));
    T_MUST_OK(rdv_cose_get(&got, rdv_buf_view(&out)));
    T_SPAN(got.protected, in.protected);
    T_SPAN(got.payload, in.payload);
    T_SPAN(got.signature, in.signature);
    rdv_buf_clear(&out);
    T_MUST_OK(rdv_cose_put_signed(&out, &in));
    T_SPAN(rdv_buf_view(&out), t_hex("84 6A 5369676E617475726531 44 A101382E 40 43 313233"));
    rdv_buf_free(&out);
}

static void refuses(const char *hex, enum rdv_err want)
{
    struct rdv_cose got;

    T_ERR(rdv_cose_get(&got, t_hex(hex)), want);
}

static void other_messages_are_refused(void)
{
#define SIGNATURE                                                          \
    "58401111111111111111111111111111111111111111111111111111111111111111" \
    "1111111111111111111111111111111111111111111111111111111111111111"
    refuses("", RDV_ERR_SHORT);
    refuses("84 44 A101382E A0 43 313233" SIGNATURE, RDV_ERR_FORMAT);    /* no tag */
    refuses("D1 84 44 A101382E A0 43 313233" SIGNATURE, RDV_ERR_FORMAT); /* a MAC */
    refuses("D2 83 44 A101382E A0 43 313233", RDV_ERR_FORMAT);
    refuses("D2 84 44 A101382E A10102 43 313233" SIGNATURE, RDV_ERR_FORMAT); /* unprotected */
    refuses("D2 84 64 31323334 A0 43 313233" SIGNATURE, RDV_ERR_FORMAT);     /* text */
    refuses("D2 84 44 A101382E A0 F6" SIGNATURE, RDV_ERR_FORMAT);            /* detached */
    refuses("D2 84 44 A101382E A0 43 313233 41 11", RDV_ERR_FORMAT);
    refuses("D2 84 44 A101382E A0 43 313233 F6", RDV_ERR_FORMAT);
    refuses(MESSAGE "00", RDV_ERR_TRAILING);
    refuses("D2 9F 44 A101382E A0 43 313233" SIGNATURE "FF", RDV_ERR_FORMAT); /* indefinite */
}

static void decode(struct rdv_span in)
{
    struct rdv_cose got;

    if (rdv_cose_get(&got, in) == RDV_OK)
        T_UINT(got.signature.n, RDV_COSE_SIGNATURE_BYTES);
}

static void no_prefix_and_no_flipped_bit_leads_astray(void)
{
    t_every_prefix(t_hex(MESSAGE), decode);
    t_every_bit_flip(t_hex(MESSAGE), decode);
}

static CU_TestInfo tests[] = {
    T_CASE(a_message_is_written_and_read),
    T_CASE(other_messages_are_refused),
    T_CASE(no_prefix_and_no_flipped_bit_leads_astray),
    T_END,
};

T_SUITE(wire_cose, tests);
