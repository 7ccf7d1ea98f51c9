/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time, read only at the edges of a program: the cores take it as an argument. */
#ifndef RDV_BASE_CLOCK_H
#define RDV_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some fixed moment; never goes back. */
uint64_t rdv_clock_mono_ms(void);

/* Seconds since 1970, UTC; may be stepped by the operator. */
int64_t rdv_clock_wall_s(void);

#endif
