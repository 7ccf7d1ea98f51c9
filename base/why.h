/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a library says why something failed: it has no log. struct rdv_why is in err.h. */
#ifndef RDV_BASE_WHY_H
#define RDV_BASE_WHY_H

#include "base/err.h"

/* Sets the reason, cut where it is too long; why may be NULL. Returns err, for
 * `return rdv_why_say(why, RDV_ERR_FORMAT, "...")`. Never a secret; strangers' bytes by rdv_quote.
 */
enum rdv_err rdv_why_say(struct rdv_why *why, enum rdv_err err, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
