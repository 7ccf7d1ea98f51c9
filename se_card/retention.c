/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/retention.h"

#include "base/log.h"
#include "se_card/consumers.h"
#include "se_card/log.h"
#include "se_card/records.h"

#define LOOK_AT_ONCE 64
#define ROOM_STEPS 16 /* for a write that finds the log full */

/* What decides about an entry. */
struct rules {
    const struct se_record_setting *settings; /* of each record */
    int64_t hold[SE_CHAINS];
};

/* Returns: RDV_ERR_ABSENT when every record keeps everything. */
static enum rdv_err read_rules(struct se_element *el, struct rules *out)
{
    bool any = false;
    enum rdv_err err;

    if ((err = se_records_settings(el, &out->settings)) != RDV_OK)
        return err;
    for (unsigned i = 0; i < SE_CHAIN_CARD && !any; i++)
        any = out->settings[i].keep > 0 || out->settings[i].ttl > 0;
    return any ? se_consumers_hold(el, out->hold) : RDV_ERR_ABSENT;
}

/* Entries about the card are kept: there are few. */
static enum rdv_err may_go(struct se_element *el, bool *out, const struct rules *rules,
                           const struct se_log_line *line)
{
    const struct se_record_setting *setting = &rules->settings[line->chain % SE_CHAIN_CARD];
    struct se_chain chain;
    enum rdv_err err;

    *out = false;
    if (line->chain >= SE_CHAIN_CARD || line->seq > rules->hold[line->chain])
        return RDV_OK;
    if (setting->ttl > 0 && line->time <= el->now - setting->ttl)
        *out = true;
    if (setting->keep == 0 || *out)
        return RDV_OK;
    if ((err = se_log_chain(el, &chain, line->chain)) == RDV_OK)
        *out = line->n <= chain.n - setting->keep;
    return err;
}

/* Collects what may go of the next entries, and moves the hand behind them. */
static enum rdv_err look(struct se_element *el, const struct rules *rules,
                         struct se_log_line go[LOOK_AT_ONCE], size_t *n_go)
{
    struct se_log_line lines[LOOK_AT_ONCE];
    size_t n = LOOK_AT_ONCE;
    enum rdv_err err;

    *n_go = 0;
    if ((err = se_store_log_lines(el->store, lines, &n, el->hand)) != RDV_OK)
        return err;
    el->hand = n < LOOK_AT_ONCE ? 0 : lines[n - 1].seq + 1;
    for (size_t i = 0; i < n && err == RDV_OK; i++) {
        bool it = false;

        if ((err = may_go(el, &it, rules, &lines[i])) == RDV_OK && it)
            go[(*n_go)++] = lines[i];
    }
    return err;
}

static enum rdv_err let_go(struct se_element *el, const struct se_log_line *go, size_t n)
{
    enum rdv_err err = RDV_OK;

    for (size_t i = 0; i < n && err == RDV_OK; i++)
        err = se_log_drop(el, &go[i]);
    return err;
}

/* In the open transaction. */
static enum rdv_err steps(struct se_element *el, unsigned n)
{
    struct se_log_line go[LOOK_AT_ONCE];
    struct rules rules;
    size_t n_go;
    enum rdv_err err = read_rules(el, &rules);

    for (n *= SE_RETENTION_STEP / LOOK_AT_ONCE; n > 0 && err == RDV_OK; n--) {
        if ((err = look(el, &rules, go, &n_go)) == RDV_OK)
            err = let_go(el, go, n_go);
    }
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

enum rdv_err se_retention_follow(struct se_element *el, int64_t added)
{
    enum rdv_err err = RDV_OK;

    el->hand_due += added * SE_RETENTION_PACE;
    if (el->hand_due >= SE_RETENTION_STEP) {
        err = steps(el, (unsigned)(el->hand_due / SE_RETENTION_STEP));
        el->hand_due %= SE_RETENTION_STEP;
    }
    return err;
}

enum rdv_err se_retention_make_room(struct se_element *el)
{
    return steps(el, ROOM_STEPS);
}

void se_retention_tick(struct se_element *el)
{
    struct se_log_line go[LOOK_AT_ONCE];
    struct rules rules;
    size_t n_go = 0;
    enum rdv_err err = el->read_only ? RDV_ERR_ABSENT : read_rules(el, &rules);

    for (unsigned i = SE_RETENTION_STEP / LOOK_AT_ONCE; i > 0 && err == RDV_OK && n_go == 0; i--)
        err = look(el, &rules, go, &n_go);
    if (err == RDV_OK && n_go > 0 && (err = se_element_begin(el)) == RDV_OK) {
        if ((err = let_go(el, go, n_go)) == RDV_OK)
            err = se_element_commit(el);
        else
            se_element_rollback(el);
    }
    if (err != RDV_OK && err != RDV_ERR_ABSENT)
        log_debug("%s: nothing could be let go of the log yet", el->sen);
}
