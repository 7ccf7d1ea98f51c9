/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records: 256 numbered slots, each holding the last value posted to it, sealed at rest. */
#ifndef RDV_SE_CARD_RECORDS_H
#define RDV_SE_CARD_RECORDS_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/element.h"

#define SE_RECORD_MAX 4096 /* bytes of content */

/* Replaces a record's content; empty content clears it. Must run inside a store transaction.
 * Returns: RDV_ERR_LIMIT (too long), RDV_ERR_FULL, RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err se_records_put(struct se_element *el, uint8_t slot,
                                         struct rdv_span content, int64_t author, int64_t now);

/* Appends the content; nothing for an empty record. Returns: RDV_ERR_CORRUPT (logged), RDV_ERR_IO.
 */
RDV_MUST_USE enum rdv_err se_records_get(struct se_element *el, struct rdv_buf *out, uint8_t slot);

#endif
