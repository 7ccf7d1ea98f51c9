/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/turn.h"

#include "base/log.h"

static enum rdv_err run_group(struct se_element *el, struct se_card *const *cards, size_t n,
                              int64_t now)
{
    enum rdv_err err;

    if ((err = se_store_begin(el->store)) != RDV_OK)
        return err;
    for (size_t i = 0; i < n; i++) {
        if ((err = se_card_run(cards[i], now)) != RDV_OK) {
            se_store_rollback(el->store);
            return err;
        }
    }
    return se_store_commit(el->store);
}

void se_turn_run(struct se_element *el, struct se_card *const *cards, size_t n, int64_t now)
{
    const enum rdv_err err = run_group(el, cards, n, now);

    if (err != RDV_OK) {
        log_warn_e(err, "%s: a group of %zu could not be committed: one by one now", el->sen, n);
        el->accounts_version++; /* what sessions saw of accounts was rolled back */
        for (size_t i = 0; i < n; i++) {
            se_card_rewind(cards[i]);
            se_card_run_alone(cards[i], now);
        }
    }
    for (size_t i = 0; i < n; i++)
        se_card_finish(cards[i]);
}
