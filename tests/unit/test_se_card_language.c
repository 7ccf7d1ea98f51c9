/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session in the language it has chosen, from TLS record to TLS record. */
#include "se_card/language.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "schema/wire/tls_record.h"
#include "se_card/turn.h"
#include "tests/support/card_rig.h"
#include "tests/support/notation.h"
#include "tests/support/test.h"

static struct t_element element;
static struct t_rig rig;

static void open_with(const char *alpn)
{
    struct t_client_options options = t_client_published();

    options.alpn = alpn;
    t_rig_open(&rig, element.el, &options);
    T_MUST(t_client_is_open(rig.client));
}

static void start(const char *alpn)
{
    element = t_element_new(true);
    open_with(alpn);
}

static void stop(void)
{
    t_rig_close(&rig);
    t_element_free(&element);
}

/* --- which language --------------------------------------------------------------------------- */

static void who_offers_it_speaks_cbor(void)
{
    start(T_PROGRAM);
    T_TEXT(t_rig_call(&rig, "[7, \"guest enable\", {\"name\": \"guest\"}]"), "[7, 0, {}]");
    T_UINT(t_client_records(rig.client), 1);
    stop();
}

static void it_is_found_among_others(void)
{
    start("\10http/1.1\5rdv/1\2h2");
    T_TEXT(t_rig_call(&rig, "[7, \"guest enable\", {\"name\": \"guest\"}]"), "[7, 0, {}]");
    T_TEXT(rdv_span_of(t_client_protocol(rig.client)), "rdv/1");
    stop();
}

static void who_offers_none_or_others_speaks_lines(void)
{
    static const char *const offers[] = { NULL, "\10http/1.1", "\5rdv/2\4rdv/", "\5RDV/1" };

    for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
        start(offers[i]);
        T_TEXT(t_rig_say(&rig, "?00\n"), "RDV keystore 0.1\r\n");
        T_TEXT(rdv_span_of(t_client_protocol(rig.client)), "");
        stop();
    }
}

/* --- requests --------------------------------------------------------------------------------- */

/* A thousand requests at once, in records cut anywhere: a thousand answers in order. */
static void requests_sent_ahead_are_answered_in_order(void)
{
    struct rdv_buf all = RDV_BUF(1 << 20), want = RDV_BUF(1 << 20), got = RDV_BUF(1 << 20);
    struct rdv_span rest;
    char text[80];

    start(T_PROGRAM);
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(text, sizeof(text), "[%u, \"guest %s\", {\"name\": \"guest\"}]", i,
                       i % 2 == 0 ? "enable" : "disable");
        t_cbor(&all, text);
        (void)snprintf(text, sizeof(text), "%s[%u, 0, {}]", i == 0 ? "" : "\n", i);
        T_MUST_OK(rdv_put_text(&want, text));
    }
    for (rest = rdv_buf_view(&all); rest.n > 0;) {
        const size_t n = rest.n < 777 ? rest.n : 777;
        const struct rdv_span said = t_rig_say_bytes(&rig, (struct rdv_span){ rest.p, n });

        T_MUST_OK(rdv_put_bytes(&got, said));
        rest.p += n;
        rest.n -= n;
    }
    rdv_buf_clear(&all);
    t_notation_of_all(&all, rdv_buf_view(&got));
    T_SPAN(rdv_buf_view(&all), rdv_buf_view(&want));
    rdv_buf_free(&all);
    rdv_buf_free(&want);
    rdv_buf_free(&got);
    stop();
}

/* Answers that belong together share a record. */
static void answers_share_records(void)
{
    struct rdv_buf all = RDV_BUF(1 << 16);

    start(T_PROGRAM);
    for (unsigned i = 0; i < 100; i++)
        t_cbor(&all, "[1, \"guest unlock\", {\"name\": \"guest\"}]");
    T_UINT(t_rig_say_bytes(&rig, rdv_buf_view(&all)).n, 100 * 4);
    T_UINT(t_client_records(rig.client), 1);
    rdv_buf_free(&all);
    stop();
}

