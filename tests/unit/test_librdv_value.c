/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/value.h>

#include <string.h>

#include "guest_tools/librdv/params.h"
#include "tests/support/test.h"

static struct rdv_value value(const char *hex)
{
    const struct rdv_span bytes = t_hex(hex);

    return (struct rdv_value){ bytes.p, bytes.n };
}

/* {"a": 7, "b": h'0102', "c": "xy", "d": true, "e": null, "f": [1, 2], "g": {"h": 3}} */
#define MAP "A7 6161 07 6162 42 0102 6163 62 7879 6164 F5 6165 F6 6166 82 01 02 6167 A1 6168 03"

static void each_kind_is_read_as_itself(void)
{
    const struct rdv_value map = value(MAP);
    const uint8_t *bytes;
    char text[3];
    uint64_t number;
    bool yes;
    size_t n;

    T_UINT(rdv_value_kind(map), RDV_KIND_MAP);
    T_TRUE(rdv_value_number(rdv_value_in(map, "a"), &number) && number == 7);
    T_TRUE(rdv_value_bytes(rdv_value_in(map, "b"), &bytes, &n));
    T_SPAN(((struct rdv_span){ bytes, n }), t_hex("0102"));
    T_TRUE(rdv_value_text(rdv_value_in(map, "c"), text, sizeof(text)));
    T_TEXT(rdv_span_of(text), "xy");
    T_TRUE(rdv_value_bytes(rdv_value_in(map, "c"), &bytes, &n) && n == 2);
    T_TRUE(rdv_value_bool(rdv_value_in(map, "d"), &yes) && yes);
    T_UINT(rdv_value_kind(rdv_value_in(map, "e")), RDV_KIND_NULL);
    T_UINT(rdv_value_kind(rdv_value_in(map, "f")), RDV_KIND_LIST);
    T_TRUE(rdv_value_number(rdv_value_in(rdv_value_in(map, "g"), "h"), &number) && number == 3);
}

static void what_is_not_there_is_none(void)
{
    const struct rdv_value map = value(MAP), none = { NULL, 0 };

    T_UINT(rdv_value_kind(rdv_value_in(map, "z")), RDV_KIND_NONE);
    T_UINT(rdv_value_kind(rdv_value_in(map, "h")), RDV_KIND_NONE);
    T_UINT(rdv_value_kind(rdv_value_in(none, "a")), RDV_KIND_NONE);
    T_UINT(rdv_value_kind(rdv_value_in(value("07"), "a")), RDV_KIND_NONE);
    T_UINT(rdv_value_kind(rdv_value_in(value("82 6161 07"), "a")), RDV_KIND_NONE);
}

static void another_kind_is_refused(void)
{
    const struct rdv_value map = value(MAP);
    const uint8_t *bytes = (const uint8_t *)"";
    char text[3];
    uint64_t number = 1;
    bool yes = true;
    size_t n = 1;

    T_TRUE(!rdv_value_number(rdv_value_in(map, "b"), &number) && number == 0);
    T_TRUE(!rdv_value_number(value("20"), &number));
    T_TRUE(!rdv_value_bytes(rdv_value_in(map, "a"), &bytes, &n) && bytes == NULL && n == 0);
    T_TRUE(!rdv_value_bool(rdv_value_in(map, "a"), &yes) && !yes);
    T_TRUE(!rdv_value_text(rdv_value_in(map, "b"), text, sizeof(text)));
    T_TRUE(!rdv_value_text(rdv_value_in(map, "c"), text, 2)); /* does not fit */
    T_TRUE(!rdv_value_text(value("63 610062"), text, sizeof(text)));
    T_UINT(rdv_value_kind(value("20")), RDV_KIND_OTHER);
    T_UINT(rdv_value_kind(value("FB 0000000000000000")), RDV_KIND_OTHER);
    T_UINT(rdv_value_kind(value("FF")), RDV_KIND_OTHER);
    T_UINT(rdv_value_kind(value("43 01")), RDV_KIND_OTHER);
}

static void items_are_walked_in_turn(void)
{
    const struct rdv_value map = value(MAP);
    struct rdv_items items = rdv_value_items(map);
    struct rdv_value key, item;
    uint64_t number;
    char name[2];
    unsigned n = 0;

    for (; rdv_items_next(&items, &key, &item); n++)
        T_TRUE(rdv_value_text(key, name, sizeof(name)) && name[0] == (char)('a' + n));
    T_UINT(n, 7);
    items = rdv_value_items(rdv_value_in(map, "f"));
    T_TRUE(rdv_items_next(&items, &key, &item) && rdv_value_kind(key) == RDV_KIND_NONE);
    T_TRUE(rdv_items_next(&items, &key, &item) && rdv_value_number(item, &number) && number == 2);
    T_TRUE(!rdv_items_next(&items, &key, &item));
    T_TRUE(!rdv_items_next(&items, &key, &item));
    items = rdv_value_items(value("07"));
    T_TRUE(!rdv_items_next(&items, &key, &item));
    items = rdv_value_items(value("9B FFFFFFFFFFFFFFFF 01")); /* says more than it has */
    T_TRUE(rdv_items_next(&items, &key, &item));
    T_TRUE(!rdv_items_next(&items, &key, &item));
}

static void parameters_are_written_as_given(void)
{
    const struct rdv_param params[] = {
        RDV_NUMBER("a", 7),  RDV_BYTES("b", "\x01\x02", 2),      RDV_TEXT("c", "xy"),
        RDV_BOOL("d", true), { "e", RDV_KIND_NULL, 0, NULL, 0 }, RDV_END
    };
    const struct rdv_param list[] = { { "x", RDV_KIND_LIST, 0, NULL, 0 }, RDV_END };
    const struct rdv_param text[] = { { "x", RDV_KIND_TEXT, 0, "\xff", 1 }, RDV_END };
    struct rdv_buf out = RDV_BUF(100);

    T_OK(guest_put_params(&out, params));
    T_SPAN(rdv_buf_view(&out), t_hex("A5 6161 07 6162 42 0102 6163 62 7879 6164 F5 6165 F6"));
    rdv_buf_clear(&out);
    T_OK(guest_put_params(&out, NULL));
    T_SPAN(rdv_buf_view(&out), t_hex("A0"));
    T_ERR(guest_put_params(&out, list), RDV_ERR_RANGE);
    rdv_buf_clear(&out);
    T_OK(guest_put_params(&out, text)); /* whether it is UTF-8 the card says */
    rdv_buf_free(&out);
}

static void a_buffer_may_be_too_small_for_them(void)
{
    const struct rdv_param params[] = { RDV_NUMBER("a", 7), RDV_BYTES("b", "\x01\x02", 2),
                                        RDV_END };

    for (size_t limit = 0; limit <= 9; limit++) {
        struct rdv_buf out = RDV_BUF(limit);

        T_ERR(guest_put_params(&out, params), limit == 9 ? RDV_OK : RDV_ERR_LIMIT);
        rdv_buf_free(&out);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(each_kind_is_read_as_itself),
    T_CASE(what_is_not_there_is_none),
    T_CASE(another_kind_is_refused),
    T_CASE(items_are_walked_in_turn),
    T_CASE(parameters_are_written_as_given),
    T_CASE(a_buffer_may_be_too_small_for_them),
    T_END,
};

T_SUITE(librdv_value, tests);
