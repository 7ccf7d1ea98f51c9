/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/command.h"

#include <string.h>

#include "tests/support/test.h"

static struct rdv_command decoded(const char *line)
{
    struct rdv_command c;

    T_MUST_OK(rdv_command_decode(&c, rdv_span_of(line)));
    return c;
}

static void reads_a_line_of_the_language(void)
{
    struct rdv_command c = decoded("Z0A1234");

    T_TRUE(c.letter == 'Z' && c.index == 0x0A && !c.last);
    T_TEXT(c.payload, "1234");
    c = decoded(".?ff");
    T_TRUE(c.letter == '?' && c.index == 0xFF && c.last);
    T_UINT(c.payload.n, 0);
    c = decoded("..00");
    T_TRUE(c.letter == '.' && c.last);
}

static void refuses(struct rdv_span line)
{
    struct rdv_command c;

    T_ERR(rdv_command_decode(&c, line), RDV_ERR_FORMAT);
}

static void refuses_what_has_no_letter_and_two_digits(void)
{
    refuses(RDV_LIT(""));
    refuses(RDV_LIT("."));
    refuses(RDV_LIT("Z"));
    refuses(RDV_LIT("Z0"));
    refuses(RDV_LIT(".Z0"));
    refuses(RDV_LIT("ZxA"));
    refuses(RDV_LIT("Z0x1234"));
    refuses(RDV_LIT("Z 0"));
    refuses(RDV_LIT("Z\0\0"));
    refuses(RDV_LIT("..0"));
}

static void payload_is_bytes_whatever_they_are(void)
{
    struct rdv_command c;

    T_OK(rdv_command_decode(&c, RDV_LIT("\0"
                                        "00\0\xff\r\n")));
    T_UINT(c.letter, 0);
    T_SPAN(c.payload, RDV_LIT("\0\xff\r\n"));
}

static void a_line_has_a_longest_length(void)
{
    static uint8_t line[RDV_LINE_MAX + 1];
    struct rdv_command c;

    memset(line, '0', sizeof(line));
    for (size_t n = RDV_LINE_MAX - 1; n <= RDV_LINE_MAX; n++) {
        T_OK(rdv_command_decode(&c, (struct rdv_span){ line, n }));
        T_UINT(c.payload.n, n - 3);
    }
    refuses((struct rdv_span){ line, RDV_LINE_MAX + 1 });
}

static void raw_bytes_follow_a_letter_with_the_high_bit_only(void)
{
    static const char *const binary[] = { "a80", "A80", "aFF", ".a80", "z9A\n", "k80secret" };
    static const char *const lines[] = {
        "",    "a",   "a8",     ".a8", "a7F",  "a00", "Z80", "I80", ".Z80", ".IFF",
        "?80", "180", "\20080", "a8x", "..80", "[80", "`80", "@80", "{80",
    };

    for (size_t i = 0; i < sizeof(binary) / sizeof(binary[0]); i++)
        T_TRUE(rdv_command_is_binary(rdv_span_of(binary[i])));
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        T_TRUE(!rdv_command_is_binary(rdv_span_of(lines[i])));
}

static void strips_one_line_end_and_no_more(void)
{
    T_TEXT(rdv_command_strip_end(RDV_LIT("a\r\n")), "a");
    T_TEXT(rdv_command_strip_end(RDV_LIT("a\n")), "a");
    T_TEXT(rdv_command_strip_end(RDV_LIT("a\r")), "a\r");
    T_TEXT(rdv_command_strip_end(RDV_LIT("a\n\n")), "a\n");
    T_TEXT(rdv_command_strip_end(RDV_LIT("a\r\r\n")), "a\r");
    T_TEXT(rdv_command_strip_end(RDV_LIT("\r\n")), "");
    T_TEXT(rdv_command_strip_end(RDV_LIT("\n")), "");
    T_TEXT(rdv_command_strip_end(RDV_LIT("")), "");
}

static void stays_inside(struct rdv_span in)
{
    struct rdv_command c;

    if (rdv_command_decode(&c, in) == RDV_OK) {
        T_TRUE(c.payload.n == in.n - 3 - c.last);
    } else {
        T_TRUE(in.n < 4 || c.payload.n == 0);
    }
    T_TRUE(rdv_command_strip_end(in).n <= in.n);
    (void)rdv_command_is_binary(in);
}

static void any_prefix_or_flipped_bit_stays_inside_the_line(void)
{
    t_every_prefix(RDV_LIT(".Z0Apayload\r\n"), stays_inside);
    t_every_bit_flip(RDV_LIT(".Z0Apayload\r\n"), stays_inside);
}

static CU_TestInfo tests[] = {
    T_CASE(reads_a_line_of_the_language),
    T_CASE(refuses_what_has_no_letter_and_two_digits),
    T_CASE(payload_is_bytes_whatever_they_are),
    T_CASE(a_line_has_a_longest_length),
    T_CASE(raw_bytes_follow_a_letter_with_the_high_bit_only),
    T_CASE(strips_one_line_end_and_no_more),
    T_CASE(any_prefix_or_flipped_bit_stays_inside_the_line),
    T_END,
};

T_SUITE(wire_command, tests);
