/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way to fail. A function that can fail returns enum rdv_err; RDV_OK is 0. The list is
 * err.def, so that no error can lack a text or an exit code.
 */
#ifndef RDV_BASE_ERR_H
#define RDV_BASE_ERR_H

enum rdv_err {
    RDV_OK = 0,
#define RDV_ERR(name, word, text, code) RDV_ERR_##name,
#include "base/err.def"
#undef RDV_ERR
};

#define RDV_MUST_USE __attribute__((warn_unused_result))

/* Text for people, never NULL, without a final dot. */
const char *rdv_err_text(enum rdv_err err);

/* The word a machine reads: "denied". */
const char *rdv_err_name(enum rdv_err err);

/* Exit code of a command-line tool. */
int rdv_err_exit(enum rdv_err err);

/* Aborts, in every build, when a fact only our own code can break does not hold. Never for input.
 */
#define RDV_INVARIANT(fact)                                  \
    do {                                                     \
        if (!(fact))                                         \
            rdv_invariant_failed(#fact, __FILE__, __LINE__); \
    } while (0)

_Noreturn void rdv_invariant_failed(const char *fact, const char *file, int line);

#endif
