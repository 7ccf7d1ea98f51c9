/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "tests/support/test.h"

#define NOW 1700000000
#define KEEP 100
#define MOST 110 /* rows before the oldest go: a tenth more */

static struct se_store *store;
static struct se_audit audit;
static const struct se_audit_event some = { "root", "guest add", "sensor1", "ok", "rights=write" };

static void start(void)
{
    char path[80];

    (void)snprintf(path, sizeof(path), "%s/card.sqlite3", t_temp_dir());
    T_MUST_OK(se_store_create(&store, path));
    T_MUST_OK(se_audit_open(&audit, store, KEEP));
    T_MUST_OK(se_store_begin(store));
}

static void stop(void)
{
    se_store_rollback(store);
    se_store_close(store);
}

static void commit(void)
{
    T_MUST_OK(se_store_commit(store));
    se_audit_committed(&audit);
    T_MUST_OK(se_store_begin(store));
}

static void rollback(void)
{
    se_store_rollback(store);
    T_MUST_OK(se_audit_rolled_back(&audit, store));
    T_MUST_OK(se_store_begin(store));
}

static void add(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        T_MUST_OK(se_audit_add(&audit, store, NOW, &some));
}

/* Valid until the store is used again. */
static struct se_audit_row row_at(int64_t seq)
{
    struct se_audit_row row;

    T_MUST_OK(se_store_audit_from(store, &row, seq));
    T_TRUE(row.seq == seq);
    return row;
}

static bool holds(struct rdv_span text, const char *what)
{
    return text.n > 0 && memmem(text.p, text.n, what, strlen(what)) != NULL;
}

/* --- the chain -------------------------------------------------------------------------------- */

/* Computed elsewhere (Python's hashlib), from the layout that audit.h gives. */
static void rows_hash_to_the_published_layout(void)
{
    static const struct se_audit_event second = { "sensor1", "Z", "", "denied",
                                                  "right=write record=20" };

    start();
    add(1);
    T_MUST_OK(se_audit_add(&audit, store, NOW + 1, &second));
    T_TRUE(memcmp(row_at(1).hash,
                  t_hex("033CE98866DBF74ACE32800CB47BDAC18FB468C9A35D339B93D35F6A404FE9DC").p,
                  32) == 0);
    T_TRUE(memcmp(row_at(2).hash,
                  t_hex("2F0D3C7C5640A2C322F4AF64CB3CF07F30B25A50E33A48B19C6E823ADE61C2ED").p,
                  32) == 0);
    stop();
}

static void a_change_in_any_field_changes_the_hash(void)
{
    const struct se_audit_row row = { .seq = 1,
                                      .time = NOW,
                                      .actor = RDV_LIT("a"),
                                      .action = RDV_LIT("b"),
                                      .target = RDV_LIT("c"),
                                      .result = RDV_LIT("d"),
                                      .detail = RDV_LIT("e") };
    struct se_audit_row other[9];
    uint8_t before[32] = { 0 }, want[32], got[32];

    se_audit_hash(want, before, &row);
    for (size_t i = 0; i < 9; i++)
        other[i] = row;
    other[0].seq = 2;
    other[1].time = NOW + 1;
    other[2].actor = RDV_LIT("A");
    other[3].action = RDV_LIT("B");
    other[4].target = RDV_LIT("C");
    other[5].result = RDV_LIT("D");
    other[6].detail = RDV_LIT("E");
    other[7].actor = RDV_LIT("ab"); /* the same text, cut elsewhere */
    other[7].action = RDV_LIT("");
    other[8].detail = RDV_LIT("");
    for (size_t i = 0; i < 9; i++) {
        se_audit_hash(got, before, &other[i]);
        T_TRUE(memcmp(got, want, sizeof(want)) != 0);
    }
    before[31] = 1;
    se_audit_hash(got, before, &row);
    T_TRUE(memcmp(got, want, sizeof(want)) != 0);
}

