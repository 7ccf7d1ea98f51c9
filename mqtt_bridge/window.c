/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/window.h"

#include <stdlib.h>
#include <string.h>

struct bridge_window {
    size_t most, first, n; /* a ring: places[(first + i) % most] for i below n */
    unsigned per_chain;
    size_t bytes, sent;
    unsigned open[BRIDGE_CHAINS];   /* entries that are not done */
    unsigned on_way[BRIDGE_CHAINS]; /* sent */
    uint64_t done, last;
    struct bridge_place places[];
};

enum rdv_err bridge_window_new(struct bridge_window **out, size_t entries, unsigned per_chain)
{
    struct bridge_window *w;

    RDV_INVARIANT(entries > 0 && per_chain > 0);
    if ((w = calloc(1, sizeof(*w) + entries * sizeof(w->places[0]))) != NULL) {
        w->most = entries;
        w->per_chain = per_chain;
    }
    *out = w;
    return w == NULL ? RDV_ERR_NOMEM : RDV_OK;
}

static struct bridge_place *at(struct bridge_window *w, size_t i)
{
    return &w->places[(w->first + i) % w->most];
}

static void let_go(struct bridge_window *w, struct bridge_place *p)
{
    w->bytes -= p->entry.envelope.n;
    p->entry.envelope = (struct rdv_span){ 0 };
    free(p->memory);
    p->memory = NULL;
}

void bridge_window_begin(struct bridge_window *w, uint64_t seq)
{
    for (size_t i = 0; i < w->n; i++)
        let_go(w, at(w, i));
    w->n = w->sent = 0;
    memset(w->open, 0, sizeof(w->open));
    memset(w->on_way, 0, sizeof(w->on_way));
    w->done = w->last = seq;
}

void bridge_window_free(struct bridge_window *w)
{
    if (w == NULL)
        return;
    bridge_window_begin(w, 0);
    free(w);
}

/* --- what is there ---------------------------------------------------------------------------- */

enum rdv_err bridge_window_add(struct bridge_window *w, const struct bridge_entry *entry)
{
    struct bridge_place *p = at(w, w->n);
    uint8_t *memory;

    if (entry->chain >= BRIDGE_CHAINS || entry->seq <= w->last)
        return RDV_ERR_RANGE;
    if (w->n == w->most)
        return RDV_ERR_LIMIT;
    if ((memory = malloc(entry->envelope.n + 1)) == NULL) /* of 0 bytes it could be NULL */
        return RDV_ERR_NOMEM;
    if (entry->envelope.n > 0)
        memcpy(memory, entry->envelope.p, entry->envelope.n);
    *p = (struct bridge_place){ .entry = *entry,
                                .state = entry->envelope.n == 0 ? BRIDGE_LEFT_OUT : BRIDGE_QUEUED,
                                .memory = memory };
    p->entry.envelope.p = memory;
    w->n++;
    w->bytes += entry->envelope.n;
    w->open[entry->chain]++;
    w->last = entry->seq;
    return RDV_OK;
}

size_t bridge_window_room(const struct bridge_window *w)
{
    return w->most - w->n;
}

size_t bridge_window_bytes(const struct bridge_window *w)
{
    return w->bytes;
}

size_t bridge_window_sent(const struct bridge_window *w)
{
    return w->sent;
}

bool bridge_window_is_empty(const struct bridge_window *w)
{
    return w->n == 0;
}

bool bridge_window_has(const struct bridge_window *w, unsigned chain)
{
    return w->open[chain] > 0;
}

uint64_t bridge_window_done(const struct bridge_window *w)
{
    return w->done;
}

uint64_t bridge_window_last(const struct bridge_window *w)
{
    return w->last;
}

/* --- what is next ----------------------------------------------------------------------------- */

/* Whether one may go depends on its chain alone: a younger one never passes an older one. */
struct bridge_place *bridge_window_next(struct bridge_window *w, const bool held[BRIDGE_CHAINS])
{
    for (size_t i = 0; i < w->n; i++) {
        struct bridge_place *p = at(w, i);
        const unsigned chain = p->entry.chain;

        if (p->state == BRIDGE_QUEUED && !held[chain] && w->on_way[chain] < w->per_chain)
            return p;
    }
    return NULL;
}

static struct bridge_place *first_in(struct bridge_window *w, enum bridge_place_state state)
{
    for (size_t i = 0; i < w->n; i++) {
        if (at(w, i)->state == state)
            return at(w, i);
    }
    return NULL;
}

struct bridge_place *bridge_window_first_sent(struct bridge_window *w)
{
    return first_in(w, BRIDGE_SENT);
}

struct bridge_place *bridge_window_left_out(struct bridge_window *w)
{
    return first_in(w, BRIDGE_LEFT_OUT);
}

struct bridge_place *bridge_window_find(struct bridge_window *w, uint64_t seq)
{
    size_t low = 0, high = w->n; /* the seqs of the ring grow */

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (at(w, middle)->entry.seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->n && at(w, low)->entry.seq == seq && at(w, low)->state != BRIDGE_DONE
                   ? at(w, low)
                   : NULL;
}

/* --- moves ------------------------------------------------------------------------------------ */

static void leave_way(struct bridge_window *w, struct bridge_place *p)
{
    if (p->state != BRIDGE_SENT)
        return;
    w->sent--;
    w->on_way[p->entry.chain]--;
}

void bridge_window_send(struct bridge_window *w, struct bridge_place *p)
{
    RDV_INVARIANT(p->state == BRIDGE_QUEUED);
    p->state = BRIDGE_SENT;
    w->sent++;
    w->on_way[p->entry.chain]++;
}

void bridge_window_requeue(struct bridge_window *w, struct bridge_place *p)
{
    RDV_INVARIANT(p->state == BRIDGE_SENT);
    leave_way(w, p);
    p->state = BRIDGE_QUEUED;
}

void bridge_window_leave_out(struct bridge_window *w, struct bridge_place *p)
{
    RDV_INVARIANT(p->state == BRIDGE_QUEUED || p->state == BRIDGE_SENT);
    leave_way(w, p);
    p->state = BRIDGE_LEFT_OUT;
}

void bridge_window_finish(struct bridge_window *w, struct bridge_place *p)
{
    RDV_INVARIANT(p->state == BRIDGE_SENT || p->state == BRIDGE_LEFT_OUT);
    leave_way(w, p);
    let_go(w, p);
    p->state = BRIDGE_DONE;
    w->open[p->entry.chain]--;
    while (w->n > 0 && at(w, 0)->state == BRIDGE_DONE) {
        w->done = at(w, 0)->entry.seq;
        w->first = (w->first + 1) % w->most;
        w->n--;
    }
}

void bridge_window_lost(struct bridge_window *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (at(w, i)->state == BRIDGE_SENT)
            bridge_window_requeue(w, at(w, i));
    }
}
