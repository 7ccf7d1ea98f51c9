/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/uri.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

#define KEY "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F21"

static struct rdv_uri parsed(const char *text)
{
    struct rdv_uri uri;
    struct rdv_why why = { "" };

    T_MUST_OK(rdv_uri_parse(&uri, text, &why));
    T_TRUE(why.text[0] == '\0');
    return uri;
}

/* The error, and these words in the reason; nothing is left of what was read. */
static void refused(const char *text, enum rdv_err want, const char *words)
{
    static const struct rdv_uri nothing;
    struct rdv_uri uri;
    struct rdv_why why = { "" };

    memset(&uri, 0x55, sizeof(uri));
    if (!T_ERR(rdv_uri_parse(&uri, text, &why), want) || strstr(why.text, words) == NULL)
        fprintf(stderr, "    of \"%s\": \"%s\"\n", text, why.text);
    T_TRUE(strstr(why.text, words) != NULL);
    T_TRUE(memcmp(&uri, &nothing, sizeof(uri)) == 0);
    T_ERR(rdv_uri_parse(&uri, text, NULL), want);
}

#define is(got, want) T_TEXT(rdv_span_of(got), want)

static void the_form_of_the_draft_is_read_in_full(void)
{
    const struct rdv_uri u = parsed("shellS://key1.com:" KEY "(root)@192.0.2.1:8888/?query=.?00");

    is(u.sen, "key1.com");
    is(u.identity, "root");
    is(u.host, "192.0.2.1");
    is(u.command, ".?00");
    T_TRUE(u.has_psk && u.port == 8888 && u.record == -1);
    T_SPAN(((struct rdv_span){ u.psk, sizeof(u.psk) }), t_hex(KEY));
}

static void every_part_but_name_and_host_may_be_missing(void)
{
    const struct rdv_uri u = parsed("shells://a@b");

    is(u.sen, "a");
    is(u.identity, "");
    is(u.host, "b");
    is(u.command, "");
    T_TRUE(!u.has_psk && u.port == RDV_PORT_DEFAULT && u.record == -1);
    T_TRUE(parsed("SHELLS://key1.com@h:1").port == 1);
    is(parsed("shellS://key1.com(me)@h/").identity, "me");
    T_TRUE(parsed("shellS://key1.com:" KEY "@h/").has_psk);
}

static void a_record_is_named_by_its_number(void)
{
    T_TRUE(parsed("shellS://a@b/record/00").record == 0);
    T_TRUE(parsed("shellS://a@b:65535/record/fF").record == 255);
}

static void what_is_percent_encoded_is_itself_again(void)
{
    const struct rdv_uri u =
            parsed("shellS://a(o%28x%29%40%2f%25 y)@h/?query=Z00%26+%23%c3%a9=?/@:");

    is(u.identity, "o(x)@/% y");
    is(u.command, "Z00&+#\xc3\xa9=?/@:");
}

static void an_ipv6_address_stands_in_brackets(void)
{
    const struct rdv_uri u = parsed("shellS://a@[2001:db8::1]:8443/record/0A");

    is(u.host, "2001:db8::1");
    T_TRUE(u.port == 8443 && u.record == 10);
    is(parsed("shellS://a@[::1]/").host, "::1");
    is(parsed("shellS://a@[fe80::1%25eth0]").host, "fe80::1%eth0");
}

static void the_placeholder_of_a_card_is_no_address(void)
{
    const struct rdv_uri u = parsed("shellS://key1.com:" KEY "(sensor1)@HOST:PORT/");

    is(u.host, "");
    T_UINT(u.port, 0);
    refused("shellS://key1.com@HOST:PORTS/", RDV_ERR_FORMAT, "is not a number");
}

