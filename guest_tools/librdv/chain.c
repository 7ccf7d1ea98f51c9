/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/librdv/chain.h"

#include <inttypes.h>
#include <string.h>

#include "base/why.h"

#define HASH RDV_VERIFY_HASH_BYTES

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, HASH) == 0;
}

static bool is_known(const uint8_t *hash)
{
    static const uint8_t unknown[HASH] = { 0 };

    return !same(hash, unknown);
}

static enum rdv_verdict forked(struct guest_finding *out, const char *text)
{
    (void)rdv_why_say(out->why, RDV_OK, "%s", text);
    return RDV_FORKED;
}

/* --- what is remembered ----------------------------------------------------------------------- */

static uint8_t *slot(struct guest_chain *c, uint64_t n)
{
    return c->window[n % RDV_VERIFY_WINDOW];
}

static bool in_window(const struct guest_chain *c, uint64_t n)
{
    return n <= c->n && c->n - n < RDV_VERIFY_WINDOW;
}

/* The hash of an entry, or NULL when it is not known. That before the first is all zero. */
static const uint8_t *hash_of(struct guest_chain *c, uint64_t n)
{
    if (!c->begun)
        return NULL;
    if (in_window(c, n) && (n == 0 || is_known(slot(c, n))))
        return slot(c, n);
    for (size_t i = 0; i < c->n_gaps; i++) {
        if (c->gaps[i].to == n)
            return c->gaps[i].last;
        if (c->gaps[i].from - 1 == n)
            return c->gaps[i].before;
    }
    return NULL;
}

/* Entry n > c->n is the last from now on. */
static void go_to(struct guest_chain *c, uint64_t n, const uint8_t *hash)
{
    if (n - c->n >= RDV_VERIFY_WINDOW) {
        memset(c->window, 0, sizeof(c->window));
    } else {
        for (uint64_t i = c->n + 1; i < n; i++)
            memset(slot(c, i), 0, HASH);
    }
    c->n = n;
    memcpy(slot(c, n), hash, HASH);
}

static void remove_gap(struct guest_chain *c, size_t i)
{
    c->n_gaps--;
    memmove(&c->gaps[i], &c->gaps[i + 1], (c->n_gaps - i) * sizeof(c->gaps[0]));
}

/* Makes room for one more. Nothing that is missing is forgotten: of the two oldest gaps, and what
 * lies between, one is made. What was before the first entry seen is not missing. */
static void make_room(struct guest_chain *c)
{
    if (c->n_gaps < RDV_VERIFY_GAPS)
        return;
    if (c->gaps[0].from >= c->first) {
        c->gaps[1].from = c->gaps[0].from;
        memcpy(c->gaps[1].before, c->gaps[0].before, HASH);
    }
    remove_gap(c, 0);
}

static void append_gap(struct guest_chain *c, uint64_t from, uint64_t to, const uint8_t *before,
                       const uint8_t *last)
{
    struct guest_gap *gap;

    make_room(c);
    gap = &c->gaps[c->n_gaps++];
    gap->from = from;
    gap->to = to;
    memcpy(gap->before, before, HASH);
    memcpy(gap->last, last, HASH);
}

/* Entries up to n, whose hash is known, have not come: tells it and goes on behind them. */
static enum rdv_verdict miss(struct guest_chain *c, uint64_t n, const uint8_t *hash,
                             struct guest_finding *out)
{
    out->gap_from = c->n + 1;
    out->gap_to = n;
    append_gap(c, c->n + 1, n, slot(c, c->n), hash);
    (void)rdv_why_say(out->why, RDV_OK,
                      out->gap_from == n ? "entry %" PRIu64 " has not come"
                                         : "entries %" PRIu64 " to %" PRIu64 " have not come",
                      out->gap_from, n);
    return RDV_GAP;
}

void guest_chain_begin(struct guest_chain *c)
{
    c->begun = true;
    c->first = 1;
}

/* --- entries ---------------------------------------------------------------------------------- */

static void join(struct guest_chain *c, const struct guest_link *e, struct guest_finding *out)
{
    static const uint8_t zeros[HASH] = { 0 };

    c->begun = true;
    c->first = e->n;
    c->seq = e->seq;
    go_to(c, e->n, e->hash);
    if (e->n == 1)
        return;
    append_gap(c, 1, e->n - 1, zeros, e->prev);
    out->joined = true;
    (void)rdv_why_say(out->why, RDV_OK,
                      c->has_head && e->n - 1 == c->head.n
                              ? "the first that was seen, right behind the head"
                              : "the first that was seen: of those before nothing is known");
}

