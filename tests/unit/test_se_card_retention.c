/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/retention.h"

#include <stdio.h>
#include <string.h>

#include "schema/wire/envelope.h"
#include "se_card/consumers.h"
#include "se_card/log.h"
#include "se_card/records.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define NOW 1800000000

static struct t_element element;
static struct se_account root;
static struct se_consumer consumer;

static void start(void)
{
    element = t_element_new(false);
    element.el->now = NOW;
    T_MUST_OK(se_store_account_named(element.el->store, &root, RDV_LIT("root")));
}

static void stop(void)
{
    t_element_free(&element);
}

static void begin(void)
{
    T_MUST_OK(se_element_begin(element.el));
}

static void commit(void)
{
    T_MUST_OK(se_element_commit(element.el));
}

static void set(uint8_t slot, int64_t keep, int64_t ttl)
{
    const struct se_record_setting setting = { .keep = keep, .ttl = ttl, .most = 100 };

    begin();
    T_MUST_OK(se_records_set(element.el, slot, &setting));
    commit();
}

static void put(uint8_t slot)
{
    begin();
    T_MUST_OK(se_records_put(element.el, slot, RDV_LIT("x"), &root));
    commit();
}

static void put_many(uint8_t slot, int n)
{
    for (int i = 0; i < n; i++)
        put(slot);
}

static void ticks(void)
{
    for (int i = 0; i < 100; i++)
        se_element_tick(element.el);
}

/* The hand comes round at least once, though it has rested. */
static void round_and_round(void)
{
    element.el->now_ms += 10000;
    ticks();
}

static void ack(const char *name, int64_t seq)
{
    begin();
    T_MUST_OK(se_consumers_ack(element.el, &root, rdv_span_of(name), seq, -1, &consumer));
    commit();
}

/* The numbers in the log, as "1 2 3"; the totals must be of them. */
static const char *log_holds(void)
{
    static char text[20000];
    struct se_log_line line;
    int64_t entries = 0, bytes = 0;
    size_t n = 0;

    text[0] = '\0';
    for (int64_t seq = 0; se_store_log_from(element.el->store, &line, seq) == RDV_OK;
         seq = line.seq + 1) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%lld", n == 0 ? "" : " ",
                              (long long)line.seq);
        entries++;
        bytes += line.bytes;
    }
    T_UINT((uint64_t)se_log_totals(element.el).entries, (uint64_t)entries);
    T_UINT((uint64_t)se_log_totals(element.el).bytes, (uint64_t)bytes);
    return text;
}

#define HOLDS(want) T_TEXT(rdv_span_of(log_holds()), want)

/* --- what goes -------------------------------------------------------------------------------- */

static void all_is_kept_unless_it_is_said_otherwise(void)
{
    start();
    put_many(0x10, 5);
    element.el->now += 1000000000;
    round_and_round();
    HOLDS("1 2 3 4 5");
    stop();
}

static void the_last_ones_are_kept(void)
{
    struct se_chain chain;

    start();
    set(0x10, 2, 0);
    put_many(0x10, 3);
    put_many(0x20, 3);
    put_many(0x10, 2);
    round_and_round();
    HOLDS("4 5 6 7 8");
    t_element_reopen(&element);
    element.el->now = NOW;
    put(0x10);
    T_MUST_OK(se_log_chain(element.el, &chain, 0x10));
    T_UINT((uint64_t)chain.n, 6);
    round_and_round();
    HOLDS("4 5 6 8 9");
    stop();
}

static void what_is_too_old_goes_the_last_one_too(void)
{
    struct se_chain chain;

    start();
    set(0x10, 0, 60);
    put(0x10);
    put(0x20);
    element.el->now += 59;
    put(0x10);
    round_and_round();
    HOLDS("1 2 3");
    element.el->now += 1;
    round_and_round();
    HOLDS("2 3");
    element.el->now += 59;
    round_and_round();
    HOLDS("2");
    t_element_reopen(&element);
    element.el->now = NOW + 200;
    put(0x10); /* the chain goes on all the same */
    T_MUST_OK(se_log_chain(element.el, &chain, 0x10));
    T_UINT((uint64_t)chain.n, 3);
    HOLDS("2 4");
    stop();
}

