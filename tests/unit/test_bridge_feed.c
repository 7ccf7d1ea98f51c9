/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/feed.h"

#include <string.h>

#include "tests/support/notation.h"
#include "tests/support/test.h"

static struct bridge *b;
static struct bridge_action did;
static uint64_t now = 1000000;

static bool asks(enum bridge_ask_kind kind)
{
    return bridge_next(b, &did, now) && did.what == BRIDGE_ASK && did.ask.kind == kind;
}

/* What the card says to the oldest question. */
static enum rdv_err take(enum bridge_ask_kind kind, const char *result)
{
    struct rdv_buf bytes = RDV_BUF(10000);
    struct rdv_answer answer = { .why = "" };
    const struct bridge_ask asked = { .kind = kind };
    enum rdv_err err;

    t_cbor(&bytes, result);
    answer.result = (struct rdv_value){ rdv_buf_view(&bytes).p, rdv_buf_len(&bytes) };
    err = bridge_feed_take(b, &asked, &answer, now);
    rdv_buf_free(&bytes);
    return err;
}

/* A bridge whose broker is there, and which has asked for its cursor. */
static void start(void)
{
    const struct bridge_options options = {
        .sen = "key1.com", .entries = 8, .bytes = 1000, .per_record = 1, .brokers = 1
    };
    const struct bridge_broker broker = { .receive_max = 100, .packet_max = UINT32_MAX };

    T_MUST_OK(bridge_new(&b, &options));
    T_MUST(bridge_next(b, &did, now) && did.what == BRIDGE_OPEN_BROKER);
    T_MUST(bridge_next(b, &did, now) && did.what == BRIDGE_OPEN_CARD);
    bridge_broker_opened(b, &broker, now);
    bridge_card_opened(b, now);
    T_MUST(bridge_next(b, &did, now) && did.what == BRIDGE_PUBLISH); /* the status */
    T_MUST(asks(BRIDGE_ASK_CURSOR));
}

/* And which now waits for keys, heads and entries, behind entry 6. */
static void go_on(void)
{
    T_OK(take(BRIDGE_ASK_CURSOR, "{\"seq\": 6, \"consumer\": \"bridge\"}"));
    T_MUST(asks(BRIDGE_ASK_KEYS));
    T_MUST(asks(BRIDGE_ASK_HEADS));
    T_MUST(asks(BRIDGE_ASK_ENTRIES));
    T_UINT(did.ask.seq, 7);
}

static void stop(void)
{
    bridge_free(b);
}

static bool publishes(enum rdv_topic_kind kind, uint8_t record, const char *hex)
{
    return bridge_next(b, &did, now) && did.what == BRIDGE_PUBLISH &&
           did.message.topic.kind == kind && did.message.topic.record == record &&
           rdv_span_equal(did.message.payload, t_hex(hex));
}

static void what_the_card_says_is_published(void)
{
    start();
    go_on();
    T_OK(take(BRIDGE_ASK_KEYS, "{\"envelope\": h'0102'}"));
    T_TRUE(publishes(RDV_TOPIC_KEY, 0, "0102"));
    T_OK(take(BRIDGE_ASK_HEADS, "{\"list\": [{\"n\": 2, \"seq\": 5, \"record\": 10, "
                                "\"envelope\": h'03'}]}"));
    T_TRUE(publishes(RDV_TOPIC_HEAD, 10, "03"));
    T_TRUE(asks(BRIDGE_ASK_ENTRY));
    T_OK(take(BRIDGE_ASK_ENTRIES, "{\"list\": [{\"n\": 3, \"seq\": 7, \"record\": 10, "
                                  "\"envelope\": h'04'}, "
                                  "{\"n\": 1, \"seq\": 9, \"envelope\": h'05', "
                                  "\"expires\": 1900000000}], \"next\": 10}"));
    T_TRUE(publishes(RDV_TOPIC_RECORD, 10, "04"));
    T_UINT(did.message.seq, 7);
    T_UINT(did.message.n, 3);
    T_UINT(did.message.expires, 0);
    T_TRUE(publishes(RDV_TOPIC_CARD, 0, "05"));
    T_UINT(did.message.seq, 9);
    T_UINT(did.message.expires, 1900000000);
    stop();
}

