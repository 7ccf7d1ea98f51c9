/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/session.h>

#include <string.h>

#include "tests/support/test.h"
#include "tests/support/tls_server.h"
#include "tests/unit/alloc_fault.h"

struct pair {
    struct rdv_session *s;
    struct t_server *server;
    struct rdv_buf to_client, heard; /* what the server has decrypted */
    enum rdv_err err;
};

static void to_server(struct pair *p)
{
    const uint8_t *bytes;
    const size_t n = rdv_session_to_send(p->s, &bytes);

    t_server_step(p->server, (struct rdv_span){ bytes, n }, &p->to_client);
    rdv_session_sent(p->s, n);
    if (t_server_is_open(p->server))
        t_server_read(p->server, &p->heard);
}

static void to_client(struct pair *p)
{
    const struct rdv_span in = rdv_buf_view(&p->to_client);
    const size_t n = in.n < rdv_session_room(p->s) ? in.n : rdv_session_room(p->s);

    p->err = rdv_session_receive(p->s, in.p, n);
    rdv_buf_consume(&p->to_client, n);
}

static struct pair a_pair(void)
{
    const struct t_server_options server = t_server_usual();
    const struct rdv_session_options options = { "key1.com", "root", server.psk.bytes, RDV_TEXT,
                                                 NULL };
    struct pair p = { .to_client = RDV_BUF(1 << 22), .heard = RDV_BUF(1 << 20) };

    T_MUST_OK(rdv_session_new(&p.s, &options));
    p.server = t_server_new(&server);
    T_TRUE(!rdv_session_is_open(p.s));
    to_server(&p);
    to_client(&p);
    T_MUST_OK(p.err);
    T_MUST(rdv_session_is_open(p.s));
    to_server(&p);
    return p;
}

static void end(struct pair *p)
{
    rdv_session_free(p->s);
    t_server_free(p->server);
    rdv_buf_free(&p->to_client);
    rdv_buf_free(&p->heard);
}

static uint32_t say(struct pair *p, const char *line)
{
    uint32_t number = 0;

    T_OK(rdv_session_say(p->s, line, strlen(line), &number));
    return number;
}

static void answer(struct pair *p, const char *record)
{
    t_server_write(p->server, rdv_span_of(record), &p->to_client);
    to_client(p);
}

static struct rdv_answer next(struct pair *p)
{
    struct rdv_answer a;

    T_MUST_OK(rdv_session_next(p->s, &a));
    return a;
}

static void nothing_yet(struct pair *p)
{
    struct rdv_answer a;

    T_ERR(rdv_session_next(p->s, &a), RDV_ERR_SHORT);
}

static struct rdv_span body(const struct rdv_answer *a)
{
    return (struct rdv_span){ a->bytes, a->n };
}

static void a_line_gets_its_answer(void)
{
    struct pair p = a_pair();
    const uint32_t number = say(&p, "I00");
    struct rdv_answer a;

    nothing_yet(&p);
    T_UINT(rdv_session_unanswered(p.s), 1);
    to_server(&p);
    T_TEXT(rdv_buf_view(&p.heard), "I00\r\n");
    answer(&p, "1234\r\n");
    a = next(&p);
    T_OK(a.err);
    T_UINT(a.request, number);
    T_TEXT(body(&a), "1234");
    T_TEXT(rdv_span_of(a.why), "");
    T_UINT(rdv_session_unanswered(p.s), 0);
    nothing_yet(&p);
    end(&p);
}

static void answers_come_in_the_order_of_the_lines(void)
{
    struct pair p = a_pair();
    const uint32_t first = say(&p, "I00"), second = say(&p, "!info"), third = say(&p, "Z00x");
    struct rdv_answer a;

    to_server(&p);
    answer(&p, "a\r\n");
    answer(&p, "sen=key1.com\r\n");
    a = next(&p);
    T_TRUE(a.request == first && a.n == 1);
    nothing_yet(&p); /* words go on until OK */
    answer(&p, "demo=no\r\nOK\r\n");
    answer(&p, "ERROR\r\n");
    a = next(&p);
    T_UINT(a.request, second);
    T_TEXT(body(&a), "sen=key1.com\r\ndemo=no");
    a = next(&p);
    T_UINT(a.request, third);
    T_ERR(a.err, RDV_ERR_REFUSED);
    T_TEXT(rdv_span_of(a.why), "refused by the card");
    end(&p);
}

