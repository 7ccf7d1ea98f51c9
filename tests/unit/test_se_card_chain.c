/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whoever can write the database but has no key. */
#include "se_card/chain.h"

#include <stdio.h>
#include <string.h>

#include "se_card/heads.h"
#include "se_card/log.h"
#include "se_card/records.h"
#include "tests/support/card_rig.h"
#include "tests/support/dump.h"
#include "tests/support/test.h"

#define NOW 1800000000

static struct t_element element;
static struct se_account root;

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

static enum rdv_err put(uint8_t slot)
{
    enum rdv_err err;

    se_fault_clear(element.el);
    T_MUST_OK(se_element_begin(element.el));
    if ((err = se_records_put(element.el, slot, RDV_LIT("x"), &root)) == RDV_OK)
        return se_element_commit(element.el);
    se_element_rollback(element.el);
    return err;
}

static void forget_after(uint8_t slot, int64_t seconds)
{
    const struct se_record_setting setting = { .ttl = seconds, .most = 100 };

    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_records_set(element.el, slot, &setting));
    T_MUST_OK(se_element_commit(element.el));
}

/* Entries 1 2 3 of record 10, 4 5 of 20. */
static void write_some(void)
{
    for (int i = 0; i < 3; i++)
        T_OK(put(0x10));
    for (int i = 0; i < 2; i++)
        T_OK(put(0x20));
}

static void change(const char *sql)
{
    char path[200];

    (void)snprintf(path, sizeof(path), "%s/key1.com/card.sqlite3", element.dir);
    se_element_close(element.el);
    element.el = NULL;
    t_sql(path, sql);
    t_element_reopen(&element);
    element.el->now = NOW;
}

/* Record 10 takes nothing more and has no head; what it holds is read, and the others go on. */
static void is_broken(void)
{
    struct rdv_buf content = RDV_BUF(100);
    const struct se_head *head;

    T_TRUE(se_log_is_broken(element.el, 0x10));
    T_TRUE(t_logged("the chain of record 10 does not end where its row says") > 0);
    T_ERR(put(0x10), RDV_ERR_CORRUPT);
    T_TEXT(rdv_span_of(element.el->fault), "its chain of entries is damaged: see the card's log");
    T_ERR(se_heads_get(element.el, &head, 0x10), RDV_ERR_CORRUPT);
    T_OK(se_records_get(element.el, NULL, &content, 0x10));
    T_OK(put(0x20));
    T_OK(se_heads_get(element.el, &head, 0x20));
    rdv_buf_free(&content);
}

static void is_sound(void)
{
    for (unsigned i = 0; i < SE_CHAINS; i++)
        T_TRUE(!se_log_is_broken(element.el, i));
    T_OK(put(0x10));
    T_OK(put(0x20));
}

static void broken_by(const char *sql)
{
    start();
    write_some();
    change(sql);
    is_broken();
    change("SELECT 1"); /* it does not heal by itself */
    is_broken();
    stop();
}

/* --- rows ------------------------------------------------------------------------------------- */

static void a_chain_that_ends_where_its_row_says_goes_on(void)
{
    start();
    is_sound();
    write_some();
    change("SELECT 1");
    is_sound();
    stop();
}

static void a_row_that_says_something_else_is_not_signed_behind(void)
{
    broken_by("UPDATE record SET n = 7 WHERE slot = 16");
    broken_by("UPDATE record SET n = 2 WHERE slot = 16");
    broken_by("UPDATE record SET seq = 2, n = 2 WHERE slot = 16");
    broken_by("UPDATE record SET seq = 100 WHERE slot = 16");
    broken_by("UPDATE record SET hash = zeroblob(32) WHERE slot = 16");
    broken_by("UPDATE record SET hash = x'00' WHERE slot = 16");
    broken_by("UPDATE record SET hash = (SELECT hash FROM record WHERE slot = 32) WHERE slot = 16");
    broken_by("UPDATE record SET n = 0, seq = 0, hash = zeroblob(32) WHERE slot = 16");
    broken_by("UPDATE record SET n = -1 WHERE slot = 16");
}