/* What the card has signed of this place in the chain, in a head, is something else. */
static bool contradicts_head(const struct guest_chain *c, const struct guest_link *e)
{
    return c->has_head && ((e->n == c->head.n && !same(e->hash, c->head.hash)) ||
                           (e->n - 1 == c->head.n && !same(e->prev, c->head.hash)));
}

/* What follows an entry of another history is of that, too. */
static bool goes_on_with_fork(const struct guest_chain *c, const struct guest_link *e)
{
    return c->fork_n > 0 && e->n - 1 == c->fork_n && same(e->prev, c->fork_hash);
}

static void remember_fork(struct guest_chain *c, uint64_t n, const uint8_t *hash)
{
    c->fork_n = n;
    memcpy(c->fork_hash, hash, HASH);
}

/* Behind the last. */
static enum rdv_verdict next(struct guest_chain *c, const struct guest_link *e,
                             struct guest_finding *out)
{
    enum rdv_verdict verdict = RDV_VALID;

    if (e->seq <= c->seq)
        return forked(out, "its number in the log is not above those before it");
    if (e->n - 1 > c->n)
        verdict = miss(c, e->n - 1, e->prev, out);
    else if (!same(e->prev, slot(c, c->n)))
        return forked(out, "it follows another entry than the one that was seen");
    c->seq = e->seq;
    go_to(c, e->n, e->hash);
    return verdict;
}

/* Into a gap, which becomes smaller, or two, or none. */
static enum rdv_verdict fill(struct guest_chain *c, size_t i, const struct guest_link *e,
                             struct guest_finding *out)
{
    const struct guest_gap whole = c->gaps[i];

    if ((e->n == whole.from && !same(e->prev, whole.before)) ||
        (e->n == whole.to && !same(e->hash, whole.last)))
        return forked(out, "it is not the entry that is missing here");
    if (in_window(c, e->n))
        memcpy(slot(c, e->n), e->hash, HASH);
    (void)rdv_why_say(out->why, RDV_OK, "it was missing; newer ones have come before it");
    if (e->n == whole.from && e->n == whole.to) {
        remove_gap(c, i);
    } else if (e->n == whole.from) {
        c->gaps[i].from++;
        memcpy(c->gaps[i].before, e->hash, HASH);
    } else if (e->n == whole.to) {
        c->gaps[i].to--;
        memcpy(c->gaps[i].last, e->prev, HASH);
    } else if (c->n_gaps == RDV_VERIFY_GAPS) {
        return RDV_FILLED; /* it stays one: a gap too many would be forgotten for it */
    } else {
        memmove(&c->gaps[i + 1], &c->gaps[i], (c->n_gaps - i) * sizeof(c->gaps[0]));
        c->n_gaps++;
        c->gaps[i].to = e->n - 1;
        memcpy(c->gaps[i].last, e->prev, HASH);
        c->gaps[i + 1].from = e->n + 1;
        memcpy(c->gaps[i + 1].before, e->hash, HASH);
    }
    return RDV_FILLED;
}

/* One that should have come already. */
static enum rdv_verdict earlier(struct guest_chain *c, const struct guest_link *e,
                                struct guest_finding *out)
{
    for (size_t i = 0; i < c->n_gaps; i++) {
        if (e->n >= c->gaps[i].from && e->n <= c->gaps[i].to)
            return fill(c, i, e, out);
    }
    if (!in_window(c, e->n) || !is_known(slot(c, e->n))) {
        (void)rdv_why_say(out->why, RDV_OK, "entry %" PRIu64 " came long ago: the last is %" PRIu64,
                          e->n, c->n);
        return RDV_REPLAYED;
    }
    if (!same(slot(c, e->n), e->hash))
        return forked(out, "another entry of this number has come");
    (void)rdv_why_say(out->why, RDV_OK, "the same message has come already");
    return RDV_REPEATED;
}

enum rdv_verdict guest_chain_entry(struct guest_chain *c, const struct guest_link *e,
                                   uint64_t restored, struct guest_finding *out)
{
    enum rdv_verdict verdict = RDV_VALID;

    if (contradicts_head(c, e))
        verdict = forked(out, "a head of the card says otherwise");
    else if (goes_on_with_fork(c, e))
        verdict = forked(out, "it follows an entry that is not of the history that was seen");
    else if (!c->begun)
        join(c, e, out);
    else if (e->n > c->n)
        verdict = next(c, e, out);
    else
        verdict = earlier(c, e, out);
    if (verdict == RDV_FORKED && restored > c->seq && e->seq > restored) {
        struct rdv_why unsaid;
        struct guest_finding ignored = { .why = &unsaid };

        *c = (struct guest_chain){ .begun = false };
        join(c, e, &ignored);
        return forked(out, "the card was put back to an older state, and goes on from here");
    }
    if (verdict == RDV_FORKED)
        remember_fork(c, e->n, e->hash);
    return verdict;
}

