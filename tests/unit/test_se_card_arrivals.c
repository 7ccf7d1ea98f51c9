/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/arrivals.h"

#include <stdio.h>

#include "se_card/accounts.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define HOST "192.0.2.7" /* where a rig says it is */

static struct t_element element;
static struct t_rig root;

static void start(void)
{
    const struct t_client_options options = t_client_published();

    element = t_element_new(true);
    t_rig_open(&root, element.el, &options);
    T_MUST(t_client_is_open(root.client));
}

static void stop(void)
{
    t_rig_close(&root);
    t_element_free(&element);
}

static enum rdv_err known(int64_t account, const char *host)
{
    return se_store_address_known(element.el->store, account, host);
}

static void an_address_is_known_from_the_next_tick_on(void)
{
    const struct t_client_options options = t_client_published();

    start();
    T_ERR(known(SE_ROOT_ID, HOST), RDV_ERR_ABSENT);
    se_element_tick(element.el);
    T_OK(known(SE_ROOT_ID, HOST));
    T_ERR(known(SE_ROOT_ID, "192.0.2.8"), RDV_ERR_ABSENT);
    t_rig_close(&root);
    t_element_reopen(&element);
    T_OK(known(SE_ROOT_ID, HOST));
    t_rig_open(&root, element.el, &options);
    T_UINT(element.el->arrivals.n, 0); /* nothing new */
    stop();
}

static void a_session_from_somewhere_new_that_reads_writes_nothing(void)
{
    start();
    T_TEXT(t_rig_say(&root, "?00\nI00\n"), "RDV keystore 0.1\r\n\r\n");
    T_TRUE(!element.el->unstepped);
    T_ERR(known(SE_ROOT_ID, HOST), RDV_ERR_ABSENT);
    stop();
}

static void who_has_failed_has_not_arrived(void)
{
    struct t_client_options options = t_client_published();
    struct t_rig stranger;

    start();
    se_element_tick(element.el);
    options.psk.bytes[0] ^= 1;
    t_rig_open(&stranger, element.el, &options);
    T_TRUE(!t_client_is_open(stranger.client));
    T_UINT(element.el->arrivals.n, 0);
    t_rig_close(&stranger);
    stop();
}

static void an_account_that_has_gone_meanwhile_is_left_out(void)
{
    start();
    se_arrivals_add(&element.el->arrivals, 1000, RDV_LIT("192.0.2.8:1"));
    se_arrivals_add(&element.el->arrivals, SE_ROOT_ID, RDV_LIT("192.0.2.9:1"));
    se_element_tick(element.el);
    T_ERR(known(1000, "192.0.2.8"), RDV_ERR_ABSENT);
    T_OK(known(SE_ROOT_ID, "192.0.2.9"));
    stop();
}

static void a_card_that_is_read_only_notes_none(void)
{
    const struct t_client_options options = t_client_published();
    struct t_rig another;

    start();
    element.el->arrivals.n = 0;
    element.el->read_only = true;
    t_rig_open(&another, element.el, &options);
    T_UINT(element.el->arrivals.n, 0);
    t_rig_close(&another);
    stop();
}

static void those_beyond_the_limit_are_new_once_more(void)
{
    static struct se_arrivals a;

    a = (struct se_arrivals){ .n = SE_ARRIVALS_MAX - 1 };
    se_arrivals_add(&a, 7, RDV_LIT("192.0.2.8:1"));
    T_UINT(a.n, SE_ARRIVALS_MAX);
    T_TEXT(rdv_span_of(a.at[SE_ARRIVALS_MAX - 1].host), "192.0.2.8");
    se_arrivals_add(&a, 8, RDV_LIT("192.0.2.9:1"));
    T_UINT(a.n, SE_ARRIVALS_MAX);
    T_UINT((unsigned long long)a.at[SE_ARRIVALS_MAX - 1].account, 7);
}

static void of_an_account_the_last_are_remembered(void)
{
    char address[32];

    start();
    element.el->arrivals.n = 0;
    for (int i = 0; i <= SE_ADDRESSES_MAX; i++) {
        (void)snprintf(address, sizeof(address), "198.51.100.%d:1", i);
        se_arrivals_add(&element.el->arrivals, SE_ROOT_ID, rdv_span_of(address));
        element.el->now++;
        se_element_tick(element.el);
    }
    T_ERR(known(SE_ROOT_ID, "198.51.100.0"), RDV_ERR_ABSENT);
    for (int i = 1; i <= SE_ADDRESSES_MAX; i++) {
        (void)snprintf(address, sizeof(address), "198.51.100.%d", i);
        T_OK(known(SE_ROOT_ID, address));
    }
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(an_address_is_known_from_the_next_tick_on),
    T_CASE(a_session_from_somewhere_new_that_reads_writes_nothing),
    T_CASE(who_has_failed_has_not_arrived),
    T_CASE(an_account_that_has_gone_meanwhile_is_left_out),
    T_CASE(a_card_that_is_read_only_notes_none),
    T_CASE(those_beyond_the_limit_are_new_once_more),
    T_CASE(of_an_account_the_last_are_remembered),
    T_END,
};

T_SUITE(se_card_arrivals, tests);
