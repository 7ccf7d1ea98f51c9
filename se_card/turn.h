/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Group commit: one transaction, and one fsync, for all that is waiting in one turn of the worker's
 * loop. When the group cannot be committed (full disk), its requests are run again one by one, so
 * that reads are answered and only what really fails says ERROR.
 */
#ifndef RDV_SE_CARD_TURN_H
#define RDV_SE_CARD_TURN_H

#include "se_card/card.h"

/* Runs the waiting requests of n cards of one element. */
void se_turn_run(struct se_element *el, struct se_card *const *cards, size_t n);

#endif
