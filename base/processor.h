/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where threads run. */
#ifndef RDV_BASE_PROCESSOR_H
#define RDV_BASE_PROCESSOR_H

#include "base/err.h"

/* Whether there is such a processor for the calling thread; -1 always is. Returns: RDV_ERR_RANGE,
 * logged as the fault of the option --cpu. */
RDV_MUST_USE enum rdv_err rdv_processor_check(long cpu);

/* Keeps the calling thread, and those it will make, on this processor; -1 leaves all as it is.
 * Returns: as above. */
RDV_MUST_USE enum rdv_err rdv_processor_stay_on(long cpu);

/* Keeps them away from it, if there are others. Returns: as above. */
RDV_MUST_USE enum rdv_err rdv_processor_leave(long cpu);

/* On how many the calling thread may run: 1 or more. */
unsigned rdv_processor_count(void);

#endif
