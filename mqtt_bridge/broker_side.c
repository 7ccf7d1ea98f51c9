/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The side of the broker: what may be published now, and what the broker makes of it. */
#include <string.h>

#include "base/log.h"
#include "mqtt_bridge/state.h"

/* A ticket: the seq of an entry, or one of these and a number. */
#define TICKET_SLOT ((uint64_t)1 << 63)
#define TICKET_LAST ((uint64_t)1 << 62)

/* --- what the rest asks ----------------------------------------------------------------------- */

void bridge_tell_status(struct bridge *b, const char *status)
{
    const enum rdv_err err =
            bridge_standing_set(&b->standing, BRIDGE_SLOT_STATUS, rdv_span_of(status), 0);

    if (err != RDV_OK)
        log_warn_e(err, "the status \"%s\" cannot be published", status);
}

static bool broker_has(const struct bridge *b, unsigned chain, uint64_t seq)
{
    return seq <= bridge_window_done(b->window) || seq <= b->last.accepted[chain];
}

unsigned bridge_last_due(const struct bridge *b)
{
    const struct bridge_last *l = &b->last;

    if (b->broker.link != BRIDGE_UP || l->entry.seq != 0)
        return BRIDGE_CHAINS;
    for (unsigned i = 0; i < BRIDGE_CHAINS; i++) {
        if (l->wanted[i] && l->seq[i] != 0 && l->seq[i] != l->too_large[i] &&
            !bridge_window_has(b->window, i) && broker_has(b, i, l->seq[i]))
            return i;
    }
    return BRIDGE_CHAINS;
}

static void last_is_done(struct bridge *b)
{
    b->last.entry = (struct bridge_entry){ 0 };
    b->last.sent = false;
    rdv_buf_clear(&b->last.memory);
}

void bridge_last_give_up(struct bridge *b, uint64_t seq)
{
    for (unsigned i = 0; i < BRIDGE_CHAINS; i++) {
        if (b->last.seq[i] == seq)
            b->last.wanted[i] = false;
    }
}

void bridge_leave_entry(struct bridge *b, struct bridge_place *p, uint64_t now)
{
    const unsigned chain = p->entry.chain;

    b->last.accepted[chain] = p->entry.seq;
    bridge_window_finish(b->window, p);
    bridge_note_head(b, chain, now);
    bridge_note_done(b, now);
}

/* --- topics ----------------------------------------------------------------------------------- */

static struct rdv_topic topic(const struct bridge *b, enum rdv_topic_kind kind, unsigned record)
{
    struct rdv_topic t = { .kind = kind, .record = (uint8_t)record };

    memcpy(t.sen, b->sen, sizeof(t.sen));
    return t;
}

static struct rdv_topic topic_of_chain(const struct bridge *b, unsigned chain)
{
    return chain == BRIDGE_CHAIN_CARD ? topic(b, RDV_TOPIC_CARD, 0)
                                      : topic(b, RDV_TOPIC_RECORD, chain);
}

static struct rdv_topic topic_of_slot(const struct bridge *b, unsigned slot)
{
    return slot == BRIDGE_SLOT_STATUS ? topic(b, RDV_TOPIC_STATUS, 0)
           : slot == BRIDGE_SLOT_KEYS ? topic(b, RDV_TOPIC_KEY, 0)
                                      : topic(b, RDV_TOPIC_HEAD, slot);
}

static void hold(struct bridge *b, struct bridge_hold *h, struct rdv_topic refused, uint8_t reason,
                 uint64_t now)
{
    char text[RDV_TOPIC_MAX + 1];

    h->delay = bridge_backoff_fail(&h->backoff, bridge_chance(b));
    h->until = now + h->delay;
    rdv_topic_print(text, &refused);
    log_warn("the broker refuses %s (reason 0x%02X); again in %lu ms", text, (unsigned)reason,
             (unsigned long)h->delay);
}

