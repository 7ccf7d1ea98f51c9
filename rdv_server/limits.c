/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rdv_server/limits.h"

#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/random.h"

/* Chained hash table. Its seed is secret, so that nobody can choose addresses that collide. */
struct entry {
    struct rdv_limits_key key;
    size_t count;
    struct entry *next;
};

struct rdv_limits {
    uint64_t seed[2];
    size_t mask; /* buckets - 1 */
    size_t max_sessions, max_per_address;
    size_t n;
    struct entry **buckets;
    struct entry *unused; /* of the max_sessions entries made at the start */
    struct entry *entries;
};

struct rdv_limits_key rdv_limits_key_of(const struct sockaddr *address)
{
    static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    struct rdv_limits_key key = { { 0 } };

    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;

        memcpy(key.bytes, mapped, sizeof(mapped));
        memcpy(key.bytes + 12, &in->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
        const int is_v4 = memcmp(&in6->sin6_addr, mapped, sizeof(mapped)) == 0;

        memcpy(key.bytes, &in6->sin6_addr, is_v4 ? 16 : 8);
    }
    return key;
}

enum rdv_err rdv_limits_new(struct rdv_limits **out, size_t max_sessions, size_t max_per_address)
{
    struct rdv_limits *l;
    size_t buckets = 16;

    *out = NULL;
    while (buckets < max_sessions)
        buckets *= 2;
    if ((l = calloc(1, sizeof(*l))) == NULL ||
        (l->buckets = calloc(buckets, sizeof(struct entry *))) == NULL ||
        (l->entries = calloc(max_sessions, sizeof(*l->entries))) == NULL) {
        rdv_limits_free(l);
        return RDV_ERR_NOMEM;
    }
    rdv_random(l->seed, sizeof(l->seed));
    l->mask = buckets - 1;
    l->max_sessions = max_sessions;
    l->max_per_address = max_per_address;
    for (size_t i = 0; i < max_sessions; i++) {
        l->entries[i].next = l->unused;
        l->unused = &l->entries[i];
    }
    *out = l;
    return RDV_OK;
}

void rdv_limits_free(struct rdv_limits *l)
{
    if (l == NULL)
        return;
    free(l->buckets);
    free(l->entries);
    free(l);
}

/* The link that points to the entry of a key, or to the end of its chain. */
static struct entry **find(struct rdv_limits *l, const struct rdv_limits_key *key)
{
    struct entry **at;
    uint64_t words[2], h = l->seed[0];

    memcpy(words, key->bytes, sizeof(words));
    for (size_t i = 0; i < 2; i++) { /* multiply and fold, with secret factors */
        const __uint128_t m = (__uint128_t)(h ^ words[i]) * (l->seed[1] | 1);

        h = (uint64_t)m ^ (uint64_t)(m >> 64);
    }
    at = &l->buckets[h & l->mask];
    while (*at != NULL && memcmp(&(*at)->key, key, sizeof(*key)) != 0)
        at = &(*at)->next;
    return at;
}

enum rdv_err rdv_limits_enter(struct rdv_limits *l, const struct rdv_limits_key *key)
{
    struct entry **at = find(l, key);

    if (l->n >= l->max_sessions)
        return RDV_ERR_FULL;
    if ((*at == NULL ? 0 : (*at)->count) >= l->max_per_address)
        return RDV_ERR_LIMIT;
    if (*at == NULL) {
        *at = l->unused; /* there is one: no more keys than sessions */
        l->unused = l->unused->next;
        **at = (struct entry){ .key = *key };
    }
    (*at)->count++;
    l->n++;
    return RDV_OK;
}

void rdv_limits_leave(struct rdv_limits *l, const struct rdv_limits_key *key)
{
    struct entry **at = find(l, key), *e = *at;

    RDV_INVARIANT(e != NULL && e->count > 0 && l->n > 0);
    l->n--;
    if (--e->count > 0)
        return;
    *at = e->next;
    e->next = l->unused;
    l->unused = e;
}

size_t rdv_limits_count(const struct rdv_limits *l)
{
    return l->n;
}