static void a_refusal_in_words_has_its_reason_made_printable(void)
{
    struct pair p = a_pair();
    struct rdv_answer a;

    (void)say(&p, "!audit 1");
    answer(&p, "ERR denied right=audit\x1b[2J\r\n");
    a = next(&p);
    T_ERR(a.err, RDV_ERR_DENIED);
    T_TEXT(rdv_span_of(a.why), "right=audit?[2J");
    T_UINT(a.n, 0);
    end(&p);
}

static void a_line_that_cannot_be_one_is_not_asked(void)
{
    static char line[RDV_LINE_BYTES + 1];
    struct pair p = a_pair();

    memset(line, 'x', sizeof(line));
    T_ERR(rdv_session_say(p.s, "", 0, NULL), RDV_ERR_FORMAT);
    T_ERR(rdv_session_say(p.s, "I00\nI01", 7, NULL), RDV_ERR_FORMAT);
    T_ERR(rdv_session_say(p.s, "Z80\n", 4, NULL), RDV_ERR_FORMAT); /* Z has no binary form */
    T_ERR(rdv_session_say(p.s, line, sizeof(line), NULL), RDV_ERR_LIMIT);
    T_UINT(rdv_session_unanswered(p.s), 0);
    T_OK(rdv_session_say(p.s, line, RDV_LINE_BYTES, NULL));
    T_OK(rdv_session_say(p.s, "h80\n\r\n", 6, NULL)); /* raw bytes */
    to_server(&p);
    T_UINT(rdv_buf_len(&p.heard), RDV_LINE_BYTES + 2 + 6 + 2);
    end(&p);
}

static void so_many_lines_wait_and_no_more(void)
{
    struct pair p = a_pair();

    for (int i = 0; i < RDV_REQUESTS_MAX; i++)
        (void)say(&p, "I00");
    T_ERR(rdv_session_say(p.s, "I00", 3, NULL), RDV_ERR_LIMIT);
    answer(&p, "a\r\n");
    (void)next(&p);
    (void)say(&p, "I00");
    T_ERR(rdv_session_say(p.s, "I00", 3, NULL), RDV_ERR_LIMIT);
    end(&p);
}

/* The session breaks with these requests unanswered: sent, sent and never acted on, not sent. */
static void a_request_without_an_answer_is_told_what_may_have_become_of_it(void)
{
    struct pair p = a_pair();
    const uint32_t sent = say(&p, "Z00x");
    uint32_t unsent;
    const uint8_t *bytes;
    struct rdv_answer a;

    to_server(&p);
    unsent = say(&p, "Z01x");
    rdv_session_sent(p.s, rdv_session_to_send(p.s, &bytes) - 1); /* all but a byte */
    rdv_session_break(p.s, RDV_ERR_CLOSED, "the cable is out");
    T_TRUE(!rdv_session_is_open(p.s));
    a = next(&p);
    T_UINT(a.request, sent);
    T_ERR(a.err, RDV_ERR_OUTCOME);
    T_TEXT(rdv_span_of(a.why), "the cable is out");
    a = next(&p);
    T_UINT(a.request, unsent);
    T_ERR(a.err, RDV_ERR_CLOSED);
    T_ERR(rdv_session_next(p.s, &a), RDV_ERR_CLOSED);
    T_ERR(rdv_session_say(p.s, "I00", 3, NULL), RDV_ERR_STATE);
    T_ERR(rdv_session_receive(p.s, bytes, 1), RDV_ERR_CLOSED);
    rdv_session_break(p.s, RDV_ERR_IO, "later");
    T_TEXT(rdv_span_of(rdv_session_why(p.s)), "the cable is out");
    end(&p);
}

static void goodbye_is_answered_by_the_end(void)
{
    struct pair p = a_pair();
    struct rdv_answer a;

    (void)say(&p, "Z00x");
    (void)say(&p, "?02");
    to_server(&p);
    t_server_write(p.server, RDV_LIT("OK\r\n"), &p.to_client);
    t_server_close(p.server, &p.to_client);
    to_client(&p);
    a = next(&p);
    T_TEXT(body(&a), "OK");
    a = next(&p);
    T_OK(a.err);
    T_UINT(a.n, 0);
    T_ERR(rdv_session_next(p.s, &a), RDV_ERR_CLOSED);
    end(&p);
}