/* --- the connection --------------------------------------------------------------------------- */

size_t bridge_on_way(const struct bridge *b)
{
    return bridge_window_sent(b->window) + b->standing.n_sent + (b->last.sent ? 1 : 0);
}

/* There are brokers that hang up after a refusal. If it were tried again at once, nothing else
 * would ever go: it waits as it had to, from now on, until the connection has held for long enough.
 */
static void hold_on(struct bridge_hold *h, uint64_t now)
{
    if (h->until != 0)
        h->until = now + (h->delay < BRIDGE_STEADY_MS ? h->delay : BRIDGE_STEADY_MS);
}

void bridge_broker_opened(struct bridge *b, const struct bridge_broker *broker, uint64_t now)
{
    struct bridge_broker_side *s = &b->broker;

    s->link = BRIDGE_UP;
    s->at = now;
    s->limits = *broker;
    for (unsigned i = 0; i < BRIDGE_SLOTS; i++)
        hold_on(&s->slots[i], now);
    for (unsigned i = 0; i < BRIDGE_CHAINS; i++) {
        hold_on(&s->chains[i], now);
        b->last.wanted[i] = true;
    }
}

static void all_is_lost(struct bridge *b)
{
    bridge_window_lost(b->window);
    bridge_standing_lost(&b->standing);
    last_is_done(b);
}

void bridge_drop_broker(struct bridge *b, uint64_t now)
{
    all_is_lost(b);
    b->broker.drop = b->broker.link != BRIDGE_DOWN;
    b->broker.at = now;
}

static void leave_out(struct bridge *b, struct bridge_place *p)
{
    log_warn("entry %llu of %zu bytes is too large for the broker, and left out",
             (unsigned long long)p->entry.seq, p->entry.envelope.n);
    b->last.too_large[p->entry.chain] = p->entry.seq;
    bridge_window_leave_out(b->window, p);
}

static void hold_the_one(struct bridge *b, uint8_t reason, uint64_t now)
{
    const struct bridge_place *p = bridge_window_first_sent(b->window);
    const unsigned chain = p != NULL ? p->entry.chain : b->last.entry.chain;

    if (p != NULL || b->last.sent)
        hold(b, &b->broker.chains[chain], topic_of_chain(b, chain), reason, now);
    for (unsigned i = 0; i < BRIDGE_SLOTS; i++) {
        if (b->standing.items[i].sent)
            hold(b, &b->broker.slots[i], topic_of_slot(b, i), reason, now);
    }
}

/* The broker hangs up over something on its way, and does not say what. If it is alone, it is that.
 */
static void find_the_one(struct bridge *b, uint8_t reason, uint64_t now)
{
    b->broker.careful = bridge_on_way(b) > 1;
    if (bridge_on_way(b) != 1)
        return;
    if (reason == BRIDGE_MQTT_NOT_AUTHORIZED)
        hold_the_one(b, reason, now);
    else if (bridge_window_sent(b->window) == 1)
        leave_out(b, bridge_window_first_sent(b->window));
    else if (b->last.sent)
        b->last.too_large[b->last.entry.chain] = b->last.entry.seq;
    else
        bridge_standing_forget_sent(&b->standing);
}

void bridge_broker_gone(struct bridge *b, uint8_t reason, uint64_t now)
{
    struct bridge_broker_side *s = &b->broker;
    const bool steady = s->link == BRIDGE_UP && now - s->at >= BRIDGE_STEADY_MS;

    if (reason == BRIDGE_MQTT_TAKEN_OVER && s->taken_over && !steady) {
        log_error("another bridge is with the broker in our place; this one stops");
        b->end = RDV_ERR_BUSY;
    }
    if (reason == BRIDGE_MQTT_TAKEN_OVER || steady)
        s->taken_over = reason == BRIDGE_MQTT_TAKEN_OVER;
    if (reason == BRIDGE_MQTT_TOO_LARGE || reason == BRIDGE_MQTT_NOT_AUTHORIZED)
        find_the_one(b, reason, now);
    all_is_lost(b);
    if (steady) {
        bridge_backoff_reset(&s->backoff);
        s->tries = 0; /* the same one first */
    } else {
        s->tries++;
        s->index = (s->index + 1) % b->o.brokers;
    }
    s->link = BRIDGE_DOWN;
    s->at = s->tries % b->o.brokers != 0 ? now
                                         : now + bridge_backoff_fail(&s->backoff, bridge_chance(b));
}

