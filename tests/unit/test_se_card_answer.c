/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/answer.h"

#include "tests/support/notation.h"
#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

#define OUT_MAX 4096

static void each_value(struct se_answer *a)
{
    se_answer_text(a, "text", RDV_LIT("a b"));
    se_answer_name(a, "name", "x");
    se_answer_number(a, "number", -5);
    se_answer_flag(a, "yes", true);
    se_answer_flag(a, "no", false);
    se_answer_bytes(a, "bytes", t_hex("00FF"));
    se_answer_slot(a, "slot", 0x0a);
    se_answer_moment(a, "moment", 1800000000, "never");
    se_answer_moment(a, "never", 0, "never");
    se_answer_amount(a, "amount", 60, "s", "none");
    se_answer_amount(a, "none", 0, "s", "none");
    se_answer_limit(a, "limit", 3, 10);
    se_answer_limit(a, "unlimited", 3, -1);
    se_answer_words(a, "words", RDV_LIT("read,write"));
    se_answer_row_end(a);
}

/* A list within other values, an item of which holds a map; then a map beside it. */
static void nested(struct se_answer *a)
{
    se_answer_number(a, "z", 1);
    se_answer_row_end(a);
    se_answer_list_begin(a, "list");
    for (int i = 0; i < 2; i++) {
        se_answer_number(a, "n", i);
        se_answer_limit(a, "l", i, 9);
        se_answer_row_end(a);
    }
    se_answer_list_end(a);
    se_answer_list_begin(a, "empty");
    se_answer_list_end(a);
    se_answer_map_begin(a, "map");
    se_answer_name(a, "k", "v");
    se_answer_row_end(a);
    se_answer_map_end(a);
    se_answer_line(a, "said to %s", "people");
    se_answer_name(a, "next", "more");
    se_answer_row_end(a);
}

static void check(void (*say)(struct se_answer *), const char *people, const char *programs)
{
    struct rdv_buf out = RDV_BUF(OUT_MAX), text = RDV_BUF(OUT_MAX);
    struct se_answer a;

    se_answer_for_people(&a, &out);
    say(&a);
    T_OK(se_answer_end(&a));
    T_TEXT(rdv_buf_view(&out), people);
    rdv_buf_clear(&out);
    se_answer_for_programs(&a, &out);
    say(&a);
    T_OK(se_answer_end(&a));
    T_TRUE(t_notation(&text, rdv_buf_view(&out)));
    T_TEXT(rdv_buf_view(&text), programs);
    rdv_buf_free(&out);
    rdv_buf_free(&text);
}

static void says_each_value_to_people_and_programs(void)
{
    check(each_value,
          "text=\"a b\" name=x number=-5 yes=yes no=no bytes=00FF slot=0A "
          "moment=2027-01-15T08:00:00Z never=never amount=60s none=none limit=3/10 "
          "unlimited=none words=read,write\r\n",
          "{\"no\": false, \"yes\": true, \"name\": \"x\", \"none\": null, \"slot\": 10, "
          "\"text\": \"a b\", \"bytes\": h'00FF', \"limit\": {\"max\": 10, \"used\": 3}, "
          "\"never\": null, \"words\": [\"read\", \"write\"], \"amount\": 60, "
          "\"moment\": 1800000000, \"number\": -5, \"unlimited\": null}");
}

static void rows_of_a_list_are_lines_or_maps(void)
{
    check(nested, "z=1\r\nn=0 l=0/9\r\nn=1 l=1/9\r\nk=v\r\nsaid to people\r\nnext=more\r\n",
          "{\"z\": 1, \"map\": {\"k\": \"v\"}, \"list\": [{\"l\": {\"max\": 9, \"used\": 0}, "
          "\"n\": 0}, {\"l\": {\"max\": 9, \"used\": 1}, \"n\": 1}], \"next\": \"more\", "
          "\"empty\": []}");
}

static void nothing_said_is_an_empty_map(void)
{
    struct rdv_buf out = RDV_BUF(16);
    struct se_answer a;

    se_answer_for_programs(&a, &out);
    T_OK(se_answer_end(&a));
    T_SPAN(rdv_buf_view(&out), t_hex("A0"));
    rdv_buf_free(&out);
}

/* Wherever the room ends, the fault sticks and nothing crashes. */
static void the_first_fault_sticks(void)
{
    void (*const say[])(struct se_answer *) = { each_value, nested };
    void (*const begin[])(struct se_answer *, struct rdv_buf *) = { se_answer_for_people,
                                                                    se_answer_for_programs };

    for (unsigned what = 0; what < 4; what++) {
        enum rdv_err err = RDV_ERR_LIMIT;

        for (size_t room = 0; err != RDV_OK && room < 1000; room++) {
            struct rdv_buf out = RDV_BUF(room);
            struct se_answer a;

            begin[what / 2](&a, &out);
            say[what % 2](&a);
            err = se_answer_end(&a);
            if (err != RDV_OK)
                T_ERR(err, RDV_ERR_LIMIT);
            rdv_buf_free(&out);
        }
        T_OK(err);
    }
}

static void without_memory_it_says_so(void)
{
    enum rdv_err err = RDV_OK;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err)) {
        struct rdv_buf out = RDV_BUF(OUT_MAX);
        struct se_answer a;

        se_answer_for_programs(&a, &out);
        nested(&a);
        err = se_answer_end(&a);
        rdv_buf_free(&out);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(says_each_value_to_people_and_programs),
    T_CASE(rows_of_a_list_are_lines_or_maps),
    T_CASE(nothing_said_is_an_empty_map),
    T_CASE(the_first_fault_sticks),
    T_CASE(without_memory_it_says_so),
    T_END,
};

T_SUITE(se_card_answer, tests);
