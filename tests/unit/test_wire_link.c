/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/link.h"

#include <string.h>

#include "tests/support/test.h"

#define HELLO \
    "5244564C 02 00 08 6B6579312E636F6D 0B 3139322E302E322E373A31 0D 3139322E302E322E313A383433"
#define WELCOME "5244564C 02 00 00 01"

static void a_hello_reads_back(void)
{
    struct rdv_buf out = RDV_BUF(RDV_LINK_HELLO_MAX);
    struct rdv_link_hello hello;
    size_t used;

    T_OK(rdv_link_put_hello(&out, RDV_LIT("key1.com"), RDV_LIT("192.0.2.7:1"),
                            RDV_LIT("192.0.2.1:843")));
    T_SPAN(rdv_buf_view(&out), t_hex(HELLO));
    T_OK(rdv_link_get_hello(&hello, &used, t_hex(HELLO " 0000")));
    T_UINT(used, rdv_buf_len(&out));
    T_TRUE(hello.major == RDV_LINK_MAJOR && hello.minor == RDV_LINK_MINOR);
    T_TEXT(hello.sen, "key1.com");
    T_TEXT(hello.address, "192.0.2.7:1");
    T_TEXT(hello.reached, "192.0.2.1:843");
    rdv_buf_free(&out);
}

/* Its fields may be longer than ours, or none at all. */
static void of_another_major_version_nothing_else_is_read(void)
{
    struct rdv_link_hello hello;
    size_t used;

    T_OK(rdv_link_get_hello(&hello, &used, t_hex("5244564C 01")));
    T_UINT(used, 0);
    T_OK(rdv_link_get_hello(&hello, &used, t_hex("5244564C 01 00")));
    T_UINT(used, 6);
    T_OK(rdv_link_get_hello(&hello, &used, t_hex("5244564C 03 07 FF FFFF")));
    T_UINT(used, 6);
    T_TRUE(hello.major == 3 && hello.minor == 7);
    T_TRUE(hello.sen.n == 0 && hello.address.n == 0 && hello.reached.n == 0);
}

static void refuses_who_does_not_begin_with_our_magic(void)
{
    static const char *const strangers[] = { "53", "5253", "52445600", "52445601 0100",
                                             "00000000" };
    struct rdv_link_welcome welcome;
    struct rdv_link_hello hello;
    size_t used;

    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        T_ERR(rdv_link_get_hello(&hello, &used, t_hex(strangers[i])), RDV_ERR_FORMAT);
        T_UINT(used, 0);
        T_ERR(rdv_link_get_welcome(&welcome, &used, t_hex(strangers[i])), RDV_ERR_FORMAT);
        T_UINT(used, 0);
    }
}

static void refuses_a_field_too_long_before_its_bytes_come(void)
{
    struct rdv_link_hello hello;
    size_t used;

    T_OK(rdv_link_get_hello(&hello, &used, t_hex("5244564C 0200 0F")));
    T_ERR(rdv_link_get_hello(&hello, &used, t_hex("5244564C 0200 10")), RDV_ERR_LIMIT);
    T_OK(rdv_link_get_hello(&hello, &used, t_hex("5244564C 0200 0161 3F")));
    T_ERR(rdv_link_get_hello(&hello, &used, t_hex("5244564C 0200 0161 40")), RDV_ERR_LIMIT);
    T_UINT(used, 0);
}

static void refuses_to_write_a_field_too_long(void)
{
    struct rdv_buf out = RDV_BUF(RDV_LINK_HELLO_MAX);
    const struct rdv_span none = RDV_LIT("");
    uint8_t ones[256];

    memset(ones, '1', sizeof(ones));
    T_ERR(rdv_link_put_hello(&out, (struct rdv_span){ ones, 16 }, none, none), RDV_ERR_LIMIT);
    T_ERR(rdv_link_put_hello(&out, RDV_LIT("a"), (struct rdv_span){ ones, 64 }, none),
          RDV_ERR_LIMIT);
    T_ERR(rdv_link_put_hello(&out, RDV_LIT("a"), none, (struct rdv_span){ ones, 256 }),
          RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(&out), 0);
    T_OK(rdv_link_put_hello(&out, (struct rdv_span){ ones, 15 }, (struct rdv_span){ ones, 63 },
                            (struct rdv_span){ ones, 255 }));
    T_UINT(rdv_buf_len(&out), RDV_LINK_HELLO_MAX);
    rdv_buf_free(&out);
}

