/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/log.h"

#include <stdio.h>
#include <string.h>

#include "schema/wire/envelope.h"
#include "se_card/accounts.h"
#include "se_card/chain.h"
#include "se_card/ec.h"
#include "se_card/hash.h"
#include "se_card/pair.h"
#include "se_card/records.h"
#include "tests/support/card_rig.h"
#include "tests/support/dump.h"
#include "tests/support/test.h"

#define NOW 1800000000

static struct t_element element;
static struct se_account author;
static struct rdv_buf out = { .limit = RDV_ENVELOPE_MAX }, signs = { .limit = RDV_ENVELOPE_MAX };
static uint8_t hash[SE_SHA256_BYTES];

static void start(void)
{
    element = t_element_new(false);
    element.el->now = NOW;
    author = (struct se_account){
        .name = "sensor1", .enabled = true, .posts_max = SE_NO_LIMIT, .quota = SE_NO_LIMIT
    };
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_accounts_add(element.el, &author));
    T_MUST_OK(se_element_commit(element.el));
}

static void stop(void)
{
    t_element_free(&element);
    rdv_buf_free(&out);
    rdv_buf_free(&signs);
}

static void begin(void)
{
    T_MUST_OK(se_element_begin(element.el));
}

static void commit(void)
{
    T_MUST_OK(se_element_commit(element.el));
}

static void put(uint8_t slot, const char *text)
{
    T_MUST_OK(se_records_put(element.el, slot, rdv_span_of(text), &author));
}

static void put_alone(uint8_t slot, const char *text)
{
    begin();
    put(slot, text);
    commit();
}

/* The envelope of an entry, which must be there, verified with the card's key; hash is its. */
static struct rdv_envelope entry(int64_t seq)
{
    struct rdv_envelope got = { .time = 0 };
    uint8_t digest[SE_SHA256_BYTES];
    struct se_log_line line;
    struct rdv_cose parts;

    rdv_buf_clear(&out);
    rdv_buf_clear(&signs);
    T_MUST_OK(se_store_log_from(element.el->store, &line, seq));
    T_UINT((uint64_t)line.seq, (uint64_t)seq);
    T_MUST_OK(se_log_envelope(element.el, &out, &line));
    T_MUST_OK(rdv_envelope_get(&got, &parts, rdv_buf_view(&out)));
    T_MUST_OK(rdv_cose_put_signed(&signs, &parts));
    se_sha256(digest, rdv_buf_view(&signs));
    T_OK(se_ec_verify_rs(element.el->ec, SE_CURVE_K1, parts.signature,
                         (struct rdv_span){ element.el->identity, SE_EC_POINT_BYTES },
                         (struct rdv_span){ digest, sizeof(digest) }));
    se_sha256(hash, rdv_buf_view(&out));
    return got;
}

static void follows(int64_t seq, int64_t before)
{
    uint8_t of_before[SE_SHA256_BYTES];
    struct rdv_envelope got;

    (void)entry(before);
    memcpy(of_before, hash, sizeof(hash));
    got = entry(seq);
    T_TRUE(memcmp(got.entry.prev, of_before, sizeof(of_before)) == 0);
}

static void no_entry(int64_t seq)
{
    struct se_log_line line;
    const enum rdv_err err = se_store_log_from(element.el->store, &line, seq);

    T_TRUE(err == RDV_ERR_ABSENT || (err == RDV_OK && line.seq != seq));
}

/* --- what is written -------------------------------------------------------------------------- */

static void a_write_makes_a_signed_entry(void)
{
    struct rdv_envelope got;

    start();
    put_alone(0x0A, "21.5");
    got = entry(1);
    T_UINT(got.topic.kind, RDV_TOPIC_RECORD);
    T_TEXT(rdv_span_of(got.topic.sen), "key1.com");
    T_UINT(got.topic.record, 0x0A);
    T_UINT((uint64_t)got.time, NOW);
    T_UINT(got.entry.n, 1);
    T_TEXT(got.entry.author, "sensor1");
    T_TEXT(got.entry.type, RDV_TYPE_DEFAULT);
    T_TEXT(got.entry.content, "21.5");
    stop();
}

static void entries_of_a_record_are_a_chain(void)
{
    start();
    put_alone(0, "one");
    begin();
    put(1, "another record");
    put(0, "two");
    put(0, "three");
    put(1, "");
    commit();
    follows(3, 1);
    follows(4, 3);
    follows(5, 2);
    T_UINT(entry(4).entry.n, 3);
    T_UINT(entry(5).entry.n, 2);
    T_UINT(entry(5).entry.content.n, 0);
    stop();
}

