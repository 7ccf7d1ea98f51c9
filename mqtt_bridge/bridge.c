/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/bridge.h"

#include <stdio.h>
#include <stdlib.h>

#include "mqtt_bridge/state.h"

/* --- life ------------------------------------------------------------------------------------- */

enum rdv_err bridge_new(struct bridge **out, const struct bridge_options *options)
{
    const struct bridge_backoff retry = { BRIDGE_RETRY_FIRST_MS, BRIDGE_RETRY_MOST_MS, 0 };
    struct bridge *b;
    enum rdv_err err = RDV_ERR_NOMEM;

    *out = NULL;
    RDV_INVARIANT(options->brokers > 0);
    if ((b = calloc(1, sizeof(*b))) == NULL)
        goto out;
    b->o = *options;
    (void)snprintf(b->sen, sizeof(b->sen), "%s", options->sen);
    b->chance = options->seed | 1;
    b->card.backoff = b->broker.backoff = retry;
    b->card.ack_at = b->card.keys_at = b->card.renew_at = UINT64_MAX;
    b->last.memory = RDV_BUF(BRIDGE_ENVELOPE_MAX);
    bridge_standing_init(&b->standing);
    for (unsigned i = 0; i < BRIDGE_CHAINS; i++)
        b->broker.chains[i].backoff = retry;
    for (unsigned i = 0; i < BRIDGE_SLOTS; i++)
        b->broker.slots[i].backoff = retry;
    if ((err = bridge_window_new(&b->window, options->entries, options->per_record)) != RDV_OK)
        goto out;
    *out = b;
    b = NULL;
out:
    bridge_free(b);
    return err;
}

void bridge_free(struct bridge *b)
{
    if (b == NULL)
        return;
    bridge_window_free(b->window);
    bridge_standing_free(&b->standing);
    rdv_buf_free(&b->last.memory);
    free(b);
}

/* Marsaglia's xorshift: nothing is secret here. */
uint32_t bridge_chance(struct bridge *b)
{
    b->chance ^= b->chance << 13;
    b->chance ^= b->chance >> 17;
    b->chance ^= b->chance << 5;
    return b->chance;
}

struct bridge_counts bridge_count(const struct bridge *b)
{
    struct bridge_counts counts = b->counts;

    counts.held = b->o.entries - bridge_window_room(b->window);
    return counts;
}

/* --- the end ---------------------------------------------------------------------------------- */

void bridge_stop(struct bridge *b, uint64_t now)
{
    if (b->stopping)
        return;
    b->stopping = true;
    b->stop_at = now + BRIDGE_STOP_MS;
}

/* What is on its way may arrive, and the card is told; not for ever. */
static bool may_end(const struct bridge *b, uint64_t now)
{
    const bool arrives = b->broker.link == BRIDGE_UP && bridge_on_way(b) > 0;
    const bool to_tell = b->card.link == BRIDGE_UP && b->card.began &&
                         bridge_window_done(b->window) > b->card.acked;

    return now >= b->stop_at || (!arrives && !to_tell);
}

static bool close_all(struct bridge *b, struct bridge_action *out)
{
    if (b->broker.link != BRIDGE_DOWN) {
        b->broker.link = BRIDGE_DOWN;
        out->what = BRIDGE_CLOSE_BROKER;
    } else if (b->card.link != BRIDGE_DOWN) {
        b->card.link = BRIDGE_DOWN;
        out->what = BRIDGE_CLOSE_CARD;
    } else {
        b->ended = true;
        out->what = BRIDGE_END;
        out->err = b->end;
    }
    return true;
}

/* --- what is to be done ----------------------------------------------------------------------- */

bool bridge_next(struct bridge *b, struct bridge_action *out, uint64_t now)
{
    *out = (struct bridge_action){ 0 };
    if (b->ended)
        return false;
    if (b->end != RDV_OK || (b->stopping && may_end(b, now)))
        return close_all(b, out);
    return bridge_broker_next(b, out, now) || bridge_card_next(b, out, now);
}

uint64_t bridge_deadline(const struct bridge *b, uint64_t now)
{
    const uint64_t card = bridge_card_deadline(b);
    const uint64_t broker = bridge_broker_deadline(b, now);
    const uint64_t at = card < broker ? card : broker;

    if (b->ended)
        return UINT64_MAX;
    return b->stopping ? b->stop_at : at;
}
