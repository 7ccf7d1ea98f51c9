/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In librdv.so, in the place of base/invariant.c: a library has no words for the terminal of a
 * program that it knows nothing of. What it meets here is a fault of its own, never input. */
#include "base/invariant.h"

void rdv_invariant_failed(const char *fact, const char *file, int line)
{
    (void)fact;
    (void)file;
    (void)line;
    __builtin_trap();
}
