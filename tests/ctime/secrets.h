/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secrets as valgrind sees them: memory it takes for uninitialised. It follows every bit made from
 * them, and complains of a branch or an index that depends on one, which is where time would tell.
 */
#ifndef RDV_TESTS_CTIME_SECRETS_H
#define RDV_TESTS_CTIME_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

void t_hide(void *p, size_t n);
/* What everybody may know, or what a library is known to handle in its own way. */
void t_show(const void *p, size_t n);
/* Whether any bit of up to 64 bytes is hidden. */
bool t_is_hidden(const void *p, size_t n);

#endif
