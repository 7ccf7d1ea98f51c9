/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/processor.h"

#include <sched.h>
#include <stdbool.h>

#include "base/log.h"

static bool is_ours(cpu_set_t *all, long cpu)
{
    return sched_getaffinity(0, sizeof(*all), all) == 0 && cpu >= 0 && cpu < CPU_SETSIZE &&
           CPU_ISSET((size_t)cpu, all);
}

static enum rdv_err run_on(long cpu, const cpu_set_t *these, bool may)
{
    if (may && sched_setaffinity(0, sizeof(*these), these) == 0)
        return RDV_OK;
    log_error("--cpu: there is no processor %ld for this process", cpu);
    return RDV_ERR_RANGE;
}

enum rdv_err rdv_processor_stay_on(long cpu)
{
    cpu_set_t all, one;

    if (cpu < 0)
        return RDV_OK;
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    return run_on(cpu, &one, is_ours(&all, cpu));
}

enum rdv_err rdv_processor_leave(long cpu)
{
    cpu_set_t rest;
    const bool may = cpu < 0 || is_ours(&rest, cpu);

    if (cpu < 0 || (may && CPU_COUNT(&rest) == 1))
        return RDV_OK;
    if (may)
        CPU_CLR((size_t)cpu, &rest);
    return run_on(cpu, &rest, may);
}

unsigned rdv_processor_count(void)
{
    cpu_set_t all;

    return sched_getaffinity(0, sizeof(all), &all) == 0 ? (unsigned)CPU_COUNT(&all) : 1;
}
