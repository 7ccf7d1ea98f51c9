/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/turn.h"

#include "base/log.h"

static enum rdv_err run_group(struct se_element *el, struct se_card *const *cards, size_t n)
{
    enum rdv_err err;

    if ((err = se_element_begin(el)) != RDV_OK)
        return err;
    for (size_t i = 0; i < n; i++) {
        if ((err = se_card_run(cards[i])) != RDV_OK) {
            se_element_rollback(el);
            return err;
        }
    }
    return se_element_commit(el);
}

void se_turn_run(struct se_element *el, struct se_card *const *cards, size_t n)
{
    const enum rdv_err err = run_group(el, cards, n);

    if (err != RDV_OK)
        log_warn_e(err, "%s: a group of %zu could not be committed: one by one now", el->sen, n);
    for (size_t i = 0; i < n; i++) {
        if (err != RDV_OK)
            se_card_rewind(cards[i]);
        if (err != RDV_OK || se_card_wants_alone(cards[i]))
            se_card_run_alone(cards[i]);
        se_card_finish(cards[i]);
    }
}
