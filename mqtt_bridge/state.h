/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a bridge (bridge.h): shared by bridge.c, card_side.c and broker_side.c. */
#ifndef RDV_MQTT_BRIDGE_STATE_H
#define RDV_MQTT_BRIDGE_STATE_H

#include "mqtt_bridge/backoff.h"
#include "mqtt_bridge/bridge.h"
#include "mqtt_bridge/standing.h"

enum bridge_link {
    BRIDGE_DOWN,
    BRIDGE_OPENING,
    BRIDGE_UP,
};

/* A topic that the broker has refused is tried again later. */
struct bridge_hold {
    struct bridge_backoff backoff;
    uint64_t until; /* 0: it was not refused */
    uint32_t delay; /* after the last refusal */
};

struct bridge_card_side {
    enum bridge_link link;
    struct bridge_backoff backoff;
    uint64_t at;                          /* DOWN: when to try; UP: since when */
    struct bridge_ask asked[BRIDGE_ASKS]; /* of each kind one at most, in order */
    size_t n_asked;
    uint64_t asked_at; /* since when the first one is waited for */

    bool began;        /* the cursor is known, since the start of the process */
    bool knows_cursor; /* in this session */
    uint64_t acked;    /* what the card keeps, as far as we know */
    uint64_t ack_at;   /* UINT64_MAX: nothing to tell */
    uint64_t keys_at, heads_at, renew_at;
    bool head_due[256];
    size_t n_head_due;
};

struct bridge_broker_side {
    enum bridge_link link;
    struct bridge_backoff backoff;
    uint64_t at; /* as above */
    unsigned index, tries;
    bool drop; /* it is to be closed, and opened again */
    /* Somebody has come in our place. Once, it may be an earlier connection of our own that was
     * still on its way; another bridge does it again. */
    bool taken_over;
    /* It has hung up over something that was too large, or not allowed, and did not say what: one
     * message goes at a time until that is found, or all is gone. */
    bool careful;
    struct bridge_broker limits;
    struct bridge_hold chains[BRIDGE_CHAINS], slots[BRIDGE_SLOTS];
};

/* The last entries of chains, published again one after the other. */
struct bridge_last {
    bool wanted[BRIDGE_CHAINS];
    uint64_t seq[BRIDGE_CHAINS];       /* of the last entry, as far as we know; 0: none known */
    uint64_t accepted[BRIDGE_CHAINS];  /* the last that a broker has accepted from us */
    uint64_t too_large[BRIDGE_CHAINS]; /* a broker has refused it: it is not tried again */
    struct bridge_entry entry;         /* in hand; seq 0: none */
    struct rdv_buf memory;
    bool sent;
};

struct bridge {
    struct bridge_options o;
    char sen[RDV_SEN_MAX + 1];
    struct bridge_window *window;
    struct bridge_standing standing;
    struct bridge_last last;
    struct bridge_card_side card;
    struct bridge_broker_side broker;
    struct bridge_counts counts;
    uint32_t chance;
    bool stopping;
    uint64_t stop_at;
    bool ended;
    enum rdv_err end; /* when it has to end by itself */
};

/* The jitter. */
uint32_t bridge_chance(struct bridge *b);

/* --- broker_side.c ---------------------------------------------------------------------------- */

/* Messages that the broker has not answered. */
size_t bridge_on_way(const struct bridge *b);
/* The status that subscribers are told. */
void bridge_tell_status(struct bridge *b, const char *status);
/* The broker has the entry, or it was left out. */
void bridge_leave_entry(struct bridge *b, struct bridge_place *p, uint64_t now);
/* The last entry of a chain that is to be asked for, to publish it again: its chain, or
 * BRIDGE_CHAINS. */
unsigned bridge_last_due(const struct bridge *b);
/* It cannot be had. */
void bridge_last_give_up(struct bridge *b, uint64_t seq);
/* What the card says no longer fits what is on its way: the connection begins anew. */
void bridge_drop_broker(struct bridge *b, uint64_t now);

bool bridge_broker_next(struct bridge *b, struct bridge_action *out, uint64_t now);
uint64_t bridge_broker_deadline(const struct bridge *b, uint64_t now);

/* --- card_side.c ------------------------------------------------------------------------------ */

bool bridge_card_next(struct bridge *b, struct bridge_action *out, uint64_t now);
uint64_t bridge_card_deadline(const struct bridge *b);
/* When more is done than the card knows, it is to be told. */
void bridge_note_done(struct bridge *b, uint64_t now);
/* That chain has a new last entry. */
void bridge_note_head(struct bridge *b, unsigned chain, uint64_t now);

#endif
