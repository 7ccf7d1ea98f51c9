/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/apdu.h"

#include <string.h>

#include "tests/support/test.h"

static struct rdv_apdu decoded(const char *digits)
{
    struct rdv_apdu apdu;

    T_MUST_OK(rdv_apdu_decode(&apdu, t_hex(digits)));
    return apdu;
}

static void refuses(const char *digits, enum rdv_err want)
{
    struct rdv_apdu apdu;

    T_ERR(rdv_apdu_decode(&apdu, t_hex(digits)), want);
}

static void reads_all_four_cases_in_both_forms(void)
{
    struct rdv_apdu a = decoded("00D80103");

    T_TRUE(a.cla == 0 && a.ins == 0xD8 && a.p1 == 1 && a.p2 == 3);
    T_TRUE(a.le == 0 && a.data.n == 0 && !a.extended);
    a = decoded("00C00000 F0");
    T_TRUE(a.le == 0xF0 && a.data.n == 0 && !a.extended);
    a = decoded("00D80003 02 AABB");
    T_TRUE(a.le == 0 && !a.extended);
    T_SPAN(a.data, t_hex("AABB"));
    a = decoded("00D80003 02 AABB 10");
    T_UINT(a.le, 0x10);
    T_SPAN(a.data, t_hex("AABB"));
    a = decoded("00C00000 00 0123");
    T_TRUE(a.le == 0x123 && a.data.n == 0 && a.extended);
    a = decoded("00D80003 00 0002 AABB");
    T_TRUE(a.le == 0 && a.extended);
    T_SPAN(a.data, t_hex("AABB"));
    a = decoded("00D80003 00 0002 AABB 0123");
    T_UINT(a.le, 0x123);
    T_SPAN(a.data, t_hex("AABB"));
}

static void a_length_of_zero_back_means_the_most(void)
{
    T_UINT(decoded("00D80000 00").le, 256); /* also the published front's P3 = 0 */
    T_UINT(decoded("00D80000 01 AA 00").le, 256);
    T_UINT(decoded("00C00000 00 0000").le, 65536);
    T_UINT(decoded("00D80000 00 0001 AA 0000").le, 65536);
}

static void refuses_a_command_that_ends_too_early(void)
{
    refuses("", RDV_ERR_SHORT);
    refuses("00D801", RDV_ERR_SHORT);
    refuses("00D80000 03 AABB", RDV_ERR_SHORT);
    refuses("00D80000 00 01", RDV_ERR_SHORT);
    refuses("00D80000 00 0003 AABB", RDV_ERR_SHORT);
    refuses("00D80000 00 0002 AABB 01", RDV_ERR_SHORT);
}

static void refuses_bytes_after_the_end(void)
{
    refuses("00D80000 01 AA 10 20", RDV_ERR_TRAILING);
    refuses("00D80000 00 0001 AA 0010 20", RDV_ERR_TRAILING);
}

static void refuses_an_extended_count_of_no_data(void)
{
    refuses("00D80000 00 0000 0010", RDV_ERR_TRAILING);
    refuses("00D80000 00 0000 10", RDV_ERR_TRAILING);
}

static void the_short_form_holds_255_bytes_and_the_extended_65535(void)
{
    static uint8_t bytes[RDV_APDU_DATA_MAX + 1];
    struct rdv_buf out = RDV_BUF(70000);
    struct rdv_apdu a = { .ins = RDV_INS_SEND, .data = { bytes, 255 }, .le = 256 }, back;

    T_OK(rdv_apdu_encode(&out, &a));
    T_UINT(rdv_buf_len(&out), RDV_APDU_SHORT_MAX);
    T_OK(rdv_apdu_decode(&back, rdv_buf_view(&out)));
    T_TRUE(back.data.n == 255 && back.le == 256 && !back.extended);
    rdv_buf_clear(&out);
    a.data.n = 256;
    T_ERR(rdv_apdu_encode(&out, &a), RDV_ERR_RANGE);
    a.data.n = 1;
    a.le = 257;
    T_ERR(rdv_apdu_encode(&out, &a), RDV_ERR_RANGE);
    a.extended = true;
    a.data.n = RDV_APDU_DATA_MAX + 1;
    T_ERR(rdv_apdu_encode(&out, &a), RDV_ERR_RANGE);
    a.data.n = RDV_APDU_DATA_MAX;
    a.le = 65537;
    T_ERR(rdv_apdu_encode(&out, &a), RDV_ERR_RANGE);
    T_UINT(rdv_buf_len(&out), 0);
    a.le = 65536;
    T_OK(rdv_apdu_encode(&out, &a));
    T_UINT(rdv_buf_len(&out), RDV_APDU_DATA_MAX + RDV_APDU_EXTENDED_OVERHEAD);
    T_OK(rdv_apdu_decode(&back, rdv_buf_view(&out)));
    T_TRUE(back.data.n == RDV_APDU_DATA_MAX && back.le == 65536 && back.extended);
    rdv_buf_free(&out);
}

