/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entries of the log that were taken from the card and are not all with the broker yet, in order of
 * seq. It decides which may go next: those of one chain go one behind the other, and never one
 * before an older one.
 *
 *   queued -> sent -> done        accepted by the broker
 *             sent -> queued      refused, or the connection was lost
 *   queued or sent -> left out -> done       it cannot go, and the card has written that down
 */
#ifndef RDV_MQTT_BRIDGE_WINDOW_H
#define RDV_MQTT_BRIDGE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define BRIDGE_CHAIN_CARD 256 /* entries about the card itself; below: records */
#define BRIDGE_CHAINS 257

/* What the card says of an entry. */
struct bridge_entry {
    uint64_t seq;             /* grows from one entry to the next, with jumps */
    uint64_t n;               /* within its chain */
    unsigned chain;           /* below BRIDGE_CHAINS */
    uint64_t expires;         /* seconds since 1970; 0: never */
    struct rdv_span envelope; /* empty: damaged; it is left out from the start */
};

enum bridge_place_state {
    BRIDGE_QUEUED,
    BRIDGE_SENT,
    BRIDGE_LEFT_OUT,
    BRIDGE_DONE,
};

struct bridge_place {
    struct bridge_entry entry; /* its envelope is in memory of ours, until it is done */
    enum bridge_place_state state;
    uint8_t *memory;
};

struct bridge_window;

/* Room for so many entries; each chain has at most `per_chain` of them on their way at once.
 * Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err bridge_window_new(struct bridge_window **out, size_t entries,
                                            unsigned per_chain);
void bridge_window_free(struct bridge_window *w);

/*
 * Appends a copy.
 * Returns: RDV_ERR_LIMIT (no room), RDV_ERR_RANGE (no such chain, or seq has not grown),
 * RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err bridge_window_add(struct bridge_window *w,
                                            const struct bridge_entry *entry);

size_t bridge_window_room(const struct bridge_window *w);
size_t bridge_window_bytes(const struct bridge_window *w); /* of envelopes */
size_t bridge_window_sent(const struct bridge_window *w);  /* on their way */
bool bridge_window_is_empty(const struct bridge_window *w);

/* True while an entry of that chain waits, or is on its way. */
bool bridge_window_has(const struct bridge_window *w, unsigned chain);

/* The seq up to which everything is done; what was told by bridge_window_begin until then. */
uint64_t bridge_window_done(const struct bridge_window *w);
/* Forgets all entries: the next one comes behind `seq`. */
void bridge_window_begin(struct bridge_window *w, uint64_t seq);
/* The seq behind which to ask for more. */
uint64_t bridge_window_last(const struct bridge_window *w);

/* The first entry that may be sent, or NULL. Chains for which `held` is true are passed over. */
struct bridge_place *bridge_window_next(struct bridge_window *w, const bool held[BRIDGE_CHAINS]);
/* The first that is on its way, or NULL. */
struct bridge_place *bridge_window_first_sent(struct bridge_window *w);
/* The first that is left out and not told to the card yet, or NULL. */
struct bridge_place *bridge_window_left_out(struct bridge_window *w);
/* The entry with this seq that is not done, or NULL. */
struct bridge_place *bridge_window_find(struct bridge_window *w, uint64_t seq);

/* The moves of the picture above. A place is not valid after it is done. */
void bridge_window_send(struct bridge_window *w, struct bridge_place *p);
void bridge_window_requeue(struct bridge_window *w, struct bridge_place *p);
void bridge_window_leave_out(struct bridge_window *w, struct bridge_place *p);
void bridge_window_finish(struct bridge_window *w, struct bridge_place *p);

/* The connection is lost: what was on its way is queued again. */
void bridge_window_lost(struct bridge_window *w);

#endif
