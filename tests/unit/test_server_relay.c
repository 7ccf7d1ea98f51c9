/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rdv_server/relay.h"

#include <stdio.h>
#include <string.h>

#include "schema/wire/client_hello.h"
#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"
#include "tests/unit/client_hellos.h"

#define ADDRESS "192.0.2.7:50122"
#define REACHED "192.0.2.1:843"
#define LINK_HELLO                                                        \
    "5244564C 0200 08 6B6579312E636F6D 0F 3139322E302E322E373A3530313232" \
    "0D 3139322E302E322E313A383433"
#define WELCOME "5244564C 0200 00 00"
#define ALERT(description) "15 0303 0002 02" description

/* A relay and the two buffers its front would send from. */
struct session {
    struct rdv_relay relay;
    struct rdv_buf to_card, to_client;
    const char *default_sen;
};

static struct session begin(void)
{
    struct session s = {
        .to_card = RDV_BUF(RDV_RELAY_TO_CARD_MAX),
        .to_client = RDV_BUF(RDV_RELAY_TO_CLIENT_MAX),
        .default_sen = "",
    };

    rdv_relay_init(&s.relay);
    return s;
}

static void end(struct session *s)
{
    rdv_relay_free(&s->relay);
    rdv_buf_free(&s->to_card);
    rdv_buf_free(&s->to_client);
}

static enum rdv_err client_sends(struct session *s, struct rdv_span bytes)
{
    const struct rdv_relay_intro intro = { s->default_sen, ADDRESS, REACHED };

    return rdv_relay_from_client(&s->relay, &s->to_card, &s->to_client, bytes, &intro);
}

static enum rdv_err card_sends(struct session *s, struct rdv_span bytes)
{
    return rdv_relay_from_card(&s->relay, &s->to_client, bytes);
}

/* The client takes all that waits for it; the card all that waits for it. */
static void all_is_taken(struct session *s)
{
    rdv_buf_clear(&s->to_client);
    rdv_buf_clear(&s->to_card);
    T_OK(rdv_relay_client_is_empty(&s->relay, &s->to_card));
}

/* Up to a card that has taken the session; nothing waits in the buffers. */
static struct session begin_handshake(void)
{
    struct session s = begin();

    T_OK(client_sends(&s, t_hex(t_hello_psk)));
    T_OK(card_sends(&s, t_hex(WELCOME)));
    T_UINT(s.relay.phase, RDV_RELAY_HANDSHAKE);
    all_is_taken(&s);
    return s;
}

/* The card has answered the ClientHello with this status and no data. */
static struct session begin_with_status(const char *frame)
{
    struct session s = begin_handshake();

    T_OK(card_sends(&s, t_hex(frame)));
    all_is_taken(&s);
    return s;
}

static struct session begin_open(void)
{
    struct session s = begin_with_status("00000002 9001");

    T_UINT(s.relay.phase, RDV_RELAY_OPEN);
    return s;
}

static void is_over(const struct session *s, const char *reason)
{
    T_UINT(s->relay.phase, RDV_RELAY_OVER);
    T_TEXT(rdv_span_of(s->relay.reason), reason);
    T_TRUE(!rdv_relay_wants_client(&s->relay));
}

/* --- the ClientHello ----------------------------------------------------------------------------
 */

static void introduces_the_client_to_the_card_it_names(void)
{
    const struct rdv_span hello = t_hex(t_hello_psk), intro = t_hex(LINK_HELLO);
    struct rdv_buf want = RDV_BUF(4096);
    struct session s = begin();

    T_OK(client_sends(&s, hello));
    T_UINT(s.relay.phase, RDV_RELAY_WELCOME);
    T_TEXT(rdv_span_of(s.relay.sen), "key1.com");
    T_MUST_OK(rdv_put_bytes(&want, intro));
    T_MUST_OK(rdv_link_put_record(&want, hello));
    T_SPAN(rdv_buf_view(&s.to_card), rdv_buf_view(&want));
    T_UINT(rdv_buf_len(&s.to_client), 0);
    T_UINT(s.relay.records_in, 1);
    rdv_buf_free(&want);
    end(&s);
}

static void refuses_garbage_with_an_alert(void)
{
    static const char *const garbage[] = {
        "00",
        "FFFFFFFF",
        "80 2E 01 03 01",
        "17 0303 0001 00",
        "15 0303 0002 0100",
        "16 0301 0001 02",
        "16 0301 0000",
        "16 0301 0004 01 000000",
    };

    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        struct session s = begin();

        T_OK(client_sends(&s, t_hex(garbage[i])));
        is_over(&s, "not a TLS ClientHello");
        T_SPAN(rdv_buf_view(&s.to_client), t_hex(ALERT("32")));
        T_UINT(rdv_buf_len(&s.to_card), 0);
        T_OK(client_sends(&s, t_hex(t_hello_psk))); /* too late */
        T_UINT(rdv_buf_len(&s.to_card), 0);
        end(&s);
    }
}

static void tells_a_browser_in_its_own_language(void)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /x HTTP/1.0\r\n\r\n",
        "HEAD /",
        "OPTIONS *",
    };

    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        struct session s = begin();

        T_OK(client_sends(&s, rdv_span_of(requests[i])));
        is_over(&s, "plain HTTP");
        T_MUST(rdv_buf_len(&s.to_client) > 24);
        T_TEXT(((struct rdv_span){ rdv_buf_view(&s.to_client).p, 24 }), "HTTP/1.0 400 Bad Request");
        T_UINT(rdv_buf_len(&s.to_card), 0);
        end(&s);
    }
}

