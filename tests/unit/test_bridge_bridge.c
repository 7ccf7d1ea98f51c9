/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/bridge.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

#define ENVELOPE "a signed envelope"

static struct bridge *b;
static uint64_t now;
static struct bridge_action did; /* last */
static uint64_t sent;            /* the last ticket */

static const struct bridge_options usual = {
    .sen = "key1.com", .entries = 8, .bytes = 1000, .per_record = 1, .brokers = 1, .seed = 1
};
static const struct bridge_broker roomy = { .receive_max = 65535, .packet_max = UINT32_MAX };

static void start(struct bridge_options options)
{
    now = 1000000;
    T_MUST_OK(bridge_new(&b, &options));
}

static void stop(void)
{
    bridge_free(b);
}

/* --- what it does ----------------------------------------------------------------------------- */

static bool does(enum bridge_do what)
{
    const bool is = bridge_next(b, &did, now) && did.what == what;

    if (is && what == BRIDGE_PUBLISH)
        sent = did.ticket;
    return is;
}

static bool asks(enum bridge_ask_kind kind)
{
    return does(BRIDGE_ASK) && did.ask.kind == kind;
}

static bool asks_for(enum bridge_ask_kind kind, uint64_t seq)
{
    return asks(kind) && did.ask.seq == seq;
}

static bool publishes(const char *topic)
{
    char text[RDV_TOPIC_MAX + 1];

    if (!does(BRIDGE_PUBLISH))
        return false;
    rdv_topic_print(text, &did.message.topic);
    return strcmp(text, topic) == 0;
}

static bool is_idle(void)
{
    return !bridge_next(b, &did, now);
}

/* Time goes on to the moment that it names. */
static bool wakes(void)
{
    const uint64_t at = bridge_deadline(b, now);

    if (at == UINT64_MAX || at <= now)
        return false;
    now = at;
    return true;
}

/* --- what the others do ----------------------------------------------------------------------- */

static void entry(uint64_t seq, unsigned chain)
{
    T_OK(bridge_take_entry(
            b, &(struct bridge_entry){
                       .seq = seq, .n = seq, .chain = chain, .envelope = RDV_LIT(ENVELOPE) }));
}

static void answered(void)
{
    T_OK(bridge_answered(b, RDV_OK, now));
}

static void accepted(void)
{
    bridge_published(b, sent, 0, now);
}

static void refused(uint8_t reason)
{
    bridge_published(b, sent, reason, now);
}

/* The card is there, at this cursor, with nothing to say but its keys; a wait for entries is on. */
static void card_is_there(uint64_t cursor)
{
    T_MUST(does(BRIDGE_OPEN_CARD));
    bridge_card_opened(b, now);
    T_MUST(asks(BRIDGE_ASK_CURSOR));
    T_TRUE(is_idle());
    bridge_take_cursor(b, cursor, now);
    answered();
    T_MUST(asks(BRIDGE_ASK_KEYS));
    T_MUST(asks(BRIDGE_ASK_HEADS));
    T_TRUE(did.ask.record == -1);
    T_MUST(asks(BRIDGE_ASK_ENTRIES));
    T_TRUE(is_idle());
    T_OK(bridge_take_keys(b, RDV_LIT("keys")));
    answered();
    answered();
}

/* Both are there, the broker with the birth. */
static void begin(struct bridge_options options, uint64_t cursor)
{
    start(options);
    T_MUST(does(BRIDGE_OPEN_BROKER));
    card_is_there(cursor);
    bridge_broker_opened(b, &roomy, now);
    T_MUST(publishes("rdv/key1.com/status"));
    T_TEXT(did.message.payload, "online");
    accepted();
    T_MUST(publishes("rdv/key1.com/key"));
    T_TEXT(did.message.payload, "keys");
    accepted();
    T_TRUE(is_idle());
}

/* Entries in answer to the wait. */
static void entries(uint64_t first, uint64_t last, unsigned chain)
{
    for (uint64_t seq = first; seq <= last; seq++)
        entry(seq, chain);
    answered();
}

/* --- the usual way ---------------------------------------------------------------------------- */

static void an_entry_is_published_acknowledged_and_followed_by_its_head(void)
{
    begin(usual, 6);
    entries(7, 7, 10);
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_TEXT(did.message.payload, ENVELOPE);
    T_UINT(did.message.seq, 7);
    T_UINT(did.message.n, 7);
    T_TRUE(asks_for(BRIDGE_ASK_ENTRIES, 8)); /* without waiting for the broker */
    T_UINT(did.ask.wait_s, BRIDGE_WAIT_S);
    T_TRUE(is_idle());
    bridge_published(b, 7, 0, now);
    T_TRUE(is_idle()); /* several are acknowledged at once */
    T_TRUE(wakes());
    T_TRUE(asks_for(BRIDGE_ASK_ACK, 7));
    answered(); /* the wait, which ends so */
    T_TRUE(asks_for(BRIDGE_ASK_ENTRIES, 8));
    answered();
    T_UINT(bridge_count(b).acknowledged, 7);
    T_UINT(bridge_count(b).published, 1);
    T_TRUE(wakes());
    T_TRUE(asks(BRIDGE_ASK_HEADS));
    T_TRUE(did.ask.record == 10);
    T_OK(bridge_take_head(b, 10, 7, RDV_LIT("head 7")));
    answered(); /* the wait */
    T_TRUE(publishes("rdv/key1.com/head/0A"));
    T_TEXT(did.message.payload, "head 7");
    accepted();
    stop();
}

