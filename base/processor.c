/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/processor.h"

#include <sched.h>

#include "base/log.h"

static enum rdv_err no_such(long cpu)
{
    log_error("--cpu: there is no processor %ld for this process", cpu);
    return RDV_ERR_RANGE;
}

/* What we may run on now, of which `cpu` must be one. */
static enum rdv_err get_ours(cpu_set_t *ours, long cpu)
{
    if (sched_getaffinity(0, sizeof(*ours), ours) != 0 || cpu >= CPU_SETSIZE ||
        !CPU_ISSET((size_t)cpu, ours))
        return no_such(cpu);
    return RDV_OK;
}

static enum rdv_err run_on(const cpu_set_t *these, long cpu)
{
    return sched_setaffinity(0, sizeof(*these), these) == 0 ? RDV_OK : no_such(cpu);
}

enum rdv_err rdv_processor_check(long cpu)
{
    cpu_set_t ours;

    return cpu < 0 ? RDV_OK : get_ours(&ours, cpu);
}

enum rdv_err rdv_processor_stay_on(long cpu)
{
    const enum rdv_err err = rdv_processor_check(cpu);
    cpu_set_t one;

    if (cpu < 0 || err != RDV_OK)
        return err;
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    return run_on(&one, cpu);
}

enum rdv_err rdv_processor_leave(long cpu)
{
    cpu_set_t rest;
    enum rdv_err err;

    if (cpu < 0)
        return RDV_OK;
    if ((err = get_ours(&rest, cpu)) != RDV_OK)
        return err;
    if (CPU_COUNT(&rest) == 1)
        return RDV_OK;
    CPU_CLR((size_t)cpu, &rest);
    return run_on(&rest, cpu);
}

unsigned rdv_processor_count(void)
{
    cpu_set_t all;

    return sched_getaffinity(0, sizeof(all), &all) == 0 ? (unsigned)CPU_COUNT(&all) : 1;
}
