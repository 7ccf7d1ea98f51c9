/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/session.h>

#include <stdio.h>
#include <string.h>

#include "se_card/commands.h"
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

static struct pair pair_of(enum rdv_language language)
{
    struct t_server_options server = t_server_usual();
    const struct rdv_session_options options = { "key1.com", "root", server.psk.bytes, language,
                                                 NULL };
    struct pair p = { .to_client = RDV_BUF(1 << 22), .heard = RDV_BUF(1 << 23) };

    server.alpn = "rdv/1";
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

static struct pair a_pair(void)
{
    return pair_of(RDV_LINES);
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

/* --- methods ---------------------------------------------------------------------------------- */

#define GET_0A "83 01 63676574 A1 667265636F7264 0A"
#define ANSWER_1 "83 01 00 A1 67636F6E74656E74 43 322E35"
#define ANSWER_2 "83 02 00 A0"
#define NO_2 "83 02 0A A3 64636F6465 6664656E696564 656572726F72 626E6F 657269676874 657772697465"

static uint32_t call(struct pair *p, const char *method)
{
    const struct rdv_param params[] = { RDV_NUMBER("record", 10), RDV_END };
    uint32_t number = 0;

    T_OK(rdv_session_call(p->s, method, params, &number));
    return number;
}

/* These bytes of an answer, in records of at most `step`. */
static void result(struct pair *p, const char *hex, size_t step)
{
    struct rdv_span left = t_hex(hex);

    while (left.n > 0) {
        const size_t n = left.n < step ? left.n : step;

        t_server_write(p->server, (struct rdv_span){ left.p, n }, &p->to_client);
        left = (struct rdv_span){ left.p + n, left.n - n };
    }
    to_client(p);
}

static void a_method_gets_its_result(void)
{
    struct pair p = pair_of(RDV_REQUESTS);
    const uint32_t number = call(&p, "get");
    const uint8_t *content;
    struct rdv_answer a;
    size_t n;

    to_server(&p);
    T_SPAN(rdv_buf_view(&p.heard), t_hex(GET_0A));
    nothing_yet(&p);
    result(&p, ANSWER_1, 1000);
    a = next(&p);
    T_OK(a.err);
    T_UINT(a.request, number);
    T_TRUE(rdv_value_bytes(rdv_value_in(a.result, "content"), &content, &n));
    T_TEXT(((struct rdv_span){ content, n }), "2.5");
    nothing_yet(&p);
    end(&p);
}

static void results_may_be_cut_anywhere_and_share_a_record(void)
{
    for (size_t step = 1; step < 60; step++) {
        struct pair p = pair_of(RDV_REQUESTS);

        (void)call(&p, "get");
        (void)call(&p, "put");
        (void)call(&p, "get");
        to_server(&p);
        result(&p, ANSWER_1 ANSWER_2 "83 03 00 A0", step);
        T_UINT(next(&p).request, 1);
        T_UINT(next(&p).request, 2);
        T_UINT(next(&p).request, 3);
        nothing_yet(&p);
        end(&p);
    }
}

static void a_refusal_has_its_word_its_reason_and_its_rule(void)
{
    struct pair p = pair_of(RDV_REQUESTS);
    struct rdv_answer a;
    char right[20];

    (void)call(&p, "get");
    (void)call(&p, "put");
    to_server(&p);
    result(&p, ANSWER_1 NO_2, 1000);
    T_OK(next(&p).err);
    a = next(&p);
    T_ERR(a.err, RDV_ERR_DENIED);
    T_TEXT(rdv_span_of(a.why), "no");
    T_TRUE(rdv_value_text(rdv_value_in(a.refusal, "right"), right, sizeof(right)));
    T_TEXT(rdv_span_of(right), "write");
    T_UINT(rdv_value_kind(a.result), RDV_KIND_NONE);
    /* One of a newer card, and one that says nothing. */
    (void)call(&p, "put");
    (void)call(&p, "put");
    to_server(&p);
    result(&p, "83 03 1903E8 A1 64636F6465 656F64646C79 83 04 05 A0", 1000);
    a = next(&p);
    T_ERR(a.err, RDV_ERR_REFUSED);
    T_TEXT(rdv_span_of(a.why), "refused by the card");
    T_ERR(next(&p).err, RDV_ERR_REFUSED);
    end(&p);
}

/* The session breaks at these bytes, and so the request fails. */
static void breaks_at(const char *hex, const char *method, enum rdv_err session,
                      enum rdv_err request, const char *why)
{
    struct pair p = pair_of(RDV_REQUESTS);
    struct rdv_answer a;