static void an_entry_about_the_card_has_its_own_topic_and_no_head(void)
{
    begin(usual, 6);
    entries(7, 7, BRIDGE_CHAIN_CARD);
    T_TRUE(publishes("rdv/key1.com/card"));
    accepted();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    T_TRUE(wakes());
    T_TRUE(asks_for(BRIDGE_ASK_ACK, 7));
    answered();
    answered();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    T_TRUE(is_idle());
    T_TRUE(bridge_deadline(b, now) - now > BRIDGE_HEADS_MS);
    stop();
}

static void heads_of_many_records_are_asked_for_together_and_renewed(void)
{
    begin(usual, 0);
    for (unsigned i = 0; i < 5; i++)
        entry(i + 1, i);
    answered();
    for (unsigned i = 0; i < 5; i++) {
        T_TRUE(does(BRIDGE_PUBLISH));
        accepted();
    }
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    now += BRIDGE_HEADS_MS;
    T_TRUE(asks(BRIDGE_ASK_ACK));
    T_TRUE(asks(BRIDGE_ASK_HEADS));
    T_TRUE(did.ask.record == -1);
    answered();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    answered();
    answered();
    T_TRUE(is_idle());
    now += BRIDGE_RENEW_MS;
    T_OK(bridge_answered(b, RDV_OK, now)); /* nothing happened */
    T_TRUE(asks(BRIDGE_ASK_KEYS));
    T_TRUE(asks(BRIDGE_ASK_HEADS));
    T_TRUE(did.ask.record == -1);
    stop();
}

/* --- order and bounds ------------------------------------------------------------------------- */

static void a_head_waits_for_the_entries_it_speaks_of(void)
{
    begin(usual, 6);
    entries(7, 8, 10);
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    now += BRIDGE_RENEW_MS;
    T_OK(bridge_answered(b, RDV_OK, now));
    T_TRUE(asks(BRIDGE_ASK_KEYS));
    T_TRUE(asks(BRIDGE_ASK_HEADS));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    answered();
    T_OK(bridge_take_head(b, 10, 8, RDV_LIT("head 8")));
    T_OK(bridge_take_head(b, 11, 6, RDV_LIT("head 6")));
    T_OK(bridge_take_head(b, 12, 9, RDV_LIT("head 9")));
    answered();
    T_TRUE(publishes("rdv/key1.com/head/0B"));
    accepted();
    T_TRUE(asks_for(BRIDGE_ASK_ENTRY, 6)); /* to be published again, too */
    T_TRUE(is_idle());
    bridge_published(b, 7, 0, now);
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_TRUE(is_idle());
    accepted();
    T_TRUE(publishes("rdv/key1.com/head/0A"));
    T_TRUE(is_idle()); /* that of 0C waits for 9 */
    stop();
}

static void acknowledged_is_what_the_broker_has_without_a_gap(void)
{
    struct bridge_options options = usual;

    options.per_record = 8;
    begin(options, 0);
    entries(1, 3, 10);
    for (unsigned i = 0; i < 3; i++)
        T_TRUE(does(BRIDGE_PUBLISH));
    bridge_published(b, 2, 0, now);
    bridge_published(b, 3, 0, now);
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    now += BRIDGE_ACK_MS;
    T_TRUE(is_idle());
    bridge_published(b, 1, 0, now);
    now += BRIDGE_ACK_MS;
    T_TRUE(asks_for(BRIDGE_ASK_ACK, 3));
    stop();
}

static void no_more_is_on_its_way_than_the_broker_takes(void)
{
    start(usual);
    T_MUST(does(BRIDGE_OPEN_BROKER));
    card_is_there(0);
    for (unsigned i = 0; i < 5; i++)
        entry(i + 1, i);
    answered();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES) || true);
    bridge_broker_opened(b, &(struct bridge_broker){ .receive_max = 2, .packet_max = UINT32_MAX },
                         now);
    T_TRUE(publishes("rdv/key1.com/status"));
    T_TRUE(publishes("rdv/key1.com/key"));
    T_TRUE(!does(BRIDGE_PUBLISH));
    accepted();
    T_TRUE(does(BRIDGE_PUBLISH));
    T_TRUE(!does(BRIDGE_PUBLISH));
    stop();
}

static void the_card_is_asked_for_as_much_as_there_is_room_for(void)
{
    begin(usual, 0);
    T_UINT(usual.entries, 8);
    entries(1, 5, 10);
    T_TRUE(does(BRIDGE_PUBLISH));
    T_TRUE(is_idle()); /* room for three is not worth a question */
    accepted();
    T_TRUE(does(BRIDGE_PUBLISH));
    T_TRUE(asks_for(BRIDGE_ASK_ENTRIES, 6));
    T_UINT(did.ask.count, 4);
    stop();
}

