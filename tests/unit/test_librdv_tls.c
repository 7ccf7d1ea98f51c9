/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/librdv/tls.h"

#include <string.h>

#include "schema/wire/tls_record.h"
#include "tests/support/test.h"
#include "tests/support/tls_server.h"
#include "tests/unit/alloc_fault.h"

/* A client and a server joined in memory. */
struct pair {
    struct guest_tls *tls;
    struct t_server *server;
    struct rdv_buf to_client;
    struct rdv_why why;
    enum rdv_err err; /* the first the client met */
};

static struct guest_tls_options usual(const struct t_server_options *server)
{
    return (struct guest_tls_options){ "key1.com", "root", &server->psk, NULL, NULL };
}

/* Moves bytes both ways until nobody has any to send; one byte at a time to the client if asked. */
static void move(struct pair *p, bool in_bytes)
{
    struct rdv_buf *out;

    while (p->err == RDV_OK &&
           (rdv_buf_len(out = guest_tls_output(p->tls)) > 0 || rdv_buf_len(&p->to_client) > 0)) {
        t_server_step(p->server, rdv_buf_view(out), &p->to_client);
        rdv_buf_consume(out, rdv_buf_len(out));
        while (rdv_buf_len(&p->to_client) > 0 && p->err == RDV_OK) {
            struct rdv_span next = rdv_buf_view(&p->to_client);

            if (in_bytes)
                next.n = 1;
            if (next.n > guest_tls_room(p->tls))
                return;
            p->err = guest_tls_feed(p->tls, next, &p->why);
            rdv_buf_consume(&p->to_client, next.n);
        }
    }
}

static struct pair meet(const struct guest_tls_options *client,
                        const struct t_server_options *server, bool in_bytes)
{
    struct pair p = { .to_client = RDV_BUF(1 << 20) };

    T_MUST_OK(guest_tls_new(&p.tls, client));
    p.server = t_server_new(server);
    move(&p, in_bytes);
    return p;
}

static void part(struct pair *p)
{
    guest_tls_free(p->tls);
    t_server_free(p->server);
    rdv_buf_free(&p->to_client);
}

static struct pair usual_pair(void)
{
    const struct t_server_options server = t_server_usual();
    const struct guest_tls_options client = usual(&server);
    const struct pair p = meet(&client, &server, false);

    T_MUST_OK(p.err);
    T_MUST(guest_tls_state(p.tls) == GUEST_TLS_OPEN && t_server_is_open(p.server));
    return p;
}

static void meets_a_server_of_another_make(void)
{
    struct pair p = usual_pair();
    struct rdv_buf text = RDV_BUF(1 << 16);

    T_TEXT(rdv_span_of(t_server_asked(p.server)), "key1.com");
    T_OK(guest_tls_write(p.tls, RDV_LIT("I00\r\n")));
    move(&p, false);
    t_server_read(p.server, &text);
    T_TEXT(rdv_buf_view(&text), "I00\r\n");
    rdv_buf_clear(&text);
    t_server_write(p.server, RDV_LIT("hello\r\n"), &p.to_client);
    t_server_write(p.server, RDV_LIT("again\r\n"), &p.to_client);
    move(&p, false);
    T_OK(guest_tls_read(p.tls, &text, &p.why));
    T_TEXT(rdv_buf_view(&text), "hello\r\n"); /* a record at a time */
    T_OK(guest_tls_read(p.tls, &text, &p.why));
    T_ERR(guest_tls_read(p.tls, &text, &p.why), RDV_ERR_ABSENT);
    T_TEXT(rdv_buf_view(&text), "hello\r\nagain\r\n");
    rdv_buf_free(&text);
    part(&p);
}

static void bytes_may_come_one_by_one(void)
{
    const struct t_server_options server = t_server_usual();
    const struct guest_tls_options client = usual(&server);
    struct pair p = meet(&client, &server, true);

    T_OK(p.err);
    T_TRUE(guest_tls_state(p.tls) == GUEST_TLS_OPEN);
    part(&p);
}

