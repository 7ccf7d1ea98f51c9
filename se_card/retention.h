/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Retention: entries of a record beyond its `keep` last ones, or older than its `ttl`, are let go,
 * but never before every consumer that may read them has acknowledged, and never before older ones
 * of the same record: what is left is a chain without a gap. A hand goes round the log
 * without end: some entries on for each that is added, some more at each tick. It looks at narrow
 * rows only, so that a long log costs no more than a short one; what may go goes at the latest when
 * the hand has come round.
 */
#ifndef RDV_SE_CARD_RETENTION_H
#define RDV_SE_CARD_RETENTION_H

#include "base/err.h"
#include "se_card/element.h"

/* An entry that is added pays for looking at ten, or for letting a little more than one go. So they
 * go about as evenly as others come, and the log is at most half as long again as what is kept. */
#define SE_RETENTION_PACE 10
#define SE_RETENTION_STEP 256 /* what must be paid before the hand moves */

/* A round begins anew: entries that had gone are there again. */
void se_retention_restart(struct se_element *el);

/* In the open transaction, for `added` entries; not inside a step. Returns: as the store. */
RDV_MUST_USE enum rdv_err se_retention_follow(struct se_element *el, int64_t added);

/* Goes on in a transaction of its own, unless writes have paid for as much since the last tick.
 * After a round in which nothing went the hand rests for ten seconds, or until something is
 * written. */
void se_retention_tick(struct se_element *el);

/* The log is full: looks at many in the open transaction. Returns: as the store. */
RDV_MUST_USE enum rdv_err se_retention_make_room(struct se_element *el);

#endif
