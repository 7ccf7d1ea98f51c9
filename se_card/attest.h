/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the card says about one of its keys, signed with its own: that it holds this key, where it
 * came from and whether it can leave. Layout: docs/protocol.md, "Attestation".
 */
#ifndef RDV_SE_CARD_ATTEST_H
#define RDV_SE_CARD_ATTEST_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/element.h"

/* Appends the statement, a COSE_Sign1 message. Returns: RDV_ERR_ABSENT (no key), RDV_ERR_RANGE (a
 * secret or seed, which has no public key), RDV_ERR_LIMIT, as keys.h and own.h. */
RDV_MUST_USE enum rdv_err se_attest(struct se_element *el, struct rdv_buf *out, uint8_t slot);

#endif