static void each_part_can_be_wrong(void)
{
    refused("", RDV_ERR_FORMAT, "begins with shellS://");
    refused("https://a@b/", RDV_ERR_FORMAT, "begins with shellS://");
    refused("shellS:/a@b/", RDV_ERR_FORMAT, "begins with shellS://");
    refused("shellS://", RDV_ERR_FORMAT, "no secure element");
    refused("shellS://b:8443/", RDV_ERR_FORMAT, "no secure element");
    refused("shellS:///x@b", RDV_ERR_FORMAT, "no secure element");
    refused("shellS://@b/", RDV_ERR_FORMAT, "(SEN)");
    refused("shellS://0123456789ABCDEF@b/", RDV_ERR_FORMAT, "1 to 15");
    refused("shellS://-a@b/", RDV_ERR_FORMAT, "(SEN)");
    refused("shellS://a%41@b/", RDV_ERR_FORMAT, "(SEN)");
    refused("shellS://a()@b/", RDV_ERR_FORMAT, "1 to 64");
    refused("shellS://a(x@b/", RDV_ERR_FORMAT, "parentheses");
    refused("shellS://a(x)y@b/", RDV_ERR_FORMAT, "parentheses");
    refused("shellS://a(x(y))@b/", RDV_ERR_FORMAT, "parentheses");
    refused("shellS://a(%4)@b/", RDV_ERR_FORMAT, "identity");
    refused("shellS://a(%GG)@b/", RDV_ERR_FORMAT, "identity");
    refused("shellS://a(%00)@b/", RDV_ERR_FORMAT, "control");
    refused("shellS://a(%7F)@b/", RDV_ERR_FORMAT, "control");
    refused("shellS://a(0123456789012345678901234567890123456789012345678901234567890123x)@b/",
            RDV_ERR_FORMAT, "1 to 64");
    refused("shellS://a@/", RDV_ERR_FORMAT, "is not HOST:PORT");
    refused("shellS://a@b@c/", RDV_ERR_FORMAT, "is not HOST:PORT");
    refused("shellS://a@b%41/", RDV_ERR_FORMAT, "is not HOST:PORT");
    refused("shellS://a@:8443/", RDV_ERR_FORMAT, "is not HOST:PORT");
    refused("shellS://a@::1/", RDV_ERR_FORMAT, "is not HOST:PORT");
    refused("shellS://a@[::1/", RDV_ERR_FORMAT, "is not HOST:PORT");
    refused("shellS://a@[]/", RDV_ERR_FORMAT, "is not HOST:PORT");
    refused("shellS://a@[b]/", RDV_ERR_FORMAT, "is not HOST:PORT");
    refused("shellS://a@[::1]8443/", RDV_ERR_FORMAT, "is not HOST:PORT");
    refused("shellS://a@[::1%250/\n]/", RDV_ERR_FORMAT, "is not HOST:PORT");
    refused("shellS://a@b:/", RDV_ERR_RANGE, "65535");
    refused("shellS://a@b:0/", RDV_ERR_RANGE, "65535");
    refused("shellS://a@b:65536/", RDV_ERR_RANGE, "65535");
    refused("shellS://a@b:100000/", RDV_ERR_RANGE, "65535");
    refused("shellS://a@b:999999999999999999999/", RDV_ERR_RANGE, "65535");
    refused("shellS://a@b:84x3/", RDV_ERR_FORMAT, "is not a number");
    refused("shellS://a@b:-1/", RDV_ERR_FORMAT, "is not a number");
    refused("shellS://a@b/record/", RDV_ERR_FORMAT, "00 to FF");
    refused("shellS://a@b/record/100", RDV_ERR_FORMAT, "00 to FF");
    refused("shellS://a@b/record/0x", RDV_ERR_FORMAT, "00 to FF");
    refused("shellS://a@b/record/00?query=I00", RDV_ERR_FORMAT, "there may be");
    refused("shellS://a@b/records", RDV_ERR_FORMAT, "there may be");
    refused("shellS://a@b/?", RDV_ERR_FORMAT, "query=COMMAND");
    refused("shellS://a@b/?query=", RDV_ERR_FORMAT, "query=COMMAND");
    refused("shellS://a@b/?cmd=?00", RDV_ERR_FORMAT, "query=COMMAND");
    refused("shellS://a@b/?query=?00&x=1", RDV_ERR_FORMAT, "%26");
    refused("shellS://a@b/?query=?00%", RDV_ERR_FORMAT, "%XX");
    refused("shellS://a@b/?query=?00%0d%0a?02", RDV_ERR_FORMAT, "control");
    refused("shellS://a@b/?query=?00#top", RDV_ERR_FORMAT, "fragment");
    refused("shellS://a@b#top", RDV_ERR_FORMAT, "fragment");
}

