/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a chain stands where its row says. Rows can be written without the card's key by whoever
 * can write the file; the card must not sign what comes next behind such a row. So it is compared
 * with the chain's last entry, which is sealed; and where retention has let that go, with a sealed
 * note that was left for it.
 *
 * What this does not see: a tail of entries that was cut off, with the row put back to what it was
 * then. That is an older copy, of a row; those who have seen the entries see the fork.
 */
#ifndef RDV_SE_CARD_CHAIN_H
#define RDV_SE_CARD_CHAIN_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/element.h"
#include "se_card/store.h"

/* `newest`: the greatest number of an entry of this chain in the log; 0: it has none.
 * Returns: RDV_ERR_CORRUPT, logged. */
RDV_MUST_USE enum rdv_err se_chain_check(struct se_element *el, unsigned chain,
                                         const struct se_chain *at, int64_t newest);

/* Its last entry is about to go: leaves the note, in the open transaction. */
RDV_MUST_USE enum rdv_err se_chain_note(struct se_element *el, unsigned chain,
                                        const struct se_chain *at);

#endif