static void a_browser_that_stammers_is_told_the_same(void)
{
    static const char request[] = "GET / HTTP/1.1\r\n\r\n";
    struct session s = begin(), other = begin();

    for (size_t i = 0; i + 1 < sizeof(request); i++)
        T_OK(client_sends(&s, (struct rdv_span){ (const uint8_t *)request + i, 1 }));
    is_over(&s, "plain HTTP");
    T_OK(client_sends(&other, RDV_LIT("G")));
    T_UINT(other.relay.phase, RDV_RELAY_HELLO);
    T_OK(client_sends(&other, RDV_LIT("ETX /")));
    is_over(&other, "not a TLS ClientHello");
    end(&s);
    end(&other);
}

/* Sends a hello with these extensions, to a front with this default. */
static struct session begin_with(const char *extensions, const char *default_sen)
{
    struct rdv_buf message = RDV_BUF(4096), records = RDV_BUF(4096);
    struct session s = begin();

    s.default_sen = default_sen;
    t_hello_make(&message, extensions);
    t_hello_put_records(&records, rdv_buf_view(&message), 4096);
    T_OK(client_sends(&s, rdv_buf_view(&records)));
    rdv_buf_free(&message);
    rdv_buf_free(&records);
    return s;
}

static void refuses_who_names_no_card(void)
{
    static const char *const names[] = {
        "",
        "0000 0005 0003 00 0000",                                  /* an empty name */
        "0000 0006 0004 00 0001 2F",                               /* a slash */
        "0000 0015 0013 00 0010 30303030303030303030303030303030", /* 16 bytes */
        "0000 0007 0005 00 0002 6100",                             /* a NUL */
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct session s = begin_with(names[i], i == 0 ? "" : "default");

        is_over(&s, "no valid server name");
        T_SPAN(rdv_buf_view(&s.to_client), t_hex(ALERT("70")));
        T_UINT(rdv_buf_len(&s.to_card), 0);
        end(&s);
    }
}

static void the_default_card_serves_who_names_none_and_nobody_else(void)
{
    struct session s = begin_with(T_VERSIONS_13, "default");

    T_UINT(s.relay.phase, RDV_RELAY_WELCOME);
    T_TEXT(rdv_span_of(s.relay.sen), "default");
    end(&s);
    s = begin_with(T_SNI_KEY1, "default");
    T_TEXT(rdv_span_of(s.relay.sen), "key1.com");
    end(&s);
}

static void refuses_a_hello_that_is_too_long(void)
{
    static const char *const openings[] = {
        "16 0301 4101",           /* its record */
        "16 0301 0004 01 003FFD", /* its message */
    };

    for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
        struct session s = begin();

        T_OK(client_sends(&s, t_hex(openings[i])));
        is_over(&s, "ClientHello too long, or in too many records");
        T_SPAN(rdv_buf_view(&s.to_client), t_hex(ALERT("16")));
        end(&s);
    }
}

static void refuses_a_hello_in_too_many_records(void)
{
    struct rdv_buf message = RDV_BUF(20000), records = RDV_BUF(100000);
    struct session s = begin();
    const size_t n = 6 * RDV_CLIENT_HELLO_RECORDS;

    t_hello_make_long(&message, T_SNI_KEY1, RDV_CLIENT_HELLO_MAX);
    t_hello_put_records(&records, rdv_buf_view(&message), 1);
    T_OK(client_sends(&s, (struct rdv_span){ rdv_buf_view(&records).p, n }));
    T_UINT(s.relay.phase, RDV_RELAY_HELLO);
    T_OK(client_sends(&s, (struct rdv_span){ rdv_buf_view(&records).p + n, 6 }));
    is_over(&s, "ClientHello too long, or in too many records");
    end(&s);
    s = begin();
    T_OK(client_sends(&s, rdv_buf_view(&records))); /* all at once is more than is ever held */
    is_over(&s, "ClientHello too long, or in too many records");
    T_SPAN(rdv_buf_view(&s.to_client), t_hex(ALERT("16")));
    end(&s);
    rdv_buf_free(&message);
    rdv_buf_free(&records);
}

/* --- the welcome --------------------------------------------------------------------------------
 */

static void tells_the_client_why_the_card_refuses(void)
{
    static const struct {
        const char *welcome, *reason, *alert;
    } cases[] = {
        { "5244564C 0200 01 00", "no such card", ALERT("70") },
        { "5244564C 0200 02 00", "the card's link is of another version", ALERT("50") },
        { "5244564C 0100 00 00", "the card's link is of another version", ALERT("50") },
        { "5244564C 0200 03 00", "the card takes no more sessions", ALERT("50") },
        { "5244564C 0209 77 00", "the card takes no more sessions", ALERT("50") },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct session s = begin();

        T_OK(client_sends(&s, t_hex(t_hello_psk)));
        T_OK(card_sends(&s, t_hex(cases[i].welcome)));
        is_over(&s, cases[i].reason);
        T_SPAN(rdv_buf_view(&s.to_client), t_hex(cases[i].alert));
        end(&s);
    }
}

static void a_card_that_is_none_of_ours_ends_the_session(void)
{
    struct session s = begin();

    T_OK(client_sends(&s, t_hex(t_hello_psk)));
    T_OK(card_sends(&s, t_hex("5244564D")));
    is_over(&s, "not a card of ours");
    end(&s);
}

static void a_later_minor_version_is_welcome_and_demo_is_noted(void)
{
    struct session s = begin();

    T_OK(client_sends(&s, t_hex(t_hello_psk)));
    T_OK(card_sends(&s, t_hex("5244564C 0207 00 FF")));
    T_UINT(s.relay.phase, RDV_RELAY_HANDSHAKE);
    T_TRUE(s.relay.demo);
    end(&s);
    s = begin_handshake();
    T_TRUE(!s.relay.demo);
    end(&s);
}

/* --- status words -------------------------------------------------------------------------------
 */

