/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/consumers.h"

#include <stdio.h>
#include <string.h>

#include "se_card/accounts.h"
#include "se_card/log.h"
#include "se_card/records.h"
#include "se_card/rights.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define NOW 1800000000

static struct t_element element;
static struct se_account publisher, reader, writer;
static struct se_consumer got;

static void add(struct se_account *a, const char *name, uint32_t rights, const char *records)
{
    *a = (struct se_account){
        .enabled = true, .rights = rights, .posts_max = SE_NO_LIMIT, .quota = SE_NO_LIMIT
    };
    (void)snprintf(a->name, sizeof(a->name), "%s", name);
    T_MUST_OK(se_scope_decode(&a->records, rdv_span_of(records)));
    T_MUST_OK(se_accounts_add(element.el, a));
}

/* Five entries: of records 10, 20, 10, 20, 10. */
static void start(void)
{
    element = t_element_new(false);
    element.el->now = NOW;
    T_MUST_OK(se_element_begin(element.el));
    add(&publisher, "bridge", SE_RIGHT_PUBLISH, "none");
    add(&reader, "reader", SE_RIGHT_READ, "10");
    add(&writer, "writer", SE_RIGHT_WRITE, "all");
    for (unsigned i = 0; i < 5; i++)
        T_MUST_OK(se_records_put(element.el, i % 2 == 0 ? 0x10 : 0x20, RDV_LIT("x"), &writer));
    T_MUST_OK(se_element_commit(element.el));
    T_MUST_OK(se_element_begin(element.el));
}

static void stop(void)
{
    se_element_rollback(element.el);
    t_element_free(&element);
}

static enum rdv_err ack(const struct se_account *me, const char *name, int64_t seq, int64_t was)
{
    se_fault_clear(element.el);
    return se_consumers_ack(element.el, me, rdv_span_of(name), seq, was, &got);
}

static void fault_is(const char *want)
{
    T_TEXT(rdv_span_of(element.el->fault), want);
}

static void who_publishes_makes_its_own_by_the_first_acknowledgement(void)
{
    start();
    T_OK(ack(&publisher, "b", 2, -1));
    T_UINT((uint64_t)got.seq, 2);
    T_UINT((uint64_t)got.moved, NOW);
    element.el->now++;
    T_OK(ack(&publisher, "b", 4, -1));
    T_UINT((uint64_t)got.seq, 4);
    T_OK(ack(&publisher, "b", 3, -1)); /* never back */
    T_UINT((uint64_t)got.seq, 4);
    T_UINT((uint64_t)got.moved, NOW + 1);
    T_MUST_OK(se_element_commit(element.el));
    t_element_reopen(&element);
    T_MUST_OK(se_element_begin(element.el));
    T_OK(se_consumers_get(element.el, &got, &publisher, RDV_LIT("b")));
    T_TRUE(got.seq == 4 && got.account == publisher.id);
    stop();
}

static void others_have_theirs_from_root(void)
{
    start();
    T_ERR(ack(&reader, "r", 1, -1), RDV_ERR_ABSENT);
    fault_is("no consumer \"r\"");
    T_OK(se_consumers_add(element.el, &reader, RDV_LIT("r"), 1, &got));
    T_OK(ack(&reader, "r", 3, -1));
    T_UINT((uint64_t)got.seq, 3);
    stop();
}

static void what_has_not_come_cannot_be_acknowledged(void)
{
    start();
    T_ERR(ack(&publisher, "b", 6, -1), RDV_ERR_RANGE);
    fault_is("6: the last entry is 5");
    T_OK(ack(&publisher, "b", 5, -1));
    T_ERR(ack(&publisher, "b", 6, -1), RDV_ERR_RANGE);
    T_ERR(se_consumers_add(element.el, &reader, RDV_LIT("r"), 6, &got), RDV_ERR_RANGE);
    stop();
}

static void two_on_one_cursor_find_out(void)
{
    start();
    T_OK(ack(&publisher, "b", 1, 0));
    T_OK(ack(&publisher, "b", 3, 1));
    T_ERR(ack(&publisher, "b", 2, 1), RDV_ERR_BUSY);
    fault_is("consumer \"b\" is at 3: another one moves it");
    T_ERR(ack(&publisher, "c", 2, 1), RDV_ERR_ABSENT); /* it was dropped meanwhile */
    T_OK(ack(&publisher, "b", 4, 3));
    stop();
}

static void one_of_another_account_is_not_touched(void)
{
    start();
    T_OK(ack(&publisher, "b", 1, -1));
    T_ERR(ack(&reader, "b", 2, -1), RDV_ERR_DENIED);
    T_ERR(se_consumers_drop(element.el, &reader, RDV_LIT("b")), RDV_ERR_DENIED);
    T_ERR(se_consumers_get(element.el, &got, &reader, RDV_LIT("b")), RDV_ERR_DENIED);
    T_ERR(se_consumers_add(element.el, &reader, RDV_LIT("b"), 0, &got), RDV_ERR_EXISTS);
    T_OK(se_consumers_get(element.el, &got, &publisher, RDV_LIT("b")));
    T_UINT((uint64_t)got.seq, 1);
    stop();
}

