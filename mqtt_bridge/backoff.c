/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/backoff.h"

uint32_t bridge_backoff_fail(struct bridge_backoff *b, uint32_t chance)
{
    uint32_t delay = b->first_ms;

    for (unsigned i = 0; i < b->failures && delay < b->most_ms; i++)
        delay = delay > b->most_ms / 2 ? b->most_ms : delay * 2;
    b->failures++;
    return delay - chance % (delay / 2 + 1);
}

void bridge_backoff_reset(struct bridge_backoff *b)
{
    b->failures = 0;
}
