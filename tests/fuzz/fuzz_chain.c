/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: guest_chain_entry guest_chain_head guest_chain_overdue */
#include <stdlib.h>
#include <string.h>

#include "guest_tools/librdv/chain.h"
#include "tests/fuzz/fuzz.h"

#define HASH RDV_VERIFY_HASH_BYTES
#define ENTRIES 400

/*
 * One true history, whose entries and heads come in any order, some never and some again, and
 * entries of another history in between: the true ones are never called a fork, the others are
 * never believed, nothing that is missing is forgotten, and nothing is news twice unless it was
 * counted as missing.
 */
struct story {
    struct guest_chain chain;
    struct guest_finding found;
    struct rdv_why why;
    bool came[ENTRIES + 1];
};

static void hash_of(uint8_t out[HASH], uint8_t history, uint64_t n)
{
    memset(out, 0, HASH);
    if (n > 0) {
        out[0] = history;
        out[1] = (uint8_t)n;
        out[2] = (uint8_t)(n >> 8);
    }
}

static bool is_missing(const struct guest_chain *c, uint64_t n)
{
    for (size_t i = 0; i < c->n_gaps; i++) {
        if (n >= c->gaps[i].from && n <= c->gaps[i].to)
            return true;
    }
    return false;
}

static void give_entry(struct story *s, uint64_t n, uint8_t history)
{
    uint8_t prev[HASH], hash[HASH];
    const struct guest_link e = { .n = n, .seq = n, .prev = prev, .hash = hash };
    const bool was_missing = is_missing(&s->chain, n);
    const uint64_t last = s->chain.n;
    enum rdv_verdict verdict;

    hash_of(prev, history, n - 1);
    hash_of(hash, history, n);
    verdict = guest_chain_entry(&s->chain, &e, 0, &s->found);
    if (history == 'b') {
        RDV_INVARIANT(verdict == RDV_FORKED || verdict == RDV_REPLAYED);
        return;
    }
    RDV_INVARIANT(verdict != RDV_FORKED);
    RDV_INVARIANT((verdict == RDV_VALID || verdict == RDV_GAP) == (n > last));
    RDV_INVARIANT((verdict == RDV_FILLED) == (n <= last && was_missing));
    RDV_INVARIANT((verdict != RDV_REPEATED && verdict != RDV_REPLAYED) || s->came[n] ||
                  n < s->chain.first);
    s->came[n] = true;
}

static void give_head(struct story *s, uint64_t n, int64_t now)
{
    struct guest_head h = { .n = n, .time = (int64_t)n, .until = (int64_t)n + 100 };

    hash_of(h.hash, 'a', n);
    hash_of(h.id, 'h', n + 1);
    RDV_INVARIANT(guest_chain_head(&s->chain, &h, 0, now, &s->found) != RDV_FORKED);
}

static void check(const struct story *s)
{
    const struct guest_chain *c = &s->chain;
    uint64_t missing = 0;

    RDV_INVARIANT(c->n_gaps <= RDV_VERIFY_GAPS);
    for (size_t i = 0; i < c->n_gaps; i++) {
        RDV_INVARIANT(c->gaps[i].from >= 1 && c->gaps[i].from <= c->gaps[i].to);
        RDV_INVARIANT(c->gaps[i].to <= c->n && (i == 0 || c->gaps[i].from > c->gaps[i - 1].to));
    }
    for (uint64_t n = c->first; n > 0 && n <= c->n; n++) {
        missing += s->came[n] ? 0 : 1;
        RDV_INVARIANT(s->came[n] || is_missing(c, n));
    }
    RDV_INVARIANT(guest_chain_missing(c) >= missing);
}

/* Of each two bytes, what comes, and its number: near the last one, or anywhere. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct story *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return 0;
    s->found.why = &s->why;
    for (size_t i = 0; i + 1 < size; i += 2) {
        const uint64_t near = s->chain.n + 4 - data[i + 1] % 8;
        const uint64_t n = data[i] & 0x80 ? near : (uint64_t)data[i + 1] * 2 + (data[i] >> 6);

        if (n < 1 || n > ENTRIES)
            continue;
        if ((data[i] & 3) == 0)
            give_head(s, n, data[i + 1]);
        else if ((data[i] & 0x3F) == 1 && s->chain.begun && !is_missing(&s->chain, n) &&
                 s->chain.n > 0 && (n <= s->chain.n + 1 || n == s->chain.fork_n + 1))
            give_entry(s, n, 'b');
        else if ((data[i] & 0x3F) == 2)
            (void)guest_chain_overdue(&s->chain, data[i + 1], data[i] & 0x40, true, &s->found);
        else
            give_entry(s, n, 'a');
        check(s);
    }
    free(s);
    return 0;
}
