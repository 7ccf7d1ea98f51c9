/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/random.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

#include "base/invariant.h"

void rdv_random(void *out, size_t n)
{
    uint8_t *p = out;

    while (n > 0) {
        const ssize_t r = getrandom(p, n, 0);

        if (r < 0 && errno == EINTR)
            continue;
        RDV_INVARIANT(r > 0);
        p += r;
        n -= (size_t)r;
    }
}