static void what_the_card_answers_goes_to_the_client(void)
{
    struct session s = begin_handshake();

    T_OK(card_sends(&s, t_hex("00000004 AABB 9000")));
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("AABB"));
    T_UINT(s.relay.phase, RDV_RELAY_HANDSHAKE);
    T_UINT(s.relay.bytes_out, 2);
    end(&s);
}

static void each_status_word_has_its_meaning(void)
{
    struct session s = begin_with_status("00000002 9000");

    T_UINT(s.relay.phase, RDV_RELAY_HANDSHAKE);
    end(&s);
    s = begin_handshake();
    T_OK(card_sends(&s, t_hex("00000003 AA 9002")));
    is_over(&s, "closed in good order");
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("AA"));
    end(&s);
    s = begin_handshake();
    T_OK(card_sends(&s, t_hex("00000003 AA 6D16")));
    is_over(&s, "handshake refused");
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("AA"));
    end(&s);
    s = begin_open();
    T_OK(client_sends(&s, t_hex("17 0303 0001 AA")));
    T_OK(card_sends(&s, t_hex("00000002 6D16")));
    is_over(&s, "ended by the card");
    end(&s);
    s = begin_handshake();
    (void)t_logged("");
    T_OK(card_sends(&s, t_hex("00000002 6982")));
    is_over(&s, "the card failed");
    T_UINT(t_logged("key1.com: status word 6982"), 1);
    end(&s);
}

static void more_is_fetched_when_the_client_has_taken_what_there_is(void)
{
    struct session s = begin_open();

    T_OK(client_sends(&s, t_hex("17 0303 0001 AA")));
    all_is_taken(&s);
    T_OK(card_sends(&s, t_hex("00000004 AABB 9FF0")));
    T_UINT(rdv_buf_len(&s.to_card), 0);
    T_TRUE(!rdv_relay_wants_client(&s.relay));
    T_OK(rdv_relay_client_is_empty(&s.relay, &s.to_card));
    T_SPAN(rdv_buf_view(&s.to_card), t_hex("00000007 00C00000 00 0000"));
    T_TRUE(rdv_relay_wants_client(&s.relay));
    T_OK(rdv_relay_client_is_empty(&s.relay, &s.to_card)); /* asks once */
    T_UINT(rdv_buf_len(&s.to_card), 11);
    T_OK(card_sends(&s, t_hex("00000003 CC 9000")));
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("AABBCC"));
    T_UINT(s.relay.n_ahead, 0);
    end(&s);
}

static void only_an_end_may_come_unasked(void)
{
    static const char *const unasked[] = { "00000002 9000", "00000003 AA 9001", "00000002 9F01" };
    struct session s = begin_open();

    T_OK(card_sends(&s, t_hex("00000003 AA 9002")));
    is_over(&s, "closed in good order");
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("AA"));
    end(&s);
    for (size_t i = 0; i < sizeof(unasked) / sizeof(unasked[0]); i++) {
        s = begin_open();
        T_OK(card_sends(&s, t_hex(unasked[i])));
        is_over(&s, "the card answered unasked");
        T_UINT(rdv_buf_len(&s.to_client), 0);
        end(&s);
    }
}

static void a_link_is_free_when_the_last_command_was_answered_with_the_end(void)
{
    static const char *const ends[] = { "00000002 9002", "00000004 AABB 9002", "00000002 6D16" };
    struct session s = begin_open();

    T_TRUE(!rdv_relay_frees_link(&s.relay));
    T_OK(card_sends(&s, t_hex("00000002 9002"))); /* which nobody has asked for */
    T_UINT(s.relay.phase, RDV_RELAY_OVER);
    T_TRUE(!rdv_relay_frees_link(&s.relay));
    end(&s);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        s = begin_open();
        T_OK(client_sends(&s, t_hex("17 0303 0001 AA")));
        T_TRUE(!rdv_relay_frees_link(&s.relay));
        T_OK(card_sends(&s, t_hex(ends[i])));
        T_UINT(s.relay.phase, RDV_RELAY_OVER);
        T_TRUE(rdv_relay_frees_link(&s.relay));
        end(&s);
    }
    s = begin_handshake();
    T_OK(card_sends(&s, t_hex("00000002 6D16"))); /* refused in the handshake */
    T_TRUE(rdv_relay_frees_link(&s.relay));
    end(&s);
}

static void a_link_is_not_free_while_anything_is_on_its_way(void)
{
    static const char *const answers[] = {
        "00000002 9002",                  /* the second command will be answered too */
        "00000002 9002 00000002",         /* not to its end */
        "00000002 9002 00000002 9000",    /* a session that goes on */
        "00000002 9002 00000001 90",      /* no answer at all */
        "00000002 9002 FFFFFFFF",         /* none of ours */
        "00000002 9002 00000002 9002 00", /* a byte too many */
        "00000002 9002 000000029002 00000002 9002",
    };
    struct session s;

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        s = begin_open();
        T_OK(client_sends(&s, t_hex("17 0303 0001 AA 17 0303 0001 BB")));
        T_OK(card_sends(&s, t_hex(answers[i])));
        is_over(&s, "closed in good order");
        T_TRUE(!rdv_relay_frees_link(&s.relay));
        end(&s);
    }
    s = begin_open();
    T_OK(client_sends(&s, t_hex("17 0303 0001 AA 17 0303 0001 BB")));
    T_OK(card_sends(&s, t_hex("00000002 9002 00000002 6D16")));
    is_over(&s, "closed in good order");
    T_TRUE(rdv_relay_frees_link(&s.relay));
    end(&s);
}

