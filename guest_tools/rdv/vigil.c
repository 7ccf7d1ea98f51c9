/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/vigil.h"

unsigned tool_vigil_wait(int timeout_ms)
{
    const int wait_s = timeout_ms / 2000;

    return wait_s < 1 ? 1 : wait_s > TOOL_VIGIL_WAIT_MOST ? TOOL_VIGIL_WAIT_MOST : (unsigned)wait_s;
}

int64_t tool_vigil_heads_at(int64_t now, int64_t end, unsigned wait_s)
{
    if (end <= now)
        return now + wait_s;
    return now + (end - now + 1) / 2;
}

unsigned tool_vigil_hold(int64_t now, int64_t heads_at, unsigned wait_s)
{
    const int64_t left = heads_at - now;

    return left >= wait_s ? wait_s : left < 1 ? 1 : (unsigned)left;
}

unsigned tool_vigil_pause(unsigned *retry_ms, uint32_t chance)
{
    *retry_ms = *retry_ms == 0                          ? TOOL_VIGIL_RETRY_FIRST
                : 2 * *retry_ms > TOOL_VIGIL_RETRY_MOST ? TOOL_VIGIL_RETRY_MOST
                                                        : 2 * *retry_ms;
    return *retry_ms / 2 + chance % (*retry_ms / 2);
}
