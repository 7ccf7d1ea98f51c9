/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Out of memory on purpose. The unit tests are linked so that malloc and calloc of this project's
 * own code come through here.
 *
 *     for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err))
 *         err = a_story();
 *
 * runs the story with its first allocation failing, then its second, until it meets no failure.
 */
#ifndef RDV_TESTS_UNIT_ALLOC_FAULT_H
#define RDV_TESTS_UNIT_ALLOC_FAULT_H

#include <stdbool.h>

#include "base/err.h"

void t_alloc_sweep_begin(void);
/* Arms the failure of the next run; false when the last one met none. */
bool t_alloc_sweep_next(void);
/* The run must have ended with RDV_ERR_NOMEM, or well if nothing failed. */
void t_alloc_sweep_judge(enum rdv_err got);

#endif