static void a_card_that_failed_or_was_left_frees_no_link(void)
{
    struct session s = begin_open();

    T_OK(client_sends(&s, t_hex("17 0303 0001 AA")));
    T_OK(card_sends(&s, t_hex("00000002 6F00")));
    is_over(&s, "the card failed");
    T_TRUE(!rdv_relay_frees_link(&s.relay));
    end(&s);
    s = begin_open();
    rdv_relay_end(&s.relay, &s.to_client, RDV_ALERT_INTERNAL_ERROR, "left");
    T_TRUE(!rdv_relay_frees_link(&s.relay));
    end(&s);
    s = begin();
    T_OK(client_sends(&s, t_hex(t_hello_psk)));
    T_OK(card_sends(&s, t_hex("5244564C 0200 03 00")));
    T_UINT(s.relay.phase, RDV_RELAY_OVER);
    T_TRUE(!rdv_relay_frees_link(&s.relay));
    end(&s);
}

static void a_card_that_talks_nonsense_ends_the_session(void)
{
    static const struct {
        const char *bytes, *reason;
    } cases[] = {
        { "00000000", "the card answered nonsense" },
        { "00000001 90", "the card answered nonsense" },
        { "00010003", "not a card of ours" }, /* one byte over RDV_LINK_RESPONSE_MAX */
        { "FFFFFFFF", "not a card of ours" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct session s = begin_handshake();

        T_OK(card_sends(&s, t_hex(cases[i].bytes)));
        is_over(&s, cases[i].reason);
        T_UINT(rdv_buf_len(&s.to_client), 0);
        end(&s);
    }
}

static void nothing_is_taken_from_a_card_once_it_is_over(void)
{
    struct session s = begin_open();

    T_OK(card_sends(&s, t_hex("00000003 AA 9002 00000003 BB 9000")));
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("AA"));
    for (unsigned i = 0; i < 100; i++) { /* nor held */
        static const uint8_t bytes[65536];

        T_OK(card_sends(&s, (struct rdv_span){ bytes, sizeof(bytes) }));
    }
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("AA"));
    end(&s);
}

static void card_says(struct session *s, size_t n, uint16_t sw)
{
    struct rdv_buf frame = RDV_BUF(70000);
    uint8_t *room;

    T_MUST_OK(rdv_put_u32(&frame, (uint32_t)n + 2));
    T_MUST_OK(rdv_buf_room(&frame, &room, n));
    memset(room, 0x5A, n);
    rdv_buf_grew(&frame, n);
    T_MUST_OK(rdv_put_u16(&frame, sw));
    T_OK(card_sends(s, rdv_buf_view(&frame)));
    rdv_buf_free(&frame);
}

static void the_longest_response_passes(void)
{
    struct session s = begin_handshake();

    card_says(&s, RDV_LINK_RESPONSE_MAX - 2, RDV_SW_OK);
    T_UINT(rdv_buf_len(&s.to_client), 65536);
    end(&s);
}

/* Else a long answer to one who asked in the flight of its Finished is cut off by the time that a
 * handshake may take. */
static void what_is_longer_than_a_handshake_is_none(void)
{
    struct session s = begin_handshake();

    card_says(&s, RDV_TLS_RECORD_MAX, RDV_SW_MORE);
    T_UINT(s.relay.phase, RDV_RELAY_HANDSHAKE);
    end(&s);
    s = begin_handshake();
    card_says(&s, RDV_TLS_RECORD_MAX + 1, RDV_SW_MORE);
    T_UINT(s.relay.phase, RDV_RELAY_OPEN);
    end(&s);
}

/* --- long answers -------------------------------------------------------------------------------
 */

#define LONG 49218 /* three records of programs */
#define GET_RESPONSE "00000007 00C00000 00 0000"

/* Open, and one command has been sent. */
static struct session begin_asked(void)
{
    struct session s = begin_open();

    T_OK(client_sends(&s, t_hex("17 0303 0001 AA")));
    all_is_taken(&s);
    T_UINT(rdv_buf_len(&s.to_card), 0);
    return s;
}

/* Two GET RESPONSEs are under way, the first answer to them is to come. */
static struct session begin_long(void)
{
    struct session s = begin_asked();

    card_says(&s, LONG, RDV_SW_MORE);
    all_is_taken(&s);
    T_SPAN(rdv_buf_view(&s.to_card), t_hex(GET_RESPONSE GET_RESPONSE));
    all_is_taken(&s);
    T_UINT(rdv_buf_len(&s.to_card), 0); /* it asks once */
    T_UINT(s.relay.n_ahead, 2);
    return s;
}

static void a_long_answer_is_asked_for_ahead(void)
{
    struct session s = begin_long();

    for (unsigned i = 0; i < 100; i++) {
        T_TRUE(rdv_relay_wants_client(&s.relay));
        card_says(&s, LONG, RDV_SW_MORE);
        T_TRUE(!rdv_relay_wants_client(&s.relay));
        T_UINT(rdv_buf_len(&s.to_client), LONG);
        all_is_taken(&s);
        T_SPAN(rdv_buf_view(&s.to_card), t_hex(GET_RESPONSE));
        T_UINT(s.relay.n_ahead, RDV_RELAY_FETCHES_MAX);
    }
    end(&s);
}

static void a_short_answer_is_not_asked_for_ahead(void)
{
    struct session s = begin_asked();

    card_says(&s, 1000, RDV_SW_MORE);
    all_is_taken(&s);
    T_SPAN(rdv_buf_view(&s.to_card), t_hex(GET_RESPONSE));
    card_says(&s, 1000, RDV_SW_MORE);
    all_is_taken(&s);
    T_SPAN(rdv_buf_view(&s.to_card), t_hex(GET_RESPONSE));
    end(&s);
    s = begin_long();
    card_says(&s, 1000, RDV_SW_MORE); /* one question for the rest is under way already */
    all_is_taken(&s);
    T_UINT(rdv_buf_len(&s.to_card), 0);
    T_UINT(s.relay.n_ahead, 1);
    card_says(&s, 1000, RDV_SW_MORE);
    all_is_taken(&s);
    T_SPAN(rdv_buf_view(&s.to_card), t_hex(GET_RESPONSE));
    end(&s);
}

