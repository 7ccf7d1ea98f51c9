/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The side of the card: which questions are due, and what their answers change. */
#include <string.h>

#include "base/log.h"
#include "mqtt_bridge/state.h"

#define HEADS_ONE_BY_ONE 4

/* --- the connection --------------------------------------------------------------------------- */

void bridge_card_opened(struct bridge *b, uint64_t now)
{
    struct bridge_card_side *c = &b->card;

    c->link = BRIDGE_UP;
    c->at = now;
    c->n_asked = 0;
    c->knows_cursor = false;
    c->keys_at = c->renew_at = now;
    bridge_tell_status(b, BRIDGE_STATUS_ONLINE);
}

void bridge_card_gone(struct bridge *b, uint64_t now)
{
    struct bridge_card_side *c = &b->card;

    if (c->link == BRIDGE_UP && now - c->at >= BRIDGE_STEADY_MS)
        bridge_backoff_reset(&c->backoff);
    if (c->link == BRIDGE_OPENING) /* not only for a moment */
        bridge_tell_status(b, BRIDGE_STATUS_NO_CARD);
    c->link = BRIDGE_DOWN;
    c->at = now + bridge_backoff_fail(&c->backoff, bridge_chance(b));
    c->n_asked = 0;
}

/* --- questions -------------------------------------------------------------------------------- */

static bool is_asked(const struct bridge_card_side *c, enum bridge_ask_kind kind)
{
    for (size_t i = 0; i < c->n_asked; i++) {
        if (c->asked[i].kind == kind)
            return true;
    }
    return false;
}

static bool ask(struct bridge *b, struct bridge_action *out, struct bridge_ask what, uint64_t now)
{
    struct bridge_card_side *c = &b->card;

    if (is_asked(c, what.kind))
        return false;
    if (c->n_asked == 0)
        c->asked_at = now;
    c->asked[c->n_asked++] = what;
    out->what = BRIDGE_ASK;
    out->ask = what;
    return true;
}

/* Of a few records one by one, else all. What changes after the question is due again. */
static bool ask_for_heads(struct bridge *b, struct bridge_action *out, uint64_t now)
{
    struct bridge_card_side *c = &b->card;
    const bool all = now >= c->renew_at || c->n_head_due > HEADS_ONE_BY_ONE;
    int record = -1;

    if (is_asked(c, BRIDGE_ASK_HEADS) ||
        (now < c->renew_at && (c->n_head_due == 0 || now < c->heads_at)))
        return false;
    if (all) {
        memset(c->head_due, 0, sizeof(c->head_due));
        c->n_head_due = 0;
        c->renew_at = now + BRIDGE_RENEW_MS;
    } else {
        do
            record++;
        while (!c->head_due[record]);
        c->head_due[record] = false;
        c->n_head_due--;
    }
    return ask(b, out, (struct bridge_ask){ .kind = BRIDGE_ASK_HEADS, .record = record }, now);
}

static bool ask_for_last(struct bridge *b, struct bridge_action *out, uint64_t now)
{
    const unsigned chain = bridge_last_due(b);

    return chain < BRIDGE_CHAINS &&
           ask(b, out, (struct bridge_ask){ .kind = BRIDGE_ASK_ENTRY, .seq = b->last.seq[chain] },
               now);
}

/* A half is fetched at once, not one by one as places become free. */
static bool ask_for_entries(struct bridge *b, struct bridge_action *out, uint64_t now)
{
    const size_t room = bridge_window_room(b->window);

    return room >= (b->o.entries + 1) / 2 && bridge_window_bytes(b->window) <= b->o.bytes / 2 &&
           ask(b, out,
               (struct bridge_ask){ .kind = BRIDGE_ASK_ENTRIES,
                                    .seq = bridge_window_last(b->window) + 1,
                                    .count = room,
                                    .wait_s = BRIDGE_WAIT_S },
               now);
}

static bool tell_of_entries(struct bridge *b, struct bridge_action *out, uint64_t now)
{
    const struct bridge_place *left_out = bridge_window_left_out(b->window);
    const uint64_t done = bridge_window_done(b->window);

    if (left_out != NULL && ask(b, out,
                                (struct bridge_ask){ .kind = BRIDGE_ASK_SKIP,
                                                     .seq = left_out->entry.seq,
                                                     .damaged = left_out->entry.envelope.n == 0 },
                                now))
        return true;
    return (now >= b->card.ack_at || b->stopping) && done > b->card.acked &&
           ask(b, out,
               (struct bridge_ask){ .kind = BRIDGE_ASK_ACK, .seq = done, .was = b->card.acked },
               now);
}

