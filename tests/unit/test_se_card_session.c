/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/session.h"

#include "se_card/accounts.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

static struct t_element element;
static struct se_account guest;
static struct se_session session;

static void begin(void)
{
    T_MUST_OK(se_element_begin(element.el));
}

static void commit(void)
{
    T_MUST_OK(se_element_commit(element.el));
}

/* A guest that is logged in. */
static void start(void)
{
    const struct rdv_key psk = { { 7, 1, 9 } };

    element = t_element_new(true);
    guest = (struct se_account){
        .name = "sensor1", .enabled = true, .posts_max = SE_NO_LIMIT, .quota = SE_NO_LIMIT
    };
    begin();
    T_MUST_OK(se_accounts_add(element.el, &guest));
    T_MUST_OK(se_accounts_set_psk(element.el, guest.id, &psk));
    commit();
    T_MUST_OK(se_session_init(&session, element.el, guest.id));
    T_OK(se_session_refresh(&session));
}

static void stop(void)
{
    t_element_free(&element);
}

static void set(void)
{
    begin();
    T_MUST_OK(se_accounts_set(element.el, &guest));
    commit();
}

static void there_is_none_for_an_account_that_is_gone(void)
{
    start();
    T_ERR(se_session_init(&session, element.el, 4711), RDV_ERR_ABSENT);
    stop();
}

static void an_account_that_is_disabled_has_none(void)
{
    start();
    guest.enabled = false;
    set();
    T_ERR(se_session_refresh(&session), RDV_ERR_DENIED);
    guest.enabled = true;
    set();
    T_OK(se_session_refresh(&session));
    stop();
}

static void an_account_that_is_deleted_has_none(void)
{
    start();
    begin();
    T_MUST_OK(se_accounts_delete(element.el, &guest));
    commit();
    T_ERR(se_session_refresh(&session), RDV_ERR_DENIED);
    stop();
}

/* Nothing changes in the database when time passes. */
static void an_account_is_admitted_from_its_first_second_to_before_its_last(void)
{
    start();
    guest.not_before = element.el->now + 100;
    guest.expires = element.el->now + 200;
    set();
    T_ERR(se_session_refresh(&session), RDV_ERR_DENIED);
    element.el->now += 99;
    T_ERR(se_session_refresh(&session), RDV_ERR_DENIED);
    element.el->now += 1;
    T_OK(se_session_refresh(&session));
    element.el->now += 99;
    T_OK(se_session_refresh(&session));
    element.el->now += 1;
    T_ERR(se_session_refresh(&session), RDV_ERR_DENIED);
    stop();
}

static void another_key_ends_it_even_when_it_is_the_same_one(void)
{
    const struct rdv_key psk = { { 7, 1, 9 } };

    start();
    begin();
    T_MUST_OK(se_accounts_set_psk(element.el, guest.id, &psk));
    commit();
    T_ERR(se_session_refresh(&session), RDV_ERR_DENIED);
    T_MUST_OK(se_session_init(&session, element.el, guest.id));
    T_OK(se_session_refresh(&session));
    stop();
}

static void a_rotation_does_not_end_it(void)
{
    const struct rdv_key psk = { { 7, 1, 8 } };

    start();
    begin();
    T_MUST_OK(se_accounts_rotate(element.el, guest.id, &psk, element.el->now + 100));
    commit();
    T_OK(se_session_refresh(&session));
    begin();
    T_MUST_OK(se_accounts_promote(element.el, guest.id));
    commit();
    T_OK(se_session_refresh(&session));
    stop();
}

static void rights_taken_and_given_count_from_the_next_command_on(void)
{
    start();
    T_UINT(session.me.rights, 0);
    guest.rights = 3;
    guest.records = se_scope_all();
    set();
    T_UINT(session.me.rights, 0); /* until it looks */
    T_OK(se_session_refresh(&session));
    T_UINT(session.me.rights, 3);
    T_TRUE(se_scope_has(&session.me.records, 200));
    stop();
}

static void what_was_rolled_back_never_counted(void)
{
    start();
    guest.rights = 3;
    begin();
    T_MUST_OK(se_accounts_set(element.el, &guest));
    T_OK(se_session_refresh(&session));
    T_UINT(session.me.rights, 3); /* within the group */
    se_element_rollback(element.el);
    T_OK(se_session_refresh(&session));
    T_UINT(session.me.rights, 0);
    stop();
}

static void each_has_a_number_of_its_own(void)
{
    struct se_session other;

    start();
    T_MUST_OK(se_session_init(&other, element.el, guest.id));
    T_TRUE(other.id == session.id + 1);
    T_TRUE(other.since == element.el->now);
    T_UINT(other.commands, 0);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(there_is_none_for_an_account_that_is_gone),
    T_CASE(an_account_that_is_disabled_has_none),
    T_CASE(an_account_that_is_deleted_has_none),
    T_CASE(an_account_is_admitted_from_its_first_second_to_before_its_last),
    T_CASE(another_key_ends_it_even_when_it_is_the_same_one),
    T_CASE(a_rotation_does_not_end_it),
    T_CASE(rights_taken_and_given_count_from_the_next_command_on),
    T_CASE(what_was_rolled_back_never_counted),
    T_CASE(each_has_a_number_of_its_own),
    T_END,
};

T_SUITE(se_card_session, tests);
