/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/cbor.h"

#include <string.h>

#include "tests/support/notation.h"
#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

/* Of RFC 8949 appendix A, those of our types. */
static const struct {
    const char *bytes;
    enum rdv_cbor_type type;
    uint64_t n;
} examples[] = {
    { "00", RDV_CBOR_UINT, 0 },
    { "17", RDV_CBOR_UINT, 23 },
    { "1818", RDV_CBOR_UINT, 24 },
    { "18FF", RDV_CBOR_UINT, 255 },
    { "190100", RDV_CBOR_UINT, 256 },
    { "1903E8", RDV_CBOR_UINT, 1000 },
    { "1A000F4240", RDV_CBOR_UINT, 1000000 },
    { "1B000000E8D4A51000", RDV_CBOR_UINT, 1000000000000 },
    { "1BFFFFFFFFFFFFFFFF", RDV_CBOR_UINT, UINT64_MAX },
    { "20", RDV_CBOR_NEGATIVE, 0 },
    { "3903E7", RDV_CBOR_NEGATIVE, 999 },
    { "3BFFFFFFFFFFFFFFFF", RDV_CBOR_NEGATIVE, UINT64_MAX },
    { "F4", RDV_CBOR_BOOL, 0 },
    { "F5", RDV_CBOR_BOOL, 1 },
    { "F6", RDV_CBOR_NULL, 22 },
    { "F7", RDV_CBOR_OTHER, 23 },
    { "F0", RDV_CBOR_OTHER, 16 },
    { "F8FF", RDV_CBOR_OTHER, 255 },
    { "F93C00", RDV_CBOR_OTHER, 0x3c00 },
    { "FA47C35000", RDV_CBOR_OTHER, 0x47c35000 },
    { "FB3FF199999999999A", RDV_CBOR_OTHER, 0x3ff199999999999a },
    { "40", RDV_CBOR_BYTES, 0 },
    { "4401020304", RDV_CBOR_BYTES, 4 },
    { "60", RDV_CBOR_TEXT, 0 },
    { "6449455446", RDV_CBOR_TEXT, 4 },
    { "62C3BC", RDV_CBOR_TEXT, 2 },
    { "64F0908591", RDV_CBOR_TEXT, 4 },
    { "80", RDV_CBOR_ARRAY, 0 },
    { "83", RDV_CBOR_ARRAY, 3 },
    { "9819", RDV_CBOR_ARRAY, 25 },
    { "A0", RDV_CBOR_MAP, 0 },
    { "A2", RDV_CBOR_MAP, 2 },
    { "C1", RDV_CBOR_TAG, 1 },
    { "D820", RDV_CBOR_TAG, 32 },
    /* Not in the shortest form. */
    { "1800", RDV_CBOR_UINT, 0 },
    { "1B0000000000000001", RDV_CBOR_UINT, 1 },
    { "590001AA", RDV_CBOR_BYTES, 1 },
};

#define N_EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static void reads_the_examples_of_the_standard(void)
{
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        struct rdv_reader rd = { t_hex(examples[i].bytes) };
        struct rdv_cbor item;

        T_OK(rdv_cbor_get(&rd, &item));
        T_UINT(item.type, examples[i].type);
        T_UINT(item.n, examples[i].n);
        T_UINT(rd.rest.n, 0);
        if (item.type == RDV_CBOR_BYTES || item.type == RDV_CBOR_TEXT)
            T_UINT(item.bytes.n, item.n);
    }
}

static void an_item_that_is_not_whole_consumes_nothing(void)
{
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        const struct rdv_span whole = t_hex(examples[i].bytes);

        for (size_t n = 0; n < whole.n; n++) {
            struct rdv_reader rd = { { whole.p, n } };
            struct rdv_cbor item;

            T_ERR(rdv_cbor_get(&rd, &item), RDV_ERR_SHORT);
            T_UINT(rd.rest.n, n);
            T_ERR(rdv_cbor_skip(&rd, 4), RDV_ERR_SHORT);
            T_UINT(rd.rest.n, n);
        }
    }
}

