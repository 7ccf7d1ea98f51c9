/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/standing.h"

#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

#define HEAD (BRIDGE_SLOT_HEADS + 10)

static struct bridge_standing s;

static void nothing_is_wanted_that_is_not_there(void)
{
    bridge_standing_init(&s);
    bridge_standing_lost(&s);
    for (unsigned i = 0; i < BRIDGE_SLOTS; i++)
        T_TRUE(!bridge_standing_waits(&s, i));
    bridge_standing_free(&s);
}

static void it_waits_goes_and_stands(void)
{
    bridge_standing_init(&s);
    T_OK(bridge_standing_set(&s, HEAD, RDV_LIT("head"), 7));
    T_UINT(s.items[HEAD].seq, 7);
    T_TRUE(bridge_standing_waits(&s, HEAD));
    bridge_standing_send(&s, HEAD);
    T_TRUE(!bridge_standing_waits(&s, HEAD));
    T_UINT(s.n_sent, 1);
    bridge_standing_answer(&s, HEAD, true);
    T_TRUE(!bridge_standing_waits(&s, HEAD));
    T_UINT(s.n_sent, 0);
    bridge_standing_free(&s);
}

static void the_same_again_is_not_published_again(void)
{
    bridge_standing_init(&s);
    T_OK(bridge_standing_set(&s, HEAD, RDV_LIT("head"), 7));
    bridge_standing_send(&s, HEAD);
    bridge_standing_answer(&s, HEAD, true);
    T_OK(bridge_standing_set(&s, HEAD, RDV_LIT("head"), 7));
    T_TRUE(!bridge_standing_waits(&s, HEAD));
    T_OK(bridge_standing_set(&s, HEAD, RDV_LIT("hea"), 7));
    T_TRUE(bridge_standing_waits(&s, HEAD));
    T_OK(bridge_standing_set(&s, HEAD, RDV_LIT("hea"), 7)); /* and waits on */
    T_TRUE(bridge_standing_waits(&s, HEAD));
    bridge_standing_free(&s);
}

static void a_newer_one_follows_the_one_that_is_on_its_way(void)
{
    bridge_standing_init(&s);
    T_OK(bridge_standing_set(&s, HEAD, RDV_LIT("old"), 7));
    bridge_standing_send(&s, HEAD);
    T_OK(bridge_standing_set(&s, HEAD, RDV_LIT("new"), 8));
    T_TRUE(!bridge_standing_waits(&s, HEAD)); /* not two at once */
    bridge_standing_answer(&s, HEAD, true);
    T_TRUE(bridge_standing_waits(&s, HEAD));
    T_TEXT(rdv_buf_view(&s.items[HEAD].bytes), "new");
    bridge_standing_free(&s);
}

static void what_is_refused_or_lost_waits_again(void)
{
    bridge_standing_init(&s);
    T_OK(bridge_standing_set(&s, HEAD, RDV_LIT("head"), 7));
    T_OK(bridge_standing_set(&s, BRIDGE_SLOT_STATUS, RDV_LIT("online"), 0));
    bridge_standing_send(&s, HEAD);
    bridge_standing_answer(&s, HEAD, false);
    T_TRUE(bridge_standing_waits(&s, HEAD));
    bridge_standing_send(&s, HEAD);
    bridge_standing_send(&s, BRIDGE_SLOT_STATUS);
    bridge_standing_answer(&s, BRIDGE_SLOT_STATUS, true);
    bridge_standing_lost(&s);
    T_UINT(s.n_sent, 0);
    T_TRUE(bridge_standing_waits(&s, HEAD));
    T_TRUE(bridge_standing_waits(&s, BRIDGE_SLOT_STATUS)); /* though it was accepted */
    bridge_standing_free(&s);
}

static void what_is_to_be_forgotten_does_not_come_back(void)
{
    bridge_standing_init(&s);
    T_OK(bridge_standing_set(&s, HEAD, RDV_LIT("head"), 7));
    T_OK(bridge_standing_set(&s, HEAD + 1, RDV_LIT("head"), 7));
    bridge_standing_send(&s, HEAD);
    bridge_standing_forget_sent(&s);
    bridge_standing_lost(&s);
    T_TRUE(!bridge_standing_waits(&s, HEAD));
    T_TRUE(bridge_standing_waits(&s, HEAD + 1));
    T_OK(bridge_standing_set(&s, HEAD, RDV_LIT("new"), 8));
    T_TRUE(bridge_standing_waits(&s, HEAD));
    bridge_standing_free(&s);
}

static void what_cannot_be_kept_is_not_wanted(void)
{
    static const uint8_t long_one[BRIDGE_STANDING_MAX + 1];

    bridge_standing_init(&s);
    T_OK(bridge_standing_set(&s, HEAD, (struct rdv_span){ long_one, BRIDGE_STANDING_MAX }, 1));
    T_ERR(bridge_standing_set(&s, HEAD, (struct rdv_span){ long_one, sizeof(long_one) }, 1),
          RDV_ERR_LIMIT);
    T_TRUE(!bridge_standing_waits(&s, HEAD));
    bridge_standing_lost(&s);
    T_TRUE(!bridge_standing_waits(&s, HEAD));
    T_OK(bridge_standing_set(&s, HEAD, (struct rdv_span){ 0 }, 0));
    T_TRUE(!bridge_standing_waits(&s, HEAD));
    bridge_standing_free(&s);
    for (t_alloc_sweep_begin(); t_alloc_sweep_next();) {
        bridge_standing_init(&s);
        t_alloc_sweep_judge(bridge_standing_set(&s, HEAD, RDV_LIT("head"), 7));
        bridge_standing_free(&s);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(nothing_is_wanted_that_is_not_there),
    T_CASE(it_waits_goes_and_stands),
    T_CASE(the_same_again_is_not_published_again),
    T_CASE(a_newer_one_follows_the_one_that_is_on_its_way),
    T_CASE(what_is_refused_or_lost_waits_again),
    T_CASE(what_is_to_be_forgotten_does_not_come_back),
    T_CASE(what_cannot_be_kept_is_not_wanted),
    T_END,
};

T_SUITE(bridge_standing, tests);
