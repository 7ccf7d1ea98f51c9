/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/window.h"

#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

static struct bridge_window *w;
static bool held[BRIDGE_CHAINS];

static void start(size_t entries, unsigned per_chain)
{
    memset(held, 0, sizeof(held));
    T_MUST_OK(bridge_window_new(&w, entries, per_chain));
    bridge_window_begin(w, 0);
}

static void stop(void)
{
    bridge_window_free(w);
}

static enum rdv_err add(uint64_t seq, unsigned chain)
{
    return bridge_window_add(
            w, &(struct bridge_entry){
                       .seq = seq, .n = seq, .chain = chain, .envelope = RDV_LIT("envelope") });
}

/* The next one that may go, sent; 0: none. */
static uint64_t send_next(void)
{
    struct bridge_place *p = bridge_window_next(w, held);

    if (p == NULL)
        return 0;
    bridge_window_send(w, p);
    return p->entry.seq;
}

static struct bridge_place *place(uint64_t seq)
{
    struct bridge_place *p = bridge_window_find(w, seq);

    T_MUST(p != NULL);
    return p;
}

static void finish(uint64_t seq)
{
    bridge_window_finish(w, place(seq));
}

static void an_entry_goes_and_is_done(void)
{
    start(4, 1);
    bridge_window_begin(w, 6);
    T_UINT(bridge_window_last(w), 6);
    T_OK(add(7, 10));
    T_UINT(bridge_window_last(w), 7);
    T_UINT(bridge_window_done(w), 6);
    T_TRUE(bridge_window_has(w, 10));
    T_UINT(bridge_window_bytes(w), 8);
    T_TEXT(place(7)->entry.envelope, "envelope");
    T_UINT(send_next(), 7);
    T_UINT(bridge_window_sent(w), 1);
    finish(7);
    T_UINT(bridge_window_done(w), 7);
    T_UINT(bridge_window_sent(w), 0);
    T_UINT(bridge_window_bytes(w), 0);
    T_TRUE(!bridge_window_has(w, 10));
    T_TRUE(bridge_window_is_empty(w));
    T_TRUE(bridge_window_find(w, 7) == NULL);
    stop();
}

static void what_does_not_follow_is_refused(void)
{
    start(4, 1);
    bridge_window_begin(w, 6);
    T_ERR(add(6, 0), RDV_ERR_RANGE);
    T_ERR(add(5, 0), RDV_ERR_RANGE);
    T_ERR(add(7, BRIDGE_CHAINS), RDV_ERR_RANGE);
    T_OK(add(9, BRIDGE_CHAIN_CARD)); /* seq jumps */
    T_ERR(add(9, 0), RDV_ERR_RANGE);
    T_ERR(add(8, 0), RDV_ERR_RANGE);
    stop();
}

static void it_holds_so_many_and_no_more(void)
{
    start(2, 1);
    T_UINT(bridge_window_room(w), 2);
    T_OK(add(1, 0));
    T_OK(add(2, 1));
    T_UINT(bridge_window_room(w), 0);
    T_ERR(add(3, 2), RDV_ERR_LIMIT);
    /* The second is done: its place is still the first one's. */
    T_UINT(send_next(), 1);
    T_UINT(send_next(), 2);
    finish(2);
    T_UINT(bridge_window_bytes(w), 8);
    T_ERR(add(3, 2), RDV_ERR_LIMIT);
    finish(1);
    T_UINT(bridge_window_room(w), 2);
    T_OK(add(3, 2));
    stop();
}

static void what_is_done_counts_in_order_of_seq(void)
{
    start(4, 1);
    for (unsigned i = 1; i <= 4; i++) {
        T_OK(add(i * 10, i));
        T_UINT(send_next(), i * 10);
    }
    finish(20);
    T_UINT(bridge_window_done(w), 0);
    finish(40);
    T_UINT(bridge_window_done(w), 0);
    finish(10);
    T_UINT(bridge_window_done(w), 20);
    finish(30);
    T_UINT(bridge_window_done(w), 40);
    stop();
}

static void a_chain_has_so_many_on_their_way(void)
{
    start(8, 1);
    T_OK(add(1, 5));
    T_OK(add(2, 5));
    T_OK(add(3, 6));
    T_UINT(send_next(), 1);
    T_UINT(send_next(), 3); /* of another one */
    T_UINT(send_next(), 0);
    finish(1);
    T_UINT(send_next(), 2);
    stop();
    start(8, 2);
    for (unsigned i = 1; i <= 4; i++)
        T_OK(add(i, 5));
    T_UINT(send_next(), 1);
    T_UINT(send_next(), 2);
    T_UINT(send_next(), 0);
    finish(1);
    T_UINT(send_next(), 3);
    stop();
}