static void large_entries_stop_the_questions_too(void)
{
    static const uint8_t large[600];

    begin(usual, 0);
    T_OK(bridge_take_entry(
            b, &(struct bridge_entry){ .seq = 1, .n = 1, .envelope = { large, sizeof(large) } }));
    answered();
    T_TRUE(publishes("rdv/key1.com/record/00"));
    T_TRUE(is_idle());
    accepted();
    T_TRUE(asks_for(BRIDGE_ASK_ENTRIES, 2));
    stop();
}

/* --- a broker that comes and goes ------------------------------------------------------------- */

static void a_broker_that_is_not_there_is_tried_later_and_later(void)
{
    uint64_t last = 0, waited;

    start(usual);
    for (unsigned i = 0; i < 20; i++) {
        T_MUST(does(BRIDGE_OPEN_BROKER));
        (void)bridge_next(b, &did, now); /* the card */
        bridge_broker_gone(b, 0, now);
        T_TRUE(is_idle());
        waited = bridge_deadline(b, now) - now;
        T_TRUE(waited <= BRIDGE_RETRY_MOST_MS);
        T_TRUE(waited >= (i == 0 ? BRIDGE_RETRY_FIRST_MS / 2 : last < 30000 ? last / 2 : 30000));
        last = waited;
        T_TRUE(wakes());
    }
    T_TRUE(last >= BRIDGE_RETRY_MOST_MS / 2);
    stop();
}

static void several_brokers_are_tried_at_once_in_turn(void)
{
    struct bridge_options options = usual;

    options.brokers = 3;
    start(options);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 3; i++) {
            T_MUST(does(BRIDGE_OPEN_BROKER));
            T_UINT(did.broker, i);
            if (round == 0 && i == 0)
                T_TRUE(does(BRIDGE_OPEN_CARD));
            bridge_broker_gone(b, 0, now);
        }
        T_TRUE(is_idle());
        T_TRUE(wakes());
    }
    /* One that held for long is tried first when it is gone. */
    T_MUST(does(BRIDGE_OPEN_BROKER));
    bridge_broker_gone(b, 0, now);
    T_MUST(does(BRIDGE_OPEN_BROKER));
    T_UINT(did.broker, 1);
    bridge_broker_opened(b, &roomy, now);
    now += BRIDGE_STEADY_MS;
    bridge_broker_gone(b, 0, now);
    T_TRUE(wakes());
    T_MUST(does(BRIDGE_OPEN_BROKER));
    T_UINT(did.broker, 1);
    bridge_broker_gone(b, 0, now);
    T_MUST(does(BRIDGE_OPEN_BROKER));
    T_UINT(did.broker, 2);
    stop();
}

static void what_was_on_its_way_goes_again_with_all_that_stands(void)
{
    begin(usual, 6);
    entries(7, 8, 10);
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    bridge_broker_gone(b, 0, now);
    T_TRUE(wakes());
    T_MUST(does(BRIDGE_OPEN_BROKER));
    bridge_broker_opened(b, &roomy, now);
    T_TRUE(publishes("rdv/key1.com/status"));
    T_TRUE(publishes("rdv/key1.com/key"));
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_UINT(did.message.seq, 7);
    T_TRUE(is_idle());
    stop();
}

static void the_last_entry_of_a_quiet_record_is_published_again(void)
{
    begin(usual, 6);
    entries(7, 7, 10);
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    accepted();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    bridge_broker_gone(b, 0, now);
    now += BRIDGE_ACK_MS;
    T_TRUE(asks(BRIDGE_ASK_ACK));
    answered();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    answered();
    T_TRUE(wakes());
    T_MUST(does(BRIDGE_OPEN_BROKER));
    bridge_broker_opened(b, &roomy, now);
    T_TRUE(publishes("rdv/key1.com/status"));
    accepted();
    T_TRUE(publishes("rdv/key1.com/key"));
    accepted();
    T_TRUE(asks_for(BRIDGE_ASK_ENTRY, 7));
    answered(); /* the wait */
    entry(7, 10);
    answered();
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_UINT(did.message.seq, 7);
    T_TEXT(did.message.payload, ENVELOPE);
    accepted();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    T_UINT(bridge_count(b).published, 1); /* it is not new */
    stop();
}

/* A record's last entry, 6, was asked for on this connection. */
static void begin_with_a_question(void)
{
    begin(usual, 6);
    now += BRIDGE_RENEW_MS;
    answered();
    T_TRUE(asks(BRIDGE_ASK_KEYS));
    T_TRUE(asks(BRIDGE_ASK_HEADS));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    answered();
    T_OK(bridge_take_head(b, 10, 6, RDV_LIT("head 6")));
    answered();
    T_TRUE(publishes("rdv/key1.com/head/0A"));
    accepted();
    T_TRUE(asks_for(BRIDGE_ASK_ENTRY, 6));
}

static void it_is_not_published_again_behind_a_newer_one(void)
{
    begin_with_a_question();
    entries(7, 7, 10);
    T_TRUE(publishes("rdv/key1.com/record/0A")); /* 7 overtakes the question */
    entry(6, 10);
    answered();
    accepted();
    T_TRUE(!does(BRIDGE_PUBLISH));
    stop();
    /* The other way round: nothing newer goes before the broker has answered. */
    begin_with_a_question();
    answered();
    entry(6, 10);
    answered();
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_UINT(did.message.seq, 6);
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    entries(7, 7, 10);
    T_TRUE(!does(BRIDGE_PUBLISH));
    bridge_published(b, (uint64_t)1 << 62 | 10, 0, now);
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_UINT(did.message.seq, 7);
    stop();
}

