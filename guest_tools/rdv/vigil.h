/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When rdv watch does what: how long a request may be held, when heads are asked for again, and
 * when a lost session is. No I/O, no clock. */
#ifndef RDV_GUEST_TOOLS_RDV_VIGIL_H
#define RDV_GUEST_TOOLS_RDV_VIGIL_H

#include <stdbool.h>
#include <stdint.h>

#define TOOL_VIGIL_WAIT_MOST 120   /* seconds; below what the front lets a session be idle */
#define TOOL_VIGIL_RETRY_FIRST 250 /* milliseconds */
#define TOOL_VIGIL_RETRY_MOST 8000

/* Seconds, where an answer may take so many milliseconds: half of them, so that an answer that is
 * due is no broken session. */
unsigned tool_vigil_wait(int timeout_ms);

/* When heads are asked for again: at half of what is left of the one that ends first. Of one that
 * has ended, after the time that a request may be held. */
int64_t tool_vigil_heads_at(int64_t now, int64_t end, unsigned wait_s);

/* Seconds that a request may be held now, so that heads are asked for in time. */
unsigned tool_vigil_hold(int64_t now, int64_t heads_at, unsigned wait_s);

/* Milliseconds until the next try: twice as many each time, and never all of them, so that not all
 * who have lost a server come back at once. *retry_ms is 0 before the first. */
unsigned tool_vigil_pause(unsigned *retry_ms, uint32_t chance);

#endif
