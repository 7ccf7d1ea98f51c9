/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/records.h"

#include <string.h>

#include "se_card/accounts.h"
#include "tests/support/card_rig.h"
#include "tests/support/dump.h"
#include "tests/support/test.h"

static struct t_element element;
static struct se_account author;
static struct rdv_buf out = { .limit = 2 * SE_RECORD_MOST }, before = { .limit = 1 << 20 },
                      after = { .limit = 1 << 20 };

static void start(void)
{
    element = t_element_new(true);
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
    rdv_buf_free(&before);
    rdv_buf_free(&after);
}

static void set_limits(int64_t posts, int64_t quota)
{
    author.posts_max = posts;
    author.quota = quota;
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_accounts_set(element.el, &author));
    T_MUST_OK(se_accounts_reset_counts(element.el, author.id));
    T_MUST_OK(se_element_commit(element.el));
}

/* As a command does it: what is refused leaves nothing. */
static enum rdv_err put(uint8_t slot, struct rdv_span content)
{
    enum rdv_err err;

    element.el->fault[0] = '\0';
    T_MUST_OK(se_element_begin(element.el));
    if ((err = se_records_put(element.el, slot, content, &author)) == RDV_OK)
        return se_element_commit(element.el);
    se_element_rollback(element.el);
    return err;
}

static enum rdv_err put_bytes(uint8_t slot, size_t n)
{
    struct rdv_buf content = RDV_BUF(SE_RECORD_MOST + 2);
    uint8_t *room;
    enum rdv_err err;

    T_MUST_OK(rdv_buf_room(&content, &room, n + 1));
    memset(room, 'x', n);
    rdv_buf_grew(&content, n);
    err = put(slot, rdv_buf_view(&content));
    rdv_buf_free(&content);
    return err;
}

static struct rdv_span get(uint8_t slot)
{
    rdv_buf_clear(&out);
    T_OK(se_records_get(element.el, NULL, &out, slot));
    return rdv_buf_view(&out);
}

static void set_most(uint8_t slot, int64_t most)
{
    const struct se_record_setting setting = { .most = most };

    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_records_set(element.el, slot, &setting));
    T_MUST_OK(se_element_commit(element.el));
}

static void what_is_too_long_is_refused_and_changes_nothing(void)
{
    start();
    T_OK(put(0, RDV_LIT("kept")));
    t_dump(&before, element.el->store, T_DUMP_ALL);
    T_ERR(put_bytes(0, SE_RECORD_DEFAULT + 1), RDV_ERR_LIMIT);
    T_TEXT(rdv_span_of(element.el->fault), "record=00 max=4096");
    t_dump(&after, element.el->store, T_DUMP_ALL);
    T_SPAN(rdv_buf_view(&after), rdv_buf_view(&before));
    T_TEXT(get(0), "kept");
    T_OK(put_bytes(0, SE_RECORD_DEFAULT));
    T_UINT(get(0).n, SE_RECORD_DEFAULT);
    stop();
}

static void its_length_is_what_was_set_for_it(void)
{
    start();
    set_most(1, 3);
    T_OK(put_bytes(1, 3));
    T_ERR(put_bytes(1, 4), RDV_ERR_LIMIT);
    T_OK(put_bytes(2, 4)); /* not another one's */
    set_most(1, 0);
    T_ERR(put_bytes(1, 1), RDV_ERR_LIMIT);
    T_OK(put_bytes(1, 0));
    set_most(1, SE_RECORD_MOST);
    T_OK(put_bytes(1, SE_RECORD_MOST));
    T_UINT(get(1).n, SE_RECORD_MOST);
    T_ERR(put_bytes(1, SE_RECORD_MOST + 1), RDV_ERR_LIMIT);
    stop();
}

static void a_limit_that_is_met_is_named_and_nothing_is_counted(void)
{
    struct se_account now;

    start();
    set_limits(2, SE_NO_LIMIT);
    T_OK(put(0, RDV_LIT("1")));
    T_OK(put(0, RDV_LIT("2")));
    t_dump(&before, element.el->store, T_DUMP_ALL);
    T_ERR(put(0, RDV_LIT("3")), RDV_ERR_LIMIT);
    T_TEXT(rdv_span_of(element.el->fault), "limit=posts");
    T_ERR(put(0, RDV_LIT("")), RDV_ERR_LIMIT); /* to clear is to post */
    t_dump(&after, element.el->store, T_DUMP_ALL);
    T_SPAN(rdv_buf_view(&after), rdv_buf_view(&before));
    set_limits(SE_NO_LIMIT, 4);
    T_OK(put(0, RDV_LIT("123")));
    T_ERR(put(0, RDV_LIT("12")), RDV_ERR_LIMIT);
    T_TEXT(rdv_span_of(element.el->fault), "limit=quota");
    T_OK(put(0, RDV_LIT("")));
    T_OK(put(0, RDV_LIT("1")));
    T_ERR(put(0, RDV_LIT("1")), RDV_ERR_LIMIT);
    T_MUST_OK(se_accounts_get(element.el, &now, author.id));
    T_TRUE(now.posts == 3 && now.bytes == 4);
    stop();
}

