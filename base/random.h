/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_BASE_RANDOM_H
#define RDV_BASE_RANDOM_H

#include <stddef.h>

/* Fills out with n bytes from the kernel's generator, which cannot fail once seeded; waits for the
 * seed early at boot. Aborts if the kernel has no generator. */
void rdv_random(void *out, size_t n);

#endif
