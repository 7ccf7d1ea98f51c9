/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/tls_record.h"

#include "tests/support/test.h"

static void peeks(const char *digits, enum rdv_err want, size_t n)
{
    struct rdv_span record;

    T_ERR(rdv_tls_record_peek(&record, t_hex(digits)), want);
    T_UINT(record.n, n);
}

static void finds_the_first_record_with_its_header(void)
{
    const struct rdv_span in = t_hex("17 0303 0002 AABB 17 0303");
    struct rdv_span record;

    T_OK(rdv_tls_record_peek(&record, in));
    T_SPAN(record, t_hex("17 0303 0002 AABB"));
    T_TRUE(record.p == in.p);
    peeks("14 0301 0000", RDV_OK, 5);
}

static void refuses_a_stranger_at_the_first_wrong_byte(void)
{
    for (unsigned type = 0; type < 256; type++) {
        const uint8_t byte = (uint8_t)type;
        struct rdv_span record;

        T_ERR(rdv_tls_record_peek(&record, (struct rdv_span){ &byte, 1 }),
              type >= 20 && type <= 23 ? RDV_OK : RDV_ERR_FORMAT);
    }
    peeks("16 02", RDV_ERR_FORMAT, 0);
    peeks("16 04", RDV_ERR_FORMAT, 0);
    peeks("16 03", RDV_OK, 0);
    peeks("", RDV_OK, 0);
}

static void refuses_a_length_over_the_limit_before_its_bytes_come(void)
{
    peeks("17 0303 40FF", RDV_OK, 0);
    peeks("17 0303 4100", RDV_OK, 0);
    peeks("17 0303 4101", RDV_ERR_LIMIT, 0);
    peeks("17 0303 FFFF AA", RDV_ERR_LIMIT, 0);
}

static void is_whole(struct rdv_span in)
{
    struct rdv_span record;

    T_OK(rdv_tls_record_peek(&record, in));
    T_UINT(record.n, 0);
}

static void stays_inside(struct rdv_span in)
{
    struct rdv_span record;

    if (rdv_tls_record_peek(&record, in) == RDV_OK && record.n > 0) {
        T_TRUE(record.p == in.p && record.n <= in.n);
    } else {
        T_UINT(record.n, 0);
    }
}

static void waits_for_every_missing_byte(void)
{
    t_every_prefix(t_hex("17 0303 0004 AABBCCDD"), is_whole);
    t_every_bit_flip(t_hex("17 0303 0004 AABBCCDD"), stays_inside);
}

static void an_alert_is_seven_bytes(void)
{
    struct rdv_buf out = RDV_BUF(7);

    T_OK(rdv_tls_put_alert(&out, RDV_ALERT_UNRECOGNIZED_NAME));
    T_SPAN(rdv_buf_view(&out), t_hex("15 0303 0002 02 70"));
    T_ERR(rdv_tls_put_alert(&out, RDV_ALERT_UNRECOGNIZED_NAME), RDV_ERR_LIMIT);
    rdv_buf_free(&out);
}

static CU_TestInfo tests[] = {
    T_CASE(finds_the_first_record_with_its_header),
    T_CASE(refuses_a_stranger_at_the_first_wrong_byte),
    T_CASE(refuses_a_length_over_the_limit_before_its_bytes_come),
    T_CASE(waits_for_every_missing_byte),
    T_CASE(an_alert_is_seven_bytes),
    T_END,
};

T_SUITE(wire_tls_record, tests);
