/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/consumers.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "se_card/accounts.h"
#include "se_card/log.h"
#include "se_card/rights.h"

static enum rdv_err find(struct se_element *el, struct se_consumer *out, struct rdv_span name)
{
    enum rdv_err err;

    if ((err = se_store_consumer_from(el->store, out, name)) == RDV_ERR_ABSENT ||
        (err == RDV_OK && !rdv_span_equal(name, rdv_span_of(out->name))))
        return se_fault(el, RDV_ERR_ABSENT, "no consumer \"%s\"", rdv_quote(name).text);
    return err;
}

enum rdv_err se_consumers_get(struct se_element *el, struct se_consumer *out,
                              const struct se_account *me, struct rdv_span name)
{
    enum rdv_err err;

    if ((err = find(el, out, name)) == RDV_OK && !me->root && out->account != me->id)
        err = se_fault(el, RDV_ERR_DENIED, "consumer \"%s\" is another account's",
                       rdv_quote(name).text);
    return err;
}

static enum rdv_err check_seq(struct se_element *el, int64_t seq)
{
    const int64_t last = se_log_totals(el).last;

    if (seq <= last)
        return RDV_OK;
    return se_fault(el, RDV_ERR_RANGE, "%lld: the last entry is %lld", (long long)seq,
                    (long long)last);
}

static enum rdv_err count(struct se_element *el, unsigned *n)
{
    struct se_consumer one = { .name = "" };
    enum rdv_err err;

    for (*n = 0;; ++*n) {
        char from[SE_NAME_MAX + 2];

        (void)snprintf(from, sizeof(from), "%s\x01", one.name); /* the next text there is */
        err = se_store_consumer_from(el->store, &one, rdv_span_of(*n == 0 ? "" : from));
        if (err != RDV_OK)
            return err == RDV_ERR_ABSENT ? RDV_OK : err;
    }
}

enum rdv_err se_consumers_add(struct se_element *el, const struct se_account *account,
                              struct rdv_span name, int64_t seq, struct se_consumer *out)
{
    unsigned n;
    enum rdv_err err;

    *out = (struct se_consumer){ .account = account->id, .seq = seq, .moved = el->now };
    if ((err = se_accounts_check_name(el, name)) != RDV_OK ||
        (err = rdv_span_to_text(out->name, sizeof(out->name), name)) != RDV_OK ||
        (err = check_seq(el, seq)) != RDV_OK || (err = count(el, &n)) != RDV_OK)
        return err;
    if (n >= SE_CONSUMERS_MAX)
        return se_refuse(el, RDV_ERR_LIMIT,
                         (struct se_refusal){
                                 .limit = "consumers", .has_max = true, .max = SE_CONSUMERS_MAX });
    el->holds.known = false;
    if ((err = se_store_consumer_add(el->store, out)) == RDV_ERR_EXISTS)
        return se_fault(el, err, "consumer \"%s\" exists already", rdv_quote(name).text);
    return err;
}

enum rdv_err se_consumers_ack(struct se_element *el, const struct se_account *me,
                              struct rdv_span name, int64_t seq, int64_t was,
                              struct se_consumer *out)
{
    enum rdv_err err = se_consumers_get(el, out, me, name);

    if (err == RDV_ERR_ABSENT && was <= 0 && se_rights_allow(me, SE_RIGHT_PUBLISH)) {
        se_fault_clear(el);
        return se_consumers_add(el, me, name, seq, out);
    }
    if (err != RDV_OK || (err = check_seq(el, seq)) != RDV_OK)
        return err;
    if (was >= 0 && was != out->seq)
        return se_fault(el, RDV_ERR_BUSY, "consumer \"%s\" is at %lld: another one moves it",
                        rdv_quote(name).text, (long long)out->seq);
    if (seq <= out->seq)
        return RDV_OK;
    out->seq = seq;
    out->moved = el->now;
    el->holds.known = false;
    return se_store_consumer_move(el->store, out);
}

enum rdv_err se_consumers_drop(struct se_element *el, const struct se_account *me,
                               struct rdv_span name)
{
    struct se_consumer consumer;
    enum rdv_err err;

    if ((err = se_consumers_get(el, &consumer, me, name)) != RDV_OK)
        return err;
    el->holds.known = false;
    return se_store_consumer_drop(el->store, &consumer);
}

static enum rdv_err find_holds(struct se_element *el, int64_t hold[SE_CHAINS])
{
    struct se_consumer one = { .name = "" };
    struct se_account account;
    char from[SE_NAME_MAX + 2] = "";
    enum rdv_err err;

    for (size_t i = 0; i < SE_CHAINS; i++)
        hold[i] = INT64_MAX;
    while ((err = se_store_consumer_from(el->store, &one, rdv_span_of(from))) == RDV_OK) {
        if ((err = se_store_account_get(el->store, &account, one.account)) != RDV_OK)
            return err;
        for (unsigned i = 0; i < SE_CHAINS; i++) {
            if (one.seq < hold[i] && se_log_may_read(&account, i))
                hold[i] = one.seq;
        }
        (void)snprintf(from, sizeof(from), "%s\x01", one.name);
    }
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

/* Whoever takes back a change to a consumer counts accounts_version on. */
enum rdv_err se_consumers_hold(struct se_element *el, const int64_t **out)
{
    struct se_holds *holds = &el->holds;
    enum rdv_err err = RDV_OK;

    *out = holds->of;
    if (!holds->known || holds->accounts_version != el->accounts_version)
        err = find_holds(el, holds->of);
    holds->known = err == RDV_OK;
    holds->accounts_version = el->accounts_version;
    return err;
}
