/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_BASE_INVARIANT_H
#define RDV_BASE_INVARIANT_H

/* Aborts, in every build, when a fact only our own code can break does not hold. Never for input.
 */
#define RDV_INVARIANT(fact)                                  \
    do {                                                     \
        if (!(fact))                                         \
            rdv_invariant_failed(#fact, __FILE__, __LINE__); \
    } while (0)

_Noreturn void rdv_invariant_failed(const char *fact, const char *file, int line);

#endif
