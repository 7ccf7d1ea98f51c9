/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/guard.h"

#include <stdio.h>

#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

#define FREE 3
#define HERE RDV_LIT("192.0.2.7")
#define ELSEWHERE RDV_LIT("198.51.100.9")
#define ID RDV_LIT("sensor1")

static struct se_guard *guard;

static void start(void)
{
    T_MUST_OK(se_guard_new(&guard, FREE));
}

static void stop(void)
{
    se_guard_free(guard);
    guard = NULL;
}

/* n failures, a millisecond apart, the last one at `end`. */
static void fail(struct rdv_span id, struct rdv_span address, unsigned n, uint64_t end)
{
    for (unsigned i = n; i > 0; i--)
        se_guard_failed(guard, id, address, end - (i - 1));
}

static struct se_verdict ask(struct rdv_span id, struct rdv_span address, uint64_t ms)
{
    return se_guard_ask(guard, id, address, false, ms);
}

static void the_first_failures_cost_nothing(void)
{
    start();
    for (unsigned i = 0; i < FREE; i++) {
        const struct se_verdict v = ask(ID, HERE, 1000 + i);

        T_UINT(v.delay_ms, 0);
        T_TRUE(!v.refuse);
        se_guard_failed(guard, ID, HERE, 1000 + i);
    }
    T_UINT(ask(ID, HERE, 1010).delay_ms, SE_GUARD_FIRST_MS);
    stop();
}

static void each_failure_doubles_the_delay_up_to_its_limit(void)
{
    static const uint64_t want[] = { 100, 200, 400, 800, 1600, 3000, 3000, 3000, 3000 };

    start();
    fail(ID, HERE, FREE, 1000);
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        const struct se_verdict v = ask(ID, HERE, 1000 + i);

        T_UINT(v.delay_ms, want[i]);
        T_TRUE(v.refuse == (i >= SE_GUARD_DELAYED));
        se_guard_failed(guard, ID, HERE, 1000 + i);
    }
    stop();
}

static void a_refusal_lasts_longer_each_time_and_ends(void)
{
    uint64_t lock = SE_GUARD_LOCK_FIRST_MS;

    start();
    for (unsigned n = FREE + SE_GUARD_DELAYED; n < 30; n++) {
        const uint64_t last = 1000;

        stop();
        start();
        fail(ID, HERE, n, last);
        T_TRUE(ask(ID, HERE, last + lock - 1).refuse);
        T_TRUE(!ask(ID, HERE, last + lock).refuse);
        lock = 2 * lock < SE_GUARD_LOCK_MOST_MS ? 2 * lock : SE_GUARD_LOCK_MOST_MS;
    }
    T_UINT(lock, SE_GUARD_LOCK_MOST_MS);
    stop();
}

static void an_identity_is_slowed_down_wherever_it_is_tried(void)
{
    start();
    for (unsigned i = 0; i < FREE + SE_GUARD_DELAYED; i++) {
        char address[16];

        (void)snprintf(address, sizeof(address), "10.0.0.%u", i);
        se_guard_failed(guard, ID, rdv_span_of(address), 1000);
    }
    T_TRUE(ask(ID, ELSEWHERE, 1001).refuse);
    T_TRUE(!ask(RDV_LIT("other"), ELSEWHERE, 1001).refuse);
    stop();
}

static void an_address_is_slowed_down_whatever_it_tries(void)
{
    start();
    for (unsigned i = 0; i < FREE + SE_GUARD_DELAYED; i++) {
        char id[16];

        (void)snprintf(id, sizeof(id), "guess%u", i);
        se_guard_failed(guard, rdv_span_of(id), HERE, 1000);
    }
    T_TRUE(ask(ID, HERE, 1001).refuse);
    T_TRUE(!ask(ID, ELSEWHERE, 1001).refuse);
    stop();
}

static void who_has_logged_in_from_here_is_not_locked_out(void)
{
    struct se_verdict v;

    start();
    fail(ID, ELSEWHERE, 1000, 5000);
    fail(ID, HERE, 1000, 5000);
    v = se_guard_ask(guard, ID, HERE, true, 5001);
    T_TRUE(!v.refuse && v.delay_ms == 0);
    T_TRUE(ask(ID, HERE, 5001).refuse);
    stop();
}

static void an_hour_without_a_failure_clears_the_count(void)
{
    start();
    fail(ID, HERE, 1000, 5000);
    T_UINT(se_guard_failures(guard, ID, 5000 + SE_GUARD_FORGET_MS), 1000);
    T_UINT(se_guard_failures(guard, ID, 5001 + SE_GUARD_FORGET_MS), 0);
    T_UINT(ask(ID, HERE, 5001 + SE_GUARD_FORGET_MS).delay_ms, 0);
    se_guard_failed(guard, ID, HERE, 5001 + SE_GUARD_FORGET_MS);
    T_UINT(se_guard_failures(guard, ID, 5001 + SE_GUARD_FORGET_MS), 1);
    stop();
}