static void an_answer_that_is_no_longer_the_last_entry_is_not_published(void)
{
    begin_with_a_question();
    entries(7, 7, 10);
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    accepted();
    bridge_broker_gone(b, 0, now);
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    T_TRUE(wakes());
    (void)asks(BRIDGE_ASK_ACK);
    T_TRUE(wakes());
    T_TRUE(does(BRIDGE_OPEN_BROKER));
    bridge_broker_opened(b, &roomy, now);
    entry(6, 10);
    answered();
    while (does(BRIDGE_PUBLISH)) {
        T_TRUE(did.message.seq == 0);
        accepted();
    }
    T_TRUE(did.what == BRIDGE_ASK && did.ask.kind == BRIDGE_ASK_ENTRY && did.ask.seq == 7);
    stop();
}

static void a_last_entry_that_cannot_be_had_is_let_go(void)
{
    begin_with_a_question();
    answered();
    T_OK(bridge_answered(b, RDV_ERR_ABSENT, now));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    T_TRUE(is_idle());
    stop();
}

/* --- a broker that refuses -------------------------------------------------------------------- */

static void a_record_that_is_refused_waits_and_lets_others_pass(void)
{
    begin(usual, 0);
    entry(1, 10);
    entry(2, 10);
    entry(3, 11);
    answered();
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    refused(0x87); /* not authorized */
    T_UINT(t_logged("refuses rdv/key1.com/record/0A (reason 0x87)"), 1);
    T_TRUE(publishes("rdv/key1.com/record/0B"));
    accepted();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    T_TRUE(is_idle());
    T_TRUE(wakes());
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_UINT(did.message.seq, 1);
    refused(0x87);
    T_TRUE(is_idle());
    T_TRUE(wakes());
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    accepted();
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_UINT(did.message.seq, 2);
    stop();
}

/* One record is refused, and the broker hangs up, each time: the other one passes before that. */
static void a_broker_that_hangs_up_after_a_refusal_gets_the_rest(void)
{
    begin(usual, 0);
    entry(1, 10);
    entry(2, 11);
    answered();
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    refused(0x87);
    T_TRUE(publishes("rdv/key1.com/record/0B"));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    for (unsigned i = 0; i < 4; i++) {
        bridge_broker_gone(b, 0, now);
        T_TRUE(is_idle());
        while (wakes() && !does(BRIDGE_OPEN_BROKER))
            continue;
        bridge_broker_opened(b, &roomy, now);
        T_TRUE(publishes("rdv/key1.com/status"));
        accepted();
        T_TRUE(publishes("rdv/key1.com/key"));
        accepted();
        T_TRUE(publishes("rdv/key1.com/record/0B"));
        T_TRUE(is_idle());
        T_TRUE(wakes());
        T_TRUE(publishes("rdv/key1.com/record/0A"));
        refused(0x87);
    }
    stop();
}

static void a_status_that_is_refused_stops_nothing(void)
{
    start(usual);
    T_MUST(does(BRIDGE_OPEN_BROKER));
    card_is_there(0);
    entries(1, 1, 10);
    bridge_broker_opened(b, &roomy, now);
    T_TRUE(publishes("rdv/key1.com/status"));
    refused(0x87);
    T_TRUE(publishes("rdv/key1.com/key"));
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    accepted();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    T_TRUE(is_idle());
    T_TRUE(wakes());
    T_TRUE(asks(BRIDGE_ASK_ACK));
    T_TRUE(wakes());
    T_TRUE(publishes("rdv/key1.com/status"));
    stop();
}

/* --- a broker for which something is too large ------------------------------------------------ */

/* Skipped, told to the card, and then acknowledged. */
static void expect_skipped(uint64_t seq)
{
    T_TRUE(asks_for(BRIDGE_ASK_SKIP, seq));
    answered();
    T_UINT(bridge_count(b).skipped, 1);
}

static void a_packet_over_the_limit_of_the_broker_is_not_sent(void)
{
    static const uint8_t content[1001];
    struct bridge_message m = { .topic = { .kind = RDV_TOPIC_RECORD, .sen = "key1.com" },
                                .seq = 1,
                                .n = 1,
                                .payload = { content, sizeof(content) - 1 } };
    struct bridge_broker strict = roomy;

    strict.packet_max = (uint32_t)bridge_message_packet(&m);
    start(usual);
    T_MUST(does(BRIDGE_OPEN_BROKER));
    card_is_there(0);
    bridge_broker_opened(b, &strict, now);
    T_OK(bridge_take_entry(b, &(struct bridge_entry){ .seq = 1, .n = 1, .envelope = m.payload }));
    m.payload.n++;
    T_OK(bridge_take_entry(b, &(struct bridge_entry){ .seq = 2, .n = 2, .envelope = m.payload }));
    entry(3, 0);
    answered();
    T_TRUE(publishes("rdv/key1.com/status"));
    T_TRUE(publishes("rdv/key1.com/key"));
    T_TRUE(publishes("rdv/key1.com/record/00"));
    T_UINT(did.message.seq, 1);
    accepted();
    T_TRUE(publishes("rdv/key1.com/record/00"));
    T_UINT(did.message.seq, 3);
    accepted();
    T_UINT(t_logged("entry 2 of 1001 bytes is too large"), 1);
    expect_skipped(2);
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    now += BRIDGE_ACK_MS;
    T_TRUE(asks_for(BRIDGE_ASK_ACK, 3));
    stop();
}