/* The answers of two commands come behind each other, and more questions were asked after the first
 * of them, or are still to be asked. */
static void a_short_answer_takes_no_question_back(void)
{
    struct session s = begin_asked();

    T_OK(client_sends(&s, t_hex("17 0303 0001 BB")));
    all_is_taken(&s);
    card_says(&s, LONG, RDV_SW_MORE);
    all_is_taken(&s);
    T_SPAN(rdv_buf_view(&s.to_card), t_hex(GET_RESPONSE GET_RESPONSE));
    card_says(&s, 1000, RDV_SW_MORE);
    all_is_taken(&s);
    T_UINT(rdv_buf_len(&s.to_card), 0);
    T_UINT(s.relay.n_ahead, 2);
    end(&s);
    s = begin_asked();
    T_OK(client_sends(&s, t_hex("17 0303 0001 BB")));
    all_is_taken(&s);
    card_says(&s, LONG, RDV_SW_MORE);
    card_says(&s, 1000, RDV_SW_MORE);
    all_is_taken(&s);
    T_SPAN(rdv_buf_view(&s.to_card), t_hex(GET_RESPONSE GET_RESPONSE));
    end(&s);
}

static void what_was_asked_too_much_is_answered_with_nothing(void)
{
    struct session s = begin_long();

    card_says(&s, LONG, RDV_SW_OK);
    all_is_taken(&s);
    T_UINT(rdv_buf_len(&s.to_card), 0);
    T_UINT(s.relay.n_ahead, 1);
    T_TRUE(rdv_relay_wants_client(&s.relay));
    T_OK(client_sends(&s, t_hex("17 0303 0001 BB"))); /* the client does not wait for it */
    all_is_taken(&s);
    T_UINT(s.relay.n_ahead, 2);
    T_OK(card_sends(&s, t_hex("00000002 9000 00000003 CC 9000")));
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("CC"));
    T_UINT(s.relay.n_ahead, 0);
    T_UINT(s.relay.phase, RDV_RELAY_OPEN);
    end(&s);
}

/* No more than has been asked for comes, and nothing is asked for. */
static void for_a_client_that_does_not_read_nothing_is_asked(void)
{
    struct session s = begin_long();

    card_says(&s, LONG, RDV_SW_MORE);
    card_says(&s, LONG, RDV_SW_MORE);
    T_UINT(rdv_buf_len(&s.to_card), 0);
    T_UINT(rdv_buf_len(&s.to_client), 2 * LONG);
    T_UINT(s.relay.n_ahead, 0);
    T_TRUE(!rdv_relay_wants_client(&s.relay));
    T_OK(client_sends(&s, t_hex("17 0303 0001 BB")));
    T_UINT(rdv_buf_len(&s.to_card), 0);
    card_says(&s, LONG, RDV_SW_MORE);
    is_over(&s, "the card answered unasked");
    T_UINT(rdv_buf_len(&s.to_client), 2 * LONG);
    end(&s);
}

/* Nor does asking ahead exceed the window. */
static void a_long_answer_to_who_asks_ahead_too(void)
{
    struct session s = begin_open();

    for (unsigned i = 0; i < RDV_RELAY_AHEAD_MAX; i++)
        T_OK(client_sends(&s, t_hex("17 0303 0001 AA")));
    all_is_taken(&s);
    card_says(&s, LONG, RDV_SW_MORE);
    all_is_taken(&s);
    T_SPAN(rdv_buf_view(&s.to_card), t_hex(GET_RESPONSE));
    T_UINT(s.relay.n_ahead, RDV_RELAY_AHEAD_MAX);
    all_is_taken(&s);
    T_UINT(rdv_buf_len(&s.to_card), 0);
    T_TRUE(!rdv_relay_wants_client(&s.relay));
    card_says(&s, LONG, RDV_SW_MORE);
    all_is_taken(&s);
    T_SPAN(rdv_buf_view(&s.to_card), t_hex(GET_RESPONSE));
    for (unsigned i = 2; i < RDV_RELAY_AHEAD_MAX; i++) {
        card_says(&s, LONG, RDV_SW_MORE);
        all_is_taken(&s);
        T_UINT(rdv_buf_len(&s.to_card), 0);
    }
    T_UINT(s.relay.n_ahead, RDV_RELAY_FETCHES_MAX);
    T_UINT(s.relay.ahead_bytes, 0);
    card_says(&s, LONG, RDV_SW_OK);
    card_says(&s, 0, RDV_SW_OK);
    T_UINT(s.relay.n_ahead, 0);
    T_UINT(s.relay.phase, RDV_RELAY_OPEN);
    end(&s);
}

