/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/drbg.h"

#include <string.h>

/* V = HMAC_K(V): steps e, g, h.2 */
static void step(struct se_drbg *g)
{
    const struct rdv_span v = { g->v, sizeof(g->v) };

    se_sha256_hmac(g->v, (struct rdv_span){ g->k, sizeof(g->k) }, &v, 1);
}

/* K = HMAC_K(parts), V = HMAC_K(V): steps d and e, f and g, h.3 */
static void mix(struct se_drbg *g, const struct rdv_span *parts, size_t n)
{
    se_sha256_hmac(g->k, (struct rdv_span){ g->k, sizeof(g->k) }, parts, n);
    step(g);
}

void se_drbg_start(struct se_drbg *g, const uint8_t secret[32], const uint8_t value[32],
                   struct rdv_span extra)
{
    uint8_t round = 0;
    const struct rdv_span parts[] = {
        { g->v, sizeof(g->v) }, { &round, 1 }, { secret, 32 }, { value, 32 }, extra
    };

    memset(g->v, 1, sizeof(g->v));
    memset(g->k, 0, sizeof(g->k));
    g->asked = false;
    mix(g, parts, sizeof(parts) / sizeof(parts[0]));
    round = 1;
    mix(g, parts, sizeof(parts) / sizeof(parts[0]));
}

void se_drbg_next(struct se_drbg *g, uint8_t out[32])
{
    static const uint8_t zero = 0;
    const struct rdv_span parts[] = { { g->v, sizeof(g->v) }, { &zero, 1 } };

    if (g->asked)
        mix(g, parts, sizeof(parts) / sizeof(parts[0]));
    step(g);
    g->asked = true;
    memcpy(out, g->v, sizeof(g->v));
}