static void each_fault_is_answered_and_the_session_goes_on(void)
{
    static const struct {
        const char *request, *answer;
    } cases[] = {
        { "7", "[null, 5, {\"code\": \"format\", \"error\": "
               "\"not a request: [id, method, {parameters}]\"}]" },
        { "[]", "[null, 5, {\"code\": \"format\", \"error\": "
                "\"not a request: [id, method, {parameters}]\"}]" },
        { "[8, \"info\", []]", "[8, 5, {\"code\": \"format\", \"error\": "
                               "\"not a request: [id, method, {parameters}]\"}]" },
        { "[9, \"fly\", {}]", "[9, 23, {\"code\": \"unknown\", \"error\": "
                              "\"no method \\\"fly\\\": help lists them\"}]" },
        { "[9, \"?00\", {}]", "[9, 23, {\"code\": \"unknown\", \"error\": "
                              "\"no method \\\"?00\\\": help lists them\"}]" },
        { "[9, \"s\", {\"key\": 0}]", "[9, 23, {\"code\": \"unknown\", \"error\": "
                                      "\"no method \\\"s\\\": help lists them\"}]" },
        { "[9, \"guest\", {}]", "[9, 23, {\"code\": \"unknown\", \"error\": "
                                "\"no method \\\"guest\\\": help lists them\"}]" },
        { "[0, \"guest show\", {\"name\": \"nobody\"}]",
          "[0, 9, {\"code\": \"absent\", \"error\": \"no account \\\"nobody\\\"\"}]" },
        { "[9007199254740992, \"guest enable\", {\"name\": \"guest\"}]",
          "[9007199254740992, 0, {}]" },
    };

    start(T_PROGRAM);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        T_TEXT(t_rig_call(&rig, cases[i].request), cases[i].answer);
    stop();
}

static void what_is_too_long_is_refused_by_its_id_and_skipped(void)
{
    static const uint8_t zeros[0x110000];
    struct rdv_buf head = RDV_BUF(64), said = RDV_BUF(1024);

    start(T_PROGRAM);
    T_MUST_OK(rdv_rpc_put_request(&head, 5, "record list"));
    T_MUST_OK(rdv_put_bytes(&head, t_hex("A1 6161 5A 00110000")));
    t_notation_of_all(&said, t_rig_say_bytes(&rig, rdv_buf_view(&head)));
    T_TEXT(rdv_buf_view(&said),
           "[5, 7, {\"max\": 1052672, \"code\": \"limit\", \"error\": \"the request is too long\","
           " \"limit\": \"request\"}]");
    T_UINT(t_rig_say_bytes(&rig, (struct rdv_span){ zeros, sizeof(zeros) }).n, 0);
    T_TEXT(t_rig_call(&rig, "[6, \"guest enable\", {\"name\": \"guest\"}]"), "[6, 0, {}]");
    rdv_buf_free(&head);
    rdv_buf_free(&said);
    stop();
}

static void what_cannot_be_framed_is_answered_once_and_ends_the_session(void)
{
    struct rdv_buf said = RDV_BUF(1024);

    start(T_PROGRAM);
    t_notation_of_all(&said, t_rig_say_bytes(&rig, t_hex("8301 6C677565737420656E61626C65 A1"
                                                         "646E616D65 656775657374"
                                                         "9F01FF"
                                                         "8302 6161 A0")));
    T_TEXT(rdv_buf_view(&said), "[1, 0, {}]\n[null, 5, {\"code\": \"format\", \"error\": "
                                "\"not CBOR of definite length, or nested too deep\"}]");
    T_UINT(rig.sw, 0x9002);
    T_TRUE(t_client_is_closed(rig.client));
    rdv_buf_free(&said);
    stop();
}

