/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bridge between a card and brokers that do what they like: entries come, answers come late,
 * connections break, brokers refuse, find things too large, forget all, and the bridge itself is
 * killed and begins anew. Whatever happens:
 *
 *   - what is acknowledged to the card was accepted by a broker, or written down as left out;
 *   - a broker accepts the entries of a chain in order, but for repetitions, which are the same
 *     bytes;
 *   - a head goes when what it speaks of has gone;
 *   - what is on its way and what is held is bounded;
 *   - and when all is calm, nothing is missing, and the broker holds the last of everything.
 */
#include <stdio.h>
#include <string.h>

#include "mqtt_bridge/bridge.h"
#include "tests/support/test.h"

#define ROUNDS 150
#define STEPS 1500
#define CHAINS 7 /* and that of the card */
#define ENTRIES 400
#define LIMIT 12
#define BYTES 4000
#define LARGE 700 /* bytes of an envelope that is too large for the stricter broker */

struct entry {
    uint64_t seq, n;
    unsigned chain;
    size_t bytes;
    bool accepted, skipped; /* in the end, or first */
};

struct message {
    bool there;
    uint64_t ticket;
    struct bridge_message head; /* without its payload */
    uint64_t says;              /* the number in its payload */
};

static struct world {
    uint32_t seed;
    bool calm;
    uint64_t now;
    struct bridge *b;
    struct bridge_options options;
    /* The card. */
    struct entry log[ENTRIES];
    size_t n_log;
    uint64_t n[BRIDGE_CHAINS], last[BRIDGE_CHAINS]; /* of each chain */
    uint64_t cursor;
    bool card_opening, card_open;
    struct bridge_ask asked[16];
    size_t n_asked;
    /* The broker. */
    bool broker_opening, broker_open;
    struct bridge_broker broker;
    bool silent_limit; /* it does not say what is too large */
    struct message way[LIMIT];
    size_t n_way;
    uint64_t retained[BRIDGE_CHAINS], head[BRIDGE_CHAINS];
    bool keys, online;
    unsigned long published, repeated, skipped, killed, lost;
} w;

static unsigned chance(unsigned of)
{
    return t_random(&w.seed) % of;
}

static bool rarely(unsigned of)
{
    return !w.calm && chance(of) == 0;
}

static struct entry *entry_of(uint64_t seq)
{
    for (size_t i = 0; i < w.n_log; i++) {
        if (w.log[i].seq == seq)
            return &w.log[i];
    }
    return NULL;
}

/* --- envelopes: their number, as often as it takes ----------------------------------------------
 */

static uint8_t memory[2 * LARGE];

static struct rdv_span envelope_of(const struct entry *e)
{
    memset(memory, (int)(e->seq & 0xff), e->bytes);
    (void)snprintf((char *)memory, sizeof(memory), "%llu", (unsigned long long)e->seq);
    return (struct rdv_span){ memory, e->bytes };
}

static uint64_t number_in(struct rdv_span bytes)
{
    char text[24] = "";
    unsigned long long number = 0;

    memcpy(text, bytes.p, bytes.n < sizeof(text) ? bytes.n : sizeof(text) - 1);
    T_TRUE(sscanf(text, "%llu", &number) == 1);
    return number;
}

/* --- the card --------------------------------------------------------------------------------- */

static void post(void)
{
    struct entry *e = &w.log[w.n_log];
    const unsigned chain = chance(CHAINS + 1);

    if (w.n_log == ENTRIES)
        return;
    *e = (struct entry){ .seq = (w.n_log == 0 ? 0 : w.log[w.n_log - 1].seq) + 1 + chance(3),
                         .chain = chain == CHAINS ? BRIDGE_CHAIN_CARD : chain,
                         .bytes = 30 + chance(chance(8) == 0 ? 2 * LARGE - 30 : 200) };
    e->n = ++w.n[e->chain];
    w.last[e->chain] = e->seq;
    w.n_log++;
}

static void break_card(void)
{
    w.card_open = w.card_opening = false;
    w.n_asked = 0;
    bridge_card_gone(w.b, w.now);
    w.lost++;
}