static void root_and_its_account_drop_one(void)
{
    struct se_account root;

    start();
    T_MUST_OK(se_store_account_named(element.el->store, &root, RDV_LIT("root")));
    T_OK(ack(&publisher, "a", 1, -1));
    T_OK(ack(&publisher, "b", 1, -1));
    T_OK(se_consumers_drop(element.el, &publisher, RDV_LIT("a")));
    T_ERR(se_consumers_drop(element.el, &publisher, RDV_LIT("a")), RDV_ERR_ABSENT);
    T_OK(se_consumers_drop(element.el, &root, RDV_LIT("b")));
    T_ERR(se_consumers_get(element.el, &got, &root, RDV_LIT("b")), RDV_ERR_ABSENT);
    stop();
}

static void it_goes_with_its_account(void)
{
    struct se_account root;

    start();
    T_MUST_OK(se_store_account_named(element.el->store, &root, RDV_LIT("root")));
    T_OK(ack(&publisher, "b", 1, -1));
    T_OK(se_accounts_delete(element.el, &publisher));
    T_ERR(se_consumers_get(element.el, &got, &root, RDV_LIT("b")), RDV_ERR_ABSENT);
    stop();
}

static void names_have_a_form_and_their_number_a_limit(void)
{
    char name[80];

    start();
    memset(name, 'x', sizeof(name));
    name[SE_NAME_MAX + 1] = '\0';
    T_ERR(ack(&publisher, name, 1, -1), RDV_ERR_RANGE);
    T_ERR(ack(&publisher, "", 1, -1), RDV_ERR_RANGE);
    T_ERR(ack(&publisher, " b", 1, -1), RDV_ERR_FORMAT);
    for (int i = 0; i < SE_CONSUMERS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "b%d", i);
        T_OK(ack(&publisher, name, 1, -1));
    }
    T_ERR(ack(&publisher, "c", 1, -1), RDV_ERR_LIMIT);
    fault_is("limit=consumers max=64");
    T_OK(ack(&publisher, "b7", 2, -1));
    stop();
}

/* --- what they hold --------------------------------------------------------------------------- */

static const int64_t *hold;

static void what_is_not_acknowledged_is_held_for_those_who_may_read_it(void)
{
    start();
    T_MUST_OK(se_consumers_hold(element.el, &hold));
    for (unsigned i = 0; i < SE_CHAINS; i++)
        T_TRUE(hold[i] == INT64_MAX);
    T_OK(se_consumers_add(element.el, &reader, RDV_LIT("r"), 2, &got));
    T_OK(se_consumers_add(element.el, &writer, RDV_LIT("w"), 0, &got)); /* may read nothing */
    T_MUST_OK(se_consumers_hold(element.el, &hold));
    T_UINT((uint64_t)hold[0x10], 2);
    T_TRUE(hold[0x20] == INT64_MAX);
    T_UINT((uint64_t)hold[SE_CHAIN_CARD], 2);
    T_OK(ack(&publisher, "b", 3, -1));
    T_MUST_OK(se_consumers_hold(element.el, &hold));
    T_UINT((uint64_t)hold[0x10], 2);
    T_UINT((uint64_t)hold[0x20], 3);
    T_OK(ack(&publisher, "a", 1, -1));
    T_MUST_OK(se_consumers_hold(element.el, &hold));
    T_UINT((uint64_t)hold[0x10], 1);
    T_UINT((uint64_t)hold[0x20], 1);
    T_OK(se_consumers_drop(element.el, &publisher, RDV_LIT("a")));
    T_MUST_OK(se_consumers_hold(element.el, &hold));
    T_UINT((uint64_t)hold[0x20], 3);
    stop();
}

static void what_is_held_follows_what_is_undone_and_what_accounts_may_read(void)
{
    start();
    T_OK(ack(&publisher, "b", 1, -1));
    T_OK(se_consumers_add(element.el, &reader, RDV_LIT("r"), 1, &got));
    T_MUST_OK(se_element_commit(element.el));
    T_MUST_OK(se_element_begin(element.el));
    T_OK(ack(&publisher, "b", 4, -1));
    T_MUST_OK(se_consumers_hold(element.el, &hold));
    T_UINT((uint64_t)hold[0x20], 4);
    se_element_rollback(element.el);
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_consumers_hold(element.el, &hold));
    T_UINT((uint64_t)hold[0x20], 1);
    T_OK(ack(&publisher, "b", 4, -1));
    T_MUST_OK(se_scope_decode(&reader.records, RDV_LIT("20")));
    T_MUST_OK(se_accounts_set(element.el, &reader));
    T_MUST_OK(se_consumers_hold(element.el, &hold));
    T_UINT((uint64_t)hold[0x10], 4);
    T_UINT((uint64_t)hold[0x20], 1);
    T_MUST_OK(se_accounts_delete(element.el, &reader));
    T_MUST_OK(se_consumers_hold(element.el, &hold));
    T_UINT((uint64_t)hold[0x20], 4);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(who_publishes_makes_its_own_by_the_first_acknowledgement),
    T_CASE(others_have_theirs_from_root),
    T_CASE(what_has_not_come_cannot_be_acknowledged),
    T_CASE(two_on_one_cursor_find_out),
    T_CASE(one_of_another_account_is_not_touched),
    T_CASE(root_and_its_account_drop_one),
    T_CASE(it_goes_with_its_account),
    T_CASE(names_have_a_form_and_their_number_a_limit),
    T_CASE(what_is_not_acknowledged_is_held_for_those_who_may_read_it),
    T_CASE(what_is_held_follows_what_is_undone_and_what_accounts_may_read),
    T_END,
};

T_SUITE(se_card_consumers, tests);