static void the_chain_goes_on_after_a_restart(void)
{
    struct se_audit again;

    start();
    T_MUST_OK(se_audit_open(&again, store, KEEP));
    T_TRUE(again.seq == 0 && again.rows == 0);
    add(3);
    T_MUST_OK(se_audit_open(&again, store, KEEP));
    T_TRUE(again.seq == 3 && again.rows == 3);
    T_TRUE(memcmp(again.hash, audit.hash, sizeof(again.hash)) == 0);
    stop();
}

static void what_is_rolled_back_leaves_no_gap(void)
{
    uint8_t hash[32];

    start();
    add(2);
    commit();
    memcpy(hash, audit.hash, sizeof(hash));
    add(3);
    rollback();
    T_TRUE(audit.seq == 2 && audit.rows == 2);
    T_TRUE(memcmp(hash, audit.hash, sizeof(hash)) == 0);
    add(1);
    T_TRUE(row_at(3).seq == 3);
    stop();
}

/* --- retention -------------------------------------------------------------------------------- */

static void the_oldest_rows_make_room_for_one_that_says_which(void)
{
    int64_t first, last;
    char want[200], hash[65];

    start();
    add(MOST);
    T_MUST_OK(se_store_audit_range(store, &first, &last));
    T_TRUE(first == 1 && last == MOST);
    rdv_hex_encode(hash, (struct rdv_span){ row_at(MOST + 1 - KEEP).hash, 32 });
    hash[64] = '\0';
    add(1);
    T_MUST_OK(se_store_audit_range(store, &first, &last));
    T_TRUE(first == MOST + 1 - KEEP + 1 && last == MOST + 2);
    T_TRUE(audit.seq == last && audit.rows == last - first + 1);
    T_TEXT(row_at(last).actor, "card");
    T_TEXT(row_at(last).action, "audit retention");
    (void)snprintf(want, sizeof(want), "rows 1 to %d removed; their chain ends %s", MOST + 1 - KEEP,
                   hash);
    T_TEXT(row_at(last).detail, want);
    stop();
}

/* What is left is checked from the hash that the removed rows ended with. */
static void the_chain_holds_over_what_was_removed(void)
{
    uint8_t hash[32], want[32];
    struct se_audit_row row;
    int64_t first, last;

    start();
    add(MOST + 1);
    T_MUST_OK(se_store_audit_range(store, &first, &last));
    row = row_at(last);
    T_MUST(row.detail.n > 64);
    T_MUST_OK(rdv_hex_decode(hash, sizeof(hash),
                             (struct rdv_span){ row.detail.p + row.detail.n - 64, 64 }));
    for (int64_t seq = first; seq <= last; seq++) {
        row = row_at(seq);
        se_audit_hash(want, hash, &row);
        T_TRUE(memcmp(want, row.hash, sizeof(want)) == 0);
        memcpy(hash, row.hash, sizeof(hash));
    }
    stop();
}

static void the_table_never_grows_past_its_limit(void)
{
    int64_t first, last;

    start();
    for (unsigned i = 0; i < 1000; i++) {
        add(1);
        T_MUST_OK(se_store_audit_range(store, &first, &last));
        T_TRUE(last - first + 1 <= MOST && last - first + 1 == audit.rows);
        T_TRUE(i < MOST || last - first + 1 > KEEP);
    }
    stop();
}

/* --- floods ----------------------------------------------------------------------------------- */

static void refuse(unsigned n, uint64_t ms)
{
    for (unsigned i = 0; i < n; i++)
        T_MUST_OK(se_audit_refused(&audit, store, NOW, ms, &some));
}

static void refusals_beyond_a_number_in_a_second_are_summed_up(void)
{
    start();
    refuse(SE_AUDIT_A_SECOND + 5, 1000);
    T_UINT((unsigned)audit.seq, SE_AUDIT_A_SECOND);
    refuse(1, 2000);
    T_UINT((unsigned)audit.seq, SE_AUDIT_A_SECOND + 2);
    T_TEXT(row_at(SE_AUDIT_A_SECOND + 1).actor, "card");
    T_TEXT(row_at(SE_AUDIT_A_SECOND + 1).action, "refusals");
    T_TEXT(row_at(SE_AUDIT_A_SECOND + 1).detail, "5 more were not written one by one");
    refuse(1, 2001);
    T_UINT((unsigned)audit.seq, SE_AUDIT_A_SECOND + 3);
    stop();
}

