/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/scope.h"

#include <string.h>

#include "tests/support/test.h"

static struct rdv_buf out = { .limit = 2048 };

/* The text that a scope is written as, after it was read from `text`. */
static struct rdv_span again(const char *text)
{
    struct se_scope scope;

    rdv_buf_clear(&out);
    T_OK(se_scope_decode(&scope, rdv_span_of(text)));
    T_OK(se_scope_put(&out, &scope));
    return rdv_buf_view(&out);
}

static bool is_empty(const struct se_scope *scope)
{
    static const struct se_scope empty;

    return memcmp(scope, &empty, sizeof(empty)) == 0;
}

static void what_is_no_range_is_refused_and_gives_nothing(void)
{
    static const struct {
        const char *text;
        enum rdv_err err;
    } bad[] = {
        { "10-0F", RDV_ERR_RANGE },     { "00-0F,FF-FE", RDV_ERR_RANGE },
        { "GG", RDV_ERR_FORMAT },       { "00-", RDV_ERR_FORMAT },
        { "-0F", RDV_ERR_FORMAT },      { "", RDV_ERR_FORMAT },
        { ",", RDV_ERR_FORMAT },        { "00,", RDV_ERR_FORMAT },
        { ",00", RDV_ERR_FORMAT },      { "00,,01", RDV_ERR_FORMAT },
        { "0", RDV_ERR_FORMAT },        { "000", RDV_ERR_FORMAT },
        { "0x01", RDV_ERR_FORMAT },     { "00-0G", RDV_ERR_FORMAT },
        { "00-0F-10", RDV_ERR_FORMAT }, { "00_0F", RDV_ERR_FORMAT },
        { "00 - 0F", RDV_ERR_FORMAT },  { " 00", RDV_ERR_FORMAT },
        { "00, 01", RDV_ERR_FORMAT },   { "00;01", RDV_ERR_FORMAT },
        { "-1", RDV_ERR_FORMAT },       { "100", RDV_ERR_FORMAT },
        { "00-100", RDV_ERR_FORMAT },   { "All", RDV_ERR_FORMAT },
        { "all,00", RDV_ERR_FORMAT },   { "none,00", RDV_ERR_FORMAT },
        { "\xc3\xa9", RDV_ERR_FORMAT }, { "00\n", RDV_ERR_FORMAT },
        { "99999999", RDV_ERR_FORMAT },
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct se_scope scope = se_scope_all();

        if (!T_ERR(se_scope_decode(&scope, rdv_span_of(bad[i].text)), bad[i].err))
            T_TEXT(rdv_span_of(bad[i].text), "");
        T_TRUE(is_empty(&scope));
    }
}

static void no_bytes_at_all_are_refused(void)
{
    struct se_scope scope = se_scope_all();

    T_ERR(se_scope_decode(&scope, (struct rdv_span){ NULL, 0 }), RDV_ERR_FORMAT);
    T_TRUE(is_empty(&scope));
}

static void decode(struct rdv_span in)
{
    struct se_scope scope;

    (void)!se_scope_decode(&scope, in);
}

static void no_piece_of_a_scope_reads_past_its_end(void)
{
    t_every_prefix(RDV_LIT("00-0F,20,F0-FF"), decode);
    t_every_bit_flip(RDV_LIT("00-0F,20,F0-FF"), decode);
}

static void it_is_written_in_its_shortest_form(void)
{
    T_TEXT(again("none"), "none");
    T_TEXT(again("all"), "00-FF");
    T_TEXT(again("00-FF"), "00-FF");
    T_TEXT(again("20,00-0f"), "00-0F,20");
    T_TEXT(again("00,01,02,04"), "00-02,04");
    T_TEXT(again("00-10,08-20,20"), "00-20");
    T_TEXT(again("ff"), "FF");
    T_TEXT(again("fe-ff,00"), "00,FE-FF");
    rdv_buf_free(&out);
}

static void a_scope_holds_its_numbers_and_no_others(void)
{
    struct se_scope scope;

    T_OK(se_scope_decode(&scope, RDV_LIT("07-08,10,FF")));
    for (unsigned n = 0; n < 256; n++)
        T_TRUE(se_scope_has(&scope, (uint8_t)n) == (n == 7 || n == 8 || n == 16 || n == 255));
    scope = se_scope_all();
    for (unsigned n = 0; n < 256; n++)
        T_TRUE(se_scope_has(&scope, (uint8_t)n));
}

/* Any set of numbers comes back from its text, which always fits. */
static void every_set_is_read_back(void)
{
    uint32_t seed = 4711;

    for (unsigned round = 0; round < 500; round++) {
        const uint32_t density = t_random(&seed) % 9;
        struct se_scope scope = { { 0 } }, back;

        for (unsigned n = 0; n < 256; n++) {
            if (t_random(&seed) % 8 < density)
                scope.bits[n / 8] |= (uint8_t)(1U << n % 8);
        }
        rdv_buf_clear(&out);
        T_OK(se_scope_put(&out, &scope));
        T_OK(se_scope_decode(&back, rdv_buf_view(&out)));
        T_TRUE(memcmp(&scope, &back, sizeof(scope)) == 0);
    }
    rdv_buf_free(&out);
}

static void without_room_nothing_is_written(void)
{
    struct rdv_buf small = RDV_BUF(4);
    const struct se_scope all = se_scope_all();

    T_ERR(se_scope_put(&small, &all), RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(&small), 0);
    rdv_buf_free(&small);
}

static CU_TestInfo tests[] = {
    T_CASE(it_is_written_in_its_shortest_form),
    T_CASE(what_is_no_range_is_refused_and_gives_nothing),
    T_CASE(no_bytes_at_all_are_refused),
    T_CASE(no_piece_of_a_scope_reads_past_its_end),
    T_CASE(without_room_nothing_is_written),
    T_CASE(a_scope_holds_its_numbers_and_no_others),
    T_CASE(every_set_is_read_back),
    T_END,
};

T_SUITE(se_card_scope, tests);