static void a_message_that_is_refused_as_too_large_is_left_out(void)
{
    begin(usual, 0);
    entries(1, 1, 10);
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    refused(BRIDGE_MQTT_TOO_LARGE);
    T_TRUE(asks_for(BRIDGE_ASK_SKIP, 1));
    answered();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    now += BRIDGE_ACK_MS;
    T_TRUE(asks_for(BRIDGE_ASK_ACK, 1));
    stop();
}

static void one_among_many_is_found_when_the_broker_only_hangs_up(void)
{
    begin(usual, 0);
    for (unsigned i = 1; i <= 3; i++)
        entry(i, i);
    answered();
    for (unsigned i = 1; i <= 3; i++)
        T_TRUE(does(BRIDGE_PUBLISH));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    bridge_broker_gone(b, BRIDGE_MQTT_TOO_LARGE, now);
    T_TRUE(wakes());
    T_MUST(does(BRIDGE_OPEN_BROKER));
    bridge_broker_opened(b, &roomy, now);
    /* One at a time, whatever it is. */
    T_TRUE(publishes("rdv/key1.com/status"));
    T_TRUE(is_idle());
    bridge_published(b, (uint64_t)1 << 63 | 257, 0, now);
    T_TRUE(publishes("rdv/key1.com/key"));
    T_TRUE(is_idle());
    bridge_published(b, (uint64_t)1 << 63 | 256, 0, now);
    T_TRUE(publishes("rdv/key1.com/record/01"));
    T_TRUE(is_idle());
    bridge_published(b, 1, 0, now);
    T_TRUE(publishes("rdv/key1.com/record/02"));
    T_TRUE(is_idle());
    bridge_broker_gone(b, BRIDGE_MQTT_TOO_LARGE, now);
    T_UINT(t_logged("entry 2 "), 1);
    T_TRUE(asks_for(BRIDGE_ASK_SKIP, 2));
    stop();
}

static void opens_again_carefully(uint8_t reason)
{
    bridge_broker_gone(b, reason, now);
    while (wakes() && !does(BRIDGE_OPEN_BROKER))
        continue;
    bridge_broker_opened(b, &roomy, now);
    T_TRUE(publishes("rdv/key1.com/status"));
}

static void what_a_broker_hangs_up_over_waits_and_lets_others_pass(void)
{
    begin(usual, 0);
    entry(1, 1);
    entry(2, 2);
    answered();
    T_TRUE(publishes("rdv/key1.com/record/01"));
    T_TRUE(publishes("rdv/key1.com/record/02"));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    opens_again_carefully(0x87);
    T_TRUE(is_idle());
    accepted();
    T_TRUE(publishes("rdv/key1.com/key"));
    accepted();
    T_TRUE(publishes("rdv/key1.com/record/01"));
    T_TRUE(is_idle());
    opens_again_carefully(0x87); /* it is that one */
    T_UINT(t_logged("refuses rdv/key1.com/record/01 (reason 0x87)"), 1);
    accepted();
    T_TRUE(publishes("rdv/key1.com/key"));
    T_TRUE(publishes("rdv/key1.com/record/02"));
    accepted();
    T_TRUE(is_idle());
    opens_again_carefully(0); /* and so with what stands: here it is the status */
    bridge_broker_gone(b, 0x87, now);
    T_UINT(t_logged("refuses rdv/key1.com/status (reason 0x87)"), 1);
    while (wakes() && !does(BRIDGE_OPEN_BROKER))
        continue;
    bridge_broker_opened(b, &roomy, now);
    T_TRUE(publishes("rdv/key1.com/key"));
    stop();
}

static void what_the_card_has_damaged_is_left_out_and_told(void)
{
    begin(usual, 0);
    T_OK(bridge_take_entry(b, &(struct bridge_entry){ .seq = 1, .n = 1, .chain = 10 }));
    entries(2, 2, 10);
    T_UINT(t_logged("entry 1 is damaged"), 1);
    T_TRUE(publishes("rdv/key1.com/record/0A"));
    T_UINT(did.message.seq, 2);
    T_TRUE(asks_for(BRIDGE_ASK_SKIP, 1));
    T_TRUE(did.ask.damaged);
    stop();
}

static void another_bridge_that_acknowledges_is_noticed(void)
{
    begin(usual, 6);
    entries(7, 7, 10);
    T_TRUE(does(BRIDGE_PUBLISH));
    accepted();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    T_TRUE(wakes());
    T_TRUE(asks_for(BRIDGE_ASK_ACK, 7));
    T_UINT(did.ask.was, 6);
    answered();
    T_ERR(bridge_answered(b, RDV_ERR_BUSY, now), RDV_ERR_BUSY);
    T_UINT(t_logged("another bridge"), 1);
    bridge_card_gone(b, now);
    T_TRUE(does(BRIDGE_CLOSE_BROKER));
    T_TRUE(does(BRIDGE_END));
    T_ERR(did.err, RDV_ERR_BUSY);
    stop();
}