static void a_rule_holds_for_what_was_there_before(void)
{
    start();
    set(0x10, 1000, 0); /* so that the hand moves */
    put_many(0x10, 150);
    round_and_round();
    set(0x10, 1, 0);
    round_and_round();
    HOLDS("150");
    set(0x10, 0, 0);
    put_many(0x10, 3);
    round_and_round();
    HOLDS("150 151 152 153");
    stop();
}

static void a_rule_that_was_undone_lets_nothing_go(void)
{
    const struct se_record_setting setting = { .keep = 1, .most = 100 };
    struct se_record_setting read;

    start();
    put_many(0x10, 5);
    begin();
    T_MUST_OK(se_records_set(element.el, 0x10, &setting));
    T_MUST_OK(se_records_setting(element.el, &read, 0x10));
    T_TRUE(read.keep == 1);
    se_element_rollback(element.el);
    round_and_round();
    HOLDS("1 2 3 4 5");
    stop();
}

static void entries_about_the_card_stay(void)
{
    const struct se_log_post post = { SE_CHAIN_CARD, RDV_LIT(RDV_TYPE_CARD), RDV_LIT("\xa0"),
                                      &root };

    start();
    for (unsigned i = 0; i < 256; i++)
        set((uint8_t)i, 1, 1);
    begin();
    T_MUST_OK(se_log_append(element.el, &post, NULL));
    T_MUST_OK(se_log_append(element.el, &post, NULL));
    commit();
    put(0x10);
    element.el->now += 10;
    round_and_round();
    HOLDS("1 2");
    stop();
}

static void a_card_that_is_read_only_lets_nothing_go(void)
{
    start();
    set(0x10, 1, 0);
    put_many(0x10, 3);
    element.el->read_only = true;
    round_and_round();
    HOLDS("1 2 3");
    stop();
}

static void no_hole_is_left_between_entries(void)
{
    struct se_log_line line;
    int64_t n[2];

    start();
    set(0x10, 70, 0);
    set(0x11, 3, 0);
    for (int i = 0; i < 600; i++) {
        put(i % 5 == 0 ? 0x11 : 0x10);
        memset(n, 0, sizeof(n));
        for (int64_t seq = 0; se_store_log_from(element.el->store, &line, seq) == RDV_OK;
             seq = line.seq + 1) {
            T_MUST(n[line.chain & 1] == 0 || line.n == n[line.chain & 1] + 1);
            n[line.chain & 1] = line.n;
        }
    }
    T_TRUE(se_log_totals(element.el).entries < 200);
    stop();
}

static void what_was_undone_makes_no_hole(void)
{
    struct se_element *el;
    struct se_log_mark mark;

    start();
    el = element.el;
    put_many(0x10, 200);
    set(0x10, 10, 0);
    begin();
    mark = se_log_mark(el);
    T_MUST_OK(se_store_step(el->store));
    el->hand.budget = SE_RETENTION_STEP;
    T_MUST_OK(se_retention_follow(el, 0));
    T_TRUE(el->hand.next > 60);
    se_log_undo(el, &mark);
    T_MUST_OK(se_store_step_undo(el->store));
    T_TRUE(el->hand.next == 0);
    el->hand.budget = SE_RETENTION_STEP;
    T_MUST_OK(se_retention_follow(el, 0));
    se_element_rollback(el);
    T_TRUE(el->hand.next == 0);
    T_TRUE(strncmp(log_holds(), "1 2 3 ", 6) == 0);
    begin();
    el->hand.budget = SE_RETENTION_STEP;
    T_MUST_OK(se_retention_follow(el, 0));
    commit();
    T_TRUE(strncmp(log_holds(), "65 66 ", 6) == 0);
    se_element_rollback(el); /* of nothing */
    T_TRUE(el->hand.next == 65);
    stop();
}

/* --- consumers -------------------------------------------------------------------------------- */

static void what_a_consumer_has_not_acknowledged_stays(void)
{
    start();
    set(0x10, 1, 60);
    ack("bridge", 0);
    put_many(0x10, 5);
    element.el->now += 100;
    round_and_round();
    HOLDS("1 2 3 4 5");
    ack("bridge", 2);
    round_and_round();
    HOLDS("3 4 5");
    ack("second", 3);
    ack("bridge", 5);
    round_and_round();
    HOLDS("4 5");
    begin();
    T_MUST_OK(se_consumers_drop(element.el, &root, RDV_LIT("second")));
    commit();
    round_and_round();
    HOLDS("");
    stop();
}