static void a_name_must_be_harmless(void)
{
    static const char *const good[] = { "a", "key1.com", "0123456789ABCDE", "A_b-c.d", "_", "9" };
    static const char *const bad[] = {
        "",   "0123456789ABCDEF", ".",  "..", ".a", "-a", "a/b", "a b", "a\n", "a+",
        "a#", "\xc3\xa9",         "a:",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        T_TRUE(rdv_sen_is_valid(rdv_span_of(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        T_TRUE(!rdv_sen_is_valid(rdv_span_of(bad[i])));
    T_TRUE(!rdv_sen_is_valid(RDV_LIT("a\0b")));
}

static void where_a_front_is_reached_is_a_host_and_a_port(void)
{
    static const char *const good[] = {
        "127.0.0.1:1", "rdv.example.org:8443", "[::1]:65535", "[2001:db8::7]:443", "a-b:80", "A:9",
    };
    static const char *const bad[] = {
        "",        "a",     "a:",      ":80",       "a:0",         "a:08",  "a:65536", "a:999999",
        "a:80 ",   "a b:1", "-a:1",    "a;b:1",     "$(a):1",      "'a':1", "a\n:1",   "::1:80",
        "[::1:80", "[]:80", "[a b]:1", "[::1%1]:1", "[1.2.3.4]:1", "a/b:1", "a:80/",   "[::1]x:1",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        T_TRUE(rdv_reached_is_valid(rdv_span_of(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        T_TRUE(!rdv_reached_is_valid(rdv_span_of(bad[i])));
    T_TRUE(!rdv_reached_is_valid(RDV_LIT("a\0b:1")));
    T_TRUE(!rdv_reached_is_valid(RDV_LIT("[::1\0]:1")));
}

static void a_welcome_reads_back(void)
{
    struct rdv_buf out = RDV_BUF(8);
    struct rdv_link_welcome welcome;
    size_t used;

    T_OK(rdv_link_put_welcome(&out, RDV_LINK_ACCEPTED, RDV_LINK_DEMO));
    T_SPAN(rdv_buf_view(&out), t_hex(WELCOME));
    T_OK(rdv_link_get_welcome(&welcome, &used, t_hex("5244564C 02 07 03 00 FF")));
    T_UINT(used, 8);
    T_TRUE(welcome.major == 2 && welcome.minor == 7 && welcome.status == 3 && welcome.flags == 0);
    rdv_buf_free(&out);
}

static void finds_the_first_frame(void)
{
    struct rdv_span body;
    size_t used;

    T_OK(rdv_link_get_frame(&body, &used, t_hex("00000002 9000 00000003"), 2));
    T_UINT(used, 6);
    T_SPAN(body, t_hex("9000"));
    T_OK(rdv_link_get_frame(&body, &used, t_hex("00000000"), 2));
    T_UINT(used, 4);
}

static void refuses_a_frame_over_the_limit_before_its_bytes_come(void)
{
    struct rdv_span body;
    size_t used;

    T_ERR(rdv_link_get_frame(&body, &used, t_hex("00000003"), 2), RDV_ERR_LIMIT);
    T_ERR(rdv_link_get_frame(&body, &used, t_hex("FFFFFFFF"), RDV_LINK_RESPONSE_MAX),
          RDV_ERR_LIMIT);
    T_OK(rdv_link_get_frame(&body, &used, t_hex("00000002"), 2));
    T_UINT(used, 0);
}

static void a_record_becomes_one_extended_command(void)
{
    static uint8_t longest[RDV_TLS_RECORD_MAX + 1];
    struct rdv_buf out = RDV_BUF(RDV_LINK_FRAME_HEADER + RDV_LINK_COMMAND_MAX);
    struct rdv_span body;
    struct rdv_apdu apdu;
    size_t used;

    T_ERR(rdv_link_put_record(&out, RDV_LIT("")), RDV_ERR_LIMIT);
    T_ERR(rdv_link_put_record(&out, (struct rdv_span){ longest, sizeof(longest) }), RDV_ERR_LIMIT);
    T_OK(rdv_link_put_record(&out, t_hex("17 0303 0001 AA")));
    T_SPAN(rdv_buf_view(&out), t_hex("0000000F 00D80003 00 0006 170303 0001 AA 0000"));
    T_ERR(rdv_link_put_record(&out, (struct rdv_span){ longest, RDV_TLS_RECORD_MAX }),
          RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(&out), 19); /* never a frame half written */
    rdv_buf_clear(&out);
    T_OK(rdv_link_put_record(&out, (struct rdv_span){ longest, RDV_TLS_RECORD_MAX }));
    T_OK(rdv_link_get_frame(&body, &used, rdv_buf_view(&out), RDV_LINK_COMMAND_MAX));
    T_UINT(used, rdv_buf_len(&out));
    T_OK(rdv_apdu_decode(&apdu, body));
    T_TRUE(apdu.data.n == RDV_TLS_RECORD_MAX && apdu.le == 65536);
    rdv_buf_free(&out);
}

static void asks_for_all_there_is(void)
{
    struct rdv_buf out = RDV_BUF(100);
    struct rdv_span body;
    struct rdv_apdu apdu;
    size_t used;

    T_OK(rdv_link_put_get_response(&out));
    T_OK(rdv_link_get_frame(&body, &used, rdv_buf_view(&out), RDV_LINK_COMMAND_MAX));
    T_OK(rdv_apdu_decode(&apdu, body));
    T_TRUE(apdu.ins == RDV_INS_GET_RESPONSE && apdu.data.n == 0 && apdu.le == 65536);
    rdv_buf_free(&out);
}

static void a_response_holds_65536_bytes_and_its_status(void)
{
    static uint8_t bytes[65537];
    struct rdv_buf out = RDV_BUF(RDV_LINK_FRAME_HEADER + RDV_LINK_RESPONSE_MAX + 1);

    T_ERR(rdv_link_put_response(&out, (struct rdv_span){ bytes, 65537 }, 0x9000), RDV_ERR_LIMIT);
    out.limit--;
    T_OK(rdv_link_put_response(&out, RDV_LIT("a"), 0x9002));
    T_SPAN(rdv_buf_view(&out), t_hex("00000003 61 9002"));
    T_ERR(rdv_link_put_response(&out, (struct rdv_span){ bytes, 65536 }, 0x9000), RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(&out), 7);
    rdv_buf_clear(&out);
    T_OK(rdv_link_put_response(&out, (struct rdv_span){ bytes, 65536 }, 0x9000));
    rdv_buf_free(&out);
}

static void needs_more(struct rdv_span in)
{
    struct rdv_link_welcome welcome;
    struct rdv_link_hello hello;
    size_t used;

    T_OK(rdv_link_get_hello(&hello, &used, in));
    T_UINT(used, 0);
    if (in.n < 8)
        T_OK(rdv_link_get_welcome(&welcome, &used, in));
    T_UINT(used, 0);
}

static void frame_needs_more(struct rdv_span in)
{
    struct rdv_span body;
    size_t used;

    T_OK(rdv_link_get_frame(&body, &used, in, 2));
    T_UINT(used, 0);
}

static void stays_inside(struct rdv_span in)
{
    struct rdv_link_hello hello;
    struct rdv_span body;
    size_t used;

    if (rdv_link_get_hello(&hello, &used, in) == RDV_OK)
        T_TRUE(used <= in.n && (used == 0 || used == 6 ||
                                used == 9 + hello.sen.n + hello.address.n + hello.reached.n));
    if (rdv_link_get_frame(&body, &used, in, 20) == RDV_OK)
        T_TRUE(used <= in.n && (used == 0 || used == 4 + body.n));
}

static void waits_for_every_missing_byte(void)
{
    t_every_prefix(t_hex(HELLO), needs_more);
    t_every_prefix(t_hex("00000002 9000"), frame_needs_more);
    t_every_bit_flip(t_hex(HELLO), stays_inside);
    t_every_bit_flip(t_hex("00000002 9000"), stays_inside);
}

static CU_TestInfo tests[] = {
    T_CASE(a_hello_reads_back),
    T_CASE(of_another_major_version_nothing_else_is_read),
    T_CASE(refuses_who_does_not_begin_with_our_magic),
    T_CASE(refuses_a_field_too_long_before_its_bytes_come),
    T_CASE(refuses_to_write_a_field_too_long),
    T_CASE(a_name_must_be_harmless),
    T_CASE(where_a_front_is_reached_is_a_host_and_a_port),
    T_CASE(a_welcome_reads_back),
    T_CASE(finds_the_first_frame),
    T_CASE(refuses_a_frame_over_the_limit_before_its_bytes_come),
    T_CASE(a_record_becomes_one_extended_command),
    T_CASE(asks_for_all_there_is),
    T_CASE(a_response_holds_65536_bytes_and_its_status),
    T_CASE(waits_for_every_missing_byte),
    T_END,
};

T_SUITE(wire_link, tests);
