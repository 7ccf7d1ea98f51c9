/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every unit test is written with, on top of CUnit. A test is a sentence; a suite is a file:
 *
 *     static void refuses_bytes_after_the_end(void) { ... T_ERR(call(), RDV_ERR_TRAILING); }
 *
 *     static CU_TestInfo tests[] = { T_CASE(refuses_bytes_after_the_end), T_END };
 *     T_SUITE(wire_apdu, tests);
 *
 * and one line in tests/unit/suites.def.
 */
#ifndef RDV_TESTS_SUPPORT_TEST_H
#define RDV_TESTS_SUPPORT_TEST_H

#include <CUnit/CUnit.h>

#include "base/bytes.h"
#include "base/err.h"

#define T_CASE(test) \
    {                \
#test, test  \
    }
#define T_END CU_TEST_INFO_NULL
#define T_SUITE(name, list) CU_TestInfo *const t_suite_##name = list

/* Goes on after a failure. */
#define T_TRUE(fact) CU_ASSERT(fact)
#define T_UINT(got, want) t_uint_((got), (want), #got, __FILE__, __LINE__)
/* The exact error, both texts printed. */
#define T_ERR(got, want) t_err_((got), (want), #got, __FILE__, __LINE__)
#define T_OK(got) T_ERR(got, RDV_OK)
/* Bytes against a C string, or a span. */
#define T_TEXT(got, want) t_span_((got), rdv_span_of(want), #got, __FILE__, __LINE__)
#define T_SPAN(got, want) t_span_((got), (want), #got, __FILE__, __LINE__)
/* Stops the test after a failure. */
#define T_MUST(fact) CU_ASSERT_FATAL(fact)
#define T_MUST_OK(got) CU_ASSERT_FATAL(t_err_((got), RDV_OK, #got, __FILE__, __LINE__))

bool t_uint_(unsigned long long got, unsigned long long want, const char *what, const char *file,
             int line);
bool t_err_(enum rdv_err got, enum rdv_err want, const char *what, const char *file, int line);
bool t_span_(struct rdv_span got, struct rdv_span want, const char *what, const char *file,
             int line);

/* Bytes of hex digits (blanks allowed), in memory that lives until the process ends. */
struct rdv_span t_hex(const char *digits);

/* Deterministic chance: the same sequence from the same seed. */
uint32_t t_random(uint32_t *seed);

/* Calls `decode` with every proper prefix of `whole`, each in a block of exactly that size, so that
 * a read past the end is caught. It is to refuse or accept, never to crash. */
void t_every_prefix(struct rdv_span whole, void (*decode)(struct rdv_span in));

/* The same with each bit of `whole` flipped in turn. */
void t_every_bit_flip(struct rdv_span whole, void (*decode)(struct rdv_span in));

/* A new directory below the build's temporary one, removed when the process ends. */
const char *t_temp_dir(void);

/* Log lines since the last call that hold `text`; while a test runs they do not go to the terminal.
 */
unsigned t_logged(const char *text);

#endif
