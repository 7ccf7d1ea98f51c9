/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/processor.h"

#include <sched.h>

#include "tests/support/test.h"

static cpu_set_t before;

static void start(void)
{
    T_MUST(sched_getaffinity(0, sizeof(before), &before) == 0);
}

static void stop(void)
{
    T_MUST(sched_setaffinity(0, sizeof(before), &before) == 0);
}

static long one_of_ours(void)
{
    long cpu = sched_getcpu();

    T_MUST(cpu >= 0);
    return cpu;
}

static void a_thread_stays_on_its_processor(void)
{
    long cpu;

    start();
    cpu = one_of_ours();
    T_OK(rdv_processor_check(cpu));
    T_UINT(rdv_processor_count(), (unsigned)CPU_COUNT(&before)); /* and stays where it likes */
    T_OK(rdv_processor_stay_on(cpu));
    T_UINT(rdv_processor_count(), 1);
    T_UINT((unsigned)sched_getcpu(), (unsigned)cpu);
    T_OK(rdv_processor_leave(cpu)); /* there is no other */
    T_UINT((unsigned)sched_getcpu(), (unsigned)cpu);
    stop();
}

static void a_thread_leaves_a_processor_to_others(void)
{
    unsigned n;

    start();
    n = rdv_processor_count();
    T_OK(rdv_processor_leave(one_of_ours()));
    T_UINT(rdv_processor_count(), n > 1 ? n - 1 : 1);
    stop();
}

static void none_is_asked_for(void)
{
    cpu_set_t now;

    start();
    T_OK(rdv_processor_check(-1));
    T_OK(rdv_processor_stay_on(-1));
    T_OK(rdv_processor_leave(-1));
    T_MUST(sched_getaffinity(0, sizeof(now), &now) == 0);
    T_TRUE(CPU_EQUAL(&now, &before));
    stop();
}

static void one_that_is_not_there_is_refused(void)
{
    static const long not_there[] = { CPU_SETSIZE - 1, CPU_SETSIZE, 1000000 };
    cpu_set_t now;

    start();
    for (size_t i = 0; i < sizeof(not_there) / sizeof(not_there[0]); i++) {
        T_ERR(rdv_processor_check(not_there[i]), RDV_ERR_RANGE);
        T_ERR(rdv_processor_stay_on(not_there[i]), RDV_ERR_RANGE);
        T_ERR(rdv_processor_leave(not_there[i]), RDV_ERR_RANGE);
    }
    T_TRUE(t_logged("there is no processor 1000000") > 0);
    T_MUST(sched_getaffinity(0, sizeof(now), &now) == 0);
    T_TRUE(CPU_EQUAL(&now, &before));
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(a_thread_stays_on_its_processor),
    T_CASE(a_thread_leaves_a_processor_to_others),
    T_CASE(none_is_asked_for),
    T_CASE(one_that_is_not_there_is_refused),
    T_END,
};

T_SUITE(base_processor, tests);
