/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consumers: named cursors in the log. What one has not acknowledged stays in the log, of all that
 * its account may read; so they belong to accounts that root trusts with the room: one with the
 * right publish makes its own by its first acknowledgement, for others root does.
 */
#ifndef RDV_SE_CARD_CONSUMERS_H
#define RDV_SE_CARD_CONSUMERS_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/element.h"
#include "se_card/store.h"

#define SE_CONSUMERS_MAX 64

/*
 * `name`, of the account `me`, has everything up to seq. A lower seq than before changes nothing.
 * `was`: where it must stand, or -1: two that acknowledge for one consumer find out about each
 * other. Out: where it stands then.
 * Returns: RDV_ERR_ABSENT, RDV_ERR_DENIED (another account's), RDV_ERR_BUSY (it stands elsewhere),
 * RDV_ERR_RANGE (no entry has come so far), RDV_ERR_FORMAT (the name), RDV_ERR_LIMIT; el->fault
 * says it.
 */
RDV_MUST_USE enum rdv_err se_consumers_ack(struct se_element *el, const struct se_account *me,
                                           struct rdv_span name, int64_t seq, int64_t was,
                                           struct se_consumer *out);

/* Makes one for an account. Returns: RDV_ERR_EXISTS, RDV_ERR_RANGE, RDV_ERR_FORMAT, RDV_ERR_LIMIT.
 */
RDV_MUST_USE enum rdv_err se_consumers_add(struct se_element *el, const struct se_account *account,
                                           struct rdv_span name, int64_t seq,
                                           struct se_consumer *out);

/* The one of this name, if it is me's, or me is root. Returns: RDV_ERR_ABSENT, RDV_ERR_DENIED. */
RDV_MUST_USE enum rdv_err se_consumers_get(struct se_element *el, struct se_consumer *out,
                                           const struct se_account *me, struct rdv_span name);
RDV_MUST_USE enum rdv_err se_consumers_drop(struct se_element *el, const struct se_account *me,
                                            struct rdv_span name);

/* For each chain, the number behind which nothing may be let go: INT64_MAX where nobody asks for
 * it. Valid until the next change to a consumer or an account. */
RDV_MUST_USE enum rdv_err se_consumers_hold(struct se_element *el, const int64_t **out);

#endif