static void of_two_limits_the_one_that_was_met_is_named(void)
{
    start();
    set_limits(2, 10);
    T_ERR(put(0, RDV_LIT("12345678901")), RDV_ERR_LIMIT);
    T_TEXT(rdv_span_of(element.el->fault), "limit=quota");
    T_OK(put(0, RDV_LIT("1")));
    T_OK(put(0, RDV_LIT("2")));
    T_ERR(put(0, RDV_LIT("3")), RDV_ERR_LIMIT);
    T_TEXT(rdv_span_of(element.el->fault), "limit=posts");
    T_ERR(put(0, RDV_LIT("123456789")), RDV_ERR_LIMIT);
    T_TEXT(rdv_span_of(element.el->fault), "limit=posts,quota");
    set_limits(0, 0);
    T_ERR(put(0, RDV_LIT("")), RDV_ERR_LIMIT);
    T_TEXT(rdv_span_of(element.el->fault), "limit=posts");
    stop();
}

static void what_does_not_open_is_refused_alone(void)
{
    start();
    T_OK(put(0, RDV_LIT("damaged")));
    T_OK(put(1, RDV_LIT("good")));
    T_MUST_OK(se_element_begin(element.el));
    /* The sealed bytes of another record: they open in their own place only. */
    {
        struct rdv_buf copy = RDV_BUF(200);
        struct se_record_info info;
        struct rdv_span sealed;

        T_MUST_OK(se_store_record_get(element.el->store, &info, &sealed, 1));
        T_MUST_OK(rdv_put_bytes(&copy, sealed));
        info.slot = 0;
        T_MUST_OK(se_store_record_put(element.el->store, &info, rdv_buf_view(&copy)));
        rdv_buf_free(&copy);
    }
    T_MUST_OK(se_element_commit(element.el));
    rdv_buf_clear(&out);
    (void)t_logged("");
    T_ERR(se_records_get(element.el, NULL, &out, 0), RDV_ERR_CORRUPT);
    T_UINT(rdv_buf_len(&out), 0);
    T_UINT(t_logged("record 00: its sealed content is damaged"), 1);
    T_TEXT(get(1), "good");
    T_OK(put(0, RDV_LIT("anew")));
    T_TEXT(get(0), "anew");
    stop();
}

static void a_record_holds_any_bytes(void)
{
    uint8_t all[256];

    start();
    for (unsigned i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    T_TEXT(get(0xFF), "");
    T_OK(put(0xFF, (struct rdv_span){ all, sizeof(all) }));
    T_SPAN(get(0xFF), ((struct rdv_span){ all, sizeof(all) }));
    T_TEXT(get(0xFE), "");
    T_OK(put(0xFF, RDV_LIT("")));
    T_TEXT(get(0xFF), "");
    stop();
}

static void without_a_limit_nothing_is_counted(void)
{
    struct se_account now;

    start();
    T_OK(put(0, RDV_LIT("123")));
    T_MUST_OK(se_accounts_get(element.el, &now, author.id));
    T_TRUE(now.posts == 0 && now.bytes == 0);
    stop();
}

static void a_setting_lasts(void)
{
    const struct se_record_setting setting = { .ttl = 60, .keep = 5, .most = 7 };
    struct se_record_setting got;

    start();
    T_OK(se_records_setting(element.el, &got, 9));
    T_TRUE(got.ttl == 0 && got.keep == 0 && got.most == SE_RECORD_DEFAULT);
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_records_set(element.el, 9, &setting));
    T_MUST_OK(se_element_commit(element.el));
    t_element_reopen(&element);
    T_OK(se_records_setting(element.el, &got, 9));
    T_TRUE(got.ttl == 60 && got.keep == 5 && got.most == 7);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(a_record_holds_any_bytes),
    T_CASE(what_is_too_long_is_refused_and_changes_nothing),
    T_CASE(its_length_is_what_was_set_for_it),
    T_CASE(a_limit_that_is_met_is_named_and_nothing_is_counted),
    T_CASE(of_two_limits_the_one_that_was_met_is_named),
    T_CASE(what_does_not_open_is_refused_alone),
    T_CASE(without_a_limit_nothing_is_counted),
    T_CASE(a_setting_lasts),
    T_END,
};

T_SUITE(se_card_records, tests);
