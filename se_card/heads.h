/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Heads: signed statements of where the chain of a record stands, good until a moment
 * (docs/envelope.md). One is made when it is asked for and the last one is not of the newest entry
 * any more, or has passed half of its time; those that were asked for once are renewed at that
 * point by the card's own timer. They are in memory only: a card that starts makes new ones.
 */
#ifndef RDV_SE_CARD_HEADS_H
#define RDV_SE_CARD_HEADS_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/element.h"

#define SE_HEAD_BYTES 512 /* of a message; it is shorter */
#define SE_HEAD_A_TICK 8  /* renewed at once: a signature takes a while */

struct se_head {
    int64_t n, seq; /* of the last entry; 0: there was none */
    int64_t made, until;
    uint8_t hash[32];
    size_t size; /* of the message; 0: none was made */
    uint8_t message[SE_HEAD_BYTES];
};

/* `valid` is in seconds. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_heads_open(struct se_element *el, int64_t valid);
void se_heads_close(struct se_element *el);

/* The head of a record, good for at least half the time; *out is valid until the next call on
 * heads. What is pending in the log must have been flushed. Returns: RDV_ERR_READONLY (an older
 * database may not say that this is the last entry), and as own.h. */
RDV_MUST_USE enum rdv_err se_heads_get(struct se_element *el, const struct se_head **out,
                                       uint8_t record);

/* Renews those that are due. */
void se_heads_tick(struct se_element *el);

/* Appends the signed set of the card's public keys. Its time is when the card was made, whenever it
 * is asked for: none is older than another one. Returns: as own.h. */
RDV_MUST_USE enum rdv_err se_heads_keys(struct se_element *el, struct rdv_buf *out);

#endif