/* Nobody has to be refused again for the end of a flood to be told. */
static void the_end_of_a_flood_is_told_by_itself(void)
{
    start();
    refuse(SE_AUDIT_A_SECOND + 5, 1000);
    T_TRUE(!se_audit_has_waiting(&audit, 1999));
    T_MUST_OK(se_audit_flush(&audit, store, NOW + 1, 1999));
    T_UINT((unsigned)audit.seq, SE_AUDIT_A_SECOND);
    T_TRUE(se_audit_has_waiting(&audit, 2000));
    T_MUST_OK(se_audit_flush(&audit, store, NOW + 1, 2000));
    T_TEXT(row_at(SE_AUDIT_A_SECOND + 1).detail, "5 more were not written one by one");
    T_TRUE(!se_audit_has_waiting(&audit, 2000));
    T_MUST_OK(se_audit_flush(&audit, store, NOW + 9, 9000));
    T_UINT((unsigned)audit.seq, SE_AUDIT_A_SECOND + 1);
    stop();
}

/* Or a stranger could push out in an hour what root did in a year. */
static void a_flood_that_goes_on_takes_few_rows_and_is_counted_all_the_same(void)
{
    const unsigned hours = 3, a_second = 4;
    unsigned refused = 0, told = 0;

    start();
    audit.keep = 100000;
    for (unsigned second = 0; second < 3600 * hours; second++) {
        if (second % 7 != 0) { /* with breaks, so that it seems to end */
            refuse(a_second, 1000 * (second + 1));
            refused += a_second;
        }
        T_MUST_OK(se_audit_flush(&audit, store, NOW, 1000 * (second + 1) + 999));
        commit();
    }
    T_MUST_OK(se_audit_flush(&audit, store, NOW, 3600 * 1000 * (hours + 1)));
    T_TRUE((unsigned)audit.seq <= hours * (SE_AUDIT_AN_HOUR + 3600 * 1000 / SE_AUDIT_SUM_MS) + 50);
    for (int64_t seq = 1; seq <= audit.seq; seq++) {
        const struct se_audit_row row = row_at(seq);
        char detail[64];

        T_MUST_OK(rdv_span_to_text(detail, sizeof(detail), row.detail));
        told += rdv_span_is(row.action, "refusals") ? (unsigned)strtoul(detail, NULL, 10) : 1;
    }
    T_UINT(told, refused);
    stop();
}

static void a_sum_that_is_rolled_back_is_said_again(void)
{
    start();
    refuse(SE_AUDIT_A_SECOND + 5, 1000);
    commit();
    refuse(1, 2000);
    rollback();
    T_UINT((unsigned)audit.seq, SE_AUDIT_A_SECOND);
    refuse(1, 3000);
    T_TEXT(row_at(SE_AUDIT_A_SECOND + 1).detail, "5 more were not written one by one");
    commit();
    refuse(1, 4000);
    T_UINT((unsigned)audit.seq, SE_AUDIT_A_SECOND + 3);
    stop();
}

static void what_cannot_be_written_is_counted(void)
{
    start();
    se_audit_left_out(&audit, 1000);
    se_audit_left_out(&audit, 1000);
    refuse(1, 2000);
    T_TEXT(row_at(1).detail, "2 more were not written one by one");
    T_TEXT(row_at(2).actor, "root");
    stop();
}

/* --- failed logins ---------------------------------------------------------------------------- */

static void fail(unsigned n, uint64_t ms)
{
    for (unsigned i = 0; i < n; i++)
        se_audit_login_failed(&audit, NOW, ms, RDV_LIT("sensor1"), RDV_LIT("192.0.2.7"), i > 0);
}