static void a_command_that_does_not_fit_adds_nothing(void)
{
    const struct rdv_apdu a = { .data = RDV_LIT("abc"), .le = 1, .extended = true };
    struct rdv_buf out = RDV_BUF(11);

    T_ERR(rdv_apdu_encode(&out, &a), RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(&out), 0);
    out.limit = 12;
    T_OK(rdv_apdu_encode(&out, &a));
    T_SPAN(rdv_buf_view(&out), t_hex("00000000 00 0003 616263 0001"));
    rdv_buf_free(&out);
}

static void splits_a_response_from_its_status(void)
{
    struct rdv_span data;
    uint16_t sw;

    T_ERR(rdv_apdu_response(&data, &sw, t_hex("")), RDV_ERR_SHORT);
    T_ERR(rdv_apdu_response(&data, &sw, t_hex("90")), RDV_ERR_SHORT);
    T_TRUE(data.n == 0 && sw == 0);
    T_OK(rdv_apdu_response(&data, &sw, t_hex("9001")));
    T_TRUE(data.n == 0 && sw == RDV_SW_OPEN);
    T_OK(rdv_apdu_response(&data, &sw, t_hex("AABB 9FF0")));
    T_UINT(sw, 0x9FF0);
    T_SPAN(data, t_hex("AABB"));
}

/* What is accepted must come back from its own encoding. */
static void accepts_only_what_it_can_write(struct rdv_span in)
{
    struct rdv_buf out = RDV_BUF(1000);
    struct rdv_apdu a, b;

    if (rdv_apdu_decode(&a, in) == RDV_OK) {
        T_OK(rdv_apdu_encode(&out, &a));
        T_OK(rdv_apdu_decode(&b, rdv_buf_view(&out)));
        T_TRUE(a.le == b.le && a.extended == b.extended && a.p2 == b.p2 && a.ins == b.ins);
        T_SPAN(b.data, a.data);
        T_SPAN(rdv_buf_view(&out), in);
    }
    rdv_buf_free(&out);
}

static void any_prefix_or_flipped_bit_is_refused_or_means_what_it_says(void)
{
    const struct rdv_span samples[] = {
        t_hex("00D80003 02 AABB 10"),
        t_hex("00D80003 00 0002 AABB 0123"),
        t_hex("00C00000 00 0123"),
    };

    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        accepts_only_what_it_can_write(samples[i]);
        t_every_prefix(samples[i], accepts_only_what_it_can_write);
        t_every_bit_flip(samples[i], accepts_only_what_it_can_write);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(reads_all_four_cases_in_both_forms),
    T_CASE(a_length_of_zero_back_means_the_most),
    T_CASE(refuses_a_command_that_ends_too_early),
    T_CASE(refuses_bytes_after_the_end),
    T_CASE(refuses_an_extended_count_of_no_data),
    T_CASE(the_short_form_holds_255_bytes_and_the_extended_65535),
    T_CASE(a_command_that_does_not_fit_adds_nothing),
    T_CASE(splits_a_response_from_its_status),
    T_CASE(any_prefix_or_flipped_bit_is_refused_or_means_what_it_says),
    T_END,
};

T_SUITE(wire_apdu, tests);