static void any_other_request_is_not(void)
{
    struct pair p = a_pair();
    struct rdv_answer a;

    (void)say(&p, "Z00x");
    to_server(&p);
    t_server_close(p.server, &p.to_client);
    to_client(&p);
    T_ERR(next(&p).err, RDV_ERR_OUTCOME);
    T_ERR(rdv_session_next(p.s, &a), RDV_ERR_CLOSED);
    end(&p);
}

static void an_answer_nobody_asked_for_breaks_the_session(void)
{
    struct pair p = a_pair();
    struct rdv_answer a;

    answer(&p, "surprise\r\n");
    T_ERR(rdv_session_next(p.s, &a), RDV_ERR_FORMAT);
    T_TRUE(!rdv_session_is_open(p.s));
    end(&p);
}

static void an_answer_without_an_end_breaks_the_session(void)
{
    static uint8_t lines[16384];
    struct pair p = a_pair();
    struct rdv_answer a = { 0 };
    enum rdv_err err = RDV_ERR_SHORT;

    memset(lines, '\n', sizeof(lines));
    (void)say(&p, "!help");
    to_server(&p);
    for (int i = 0; i < 200 && err == RDV_ERR_SHORT; i++) {
        t_server_write(p.server, (struct rdv_span){ lines, sizeof(lines) }, &p.to_client);
        to_client(&p);
        err = rdv_session_next(p.s, &a);
    }
    T_OK(err);
    T_ERR(a.err, RDV_ERR_OUTCOME);
    T_TRUE(strstr(a.why, "longer than any") != NULL);
    end(&p);
}

static void what_is_not_taken_makes_no_room(void)
{
    static uint8_t bytes[16000];
    struct pair p = a_pair();

    for (int i = 0; i < 20; i++) {
        (void)say(&p, "I00");
        t_server_write(p.server, (struct rdv_span){ bytes, sizeof(bytes) }, &p.to_client);
    }
    to_client(&p);
    T_UINT(rdv_session_room(p.s), 0);
    T_TRUE(rdv_buf_len(&p.to_client) > 0);
    for (int i = 0; i < 20; i++) {
        T_UINT(next(&p).n, sizeof(bytes));
        to_client(&p);
    }
    T_UINT(rdv_buf_len(&p.to_client), 0);
    end(&p);
}

static void a_session_that_says_goodbye_asks_no_more(void)
{
    struct pair p = a_pair();
    struct rdv_answer a;

    rdv_session_close(p.s);
    T_ERR(rdv_session_say(p.s, "I00", 3, NULL), RDV_ERR_STATE);
    to_server(&p);
    t_server_close(p.server, &p.to_client);
    to_client(&p);
    T_ERR(rdv_session_next(p.s, &a), RDV_ERR_CLOSED);
    end(&p);
}

static void memory_may_run_out_at_the_start(void)
{
    const struct t_server_options server = t_server_usual();
    const struct rdv_session_options options = { "key1.com", "root", server.psk.bytes, RDV_TEXT,
                                                 NULL };

    for (t_alloc_sweep_begin(); t_alloc_sweep_next();) {
        struct rdv_session *s;

        t_alloc_sweep_judge(rdv_session_new(&s, &options));
        rdv_session_free(s);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(a_line_gets_its_answer),
    T_CASE(answers_come_in_the_order_of_the_lines),
    T_CASE(a_refusal_in_words_has_its_reason_made_printable),
    T_CASE(a_line_that_cannot_be_one_is_not_asked),
    T_CASE(so_many_lines_wait_and_no_more),
    T_CASE(a_request_without_an_answer_is_told_what_may_have_become_of_it),
    T_CASE(goodbye_is_answered_by_the_end),
    T_CASE(any_other_request_is_not),
    T_CASE(an_answer_nobody_asked_for_breaks_the_session),
    T_CASE(an_answer_without_an_end_breaks_the_session),
    T_CASE(what_is_not_taken_makes_no_room),
    T_CASE(a_session_that_says_goodbye_asks_no_more),
    T_CASE(memory_may_run_out_at_the_start),
    T_END,
};

T_SUITE(librdv_session, tests);
