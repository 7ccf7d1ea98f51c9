/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/retention.h"

#include <string.h>

#include "base/log.h"
#include "se_card/chain.h"
#include "se_card/consumers.h"
#include "se_card/log.h"
#include "se_card/records.h"

/* To look at an entry costs 1, to let it go so much more. */
#define DROP_COST 7
#define LOOK_AT_ONCE 64
#define TICK_BUDGET 2048
#define ROOM_BUDGET 8192 /* of a write that finds the log full */
#define REST_MS 10000

/* What decides about an entry. */
struct rules {
    const struct se_record_setting *settings; /* of each record */
    const int64_t *hold;                      /* consumers.h */
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
    return any ? se_consumers_hold(el, &out->hold) : RDV_ERR_ABSENT;
}

/* Entries about the card are kept: there are few. */
static bool is_kept(const struct se_element *el, const struct rules *rules,
                    const struct se_log_line *line)
{
    return line->chain >= SE_CHAIN_CARD || el->hand.has_kept[line->chain] ||
           line->seq > rules->hold[line->chain] || se_log_is_broken(el, line->chain);
}

/* Where the chain stands must be known without its last entry too. */
static enum rdv_err may_go(struct se_element *el, bool *out, const struct rules *rules,
                           const struct se_log_line *line)
{
    const struct se_record_setting *setting = &rules->settings[line->chain % SE_CHAIN_CARD];
    struct se_chain chain;
    enum rdv_err err;

    *out = false;
    if (is_kept(el, rules, line) || (setting->ttl == 0 && setting->keep == 0))
        return RDV_OK;
    if ((err = se_log_chain(el, &chain, line->chain)) != RDV_OK)
        return err;
    *out = (setting->ttl > 0 && line->time <= el->now - setting->ttl) ||
           (setting->keep > 0 && line->n <= chain.n - setting->keep);
    return *out && line->n == chain.n ? se_chain_note(el, line->chain, &chain) : RDV_OK;
}

static void add_to_run(struct se_log_run *run, const struct se_log_line *line)
{
    run->to = line->seq;
    run->entries++;
    run->bytes += line->bytes;
}

/* Collects what may go of the next entries, those behind each other together, and moves the hand
 * behind all of them. */
static enum rdv_err look(struct se_element *el, const struct rules *rules,
                         struct se_log_run runs[LOOK_AT_ONCE], size_t *n_runs)
{
    struct se_log_line lines[LOOK_AT_ONCE];
    size_t n = LOOK_AT_ONCE;
    bool it = false;
    enum rdv_err err;

    *n_runs = 0;
    if ((err = se_store_log_lines(el->store, lines, &n, el->hand.next)) != RDV_OK)
        return err;
    for (size_t i = 0; i < n; i++) {
        const bool one_before = it;

        if ((err = may_go(el, &it, rules, &lines[i])) != RDV_OK)
            return err;
        if (!it && lines[i].chain < SE_CHAINS)
            el->hand.has_kept[lines[i].chain] = true;
        if (it && !one_before)
            runs[(*n_runs)++] = (struct se_log_run){ .from = lines[i].seq };
        if (it)
            add_to_run(&runs[*n_runs - 1], &lines[i]);
    }
    el->hand.next = n < LOOK_AT_ONCE ? 0 : lines[n - 1].seq + 1;
    return RDV_OK;
}

void se_retention_restart(struct se_element *el)
{
    el->hand.next = 0;
    memset(el->hand.has_kept, 0, sizeof(el->hand.has_kept));
}

/* A round that has found nothing: without a write, the next one would find what has become too old
 * since. */
static void come_round(struct se_element *el)
{
    if (!el->hand.has_dropped)
        el->hand.rests_until_ms = el->now_ms + REST_MS;
    el->hand.has_dropped = false;
    se_retention_restart(el);
}

/* Looks at some, in the open transaction. Takes what that has cost from the budget. */
static enum rdv_err step(struct se_element *el, const struct rules *rules, int64_t *budget)
{
    struct se_log_run runs[LOOK_AT_ONCE];
    size_t n_runs;
    enum rdv_err err = look(el, rules, runs, &n_runs);

    *budget -= LOOK_AT_ONCE; /* if there were fewer too: what is done for nothing has an end */
    for (size_t i = 0; i < n_runs && err == RDV_OK; i++) {
        err = se_log_drop(el, &runs[i]);
        *budget -= runs[i].entries * DROP_COST;
        el->hand.has_dropped = true;
    }
    if (err == RDV_OK && el->hand.next == 0)
        come_round(el);
    return err;
}

enum rdv_err se_retention_follow(struct se_element *el, int64_t added)
{
    struct rules rules;
    enum rdv_err err;

    el->hand.budget += added * SE_RETENTION_PACE;
    el->hand.paid += added * SE_RETENTION_PACE;
    if (el->hand.budget < SE_RETENTION_STEP)
        return RDV_OK;
    err = read_rules(el, &rules);
    while (err == RDV_OK && el->hand.budget >= SE_RETENTION_STEP)
        err = step(el, &rules, &el->hand.budget);
    if (err == RDV_ERR_ABSENT)
        el->hand.budget = 0;
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

enum rdv_err se_retention_make_room(struct se_element *el)
{
    int64_t budget = ROOM_BUDGET;
    struct rules rules;
    enum rdv_err err = read_rules(el, &rules);

    while (err == RDV_OK && budget > 0)
        err = step(el, &rules, &budget);
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

void se_retention_tick(struct se_element *el)
{
    int64_t budget = TICK_BUDGET - el->hand.paid;
    struct rules rules;
    enum rdv_err err;

    el->hand.paid = 0;
    if (el->read_only || budget <= 0 || el->now_ms < el->hand.rests_until_ms ||
        (err = read_rules(el, &rules)) == RDV_ERR_ABSENT)
        return;
    if (err == RDV_OK && (err = se_element_begin(el)) == RDV_OK) {
        do
            err = step(el, &rules, &budget);
        while (err == RDV_OK && budget > 0 && el->hand.next != 0);
        if (err == RDV_OK)
            err = se_element_commit(el);
        else
            se_element_rollback(el);
    }
    if (err != RDV_OK)
        log_debug("%s: nothing could be let go of the log yet", el->sen);
}
