/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/librdv/chain.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#define HASH RDV_VERIFY_HASH_BYTES
#define SEQ 10                         /* from one entry to the next */
#define LONG (RDV_VERIFY_WINDOW + 172) /* entries: more than are remembered */

static struct guest_chain chain;
static struct guest_finding found;
static struct rdv_why why;

/* The hash of entry n of a history. */
static const uint8_t *hash_of(char history, uint64_t n)
{
    static uint8_t hashes[8][HASH];
    static unsigned next;
    uint8_t *out = hashes[next++ % 8];

    memset(out, 0, HASH);
    if (n > 0) {
        out[0] = (uint8_t)history;
        memcpy(out + 1, &n, sizeof(n));
    }
    return out;
}

static struct guest_finding *fresh(void)
{
    why.text[0] = '\0';
    found = (struct guest_finding){ .why = &why };
    return &found;
}

/* Entry n of history `of`, which follows one of history `on`. */
static enum rdv_verdict follows(char of, char on, uint64_t n)
{
    const struct guest_link e = {
        .n = n, .seq = SEQ * n, .prev = hash_of(on, n - 1), .hash = hash_of(of, n)
    };

    return guest_chain_entry(&chain, &e, 0, fresh());
}

static enum rdv_verdict entry(uint64_t n)
{
    return follows('a', 'a', n);
}

static struct guest_head head_of(char of, uint64_t n, int64_t time)
{
    struct guest_head h = { .n = n, .time = time, .until = time + 3600 };

    memcpy(h.hash, hash_of(of, n), HASH);
    memcpy(h.id, &time, sizeof(time));
    h.id[HASH - 2] = (uint8_t)of;
    h.id[HASH - 1] = (uint8_t)n;
    return h;
}

/* The head of entry n, made and judged at `time`. */
static enum rdv_verdict head(uint64_t n, int64_t time)
{
    const struct guest_head h = head_of('a', n, time);

    return guest_chain_head(&chain, &h, 0, time, fresh());
}

static void begin(uint64_t entries)
{
    chain = (struct guest_chain){ .begun = false };
    for (uint64_t n = 1; n <= entries; n++)
        T_UINT(entry(n), RDV_VALID);
}

static void expect_gap(uint64_t from, uint64_t to)
{
    T_UINT(found.gap_from, from);
    T_UINT(found.gap_to, to);
    T_TRUE(why.text[0] != '\0');
}

/* --- entries ---------------------------------------------------------------------------------- */

static void entries_in_order_are_valid(void)
{
    begin(LONG);
    T_UINT(chain.n, LONG);
    T_UINT(chain.first, 1);
    T_UINT(guest_chain_missing(&chain), 0);
    T_TRUE(!found.joined && why.text[0] == '\0');
}

static void missing_entries_are_a_gap(void)
{
    begin(3);
    T_UINT(entry(5), RDV_GAP);
    expect_gap(4, 4);
    T_UINT(entry(6), RDV_VALID);
    T_UINT(entry(10), RDV_GAP);
    expect_gap(7, 9);
    T_UINT(guest_chain_missing(&chain), 4);
}

static void a_gap_is_filled_in_any_order(void)
{
    static const uint64_t orders[][3] = { { 4, 5, 6 }, { 6, 5, 4 }, { 5, 4, 6 }, { 5, 6, 4 } };

    for (size_t i = 0; i < 4; i++) {
        begin(3);
        T_UINT(entry(7), RDV_GAP);
        for (size_t k = 0; k < 3; k++) {
            T_UINT(entry(orders[i][k]), RDV_FILLED);
            T_UINT(guest_chain_missing(&chain), 2 - k);
            T_UINT(entry(orders[i][k]), RDV_REPEATED);
        }
        T_UINT(chain.n_gaps, 0);
        T_UINT(entry(8), RDV_VALID);
    }
}

/* Two that have changed places. */
static void entries_swapped_are_a_gap_and_its_filling(void)
{
    begin(3);
    T_UINT(entry(5), RDV_GAP);
    T_UINT(entry(4), RDV_FILLED);
    T_UINT(entry(6), RDV_VALID);
}