static void a_request_ended_by_closing_is_not_run(void)
{
    struct rdv_buf bytes = RDV_BUF(256), records = RDV_BUF(1 << 16);
    struct rdv_reader rd;
    struct rdv_span record;

    start(T_PROGRAM);
    t_cbor(&bytes, "[1, \"guest enable\", {\"name\": \"guest\"}]");
    T_UINT(t_rig_say_bytes(&rig,
                           (struct rdv_span){ rdv_buf_view(&bytes).p, rdv_buf_len(&bytes) - 1 })
                   .n,
           0);
    t_client_close(rig.client, &records);
    rd.rest = rdv_buf_view(&records);
    T_MUST_OK(rdv_tls_record_peek(&record, rd.rest));
    t_rig_record(&rig, record);
    T_UINT(rig.sw, 0x9002);
    t_rig_close(&rig);
    open_with(NULL);
    T_TRUE(t_rig_say(&rig, "!guest show guest\n").n > 30);
    T_TRUE(memmem(rdv_buf_view(&rig.text).p, rdv_buf_len(&rig.text), "enabled=no", 10) != NULL);
    rdv_buf_free(&bytes);
    rdv_buf_free(&records);
    stop();
}

/* --- what is long ----------------------------------------------------------------------------- */

/* Puts n bytes into record 0, in records of all sizes; true when it was accepted. */
static bool put_long(size_t n)
{
    struct rdv_buf bytes = RDV_BUF(RDV_RPC_MESSAGE_MAX), said = RDV_BUF(1024);
    struct rdv_span rest;
    uint8_t *room;
    size_t cut = 1;
    bool done;

    T_MUST(rdv_rpc_put_request(&bytes, 3, "put") == RDV_OK &&
           rdv_cbor_put_map(&bytes, 2) == RDV_OK &&
           rdv_cbor_put_text(&bytes, RDV_LIT("record")) == RDV_OK &&
           rdv_cbor_put_uint(&bytes, 0) == RDV_OK &&
           rdv_cbor_put_text(&bytes, RDV_LIT("content")) == RDV_OK &&
           rdv_put_u8(&bytes, 0x5a) == RDV_OK && rdv_put_u32(&bytes, (uint32_t)n) == RDV_OK &&
           rdv_buf_room(&bytes, &room, n) == RDV_OK);
    for (size_t i = 0; i < n; i++)
        room[i] = (uint8_t)(i * 31 + i / 4096);
    rdv_buf_grew(&bytes, n);
    for (rest = rdv_buf_view(&bytes); rest.n > 0; cut = cut * 3 + 1) {
        const size_t piece = cut < rest.n ? cut : rest.n;

        t_notation_of_all(&said, t_rig_say_bytes(&rig, (struct rdv_span){ rest.p, piece }));
        rest.p += piece;
        rest.n -= piece;
    }
    done = memmem(rdv_buf_view(&said).p, rdv_buf_len(&said), "[3, 0, {", 8) != NULL;
    rdv_buf_free(&bytes);
    rdv_buf_free(&said);
    return done;
}

/* The content of record 0 in an answer. */
static void check_long(struct rdv_span said, size_t n)
{
    struct rdv_rpc_answer answer;
    struct rdv_reader value;
    struct rdv_cbor item;
    size_t wrong = 0;

    T_MUST_OK(rdv_rpc_get_answer(&answer, said));
    T_MUST_OK(rdv_cbor_find(&value, answer.body, "content"));
    T_MUST_OK(rdv_cbor_get(&value, &item));
    T_MUST(item.n == n);
    for (size_t i = 0; i < n; i++)
        wrong += item.bytes.p[i] != (uint8_t)(i * 31 + i / 4096);
    T_UINT(wrong, 0);
}

#define MEBI ((size_t)1 << 20)

/* A record of a mebibyte is there; out: the request to get it. */
static void start_with_long(struct rdv_buf *get)
{
    start(T_PROGRAM);
    T_TRUE(t_rig_call(&rig, "[1, \"record set\", {\"record\": 0, \"max\": 1048576}]").n > 20);
    T_TRUE(put_long(MEBI));
    t_cbor(get, "[4, \"get\", {\"record\": 0}]");
}

static void a_record_of_a_mebibyte_goes_in_and_out(void)
{
    struct rdv_buf bytes = RDV_BUF(64);

    start_with_long(&bytes);
    check_long(t_rig_say_bytes(&rig, rdv_buf_view(&bytes)), MEBI);
    T_UINT(t_client_records(rig.client), 3 + 64); /* full ones, and what is left */
    rdv_buf_free(&bytes);
    stop();
}