static void a_failed_login_waits_for_the_next_transaction(void)
{
    start();
    T_TRUE(!se_audit_has_waiting(&audit, 1000));
    fail(2, 1000);
    T_TRUE(se_audit_has_waiting(&audit, 1000));
    T_UINT((unsigned)audit.seq, 0);
    T_MUST_OK(se_audit_flush(&audit, store, NOW + 5, 1100));
    T_UINT((unsigned)audit.seq, 2);
    T_TEXT(row_at(1).actor, "identity sensor1");
    T_TEXT(row_at(1).action, "login");
    T_TEXT(row_at(1).result, "failed");
    T_TEXT(row_at(1).detail, "from 192.0.2.7");
    T_TRUE(row_at(1).time == NOW); /* when it happened */
    T_TEXT(row_at(2).detail, "from 192.0.2.7, refused for a while");
    rollback();
    T_TRUE(se_audit_has_waiting(&audit, 1100));
    T_MUST_OK(se_audit_flush(&audit, store, NOW + 5, 1100));
    T_UINT((unsigned)audit.seq, 2);
    commit();
    T_TRUE(!se_audit_has_waiting(&audit, 1100));
    T_MUST_OK(se_audit_flush(&audit, store, NOW + 5, 1100));
    T_UINT((unsigned)audit.seq, 2);
    stop();
}

static void more_failed_logins_than_can_wait_are_summed_up(void)
{
    start();
    for (unsigned i = 0; i < 10; i++) /* ten seconds without a transaction */
        fail(SE_AUDIT_A_SECOND + 1, 1000 * (i + 1));
    T_MUST_OK(se_audit_flush(&audit, store, NOW + 20, 20000));
    commit();
    T_UINT((unsigned)audit.seq, SE_AUDIT_WAITING + 1);
    T_TEXT(row_at(1).detail, "178 more were not written one by one"); /* 210 - 32 */
    stop();
}

static void what_a_stranger_sends_is_quoted_and_cut(void)
{
    uint8_t identity[600];
    struct se_audit_row row;

    start();
    memset(identity, 0x1b, sizeof(identity));
    se_audit_login_failed(&audit, NOW, 1000, (struct rdv_span){ identity, sizeof(identity) },
                          (struct rdv_span){ identity, sizeof(identity) }, true);
    se_audit_login_failed(&audit, NOW, 1000, (struct rdv_span){ NULL, 0 },
                          (struct rdv_span){ NULL, 0 }, false);
    T_MUST_OK(se_audit_flush(&audit, store, NOW, 1000));
    row = row_at(1);
    T_TRUE(row.actor.n < 80 && holds(row.actor, "identity \\x1b\\x1b"));
    T_TRUE(row.detail.n < 96 && holds(row.detail, "from \\x1b"));
    T_TRUE(holds(row.detail, ", refused for a while"));
    T_TEXT(row_at(2).actor, "identity ");
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(rows_hash_to_the_published_layout),
    T_CASE(a_change_in_any_field_changes_the_hash),
    T_CASE(the_chain_goes_on_after_a_restart),
    T_CASE(what_is_rolled_back_leaves_no_gap),
    T_CASE(the_oldest_rows_make_room_for_one_that_says_which),
    T_CASE(the_chain_holds_over_what_was_removed),
    T_CASE(the_table_never_grows_past_its_limit),
    T_CASE(refusals_beyond_a_number_in_a_second_are_summed_up),
    T_CASE(the_end_of_a_flood_is_told_by_itself),
    T_CASE(a_flood_that_goes_on_takes_few_rows_and_is_counted_all_the_same),
    T_CASE(a_sum_that_is_rolled_back_is_said_again),
    T_CASE(what_cannot_be_written_is_counted),
    T_CASE(a_failed_login_waits_for_the_next_transaction),
    T_CASE(more_failed_logins_than_can_wait_are_summed_up),
    T_CASE(what_a_stranger_sends_is_quoted_and_cut),
    T_END,
};

T_SUITE(se_card_audit, tests);