/* What stands where the key should is as good as the key. */
static void a_wrong_key_is_refused_and_not_repeated(void)
{
    static const char *const wrong[] = {
        "shellS://a:@b/",
        "shellS://a:0102@b/",
        "shellS://a:" KEY "0@b/",
        "shellS://a:" KEY "00@b/",
        "shellS://a:g102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F21(x)@b/",
    };
    struct rdv_uri uri;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct rdv_why why = { "" };

        T_ERR(rdv_uri_parse(&uri, wrong[i], &why), RDV_ERR_FORMAT);
        T_TRUE(strstr(why.text, "64 hex digits") != NULL);
        T_TRUE(strstr(why.text, "0102") == NULL && strstr(why.text, "1F21") == NULL);
    }
    refused("shellS://a:0000000000000000000000000000000000000000000000000000000000000000@b/",
            RDV_ERR_WEAK, "all zero");
    /* A key without its name, and one behind another's. */
    refused("shellS://" KEY "(x)@b/", RDV_ERR_FORMAT, "(SEN)");
    refused("shellS://a:" KEY ":" KEY "@b/", RDV_ERR_FORMAT, "64 hex digits");
}

static void a_uri_has_an_end(void)
{
    static char text[RDV_URI_MAX + 1];
    static const char head[] = "shellS://a@b/?query=";

    memset(text, 'x', sizeof(text));
    memcpy(text, head, sizeof(head) - 1);
    text[RDV_URI_MAX - 1] = '\0';
    T_UINT(strlen(parsed(text).command), RDV_URI_MAX - sizeof(head));
    text[RDV_URI_MAX - 1] = 'x';
    text[RDV_URI_MAX] = '\0';
    refused(text, RDV_ERR_LIMIT, "at most 4095");
}

static void what_is_written_reads_back(void)
{
    static const char *const texts[][2] = {
        { "SHELLS://a@b", "shellS://a@b:8443/" },
        { "shellS://a:" KEY "(o%28x%29%40%2f)@[::1]:1/?query=Z00a%20b%26%23%25%2b!?",
          "shellS://a:" KEY "(o%28x%29%40%2F)@[::1]:1/?query=Z00a%20b%26%23%25%2B!?" },
        { "shellS://a@[fe80::1%25eth0]/record/0a", "shellS://a@[fe80::1%25eth0]:8443/record/0A" },
        { "shellS://a(x)@HOST:PORT/", "shellS://a(x)@HOST:PORT/" },
        { "shellS://a(\xc3\xa9)@b:2", "shellS://a(%C3%A9)@b:2/" },
    };
    char out[300];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct rdv_uri uri = parsed(texts[i][0]);

        T_OK(rdv_uri_format(out, sizeof(out), &uri, true));
        is(out, texts[i][1]);
    }
}

static void the_key_is_written_only_when_asked(void)
{
    const struct rdv_uri uri = parsed("shellS://a:" KEY "(x)@b/");
    char out[100];

    T_OK(rdv_uri_format(out, sizeof(out), &uri, false));
    is(out, "shellS://a(x)@b:8443/");
    T_ERR(rdv_uri_format(out, 21, &uri, false), RDV_ERR_LIMIT);
    is(out, "");
    T_OK(rdv_uri_format(out, 22, &uri, false));
}

static CU_TestInfo tests[] = {
    T_CASE(the_form_of_the_draft_is_read_in_full),
    T_CASE(every_part_but_name_and_host_may_be_missing),
    T_CASE(a_record_is_named_by_its_number),
    T_CASE(what_is_percent_encoded_is_itself_again),
    T_CASE(an_ipv6_address_stands_in_brackets),
    T_CASE(the_placeholder_of_a_card_is_no_address),
    T_CASE(each_part_can_be_wrong),
    T_CASE(a_wrong_key_is_refused_and_not_repeated),
    T_CASE(a_uri_has_an_end),
    T_CASE(what_is_written_reads_back),
    T_CASE(the_key_is_written_only_when_asked),
    T_END,
};

T_SUITE(librdv_uri, tests);