static void a_row_of_another_chain_is_not_signed_behind(void)
{
    broken_by("UPDATE record SET n = 2, seq = 5, hash = (SELECT hash FROM record WHERE slot = 32)"
              " WHERE slot = 16");
}

static void a_last_entry_that_was_taken_away_or_changed_is_noticed(void)
{
    broken_by("DELETE FROM log WHERE seq = 3");
    broken_by("DELETE FROM envelope WHERE seq = 3");
    broken_by("UPDATE envelope SET message = (SELECT message FROM envelope WHERE seq = 2)"
              " WHERE seq = 3");
    broken_by("UPDATE log SET chain = 33 WHERE seq = 3");
    broken_by("UPDATE log SET seq = 30 WHERE seq = 3;"
              " UPDATE envelope SET seq = 30 WHERE seq = 3;"
              " UPDATE record SET seq = 30 WHERE slot = 16");
}

static void the_numbers_of_the_log_do_not_run_over(void)
{
    start();
    write_some();
    change("INSERT INTO log VALUES (9223372036854775807, 48, 1, 1, 1, 1)");
    T_ERR(put(0x10), RDV_ERR_CORRUPT);
    T_TEXT(rdv_span_of(element.el->fault), "the numbers of the log are used up");
    stop();
}

/* --- where the last entry has gone ------------------------------------------------------------ */

/* Record 10 has had entries and has none now. */
static void let_go(void)
{
    struct se_log_line line;

    start();
    forget_after(0x10, 60);
    write_some();
    element.el->now += 60;
    se_element_tick(element.el);
    T_MUST_OK(se_store_log_from(element.el->store, &line, 0));
    T_MUST(line.seq == 4);
}

static void a_chain_goes_on_when_its_entries_have_gone(void)
{
    struct se_chain chain;

    let_go();
    change("SELECT 1");
    is_sound();
    T_MUST_OK(se_log_chain(element.el, &chain, 0x10));
    T_UINT((uint64_t)chain.n, 4);
    change("SELECT 1"); /* the note is of before, the entry is there */
    is_sound();
    stop();
}

static void broken_when_gone_by(const char *sql)
{
    let_go();
    change(sql);
    is_broken();
    stop();
}

static void a_note_and_its_row_are_bound_to_each_other(void)
{
    broken_when_gone_by("UPDATE record SET n = 2 WHERE slot = 16");
    broken_when_gone_by("UPDATE record SET seq = 9 WHERE slot = 16");
    broken_when_gone_by("UPDATE record SET hash = zeroblob(32) WHERE slot = 16");
    broken_when_gone_by("UPDATE record SET n = 0, seq = 0, hash = zeroblob(32) WHERE slot = 16");
    broken_when_gone_by("DELETE FROM own WHERE name = 'chain/010'");
    broken_when_gone_by("UPDATE own SET value = x'00' WHERE name = 'chain/010'");
}

static void a_note_is_of_its_own_chain(void)
{
    let_go();
    change("INSERT INTO own SELECT 'chain/020', value FROM own WHERE name = 'chain/010';"
           " DELETE FROM log WHERE chain = 32;"
           " UPDATE record SET (n, seq, hash) = (SELECT n, seq, hash FROM record WHERE slot = 16)"
           " WHERE slot = 32");
    T_TRUE(se_log_is_broken(element.el, 0x20));
    T_TRUE(!se_log_is_broken(element.el, 0x10));
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(a_chain_that_ends_where_its_row_says_goes_on),
    T_CASE(a_row_that_says_something_else_is_not_signed_behind),
    T_CASE(a_row_of_another_chain_is_not_signed_behind),
    T_CASE(a_last_entry_that_was_taken_away_or_changed_is_noticed),
    T_CASE(the_numbers_of_the_log_do_not_run_over),
    T_CASE(a_chain_goes_on_when_its_entries_have_gone),
    T_CASE(a_note_and_its_row_are_bound_to_each_other),
    T_CASE(a_note_is_of_its_own_chain),
    T_END,
};

T_SUITE(se_card_chain, tests);