/* The end is said in the answer to the first, and the second is answered with it too, or is not. */
static void a_session_may_end_while_more_is_asked_for(void)
{
    static const char *const behind[] = { "", "00000002 90", "00000002 9000", "00000003 AA 9002" };
    char frames[64];
    struct session s;

    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
        s = begin_long();
        (void)snprintf(frames, sizeof(frames), "00000003 AA 9002 %s", behind[i]);
        T_OK(card_sends(&s, t_hex(frames)));
        is_over(&s, "closed in good order");
        T_SPAN(rdv_buf_view(&s.to_client), t_hex("AA"));
        T_TRUE(rdv_relay_frees_link(&s.relay) == (i == 3));
        T_OK(rdv_relay_client_is_empty(&s.relay, &s.to_card));
        T_UINT(rdv_buf_len(&s.to_card), 0);
        end(&s);
    }
    s = begin_long();
    T_OK(card_sends(&s, t_hex("00000003 AA 6D16 00000002 9002")));
    is_over(&s, "ended by the card");
    T_TRUE(rdv_relay_frees_link(&s.relay));
    end(&s);
    s = begin_long();
    T_OK(client_sends(&s, t_hex("47"))); /* not TLS */
    T_UINT(s.relay.phase, RDV_RELAY_OPEN);
    T_OK(card_sends(&s, t_hex("00000003 AA 9000")));
    T_UINT(s.relay.phase, RDV_RELAY_OPEN);
    T_OK(card_sends(&s, t_hex("00000002 9000")));
    is_over(&s, "not a TLS record");
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("AA"));
    end(&s);
}

/* Sends the first n bytes, then looks at how many are with the client, then the rest. */
static void cut_at(struct session *s, struct rdv_span frames, size_t n, size_t with_client)
{
    T_OK(card_sends(s, (struct rdv_span){ frames.p, n }));
    T_UINT(rdv_buf_len(&s->to_client), with_client);
    if (n < frames.n)
        T_OK(card_sends(s, (struct rdv_span){ frames.p + n, frames.n - n }));
}

static void an_answer_goes_on_as_it_comes(void)
{
    const struct rdv_span frames = t_hex("00000005 AABBCC 9F00 00000004 DDEE 9000");

    for (size_t n = 0; n <= frames.n; n++) {
        const size_t first = n < 4 ? 0 : n - 4, second = n < 13 ? 0 : n - 13;
        struct session s = begin_long();

        cut_at(&s, frames, n, (first < 3 ? first : 3) + (second < 2 ? second : 2));
        T_SPAN(rdv_buf_view(&s.to_client), t_hex("AABBCCDDEE"));
        T_UINT(s.relay.n_ahead, 0);
        T_UINT(s.relay.phase, RDV_RELAY_OPEN);
        end(&s);
    }
}

static void what_nobody_asked_for_does_not_go_on_before_it_is_known(void)
{
    const struct rdv_span end_frame = t_hex("00000005 AABBCC 9002");
    const struct rdv_span other = t_hex("00000005 AABBCC 9000");

    for (size_t n = 0; n <= end_frame.n; n++) {
        struct session s = begin_open();

        cut_at(&s, end_frame, n, n < end_frame.n ? 0 : 3);
        is_over(&s, "closed in good order");
        T_SPAN(rdv_buf_view(&s.to_client), t_hex("AABBCC"));
        T_TRUE(!rdv_relay_frees_link(&s.relay));
        end(&s);
        s = begin_open();
        cut_at(&s, other, n, 0);
        is_over(&s, "the card answered unasked");
        T_UINT(rdv_buf_len(&s.to_client), 0);
        end(&s);
    }
}

/* An alert in clear would be nonsense behind the beginning of a flight. */
static void a_card_that_goes_in_the_middle_of_its_answer(void)
{
    struct session s = begin_handshake();

    T_OK(card_sends(&s, t_hex("00000005 AA")));
    rdv_relay_end(&s.relay, &s.to_client, RDV_ALERT_INTERNAL_ERROR, "the card has gone");
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("AA"));
    T_TRUE(!rdv_relay_frees_link(&s.relay));
    end(&s);
    s = begin_handshake();
    T_OK(card_sends(&s, t_hex("00000005")));
    rdv_relay_end(&s.relay, &s.to_client, RDV_ALERT_INTERNAL_ERROR, "the card has gone");
    T_SPAN(rdv_buf_view(&s.to_client), t_hex(ALERT("50")));
    end(&s);
}

/* --- the window ---------------------------------------------------------------------------------
 */

#define SMALL_FRAME (RDV_LINK_FRAME_HEADER + RDV_APDU_EXTENDED_OVERHEAD + 6)

static void so_many_commands_go_ahead_of_their_answers(void)
{
    struct session s = begin_open();

    for (unsigned i = 0; i < RDV_RELAY_AHEAD_MAX + 8; i++) {
        T_TRUE(rdv_relay_wants_client(&s.relay) == (i < RDV_RELAY_AHEAD_MAX));
        T_OK(client_sends(&s, t_hex("17 0303 0001 AA")));
    }
    T_UINT(rdv_buf_len(&s.to_card), RDV_RELAY_AHEAD_MAX * SMALL_FRAME);
    all_is_taken(&s);
    T_UINT(rdv_buf_len(&s.to_card), 0);
    T_OK(card_sends(&s, t_hex("00000002 9000 00000002 9000 00000002 9000")));
    all_is_taken(&s);
    T_UINT(rdv_buf_len(&s.to_card), 3 * SMALL_FRAME);
    for (unsigned i = 0; i < RDV_RELAY_AHEAD_MAX; i++)
        T_OK(card_sends(&s, t_hex("00000002 9000")));
    all_is_taken(&s);
    T_UINT(rdv_buf_len(&s.to_card), 5 * SMALL_FRAME);
    T_TRUE(rdv_relay_wants_client(&s.relay));
    T_UINT(s.relay.n_ahead, 5);
    T_UINT(s.relay.ahead_bytes, 5 * 6);
    end(&s);
}

static void so_many_bytes_go_ahead_of_their_answers(void)
{
    static uint8_t record[RDV_TLS_RECORD_MAX] = { 0x17, 3, 3, 0x41, 0x00 };
    struct session s = begin_open();

    for (unsigned i = 0; i < 4; i++) {
        T_TRUE(rdv_relay_wants_client(&s.relay));
        T_OK(client_sends(&s, (struct rdv_span){ record, sizeof(record) }));
    }
    T_UINT(s.relay.n_ahead, 4);
    T_TRUE(s.relay.ahead_bytes >= RDV_RELAY_AHEAD_BYTES);
    T_TRUE(!rdv_relay_wants_client(&s.relay));
    T_OK(card_sends(&s, t_hex("00000002 9000")));
    T_TRUE(rdv_relay_wants_client(&s.relay));
    end(&s);
}