static uint64_t answer_until(const struct bridge_card_side *c)
{
    return c->asked_at + BRIDGE_ANSWER_MS + c->asked[0].wait_s * 1000ULL;
}

bool bridge_card_next(struct bridge *b, struct bridge_action *out, uint64_t now)
{
    struct bridge_card_side *c = &b->card;

    if (c->link == BRIDGE_DOWN && now >= c->at && !b->stopping) {
        c->link = BRIDGE_OPENING;
        out->what = BRIDGE_OPEN_CARD;
        return true;
    }
    if (c->link != BRIDGE_UP)
        return false;
    if (c->n_asked > 0 && now >= answer_until(c)) {
        log_warn("the card does not answer");
        bridge_card_gone(b, now);
        out->what = BRIDGE_CLOSE_CARD;
        return true;
    }
    if (!c->knows_cursor)
        return ask(b, out, (struct bridge_ask){ .kind = BRIDGE_ASK_CURSOR }, now);
    if (tell_of_entries(b, out, now))
        return true;
    if (b->stopping)
        return false;
    return (now >= c->keys_at &&
            ask(b, out, (struct bridge_ask){ .kind = BRIDGE_ASK_KEYS }, now)) ||
           ask_for_heads(b, out, now) || ask_for_last(b, out, now) || ask_for_entries(b, out, now);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t bridge_card_deadline(const struct bridge *b)
{
    const struct bridge_card_side *c = &b->card;
    uint64_t at = UINT64_MAX;

    if (c->link == BRIDGE_DOWN)
        return c->at;
    if (c->link == BRIDGE_OPENING)
        return UINT64_MAX;
    if (c->n_asked > 0)
        at = answer_until(c);
    if (!c->knows_cursor)
        return at;
    if (!is_asked(c, BRIDGE_ASK_ACK))
        at = sooner(at, c->ack_at);
    if (!is_asked(c, BRIDGE_ASK_KEYS))
        at = sooner(at, c->keys_at);
    if (!is_asked(c, BRIDGE_ASK_HEADS))
        at = sooner(at, c->n_head_due > 0 ? sooner(c->heads_at, c->renew_at) : c->renew_at);
    return at;
}

void bridge_note_done(struct bridge *b, uint64_t now)
{
    if (b->card.ack_at == UINT64_MAX && bridge_window_done(b->window) > b->card.acked)
        b->card.ack_at = now + BRIDGE_ACK_MS;
}

void bridge_note_head(struct bridge *b, unsigned chain, uint64_t now)
{
    struct bridge_card_side *c = &b->card;

    if (chain == BRIDGE_CHAIN_CARD || c->head_due[chain])
        return;
    c->head_due[chain] = true;
    if (c->n_head_due++ == 0)
        c->heads_at = now + BRIDGE_HEADS_MS;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* The card is older than what was published: somebody has put a database back. */
static void begin_again(struct bridge *b, uint64_t seq, uint64_t now)
{
    log_warn("the card's cursor is at %llu, and was at %llu: it was put back; going on from there",
             (unsigned long long)seq, (unsigned long long)b->card.acked);
    bridge_window_begin(b->window, seq);
    b->last = (struct bridge_last){ .memory = b->last.memory };
    for (unsigned i = 0; i < 256; i++)
        b->standing.items[BRIDGE_SLOT_HEADS + i].seq = UINT64_MAX; /* until the card says its own */
    bridge_drop_broker(b, now);
}

void bridge_take_cursor(struct bridge *b, uint64_t seq, uint64_t now)
{
    struct bridge_card_side *c = &b->card;
    const uint64_t done = bridge_window_done(b->window);
    const uint64_t from = b->o.republish_from;

    if (!c->began) {
        bridge_window_begin(b->window, from > 0 && from <= seq ? from - 1 : seq);
        c->began = true;
    } else if (seq > (done > c->acked ? done : c->acked)) {
        log_error("another bridge has acknowledged entry %llu; this one stops",
                  (unsigned long long)seq);
        b->end = RDV_ERR_BUSY;
    } else if (seq < c->acked) {
        begin_again(b, seq, now);
    }
    b->counts.acknowledged = c->acked = seq;
    c->knows_cursor = true;
    c->ack_at = UINT64_MAX;
    bridge_note_done(b, now);
}

enum rdv_err bridge_take_keys(struct bridge *b, struct rdv_span message)
{
    return bridge_standing_set(&b->standing, BRIDGE_SLOT_KEYS, message, 0);
}

enum rdv_err bridge_take_head(struct bridge *b, unsigned record, uint64_t seq,
                              struct rdv_span message)
{
    if (record > 255)
        return RDV_ERR_RANGE;
    b->last.seq[record] = seq;
    return bridge_standing_set(&b->standing, BRIDGE_SLOT_HEADS + record, message, seq);
}

/* Nothing newer of its chain may have come in between. */
static enum rdv_err take_last(struct bridge *b, const struct bridge_entry *entry)
{
    struct bridge_last *l = &b->last;
    enum rdv_err err;

    if (entry->chain >= BRIDGE_CHAINS || entry->seq != b->card.asked[0].seq)
        return RDV_ERR_RANGE;
    if (entry->envelope.n == 0 || !l->wanted[entry->chain] || l->seq[entry->chain] != entry->seq ||
        bridge_window_has(b->window, entry->chain))
        return RDV_OK;
    rdv_buf_clear(&l->memory);
    if ((err = rdv_put_bytes(&l->memory, entry->envelope)) != RDV_OK)
        return err;
    l->entry = *entry;
    l->entry.envelope = rdv_buf_view(&l->memory);
    return RDV_OK;
}

enum rdv_err bridge_take_entry(struct bridge *b, const struct bridge_entry *entry)
{
    enum rdv_err err;

    if (b->card.n_asked == 0)
        return RDV_ERR_RANGE;
    if (b->card.asked[0].kind == BRIDGE_ASK_ENTRY)
        return take_last(b, entry);
    if (b->card.asked[0].kind != BRIDGE_ASK_ENTRIES)
        return RDV_ERR_RANGE;
    if ((err = bridge_window_add(b->window, entry)) != RDV_OK)
        return err == RDV_ERR_LIMIT ? RDV_ERR_RANGE : err; /* more than was asked for */
    if (entry->envelope.n == 0)
        log_error("entry %llu is damaged on the card, and left out",
                  (unsigned long long)entry->seq);
    b->last.seq[entry->chain] = entry->seq;
    return RDV_OK;
}

static void skipped(struct bridge *b, uint64_t seq, uint64_t now)
{
    struct bridge_place *p = bridge_window_find(b->window, seq);

    RDV_INVARIANT(p != NULL && p->state == BRIDGE_LEFT_OUT);
    bridge_leave_entry(b, p, now);
    b->counts.skipped++;
}

/* A question that the session can go on without. */
static bool is_dispensable(enum bridge_ask_kind kind)
{
    return kind == BRIDGE_ASK_KEYS || kind == BRIDGE_ASK_HEADS || kind == BRIDGE_ASK_ENTRY;
}

enum rdv_err bridge_answered(struct bridge *b, enum rdv_err err, uint64_t now)
{
    struct bridge_card_side *c = &b->card;
    const struct bridge_ask asked = c->asked[0];

    RDV_INVARIANT(c->n_asked > 0);
    memmove(c->asked, c->asked + 1, --c->n_asked * sizeof(c->asked[0]));
    c->asked_at = now;
    if (err == RDV_ERR_BUSY && asked.kind == BRIDGE_ASK_ACK) {
        log_error("another bridge acknowledges for this consumer; this one stops");
        b->end = RDV_ERR_BUSY;
    }
    if (asked.kind == BRIDGE_ASK_CURSOR && (err == RDV_ERR_DENIED || err == RDV_ERR_ABSENT))
        log_error("the account needs the right publish");
    if (err != RDV_OK && !is_dispensable(asked.kind))
        return err;
    if (asked.kind == BRIDGE_ASK_ACK) {
        b->counts.acknowledged = c->acked = asked.seq;
        c->ack_at = UINT64_MAX;
        bridge_note_done(b, now);
    } else if (asked.kind == BRIDGE_ASK_SKIP) {
        skipped(b, asked.seq, now);
    } else if (asked.kind == BRIDGE_ASK_KEYS) {
        c->keys_at = now + BRIDGE_RENEW_MS;
    } else if (asked.kind == BRIDGE_ASK_ENTRY && b->last.entry.seq != asked.seq) {
        bridge_last_give_up(b, asked.seq);
    }
    return RDV_OK;
}