static void only_what_is_missing_fills_a_gap(void)
{
    begin(3);
    T_UINT(entry(7), RDV_GAP);
    T_UINT(follows('b', 'b', 4), RDV_FORKED); /* does not follow 3 */
    T_UINT(follows('b', 'a', 6), RDV_FORKED); /* 7 does not follow it */
    T_UINT(follows('a', 'b', 5), RDV_FILLED); /* fits, until its neighbours are known */
    T_UINT(entry(4), RDV_FORKED);
    T_UINT(guest_chain_missing(&chain), 2);
}

static void the_same_entry_again_is_repeated(void)
{
    begin(LONG);
    T_UINT(entry(LONG), RDV_REPEATED);
    T_UINT(entry(LONG - RDV_VERIFY_WINDOW + 1), RDV_REPEATED);
    T_UINT(entry(LONG + 1), RDV_VALID);
}

static void an_entry_of_long_ago_is_replayed(void)
{
    begin(LONG);
    T_UINT(entry(LONG - RDV_VERIFY_WINDOW), RDV_REPLAYED);
    T_UINT(entry(1), RDV_REPLAYED);
    T_TRUE(why.text[0] != '\0');
    T_UINT(entry(LONG + 1), RDV_VALID);
}

static void another_entry_of_the_same_number_is_a_fork(void)
{
    begin(300);
    T_UINT(follows('b', 'a', 300), RDV_FORKED);
    T_UINT(follows('b', 'b', 250), RDV_FORKED);
    T_UINT(entry(301), RDV_VALID);
}

static void an_entry_that_follows_another_one_is_a_fork(void)
{
    begin(5);
    T_UINT(follows('b', 'b', 6), RDV_FORKED);
    T_UINT(follows('b', 'b', 6), RDV_FORKED);
    T_UINT(entry(6), RDV_VALID);
}

static void what_follows_a_fork_is_a_fork(void)
{
    struct guest_head h = head_of('b', 9, 1000);

    begin(5);
    for (uint64_t n = 6; n < 200; n++)
        T_UINT(follows('b', 'b', n), RDV_FORKED);
    h = head_of('b', 199, 1000);
    T_UINT(guest_chain_head(&chain, &h, 0, 1000, fresh()), RDV_FORKED);
    T_UINT(follows('b', 'b', 200), RDV_FORKED);
    T_UINT(chain.n, 5);
    T_UINT(entry(6), RDV_VALID);
    T_UINT(head(6, 1000), RDV_VALID);
    h = head_of('b', 6, 1001);
    T_UINT(guest_chain_head(&chain, &h, 0, 1001, fresh()), RDV_FORKED);
    T_UINT(follows('b', 'b', 7), RDV_FORKED);
    T_UINT(entry(7), RDV_VALID);
    T_UINT(head(6, 1002), RDV_VALID);
    T_UINT(head(5, 1003), RDV_FORKED); /* shorter than before, and yet of this history */
    T_UINT(entry(8), RDV_VALID);
}

static void a_fork_behind_a_gap_shows_when_the_gap_is_filled(void)
{
    begin(5);
    T_UINT(follows('b', 'b', 8), RDV_GAP);
    T_UINT(entry(6), RDV_FILLED);
    T_UINT(entry(7), RDV_FORKED);
}

static void numbers_of_the_log_grow_with_those_of_the_chain(void)
{
    struct guest_link e = { .n = 6 };

    begin(5);
    e.prev = hash_of('a', 5);
    e.hash = hash_of('a', 6);
    for (e.seq = 0; e.seq <= SEQ * 5; e.seq += SEQ)
        T_UINT(guest_chain_entry(&chain, &e, 0, fresh()), RDV_FORKED);
    e.seq = SEQ * 5 + 1;
    T_UINT(guest_chain_entry(&chain, &e, 0, fresh()), RDV_VALID);
}

