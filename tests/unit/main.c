/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unit_tests [SUITE]: every module's tests, or those of one. */
#include "tests/support/run.h"

#define SUITE(name) extern CU_TestInfo *const t_suite_##name;
#include "tests/unit/suites.def"
#undef SUITE

static const struct t_suite suites[] = {
#define SUITE(name) { #name, &t_suite_##name },
#include "tests/unit/suites.def"
#undef SUITE
};

int main(int argc, char **argv)
{
    return t_main(suites, sizeof(suites) / sizeof(suites[0]), argc, argv);
}