/* --- what may go ------------------------------------------------------------------------------ */

static bool publish(struct bridge_action *out, uint64_t ticket)
{
    out->what = BRIDGE_PUBLISH;
    out->ticket = ticket;
    return true;
}

static bool fits(const struct bridge *b, const struct bridge_action *out)
{
    return bridge_message_packet(&out->message) <= b->broker.limits.packet_max;
}

static bool publish_slot(struct bridge *b, struct bridge_action *out, unsigned slot, uint64_t now)
{
    const struct bridge_standing_item *item = &b->standing.items[slot];

    if (!bridge_standing_waits(&b->standing, slot) || now < b->broker.slots[slot].until)
        return false;
    if (slot < BRIDGE_SLOT_KEYS && !broker_has(b, slot, item->seq))
        return false;
    out->message = (struct bridge_message){ .topic = topic_of_slot(b, slot),
                                            .payload = rdv_buf_view(&item->bytes) };
    bridge_standing_send(&b->standing, slot);
    return publish(out, TICKET_SLOT | slot);
}

static bool publish_slots(struct bridge *b, struct bridge_action *out, uint64_t now)
{
    /* The status first, then the keys, then the heads. */
    for (unsigned slot = BRIDGE_SLOTS; slot-- > 0;) {
        if (publish_slot(b, out, slot, now))
            return true;
    }
    return false;
}

static struct bridge_message message_of(const struct bridge *b, const struct bridge_entry *e)
{
    return (struct bridge_message){ .topic = topic_of_chain(b, e->chain),
                                    .payload = e->envelope,
                                    .seq = e->seq,
                                    .n = e->n,
                                    .expires = e->expires };
}

static bool publish_entry(struct bridge *b, struct bridge_action *out, uint64_t now)
{
    bool held[BRIDGE_CHAINS];
    struct bridge_place *p;

    for (unsigned i = 0; i < BRIDGE_CHAINS; i++)
        held[i] = now < b->broker.chains[i].until || (b->last.sent && b->last.entry.chain == i);
    while ((p = bridge_window_next(b->window, held)) != NULL) {
        b->last.wanted[p->entry.chain] = false;
        if (!b->last.sent && b->last.entry.chain == p->entry.chain)
            last_is_done(b);
        out->message = message_of(b, &p->entry);
        if (fits(b, out)) {
            bridge_window_send(b->window, p);
            return publish(out, p->entry.seq);
        }
        leave_out(b, p);
    }
    return false;
}

static bool publish_last(struct bridge *b, struct bridge_action *out, uint64_t now)
{
    const struct bridge_entry *e = &b->last.entry;

    if (e->seq == 0 || b->last.sent || now < b->broker.chains[e->chain].until)
        return false;
    out->message = message_of(b, e);
    if (!fits(b, out)) {
        b->last.wanted[e->chain] = false;
        last_is_done(b);
        return false;
    }
    b->last.sent = true;
    return publish(out, TICKET_LAST | e->chain);
}