static void refuses_what_is_not_an_item_of_definite_length(void)
{
    static const char *const bad[] = {
        "1C", "1D", "1E", "1F", "3C", "5C", "7C", "9C", "BC",   "DC",   "FC",   "FD",
        "FE", "5F", "7F", "9F", "BF", "DF", "FF", "3F", "F800", "F818", "F81F",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct rdv_reader rd = { t_hex(bad[i]) };
        const size_t n = rd.rest.n;
        struct rdv_cbor item;

        T_ERR(rdv_cbor_get_head(&rd, &item), RDV_ERR_FORMAT);
        T_UINT(rd.rest.n, n);
    }
}

static void refuses_text_that_is_not_utf8(void)
{
    static const char *const bad[] = {
        "6180",     "61C3",       "62C0AF",     "62C328",     "63E28228", "63EDA080",
        "63E080AF", "64F0808080", "64F4908080", "64F8808080", "62E282",
    };
    static const char *const good[] = { "62C280", "63E0A080", "63EFBFBF", "64F0908080",
                                        "64F48FBFBF" };
    struct rdv_cbor item;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct rdv_reader rd = { t_hex(bad[i]) };

        T_ERR(rdv_cbor_get(&rd, &item), RDV_ERR_FORMAT);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct rdv_reader rd = { t_hex(good[i]) };

        T_OK(rdv_cbor_get(&rd, &item));
    }
}

static void a_length_near_the_greatest_number_is_only_too_short(void)
{
    static const char *const bytes[] = { "5BFFFFFFFFFFFFFFFF 00",       "7BFFFFFFFFFFFFFFF8 00",
                                         "9BFFFFFFFFFFFFFFFF 00",       "BBFFFFFFFFFFFFFFFF 00",
                                         "BB8000000000000000 00 00 00", "DBFFFFFFFFFFFFFFFF" };

    for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
        struct rdv_reader rd = { t_hex(bytes[i]) };

        T_ERR(rdv_cbor_skip(&rd, 4), RDV_ERR_SHORT);
    }
}

static void skips_as_deep_as_it_is_allowed(void)
{
    const struct rdv_span nested = t_hex("82 A1 01 81 C1 82 02 03 04 FF");
    struct rdv_reader rd = { nested };

    for (unsigned depth = 0; depth < 5; depth++) {
        T_ERR(rdv_cbor_skip(&rd, depth), RDV_ERR_LIMIT);
        T_UINT(rd.rest.n, nested.n);
    }
    T_OK(rdv_cbor_skip(&rd, 5));
    T_SPAN(rd.rest, t_hex("FF"));
}

static void finds_the_value_of_a_key(void)
{
    const struct rdv_span map = t_hex("A4 01 05 6161 8102 6162 F5 6163 40");
    struct rdv_reader value;
    struct rdv_cbor item;

    T_OK(rdv_cbor_find(&value, map, "b"));
    T_OK(rdv_cbor_get(&value, &item));
    T_UINT(item.type, RDV_CBOR_BOOL);
    T_OK(rdv_cbor_find(&value, map, "c"));
    T_SPAN(value.rest, t_hex("40"));
    T_ERR(rdv_cbor_find(&value, map, "d"), RDV_ERR_ABSENT);
    T_ERR(rdv_cbor_find(&value, t_hex("A0"), "d"), RDV_ERR_ABSENT);
    T_ERR(rdv_cbor_find(&value, t_hex("80"), "d"), RDV_ERR_FORMAT);
    T_ERR(rdv_cbor_find(&value, t_hex("A2 6161 01"), "d"), RDV_ERR_FORMAT);
    T_ERR(rdv_cbor_find(&value, t_hex(""), "d"), RDV_ERR_FORMAT);
}