static void who_comes_late_joins_without_a_gap(void)
{
    begin(0);
    T_UINT(entry(57), RDV_VALID);
    T_TRUE(found.joined && why.text[0] != '\0');
    T_UINT(chain.first, 57);
    T_UINT(guest_chain_missing(&chain), 0);
    T_UINT(entry(57), RDV_REPEATED);
    T_UINT(entry(58), RDV_VALID);
    T_TRUE(!found.joined);
    T_UINT(entry(60), RDV_GAP);
    expect_gap(59, 59);
}

static void what_was_before_may_be_filled_in(void)
{
    begin(0);
    T_UINT(entry(57), RDV_VALID);
    T_UINT(follows('b', 'b', 56), RDV_FORKED);
    T_UINT(entry(56), RDV_FILLED);
    T_UINT(entry(1), RDV_FILLED);
    T_UINT(follows('b', 'a', 55), RDV_FORKED);
    T_UINT(guest_chain_missing(&chain), 0);
}

static void who_was_there_first_misses_what_did_not_come(void)
{
    begin(0);
    guest_chain_begin(&chain);
    T_UINT(entry(3), RDV_GAP);
    expect_gap(1, 2);
    T_TRUE(!found.joined);
    T_UINT(guest_chain_missing(&chain), 2);
}

static void the_largest_numbers_are_numbers(void)
{
    struct guest_link e = { .n = UINT64_MAX,
                            .seq = UINT64_MAX,
                            .prev = hash_of('a', UINT64_MAX - 1),
                            .hash = hash_of('a', UINT64_MAX) };

    begin(1);
    T_UINT(guest_chain_entry(&chain, &e, 0, fresh()), RDV_GAP);
    expect_gap(2, UINT64_MAX - 1);
    T_UINT(guest_chain_missing(&chain), UINT64_MAX - 2);
    T_UINT(guest_chain_entry(&chain, &e, 0, fresh()), RDV_REPEATED);
    T_UINT(entry(1), RDV_REPLAYED);
    T_UINT(entry(2), RDV_FILLED);
}

/* Every second entry is missing, more often than can be remembered one by one. */
static void too_many_gaps_become_one(void)
{
    const uint64_t last = 2 * RDV_VERIFY_GAPS + 10;

    begin(1);
    for (uint64_t n = 3; n <= last; n += 2)
        T_UINT(entry(n), RDV_GAP);
    T_UINT(chain.n_gaps, RDV_VERIFY_GAPS);
    T_UINT(chain.gaps[0].from, 2);
    T_TRUE(guest_chain_missing(&chain) >= last / 2);
    for (uint64_t n = 2; n <= last; n++) {
        const enum rdv_verdict verdict = entry(n);

        T_TRUE(n % 2 == 1 || verdict == RDV_FILLED || verdict == RDV_VALID);
        T_TRUE(n % 2 == 0 || verdict == RDV_FILLED || verdict == RDV_REPEATED);
    }
    T_UINT(guest_chain_missing(&chain), 0);
}

static void what_was_before_is_forgotten_first(void)
{
    begin(0);
    T_UINT(entry(100), RDV_VALID);
    for (uint64_t n = 102; n < 102 + 2 * RDV_VERIFY_GAPS; n += 2)
        T_UINT(entry(n), RDV_GAP);
    T_UINT(chain.gaps[0].from, 101);
    T_UINT(guest_chain_missing(&chain), RDV_VERIFY_GAPS);
    T_UINT(entry(99), RDV_REPLAYED);
}

/* --- heads ------------------------------------------------------------------------------------ */

static void a_head_of_what_has_come_is_valid(void)
{
    begin(5);
    T_UINT(head(5, 1000), RDV_VALID);
    T_UINT(head(5, 1000), RDV_REPEATED);
    T_UINT(head(5, 1060), RDV_VALID);
    T_UINT(entry(6), RDV_VALID);
    T_UINT(head(6, 1060), RDV_VALID); /* in the same second */
    T_UINT(head(7, 1059), RDV_VALID); /* the card's clock was set back */
    T_UINT(entry(7), RDV_VALID);
}

