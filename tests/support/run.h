/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_TESTS_SUPPORT_RUN_H
#define RDV_TESTS_SUPPORT_RUN_H

#include <CUnit/CUnit.h>
#include <stddef.h>

struct t_suite {
    const char *name;
    CU_TestInfo *const *tests;
};

/* Runs all suites, or the one argv[1] names. Returns the exit code; a run without a single
 * assertion is a failure. */
int t_main(const struct t_suite *suites, size_t n, int argc, char **argv);

#endif
