/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands at the broker beside the entries, and is published again on every connection, for the
 * broker may have lost it: the heads of the records, the card's keys, and whether the bridge is
 * there. Only the newest of each counts, and one is on its way to a topic at a time.
 */
#ifndef RDV_MQTT_BRIDGE_STANDING_H
#define RDV_MQTT_BRIDGE_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

enum bridge_slot {
    BRIDGE_SLOT_HEADS, /* by record */
    BRIDGE_SLOT_KEYS = BRIDGE_SLOT_HEADS + 256,
    BRIDGE_SLOT_STATUS,
    BRIDGE_SLOTS,
};

#define BRIDGE_STANDING_MAX 4096 /* bytes of one */

struct bridge_standing {
    size_t n_sent;
    struct bridge_standing_item {
        struct rdv_buf bytes; /* empty: there is none */
        uint64_t seq;         /* it speaks of entries up to this one; 0: of none */
        bool wanted;          /* the broker does not have it, as far as is known */
        bool sent;            /* something is on its way to this topic */
    } items[BRIDGE_SLOTS];
};

void bridge_standing_init(struct bridge_standing *s);
void bridge_standing_free(struct bridge_standing *s);

/* Copies. The bytes that are there already change nothing. Returns: RDV_ERR_LIMIT, RDV_ERR_NOMEM;
 * there is none then. */
RDV_MUST_USE enum rdv_err bridge_standing_set(struct bridge_standing *s, unsigned slot,
                                              struct rdv_span bytes, uint64_t seq);

/* The connection is lost: everything is wanted again. */
void bridge_standing_lost(struct bridge_standing *s);

/* What is on its way is not to be published again, until there is something new. */
void bridge_standing_forget_sent(struct bridge_standing *s);

/* True when it is wanted and may go. */
bool bridge_standing_waits(const struct bridge_standing *s, unsigned slot);

void bridge_standing_send(struct bridge_standing *s, unsigned slot);
/* The broker's answer. */
void bridge_standing_answer(struct bridge_standing *s, unsigned slot, bool accepted);

#endif
