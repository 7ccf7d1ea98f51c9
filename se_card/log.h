/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log: each accepted write makes one entry, signed with the card's own key, in the write's own
 * transaction. Its envelope (docs/envelope.md) is kept as it was signed, sealed: whoever asks twice
 * gets the same bytes. Entries of a record are a chain, and those about the card are one beside.
 *
 * Numbers are given at once; envelopes are made together, when the transaction ends or somebody
 * wants to read the log (se_log_flush). Chains are independent of each other: where the element has
 * a pair, two threads make envelopes of different chains at the same time.
 */
#ifndef RDV_SE_CARD_LOG_H
#define RDV_SE_CARD_LOG_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/element.h"
#include "se_card/store.h"

struct se_log_totals {
    int64_t entries, bytes;
    int64_t last; /* the greatest number that was ever given, though its entry be gone */
};

/* What an entry says beside its numbers and the time. */
struct se_log_post {
    unsigned chain;
    struct rdv_span type; /* media type; of the card's chain RDV_TYPE_CARD */
    struct rdv_span content;
    const struct se_account *author;
};

/* Reads where the log stands. `quota` is in bytes of sealed envelopes. */
RDV_MUST_USE enum rdv_err se_log_open(struct se_element *el, int64_t quota);
void se_log_close(struct se_element *el);

/* Before a step of the transaction, which may append SE_LOG_STEP_MAX entries and never flushes: to
 * undo it must not undo what others wait for. Returns: RDV_ERR_LOST. */
#define SE_LOG_STEP_MAX 4
RDV_MUST_USE enum rdv_err se_log_make_room(struct se_element *el);

/*
 * Adds an entry to the open transaction; a record's row must be there. Out, unless NULL: its line.
 * Returns: RDV_ERR_FULL with the quota named, RDV_ERR_NOMEM, RDV_ERR_IO, ...
 */
RDV_MUST_USE enum rdv_err se_log_append(struct se_element *el, const struct se_log_post *post,
                                        struct se_log_line *out);

/* All numbers from here on are above those that any earlier life of the card has given away: an
 * older database is accepted, and `epoch` is the one that begins with it. Before se_log_append, in
 * its transaction. */
void se_log_jump(struct se_element *el, int64_t epoch);

/* True when envelopes are still to be made. */
bool se_log_waits(const struct se_element *el);
/* Makes them. Not inside a step. Returns: RDV_ERR_LOST; the
 * transaction must not be committed then. */
RDV_MUST_USE enum rdv_err se_log_flush(struct se_element *el);

/* All entries from one number to another: so many, of so many bytes. */
struct se_log_run {
    int64_t from, to;
    int64_t entries, bytes;
};

/* Lets them go, for ever: in the open transaction. */
RDV_MUST_USE enum rdv_err se_log_drop(struct se_element *el, const struct se_log_run *run);

/* Entries that the open transaction has added. */
int64_t se_log_added(const struct se_element *el);

/* --- taking back: a step, or all that was not committed -----------------------------------------
 */

struct se_log_mark {
    struct se_log_totals totals;
    size_t n_pending;
    uint64_t drops;
};

struct se_log_mark se_log_mark(const struct se_element *el);
void se_log_undo(struct se_element *el, const struct se_log_mark *mark);
void se_log_committed(struct se_element *el);
void se_log_rolled_back(struct se_element *el);

/* --- reading: first, se_log_flush --------------------------------------------------------------
 */

/* Appends the envelope of an entry. Returns: RDV_ERR_ABSENT, RDV_ERR_CORRUPT (logged). */
RDV_MUST_USE enum rdv_err se_log_envelope(struct se_element *el, struct rdv_buf *out,
                                          const struct se_log_line *line);

/* Whether an account may read the entries of a chain: who publishes reads for others; entries about
 * the card are everybody's who reads anything. */
bool se_log_may_read(const struct se_account *account, unsigned chain);

/* True when one that the account may read, with this number or a greater one, is committed. */
bool se_log_reaches(const struct se_element *el, const struct se_account *account, int64_t seq);

/* Where a chain stands. */
RDV_MUST_USE enum rdv_err se_log_chain(struct se_element *el, struct se_chain *out, unsigned chain);

/* It does not end where its row says (chain.h): se_log_append and se_log_chain refuse it with
 * RDV_ERR_CORRUPT. */
bool se_log_is_broken(const struct se_element *el, unsigned chain);

/* Numbers and bytes so far, what is not committed too. */
struct se_log_totals se_log_totals(const struct se_element *el);
int64_t se_log_quota(const struct se_element *el);

#endif