static void an_entry_without_an_envelope_is_damaged(void)
{
    start();
    go_on();
    T_OK(take(BRIDGE_ASK_KEYS, "{\"envelope\": h'0102'}"));
    T_OK(take(BRIDGE_ASK_HEADS, "{\"list\": []}"));
    T_OK(take(BRIDGE_ASK_ENTRIES,
              "{\"list\": [{\"n\": 3, \"seq\": 7, \"record\": 10, \"damaged\": true}]}"));
    T_UINT(t_logged("entry 7 is damaged"), 1);
    T_TRUE(publishes(RDV_TOPIC_KEY, 0, "0102"));
    T_TRUE(asks(BRIDGE_ASK_SKIP));
    T_UINT(did.ask.seq, 7);
    T_TRUE(did.ask.damaged);
    stop();
}

static void answers_that_no_card_gives_are_refused(void)
{
    static const struct {
        enum bridge_ask_kind kind;
        const char *result;
    } cases[] = {
        { BRIDGE_ASK_CURSOR, "{}" },
        { BRIDGE_ASK_CURSOR, "{\"seq\": \"6\"}" },
        { BRIDGE_ASK_KEYS, "{}" },
        { BRIDGE_ASK_KEYS, "{\"envelope\": 1}" },
        { BRIDGE_ASK_HEADS, "{\"list\": [{\"seq\": 5, \"envelope\": h'03'}]}" },
        { BRIDGE_ASK_HEADS, "{\"list\": [{\"seq\": 5, \"record\": 256, \"envelope\": h'03'}]}" },
        { BRIDGE_ASK_HEADS, "{\"list\": [{\"seq\": 5, \"record\": 1}]}" },
        { BRIDGE_ASK_HEADS, "{\"list\": [{\"record\": 1, \"envelope\": h'03'}]}" },
        { BRIDGE_ASK_HEADS, "{\"list\": [7]}" },
        { BRIDGE_ASK_ENTRIES, "{\"list\": [{\"n\": 1, \"seq\": 7, \"record\": 1}]}" },
        { BRIDGE_ASK_ENTRIES,
          "{\"list\": [{\"n\": 1, \"seq\": 7, \"record\": 1, \"damaged\": false}]}" },
        { BRIDGE_ASK_ENTRIES, "{\"list\": [{\"n\": 1, \"envelope\": h'04', \"record\": 1}]}" },
        { BRIDGE_ASK_ENTRIES, "{\"list\": [{\"seq\": 7, \"envelope\": h'04', \"record\": 1}]}" },
        { BRIDGE_ASK_ENTRIES,
          "{\"list\": [{\"n\": 1, \"seq\": 7, \"record\": 257, \"envelope\": h'04'}]}" },
        { BRIDGE_ASK_ENTRY, "{}" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start();
        if (cases[i].kind != BRIDGE_ASK_CURSOR)
            go_on();
        T_ERR(take(cases[i].kind, cases[i].result), RDV_ERR_FORMAT);
        stop();
    }
}

static void a_refusal_is_the_answer(void)
{
    const struct bridge_ask asked = { .kind = BRIDGE_ASK_CURSOR };
    const struct rdv_answer answer = { .err = RDV_ERR_DENIED, .why = "no right" };

    start();
    T_ERR(bridge_feed_take(b, &asked, &answer, now), RDV_ERR_DENIED);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(what_the_card_says_is_published),
    T_CASE(an_entry_without_an_envelope_is_damaged),
    T_CASE(answers_that_no_card_gives_are_refused),
    T_CASE(a_refusal_is_the_answer),
    T_END,
};

T_SUITE(bridge_feed, tests);
