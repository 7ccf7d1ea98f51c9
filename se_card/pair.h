/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A second thread, which takes its share of a work that can be parted, and sleeps otherwise. It
 * touches what it is given to work on, while whoever asked works on the rest: nothing else.
 */
#ifndef RDV_SE_CARD_PAIR_H
#define RDV_SE_CARD_PAIR_H

#include "base/err.h"

/* Who works: both may be at it at once. The work is parted by those who do it. */
enum { SE_PAIR_FIRST, SE_PAIR_SECOND, SE_PAIR_BOTH };

struct se_pair;

/* Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_pair_new(struct se_pair **out);
void se_pair_free(struct se_pair *pair);

/*
 * Calls work(user, SE_PAIR_FIRST) here, and work(user, SE_PAIR_SECOND) in the other thread unless
 * that has not come to it when the first call returns: which must leave nothing undone then.
 * Returns when neither is at work any more. Without a pair, the first does all.
 */
void se_pair_do(struct se_pair *pair, void (*work)(void *user, unsigned who), void *user);

#endif
