/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/broker.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "tests/support/test.h"

static struct rdv_broker_address address;
static struct rdv_broker_secret secret;
static struct rdv_why why;

static void expect_address(const char *text, bool tls, const char *host, uint16_t port)
{
    T_OK(rdv_broker_parse(&address, text, &why));
    T_TRUE(address.tls == tls);
    T_TEXT(rdv_span_of(address.host), host);
    T_UINT(address.port, port);
}

static void refuses(const char *text, enum rdv_err err)
{
    T_ERR(rdv_broker_parse(&address, text, &why), err);
    T_TRUE(strstr(why.text, "is not mqtt://HOST:PORT") != NULL);
    T_TRUE(address.host[0] == '\0' && address.port == 0);
}

static void reads_where_a_broker_is(void)
{
    expect_address("mqtt://127.0.0.1:1884", false, "127.0.0.1", 1884);
    expect_address("mqtts://broker.example.com:8884", true, "broker.example.com", 8884);
    expect_address("mqtt://b", false, "b", 1883);
    expect_address("mqtts://b", true, "b", 8883);
    expect_address("mqtts://[::1]:1", true, "[::1]", 1);
    expect_address("mqtt://[fe80::1%eth0]", false, "[fe80::1%eth0]", 1883);
    expect_address("mqtt://a_b-c:65535", false, "a_b-c", 65535);
}

static void refuses_what_is_no_address_of_a_broker(void)
{
    char text[400];

    refuses("", RDV_ERR_FORMAT);
    refuses("127.0.0.1:1883", RDV_ERR_FORMAT);
    refuses("tcp://127.0.0.1:1883", RDV_ERR_FORMAT);
    refuses("MQTT://127.0.0.1", RDV_ERR_FORMAT);
    refuses("mqtt://", RDV_ERR_FORMAT);
    refuses("mqtt://:1883", RDV_ERR_FORMAT);
    refuses("mqtt://a:", RDV_ERR_FORMAT);
    refuses("mqtt://a:b", RDV_ERR_FORMAT);
    refuses("mqtt://a:1/", RDV_ERR_FORMAT);
    refuses("mqtt://a/b", RDV_ERR_FORMAT);
    refuses("mqtt://u:p@a", RDV_ERR_FORMAT);
    refuses("mqtt://u@a", RDV_ERR_FORMAT);
    refuses("mqtt://[::1", RDV_ERR_FORMAT);
    refuses("mqtt://[]", RDV_ERR_FORMAT);
    refuses("mqtt://[::1]x", RDV_ERR_FORMAT);
    refuses("mqtt://::1", RDV_ERR_FORMAT);
    refuses("mqtt://a:0", RDV_ERR_RANGE);
    refuses("mqtt://a:65536", RDV_ERR_RANGE);
    refuses("mqtt://a:99999999999999999999", RDV_ERR_RANGE);
    (void)snprintf(text, sizeof(text), "mqtt://%0256d", 1);
    refuses(text, RDV_ERR_LIMIT);
    (void)snprintf(text, sizeof(text), "mqtt://%0255d", 1);
    T_OK(rdv_broker_parse(&address, text, &why));
}

/* --- secrets ---------------------------------------------------------------------------------- */

static const char *file_of(const char *text)
{
    static char path[200];

    (void)snprintf(path, sizeof(path), "%s/secret", t_temp_dir());
    T_OK(rdv_file_replace(path, rdv_span_of(text), 0600));
    return path;
}

static void reads_a_user_and_the_password(void)
{
    T_OK(rdv_broker_password_read(&secret, file_of("bridge:pass:word \n"), &why));
    T_TEXT(rdv_span_of(secret.name), "bridge");
    T_TEXT(((struct rdv_span){ secret.bytes, secret.n }), "pass:word ");
    T_OK(rdv_broker_password_read(&secret, file_of("bridge:\r\n"), &why));
    T_UINT(secret.n, 0);
    T_OK(rdv_broker_password_read(&secret, file_of("bridge:x"), &why));
    T_UINT(secret.n, 1);
}