static void chains_go_on_after_a_restart(void)
{
    start();
    put_alone(0, "one");
    put_alone(1, "other");
    put_alone(1, "");
    t_element_reopen(&element);
    element.el->now = NOW + 1;
    put_alone(0, "two");
    put_alone(1, "again");
    follows(4, 1);
    follows(5, 3);
    T_UINT(entry(5).entry.n, 3);
    stop();
}

static void chains_go_on_behind_the_last_entry_of_a_group(void)
{
    start();
    begin();
    put(0, "one");
    put(1, "other");
    put(0, "two");
    put(0, "three");
    commit();
    t_element_reopen(&element);
    T_TRUE(!se_log_is_broken(element.el, 0));
    T_TRUE(!se_log_is_broken(element.el, 1));
    put_alone(0, "four");
    put_alone(1, "again");
    follows(5, 4);
    follows(6, 2);
    T_UINT(entry(5).entry.n, 4);
    stop();
}

static void the_same_bytes_are_read_each_time(void)
{
    struct rdv_buf first = RDV_BUF(RDV_ENVELOPE_MAX);

    start();
    put_alone(0, "one");
    (void)entry(1);
    T_MUST_OK(rdv_put_bytes(&first, rdv_buf_view(&out)));
    t_element_reopen(&element);
    (void)entry(1);
    T_SPAN(rdv_buf_view(&out), rdv_buf_view(&first));
    rdv_buf_free(&first);
    stop();
}

static void many_entries_of_one_transaction_are_all_there(void)
{
    char text[16];

    start();
    begin();
    for (int i = 1; i <= 300; i++) {
        (void)snprintf(text, sizeof(text), "%d", i);
        T_MUST_OK(se_log_make_room(element.el));
        put((uint8_t)(i % 3), text);
    }
    commit();
    for (int64_t i = 4; i <= 300; i++)
        follows(i, i - 3);
    T_UINT(entry(300).entry.n, 100);
    T_TEXT(entry(298).entry.content, "298");
    no_entry(301);
    stop();
}

#define CHAINS 11

static void two_threads_make_what_one_would(void)
{
    char text[16];

    start();
    T_MUST_OK(se_pair_new(&element.el->pair));
    for (int i = 1; i <= 600; i++) {
        if (i % 50 == 1)
            begin();
        (void)snprintf(text, sizeof(text), "%d", i);
        T_MUST_OK(se_log_make_room(element.el));
        put((uint8_t)(i % CHAINS), text);
        if (i % 50 == 0)
            commit();
    }
    for (int64_t i = CHAINS + 1; i <= 600; i++)
        follows(i, i - CHAINS);
    T_TEXT(entry(599).entry.content, "599");
    no_entry(601);
    se_pair_free(element.el->pair);
    stop();
}

static void the_greatest_content_has_its_entry(void)
{
    const struct se_record_setting setting = { .most = SE_RECORD_MOST };
    struct rdv_buf content = RDV_BUF(SE_RECORD_MOST);
    uint8_t *room;

    start();
    T_MUST_OK(rdv_buf_room(&content, &room, SE_RECORD_MOST));
    memset(room, 'x', SE_RECORD_MOST);
    rdv_buf_grew(&content, SE_RECORD_MOST);
    begin();
    T_MUST_OK(se_records_set(element.el, 7, &setting));
    for (int i = 0; i < 3; i++) {
        T_MUST_OK(se_log_make_room(element.el));
        T_MUST_OK(se_records_put(element.el, 7, rdv_buf_view(&content), &author));
    }
    commit();
    follows(2, 1);
    follows(3, 2);
    T_SPAN(entry(3).entry.content, rdv_buf_view(&content));
    rdv_buf_free(&content);
    stop();
}

/* --- what is not ------------------------------------------------------------------------------ */

static void what_is_undone_leaves_no_entry_and_no_gap(void)
{
    struct se_log_mark mark;

    start();
    put_alone(0, "one");
    begin();
    put(1, "stays");
    T_MUST_OK(se_store_step(element.el->store));
    mark = se_log_mark(element.el);
    put(0, "undone");
    put(0, "undone too");
    put(1, "and this");
    se_log_undo(element.el, &mark);
    T_MUST_OK(se_store_step_undo(element.el->store));
    put(0, "two");
    put(1, "goes on");
    commit();
    T_TEXT(entry(2).entry.content, "stays");
    T_TEXT(entry(3).entry.content, "two");
    follows(3, 1);
    follows(4, 2);
    no_entry(5);
    T_UINT((uint64_t)se_log_totals(element.el).entries, 4);
    stop();
}

