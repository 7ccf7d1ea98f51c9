/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receipts: the signed entry of a post, for who has made it (rdv put --receipt). */
#ifndef RDV_GUEST_TOOLS_RDV_RECEIPT_H
#define RDV_GUEST_TOOLS_RDV_RECEIPT_H

#include <rdv/log.h>

#include "guest_tools/rdv/tool.h"

/*
 * Asks for the entry `seq`, and checks that it says what was posted; by the key of the card, where
 * the profile knows it, who has signed it, too. Appends it.
 * Returns: what rdv_client_receipt does, RDV_ERR_ALARM (it is about something else, or signed by
 * somebody else).
 */
RDV_MUST_USE enum rdv_err tool_receipt_take(struct tool *t, struct rdv_buf *out,
                                            struct rdv_client *c, uint64_t seq, uint8_t record,
                                            struct rdv_span content);

#endif
