/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of numbers 00-FF: the records, or the key slots, that an account may touch. Written as
 * "00-0F,20" in upper-case hex, or "none". */
#ifndef RDV_SE_CARD_SCOPE_H
#define RDV_SE_CARD_SCOPE_H

#include "base/bytes.h"
#include "base/err.h"

struct se_scope {
    uint8_t bits[32]; /* number n is bit n % 8 of byte n / 8 */
};

bool se_scope_has(const struct se_scope *scope, uint8_t n);
struct se_scope se_scope_all(void);

/* Reads "00-0F,20", "none" or "all". Returns: RDV_ERR_FORMAT (not two hex digits, a range without
 * an end, an empty part), RDV_ERR_RANGE (a range that runs backwards). */
RDV_MUST_USE enum rdv_err se_scope_decode(struct se_scope *out, struct rdv_span text);

/* Appends it in its shortest form. Returns: RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_scope_put(struct rdv_buf *out, const struct se_scope *scope);

#endif