static void what_is_not_committed_leaves_no_entry_and_no_gap(void)
{
    start();
    put_alone(0, "one");
    begin();
    put(0, "lost");
    T_MUST_OK(se_log_flush(element.el));
    put(0, "lost too");
    se_element_rollback(element.el);
    put_alone(0, "two");
    follows(2, 1);
    T_TEXT(entry(2).entry.content, "two");
    no_entry(3);
    stop();
}

static void cannot_sign(unsigned chains)
{
    struct rdv_buf before = RDV_BUF(1 << 20), after = RDV_BUF(1 << 20);

    t_dump(&before, element.el->store, T_DUMP_ALL);
    begin();
    for (unsigned i = 0; i < chains; i++)
        put((uint8_t)i, "one");
    author.name[0] = '\0'; /* no author of an envelope */
    put(0, "two");
    T_ERR(se_element_commit(element.el), RDV_ERR_LOST);
    t_dump(&after, element.el->store, T_DUMP_ALL);
    T_SPAN(rdv_buf_view(&after), rdv_buf_view(&before));
    T_TRUE(t_logged("the log") > 0);
    rdv_buf_free(&before);
    rdv_buf_free(&after);
}

static void what_cannot_be_signed_is_not_written(void)
{
    start();
    cannot_sign(1);
    stop();
}

static void what_one_of_two_threads_cannot_sign_is_not_written(void)
{
    start();
    T_MUST_OK(se_pair_new(&element.el->pair));
    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(author.name, sizeof(author.name), "sensor1");
        cannot_sign(i);
    }
    se_pair_free(element.el->pair);
    stop();
}

/* --- the quota -------------------------------------------------------------------------------- */

/* What an entry of four bytes is reckoned at before it is made: more than it is. */
#define RESERVED (4 + RDV_ENVELOPE_OVERHEAD + SE_SEAL_OVERHEAD)

static void a_full_log_takes_nothing_more(void)
{
    struct se_element *el;
    char want[64];
    int64_t quota;

    start();
    el = element.el;
    put_alone(0, "full");
    (void)entry(1);
    T_UINT((uint64_t)se_log_totals(el).bytes, rdv_buf_len(&out) + SE_SEAL_OVERHEAD);
    quota = se_log_totals(el).bytes + RESERVED;
    se_log_close(el);
    T_MUST_OK(se_log_open(el, quota));
    put_alone(0, "full");
    se_fault_clear(el);
    begin();
    T_ERR(se_records_put(el, 0, RDV_LIT("full"), &author), RDV_ERR_FULL);
    (void)snprintf(want, sizeof(want), "limit=log max=%lld", (long long)quota);
    T_TEXT(rdv_span_of(el->fault), want);
    se_element_rollback(el);
    no_entry(3);
    stop();
}

static void what_is_said_about_the_card_has_room_always(void)
{
    const struct se_log_post post = { SE_CHAIN_CARD, RDV_LIT(RDV_TYPE_CARD), RDV_LIT("\xa0"),
                                      &author };
    struct se_element *el;

    start();
    el = element.el;
    se_log_close(el);
    T_MUST_OK(se_log_open(el, 1));
    begin();
    T_ERR(se_records_put(el, 0, RDV_LIT("full"), &author), RDV_ERR_FULL);
    T_OK(se_log_append(el, &post, NULL));
    commit();
    T_UINT(entry(1).topic.kind, RDV_TOPIC_CARD);
    stop();
}

