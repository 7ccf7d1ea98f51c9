/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/heads.h"

#include <string.h>

#include "schema/wire/envelope.h"
#include "se_card/ec.h"
#include "se_card/hash.h"
#include "se_card/log.h"
#include "se_card/records.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define NOW 1800000000
#define VALID 3600 /* as the rig has it */

static struct t_element element;
static struct se_account author;
static struct rdv_envelope said;

static void start(void)
{
    element = t_element_new(false);
    element.el->now = NOW;
    T_MUST_OK(se_store_account_named(element.el->store, &author, RDV_LIT("root")));
}

static void stop(void)
{
    t_element_free(&element);
}

static void put(uint8_t slot, const char *text)
{
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_records_put(element.el, slot, rdv_span_of(text), &author));
    T_MUST_OK(se_element_commit(element.el));
}

/* Verified with the card's key. */
static void read_message(struct rdv_span message)
{
    struct rdv_buf signs = RDV_BUF(2048);
    uint8_t digest[SE_SHA256_BYTES];
    struct rdv_cose parts;

    T_MUST_OK(rdv_envelope_get(&said, &parts, message));
    T_MUST_OK(rdv_cose_put_signed(&signs, &parts));
    se_sha256(digest, rdv_buf_view(&signs));
    T_OK(se_ec_verify_rs(element.el->ec, SE_CURVE_K1, parts.signature,
                         (struct rdv_span){ element.el->identity, SE_EC_POINT_BYTES },
                         (struct rdv_span){ digest, sizeof(digest) }));
    rdv_buf_free(&signs);
}

/* A copy: the original may be made anew. */
static struct se_head head_of(uint8_t record)
{
    const struct se_head *head;

    T_MUST_OK(se_heads_get(element.el, &head, record));
    read_message((struct rdv_span){ head->message, head->size });
    return *head;
}

static bool same(const struct se_head *a, const struct se_head *b)
{
    return a->size == b->size && memcmp(a->message, b->message, a->size) == 0;
}

static void a_head_says_which_entry_is_the_last(void)
{
    struct se_chain chain;
    struct se_head head;

    start();
    put(0x10, "one");
    put(0x20, "other");
    put(0x10, "two");
    head = head_of(0x10);
    T_TRUE(head.n == 2 && head.seq == 3 && head.made == NOW && head.until == NOW + VALID);
    T_UINT(said.topic.kind, RDV_TOPIC_HEAD);
    T_UINT(said.topic.record, 0x10);
    T_UINT((uint64_t)said.time, NOW);
    T_UINT(said.head.n, 2);
    T_UINT((uint64_t)said.head.until, NOW + VALID);
    T_MUST_OK(se_log_chain(element.el, &chain, 0x10));
    T_TRUE(memcmp(said.head.hash, chain.hash, sizeof(chain.hash)) == 0);
    stop();
}

static void that_nothing_was_written_is_said_too(void)
{
    struct se_head head;

    start();
    head = head_of(0xFF);
    T_TRUE(head.n == 0 && head.seq == 0);
    T_UINT(said.head.n, 0);
    stop();
}

static void the_same_head_is_given_while_nothing_changes(void)
{
    struct se_head first, again;

    start();
    put(0x10, "one");
    first = head_of(0x10);
    put(0x20, "other");
    element.el->now += VALID / 2;
    again = head_of(0x10);
    T_TRUE(same(&first, &again));
    element.el->now++;
    again = head_of(0x10);
    T_TRUE(!same(&first, &again));
    T_TRUE(again.until == NOW + VALID / 2 + 1 + VALID);
    put(0x10, "two");
    T_UINT((uint64_t)head_of(0x10).n, 2);
    stop();
}

static void a_clock_that_is_set_back_makes_a_new_one(void)
{
    struct se_head first, again;

    start();
    put(0x10, "one");
    first = head_of(0x10);
    element.el->now -= 100;
    again = head_of(0x10);
    T_TRUE(!same(&first, &again));
    T_TRUE(again.made == NOW - 100);
    stop();
}