/* Everything up to here was accepted or left out. */
static void expect_all_done(uint64_t seq)
{
    for (size_t i = 0; i < w.n_log; i++) {
        if (w.log[i].seq <= seq)
            T_TRUE(w.log[i].accepted || w.log[i].skipped);
    }
}

static bool give_entries(const struct bridge_ask *ask)
{
    size_t given = 0;

    for (size_t i = 0; i < w.n_log && given < ask->count; i++) {
        const struct entry *e = &w.log[i];

        if (e->seq < ask->seq || (ask->kind == BRIDGE_ASK_ENTRY && e->seq != ask->seq))
            continue;
        T_OK(bridge_take_entry(w.b, &(struct bridge_entry){ .seq = e->seq,
                                                            .n = e->n,
                                                            .chain = e->chain,
                                                            .envelope = envelope_of(e) }));
        given++;
    }
    return given > 0;
}

static void give_heads(const struct bridge_ask *ask)
{
    char text[40];

    for (unsigned i = 0; i < CHAINS; i++) {
        if (ask->record >= 0 && ask->record != (int)i)
            continue;
        (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)w.last[i]);
        T_OK(bridge_take_head(w.b, i, w.last[i], rdv_span_of(text)));
    }
}

/* Answers the oldest question; false when it has to wait. */
static bool answer(void)
{
    const struct bridge_ask ask = w.asked[0];
    struct bridge_ask one = ask;

    if (ask.kind == BRIDGE_ASK_CURSOR) {
        bridge_take_cursor(w.b, w.cursor, w.now);
    } else if (ask.kind == BRIDGE_ASK_KEYS) {
        T_OK(bridge_take_keys(w.b, RDV_LIT("0")));
    } else if (ask.kind == BRIDGE_ASK_HEADS) {
        give_heads(&ask);
    } else if (ask.kind == BRIDGE_ASK_ENTRIES) {
        if (!give_entries(&ask) && ask.wait_s > 0 && w.n_asked == 1 && !rarely(20))
            return false;
    } else if (ask.kind == BRIDGE_ASK_ENTRY) {
        one.count = 1;
        (void)give_entries(&one);
    } else if (ask.kind == BRIDGE_ASK_ACK) {
        T_TRUE(ask.seq > w.cursor);
        expect_all_done(ask.seq);
        w.cursor = ask.seq;
        if (rarely(10)) { /* the answer is lost */
            break_card();
            return true;
        }
    } else {
        struct entry *e = entry_of(ask.seq);

        T_MUST(e != NULL);
        T_TRUE(e->bytes > LARGE); /* nothing else is left out */
        e->skipped = true;
        w.skipped++;
    }
    memmove(w.asked, w.asked + 1, --w.n_asked * sizeof(w.asked[0]));
    T_OK(bridge_answered(w.b, RDV_OK, w.now));
    return true;
}

/* --- the broker ------------------------------------------------------------------------------- */

static void break_broker(uint8_t reason)
{
    w.broker_open = w.broker_opening = false;
    w.n_way = 0;
    bridge_broker_gone(w.b, reason, w.now);
    w.lost++;
}

static void open_broker(void)
{
    w.broker_opening = false;
    w.broker_open = true;
    w.silent_limit = chance(2) == 0;
    w.broker.receive_max = (uint16_t)(1 + chance(chance(2) == 0 ? 4 : 100));
    w.broker.packet_max = w.silent_limit ? UINT32_MAX : LARGE + 100;
    if (rarely(4)) { /* it comes back empty */
        memset(w.retained, 0, sizeof(w.retained));
        memset(w.head, 0, sizeof(w.head));
        w.keys = w.online = false;
    }
    bridge_broker_opened(w.b, &w.broker, w.now);
}

static void accept_entry(const struct message *m, unsigned chain)
{
    struct entry *e = entry_of(m->says);

    T_MUST(e != NULL);
    T_TRUE(e->chain == chain && m->head.seq == e->seq && m->head.n == e->n);
    for (size_t i = 0; i < w.n_log && w.log[i].seq < e->seq; i++) {
        if (w.log[i].chain == chain)
            T_TRUE(w.log[i].accepted || w.log[i].bytes > LARGE);
    }
    w.repeated += e->accepted ? 1 : 0;
    w.published += e->accepted ? 0 : 1;
    e->accepted = true;
    w.retained[chain] = e->seq;
}