/* The client says goodbye behind its request: it hears all of the answer, then goodbye. */
static void a_long_answer_comes_before_goodbye(void)
{
    struct rdv_buf bytes = RDV_BUF(64), records = RDV_BUF(1 << 16);

    start_with_long(&bytes);
    rdv_buf_clear(&rig.text);
    t_client_write(rig.client, rdv_buf_view(&bytes), &records);
    t_client_close(rig.client, &records);
    t_rig_feed(&rig, rdv_buf_view(&records));
    check_long(t_rig_hear(&rig), MEBI);
    T_UINT(rig.sw, 0x9002);
    rdv_buf_free(&bytes);
    rdv_buf_free(&records);
    stop();
}

static void feed_fetches(size_t n)
{
    for (size_t i = 0; i < n; i++)
        T_MUST_OK(se_card_feed(rig.card, t_hex("00C00000000000")));
}

/* The next response, whose data goes to the client: whole records. Returns how many bytes. */
static size_t hear_part(uint16_t *sw)
{
    struct rdv_buf back = RDV_BUF(1 << 16);
    struct rdv_span data, record;
    struct rdv_reader rd;

    T_MUST(se_card_response(rig.card, &data, sw));
    t_client_step(rig.client, data, &back);
    T_UINT(rdv_buf_len(&back), 0);
    rdv_buf_free(&back);
    for (rd.rest = data; rd.rest.n > 0;) {
        T_MUST_OK(rdv_tls_record_peek(&record, rd.rest));
        T_MUST(record.n > 0);
        T_MUST_OK(rdv_get_bytes(&rd, &record, record.n));
    }
    return data.n;
}

/* The front asks for the next part before it has the last one: what was asked too much is answered
 * with nothing, and behind the session's end with the end. */
static void a_long_answer_is_asked_for_ahead(void)
{
    struct rdv_buf bytes = RDV_BUF(64), records = RDV_BUF(1 << 16);
    size_t n, all = 0;
    uint16_t sw;

    start_with_long(&bytes);
    rdv_buf_clear(&rig.text);
    t_client_write(rig.client, rdv_buf_view(&bytes), &records);
    t_rig_feed(&rig, rdv_buf_view(&records));
    se_turn_run(rig.el, &rig.card, 1);
    feed_fetches(1);
    while ((n = hear_part(&sw)) > 0 && sw == RDV_SW_MORE) {
        T_TRUE(n > 32768 && n <= 65536); /* a long one, for the front */
        feed_fetches(1);
        all += n;
    }
    T_UINT(sw, RDV_SW_OK);
    T_TRUE(all + n > MEBI);
    T_TRUE(se_card_is_asked(rig.card));
    T_UINT(hear_part(&sw), 0);
    T_UINT(sw, RDV_SW_OK);
    T_TRUE(!se_card_has_ended(rig.card) && !se_card_is_asked(rig.card));
    t_client_read(rig.client, &rig.text);
    check_long(rdv_buf_view(&rig.text), MEBI);
    rdv_buf_clear(&records);
    t_client_close(rig.client, &records);
    t_rig_feed(&rig, rdv_buf_view(&records));
    feed_fetches(2);
    for (size_t i = 0; i < 3; i++) {
        T_TRUE(!se_card_has_ended(rig.card));
        T_TRUE((hear_part(&sw) > 0) == (i == 0));
        T_UINT(sw, RDV_SW_CLOSED);
    }
    T_TRUE(se_card_has_ended(rig.card));
    rdv_buf_free(&bytes);
    rdv_buf_free(&records);
    stop();
}

/* --- turns ------------------------------------------------------------------------------------ */