static void records_may_be_sent_before_the_card_has_welcomed_us(void)
{
    struct session s = begin();
    size_t before;

    T_OK(client_sends(&s, t_hex(t_hello_psk)));
    before = rdv_buf_len(&s.to_card);
    T_OK(client_sends(&s, t_hex("14 0303 0001 01 17 03")));
    T_UINT(rdv_buf_len(&s.to_card), before + SMALL_FRAME);
    T_UINT(s.relay.phase, RDV_RELAY_WELCOME);
    T_OK(rdv_relay_client_is_empty(&s.relay, &s.to_card));
    T_UINT(rdv_buf_len(&s.to_card), before + SMALL_FRAME);
    end(&s);
}

/* --- records ------------------------------------------------------------------------------------
 */

static void of_a_record_too_long_the_card_sees_the_header_only(void)
{
    struct session s = begin_open();

    T_OK(client_sends(&s, t_hex("17 0303 4101 AABBCC")));
    T_SPAN(rdv_buf_view(&s.to_card), t_hex("0000000E 00D80003 00 0005 17 0303 4101 0000"));
    T_TRUE(rdv_relay_wants_client(&s.relay)); /* to read on and drop it */
    T_OK(client_sends(&s, t_hex("17 0303 0001 AA")));
    T_UINT(s.relay.records_in, 2);
    T_UINT(rdv_buf_len(&s.relay.from_client), 0);
    T_OK(card_sends(&s, t_hex("00000003 AA 9002")));
    is_over(&s, "closed in good order");
    end(&s);
}

static void what_is_no_record_ends_the_session_when_the_rest_is_answered(void)
{
    struct session s = begin_open();

    T_OK(client_sends(&s, t_hex("17 0303 0001 AA")));
    T_OK(card_sends(&s, t_hex("00000003 BB 9000")));
    T_OK(client_sends(&s, t_hex("17 0303 0001 AA 47")));
    T_UINT(s.relay.phase, RDV_RELAY_OPEN);
    T_OK(client_sends(&s, t_hex("17 0303 0001 BB"))); /* nothing behind it counts */
    T_UINT(s.relay.n_ahead, 1);
    T_OK(card_sends(&s, t_hex("00000003 CC 9000")));
    is_over(&s, "not a TLS record");
    T_SPAN(rdv_buf_view(&s.to_client), t_hex("BB CC"));
    end(&s);
    s = begin_open();
    T_OK(client_sends(&s, t_hex("47")));
    is_over(&s, "not a TLS record");
    end(&s);
}

static void an_alert_goes_out_only_before_the_card_has_spoken(void)
{
    struct session s = begin_handshake();

    rdv_relay_end(&s.relay, &s.to_client, RDV_ALERT_INTERNAL_ERROR, "first");
    rdv_relay_end(&s.relay, &s.to_client, RDV_ALERT_INTERNAL_ERROR, "second");
    is_over(&s, "first");
    T_SPAN(rdv_buf_view(&s.to_client), t_hex(ALERT("50")));
    end(&s);
    s = begin_handshake();
    T_OK(card_sends(&s, t_hex("00000003 AA 9000")));
    rdv_buf_clear(&s.to_client);
    rdv_relay_end(&s.relay, &s.to_client, RDV_ALERT_INTERNAL_ERROR, "later");
    is_over(&s, "later");
    T_UINT(rdv_buf_len(&s.to_client), 0);
    end(&s);
}

/* --- a whole life -------------------------------------------------------------------------------
 */

/* Who says what, in turn; after each turn what waits is taken and appended to what was said. */
struct life {
    struct rdv_buf card_got, client_got;
};

static enum rdv_err take(struct session *s, struct life *life)
{
    enum rdv_err err;

    if ((err = rdv_put_bytes(&life->card_got, rdv_buf_view(&s->to_card))) != RDV_OK ||
        (err = rdv_put_bytes(&life->client_got, rdv_buf_view(&s->to_client))) != RDV_OK)
        return err;
    rdv_buf_clear(&s->to_card);
    rdv_buf_clear(&s->to_client);
    return rdv_relay_client_is_empty(&s->relay, &s->to_card);
}

/* Lives through the turns ("C" and hex from the client, "K" from the card) in pieces of n bytes. */
static enum rdv_err live(struct session *s, struct life *life, const struct rdv_span *turns,
                         const char *who, size_t n)
{
    enum rdv_err err = RDV_OK;

    for (size_t i = 0; who[i] != '\0'; i++) {
        struct rdv_reader rd = { turns[i] };
        struct rdv_span piece;

        while (err == RDV_OK && rd.rest.n > 0) {
            if ((err = rdv_get_bytes(&rd, &piece, rd.rest.n < n ? rd.rest.n : n)) != RDV_OK ||
                (err = who[i] == 'C' ? client_sends(s, piece) : card_sends(s, piece)) != RDV_OK)
                break;
            err = take(s, life);
        }
    }
    return err == RDV_OK ? take(s, life) : err;
}

static const char who[] = "CKKCKCKKC";