/* A head speaks of nothing that the broker has not been given, however long ago. */
static void accept_head(const struct message *m)
{
    const unsigned chain = m->head.topic.record;
    const struct entry *e = entry_of(m->says);

    T_TRUE(m->says == 0 || e != NULL);
    if (e != NULL)
        T_TRUE(e->accepted || e->bytes > LARGE);
    w.head[chain] = m->says;
}

static void accept(const struct message *m)
{
    if (m->head.topic.kind == RDV_TOPIC_RECORD)
        accept_entry(m, m->head.topic.record);
    else if (m->head.topic.kind == RDV_TOPIC_CARD)
        accept_entry(m, BRIDGE_CHAIN_CARD);
    else if (m->head.topic.kind == RDV_TOPIC_HEAD)
        accept_head(m);
    else if (m->head.topic.kind == RDV_TOPIC_KEY)
        w.keys = true;
    else
        w.online = m->says == 1;
}

/* The broker takes one of those on their way: the oldest of its topic. */
static void take_message(void)
{
    const size_t i = 0; /* a connection keeps its order */
    const struct message m = w.way[i];
    uint8_t reason = 0;
    bool too_large = w.silent_limit && m.head.payload.n > LARGE;

    if (too_large && chance(2) == 0) {
        break_broker(BRIDGE_MQTT_TOO_LARGE);
        return;
    }
    if (too_large)
        reason = BRIDGE_MQTT_TOO_LARGE;
    else if (rarely(12))
        reason = 0x87;
    else
        accept(&m);
    memmove(w.way, w.way + 1, --w.n_way * sizeof(w.way[0]));
    if (reason == 0 && rarely(20)) { /* taken, and the answer is lost */
        break_broker(0);
        return;
    }
    bridge_published(w.b, m.ticket, reason, w.now);
}

/* --- the bridge ------------------------------------------------------------------------------- */

static void begin_bridge(void)
{
    w.options.seed = t_random(&w.seed);
    T_MUST_OK(bridge_new(&w.b, &w.options));
    w.card_open = w.card_opening = w.broker_open = w.broker_opening = false;
    w.n_asked = w.n_way = 0;
}

static void kill_bridge(void)
{
    bridge_free(w.b);
    w.killed++;
    w.online = false; /* the last will */
    begin_bridge();
}

static void send(const struct bridge_action *a)
{
    struct message *m = &w.way[w.n_way];
    const bool status = a->message.topic.kind == RDV_TOPIC_STATUS;

    T_MUST(w.n_way < LIMIT);
    T_TRUE(w.broker_open);
    w.n_way++;
    T_TRUE(w.n_way <= w.broker.receive_max);
    T_TRUE(bridge_message_packet(&a->message) <= w.broker.packet_max);
    *m = (struct message){ .ticket = a->ticket, .head = a->message };
    m->says = status ? rdv_span_is(a->message.payload, BRIDGE_STATUS_ONLINE)
                     : number_in(a->message.payload);
    if (a->message.seq != 0)
        T_SPAN(a->message.payload, envelope_of(entry_of(a->message.seq)));
    for (size_t i = 0; i + 1 < w.n_way; i++) /* one at a time to a topic */
        T_TRUE(w.way[i].head.topic.kind != m->head.topic.kind ||
               w.way[i].head.topic.record != m->head.topic.record);
}