/* A full disk, as this process sees it: no file may grow. */
static void fill_disk(bool full)
{
    struct rlimit limit;

    (void)signal(SIGXFSZ, SIG_IGN);
    T_MUST(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = full ? 1 : limit.rlim_max;
    T_MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

#define FULL(id)                                                       \
    "[" #id ", 14, {\"code\": \"full\", \"error\": \"it could not be " \
    "written to the disk\"}]"

/* The group cannot be committed: each request is run again, and only what writes is refused. */
static void when_the_disk_is_full_only_writes_fail(void)
{
    struct rdv_buf bytes = RDV_BUF(1024), said = RDV_BUF(4096);

    start(T_PROGRAM);
    t_cbor(&bytes, "[1, \"guest enable\", {\"name\": \"guest\"}]");
    t_cbor(&bytes, "[2, \"record list\", {}]");
    t_cbor(&bytes, "[3, \"guest delete\", {\"name\": \"guest\"}]");
    fill_disk(true);
    t_notation_of_all(&said, t_rig_say_bytes(&rig, rdv_buf_view(&bytes)));
    fill_disk(false);
    T_TEXT(rdv_buf_view(&said), FULL(1) "\n[2, 0, {\"list\": []}]\n" FULL(3));
    T_TEXT(t_rig_call(&rig, "[4, \"guest enable\", {\"name\": \"guest\"}]"), "[4, 0, {}]");
    rdv_buf_free(&bytes);
    rdv_buf_free(&said);
    stop();
}

/* It makes its own transactions: what came before is committed, what comes behind waits. */
static void a_backup_within_others_is_run_alone(void)
{
    struct rdv_buf bytes = RDV_BUF(1024), said = RDV_BUF(4096);

    start(T_PROGRAM);
    t_cbor(&bytes, "[1, \"guest enable\", {\"name\": \"guest\"}]");
    t_cbor(&bytes, "[2, \"backup\", {\"name\": \"copy\"}]");
    t_cbor(&bytes, "[3, \"backup\", {\"name\": \"copy\"}]");
    t_cbor(&bytes, "[4, \"guest disable\", {\"name\": \"guest\"}]");
    t_notation_of_all(&said, t_rig_say_bytes(&rig, rdv_buf_view(&bytes)));
    T_TEXT(rdv_buf_view(&said),
           "[1, 0, {}]\n[2, 0, {\"file\": \"copy\"}]\n"
           "[3, 8, {\"code\": \"exists\", \"error\": \"\\\"copy\\\" exists already\"}]\n"
           "[4, 0, {}]");
    rdv_buf_free(&bytes);
    rdv_buf_free(&said);
    stop();
}

static void a_session_whose_account_is_gone_ends_without_a_word(void)
{
    struct t_client_options options = t_client_published();
    struct t_rig guest;

    start(T_PROGRAM);
    T_TRUE(t_rig_call(&rig, "[1, \"guest set\", {\"name\": \"guest\", \"rights\": [\"read\"]}]").n >
           100);
    T_TEXT(t_rig_call(&rig, "[2, \"guest enable\", {\"name\": \"guest\"}]"), "[2, 0, {}]");
    options.identity = "guest";
    options.alpn = T_PROGRAM;
    t_rig_open(&guest, element.el, &options);
    T_TEXT(t_rig_call(&guest, "[1, \"record list\", {}]"), "[1, 0, {\"list\": []}]");
    T_TEXT(t_rig_call(&rig, "[3, \"guest disable\", {\"name\": \"guest\"}]"), "[3, 0, {}]");
    T_TEXT(t_rig_call(&guest, "[2, \"record list\", {}]"), "");
    T_TRUE(t_client_is_closed(guest.client));
    t_rig_close(&guest);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(who_offers_it_speaks_cbor),
    T_CASE(it_is_found_among_others),
    T_CASE(who_offers_none_or_others_speaks_lines),
    T_CASE(requests_sent_ahead_are_answered_in_order),
    T_CASE(answers_share_records),
    T_CASE(each_fault_is_answered_and_the_session_goes_on),
    T_CASE(what_is_too_long_is_refused_by_its_id_and_skipped),
    T_CASE(what_cannot_be_framed_is_answered_once_and_ends_the_session),
    T_CASE(a_request_ended_by_closing_is_not_run),
    T_CASE(a_record_of_a_mebibyte_goes_in_and_out),
    T_CASE(a_long_answer_comes_before_goodbye),
    T_CASE(a_long_answer_is_asked_for_ahead),
    T_CASE(when_the_disk_is_full_only_writes_fail),
    T_CASE(a_backup_within_others_is_run_alone),
    T_CASE(a_session_whose_account_is_gone_ends_without_a_word),
    T_END,
};

T_SUITE(se_card_language, tests);