    (void)call(&p, method);
    to_server(&p);
    result(&p, hex, 1000);
    a = next(&p);
    T_ERR(a.err, request);
    T_TEXT(rdv_span_of(a.why), why);
    T_ERR(rdv_session_next(p.s, &a), session);
    T_TRUE(!rdv_session_is_open(p.s));
    end(&p);
}

static void what_is_no_answer_breaks_the_session(void)
{
    static const char not [] = "what came is not an answer";

    breaks_at("FF", "get", RDV_ERR_FORMAT, RDV_ERR_FORMAT, not );
    breaks_at("FF", "put", RDV_ERR_FORMAT, RDV_ERR_OUTCOME, not );
    breaks_at("00", "get", RDV_ERR_FORMAT, RDV_ERR_FORMAT, not );
    breaks_at("82 01 00", "get", RDV_ERR_FORMAT, RDV_ERR_FORMAT, not );
    breaks_at("83 01 00 00", "get", RDV_ERR_FORMAT, RDV_ERR_FORMAT, not );
    breaks_at("83 01 20 A0", "get", RDV_ERR_FORMAT, RDV_ERR_FORMAT, not );
    breaks_at("83 01 00 BF FF", "get", RDV_ERR_FORMAT, RDV_ERR_FORMAT, not );
    breaks_at("83 01 00 A1 61 61 5B 7FFFFFFFFFFFFFFF", "get", RDV_ERR_FORMAT, RDV_ERR_FORMAT, not );
    breaks_at("83 01 00 818181818181818181", "get", RDV_ERR_FORMAT, RDV_ERR_FORMAT, not );
    breaks_at("83 02 00 A0", "get", RDV_ERR_FORMAT, RDV_ERR_FORMAT, "an answer to another request");
    breaks_at("83 F6 05 A2 64636F6465 66666F726D6174 656572726F72 63627965", "put", RDV_ERR_FORMAT,
              RDV_ERR_OUTCOME, "bye");
}

static void half_a_result_is_none(void)
{
    struct pair p = pair_of(RDV_REQUESTS);

    (void)call(&p, "get");
    (void)call(&p, "put");
    to_server(&p);
    result(&p, "83 01 00 A1 67636F6E", 1000);
    nothing_yet(&p);
    rdv_session_break(p.s, RDV_ERR_CLOSED, "gone");
    T_ERR(next(&p).err, RDV_ERR_CLOSED); /* reading changes nothing */
    T_ERR(next(&p).err, RDV_ERR_OUTCOME);
    end(&p);
}

/* A program need not ask again whether something was done that does nothing. */
static void the_library_knows_which_methods_only_read(void)
{
    size_t n, methods = 0;
    const struct se_command *commands = se_commands(&n);

    for (size_t i = 0; i < n; i++) {
        /* It may leave a question that waits for a person. */
        const bool asks = strcmp(commands[i].name, "handshake secret") == 0;
        const bool reads = (commands[i].flags & SE_WRITES) == 0 && !asks;
        struct pair p;

        if (!se_command_is_word(&commands[i]))
            continue;
        p = pair_of(RDV_REQUESTS);
        T_OK(rdv_session_call(p.s, commands[i].name, NULL, NULL));
        to_server(&p);
        rdv_session_break(p.s, RDV_ERR_CLOSED, "gone");
        if (!T_ERR(next(&p).err, reads ? RDV_ERR_CLOSED : RDV_ERR_OUTCOME))
            fprintf(stderr, "    of %s\n", commands[i].name);
        end(&p);
        methods++;
    }
    T_TRUE(methods > 50);
}

static void a_result_nobody_asked_for_breaks_the_session(void)
{
    struct pair p = pair_of(RDV_REQUESTS);
    struct rdv_answer a;

    result(&p, ANSWER_1, 1000);
    T_ERR(rdv_session_next(p.s, &a), RDV_ERR_FORMAT);
    end(&p);
}

static void a_request_has_a_longest(void)
{
    static uint8_t content[(1 << 20) + 4096];
    const struct rdv_param longest[] = { RDV_BYTES("content", content, 1 << 20), RDV_END };
    const struct rdv_param longer[] = { RDV_BYTES("content", content, sizeof(content)), RDV_END };
    const struct rdv_param strange[] = { { "x", RDV_KIND_MAP, 0, NULL, 0 }, RDV_END };
    static const char name[] = "0123456789012345678901234567890123456789012345678901234567890123x";
    struct pair p = pair_of(RDV_REQUESTS);

    T_OK(rdv_session_call(p.s, "put", longest, NULL));
    T_ERR(rdv_session_call(p.s, "put", longer, NULL), RDV_ERR_LIMIT);
    T_ERR(rdv_session_call(p.s, "put", strange, NULL), RDV_ERR_RANGE);
    T_ERR(rdv_session_call(p.s, name, NULL, NULL), RDV_ERR_RANGE);
    T_UINT(rdv_session_unanswered(p.s), 1);
    to_server(&p);
    T_TRUE(rdv_buf_len(&p.heard) > 1 << 20);
    end(&p);
}

static void a_long_result_comes_whole(void)
{
    static uint8_t content[1 << 20];
    struct pair p = pair_of(RDV_REQUESTS);
    struct rdv_answer a = { 0 };
    enum rdv_err err;

    (void)call(&p, "get");
    to_server(&p);
    result(&p, "83 01 00 A1 67636F6E74656E74 5A 00100000", 1000);
    for (size_t n = 0; n < sizeof(content); n += 16384)
        t_server_write(p.server, (struct rdv_span){ content, 16384 }, &p.to_client);
    while ((err = rdv_session_next(p.s, &a)) == RDV_ERR_SHORT && rdv_buf_len(&p.to_client) > 0)
        to_client(&p);
    T_OK(err);
    T_UINT(a.result.n, sizeof(content) + 14);
    end(&p);
}

static void a_session_speaks_one_language(void)
{
    struct pair lines = a_pair(), requests = pair_of(RDV_REQUESTS);

    T_ERR(rdv_session_call(lines.s, "get", NULL, NULL), RDV_ERR_STATE);
    T_ERR(rdv_session_say(requests.s, "I00", 3, NULL), RDV_ERR_STATE);
    end(&lines);
    end(&requests);
}

static void memory_may_run_out_at_the_start(void)
{
    const struct t_server_options server = t_server_usual();
    const struct rdv_session_options options = { "key1.com", "root", server.psk.bytes, RDV_LINES,
                                                 NULL };

    for (t_alloc_sweep_begin(); t_alloc_sweep_next();) {
        struct rdv_session *s;

        t_alloc_sweep_judge(rdv_session_new(&s, &options));
        rdv_session_free(s);
    }
}

/* What is asked then is not asked, and what is heard is an answer or none. */
static enum rdv_err ask_long(struct pair *p)
{
    static uint8_t content[20000];
    const struct rdv_param params[] = { RDV_NUMBER("record", 10),
                                        RDV_BYTES("content", content, sizeof(content)), RDV_END };