static void a_right_key_clears_both_counts(void)
{
    start();
    fail(ID, HERE, 50, 5000);
    se_guard_succeeded(guard, ID, HERE);
    T_UINT(se_guard_failures(guard, ID, 5001), 0);
    T_TRUE(!ask(ID, HERE, 5001).refuse);
    stop();
}

static void root_unlocks_an_identity_but_not_the_address_that_guessed(void)
{
    start();
    fail(ID, HERE, 50, 5000);
    se_guard_unlock(guard, ID);
    T_UINT(se_guard_failures(guard, ID, 5001), 0);
    T_TRUE(!ask(ID, ELSEWHERE, 5001).refuse);
    T_TRUE(ask(ID, HERE, 5001).refuse);
    stop();
}

/* A stranger's million names take no memory, and do not lock those who have done nothing: most
 * buckets of the identities are hit, the count of each is small. */
static void many_names_do_not_lock_one(void)
{
    unsigned long refused = 0;

    start();
    for (unsigned i = 0; i < 20000; i++) {
        char id[24], address[24];

        (void)snprintf(id, sizeof(id), "guess%u", i);
        (void)snprintf(address, sizeof(address), "10.%u.%u.1", i / 200, i % 200);
        se_guard_failed(guard, rdv_span_of(id), rdv_span_of(address), 1000);
    }
    for (unsigned i = 0; i < 1000; i++) {
        char id[24];

        (void)snprintf(id, sizeof(id), "honest%u", i);
        refused += ask(rdv_span_of(id), ELSEWHERE, 1001).refuse;
    }
    T_UINT(refused, 0);
    stop();
}

static void names_of_any_bytes_are_counted(void)
{
    static const uint8_t zeros[300];

    start();
    for (size_t n = 0; n <= sizeof(zeros); n++)
        se_guard_failed(guard, (struct rdv_span){ zeros, n }, HERE, 1000);
    T_TRUE(se_guard_failures(guard, (struct rdv_span){ zeros, 8 }, 1000) >= 1);
    T_TRUE(se_guard_failures(guard, (struct rdv_span){ NULL, 0 }, 1000) >= 1);
    stop();
}

static void an_address_stands_for_its_owner(void)
{
    static const struct {
        const char *address, *host;
    } hosts[] = {
        { "192.0.2.7:50122", "192.0.2.7" },
        { "[2001:db8::1]:50122", "2001:db8::" },
        { "[2001:db8::ffff:ffff:ffff:ffff]:1", "2001:db8::" },
        { "[2001:db8:0:1::1]:50122", "2001:db8:0:1::" },
        { "[::1]:50122", "::" },
        { "[::ffff:192.0.2.7]:50122", "192.0.2.7" }, /* of a socket that serves both */
        { "[::ffff:198.51.100.9]:50122", "198.51.100.9" },
        { "[not an address]:1", "[not an address" },
        { "no port", "no port" },
        { "", "" },
        { ":", "" },
        { "[]:1", "[" },
        { "]:1", "]" },
        { "pipe:", "pipe" },
    };
    char host[SE_HOST_TEXT];

    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        se_guard_host(host, rdv_span_of(hosts[i].address));
        T_TEXT(rdv_span_of(host), hosts[i].host);
    }
}

static void an_address_too_long_or_with_a_nul_is_none(void)
{
    static const char with_nul[] = "192.0.2.7\0:1";
    char host[SE_HOST_TEXT], longest[SE_HOST_TEXT + 1];

    for (size_t i = 0; i < SE_HOST_TEXT; i++)
        longest[i] = 'a';
    longest[SE_HOST_TEXT] = '\0';
    se_guard_host(host, rdv_span_of(longest));
    T_TEXT(rdv_span_of(host), "");
    se_guard_host(host, rdv_span_of(longest + 1));
    T_TEXT(rdv_span_of(host), longest + 1);
    se_guard_host(host, (struct rdv_span){ (const uint8_t *)with_nul, sizeof(with_nul) - 1 });
    T_TEXT(rdv_span_of(host), "");
}

static void without_memory_there_is_no_guard(void)
{
    enum rdv_err err;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err)) {
        err = se_guard_new(&guard, FREE);
        se_guard_free(guard);
    }
    guard = NULL;
}

static CU_TestInfo tests[] = {
    T_CASE(the_first_failures_cost_nothing),
    T_CASE(each_failure_doubles_the_delay_up_to_its_limit),
    T_CASE(a_refusal_lasts_longer_each_time_and_ends),
    T_CASE(an_identity_is_slowed_down_wherever_it_is_tried),
    T_CASE(an_address_is_slowed_down_whatever_it_tries),
    T_CASE(who_has_logged_in_from_here_is_not_locked_out),
    T_CASE(an_hour_without_a_failure_clears_the_count),
    T_CASE(a_right_key_clears_both_counts),
    T_CASE(root_unlocks_an_identity_but_not_the_address_that_guessed),
    T_CASE(many_names_do_not_lock_one),
    T_CASE(names_of_any_bytes_are_counted),
    T_CASE(an_address_stands_for_its_owner),
    T_CASE(an_address_too_long_or_with_a_nul_is_none),
    T_CASE(without_memory_there_is_no_guard),
    T_END,
};

T_SUITE(se_card_guard, tests);