static void a_head_that_is_older_than_one_seen_is_stale(void)
{
    begin(6);
    T_UINT(head(6, 1000), RDV_VALID);
    T_UINT(head(5, 990), RDV_STALE_HEAD);
    T_UINT(head(5, 1000), RDV_STALE_HEAD);
    T_UINT(head(6, 999), RDV_STALE_HEAD);
    T_UINT(head(0, 10), RDV_STALE_HEAD);
    T_UINT(head(6, 1001), RDV_VALID);
}

static void a_head_past_its_end_is_stale(void)
{
    const struct guest_head h = head_of('a', 5, 1000);

    begin(5);
    T_UINT(guest_chain_head(&chain, &h, 0, h.until, fresh()), RDV_VALID);
    T_UINT(guest_chain_head(&chain, &h, 0, h.until + 1, fresh()), RDV_STALE_HEAD);
    begin(5);
    T_UINT(guest_chain_head(&chain, &h, 0, h.until + 1, fresh()), RDV_STALE_HEAD);
    /* Of a feed of the past no head is too old. */
    T_UINT(guest_chain_head(&chain, &h, 0, 0, fresh()), RDV_REPEATED);
}

static void a_head_of_another_history_is_a_fork(void)
{
    struct guest_head h = head_of('b', 5, 1000);

    begin(5);
    T_UINT(guest_chain_head(&chain, &h, 0, 1000, fresh()), RDV_FORKED);
    h = head_of('b', 2, 1000);
    T_UINT(guest_chain_head(&chain, &h, 0, 1000, fresh()), RDV_FORKED);
    T_TRUE(!chain.has_head);
    h = head_of('b', 7, 1000); /* entry 6 may come yet */
    T_UINT(guest_chain_head(&chain, &h, 0, 1000, fresh()), RDV_VALID);
    T_UINT(entry(6), RDV_VALID);
    T_UINT(entry(7), RDV_FORKED);
}

static void two_heads_that_cannot_both_be_are_a_fork(void)
{
    const struct guest_head other = head_of('b', 9, 1001);

    begin(5);
    T_UINT(head(9, 1000), RDV_VALID);
    T_UINT(guest_chain_head(&chain, &other, 0, 1001, fresh()), RDV_FORKED);
    T_UINT(head(8, 1001), RDV_FORKED); /* later, and the chain is shorter */
}

static void an_entry_must_be_the_one_the_head_tells_of(void)
{
    begin(0);
    T_UINT(head(57, 1000), RDV_VALID);
    T_UINT(follows('b', 'b', 57), RDV_FORKED);
    T_UINT(follows('b', 'b', 58), RDV_FORKED);
    T_UINT(entry(57), RDV_VALID);
    T_TRUE(found.joined);
}

static void a_head_may_come_before_its_entries(void)
{
    begin(5);
    T_UINT(head(7, 1000), RDV_VALID);
    T_UINT(entry(6), RDV_VALID);
    T_UINT(entry(7), RDV_VALID);
    T_UINT(head(7, 1060), RDV_VALID);
}

static void at_the_next_head_those_of_the_last_are_missing(void)
{
    begin(5);
    T_UINT(head(7, 1000), RDV_VALID);
    T_UINT(head(7, 1000), RDV_REPEATED);
    T_UINT(head(8, 1060), RDV_GAP);
    expect_gap(6, 7);
    T_UINT(entry(8), RDV_VALID);
    T_UINT(entry(7), RDV_FILLED);
    T_UINT(entry(6), RDV_FILLED);
    T_UINT(guest_chain_missing(&chain), 0);
}

static void what_is_missing_is_told_before_that_a_head_is_old(void)
{
    const struct guest_head h = head_of('a', 8, 1060);

    begin(5);
    T_UINT(head(7, 1000), RDV_VALID);
    T_UINT(guest_chain_head(&chain, &h, 0, 9000, fresh()), RDV_GAP);
    T_UINT(guest_chain_overdue(&chain, 9000, true, false, fresh()), RDV_GAP);
    T_UINT(guest_chain_overdue(&chain, 9000, true, false, fresh()), RDV_STALE_HEAD);
}