static void takes_the_suites_and_groups_of_the_protocol(void)
{
    static const struct {
        const char *suite, *group;
    } cases[] = {
        { "TLS_AES_128_CCM_SHA256", "P-256" },
        { "TLS_AES_128_CCM_SHA256", "X25519" },
        { "TLS_AES_128_GCM_SHA256", "P-256" },
        { "TLS_CHACHA20_POLY1305_SHA256", "P-256" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct t_server_options server = t_server_usual();
        struct guest_tls_options client = usual(&server);
        struct pair p;

        client.suite = server.suites = cases[i].suite;
        server.groups = cases[i].group;
        p = meet(&client, &server, false);
        T_OK(p.err);
        T_TEXT(rdv_span_of(guest_tls_suite(p.tls)), cases[i].suite);
        part(&p);
    }
}

static void both_ends_export_the_same_value(void)
{
    struct pair p = usual_pair();
    uint8_t ours[GUEST_TLS_EXPORT_BYTES], theirs[GUEST_TLS_EXPORT_BYTES];

    T_OK(guest_tls_export(p.tls, ours));
    t_server_export(p.server, "rdv acp", theirs, sizeof(theirs));
    T_TRUE(memcmp(ours, theirs, sizeof(ours)) == 0);
    part(&p);
}

static void the_protocol_asked_for_must_be_spoken(void)
{
    struct t_server_options server = t_server_usual();
    struct guest_tls_options client = usual(&server);
    struct pair p;

    client.alpn = "rdv/1";
    server.alpn = "rdv/1";
    p = meet(&client, &server, false);
    T_OK(p.err);
    part(&p);
    server.alpn = NULL; /* it ignores the extension, as a card that does not know it */
    p = meet(&client, &server, false);
    T_ERR(p.err, RDV_ERR_VERSION);
    T_TRUE(guest_tls_state(p.tls) == GUEST_TLS_FAILED);
    part(&p);
    server.alpn = "h2";
    p = meet(&client, &server, false);
    T_ERR(p.err, RDV_ERR_VERSION);
    part(&p);
}

/* The handshake must fail so, with a reason, and nothing can be said or heard then. */
static void fails(const struct guest_tls_options *client, const struct t_server_options *server,
                  enum rdv_err want)
{
    struct pair p = meet(client, server, false);
    struct rdv_buf text = RDV_BUF(1 << 16);

    T_ERR(p.err, want);
    T_TRUE(p.why.text[0] != '\0');
    T_TRUE(guest_tls_state(p.tls) == GUEST_TLS_FAILED);
    T_ERR(guest_tls_write(p.tls, RDV_LIT("x")), RDV_ERR_TLS);
    T_ERR(guest_tls_read(p.tls, &text, &p.why), RDV_ERR_TLS);
    T_ERR(guest_tls_feed(p.tls, RDV_LIT("x"), &p.why), RDV_ERR_TLS);
    rdv_buf_free(&text);
    part(&p);
}

static void a_server_without_the_key_is_refused(void)
{
    struct t_server_options server = t_server_usual();
    struct t_server_options other = t_server_usual();
    struct guest_tls_options client = usual(&server);

    other.psk.bytes[31] ^= 1;
    fails(&client, &other, RDV_ERR_TLS); /* illegal_parameter, says OpenSSL; a card decrypt_error */
    client.identity = "stranger";
    fails(&client, &server, RDV_ERR_TLS); /* OpenSSL looks for a certificate then */
    client.identity = "root";
    server.identity = NULL; /* it has a certificate, and no key */
    fails(&client, &server, RDV_ERR_TLS);
    server = t_server_usual();
    server.only_tls12 = true;
    fails(&client, &server, RDV_ERR_TLS);
}

static enum rdv_err answered(struct rdv_span bytes)
{
    const struct t_server_options server = t_server_usual();
    const struct guest_tls_options options = usual(&server);
    struct rdv_why why = { "" };
    struct guest_tls *tls;
    enum rdv_err err;

    T_MUST_OK(guest_tls_new(&tls, &options));
    err = guest_tls_feed(tls, bytes, &why);
    T_TRUE(err == RDV_OK || why.text[0] != '\0');
    guest_tls_free(tls);
    return err;
}

static void alerts_have_meanings(void)
{
    T_ERR(answered(t_hex("15030300020270")), RDV_ERR_ABSENT);
    T_ERR(answered(t_hex("15030300020233")), RDV_ERR_AUTH);
    T_ERR(answered(t_hex("15030300020273")), RDV_ERR_AUTH);
    T_ERR(answered(t_hex("15030300020250")), RDV_ERR_BUSY);
    T_ERR(answered(t_hex("15030300020278")), RDV_ERR_VERSION);
    T_ERR(answered(t_hex("15030300020228")), RDV_ERR_TLS);
    T_ERR(answered(t_hex("15030300020100")), RDV_ERR_TLS); /* close_notify */
}

static void what_is_not_tls_is_named_so(void)
{
    T_ERR(answered(RDV_LIT("HTTP/1.1 400 Bad Request\r\n")), RDV_ERR_FORMAT);
    T_ERR(answered(RDV_LIT("SSH-2.0-OpenSSH_9.2p1\r\n")), RDV_ERR_FORMAT);
    T_ERR(answered(RDV_LIT("")), RDV_OK);
    T_ERR(answered(t_hex("16")), RDV_OK);
    T_ERR(answered(t_hex("16 0303 FFFF")), RDV_ERR_FORMAT);
    T_ERR(answered(t_hex("16 0303 0004 FF000000")), RDV_ERR_TLS);
}

static void close_notify_is_the_end_and_nothing_else_is(void)
{
    struct pair p = usual_pair();
    struct rdv_buf text = RDV_BUF(1 << 16);

    t_server_write(p.server, RDV_LIT("last"), &p.to_client);
    t_server_close(p.server, &p.to_client);
    move(&p, false);
    T_OK(guest_tls_read(p.tls, &text, &p.why));
    T_ERR(guest_tls_read(p.tls, &text, &p.why), RDV_ERR_CLOSED);
    T_ERR(guest_tls_read(p.tls, &text, &p.why), RDV_ERR_CLOSED);
    T_TRUE(guest_tls_state(p.tls) == GUEST_TLS_CLOSED);
    T_TEXT(rdv_buf_view(&text), "last");
    rdv_buf_free(&text);
    part(&p);
}

static void a_changed_record_is_refused(void)
{
    struct pair p = usual_pair();
    struct rdv_buf text = RDV_BUF(1 << 16);
    uint8_t record[64];
    size_t n;

    t_server_write(p.server, RDV_LIT("hello"), &p.to_client);
    n = rdv_buf_len(&p.to_client);
    T_MUST(n <= sizeof(record));
    memcpy(record, rdv_buf_view(&p.to_client).p, n);
    record[n - 1] ^= 1;
    T_OK(guest_tls_feed(p.tls, (struct rdv_span){ record, n }, &p.why));
    T_ERR(guest_tls_read(p.tls, &text, &p.why), RDV_ERR_TLS);
    T_UINT(rdv_buf_len(&text), 0);
    rdv_buf_free(&text);
    part(&p);
}

static void new_keys_are_followed(void)
{
    struct pair p = usual_pair();
    struct rdv_buf text = RDV_BUF(1 << 16);

    t_server_update_keys(p.server, &p.to_client);
    t_server_write(p.server, RDV_LIT("after"), &p.to_client);
    move(&p, false);
    T_OK(guest_tls_read(p.tls, &text, &p.why));
    T_TEXT(rdv_buf_view(&text), "after");
    rdv_buf_clear(&text);
    T_OK(guest_tls_write(p.tls, RDV_LIT("and back")));
    move(&p, false);
    t_server_read(p.server, &text);
    T_TEXT(rdv_buf_view(&text), "and back");
    rdv_buf_free(&text);
    part(&p);
}

static void long_data_goes_out_in_records(void)
{
    static uint8_t data[40000];
    struct pair p = usual_pair();
    struct rdv_buf text = RDV_BUF(1 << 16);

    memset(data, 'x', sizeof(data));
    T_OK(guest_tls_write(p.tls, (struct rdv_span){ data, sizeof(data) }));
    move(&p, false);
    t_server_read(p.server, &text);
    T_SPAN(rdv_buf_view(&text), ((struct rdv_span){ data, sizeof(data) }));
    rdv_buf_free(&text);
    part(&p);
}

static void what_waits_to_be_sent_and_to_be_read_is_bounded(void)
{
    static uint8_t data[1 << 20];
    struct pair p = usual_pair();
    size_t held;

    for (int i = 0; i < 3; i++)
        T_OK(guest_tls_write(p.tls, (struct rdv_span){ data, sizeof(data) }));
    held = rdv_buf_len(guest_tls_output(p.tls));
    T_ERR(guest_tls_write(p.tls, (struct rdv_span){ data, sizeof(data) }), RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(guest_tls_output(p.tls)), held);
    T_OK(guest_tls_write(p.tls, RDV_LIT("still open")));
    t_server_write(p.server, (struct rdv_span){ data, 100000 }, &p.to_client);
    T_MUST(guest_tls_room(p.tls) < rdv_buf_len(&p.to_client));
    T_OK(guest_tls_feed(
            p.tls, (struct rdv_span){ rdv_buf_view(&p.to_client).p, guest_tls_room(p.tls) }, NULL));
    T_UINT(guest_tls_room(p.tls), 0);
    T_ERR(guest_tls_feed(p.tls, RDV_LIT("x"), NULL), RDV_ERR_LIMIT);
    part(&p);
}

static void nothing_is_said_before_the_session_is_open(void)
{
    const struct t_server_options server = t_server_usual();
    const struct guest_tls_options options = usual(&server);
    uint8_t value[GUEST_TLS_EXPORT_BYTES];
    struct rdv_buf text = RDV_BUF(1 << 16);
    struct guest_tls *tls;

    T_MUST_OK(guest_tls_new(&tls, &options));
    T_ERR(guest_tls_write(tls, RDV_LIT("x")), RDV_ERR_TLS);
    T_ERR(guest_tls_read(tls, &text, NULL), RDV_ERR_ABSENT);
    T_ERR(guest_tls_export(tls, value), RDV_ERR_STATE);
    guest_tls_free(tls);
    rdv_buf_free(&text);
}

static void an_unknown_suite_is_refused(void)
{
    const struct t_server_options server = t_server_usual();
    struct guest_tls_options options = usual(&server);
    struct guest_tls *tls;

    options.suite = "TLS_AES_256_GCM_SHA384";
    T_ERR(guest_tls_new(&tls, &options), RDV_ERR_RANGE);
    T_TRUE(tls == NULL);
}

static void an_identity_too_long_is_refused(void)
{
    const struct t_server_options server = t_server_usual();
    struct guest_tls_options options = usual(&server);
    struct guest_tls *tls;
    char identity[66];

    memset(identity, 'x', sizeof(identity));
    identity[65] = '\0';
    options.identity = identity;
    T_ERR(guest_tls_new(&tls, &options), RDV_ERR_LIMIT);
    T_TRUE(tls == NULL);
    identity[64] = '\0';
    T_OK(guest_tls_new(&tls, &options));
    guest_tls_free(tls);
}

static void memory_may_run_out_at_the_start(void)
{
    const struct t_server_options server = t_server_usual();
    const struct guest_tls_options options = usual(&server);

    for (t_alloc_sweep_begin(); t_alloc_sweep_next();) {
        struct guest_tls *tls;

        t_alloc_sweep_judge(guest_tls_new(&tls, &options));
        guest_tls_free(tls);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(meets_a_server_of_another_make),
    T_CASE(bytes_may_come_one_by_one),
    T_CASE(takes_the_suites_and_groups_of_the_protocol),
    T_CASE(both_ends_export_the_same_value),
    T_CASE(the_protocol_asked_for_must_be_spoken),
    T_CASE(a_server_without_the_key_is_refused),
    T_CASE(alerts_have_meanings),
    T_CASE(what_is_not_tls_is_named_so),
    T_CASE(close_notify_is_the_end_and_nothing_else_is),
    T_CASE(a_changed_record_is_refused),
    T_CASE(new_keys_are_followed),
    T_CASE(long_data_goes_out_in_records),
    T_CASE(what_waits_to_be_sent_and_to_be_read_is_bounded),
    T_CASE(nothing_is_said_before_the_session_is_open),
    T_CASE(an_unknown_suite_is_refused),
    T_CASE(an_identity_too_long_is_refused),
    T_CASE(memory_may_run_out_at_the_start),
    T_END,
};

T_SUITE(librdv_tls, tests);
