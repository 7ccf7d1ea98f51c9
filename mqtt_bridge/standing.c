/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/standing.h"

void bridge_standing_init(struct bridge_standing *s)
{
    *s = (struct bridge_standing){ 0 };
    for (unsigned i = 0; i < BRIDGE_SLOTS; i++)
        s->items[i].bytes = RDV_BUF(BRIDGE_STANDING_MAX);
}

void bridge_standing_free(struct bridge_standing *s)
{
    for (unsigned i = 0; i < BRIDGE_SLOTS; i++)
        rdv_buf_free(&s->items[i].bytes);
}

enum rdv_err bridge_standing_set(struct bridge_standing *s, unsigned slot, struct rdv_span bytes,
                                 uint64_t seq)
{
    struct bridge_standing_item *item = &s->items[slot];
    enum rdv_err err;

    item->seq = seq;
    if (rdv_span_equal(rdv_buf_view(&item->bytes), bytes))
        return RDV_OK;
    rdv_buf_clear(&item->bytes);
    item->wanted = (err = rdv_put_bytes(&item->bytes, bytes)) == RDV_OK && bytes.n > 0;
    return err;
}

void bridge_standing_lost(struct bridge_standing *s)
{
    s->n_sent = 0;
    for (unsigned i = 0; i < BRIDGE_SLOTS; i++) {
        s->items[i].sent = false;
        s->items[i].wanted = rdv_buf_len(&s->items[i].bytes) > 0;
    }
}

void bridge_standing_forget_sent(struct bridge_standing *s)
{
    for (unsigned i = 0; i < BRIDGE_SLOTS; i++) {
        if (s->items[i].sent)
            rdv_buf_clear(&s->items[i].bytes);
    }
}

bool bridge_standing_waits(const struct bridge_standing *s, unsigned slot)
{
    return s->items[slot].wanted && !s->items[slot].sent;
}

void bridge_standing_send(struct bridge_standing *s, unsigned slot)
{
    RDV_INVARIANT(bridge_standing_waits(s, slot));
    s->items[slot].wanted = false;
    s->items[slot].sent = true;
    s->n_sent++;
}

void bridge_standing_answer(struct bridge_standing *s, unsigned slot, bool accepted)
{
    struct bridge_standing_item *item = &s->items[slot];

    RDV_INVARIANT(item->sent);
    item->sent = false;
    s->n_sent--;
    if (!accepted)
        item->wanted = true;
}