static void what_waits_counts_for_the_quota(void)
{
    struct se_element *el;

    start();
    el = element.el;
    se_log_close(el);
    T_MUST_OK(se_log_open(el, 10 * RESERVED));
    begin();
    for (int i = 0; i < 9; i++)
        put(0, "full");
    T_ERR(se_records_put(el, 0, RDV_LIT("full"), &author), RDV_ERR_FULL);
    se_element_rollback(el);
    stop();
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void numbers_are_given_once_though_their_entries_be_gone(void)
{
    struct se_chain chain;

    start();
    put_alone(0, "one");
    put_alone(0, "two");
    begin();
    T_MUST_OK(se_log_chain(element.el, &chain, 0));
    T_MUST_OK(se_chain_note(element.el, 0, &chain));
    T_MUST_OK(se_store_log_drop(element.el->store, 1, 2));
    commit();
    t_element_reopen(&element);
    element.el->now = NOW;
    put_alone(0, "three");
    T_UINT(entry(3).entry.n, 3);
    stop();
}

static void another_life_begins_above_all_numbers_of_the_last(void)
{
    start();
    put_alone(0, "one");
    begin();
    se_log_jump(element.el, 7);
    put(0, "two");
    commit();
    T_UINT(entry(((int64_t)7 << 40) + 1).entry.n, 2);
    t_element_reopen(&element);
    element.el->now = NOW;
    put_alone(0, "three");
    follows(((int64_t)7 << 40) + 2, ((int64_t)7 << 40) + 1);
    begin();
    se_log_jump(element.el, 3); /* never back */
    put(0, "four");
    commit();
    T_UINT(entry(((int64_t)7 << 40) + 3).entry.n, 4);
    stop();
}

static void the_card_has_a_chain_of_its_own(void)
{
    const struct se_log_post post = { SE_CHAIN_CARD, RDV_LIT(RDV_TYPE_CARD), RDV_LIT("\xa0"),
                                      &author };

    start();
    put_alone(0, "one");
    begin();
    T_MUST_OK(se_log_append(element.el, &post, NULL));
    commit();
    t_element_reopen(&element);
    element.el->now = NOW;
    begin();
    T_MUST_OK(se_log_append(element.el, &post, NULL));
    commit();
    T_UINT(entry(2).topic.kind, RDV_TOPIC_CARD);
    T_UINT(entry(2).entry.n, 1);
    follows(3, 2);
    stop();
}

/* --- damage ----------------------------------------------------------------------------------- */

static enum rdv_err read_after(const char *sql, int64_t seq)
{
    struct se_log_line line;
    char path[200];
    enum rdv_err err;

    (void)snprintf(path, sizeof(path), "%s/key1.com/card.sqlite3", element.dir);
    t_element_free(&element);
    t_sql(path, sql);
    t_element_reopen(&element);
    rdv_buf_clear(&out);
    T_MUST_OK(se_store_log_from(element.el->store, &line, seq));
    if ((err = se_log_envelope(element.el, &out, &line)) == RDV_ERR_CORRUPT)
        T_TRUE(t_logged("entry 1 of the log is damaged") > 0);
    T_TRUE(err == RDV_OK || rdv_buf_len(&out) == 0);
    return err;
}

static void damaged_after(const char *sql)
{
    start();
    put_alone(0, "one");
    put_alone(0, "two");
    T_ERR(read_after(sql, 1), RDV_ERR_CORRUPT);
    element.el->now = NOW;
    put_alone(0, "three"); /* the others go on */
    follows(3, 2);
    stop();
}

static void a_damaged_entry_is_named_and_the_others_go_on(void)
{
    damaged_after("UPDATE envelope SET message = x'00' WHERE seq = 1");
    damaged_after("UPDATE envelope SET message = (SELECT message FROM envelope WHERE seq = 2)"
                  " WHERE seq = 1");
    damaged_after("DELETE FROM envelope WHERE seq = 1");
    damaged_after("UPDATE log SET chain = 1 WHERE seq = 1");
    damaged_after("UPDATE log SET chain = 256 WHERE seq = 1");
    damaged_after("UPDATE log SET n = 5 WHERE seq = 1");
}

static CU_TestInfo tests[] = {
    T_CASE(a_write_makes_a_signed_entry),
    T_CASE(entries_of_a_record_are_a_chain),
    T_CASE(chains_go_on_after_a_restart),
    T_CASE(chains_go_on_behind_the_last_entry_of_a_group),
    T_CASE(the_same_bytes_are_read_each_time),
    T_CASE(many_entries_of_one_transaction_are_all_there),
    T_CASE(two_threads_make_what_one_would),
    T_CASE(the_greatest_content_has_its_entry),
    T_CASE(what_is_undone_leaves_no_entry_and_no_gap),
    T_CASE(what_is_not_committed_leaves_no_entry_and_no_gap),
    T_CASE(what_cannot_be_signed_is_not_written),
    T_CASE(what_one_of_two_threads_cannot_sign_is_not_written),
    T_CASE(a_full_log_takes_nothing_more),
    T_CASE(what_is_said_about_the_card_has_room_always),
    T_CASE(what_waits_counts_for_the_quota),
    T_CASE(numbers_are_given_once_though_their_entries_be_gone),
    T_CASE(another_life_begins_above_all_numbers_of_the_last),
    T_CASE(the_card_has_a_chain_of_its_own),
    T_CASE(a_damaged_entry_is_named_and_the_others_go_on),
    T_END,
};

T_SUITE(se_card_log, tests);
