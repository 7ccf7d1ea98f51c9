/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long to wait before the next try: twice as long after each failure, up to a limit, and never
 * exactly so, or all who lost the same server would come back to it at once. */
#ifndef RDV_MQTT_BRIDGE_BACKOFF_H
#define RDV_MQTT_BRIDGE_BACKOFF_H

#include <stdint.h>

struct bridge_backoff {
    uint32_t first_ms, most_ms;
    unsigned failures; /* in a row */
};

/* Counts a failure. Returns the delay, in milliseconds: between half of what has been reached and
 * all of it, as `chance` has it, which is any number. */
uint32_t bridge_backoff_fail(struct bridge_backoff *b, uint32_t chance);

void bridge_backoff_reset(struct bridge_backoff *b);

#endif