static void writes_the_shortest_form(void)
{
    struct rdv_buf out = RDV_BUF(128);

    for (size_t i = 0; examples[i].type == RDV_CBOR_UINT; i++) { /* those at the front */
        rdv_buf_clear(&out);
        T_OK(rdv_cbor_put_uint(&out, examples[i].n));
        T_SPAN(rdv_buf_view(&out), t_hex(examples[i].bytes));
    }
    rdv_buf_clear(&out);
    T_OK(rdv_cbor_put_int(&out, -1));
    T_OK(rdv_cbor_put_int(&out, INT64_MIN));
    T_OK(rdv_cbor_put_int(&out, INT64_MAX));
    T_SPAN(rdv_buf_view(&out), t_hex("20 3B7FFFFFFFFFFFFFFF 1B7FFFFFFFFFFFFFFF"));
    rdv_buf_clear(&out);
    T_OK(rdv_cbor_put_array(&out, 2));
    T_OK(rdv_cbor_put_map(&out, 24));
    T_OK(rdv_cbor_put_bytes(&out, t_hex("AABB")));
    T_OK(rdv_cbor_put_text(&out, RDV_LIT("hi")));
    T_OK(rdv_cbor_put_bool(&out, true));
    T_OK(rdv_cbor_put_bool(&out, false));
    T_OK(rdv_cbor_put_null(&out));
    T_SPAN(rdv_buf_view(&out), t_hex("82 B818 42AABB 626869 F5 F4 F6"));
    rdv_buf_free(&out);
}

static void a_string_that_does_not_fit_leaves_nothing_behind(void)
{
    struct rdv_buf out = RDV_BUF(4);

    T_OK(rdv_cbor_put_uint(&out, 1));
    T_ERR(rdv_cbor_put_text(&out, RDV_LIT("abc")), RDV_ERR_LIMIT);
    T_SPAN(rdv_buf_view(&out), t_hex("01"));
    T_OK(rdv_cbor_put_text(&out, RDV_LIT("ab")));
    T_ERR(rdv_cbor_put_null(&out), RDV_ERR_LIMIT);
    rdv_buf_free(&out);
}

static void put_keys(struct rdv_cbor_map *map, const char *const *keys)
{
    for (size_t i = 0; keys[i] != NULL; i++) {
        T_OK(rdv_cbor_map_key(map, keys[i]));
        T_OK(rdv_cbor_put_uint(map->out, i));
    }
}

static void a_map_comes_out_sorted_short_keys_first(void)
{
    static const char *const keys[] = { "bb", "a", "content", "b", "changed", "", NULL };
    static const char *const sorted[] = { "a", "b", "bb", NULL };
    struct rdv_buf out = RDV_BUF(256), text = RDV_BUF(256);
    struct rdv_cbor_map map;

    T_OK(rdv_cbor_map_begin(&map, &out));
    put_keys(&map, keys);
    T_OK(rdv_cbor_map_end(&map));
    T_TRUE(t_notation(&text, rdv_buf_view(&out)));
    T_TEXT(rdv_buf_view(&text),
           "{\"\": 5, \"a\": 1, \"b\": 3, \"bb\": 0, \"changed\": 4, \"content\": 2}");
    rdv_buf_clear(&out);
    T_OK(rdv_cbor_map_begin(&map, &out));
    put_keys(&map, sorted);
    T_OK(rdv_cbor_map_end(&map));
    T_SPAN(rdv_buf_view(&out), t_hex("A3 6161 00 6162 01 626262 02"));
    rdv_buf_clear(&out);
    T_OK(rdv_cbor_map_begin(&map, &out));
    T_OK(rdv_cbor_map_end(&map));
    T_SPAN(rdv_buf_view(&out), t_hex("A0"));
    rdv_buf_free(&out);
    rdv_buf_free(&text);
}

