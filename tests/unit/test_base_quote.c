/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/quote.h"

#include <string.h>

#include "tests/support/test.h"

static void quotes_what_could_deceive_a_reader(void)
{
    T_TRUE(strcmp(rdv_quote(RDV_LIT("bob")).text, "bob") == 0);
    T_TRUE(strcmp(rdv_quote(RDV_LIT("")).text, "") == 0);
    T_TRUE(strcmp(rdv_quote(RDV_LIT("a\nb\0c")).text, "a\\x0ab\\x00c") == 0);
    T_TRUE(strcmp(rdv_quote(RDV_LIT("\x1b[2J \x7f\xff~")).text, "\\x1b[2J \\x7f\\xff~") == 0);
    T_TRUE(strcmp(rdv_quote(RDV_LIT("\"\\")).text, "\\x22\\x5c") == 0);
}

static void a_long_quotation_is_cut_with_dots(void)
{
    uint8_t plain[300], control[300];

    memset(plain, 'a', sizeof(plain));
    memset(control, 1, sizeof(control));
    for (size_t n = 0; n <= sizeof(plain); n++) {
        const struct rdv_quoted a = rdv_quote((struct rdv_span){ plain, n });
        const struct rdv_quoted b = rdv_quote((struct rdv_span){ control, n });
        const size_t an = strlen(a.text), bn = strlen(b.text);

        T_MUST(an < sizeof(a.text) && bn < sizeof(b.text));
        T_TRUE(an == n || strcmp(a.text + an - 4, "a...") == 0);
        T_TRUE(bn == 4 * n || strcmp(b.text + bn - 7, "\\x01...") == 0);
    }
    T_UINT(strlen(rdv_quote((struct rdv_span){ plain, 193 }).text), 193);
    T_UINT(strlen(rdv_quote((struct rdv_span){ plain, 194 }).text), 196);
}

static CU_TestInfo tests[] = {
    T_CASE(quotes_what_could_deceive_a_reader),
    T_CASE(a_long_quotation_is_cut_with_dots),
    T_END,
};

T_SUITE(base_quote, tests);