static void reads_an_identity_and_the_key(void)
{
    T_OK(rdv_broker_psk_read(&secret, file_of("bridge:000102030405060708090A0b0c0d0e0f\n"), &why));
    T_TEXT(rdv_span_of(secret.name), "bridge");
    T_SPAN(((struct rdv_span){ secret.bytes, secret.n }),
           t_hex("000102030405060708090A0B0C0D0E0F"));
}

/* Refused, with nothing left of it, and nothing of it in the reason. */
static void refuses_secret(enum rdv_err got, enum rdv_err want)
{
    static const struct rdv_broker_secret none;

    T_ERR(got, want);
    T_TRUE(memcmp(&secret, &none, sizeof(none)) == 0);
    T_TRUE(strstr(why.text, "secret") != NULL); /* the path */
    T_TRUE(strstr(why.text, "0001") == NULL);
}

static void refuses_what_is_no_secret(void)
{
    char text[800];

    refuses_secret(rdv_broker_password_read(&secret, file_of(""), &why), RDV_ERR_FORMAT);
    refuses_secret(rdv_broker_password_read(&secret, file_of("0001\n"), &why), RDV_ERR_FORMAT);
    refuses_secret(rdv_broker_password_read(&secret, file_of(":0001\n"), &why), RDV_ERR_FORMAT);
    refuses_secret(rdv_broker_password_read(&secret, file_of("a:0001\nb:0001\n"), &why),
                   RDV_ERR_FORMAT);
    refuses_secret(rdv_broker_psk_read(&secret, file_of("a:0001"), &why), RDV_ERR_FORMAT);
    refuses_secret(
            rdv_broker_psk_read(&secret, file_of("a:000102030405060708090A0b0c0d0e0x"), &why),
            RDV_ERR_FORMAT);
    refuses_secret(
            rdv_broker_psk_read(&secret, file_of("a:000102030405060708090A0b0c0d0e0f0"), &why),
            RDV_ERR_FORMAT);
    (void)snprintf(text, sizeof(text), "a:%0130d", 1);
    refuses_secret(rdv_broker_psk_read(&secret, file_of(text), &why), RDV_ERR_FORMAT);
    (void)snprintf(text, sizeof(text), "a:%0128d", 1);
    T_OK(rdv_broker_psk_read(&secret, file_of(text), &why));
    (void)snprintf(text, sizeof(text), "a:%0257d", 1);
    refuses_secret(rdv_broker_password_read(&secret, file_of(text), &why), RDV_ERR_LIMIT);
    (void)snprintf(text, sizeof(text), "%0129d:x", 1);
    refuses_secret(rdv_broker_password_read(&secret, file_of(text), &why), RDV_ERR_LIMIT);
    (void)snprintf(text, sizeof(text), "a:%0700d", 1);
    refuses_secret(rdv_broker_password_read(&secret, file_of(text), &why), RDV_ERR_LIMIT);
}

static void refuses_a_file_that_others_can_read(void)
{
    const char *path = file_of("a:b\n");

    T_OK(rdv_file_replace(path, RDV_LIT("a:b\n"), 0640));
    refuses_secret(rdv_broker_password_read(&secret, path, &why), RDV_ERR_EXPOSED);
    T_ERR(rdv_broker_key_check(path, &why), RDV_ERR_EXPOSED);
    T_OK(rdv_file_replace(path, RDV_LIT("a:b\n"), 0600));
    T_OK(rdv_broker_key_check(path, &why));
    refuses_secret(rdv_broker_psk_read(&secret, "/nonexistent/secret", &why), RDV_ERR_ABSENT);
    T_ERR(rdv_broker_key_check("/nonexistent/secret", &why), RDV_ERR_ABSENT);
}

static CU_TestInfo tests[] = {
    T_CASE(reads_where_a_broker_is),
    T_CASE(refuses_what_is_no_address_of_a_broker),
    T_CASE(reads_a_user_and_the_password),
    T_CASE(reads_an_identity_and_the_key),
    T_CASE(refuses_what_is_no_secret),
    T_CASE(refuses_a_file_that_others_can_read),
    T_END,
};

T_SUITE(base_broker, tests);
