/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/vigil.h"

#include "tests/support/test.h"

#define NOW INT64_C(1800000000)

static void a_request_is_held_for_half_of_the_time_it_may_take(void)
{
    T_UINT(tool_vigil_wait(30000), 15);
    T_UINT(tool_vigil_wait(2000), 1);
    T_UINT(tool_vigil_wait(1), 1);
    T_UINT(tool_vigil_wait(86400000), TOOL_VIGIL_WAIT_MOST);
}

static void heads_are_asked_for_before_they_end(void)
{
    T_TRUE(tool_vigil_heads_at(NOW, NOW + 3600, 15) == NOW + 1800);
    T_TRUE(tool_vigil_heads_at(NOW, NOW + 1, 15) == NOW + 1);
    T_TRUE(tool_vigil_heads_at(NOW, NOW, 15) == NOW + 15);
    T_TRUE(tool_vigil_heads_at(NOW, NOW - 5000, 15) == NOW + 15);
    T_TRUE(tool_vigil_heads_at(NOW, INT64_MAX / 2, 15) > NOW + 1000000000);
}

static void no_request_is_held_beyond_that(void)
{
    T_UINT(tool_vigil_hold(NOW, NOW + 1800, 15), 15);
    T_UINT(tool_vigil_hold(NOW, NOW + 15, 15), 15);
    T_UINT(tool_vigil_hold(NOW, NOW + 14, 15), 14);
    T_UINT(tool_vigil_hold(NOW, NOW, 15), 1);
    T_UINT(tool_vigil_hold(NOW, NOW - 9, 15), 1);
}

/* However short the head and long the wait, the next one is asked for while the last is good. */
static void a_head_of_any_length_is_renewed_in_time(void)
{
    for (int64_t life = 2; life < 400; life++) {
        int64_t now = NOW, until = NOW + life, heads_at = tool_vigil_heads_at(now, until, 120);

        for (unsigned i = 0; i < 50; i++) {
            now += tool_vigil_hold(now, heads_at, 120);
            T_MUST(now <= until);
            if (now < heads_at)
                continue;
            until = now + (life + 1) / 2; /* a card gives one that has half of its time at least */
            heads_at = tool_vigil_heads_at(now, until, 120);
        }
    }
}

static void a_server_that_is_away_is_left_in_peace(void)
{
    unsigned retry_ms = 0, last = 0;

    T_UINT(tool_vigil_pause(&retry_ms, 0), 125);
    T_UINT(retry_ms, TOOL_VIGIL_RETRY_FIRST);
    T_UINT(tool_vigil_pause(&retry_ms, UINT32_MAX), 250 + UINT32_MAX % 250);
    for (unsigned i = 0; i < 20; i++) {
        last = tool_vigil_pause(&retry_ms, i * 997);
        T_TRUE(last >= retry_ms / 2 && last < retry_ms);
    }
    T_UINT(retry_ms, TOOL_VIGIL_RETRY_MOST);
    T_TRUE(last >= TOOL_VIGIL_RETRY_MOST / 2);
}

static CU_TestInfo tests[] = {
    T_CASE(a_request_is_held_for_half_of_the_time_it_may_take),
    T_CASE(heads_are_asked_for_before_they_end),
    T_CASE(no_request_is_held_beyond_that),
    T_CASE(a_head_of_any_length_is_renewed_in_time),
    T_CASE(a_server_that_is_away_is_left_in_peace),
    T_END,
};

T_SUITE(rdv_vigil, tests);