static void a_younger_one_does_not_pass_one_that_was_refused(void)
{
    start(8, 3);
    for (unsigned i = 1; i <= 4; i++)
        T_OK(add(i, 5));
    T_UINT(send_next(), 1);
    T_UINT(send_next(), 2);
    bridge_window_requeue(w, place(1));
    T_UINT(bridge_window_sent(w), 1);
    held[5] = true;
    T_UINT(send_next(), 0);
    held[5] = false;
    T_UINT(send_next(), 1);
    T_UINT(send_next(), 3);
    stop();
}

static void a_chain_that_is_held_lets_others_pass(void)
{
    start(8, 1);
    T_OK(add(1, 5));
    T_OK(add(2, BRIDGE_CHAIN_CARD));
    held[5] = true;
    T_UINT(send_next(), 2);
    T_UINT(send_next(), 0);
    held[5] = false;
    T_UINT(send_next(), 1);
    stop();
}

static void a_lost_connection_sends_all_again_in_order(void)
{
    start(8, 2);
    for (unsigned i = 1; i <= 5; i++)
        T_OK(add(i, i % 2));
    for (unsigned i = 1; i <= 4; i++)
        T_UINT(send_next(), i);
    finish(2);
    bridge_window_lost(w);
    T_UINT(bridge_window_sent(w), 0);
    T_UINT(send_next(), 1);
    T_UINT(send_next(), 3);
    T_UINT(send_next(), 4);
    T_UINT(send_next(), 0); /* 5: two of its chain are on their way */
    stop();
}

static void one_that_is_too_large_holds_nothing_up_but_what_is_done(void)
{
    start(8, 1);
    T_OK(add(1, 5));
    T_OK(add(2, 5));
    T_TRUE(bridge_window_first_sent(w) == NULL);
    T_UINT(send_next(), 1);
    T_TRUE(bridge_window_first_sent(w) == place(1));
    T_TRUE(bridge_window_left_out(w) == NULL);
    bridge_window_leave_out(w, place(1));
    T_UINT(bridge_window_sent(w), 0);
    T_TRUE(bridge_window_left_out(w) == place(1));
    bridge_window_lost(w);
    T_UINT(send_next(), 2); /* does not wait for the card to write that down */
    finish(2);
    T_UINT(bridge_window_done(w), 0);
    finish(1);
    T_UINT(bridge_window_done(w), 2);
    stop();
}

static void a_damaged_one_is_left_out_from_the_start(void)
{
    start(4, 1);
    T_OK(bridge_window_add(w, &(struct bridge_entry){ .seq = 1, .n = 1, .chain = 5 }));
    T_OK(add(2, 5));
    T_TRUE(bridge_window_left_out(w) == place(1));
    T_UINT(send_next(), 2);
    finish(1);
    T_UINT(bridge_window_done(w), 1);
    stop();
}

static void it_begins_anew(void)
{
    start(4, 1);
    T_OK(add(1, 5));
    T_OK(add(2, 5));
    T_UINT(send_next(), 1);
    bridge_window_begin(w, 100);
    T_TRUE(bridge_window_is_empty(w));
    T_UINT(bridge_window_sent(w), 0);
    T_UINT(bridge_window_done(w), 100);
    T_TRUE(!bridge_window_has(w, 5));
    T_OK(add(101, 5));
    T_UINT(send_next(), 101);
    stop();
}

static void the_ring_goes_round(void)
{
    start(3, 1);
    for (uint64_t seq = 1; seq <= 50; seq++) {
        T_OK(add(seq, seq % 2));
        if (seq > 1) {
            T_UINT(send_next(), seq - 1);
            finish(seq - 1);
        }
        T_UINT(bridge_window_room(w), 2);
    }
    T_UINT(bridge_window_done(w), 49);
    stop();
}

static void without_memory_nothing_is_added(void)
{
    for (t_alloc_sweep_begin(); t_alloc_sweep_next();) {
        enum rdv_err err = bridge_window_new(&w, 4, 1);

        if (err == RDV_OK && (err = add(1, 0)) != RDV_OK)
            T_TRUE(bridge_window_is_empty(w) && bridge_window_last(w) == 0);
        bridge_window_free(w);
        t_alloc_sweep_judge(err);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(an_entry_goes_and_is_done),
    T_CASE(what_does_not_follow_is_refused),
    T_CASE(it_holds_so_many_and_no_more),
    T_CASE(what_is_done_counts_in_order_of_seq),
    T_CASE(a_chain_has_so_many_on_their_way),
    T_CASE(a_younger_one_does_not_pass_one_that_was_refused),
    T_CASE(a_chain_that_is_held_lets_others_pass),
    T_CASE(a_lost_connection_sends_all_again_in_order),
    T_CASE(one_that_is_too_large_holds_nothing_up_but_what_is_done),
    T_CASE(a_damaged_one_is_left_out_from_the_start),
    T_CASE(it_begins_anew),
    T_CASE(the_ring_goes_round),
    T_CASE(without_memory_nothing_is_added),
    T_END,
};

T_SUITE(bridge_window, tests);
