/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bytes.h"

#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

static void reads_numbers_and_counted_bytes_in_order(void)
{
    struct rdv_reader rd = { t_hex("01 0203 040506 0708090A 02 AABB 0001 CC") };
    struct rdv_span span;
    uint8_t u8;
    uint16_t u16;
    uint32_t u24, u32;

    T_OK(rdv_get_u8(&rd, &u8));
    T_OK(rdv_get_u16(&rd, &u16));
    T_OK(rdv_get_u24(&rd, &u24));
    T_OK(rdv_get_u32(&rd, &u32));
    T_UINT(u8, 1);
    T_UINT(u16, 0x0203);
    T_UINT(u24, 0x040506);
    T_UINT(u32, 0x0708090A);
    T_OK(rdv_get_vec8(&rd, &span));
    T_SPAN(span, t_hex("AABB"));
    T_ERR(rdv_get_end(&rd), RDV_ERR_TRAILING);
    T_OK(rdv_get_vec16(&rd, &span));
    T_SPAN(span, t_hex("CC"));
    T_OK(rdv_get_end(&rd));
}

static void a_read_past_the_end_consumes_nothing(void)
{
    struct rdv_reader rd = { t_hex("05 AABB") };
    struct rdv_span span;
    uint32_t u32;

    T_ERR(rdv_get_u32(&rd, &u32), RDV_ERR_SHORT);
    T_ERR(rdv_get_vec8(&rd, &span), RDV_ERR_SHORT);
    T_UINT(span.n, 0);
    T_ERR(rdv_get_bytes(&rd, &span, SIZE_MAX), RDV_ERR_SHORT);
    T_UINT(rd.rest.n, 3);
}

static void refuses_to_grow_past_its_limit(void)
{
    struct rdv_buf b = RDV_BUF(4);
    uint8_t *room;

    T_OK(rdv_put_text(&b, "abc"));
    T_ERR(rdv_put_u16(&b, 1), RDV_ERR_LIMIT);
    T_ERR(rdv_buf_room(&b, &room, SIZE_MAX), RDV_ERR_LIMIT);
    T_TEXT(rdv_buf_view(&b), "abc");
    T_OK(rdv_put_u8(&b, 'd'));
    T_ERR(rdv_put_u8(&b, 'e'), RDV_ERR_LIMIT);
    T_TEXT(rdv_buf_view(&b), "abcd");
    rdv_buf_free(&b);
}

static void what_was_consumed_makes_room_again(void)
{
    struct rdv_buf b = RDV_BUF(300);

    for (unsigned i = 0; i < 1000; i++) {
        T_OK(rdv_put_text(&b, "0123456789"));
        T_TEXT(rdv_buf_view(&b), "0123456789");
        rdv_buf_consume(&b, 10);
    }
    T_TRUE(b.cap <= 300);
    rdv_buf_free(&b);
}

static void bytes_are_written_over_and_in_between(void)
{
    struct rdv_buf b = RDV_BUF(8);

    T_OK(rdv_put_text(&b, "-abcd"));
    rdv_buf_consume(&b, 1);
    rdv_buf_patch(&b, 1, RDV_LIT("XY"));
    T_TEXT(rdv_buf_view(&b), "aXYd");
    T_OK(rdv_buf_insert(&b, 1, 3));
    T_SPAN(rdv_buf_view(&b), t_hex("61 000000 585964"));
    T_ERR(rdv_buf_insert(&b, 0, 2), RDV_ERR_LIMIT);
    T_OK(rdv_buf_insert(&b, 7, 1));
    rdv_buf_patch(&b, 7, RDV_LIT("!"));
    T_OK(rdv_buf_insert(&b, 8, 0));
    T_SPAN(rdv_buf_view(&b), t_hex("61 000000 585964 21"));
    rdv_buf_free(&b);
}

static void wipes_what_it_forgets(void)
{
    struct rdv_buf b = RDV_BUF(64);

    T_OK(rdv_put_text(&b, "secret-and-tail"));
    rdv_buf_consume(&b, 6);
    T_TRUE(memcmp(b.p, "\0\0\0\0\0\0", 6) == 0);
    rdv_buf_truncate(&b, 4);
    T_TEXT(rdv_buf_view(&b), "-and");
    T_TRUE(memcmp(b.p + 10, "\0\0\0\0\0", 5) == 0);
    rdv_buf_clear(&b);
    T_TRUE(memcmp(b.p, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15) == 0);
    rdv_buf_free(&b);
}

static void an_empty_span_equals_another_wherever_they_point(void)
{
    T_TRUE(rdv_span_equal((struct rdv_span){ NULL, 0 }, RDV_LIT("")));
    T_TRUE(!rdv_span_equal(RDV_LIT("a"), RDV_LIT("")));
    T_TRUE(rdv_span_is(RDV_LIT("abc"), "abc"));
    T_TRUE(!rdv_span_is(RDV_LIT("abc"), "abcd"));
}

static void text_with_a_nul_is_refused(void)
{
    char out[8];

    T_ERR(rdv_span_to_text(out, sizeof(out), RDV_LIT("a\0b")), RDV_ERR_FORMAT);
    T_ERR(rdv_span_to_text(out, sizeof(out), RDV_LIT("12345678")), RDV_ERR_LIMIT);
    T_OK(rdv_span_to_text(out, sizeof(out), RDV_LIT("1234567")));
    T_TRUE(strcmp(out, "1234567") == 0);
}

/* Grows a buffer twice; after a failure it holds what it held before. */
static enum rdv_err grow_twice(void)
{
    static const uint8_t block[600];
    struct rdv_buf b = RDV_BUF(4096);
    enum rdv_err err;

    if ((err = rdv_put_text(&b, "first")) == RDV_OK &&
        (err = rdv_put_bytes(&b, (struct rdv_span){ block, sizeof(block) })) != RDV_OK)
        T_TEXT(rdv_buf_view(&b), "first");
    rdv_buf_free(&b);
    return err;
}

static void without_memory_a_buffer_keeps_what_it_holds(void)
{
    enum rdv_err err = RDV_OK;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err))
        err = grow_twice();
}

static void an_empty_buffer_can_be_looked_at_and_emptied(void)
{
    struct rdv_buf b = RDV_BUF(0);
    uint8_t *room;

    T_UINT(rdv_buf_view(&b).n, 0);
    T_OK(rdv_buf_room(&b, &room, 0));
    rdv_buf_grew(&b, 0);
    rdv_buf_consume(&b, 0);
    rdv_buf_truncate(&b, 0);
    rdv_buf_clear(&b);
    T_ERR(rdv_put_u8(&b, 1), RDV_ERR_LIMIT);
    rdv_buf_free(&b);
}

static CU_TestInfo tests[] = {
    T_CASE(reads_numbers_and_counted_bytes_in_order),
    T_CASE(a_read_past_the_end_consumes_nothing),
    T_CASE(refuses_to_grow_past_its_limit),
    T_CASE(what_was_consumed_makes_room_again),
    T_CASE(bytes_are_written_over_and_in_between),
    T_CASE(wipes_what_it_forgets),
    T_CASE(an_empty_span_equals_another_wherever_they_point),
    T_CASE(text_with_a_nul_is_refused),
    T_CASE(an_empty_buffer_can_be_looked_at_and_emptied),
    T_CASE(without_memory_a_buffer_keeps_what_it_holds),
    T_END,
};

T_SUITE(base_bytes, tests);
