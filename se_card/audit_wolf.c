/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include "base/hex.h"

/* --- the chain -------------------------------------------------------------------------------- */

static void hash_number(wc_Sha256 *sha, uint64_t v, size_t n)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(v >> 8 * (n - 1 - i));
    RDV_INVARIANT(wc_Sha256Update(sha, bytes, (word32)n) == 0);
}

static void hash_text(wc_Sha256 *sha, struct rdv_span text)
{
    hash_number(sha, text.n, 4);
    RDV_INVARIANT(text.n == 0 || wc_Sha256Update(sha, text.p, (word32)text.n) == 0);
}

void se_audit_hash(uint8_t out[32], const uint8_t before[32], const struct se_audit_row *row)
{
    wc_Sha256 sha;

    RDV_INVARIANT(wc_InitSha256(&sha) == 0 && wc_Sha256Update(&sha, before, 32) == 0);
    hash_number(&sha, (uint64_t)row->seq, 8);
    hash_number(&sha, (uint64_t)row->time, 8);
    hash_text(&sha, row->actor);
    hash_text(&sha, row->action);
    hash_text(&sha, row->target);
    hash_text(&sha, row->result);
    hash_text(&sha, row->detail);
    RDV_INVARIANT(wc_Sha256Final(&sha, out) == 0);
    wc_Sha256Free(&sha);
}

static enum rdv_err read_end(struct se_audit *a, struct se_store *store)
{
    struct se_audit_row row;
    int64_t first;
    enum rdv_err err;

    memset(a->hash, 0, sizeof(a->hash));
    a->rows = 0;
    if ((err = se_store_audit_range(store, &first, &a->seq)) != RDV_OK || a->seq == 0)
        return err;
    a->rows = a->seq - first + 1;
    if ((err = se_store_audit_from(store, &row, a->seq)) == RDV_OK)
        memcpy(a->hash, row.hash, sizeof(a->hash));
    return err;
}

enum rdv_err se_audit_open(struct se_audit *a, struct se_store *store, int64_t keep)
{
    *a = (struct se_audit){ .keep = keep };
    return read_end(a, store);
}

static enum rdv_err add_row(struct se_audit *a, struct se_store *store, int64_t now,
                            const struct se_audit_event *event)
{
    struct se_audit_row row = {
        .seq = a->seq + 1,
        .time = now,
        .actor = rdv_span_of(event->actor),
        .action = rdv_span_of(event->action),
        .target = rdv_span_of(event->target),
        .result = rdv_span_of(event->result),
        .detail = rdv_span_of(event->detail),
    };
    enum rdv_err err;

    se_audit_hash(row.hash, a->hash, &row);
    if ((err = se_store_audit_add(store, &row)) != RDV_OK)
        return err;
    memcpy(a->hash, row.hash, sizeof(a->hash));
    a->seq = row.seq;
    a->rows++;
    return RDV_OK;
}

/* Replaces the oldest rows by one that says which they were and what their chain ended with. */
static enum rdv_err retire(struct se_audit *a, struct se_store *store, int64_t now)
{
    const int64_t first_kept = a->seq - a->keep + 1;
    struct se_audit_event event = { "card", "audit retention", "", "ok", "" };
    struct se_audit_row last_gone;
    char detail[160], hash[65] = "";
    enum rdv_err err;

    if ((err = se_store_audit_from(store, &last_gone, first_kept - 1)) != RDV_OK)
        return err;
    rdv_hex_encode(hash, (struct rdv_span){ last_gone.hash, sizeof(last_gone.hash) });
    (void)snprintf(detail, sizeof(detail),
                   "rows %" PRId64 " to %" PRId64 " removed; their chain ends %s",
                   a->seq - a->rows + 1, first_kept - 1, hash);
    event.detail = detail;
    if ((err = se_store_audit_drop_before(store, first_kept)) != RDV_OK)
        return err;
    a->rows = a->keep;
    return add_row(a, store, now, &event);
}

