/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hex.h"

#include <string.h>

#include "tests/support/test.h"

static void reads_what_it_wrote(void)
{
    uint8_t all[256], back[256];
    char digits[512];

    for (unsigned i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    rdv_hex_encode(digits, (struct rdv_span){ all, sizeof(all) });
    T_OK(rdv_hex_decode(back, sizeof(back),
                        (struct rdv_span){ (const uint8_t *)digits, sizeof(digits) }));
    T_TRUE(memcmp(all, back, sizeof(all)) == 0);
}

static void refuses_another_number_of_digits_and_leaves_zeros(void)
{
    uint8_t out[2] = { 1, 2 };

    T_ERR(rdv_hex_decode(out, 2, RDV_LIT("ABC")), RDV_ERR_RANGE);
    T_ERR(rdv_hex_decode(out, 2, RDV_LIT("ABCDE")), RDV_ERR_RANGE);
    T_ERR(rdv_hex_decode(out, 2, RDV_LIT("AB")), RDV_ERR_RANGE);
    T_ERR(rdv_hex_decode(out, 2, RDV_LIT("ABCDEF")), RDV_ERR_RANGE);
    T_ERR(rdv_hex_decode(out, 2, RDV_LIT("")), RDV_ERR_RANGE);
    T_TRUE(out[0] == 0 && out[1] == 0);
}

static void refuses_every_character_that_is_no_digit(void)
{
    for (unsigned c = 0; c < 256; c++) {
        const uint8_t high[] = { (uint8_t)c, '0' }, low[] = { '0', (uint8_t)c };
        const bool is_digit = c != 0 && strchr("0123456789abcdefABCDEF", (int)c) != NULL;
        const enum rdv_err want = is_digit ? RDV_OK : RDV_ERR_FORMAT;
        uint8_t out = 0xEE;

        T_ERR(rdv_hex_decode(&out, 1, (struct rdv_span){ high, 2 }), want);
        T_ERR(rdv_hex_decode(&out, 1, (struct rdv_span){ low, 2 }), want);
        if (!is_digit)
            T_UINT(out, 0);
    }
}

static void one_wrong_digit_wipes_all_that_was_read(void)
{
    uint8_t out[3] = { 9, 9, 9 };

    T_ERR(rdv_hex_decode(out, 3, RDV_LIT("ABCDEG")), RDV_ERR_FORMAT);
    T_TRUE(memcmp(out, "\0\0\0", 3) == 0);
}

static void writes_upper_case_and_reads_either(void)
{
    struct rdv_buf b = RDV_BUF(16);
    uint8_t out[3];

    T_OK(rdv_hex_put(&b, t_hex("00 9F AC")));
    T_TEXT(rdv_buf_view(&b), "009FAC");
    T_OK(rdv_hex_decode(out, 3, RDV_LIT("aBcDeF")));
    T_SPAN(((struct rdv_span){ out, 3 }), t_hex("ABCDEF"));
    rdv_buf_free(&b);
}

static void a_refused_text_leaves_the_buffer_as_it_was(void)
{
    struct rdv_buf b = RDV_BUF(4);

    T_OK(rdv_put_text(&b, "x"));
    T_ERR(rdv_hex_get(&b, RDV_LIT("ABC")), RDV_ERR_FORMAT);
    T_ERR(rdv_hex_get(&b, RDV_LIT("A ")), RDV_ERR_FORMAT);
    T_ERR(rdv_hex_get(&b, RDV_LIT("41424344")), RDV_ERR_LIMIT);
    T_TEXT(rdv_buf_view(&b), "x");
    T_OK(rdv_hex_get(&b, RDV_LIT("414243")));
    T_TEXT(rdv_buf_view(&b), "xABC");
    T_OK(rdv_hex_get(&b, RDV_LIT("")));
    T_UINT(rdv_buf_len(&b), 4);
    rdv_buf_free(&b);
}

static void the_digits_must_fit_the_limit(void)
{
    struct rdv_buf b = RDV_BUF(6);

    T_ERR(rdv_hex_put(&b, (struct rdv_span){ (const uint8_t *)"", SIZE_MAX }), RDV_ERR_LIMIT);
    T_ERR(rdv_hex_put(&b, t_hex("01020304")), RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(&b), 0);
    T_OK(rdv_hex_put(&b, t_hex("010203")));
    T_TEXT(rdv_buf_view(&b), "010203");
    rdv_buf_free(&b);
}

static CU_TestInfo tests[] = {
    T_CASE(reads_what_it_wrote),
    T_CASE(refuses_another_number_of_digits_and_leaves_zeros),
    T_CASE(refuses_every_character_that_is_no_digit),
    T_CASE(one_wrong_digit_wipes_all_that_was_read),
    T_CASE(writes_upper_case_and_reads_either),
    T_CASE(a_refused_text_leaves_the_buffer_as_it_was),
    T_CASE(the_digits_must_fit_the_limit),
    T_END,
};

T_SUITE(base_hex, tests);