/* --- a card that comes and goes --------------------------------------------------------------- */

static void a_card_that_is_gone_is_asked_again_from_the_cursor(void)
{
    begin(usual, 6);
    entries(7, 8, 10);
    T_TRUE(does(BRIDGE_PUBLISH));
    accepted();
    T_TRUE(does(BRIDGE_PUBLISH));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    bridge_card_gone(b, now);
    T_TRUE(wakes());
    T_MUST(does(BRIDGE_OPEN_CARD));
    bridge_card_opened(b, now);
    T_TRUE(asks(BRIDGE_ASK_CURSOR));
    bridge_take_cursor(b, 6, now);
    answered();
    T_TRUE(asks(BRIDGE_ASK_KEYS));
    T_TRUE(asks(BRIDGE_ASK_HEADS));
    T_TRUE(asks_for(BRIDGE_ASK_ENTRIES, 9)); /* 8 is held still */
    T_TRUE(wakes());
    T_TRUE(asks_for(BRIDGE_ASK_ACK, 7));
    T_TRUE(is_idle()); /* and goes no second time */
    stop();
}

static void an_acknowledgement_whose_answer_was_lost_is_found(void)
{
    begin(usual, 6);
    entries(7, 7, 10);
    T_TRUE(does(BRIDGE_PUBLISH));
    accepted();
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    now += BRIDGE_ACK_MS;
    T_TRUE(asks_for(BRIDGE_ASK_ACK, 7));
    bridge_card_gone(b, now);
    T_TRUE(wakes());
    T_MUST(does(BRIDGE_OPEN_CARD));
    bridge_card_opened(b, now);
    T_TRUE(asks(BRIDGE_ASK_CURSOR));
    bridge_take_cursor(b, 7, now);
    answered();
    T_UINT(bridge_count(b).acknowledged, 7);
    T_TRUE(asks(BRIDGE_ASK_KEYS)); /* nothing to acknowledge */
    stop();
}

static void another_bridge_on_the_same_cursor_is_noticed(void)
{
    begin(usual, 6);
    entries(7, 7, 10);
    T_TRUE(does(BRIDGE_PUBLISH));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    bridge_card_gone(b, now);
    T_TRUE(wakes());
    T_MUST(does(BRIDGE_OPEN_CARD));
    bridge_card_opened(b, now);
    T_TRUE(asks(BRIDGE_ASK_CURSOR));
    bridge_take_cursor(b, 7, now); /* we have not */
    answered();
    T_UINT(t_logged("another bridge"), 1);
    T_TRUE(does(BRIDGE_CLOSE_BROKER));
    T_TRUE(does(BRIDGE_CLOSE_CARD));
    T_TRUE(does(BRIDGE_END));
    T_ERR(did.err, RDV_ERR_BUSY);
    T_TRUE(is_idle());
    stop();
}

static void taken_over_and_back(void)
{
    bridge_broker_gone(b, BRIDGE_MQTT_TAKEN_OVER, now);
    T_UINT(t_logged("another bridge"), 0);
    T_TRUE(is_idle());
    T_TRUE(wakes());
    T_TRUE(does(BRIDGE_OPEN_BROKER));
    bridge_broker_opened(b, &roomy, now);
    T_TRUE(publishes("rdv/key1.com/status"));
}

static void a_connection_of_our_own_that_comes_late_to_the_broker_is_none(void)
{
    begin(usual, 6);
    for (unsigned i = 0; i < 3; i++) {
        taken_over_and_back();
        now += BRIDGE_STEADY_MS;
    }
    taken_over_and_back();
    stop();
}

static void another_bridge_in_our_place_at_the_broker_is_noticed(void)
{
    begin(usual, 6);
    taken_over_and_back();
    bridge_broker_gone(b, BRIDGE_MQTT_TAKEN_OVER, now);
    T_UINT(t_logged("another bridge"), 1);
    T_TRUE(does(BRIDGE_CLOSE_CARD));
    T_TRUE(does(BRIDGE_END));
    T_ERR(did.err, RDV_ERR_BUSY);
    stop();
}

static void an_older_card_is_followed_from_where_it_stands(void)
{
    begin(usual, 6);
    entries(7, 9, 10);
    T_TRUE(does(BRIDGE_PUBLISH));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    bridge_card_gone(b, now);
    T_TRUE(wakes());
    T_MUST(does(BRIDGE_OPEN_CARD));
    bridge_card_opened(b, now);
    T_TRUE(asks(BRIDGE_ASK_CURSOR));
    bridge_take_cursor(b, 3, now);
    answered();
    T_UINT(t_logged("put back"), 1);
    T_TRUE(does(BRIDGE_CLOSE_BROKER)); /* answers to what was sent mean nothing now */
    T_TRUE(does(BRIDGE_OPEN_BROKER));
    T_TRUE(asks(BRIDGE_ASK_KEYS));
    T_TRUE(asks(BRIDGE_ASK_HEADS));
    T_TRUE(asks_for(BRIDGE_ASK_ENTRIES, 4));
    stop();
}

