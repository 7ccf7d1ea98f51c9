/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/busy_poll_uv.h"

#include <sched.h>

#include "base/invariant.h"

/* Of the chances, one in two to this is taken at least. */
#define MISSES_MOST 8

static void on_idle(uv_idle_t *idle)
{
    struct rdv_busy_poll *poll = idle->data;

    if (uv_hrtime() - poll->since_ns < poll->most_ns) {
        (void)sched_yield();
        return;
    }
    (void)uv_idle_stop(idle);
    if (poll->misses < MISSES_MOST)
        poll->misses++;
    poll->skip = (1u << poll->misses) - 1;
}

void rdv_busy_poll_init(struct rdv_busy_poll *poll, uv_loop_t *loop, unsigned most_us)
{
    *poll = (struct rdv_busy_poll){ .most_ns = (uint64_t)most_us * 1000 };
    RDV_INVARIANT(uv_idle_init(loop, &poll->idle) == 0);
    poll->idle.data = poll;
}

void rdv_busy_poll_close(struct rdv_busy_poll *poll)
{
    uv_close((uv_handle_t *)&poll->idle, NULL);
}

void rdv_busy_poll_expect(struct rdv_busy_poll *poll)
{
    if (poll->most_ns == 0)
        return;
    if (poll->skip > 0) {
        poll->skip--;
        return;
    }
    poll->since_ns = uv_hrtime();
    RDV_INVARIANT(uv_idle_start(&poll->idle, on_idle) == 0);
}

void rdv_busy_poll_heard(struct rdv_busy_poll *poll)
{
    if (!uv_is_active((uv_handle_t *)&poll->idle))
        return;
    (void)uv_idle_stop(&poll->idle);
    poll->misses = 0;
}