bool bridge_broker_next(struct bridge *b, struct bridge_action *out, uint64_t now)
{
    struct bridge_broker_side *s = &b->broker;
    const size_t limit =
            b->o.entries < s->limits.receive_max ? b->o.entries : s->limits.receive_max;

    if (s->drop) {
        s->drop = false;
        s->link = BRIDGE_DOWN;
        out->what = BRIDGE_CLOSE_BROKER;
        return true;
    }
    if (s->link == BRIDGE_DOWN && now >= s->at && !b->stopping) {
        s->link = BRIDGE_OPENING;
        out->what = BRIDGE_OPEN_BROKER;
        out->broker = s->index;
        return true;
    }
    if (s->link != BRIDGE_UP || b->stopping || bridge_on_way(b) >= (s->careful ? 1 : limit))
        return false;
    if (publish_slots(b, out, now) || publish_entry(b, out, now) || publish_last(b, out, now))
        return true;
    if (bridge_on_way(b) == 0 && bridge_last_due(b) == BRIDGE_CHAINS)
        s->careful = false;
    return false;
}

uint64_t bridge_broker_deadline(const struct bridge *b, uint64_t now)
{
    const struct bridge_broker_side *s = &b->broker;
    uint64_t at = UINT64_MAX;

    if (s->link == BRIDGE_DOWN)
        return s->at;
    for (unsigned i = 0; i < BRIDGE_CHAINS; i++) {
        if (s->chains[i].until > now && s->chains[i].until < at)
            at = s->chains[i].until;
    }
    for (unsigned i = 0; i < BRIDGE_SLOTS; i++) {
        if (s->slots[i].until > now && s->slots[i].until < at)
            at = s->slots[i].until;
    }
    return at;
}

/* --- what the broker makes of it -------------------------------------------------------------- */

static void release(struct bridge_hold *h)
{
    bridge_backoff_reset(&h->backoff);
    h->until = 0;
}

static void entry_is_answered(struct bridge *b, struct bridge_place *p, uint8_t reason,
                              uint64_t now)
{
    struct bridge_hold *h = &b->broker.chains[p->entry.chain];

    if (reason < BRIDGE_MQTT_REFUSED) {
        release(h);
        b->counts.published++;
        bridge_leave_entry(b, p, now);
    } else if (reason == BRIDGE_MQTT_TOO_LARGE) {
        leave_out(b, p);
    } else {
        hold(b, h, topic_of_chain(b, p->entry.chain), reason, now);
        bridge_window_requeue(b->window, p);
    }
}

static void slot_is_answered(struct bridge *b, unsigned slot, uint8_t reason, uint64_t now)
{
    struct bridge_hold *h = &b->broker.slots[slot];

    bridge_standing_answer(&b->standing, slot, reason < BRIDGE_MQTT_REFUSED);
    if (reason < BRIDGE_MQTT_REFUSED)
        release(h);
    else
        hold(b, h, topic_of_slot(b, slot), reason, now);
}

static void last_is_answered(struct bridge *b, unsigned chain, uint8_t reason, uint64_t now)
{
    struct bridge_hold *h = &b->broker.chains[chain];

    b->last.sent = false;
    if (reason == BRIDGE_MQTT_TOO_LARGE || reason == BRIDGE_MQTT_NOT_AUTHORIZED)
        b->last.too_large[chain] = b->last.entry.seq;
    if (reason < BRIDGE_MQTT_REFUSED || reason == BRIDGE_MQTT_TOO_LARGE) {
        release(h);
        b->last.wanted[chain] = false;
        last_is_done(b);
        return;
    }
    hold(b, h, topic_of_chain(b, chain), reason, now);
}

void bridge_published(struct bridge *b, uint64_t ticket, uint8_t reason, uint64_t now)
{
    struct bridge_place *p;

    if ((ticket & TICKET_SLOT) != 0) {
        slot_is_answered(b, (unsigned)(ticket & ~TICKET_SLOT), reason, now);
    } else if ((ticket & TICKET_LAST) != 0) {
        last_is_answered(b, (unsigned)(ticket & ~TICKET_LAST), reason, now);
    } else {
        p = bridge_window_find(b->window, ticket);
        RDV_INVARIANT(p != NULL && p->state == BRIDGE_SENT);
        entry_is_answered(b, p, reason, now);
    }
}