/* --- heads ------------------------------------------------------------------------------------ */

/* What it tells of is not in the history that was seen. */
static bool is_of_fork(struct guest_chain *c, const struct guest_head *h)
{
    const uint8_t *hash = hash_of(c, h->n);

    return (hash != NULL && !same(hash, h->hash)) ||
           (c->fork_n > 0 && h->n == c->fork_n && same(h->hash, c->fork_hash)) ||
           (c->has_head && h->n == c->head.n && !same(h->hash, c->head.hash));
}

/* A chain that has become shorter is another one, even if it goes back to what was seen. */
static bool disagrees(struct guest_chain *c, const struct guest_head *h)
{
    return is_of_fork(c, h) || (c->has_head && h->n < c->head.n && h->time > c->head.time);
}

static bool is_older(const struct guest_chain *c, const struct guest_head *h)
{
    return c->has_head && (h->n < c->head.n || (h->n == c->head.n && h->time < c->head.time));
}

static void take_head(struct guest_chain *c, const struct guest_head *h)
{
    c->head = *h;
    c->has_head = true;
    c->waits_since = 0;
    c->told_stale = false;
    if (!c->begun && h->n == 0)
        guest_chain_begin(c);
}

/* What the head that is remembered tells of, and has not come. */
static bool is_behind(const struct guest_chain *c)
{
    return c->begun && c->has_head && c->head.n > c->n;
}

static enum rdv_verdict miss_those_of_head(struct guest_chain *c, struct guest_finding *out)
{
    const struct guest_head head = c->head;
    const enum rdv_verdict verdict = miss(c, head.n, head.hash, out);

    go_to(c, head.n, head.hash);
    c->waits_since = 0;
    return verdict;
}

static bool is_past_its_end(const struct guest_chain *c, int64_t now)
{
    return c->has_head && c->head.until < now;
}

static enum rdv_verdict tell_stale(struct guest_chain *c, struct guest_finding *out,
                                   const char *text)
{
    c->told_stale = true;
    (void)rdv_why_say(out->why, RDV_OK, "%s", text);
    return RDV_STALE_HEAD;
}

enum rdv_verdict guest_chain_head(struct guest_chain *c, const struct guest_head *h,
                                  uint64_t restored, int64_t now, struct guest_finding *out)
{
    const bool repeated = c->has_head && same(h->id, c->head.id);
    enum rdv_verdict verdict = RDV_VALID;

    if (disagrees(c, h)) {
        if (restored > c->seq) {
            *c = (struct guest_chain){ .begun = false };
            take_head(c, h);
        } else if (is_of_fork(c, h)) {
            remember_fork(c, h->n, h->hash);
        }
        return forked(out, "it is not the head of the chain that was seen");
    }
    if (is_older(c, h)) {
        (void)rdv_why_say(out->why, RDV_OK, "a newer head has come already");
        return RDV_STALE_HEAD;
    }
    if (repeated) {
        (void)rdv_why_say(out->why, RDV_OK, "the same message has come already");
        verdict = RDV_REPEATED;
    } else {
        /* Entries are published before the head that tells of them. Of the first head, they may
         * still be on their way; not of the next. */
        if (is_behind(c))
            verdict = miss_those_of_head(c, out);
        take_head(c, h);
    }
    if (verdict != RDV_GAP && is_past_its_end(c, now))
        verdict = tell_stale(c, out, "it was good until a moment that has passed");
    return verdict;
}

/* --- what does not come ----------------------------------------------------------------------- */

/* True when something has been waited for long enough. */
static bool waited(struct guest_chain *c, int64_t now, bool end)
{
    if (end)
        return true;
    if (c->waits_since == 0)
        c->waits_since = now;
    return now - c->waits_since >= RDV_VERIFY_GRACE;
}

enum rdv_verdict guest_chain_overdue(struct guest_chain *c, int64_t now, bool end, bool heads,
                                     struct guest_finding *out)
{
    if (is_behind(c))
        return waited(c, now, end) ? miss_those_of_head(c, out) : RDV_VALID;
    if (c->told_stale)
        return RDV_VALID;
    if (is_past_its_end(c, now))
        return tell_stale(c, out, "the last head is past its end, and no newer one has come");
    if (heads && !c->has_head && c->n > 0 && waited(c, now, end))
        return tell_stale(c, out, "no head has come: nothing says that this entry is the last");
    return RDV_VALID;
}

uint64_t guest_chain_missing(const struct guest_chain *c)
{
    uint64_t missing = 0;

    for (size_t i = 0; i < c->n_gaps; i++) {
        if (c->gaps[i].from >= c->first)
            missing += c->gaps[i].to - c->gaps[i].from + 1;
    }
    return missing;
}
