/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log of a secure element, by a client that speaks RDV_REQUESTS: every write, signed by the
 * card in its envelope (docs/envelope.md). rdv/verify.h judges envelopes, of the log as of anybody
 * else.
 */
#ifndef RDV_LOG_H
#define RDV_LOG_H

#include <rdv/client.h>

/* All: wait for the answer; nothing else may be unanswered. Return what the card refuses with, or
 * rdv_client_call does; rdv_client_why tells more. */

/* --- entries ---------------------------------------------------------------------------------- */

struct rdv_log_query {
    uint64_t from;   /* entries of this number and above */
    unsigned count;  /* most at once; 0: as many as the card likes to give */
    int record;      /* of this record alone; -1: all that one may read */
    unsigned wait_s; /* until there is one; 0: no waiting. Less than the client's timeout */
};

/* *rows: for rdv_entry_read, valid until the next call on c. *next is the `from` to go on with,
 * also when there are no rows. Returns also: RDV_ERR_FORMAT (the answer is not one). */
RDV_MUST_USE enum rdv_err rdv_client_log(struct rdv_client *c, const struct rdv_log_query *query,
                                         struct rdv_items *rows, uint64_t *next);

struct rdv_log_entry {
    uint64_t seq, n;
    int record;              /* -1: it is about the card */
    uint64_t expires;        /* seconds since 1970; 0: never */
    const uint8_t *envelope; /* NULL: the card cannot read it any more */
    size_t n_envelope;
};

/* Reads a row. Returns: RDV_ERR_FORMAT. */
RDV_MUST_USE enum rdv_err rdv_entry_read(struct rdv_log_entry *out, struct rdv_value row);

/* One's own entry, or one that one may read: what proves a post. Returns also: RDV_ERR_ABSENT,
 * RDV_ERR_FORMAT. */
RDV_MUST_USE enum rdv_err rdv_client_receipt(struct rdv_client *c, uint64_t seq,
                                             struct rdv_log_entry *out);

/* The signed heads: of a record, or of all that have entries (-1); rows as of rdv_client_log, with
 * seq and n of the last entry. */
RDV_MUST_USE enum rdv_err rdv_client_heads(struct rdv_client *c, int record,
                                           struct rdv_items *rows);

/* --- consumers -------------------------------------------------------------------------------- */

/* The consumer has everything up to seq: the card may let it go. Never goes back. Returns also:
 * RDV_ERR_ABSENT, RDV_ERR_DENIED (somebody else's), RDV_ERR_RANGE (there is no such entry yet). */
RDV_MUST_USE enum rdv_err rdv_client_ack(struct rdv_client *c, const char *consumer, uint64_t seq);

#endif