    return rdv_session_call(p->s, "get", params, NULL);
}

static enum rdv_err hear_long(struct pair *p)
{
    struct rdv_answer a = { 0 };
    enum rdv_err err = RDV_OK;

    while (err == RDV_OK && rdv_buf_len(&p->to_client) > 0) {
        to_client(p);
        if ((err = p->err) == RDV_OK && (err = rdv_session_next(p->s, &a)) == RDV_ERR_SHORT)
            err = RDV_OK;
    }
    return err == RDV_OK ? a.err : err;
}

static void memory_may_run_out_at_a_request(void)
{
    t_alloc_sweep_begin();
    for (;;) {
        struct pair p = pair_of(RDV_REQUESTS);
        const bool armed = t_alloc_sweep_next();

        if (armed)
            t_alloc_sweep_judge(ask_long(&p));
        end(&p);
        if (!armed)
            break;
    }
}

static void memory_may_run_out_at_an_answer(void)
{
    static uint8_t content[20000];

    t_alloc_sweep_begin();
    for (;;) {
        struct pair p = pair_of(RDV_REQUESTS);
        bool armed;

        (void)call(&p, "get");
        to_server(&p);
        t_server_write(p.server, t_hex("83 01 00 A1 67636F6E74656E74 59 4E20"), &p.to_client);
        for (size_t n = 0; n < sizeof(content); n += 10000)
            t_server_write(p.server, (struct rdv_span){ content, 10000 }, &p.to_client);
        if ((armed = t_alloc_sweep_next()))
            t_alloc_sweep_judge(hear_long(&p));
        end(&p);
        if (!armed)
            break;
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
    T_CASE(a_method_gets_its_result),
    T_CASE(results_may_be_cut_anywhere_and_share_a_record),
    T_CASE(a_refusal_has_its_word_its_reason_and_its_rule),
    T_CASE(what_is_no_answer_breaks_the_session),
    T_CASE(half_a_result_is_none),
    T_CASE(the_library_knows_which_methods_only_read),
    T_CASE(a_result_nobody_asked_for_breaks_the_session),
    T_CASE(a_request_has_a_longest),
    T_CASE(a_long_result_comes_whole),
    T_CASE(a_session_speaks_one_language),
    T_CASE(memory_may_run_out_at_the_start),
    T_CASE(memory_may_run_out_at_a_request),
    T_CASE(memory_may_run_out_at_an_answer),
    T_END,
};

T_SUITE(librdv_session, tests);