static void a_map_takes_as_many_keys_as_its_head_has_room_for(void)
{
    struct rdv_buf out = RDV_BUF(256);
    struct rdv_cbor_map map;
    struct rdv_reader rd;
    struct rdv_cbor item;
    char key[2] = "z";

    T_OK(rdv_cbor_map_begin(&map, &out));
    for (; map.n < RDV_CBOR_MAP_MAX; key[0]--) {
        T_OK(rdv_cbor_map_key(&map, key));
        T_OK(rdv_cbor_put_null(&out));
    }
    T_OK(rdv_cbor_map_end(&map));
    rd.rest = rdv_buf_view(&out);
    T_OK(rdv_cbor_get(&rd, &item));
    T_UINT(item.n, RDV_CBOR_MAP_MAX);
    T_OK(rdv_cbor_get(&rd, &item));
    T_TEXT(item.bytes, "d");
    rdv_buf_free(&out);
}

static void a_list_is_counted_when_it_ends(void)
{
    static const size_t counts[] = { 0, 1, 23, 24, 255, 256 };
    struct rdv_buf out = RDV_BUF(1024);

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct rdv_cbor_list list;
        struct rdv_reader rd;
        struct rdv_cbor item;

        rdv_buf_clear(&out);
        T_OK(rdv_cbor_put_text(&out, RDV_LIT("before")));
        T_OK(rdv_cbor_list_begin(&list, &out));
        for (; list.n < counts[i]; list.n++)
            T_OK(rdv_cbor_put_null(&out));
        T_OK(rdv_cbor_list_end(&list));
        rd.rest = rdv_buf_view(&out);
        T_OK(rdv_cbor_skip(&rd, 0));
        T_OK(rdv_cbor_get_head(&rd, &item));
        T_UINT(item.type, RDV_CBOR_ARRAY);
        T_UINT(item.n, counts[i]);
        T_UINT(rd.rest.n, counts[i]);
    }
    rdv_buf_free(&out);
}

static enum rdv_err sort_a_map(void)
{
    struct rdv_buf out = RDV_BUF(256);
    struct rdv_cbor_map map;
    enum rdv_err err;

    if ((err = rdv_cbor_map_begin(&map, &out)) == RDV_OK &&
        (err = rdv_cbor_map_key(&map, "b")) == RDV_OK &&
        (err = rdv_cbor_put_null(&out)) == RDV_OK &&
        (err = rdv_cbor_map_key(&map, "a")) == RDV_OK && (err = rdv_cbor_put_null(&out)) == RDV_OK)
        err = rdv_cbor_map_end(&map);
    rdv_buf_free(&out);
    return err;
}

static void sorting_without_memory_says_so(void)
{
    enum rdv_err err = RDV_OK;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err))
        err = sort_a_map();
}

static void skip_it(struct rdv_span in)
{
    struct rdv_reader rd = { in };
    const enum rdv_err err = rdv_cbor_skip(&rd, 3);

    T_TRUE(err == RDV_OK || rd.rest.n == in.n);
}

static void broken_items_are_refused_or_read_and_never_crash(void)
{
    const struct rdv_span item =
            t_hex("83 01 63707574 A3 667265636F7264 0A 67636F6E74656E74 58 04 32312E35 "
                  "656D616E79 82 F5 1B0102030405060708");

    t_every_prefix(item, skip_it);
    t_every_bit_flip(item, skip_it);
}

static CU_TestInfo tests[] = {
    T_CASE(reads_the_examples_of_the_standard),
    T_CASE(an_item_that_is_not_whole_consumes_nothing),
    T_CASE(refuses_what_is_not_an_item_of_definite_length),
    T_CASE(refuses_text_that_is_not_utf8),
    T_CASE(a_length_near_the_greatest_number_is_only_too_short),
    T_CASE(skips_as_deep_as_it_is_allowed),
    T_CASE(finds_the_value_of_a_key),
    T_CASE(writes_the_shortest_form),
    T_CASE(a_string_that_does_not_fit_leaves_nothing_behind),
    T_CASE(a_map_comes_out_sorted_short_keys_first),
    T_CASE(a_map_takes_as_many_keys_as_its_head_has_room_for),
    T_CASE(a_list_is_counted_when_it_ends),
    T_CASE(sorting_without_memory_says_so),
    T_CASE(broken_items_are_refused_or_read_and_never_crash),
    T_END,
};

T_SUITE(wire_cbor, tests);