static void those_that_were_asked_for_are_renewed_in_time(void)
{
    struct se_head asked[20], now;

    start();
    for (uint8_t i = 0; i < 21; i++)
        put(i, "x");
    for (uint8_t i = 0; i < 20; i++)
        asked[i] = head_of(i);
    element.el->now += VALID / 2;
    se_element_tick(element.el);
    now = head_of(3);
    T_TRUE(same(&asked[3], &now));
    element.el->now++;
    for (int i = 0; i < (20 + SE_HEAD_A_TICK - 1) / SE_HEAD_A_TICK; i++)
        se_element_tick(element.el);
    element.el->now += 100; /* what the ticks have made is still good */
    for (uint8_t i = 0; i < 20; i++) {
        now = head_of(i);
        T_TRUE(now.made == NOW + VALID / 2 + 1);
    }
    T_TRUE(head_of(20).made == element.el->now); /* nobody had asked for it */
    stop();
}

static void what_was_not_committed_was_not_the_last(void)
{
    const struct se_head *head;

    start();
    put(0x10, "one");
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_records_put(element.el, 0x10, RDV_LIT("lost"), &author));
    T_MUST_OK(se_log_flush(element.el));
    T_MUST_OK(se_heads_get(element.el, &head, 0x10));
    T_UINT((uint64_t)head->n, 2);
    se_element_rollback(element.el);
    T_UINT((uint64_t)head_of(0x10).n, 1);
    put(0x10, "two");
    T_UINT((uint64_t)head_of(0x10).n, 2);
    stop();
}

static void an_older_database_says_nothing_about_its_end(void)
{
    const struct se_head *head;

    start();
    put(0x10, "one");
    (void)head_of(0x10);
    element.el->read_only = true;
    T_ERR(se_heads_get(element.el, &head, 0x10), RDV_ERR_READONLY);
    element.el->now += VALID;
    se_element_tick(element.el);
    element.el->read_only = false;
    T_TRUE(head_of(0x10).made == NOW + VALID);
    stop();
}

static void the_keys_of_the_card_are_signed_by_it(void)
{
    struct rdv_buf out = RDV_BUF(1024);

    start();
    T_MUST_OK(se_heads_keys(element.el, &out));
    read_message(rdv_buf_view(&out));
    T_UINT(said.topic.kind, RDV_TOPIC_KEY);
    T_UINT(said.keys.n, 1);
    T_TRUE(memcmp(said.keys.keys[0].x, element.el->identity + 1, 32) == 0 &&
           memcmp(said.keys.keys[0].y, element.el->identity + 33, 32) == 0 &&
           memcmp(said.keys.keys[0].kid, said.kid, sizeof(said.kid)) == 0);
    rdv_buf_free(&out);
    stop();
}

/* Whoever has seen them is not to take those that come late for older ones. */
static void the_keys_are_of_the_same_time_whenever_they_are_asked_for(void)
{
    struct rdv_buf out = RDV_BUF(1024);
    int64_t first;

    start();
    T_MUST_OK(se_heads_keys(element.el, &out));
    read_message(rdv_buf_view(&out));
    first = said.time;
    rdv_buf_clear(&out);
    element.el->now += VALID;
    T_MUST_OK(se_heads_keys(element.el, &out));
    read_message(rdv_buf_view(&out));
    T_TRUE(said.time == first);
    rdv_buf_free(&out);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(a_head_says_which_entry_is_the_last),
    T_CASE(that_nothing_was_written_is_said_too),
    T_CASE(the_same_head_is_given_while_nothing_changes),
    T_CASE(a_clock_that_is_set_back_makes_a_new_one),
    T_CASE(those_that_were_asked_for_are_renewed_in_time),
    T_CASE(what_was_not_committed_was_not_the_last),
    T_CASE(an_older_database_says_nothing_about_its_end),
    T_CASE(the_keys_of_the_card_are_signed_by_it),
    T_CASE(the_keys_are_of_the_same_time_whenever_they_are_asked_for),
    T_END,
};

T_SUITE(se_card_heads, tests);