static void get_turns(struct rdv_span turns[9])
{
    turns[0] = t_hex(t_hello_psk);
    turns[1] = t_hex(WELCOME);
    turns[2] = t_hex("00000008 160303000102 9000");
    turns[3] = t_hex("14 0303 0001 01 17 0303 0004 AABBCCDD");
    turns[4] = t_hex("00000002 9000 00000005 17AABB 9001");
    turns[5] = t_hex("17 0303 0002 AAAA 17 0303 0001 BB 17 0303 0000 15 0303 0002 0100");
    turns[6] = t_hex("00000006 DDDDDDDD 9F03 00000002 9000 00000002 9000");
    turns[7] = t_hex("00000002 9000 00000005 EEEEEE 9000 00000004 1503 9002");
    turns[8] = t_hex("17 0303 0002 AAAA");
}

static void however_it_is_cut_a_life_goes_the_same_way(void)
{
    struct life whole = { RDV_BUF(65536), RDV_BUF(65536) };
    struct session s = begin();
    struct rdv_span turns[9];

    get_turns(turns);
    T_OK(live(&s, &whole, turns, who, SIZE_MAX));
    is_over(&s, "closed in good order");
    T_SPAN(rdv_buf_view(&whole.client_got), t_hex("160303000102 17AABB DDDDDDDD EEEEEE 1503"));
    end(&s);
    for (size_t n = 1; n < 40; n++) {
        struct life cut = { RDV_BUF(65536), RDV_BUF(65536) };

        s = begin();
        T_OK(live(&s, &cut, turns, who, n));
        is_over(&s, "closed in good order");
        T_UINT(s.relay.records_in, 7);
        T_SPAN(rdv_buf_view(&cut.card_got), rdv_buf_view(&whole.card_got));
        T_SPAN(rdv_buf_view(&cut.client_got), rdv_buf_view(&whole.client_got));
        rdv_buf_free(&cut.card_got);
        rdv_buf_free(&cut.client_got);
        end(&s);
    }
    rdv_buf_free(&whole.card_got);
    rdv_buf_free(&whole.client_got);
}

static void without_memory_it_says_so_and_keeps_none(void)
{
    struct rdv_span turns[9];
    enum rdv_err err = RDV_OK;

    get_turns(turns);
    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err)) {
        struct life life = { RDV_BUF(65536), RDV_BUF(65536) };
        struct session s = begin();

        err = live(&s, &life, turns, who, 7);
        end(&s);
        rdv_buf_free(&life.card_got);
        rdv_buf_free(&life.client_got);
    }
}

static void a_buffer_that_is_full_is_an_error_of_its_own(void)
{
    struct session s = begin_open();

    s.to_client.limit = 2;
    T_OK(client_sends(&s, t_hex("17 0303 0001 AA")));
    T_ERR(card_sends(&s, t_hex("00000005 AABBCC 9000")), RDV_ERR_LIMIT);
    end(&s);
    s = begin_open();
    s.to_card.limit = 5;
    T_ERR(client_sends(&s, t_hex("17 0303 0001 AA")), RDV_ERR_LIMIT);
    end(&s);
}

static CU_TestInfo tests[] = {
    T_CASE(introduces_the_client_to_the_card_it_names),
    T_CASE(refuses_garbage_with_an_alert),
    T_CASE(tells_a_browser_in_its_own_language),
    T_CASE(a_browser_that_stammers_is_told_the_same),
    T_CASE(refuses_who_names_no_card),
    T_CASE(the_default_card_serves_who_names_none_and_nobody_else),
    T_CASE(refuses_a_hello_that_is_too_long),
    T_CASE(refuses_a_hello_in_too_many_records),
    T_CASE(tells_the_client_why_the_card_refuses),
    T_CASE(a_card_that_is_none_of_ours_ends_the_session),
    T_CASE(a_later_minor_version_is_welcome_and_demo_is_noted),
    T_CASE(what_the_card_answers_goes_to_the_client),
    T_CASE(each_status_word_has_its_meaning),
    T_CASE(more_is_fetched_when_the_client_has_taken_what_there_is),
    T_CASE(only_an_end_may_come_unasked),
    T_CASE(a_link_is_free_when_the_last_command_was_answered_with_the_end),
    T_CASE(a_link_is_not_free_while_anything_is_on_its_way),
    T_CASE(a_card_that_failed_or_was_left_frees_no_link),
    T_CASE(a_card_that_talks_nonsense_ends_the_session),
    T_CASE(nothing_is_taken_from_a_card_once_it_is_over),
    T_CASE(the_longest_response_passes),
    T_CASE(what_is_longer_than_a_handshake_is_none),
    T_CASE(a_long_answer_is_asked_for_ahead),
    T_CASE(a_short_answer_is_not_asked_for_ahead),
    T_CASE(a_short_answer_takes_no_question_back),
    T_CASE(what_was_asked_too_much_is_answered_with_nothing),
    T_CASE(for_a_client_that_does_not_read_nothing_is_asked),
    T_CASE(a_long_answer_to_who_asks_ahead_too),
    T_CASE(a_session_may_end_while_more_is_asked_for),
    T_CASE(an_answer_goes_on_as_it_comes),
    T_CASE(what_nobody_asked_for_does_not_go_on_before_it_is_known),
    T_CASE(a_card_that_goes_in_the_middle_of_its_answer),
    T_CASE(so_many_commands_go_ahead_of_their_answers),
    T_CASE(so_many_bytes_go_ahead_of_their_answers),
    T_CASE(records_may_be_sent_before_the_card_has_welcomed_us),
    T_CASE(of_a_record_too_long_the_card_sees_the_header_only),
    T_CASE(what_is_no_record_ends_the_session_when_the_rest_is_answered),
    T_CASE(an_alert_goes_out_only_before_the_card_has_spoken),
    T_CASE(however_it_is_cut_a_life_goes_the_same_way),
    T_CASE(without_memory_it_says_so_and_keeps_none),
    T_CASE(a_buffer_that_is_full_is_an_error_of_its_own),
    T_END,
};

T_SUITE(server_relay, tests);