static void a_card_that_does_not_answer_is_given_up(void)
{
    begin(usual, 6);
    T_TRUE(is_idle());
    now += BRIDGE_WAIT_S * 1000 + BRIDGE_ANSWER_MS - 1;
    T_TRUE(!does(BRIDGE_CLOSE_CARD));
    now++;
    T_TRUE(does(BRIDGE_CLOSE_CARD));
    T_TRUE(is_idle());
    T_TRUE(wakes());
    T_TRUE(does(BRIDGE_OPEN_CARD));
    stop();
}

static void subscribers_are_told_that_the_card_is_away(void)
{
    begin(usual, 6);
    bridge_card_gone(b, now);
    T_TRUE(is_idle()); /* not for a moment's absence */
    T_TRUE(wakes());
    T_MUST(does(BRIDGE_OPEN_CARD));
    bridge_card_gone(b, now);
    T_TRUE(publishes("rdv/key1.com/status"));
    T_TEXT(did.message.payload, "no card");
    accepted();
    T_TRUE(wakes());
    T_MUST(does(BRIDGE_OPEN_CARD));
    bridge_card_opened(b, now);
    T_TRUE(publishes("rdv/key1.com/status"));
    T_TEXT(did.message.payload, "online");
    stop();
}

static void a_refusal_of_the_card_is_told_to_the_caller(void)
{
    begin(usual, 6);
    T_ERR(bridge_answered(b, RDV_ERR_DENIED, now), RDV_ERR_DENIED); /* of entries */
    bridge_card_gone(b, now);
    T_TRUE(wakes());
    T_TRUE(does(BRIDGE_OPEN_CARD));
    bridge_card_opened(b, now);
    T_TRUE(asks(BRIDGE_ASK_CURSOR));
    (void)t_logged("");
    T_ERR(bridge_answered(b, RDV_ERR_DENIED, now), RDV_ERR_DENIED);
    T_UINT(t_logged("the account needs the right publish"), 1);
    stop();
}

static void what_no_card_says_is_refused(void)
{
    const struct bridge_entry e = { .seq = 7, .n = 1 };

    begin(usual, 6);
    T_ERR(bridge_take_head(b, 256, 1, RDV_LIT("head")), RDV_ERR_RANGE);
    entry(7, 0);
    T_ERR(bridge_take_entry(b, &e), RDV_ERR_RANGE);
    for (unsigned i = 8; i < 15; i++)
        entry(i, 0);
    T_ERR(bridge_take_entry(b, &(struct bridge_entry){ .seq = 15 }), RDV_ERR_RANGE); /* too many */
    answered();
    T_ERR(bridge_take_entry(b, &(struct bridge_entry){ .seq = 15 }), RDV_ERR_RANGE); /* unasked */
    stop();
}

/* --- again from an older entry ---------------------------------------------------------------- */

static void entries_are_published_again_from_where_one_says(void)
{
    struct bridge_options options = usual;

    options.republish_from = 4;
    begin(options, 6);
    T_TRUE(is_idle());
    entries(4, 7, 10);
    for (unsigned seq = 4; seq <= 6; seq++) {
        T_TRUE(publishes("rdv/key1.com/record/0A"));
        T_UINT(did.message.seq, seq);
        accepted();
    }
    T_TRUE(does(BRIDGE_PUBLISH));
    T_TRUE(asks_for(BRIDGE_ASK_ENTRIES, 8));
    now += BRIDGE_ACK_MS;
    T_TRUE(is_idle()); /* the cursor does not go back */
    bridge_published(b, 7, 0, now);
    now += BRIDGE_ACK_MS;
    T_TRUE(asks_for(BRIDGE_ASK_ACK, 7));
    stop();
}

static void nothing_is_passed_over_for_it(void)
{
    struct bridge_options options = usual;

    options.republish_from = 100;
    start(options);
    T_MUST(does(BRIDGE_OPEN_BROKER));
    T_MUST(does(BRIDGE_OPEN_CARD));
    bridge_card_opened(b, now);
    T_MUST(asks(BRIDGE_ASK_CURSOR));
    bridge_take_cursor(b, 6, now);
    answered();
    T_TRUE(asks(BRIDGE_ASK_KEYS));
    T_TRUE(asks(BRIDGE_ASK_HEADS));
    T_TRUE(asks_for(BRIDGE_ASK_ENTRIES, 7));
    stop();
}

/* --- the end ---------------------------------------------------------------------------------- */

static void it_ends_when_all_is_told(void)
{
    begin(usual, 6);
    entries(7, 8, 10);
    T_TRUE(does(BRIDGE_PUBLISH));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    bridge_stop(b, now);
    T_TRUE(is_idle()); /* what is on its way may arrive; nothing new goes */
    bridge_published(b, 7, 0, now);
    T_TRUE(asks_for(BRIDGE_ASK_ACK, 7)); /* at once */
    T_TRUE(is_idle());
    answered();
    answered();
    T_TRUE(does(BRIDGE_CLOSE_BROKER));
    T_TRUE(does(BRIDGE_CLOSE_CARD));
    T_TRUE(does(BRIDGE_END));
    T_OK(did.err);
    T_TRUE(is_idle());
    T_UINT(bridge_deadline(b, now), UINT64_MAX);
    stop();
}

