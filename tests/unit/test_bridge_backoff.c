/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/backoff.h"

#include "tests/support/test.h"

static struct bridge_backoff fresh(void)
{
    return (struct bridge_backoff){ .first_ms = 100, .most_ms = 3000 };
}

static void the_delay_doubles_up_to_its_limit(void)
{
    static const uint32_t want[] = { 100, 200, 400, 800, 1600, 3000, 3000, 3000 };
    struct bridge_backoff b = fresh();

    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
        T_UINT(bridge_backoff_fail(&b, 0), want[i]);
    bridge_backoff_reset(&b);
    T_UINT(bridge_backoff_fail(&b, 0), 100);
}

static void chance_takes_off_up_to_a_half(void)
{
    uint32_t seed = 1, least = UINT32_MAX, most = 0;

    for (unsigned i = 0; i < 10000; i++) {
        struct bridge_backoff b = fresh();
        const uint32_t delay = bridge_backoff_fail(&b, t_random(&seed));

        least = delay < least ? delay : least;
        most = delay > most ? delay : most;
    }
    T_UINT(least, 50);
    T_UINT(most, 100);
}

static void it_goes_on_for_ever(void)
{
    struct bridge_backoff b = { .first_ms = 1, .most_ms = UINT32_MAX };

    for (unsigned i = 0; i < 100; i++)
        T_TRUE(bridge_backoff_fail(&b, 0) > 0);
    T_UINT(bridge_backoff_fail(&b, 0), UINT32_MAX);
}

static CU_TestInfo tests[] = {
    T_CASE(the_delay_doubles_up_to_its_limit),
    T_CASE(chance_takes_off_up_to_a_half),
    T_CASE(it_goes_on_for_ever),
    T_END,
};

T_SUITE(bridge_backoff, tests);