/* --- how much it costs ------------------------------------------------------------------------ */

/* Without a tick: writes alone keep the log short. */
static void a_log_that_is_written_all_the_time_stays_short(void)
{
    start();
    set(0x10, 10, 0);
    put_many(0x20, 400); /* kept */
    for (int i = 0; i < 2000; i++) {
        put(0x10);
        T_TRUE(se_log_totals(element.el).entries <=
               (400 + 10) * 3 / 2 + 2 * SE_RETENTION_STEP / SE_RETENTION_PACE);
    }
    round_and_round();
    T_UINT((uint64_t)se_log_totals(element.el).entries, 410);
    stop();
}

static void a_hand_that_has_found_nothing_rests(void)
{
    start();
    set(0x10, 0, 60);
    put(0x10);
    put(0x20);
    ticks();
    element.el->now += 60;
    element.el->now_ms += 9999;
    ticks();
    HOLDS("1 2");
    element.el->now_ms += 1;
    ticks();
    HOLDS("2");
    stop();
}

static void a_hand_that_rests_goes_on_when_something_is_written(void)
{
    start();
    set(0x10, 0, 60);
    put(0x10);
    put(0x20);
    ticks();
    element.el->now += 60;
    put(0x20);
    ticks();
    HOLDS("2 3");
    stop();
}

/* --- a full log ------------------------------------------------------------------------------- */

static enum rdv_err put_into_full(void)
{
    enum rdv_err err;

    begin();
    if ((err = se_records_put(element.el, 0x10, RDV_LIT("x"), &root)) == RDV_OK)
        commit();
    else
        se_element_rollback(element.el);
    return err;
}

static void a_full_log_lets_go_what_may_before_it_refuses(void)
{
    struct se_element *el;
    int64_t bytes;

    start();
    el = element.el;
    set(0x10, 1, 0);
    ack("bridge", 0);
    put_many(0x10, 10);
    bytes = se_log_totals(el).bytes;
    se_log_close(el);
    T_MUST_OK(se_log_open(el, bytes + 100));
    T_ERR(put_into_full(), RDV_ERR_FULL);
    T_TRUE(t_logged("the log is full") > 0);
    ack("bridge", 5);
    T_OK(put_into_full());
    HOLDS("6 7 8 9 10 11");
    stop();
}

static void what_was_let_go_for_a_write_that_failed_is_there_again(void)
{
    struct se_log_mark mark;
    struct se_element *el;
    int64_t bytes;

    start();
    el = element.el;
    put_many(0x10, 10);
    set(0x10, 1, 0);
    bytes = se_log_totals(el).bytes;
    se_log_close(el);
    T_MUST_OK(se_log_open(el, bytes + 100));
    begin();
    T_MUST_OK(se_store_step(el->store));
    mark = se_log_mark(el);
    T_MUST_OK(se_records_put(el, 0x10, RDV_LIT("x"), &root));
    T_UINT((uint64_t)se_log_totals(el).entries, 2);
    se_log_undo(el, &mark);
    T_MUST_OK(se_store_step_undo(el->store));
    se_element_rollback(el);
    HOLDS("1 2 3 4 5 6 7 8 9 10");
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(all_is_kept_unless_it_is_said_otherwise),
    T_CASE(the_last_ones_are_kept),
    T_CASE(what_is_too_old_goes_the_last_one_too),
    T_CASE(a_rule_holds_for_what_was_there_before),
    T_CASE(a_rule_that_was_undone_lets_nothing_go),
    T_CASE(entries_about_the_card_stay),
    T_CASE(a_card_that_is_read_only_lets_nothing_go),
    T_CASE(no_hole_is_left_between_entries),
    T_CASE(what_was_undone_makes_no_hole),
    T_CASE(what_a_consumer_has_not_acknowledged_stays),
    T_CASE(a_log_that_is_written_all_the_time_stays_short),
    T_CASE(a_hand_that_has_found_nothing_rests),
    T_CASE(a_hand_that_rests_goes_on_when_something_is_written),
    T_CASE(a_full_log_lets_go_what_may_before_it_refuses),
    T_CASE(what_was_let_go_for_a_write_that_failed_is_there_again),
    T_END,
};

T_SUITE(se_card_retention, tests);
