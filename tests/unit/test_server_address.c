/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rdv_server/address.h"

#include "tests/support/test.h"

static void what_is_parsed_is_written_the_same(void)
{
    static const char *const same[] = { "127.0.0.1:0", "192.0.2.7:65535", "[::]:1",
                                        "[2001:db8::1]:50122" };
    struct sockaddr_storage address;
    char text[RDV_ADDRESS_TEXT];

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        T_OK(rdv_address_parse(&address, same[i]));
        rdv_address_text(text, (const struct sockaddr *)&address);
        T_TEXT(rdv_span_of(text), same[i]);
    }
}

/* Else all of them would be one IPv6 network to those who count failures. */
static void an_ipv4_client_of_an_ipv6_socket_is_called_by_its_own_address(void)
{
    struct sockaddr_storage address;
    char text[RDV_ADDRESS_TEXT];

    T_OK(rdv_address_parse(&address, "[::ffff:192.0.2.7]:50122"));
    rdv_address_text(text, (const struct sockaddr *)&address);
    T_TEXT(rdv_span_of(text), "192.0.2.7:50122");
}

static void refuses_what_is_not_an_address_and_a_port(void)
{
    static const char *const bad[] = {
        "",
        "1",
        "127.0.0.1",
        "127.0.0.1:",
        ":1",
        "127.0.0.1:65536",
        "127.1:80",
        "[::1]",
        "[::1]:",
        "[::1]80",
        "::1:80",
        "localhost:80",
        "[]:80",
        "[::1:80",
        "127.0.0.1:-1",
        "[x]:80",
        "127.0.0.1:+1",
        "127.0.0.1:1x",
        "127.0.0.1: 1",
        "[0000:0000:0000:0000:0000:0000:0000:0000:0000]:1",
    };
    struct sockaddr_storage address;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        T_ERR(rdv_address_parse(&address, bad[i]), RDV_ERR_USAGE);
}

static void knows_the_address_that_stands_for_all(void)
{
    static const struct {
        const char *text;
        bool any;
    } addresses[] = {
        { "0.0.0.0:8443", true }, { "[::]:8443", true },       { "127.0.0.1:8443", false },
        { "0.0.0.1:0", false },   { "[2001:db8::]:1", false }, { "[::1]:1", false },
    };
    struct sockaddr_storage address;

    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        T_OK(rdv_address_parse(&address, addresses[i].text));
        T_TRUE(rdv_address_is_any((const struct sockaddr *)&address) == addresses[i].any);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(what_is_parsed_is_written_the_same),
    T_CASE(an_ipv4_client_of_an_ipv6_socket_is_called_by_its_own_address),
    T_CASE(refuses_what_is_not_an_address_and_a_port),
    T_CASE(knows_the_address_that_stands_for_all),
    T_END,
};

T_SUITE(server_address, tests);
