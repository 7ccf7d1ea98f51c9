/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <time.h>

#include "base/invariant.h"

uint64_t rdv_clock_mono_ms(void)
{
    struct timespec t;

    RDV_INVARIANT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int64_t rdv_clock_wall_s(void)
{
    struct timespec t;

    RDV_INVARIANT(clock_gettime(CLOCK_REALTIME, &t) == 0);
    return t.tv_sec;
}
