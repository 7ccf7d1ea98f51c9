/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/guard.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#define BUCKETS 16384 /* of each table; a power of two */

struct bucket {
    uint32_t failures;
    uint64_t last; /* ms, of the last failure */
};

struct se_guard {
    uint64_t seed[2];
    unsigned free_failures;
    struct bucket identities[BUCKETS];
    struct bucket addresses[BUCKETS];
};

enum rdv_err se_guard_new(struct se_guard **out, unsigned free_failures)
{
    if ((*out = calloc(1, sizeof(**out))) == NULL)
        return RDV_ERR_NOMEM;
    (*out)->free_failures = free_failures;
    rdv_random((*out)->seed, sizeof((*out)->seed));
    return RDV_OK;
}

void se_guard_free(struct se_guard *g)
{
    free(g);
}

/* Multiply and fold with secret factors: nobody can choose what shares a bucket. */
static size_t bucket_of(const struct se_guard *g, struct rdv_span name)
{
    uint64_t h = g->seed[0] ^ name.n;

    for (size_t i = 0; i < name.n; i += 8) {
        uint64_t word = 0;
        const size_t n = name.n - i < 8 ? name.n - i : 8;
        __uint128_t m;

        memcpy(&word, name.p + i, n);
        m = (__uint128_t)(h ^ word) * (g->seed[1] | 1);
        h = (uint64_t)m ^ (uint64_t)(m >> 64);
    }
    return (h ^ h >> 32) & (BUCKETS - 1);
}

static unsigned count_of(const struct bucket *b, uint64_t ms)
{
    return ms - b->last > SE_GUARD_FORGET_MS ? 0 : b->failures;
}

/* first * 2^doublings, at most `most`. */
static uint64_t grow(uint64_t first, unsigned doublings, uint64_t most)
{
    while (doublings-- > 0 && first < most)
        first *= 2;
    return first < most ? first : most;
}

static struct se_verdict judge(const struct se_guard *g, const struct bucket *b, uint64_t ms)
{
    const unsigned n = count_of(b, ms);
    const unsigned refuse = g->free_failures + SE_GUARD_DELAYED;
    struct se_verdict v = { 0, false };

    if (n >= g->free_failures)
        v.delay_ms = grow(SE_GUARD_FIRST_MS, n - g->free_failures, SE_GUARD_DELAY_MOST_MS);
    if (n >= refuse)
        v.refuse = ms - b->last < grow(SE_GUARD_LOCK_FIRST_MS, n - refuse, SE_GUARD_LOCK_MOST_MS);
    return v;
}

struct se_verdict se_guard_ask(const struct se_guard *g, struct rdv_span identity,
                               struct rdv_span address, bool known, uint64_t ms)
{
    const struct se_verdict by_identity = judge(g, &g->identities[bucket_of(g, identity)], ms);
    const struct se_verdict by_address = judge(g, &g->addresses[bucket_of(g, address)], ms);
    struct se_verdict v = { 0, false };

    if (known)
        return v;
    v.refuse = by_identity.refuse || by_address.refuse;
    v.delay_ms =
            by_identity.delay_ms > by_address.delay_ms ? by_identity.delay_ms : by_address.delay_ms;
    return v;
}

static void count(struct bucket *b, uint64_t ms)
{
    b->failures = count_of(b, ms);
    if (b->failures < UINT32_MAX)
        b->failures++;
    b->last = ms;
}

void se_guard_failed(struct se_guard *g, struct rdv_span identity, struct rdv_span address,
                     uint64_t ms)
{
    count(&g->identities[bucket_of(g, identity)], ms);
    count(&g->addresses[bucket_of(g, address)], ms);
}

void se_guard_succeeded(struct se_guard *g, struct rdv_span identity, struct rdv_span address)
{
    g->identities[bucket_of(g, identity)].failures = 0;
    g->addresses[bucket_of(g, address)].failures = 0;
}

void se_guard_unlock(struct se_guard *g, struct rdv_span identity)
{
    g->identities[bucket_of(g, identity)].failures = 0;
}

unsigned se_guard_failures(const struct se_guard *g, struct rdv_span identity, uint64_t ms)
{
    return count_of(&g->identities[bucket_of(g, identity)], ms);
}

void se_guard_host(char out[SE_HOST_TEXT], struct rdv_span address)
{
    struct in6_addr in6;
    size_t n = address.n;
    bool bracketed;

    while (n > 0 && address.p[n - 1] != ':')
        n--;
    if (n == 0 ||
        rdv_span_to_text(out, SE_HOST_TEXT, (struct rdv_span){ address.p, n - 1 }) != RDV_OK) {
        if (rdv_span_to_text(out, SE_HOST_TEXT, address) != RDV_OK)
            out[0] = '\0';
        return;
    }
    bracketed = n >= 3 && out[0] == '[' && out[n - 2] == ']';
    if (!bracketed)
        return;
    out[n - 2] = '\0';
    if (inet_pton(AF_INET6, out + 1, &in6) != 1)
        return;
    if (IN6_IS_ADDR_V4MAPPED(&in6)) { /* of a front that listens on [::] */
        if (inet_ntop(AF_INET, in6.s6_addr + 12, out, SE_HOST_TEXT) == NULL)
            out[0] = '\0';
        return;
    }
    memset(in6.s6_addr + 8, 0, 8);
    if (inet_ntop(AF_INET6, &in6, out, SE_HOST_TEXT) == NULL)
        out[0] = '\0';
}
