/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The audit: who did what to whom, and what was refused. A row is written in the transaction of its
 * effect, so that neither exists without the other; each carries the hash of all before it. No
 * command removes a row; beyond a number of rows the oldest are replaced by one that says which,
 * and what their chain ended with.
 *
 *   hash = SHA-256( hash of the row before, seq(8), time(8), then each of actor, action, target,
 *                   result, detail with its length(4) in front )
 */
#ifndef RDV_SE_CARD_AUDIT_H
#define RDV_SE_CARD_AUDIT_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "se_card/store.h"

#define SE_AUDIT_KEEP 100000 /* rows kept, unless told otherwise */
#define SE_AUDIT_SLACK 10    /* percent more than that before the oldest go, in one batch */
/* Refusals and failed logins written; the rest are counted. So many an hour, that nobody can push
 * what root did out of the rows that are kept in less than days. */
#define SE_AUDIT_A_SECOND 20
#define SE_AUDIT_AN_HOUR 500
#define SE_AUDIT_SUM_MS 10000 /* at least between two sums of what was left out */
#define SE_AUDIT_WAITING 32   /* failed logins that wait for the next transaction */

struct se_audit_event {
    const char *actor; /* account name, or an identity in quotes of its own */
    const char *action;
    const char *target;
    const char *result; /* "ok", or the name of an error */
    const char *detail;
};

struct se_audit {
    uint8_t hash[32]; /* of the last row */
    int64_t seq;      /* of the last row */
    int64_t rows;     /* in the table */
    int64_t keep;
    struct rdv_log_limit of_second, of_hour;
    /* Failed logins, which have no transaction of their own. */
    struct se_audit_waiting {
        int64_t time;
        char actor[80], detail[96];
    } waiting[SE_AUDIT_WAITING];
    size_t n_waiting;
    unsigned long unsaid;  /* left out since the last row that said so */
    unsigned long telling; /* said so by a row of the open transaction */
    uint64_t left_out;     /* ms, when the last one was */
    uint64_t summed;       /* ms, when it was said without a row of the kind; 0: never */
};

/* Reads where the chain stands. */
RDV_MUST_USE enum rdv_err se_audit_open(struct se_audit *a, struct se_store *store, int64_t keep);

/* Adds a row to the open transaction. */
RDV_MUST_USE enum rdv_err se_audit_add(struct se_audit *a, struct se_store *store, int64_t now,
                                       const struct se_audit_event *event);

/* The same for what strangers and guests can cause at will: beyond SE_AUDIT_A_SECOND or
 * SE_AUDIT_AN_HOUR it is left out and counted. The next row of the kind says how many there were,
 * or se_audit_flush does once a second has passed without one. `ms` is of a clock that never goes
 * back. */
RDV_MUST_USE enum rdv_err se_audit_refused(struct se_audit *a, struct se_store *store, int64_t now,
                                           uint64_t ms, const struct se_audit_event *event);

/* Notes a failed login, to be written by se_audit_flush. */
void se_audit_login_failed(struct se_audit *a, int64_t now, uint64_t ms, struct rdv_span identity,
                           struct rdv_span address, bool refused);
/* A refusal that cannot be written now: counted with those that are left out. */
void se_audit_left_out(struct se_audit *a, uint64_t ms);

/* True when se_audit_flush has something to write. */
bool se_audit_has_waiting(const struct se_audit *a, uint64_t ms);
RDV_MUST_USE enum rdv_err se_audit_flush(struct se_audit *a, struct se_store *store, int64_t now,
                                         uint64_t ms);

/* A step was undone: the chain is read again. */
RDV_MUST_USE enum rdv_err se_audit_rewind(struct se_audit *a, struct se_store *store);
/* The transaction was not committed: the same, and what waited still waits. */
RDV_MUST_USE enum rdv_err se_audit_rolled_back(struct se_audit *a, struct se_store *store);
/* The transaction was committed, with what se_audit_flush wrote. */
void se_audit_committed(struct se_audit *a);

/* The hash a row must have. */
void se_audit_hash(uint8_t out[32], const uint8_t before[32], const struct se_audit_row *row);

#endif
