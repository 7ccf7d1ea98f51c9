/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments and durations as people write them: "30s", "15m", "2h", "7d", "2027-01-31T00:00:00Z". */
#ifndef RDV_SE_CARD_MOMENT_H
#define RDV_SE_CARD_MOMENT_H

#include "base/bytes.h"
#include "base/err.h"

#define SE_DURATION_MAX (int64_t)(100LL * 366 * 86400) /* seconds */

/* A whole number, at least 0. Returns: RDV_ERR_FORMAT, RDV_ERR_RANGE (over `most`). */
RDV_MUST_USE enum rdv_err se_number_decode(int64_t *out, struct rdv_span text, int64_t most);

/* A number with its unit s, m, h or d, at least 1 s. Returns: RDV_ERR_FORMAT, RDV_ERR_RANGE. */
RDV_MUST_USE enum rdv_err se_duration_decode(int64_t *seconds, struct rdv_span text);

/* A duration from `now`, or a moment in UTC (RFC 3339, with 'T' and 'Z'); seconds since 1970.
 * Returns: RDV_ERR_FORMAT, RDV_ERR_RANGE (no such day, or too far away). */
RDV_MUST_USE enum rdv_err se_moment_decode(int64_t *out, struct rdv_span text, int64_t now);

#define SE_MOMENT_TEXT 21
/* Writes "2027-01-31T00:00:00Z". */
void se_moment_text(char out[SE_MOMENT_TEXT], int64_t moment);

#endif