static void act(void)
{
    struct bridge_action a;

    for (unsigned i = 0; bridge_next(w.b, &a, w.now); i++) {
        T_MUST(i < 1000); /* it comes to rest */
        if (a.what == BRIDGE_OPEN_CARD) {
            T_TRUE(!w.card_open && !w.card_opening);
            w.card_opening = true;
        } else if (a.what == BRIDGE_CLOSE_CARD) {
            w.card_open = w.card_opening = false;
            w.n_asked = 0;
        } else if (a.what == BRIDGE_ASK) {
            T_MUST(w.card_open && w.n_asked < 16);
            w.asked[w.n_asked++] = a.ask;
        } else if (a.what == BRIDGE_OPEN_BROKER) {
            T_TRUE(!w.broker_open && !w.broker_opening);
            w.broker_opening = true;
        } else if (a.what == BRIDGE_PUBLISH) {
            send(&a);
        } else {
            T_MUST(false); /* it does not end */
        }
    }
    T_TRUE(bridge_count(w.b).held <= LIMIT);
    T_TRUE(bridge_deadline(w.b, w.now) > w.now); /* or its loop would run hot */
}

/* --- what happens ----------------------------------------------------------------------------- */

static void something_happens(void)
{
    const unsigned what = chance(100);

    if (what < 20 && !w.calm)
        post();
    else if (what < 25 && w.card_opening)
        w.card_opening = false, w.card_open = true, bridge_card_opened(w.b, w.now);
    else if (what < 50 && w.n_asked > 0)
        (void)answer();
    else if (what < 55 && w.broker_opening)
        open_broker();
    else if (what < 85 && w.n_way > 0)
        take_message();
    else if (what < 95)
        w.now += chance(chance(4) == 0 ? 3000 : 30);
    else if (rarely(4) && (w.card_open || w.card_opening))
        break_card();
    else if (rarely(4) && (w.broker_open || w.broker_opening))
        break_broker(0);
    else if (rarely(20))
        kill_bridge();
}

/* Nobody disturbs any more; time runs as it likes. */
static void calm_down(void)
{
    const uint64_t end = w.now + 10ULL * BRIDGE_RENEW_MS;

    w.calm = true;
    while (w.now < end) {
        act();
        if (w.card_opening)
            w.card_opening = false, w.card_open = true, bridge_card_opened(w.b, w.now);
        else if (w.broker_opening)
            open_broker();
        else if (w.n_way > 0)
            take_message();
        else if (w.n_asked == 0 || !answer())
            w.now = bridge_deadline(w.b, w.now);
    }
}

static void expect_all_is_well(void)
{
    for (size_t i = 0; i < w.n_log; i++)
        T_TRUE(w.log[i].accepted || w.log[i].skipped);
    T_UINT(w.cursor, w.n_log == 0 ? 0 : w.log[w.n_log - 1].seq);
    for (unsigned i = 0; i < CHAINS; i++) {
        const struct entry *last = entry_of(w.last[i]);

        T_UINT(w.head[i], w.last[i]);
        if (last != NULL && !last->skipped && last->bytes <= LARGE)
            T_UINT(w.retained[i], w.last[i]);
    }
    T_TRUE(w.keys && w.online);
}

static void nothing_is_lost_nothing_is_out_of_order_and_all_is_bounded(void)
{
    unsigned long published = 0, repeated = 0, skipped = 0, killed = 0, lost = 0;

    for (unsigned round = 1; round <= ROUNDS; round++) {
        w = (struct world){ .seed = round, .now = 1000000 };
        w.options = (struct bridge_options){ .sen = "key1.com",
                                             .entries = 1 + chance(LIMIT),
                                             .bytes = BYTES,
                                             .per_record = 1,
                                             .brokers = 1 + chance(3) };
        begin_bridge();
        for (unsigned i = 0; i < STEPS; i++) {
            act();
            something_happens();
        }
        calm_down();
        expect_all_is_well();
        bridge_free(w.b);
        published += w.published, repeated += w.repeated, skipped += w.skipped;
        killed += w.killed, lost += w.lost;
        if (CU_get_number_of_failures() > 0) {
            printf("round %u ", round);
            break;
        }
    }
    /* What is to be survived has happened. */
    T_TRUE(published > 10000 && repeated > 1000 && skipped > 100 && killed > 100 && lost > 1000);
}

static CU_TestInfo tests[] = {
    T_CASE(nothing_is_lost_nothing_is_out_of_order_and_all_is_bounded),
    T_END,
};

T_SUITE(bridge_random, tests);