static void a_head_of_nothing_begins_a_chain(void)
{
    begin(0);
    T_UINT(head(0, 1000), RDV_VALID);
    T_UINT(entry(2), RDV_GAP);
    expect_gap(1, 1);
    begin(0);
    T_UINT(head(0, 1000), RDV_VALID);
    T_UINT(entry(1), RDV_VALID);
    T_TRUE(!found.joined);
}

/* --- what does not come ----------------------------------------------------------------------- */

static enum rdv_verdict overdue(int64_t now, bool heads)
{
    return guest_chain_overdue(&chain, now, false, heads, fresh());
}

static void a_head_that_is_not_renewed_is_told_once(void)
{
    begin(5);
    T_UINT(head(5, 1000), RDV_VALID);
    T_UINT(overdue(1000, true), RDV_VALID);
    T_UINT(overdue(4600, true), RDV_VALID);
    T_UINT(overdue(4601, true), RDV_STALE_HEAD);
    T_UINT(overdue(4602, true), RDV_VALID);
    T_UINT(head(5, 4650), RDV_VALID);
    T_UINT(overdue(8250, true), RDV_VALID);
    T_UINT(overdue(8251, true), RDV_STALE_HEAD);
}

static void entries_behind_their_head_are_waited_for(void)
{
    begin(5);
    T_UINT(head(7, 1000), RDV_VALID);
    T_UINT(overdue(1000, false), RDV_VALID);
    T_UINT(overdue(1000 + RDV_VERIFY_GRACE - 1, false), RDV_VALID);
    T_UINT(overdue(1000 + RDV_VERIFY_GRACE, false), RDV_GAP);
    expect_gap(6, 7);
    T_UINT(overdue(2000, false), RDV_VALID);
    T_UINT(entry(8), RDV_VALID);
    begin(5);
    T_UINT(head(7, 1000), RDV_VALID);
    T_UINT(guest_chain_overdue(&chain, 0, true, false, fresh()), RDV_GAP);
    T_UINT(guest_chain_overdue(&chain, 0, true, false, fresh()), RDV_VALID);
    begin(5);
    T_UINT(head(6, 1000), RDV_VALID);
    T_UINT(overdue(1000, false), RDV_VALID);
    T_UINT(entry(6), RDV_VALID);
    T_UINT(head(7, 1020), RDV_VALID); /* from anew */
    T_UINT(overdue(1020, false), RDV_VALID);
    T_UINT(overdue(1000 + RDV_VERIFY_GRACE, false), RDV_VALID);
    T_UINT(overdue(1020 + RDV_VERIFY_GRACE, false), RDV_GAP);
}

static void without_a_head_nothing_says_which_is_the_last(void)
{
    begin(5);
    T_UINT(overdue(1000, false), RDV_VALID);
    T_UINT(overdue(1000, true), RDV_VALID);
    T_UINT(overdue(1000 + RDV_VERIFY_GRACE, true), RDV_STALE_HEAD);
    T_UINT(overdue(1001 + RDV_VERIFY_GRACE, true), RDV_VALID);
    begin(0);
    T_UINT(guest_chain_overdue(&chain, 1000, true, true, fresh()), RDV_VALID);
    T_UINT(head(5, 1000), RDV_VALID); /* nobody has said that entries are listened to */
    T_UINT(guest_chain_overdue(&chain, 1000, true, true, fresh()), RDV_VALID);
}

/* --- an older database, put back -------------------------------------------------------------- */

static enum rdv_verdict restored_entry(uint64_t n, uint64_t seq, uint64_t restored)
{
    const struct guest_link e = {
        .n = n, .seq = seq, .prev = hash_of('b', n - 1), .hash = hash_of('b', n)
    };

    return guest_chain_entry(&chain, &e, restored, fresh());
}

