/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hexadecimal: upper case out, either case in. No branch or table look-up depends on a digit, so
 * that keys may pass through. */
#ifndef RDV_BASE_HEX_H
#define RDV_BASE_HEX_H

#include "base/bytes.h"
#include "base/err.h"

/* Writes 2 * in.n digits to out, without a NUL. */
void rdv_hex_encode(char *out, struct rdv_span in);

/* Appends 2 * in.n digits. Returns: RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_hex_put(struct rdv_buf *b, struct rdv_span in);

/*
 * Reads exactly 2 * n digits into out.
 * Returns: RDV_ERR_RANGE for another length, RDV_ERR_FORMAT for a foreign character; out is wiped
 * then.
 */
RDV_MUST_USE enum rdv_err rdv_hex_decode(uint8_t *out, size_t n, struct rdv_span digits);

/* Appends digits.n / 2 bytes to b. Returns: RDV_ERR_FORMAT for an odd number of digits or a foreign
 * character (b is unchanged then), RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_hex_get(struct rdv_buf *b, struct rdv_span digits);

#endif
