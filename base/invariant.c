/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/invariant.h"

#include <stdio.h>
#include <stdlib.h>

void rdv_invariant_failed(const char *fact, const char *file, int line)
{
    fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, fact);
    abort();
}