enum rdv_err se_audit_add(struct se_audit *a, struct se_store *store, int64_t now,
                          const struct se_audit_event *event)
{
    enum rdv_err err;

    if ((err = add_row(a, store, now, event)) != RDV_OK)
        return err;
    if (a->rows > a->keep + a->keep / SE_AUDIT_SLACK)
        err = retire(a, store, now);
    return err;
}

/* --- what others can cause at will ------------------------------------------------------------ */

static enum rdv_err add_unsaid(struct se_audit *a, struct se_store *store, int64_t now)
{
    struct se_audit_event event = { "card", "refusals", "", "ok", "" };
    char detail[64];
    enum rdv_err err;

    if (a->unsaid == 0)
        return RDV_OK;
    (void)snprintf(detail, sizeof(detail), "%lu more were not written one by one", a->unsaid);
    event.detail = detail;
    if ((err = se_audit_add(a, store, now, &event)) != RDV_OK)
        return err;
    a->telling += a->unsaid;
    a->unsaid = 0;
    return RDV_OK;
}

void se_audit_left_out(struct se_audit *a, uint64_t ms)
{
    a->unsaid++;
    a->left_out = ms;
}

static bool may_write(struct se_audit *a, uint64_t ms)
{
    unsigned long unsaid;

    if (rdv_log_may(&a->of_second, SE_AUDIT_A_SECOND, ms, &unsaid) &&
        rdv_log_may(&a->of_hour, SE_AUDIT_AN_HOUR, ms / 3600, &unsaid)) /* its seconds are hours */
        return true;
    se_audit_left_out(a, ms);
    return false;
}

enum rdv_err se_audit_refused(struct se_audit *a, struct se_store *store, int64_t now, uint64_t ms,
                              const struct se_audit_event *event)
{
    enum rdv_err err;

    if (!may_write(a, ms))
        return RDV_OK;
    if ((err = add_unsaid(a, store, now)) != RDV_OK)
        return err;
    return se_audit_add(a, store, now, event);
}

void se_audit_login_failed(struct se_audit *a, int64_t now, uint64_t ms, struct rdv_span identity,
                           struct rdv_span address, bool refused)
{
    struct se_audit_waiting *w;

    if (a->n_waiting == SE_AUDIT_WAITING) {
        se_audit_left_out(a, ms);
        return;
    }
    if (!may_write(a, ms))
        return;
    w = &a->waiting[a->n_waiting++];
    w->time = now;
    (void)snprintf(w->actor, sizeof(w->actor), "identity %.60s", rdv_quote(identity).text);
    (void)snprintf(w->detail, sizeof(w->detail), "from %.60s%s", rdv_quote(address).text,
                   refused ? ", refused for a while" : "");
}

static bool is_over(const struct se_audit *a, uint64_t ms)
{
    return a->unsaid > 0 && ms - a->left_out >= 1000 &&
           (a->summed == 0 || ms - a->summed >= SE_AUDIT_SUM_MS);
}

bool se_audit_has_waiting(const struct se_audit *a, uint64_t ms)
{
    return a->n_waiting > 0 || is_over(a, ms);
}

enum rdv_err se_audit_flush(struct se_audit *a, struct se_store *store, int64_t now, uint64_t ms)
{
    enum rdv_err err;

    for (size_t i = 0; i < a->n_waiting; i++) {
        const struct se_audit_waiting *w = &a->waiting[i];
        const struct se_audit_event event = { w->actor, "login", "", "failed", w->detail };

        if ((err = add_unsaid(a, store, w->time)) != RDV_OK ||
            (err = se_audit_add(a, store, w->time, &event)) != RDV_OK)
            return err;
    }
    if (!is_over(a, ms))
        return RDV_OK;
    a->summed = ms;
    return add_unsaid(a, store, now);
}

enum rdv_err se_audit_rewind(struct se_audit *a, struct se_store *store)
{
    return read_end(a, store);
}

enum rdv_err se_audit_rolled_back(struct se_audit *a, struct se_store *store)
{
    a->unsaid += a->telling;
    a->telling = 0;
    a->summed = 0;
    return read_end(a, store);
}

void se_audit_committed(struct se_audit *a)
{
    a->n_waiting = 0;
    a->telling = 0;
}