static void a_fork_that_the_card_has_announced_is_told_and_followed(void)
{
    begin(60);
    T_UINT(restored_entry(51, 10010, 10000), RDV_FORKED);
    T_UINT(chain.first, 51);
    T_UINT(restored_entry(51, 10010, 10000), RDV_REPEATED);
    T_UINT(restored_entry(52, 10020, 10000), RDV_VALID);
    T_UINT(entry(60), RDV_FORKED); /* what the first history said is told no more */
    T_UINT(restored_entry(53, 10030, 10000), RDV_VALID);
}

static void no_other_fork_is_followed(void)
{
    begin(60);
    T_UINT(restored_entry(51, 10010, 0), RDV_FORKED);    /* announced by nobody */
    T_UINT(restored_entry(51, 9990, 10000), RDV_FORKED); /* older than the announcement */
    T_UINT(restored_entry(51, 10010, 600), RDV_FORKED);  /* as old as what has come */
    T_UINT(restored_entry(51, 10010, 10010), RDV_FORKED);
    T_UINT(entry(61), RDV_VALID);
}

static void a_head_that_the_card_has_announced_is_told_and_followed(void)
{
    const struct guest_head shorter = head_of('a', 50, 2000), other = head_of('b', 52, 3000);

    begin(60);
    T_UINT(head(60, 1000), RDV_VALID);
    T_UINT(guest_chain_head(&chain, &shorter, 0, 2000, fresh()), RDV_FORKED);
    T_UINT(guest_chain_head(&chain, &shorter, 10000, 2000, fresh()), RDV_FORKED);
    T_UINT(guest_chain_head(&chain, &shorter, 10000, 2000, fresh()), RDV_REPEATED);
    T_UINT(guest_chain_head(&chain, &other, 10000, 3000, fresh()), RDV_VALID);
    T_UINT(restored_entry(52, 10020, 10000), RDV_VALID);
}

static CU_TestInfo tests[] = {
    T_CASE(entries_in_order_are_valid),
    T_CASE(missing_entries_are_a_gap),
    T_CASE(a_gap_is_filled_in_any_order),
    T_CASE(entries_swapped_are_a_gap_and_its_filling),
    T_CASE(only_what_is_missing_fills_a_gap),
    T_CASE(the_same_entry_again_is_repeated),
    T_CASE(an_entry_of_long_ago_is_replayed),
    T_CASE(another_entry_of_the_same_number_is_a_fork),
    T_CASE(an_entry_that_follows_another_one_is_a_fork),
    T_CASE(what_follows_a_fork_is_a_fork),
    T_CASE(a_fork_behind_a_gap_shows_when_the_gap_is_filled),
    T_CASE(numbers_of_the_log_grow_with_those_of_the_chain),
    T_CASE(who_comes_late_joins_without_a_gap),
    T_CASE(what_was_before_may_be_filled_in),
    T_CASE(who_was_there_first_misses_what_did_not_come),
    T_CASE(the_largest_numbers_are_numbers),
    T_CASE(too_many_gaps_become_one),
    T_CASE(what_was_before_is_forgotten_first),
    T_CASE(a_head_of_what_has_come_is_valid),
    T_CASE(a_head_that_is_older_than_one_seen_is_stale),
    T_CASE(a_head_past_its_end_is_stale),
    T_CASE(a_head_of_another_history_is_a_fork),
    T_CASE(two_heads_that_cannot_both_be_are_a_fork),
    T_CASE(an_entry_must_be_the_one_the_head_tells_of),
    T_CASE(a_head_may_come_before_its_entries),
    T_CASE(at_the_next_head_those_of_the_last_are_missing),
    T_CASE(what_is_missing_is_told_before_that_a_head_is_old),
    T_CASE(a_head_of_nothing_begins_a_chain),
    T_CASE(a_head_that_is_not_renewed_is_told_once),
    T_CASE(entries_behind_their_head_are_waited_for),
    T_CASE(without_a_head_nothing_says_which_is_the_last),
    T_CASE(a_fork_that_the_card_has_announced_is_told_and_followed),
    T_CASE(no_other_fork_is_followed),
    T_CASE(a_head_that_the_card_has_announced_is_told_and_followed),
    T_END,
};

T_SUITE(librdv_chain, tests);
