/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/lines.h"

#include <stdlib.h>
#include <string.h>

#include "schema/wire/command.h"
#include "tests/support/test.h"

static struct se_lines lines;
static struct rdv_buf requests;

static void start(void)
{
    se_lines_init(&lines);
    requests = RDV_BUF(1 << 20);
}

static void stop(void)
{
    se_lines_free(&lines);
    rdv_buf_free(&requests);
}

static void feed(const char *text)
{
    T_OK(se_lines_feed(&lines, &requests, rdv_span_of(text)));
}

/* Takes the first request that waits and compares it. */
static void expect(enum se_request_kind kind, const char *bytes)
{
    struct rdv_reader rd = { rdv_buf_view(&requests) };
    const size_t before = rd.rest.n;
    enum se_request_kind got = SE_REQUEST_TOO_LONG;
    struct rdv_span span = { NULL, 0 };

    T_TRUE(se_requests_next(&rd, &got, &span));
    T_UINT(got, kind);
    T_TEXT(span, bytes);
    rdv_buf_consume(&requests, before - rd.rest.n);
}

static void expect_nothing(void)
{
    T_UINT(rdv_buf_len(&requests), 0);
}

static void fill(char *out, size_t n)
{
    memset(out, 'x', n);
    out[n] = '\0';
}

static void a_line_one_byte_too_long_is_refused_however_it_is_cut(void)
{
    static char text[RDV_LINE_MAX + 3];

    for (size_t cut = 0; cut <= RDV_LINE_MAX + 2; cut += 1021) {
        start();
        fill(text, RDV_LINE_MAX + 1);
        text[RDV_LINE_MAX + 1] = '\n';
        T_OK(se_lines_feed(&lines, &requests, (struct rdv_span){ (uint8_t *)text, cut }));
        T_OK(se_lines_feed(&lines, &requests,
                           (struct rdv_span){ (uint8_t *)text + cut, RDV_LINE_MAX + 2 - cut }));
        expect(SE_REQUEST_TOO_LONG, "");
        expect_nothing();
        feed("I00\n");
        expect(SE_REQUEST_LINE, "I00");
        stop();
    }
}

static void the_longest_line_is_taken_however_it_is_cut(void)
{
    static char text[RDV_LINE_MAX + 3], want[RDV_LINE_MAX + 1];

    fill(want, RDV_LINE_MAX);
    for (size_t cut = 0; cut <= RDV_LINE_MAX + 2; cut += 1) {
        if (cut == 4)
            cut = RDV_LINE_MAX - 3;
        start();
        memcpy(text, want, RDV_LINE_MAX);
        memcpy(text + RDV_LINE_MAX, "\r\n", 3);
        T_OK(se_lines_feed(&lines, &requests, (struct rdv_span){ (uint8_t *)text, cut }));
        T_OK(se_lines_feed(&lines, &requests,
                           (struct rdv_span){ (uint8_t *)text + cut, RDV_LINE_MAX + 2 - cut }));
        expect(SE_REQUEST_LINE, want);
        expect_nothing();
        stop();
    }
}

static void an_endless_line_is_refused_once_and_skipped_to_its_end(void)
{
    static char text[RDV_LINE_MAX + 1];

    start();
    fill(text, RDV_LINE_MAX);
    for (unsigned i = 0; i < 10; i++)
        feed(text);
    expect(SE_REQUEST_TOO_LONG, "");
    expect_nothing();
    feed("Z00evil\nI01\n");
    expect(SE_REQUEST_LINE, "I01");
    expect_nothing();
    stop();
}

static void an_unterminated_line_is_refused_when_the_client_closes(void)
{
    start();
    feed("?00");
    expect_nothing();
    T_OK(se_lines_end(&lines, &requests));
    expect(SE_REQUEST_UNTERMINATED, "");
    T_OK(se_lines_end(&lines, &requests));
    expect_nothing();
    stop();
}

static void takes_several_lines_of_a_record_in_order(void)
{
    start();
    feed("?00\r\nI00\n\n\r\nZ00a\rb\n");
    expect(SE_REQUEST_LINE, "?00");
    expect(SE_REQUEST_LINE, "I00");
    expect(SE_REQUEST_LINE, "");
    expect(SE_REQUEST_LINE, "");
    expect(SE_REQUEST_LINE, "Z00a\rb");
    expect_nothing();
    stop();
}

static void a_line_cut_anywhere_is_one_line(void)
{
    static const char text[] = "Z00hello world\r\nI00\r\n";

    for (size_t cut = 0; cut < sizeof(text); cut++) {
        start();
        T_OK(se_lines_feed(&lines, &requests, (struct rdv_span){ (const uint8_t *)text, cut }));
        T_OK(se_lines_feed(
                &lines, &requests,
                (struct rdv_span){ (const uint8_t *)text + cut, sizeof(text) - 1 - cut }));
        expect(SE_REQUEST_LINE, "Z00hello world");
        expect(SE_REQUEST_LINE, "I00");
        expect_nothing();
        stop();
    }
}

static void a_binary_command_takes_the_rest_of_its_record(void)
{
    start();
    feed("I00\nh80a\nb\r\nI00\r\n");
    expect(SE_REQUEST_LINE, "I00");
    expect(SE_REQUEST_BINARY, "h80a\nb\r\nI00");
    feed("I01\n");
    expect(SE_REQUEST_LINE, "I01");
    feed("h80raw");
    expect(SE_REQUEST_BINARY, "h80raw");
    expect_nothing();
    stop();
}

static void records_and_questions_have_no_binary_form(void)
{
    start();
    feed("Z80a\nI80\n?A1\n");
    expect(SE_REQUEST_LINE, "Z80a");
    expect(SE_REQUEST_LINE, "I80");
    expect(SE_REQUEST_LINE, "?A1");
    expect_nothing();
    stop();
}

static void a_full_queue_is_an_error_not_a_lost_line(void)
{
    start();
    requests.limit = 20;
    T_OK(se_lines_feed(&lines, &requests, RDV_LIT("I00\n")));
    T_ERR(se_lines_feed(&lines, &requests, RDV_LIT("I00\nI01\nI02\n")), RDV_ERR_LIMIT);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(a_line_one_byte_too_long_is_refused_however_it_is_cut),
    T_CASE(the_longest_line_is_taken_however_it_is_cut),
    T_CASE(an_endless_line_is_refused_once_and_skipped_to_its_end),
    T_CASE(an_unterminated_line_is_refused_when_the_client_closes),
    T_CASE(takes_several_lines_of_a_record_in_order),
    T_CASE(a_line_cut_anywhere_is_one_line),
    T_CASE(a_binary_command_takes_the_rest_of_its_record),
    T_CASE(records_and_questions_have_no_binary_form),
    T_CASE(a_full_queue_is_an_error_not_a_lost_line),
    T_END,
};

T_SUITE(se_card_lines, tests);
