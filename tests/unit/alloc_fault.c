/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/alloc_fault.h"

#include <stddef.h>

#include "tests/support/test.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);

static unsigned long run;  /* of this sweep, from 1: which allocation fails */
static unsigned long left; /* allocations until one fails, itself counted; 0: none will */
static bool failed;        /* in this run */

static bool fails_now(void)
{
    if (left == 0 || --left > 0)
        return false;
    failed = true;
    return true;
}

void *__wrap_malloc(size_t n)
{
    return fails_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : __real_calloc(n, size);
}

void t_alloc_sweep_begin(void)
{
    run = 0;
    failed = true;
}

bool t_alloc_sweep_next(void)
{
    if (!failed)
        return false;
    failed = false;
    left = ++run;
    return true;
}

void t_alloc_sweep_judge(enum rdv_err got)
{
    left = 0;
    T_ERR(got, failed ? RDV_ERR_NOMEM : RDV_OK);
    if (!failed)
        T_TRUE(run > 1); /* a story without allocations proves nothing */
}