static void it_does_not_wait_for_ever(void)
{
    begin(usual, 6);
    entries(7, 7, 10);
    T_TRUE(does(BRIDGE_PUBLISH));
    T_TRUE(asks(BRIDGE_ASK_ENTRIES));
    bridge_stop(b, now);
    T_TRUE(is_idle());
    T_UINT(bridge_deadline(b, now), now + BRIDGE_STOP_MS);
    T_TRUE(wakes());
    T_TRUE(does(BRIDGE_CLOSE_BROKER));
    T_TRUE(does(BRIDGE_CLOSE_CARD));
    T_TRUE(does(BRIDGE_END));
    stop();
    start(usual);
    bridge_stop(b, now);
    T_TRUE(does(BRIDGE_END));
    stop();
}

static enum rdv_err live_a_little(void)
{
    enum rdv_err err;

    now = 1000000;
    if ((err = bridge_new(&b, &usual)) != RDV_OK)
        return err;
    (void)bridge_next(b, &did, now);
    (void)bridge_next(b, &did, now);
    bridge_card_opened(b, now); /* a status that cannot be kept is only logged */
    (void)bridge_next(b, &did, now);
    bridge_take_cursor(b, 0, now);
    if ((err = bridge_answered(b, RDV_OK, now)) != RDV_OK ||
        (err = bridge_take_keys(b, RDV_LIT("keys"))) != RDV_OK ||
        (err = bridge_take_head(b, 1, 1, RDV_LIT("head"))) != RDV_OK)
        return err;
    (void)bridge_next(b, &did, now);
    (void)bridge_next(b, &did, now);
    (void)bridge_next(b, &did, now);
    if ((err = bridge_answered(b, RDV_OK, now)) != RDV_OK ||
        (err = bridge_answered(b, RDV_OK, now)) != RDV_OK)
        return err;
    return bridge_take_entry(
            b, &(struct bridge_entry){ .seq = 1, .n = 1, .envelope = RDV_LIT(ENVELOPE) });
}

static void without_memory_it_says_so(void)
{
    for (t_alloc_sweep_begin(); t_alloc_sweep_next();) {
        const enum rdv_err err = live_a_little();

        bridge_free(b);
        if (err == RDV_OK && t_logged("cannot be published") > 0)
            t_alloc_sweep_judge(RDV_ERR_NOMEM);
        else
            t_alloc_sweep_judge(err);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(an_entry_is_published_acknowledged_and_followed_by_its_head),
    T_CASE(an_entry_about_the_card_has_its_own_topic_and_no_head),
    T_CASE(heads_of_many_records_are_asked_for_together_and_renewed),
    T_CASE(a_head_waits_for_the_entries_it_speaks_of),
    T_CASE(acknowledged_is_what_the_broker_has_without_a_gap),
    T_CASE(no_more_is_on_its_way_than_the_broker_takes),
    T_CASE(the_card_is_asked_for_as_much_as_there_is_room_for),
    T_CASE(large_entries_stop_the_questions_too),
    T_CASE(a_broker_that_is_not_there_is_tried_later_and_later),
    T_CASE(several_brokers_are_tried_at_once_in_turn),
    T_CASE(what_was_on_its_way_goes_again_with_all_that_stands),
    T_CASE(the_last_entry_of_a_quiet_record_is_published_again),
    T_CASE(it_is_not_published_again_behind_a_newer_one),
    T_CASE(an_answer_that_is_no_longer_the_last_entry_is_not_published),
    T_CASE(a_last_entry_that_cannot_be_had_is_let_go),
    T_CASE(a_record_that_is_refused_waits_and_lets_others_pass),
    T_CASE(a_broker_that_hangs_up_after_a_refusal_gets_the_rest),
    T_CASE(a_status_that_is_refused_stops_nothing),
    T_CASE(a_packet_over_the_limit_of_the_broker_is_not_sent),
    T_CASE(a_message_that_is_refused_as_too_large_is_left_out),
    T_CASE(one_among_many_is_found_when_the_broker_only_hangs_up),
    T_CASE(what_a_broker_hangs_up_over_waits_and_lets_others_pass),
    T_CASE(what_the_card_has_damaged_is_left_out_and_told),
    T_CASE(another_bridge_that_acknowledges_is_noticed),
    T_CASE(a_card_that_is_gone_is_asked_again_from_the_cursor),
    T_CASE(an_acknowledgement_whose_answer_was_lost_is_found),
    T_CASE(another_bridge_on_the_same_cursor_is_noticed),
    T_CASE(a_connection_of_our_own_that_comes_late_to_the_broker_is_none),
    T_CASE(another_bridge_in_our_place_at_the_broker_is_noticed),
    T_CASE(an_older_card_is_followed_from_where_it_stands),
    T_CASE(a_card_that_does_not_answer_is_given_up),
    T_CASE(subscribers_are_told_that_the_card_is_away),
    T_CASE(a_refusal_of_the_card_is_told_to_the_caller),
    T_CASE(what_no_card_says_is_refused),
    T_CASE(entries_are_published_again_from_where_one_says),
    T_CASE(nothing_is_passed_over_for_it),
    T_CASE(it_ends_when_all_is_told),
    T_CASE(it_does_not_wait_for_ever),
    T_CASE(without_memory_it_says_so),
    T_END,
};

T_SUITE(bridge_bridge, tests);
