/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/busy_poll_uv.h"

#include <time.h>

#include "tests/support/test.h"

#define MOST_US 500
#define FAR_MS 3600000
#define CHANCES_MOST 256 /* of which one is taken, whatever became of those before */

static uv_loop_t loop;
static uv_timer_t far; /* what the loop would sleep for */
static struct rdv_busy_poll poll;

static void on_far(uv_timer_t *timer)
{
    (void)timer;
}

static void start(unsigned most_us)
{
    T_MUST(uv_loop_init(&loop) == 0 && uv_timer_init(&loop, &far) == 0 &&
           uv_timer_start(&far, on_far, FAR_MS, 0) == 0);
    rdv_busy_poll_init(&poll, &loop, most_us);
    (void)uv_run(&loop, UV_RUN_NOWAIT); /* what a new loop has to do */
}

static void stop(void)
{
    rdv_busy_poll_close(&poll);
    uv_close((uv_handle_t *)&far, NULL);
    T_MUST(uv_run(&loop, UV_RUN_DEFAULT) == 0 && uv_loop_close(&loop) == 0);
}

static bool would_sleep(void)
{
    return uv_backend_timeout(&loop) != 0;
}

static void go_round(void)
{
    (void)uv_run(&loop, UV_RUN_NOWAIT);
}

/* Waits until nothing can come in time any more. */
static void miss(void)
{
    const struct timespec longer = { 0, 2L * MOST_US * 1000 };

    T_MUST(nanosleep(&longer, NULL) == 0);
    go_round();
}

/* How many chances it lets pass before it polls again. */
static unsigned chances_passed(void)
{
    unsigned n = 0;

    rdv_busy_poll_expect(&poll);
    while (would_sleep() && n <= 2 * CHANCES_MOST) {
        n++;
        rdv_busy_poll_expect(&poll);
    }
    return n;
}

static void it_sleeps_where_it_is_told_to(void)
{
    start(0);
    rdv_busy_poll_expect(&poll);
    T_TRUE(would_sleep());
    rdv_busy_poll_heard(&poll);
    T_TRUE(would_sleep());
    stop();
}

static void it_sleeps_while_nothing_is_expected(void)
{
    start(MOST_US);
    T_TRUE(would_sleep());
    rdv_busy_poll_heard(&poll); /* of somebody who came unasked */
    T_TRUE(would_sleep());
    go_round();
    T_TRUE(would_sleep());
    stop();
}

static void it_polls_until_something_comes(void)
{
    start(MOST_US);
    for (int i = 0; i < 3; i++) {
        rdv_busy_poll_expect(&poll);
        T_TRUE(!would_sleep());
        go_round();
        T_TRUE(!would_sleep());
        rdv_busy_poll_heard(&poll);
        T_TRUE(would_sleep());
    }
    stop();
}

static void it_gives_up_in_time(void)
{
    start(MOST_US);
    rdv_busy_poll_expect(&poll);
    miss();
    T_TRUE(would_sleep());
    stop();
}

static void what_was_in_vain_is_tried_less_often(void)
{
    unsigned let_pass = 0;

    start(MOST_US);
    T_UINT(chances_passed(), 0);
    for (unsigned passed = 1; passed < CHANCES_MOST; passed = 2 * passed + 1) {
        miss();
        let_pass = chances_passed();
        T_UINT(let_pass, passed);
    }
    miss();
    T_UINT(chances_passed(), let_pass); /* it is not given up */
    rdv_busy_poll_heard(&poll);
    T_UINT(chances_passed(), 0);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(it_sleeps_where_it_is_told_to),        T_CASE(it_sleeps_while_nothing_is_expected),
    T_CASE(it_polls_until_something_comes),       T_CASE(it_gives_up_in_time),
    T_CASE(what_was_in_vain_is_tried_less_often), T_END,
};

T_SUITE(base_busy_poll, tests);
