/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The card's TLS against an independent client, both in memory. */
#include "se_card/tls.h"

#include <string.h>

#include "schema/wire/client_hello.h"
#include "schema/wire/tls_record.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

static struct t_element element;

/* What a client gets that offers this: the alert, or -1 when the session opens. */
static int alert_for(const struct t_client_options *options)
{
    struct t_rig rig;
    int alert;

    t_rig_open(&rig, element.el, options);
    alert = t_client_alert(rig.client);
    T_TRUE(t_client_is_open(rig.client) == (alert < 0));
    t_rig_close(&rig);
    return alert;
}

static void strangers_and_wrong_keys_get_the_same_alert(void)
{
    struct t_client_options wrong = t_client_published(), stranger = wrong, disabled = wrong;

    element = t_element_new(true);
    wrong.psk.bytes[31] ^= 1;
    stranger.identity = "nobody";
    disabled.identity = "guest"; /* made disabled, with the demonstration key */
    T_TRUE(alert_for(&wrong) > 0);
    T_UINT((unsigned)alert_for(&stranger), (unsigned)alert_for(&wrong));
    T_UINT((unsigned)alert_for(&disabled), (unsigned)alert_for(&wrong));
    t_element_free(&element);
}

static void refuses_groups_and_suites_it_does_not_have(void)
{
    struct t_client_options o = t_client_published();

    element = t_element_new(true);
    o.groups = "P-384";
    T_UINT((unsigned)alert_for(&o), RDV_ALERT_HANDSHAKE_FAILURE);
    o.groups = NULL;
    o.suites = "TLS_AES_128_CCM_8_SHA256";
    T_UINT((unsigned)alert_for(&o), RDV_ALERT_HANDSHAKE_FAILURE);
    t_element_free(&element);
}

static void takes_its_three_suites_and_two_groups(void)
{
    static const char *const suites[] = { "TLS_AES_128_CCM_SHA256", "TLS_AES_128_GCM_SHA256",
                                          "TLS_CHACHA20_POLY1305_SHA256" };
    static const char *const groups[] = { "P-256", "X25519", "P-384:P-256", "P-384:X25519" };
    struct t_client_options o = t_client_published();
    struct t_rig rig;

    element = t_element_new(true);
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 4; j++) {
            o.suites = suites[i];
            o.groups = groups[j];
            t_rig_open(&rig, element.el, &o);
            T_MUST(t_client_is_open(rig.client));
            T_TRUE(strcmp(t_client_suite(rig.client), suites[i]) == 0);
            T_TEXT(t_rig_say(&rig, "?01hello\r\n"), "hello\r\n");
            t_rig_close(&rig);
        }
    }
    o.suites = o.groups = NULL;
    t_rig_open(&rig, element.el, &o);
    T_TRUE(t_client_is_open(rig.client));
    t_rig_close(&rig);
    t_element_free(&element);
}

/* --- ClientHellos that no library makes ------------------------------------------------------- */

static struct rdv_buf hello;

/* A recorded first flight, to be changed by hand. */
static void record_hello(void)
{
    const struct t_client_options o = t_client_published();
    struct t_client *client = t_client_new(&o);

    hello = RDV_BUF(1 << 16);
    t_client_step(client, RDV_LIT(""), &hello);
    t_client_free(client);
}

/* The body of an extension in it, to be written to. */
static uint8_t *extension(uint8_t type)
{
    for (size_t i = RDV_TLS_HEADER + 4 + 2 + 32 + 1 + 32; i + 4 < rdv_buf_len(&hello); i++) {
        uint8_t *p = hello.p + hello.start + i;

        if (p[0] == 0 && p[1] == type && p[2] == 0 && p[3] > 0 && p[3] < 0x60)
            return p + 4;
    }
    T_MUST(false);
    return NULL;
}

/* The alert in clear that a session of its own answers this with, or -1. */
static int alert_in_clear(struct rdv_span records)
{
    struct rdv_span out, record;
    struct se_tls *tls;
    int alert = -1;

    T_MUST_OK(se_tls_new(&tls, element.el->tls, NULL, NULL));
    while (records.n > 0 && se_tls_state(tls) != SE_TLS_FAILED) {
        T_MUST_OK(rdv_tls_record_peek(&record, records));
        T_MUST(record.n > 0);
        (void)!se_tls_feed(tls, record);
        records.p += record.n;
        records.n -= record.n;
    }
    out = rdv_buf_view(se_tls_output(tls));
    if (out.n == 7 && out.p[0] == RDV_TLS_ALERT && out.p[5] == 2)
        alert = out.p[6];
    T_TRUE((alert >= 0) == (se_tls_state(tls) == SE_TLS_FAILED));
    T_TRUE(alert < 0 || se_tls_reason(tls)[0] != '\0');
    se_tls_free(tls);
    return alert;
}

static void refuses_what_is_outside_its_profile(void)
{
    element = t_element_new(true);
    record_hello();
    extension(45)[1] = 0; /* psk_ke instead of psk_dhe_ke */
    T_UINT((unsigned)alert_in_clear(rdv_buf_view(&hello)), RDV_ALERT_HANDSHAKE_FAILURE);
    rdv_buf_free(&hello);
    record_hello();
    extension(45)[-3] = 0x77; /* psk_key_exchange_modes becomes an extension nobody knows */
    T_UINT((unsigned)alert_in_clear(rdv_buf_view(&hello)), RDV_ALERT_MISSING_EXTENSION);
    rdv_buf_free(&hello);
    record_hello();
    extension(41)[-3] = 0x77; /* so does pre_shared_key */
    T_UINT((unsigned)alert_in_clear(rdv_buf_view(&hello)), RDV_ALERT_MISSING_EXTENSION);
    rdv_buf_free(&hello);
    record_hello();
    extension(43)[2] = 3; /* TLS 1.2 */
    T_UINT((unsigned)alert_in_clear(rdv_buf_view(&hello)), RDV_ALERT_PROTOCOL_VERSION);
    rdv_buf_free(&hello);
    T_UINT((unsigned)alert_in_clear(t_hex("16 0301 0005 02 000001 00")), RDV_ALERT_DECODE_ERROR);
    t_element_free(&element);
}

/* What the element's own lookup does, so that a recorded hello meets a key. */
static void give_root_key(void *user, struct rdv_key *out, const struct rdv_client_hello *offered)
{
    unsigned *calls = user;

    (void)offered;
    *out = t_client_published().psk;
    (*calls)++;
}

static void a_hello_cut_into_many_records_is_one_hello(void)
{
    struct rdv_span body;
    struct se_tls *tls;
    unsigned calls = 0;

    element = t_element_new(true);
    record_hello();
    body = rdv_buf_view(&hello);
    body.p += RDV_TLS_HEADER;
    body.n -= RDV_TLS_HEADER;
    T_MUST_OK(se_tls_new(&tls, element.el->tls, give_root_key, &calls));
    for (size_t at = 0; at < body.n;) {
        const size_t n = body.n - at < 60 ? body.n - at : 60;
        uint8_t record[RDV_TLS_HEADER + 60] = { RDV_TLS_HANDSHAKE, 3, 1, 0, (uint8_t)n };

        memcpy(record + RDV_TLS_HEADER, body.p + at, n);
        at += n;
        T_OK(se_tls_feed(tls, (struct rdv_span){ record, RDV_TLS_HEADER + n }));
        T_UINT(calls, at == body.n);
    }
    T_UINT(rdv_buf_len(se_tls_output(tls)), 252);
    se_tls_free(tls);
    rdv_buf_free(&hello);
    t_element_free(&element);
}

static void a_hello_may_not_be_interrupted(void)
{
    struct rdv_buf two = RDV_BUF(1 << 12);

    element = t_element_new(true);
    T_OK(rdv_put_bytes(&two, t_hex("16 0301 0004 01 000100  14 0303 0001 01")));
    T_UINT((unsigned)alert_in_clear(rdv_buf_view(&two)), RDV_ALERT_UNEXPECTED_MESSAGE);
    rdv_buf_free(&two);
    t_element_free(&element);
}

static void every_altered_hello_is_refused_or_fails_as_a_wrong_key(void)
{
    unsigned refused = 0, calls = 0;

    element = t_element_new(true);
    record_hello();
    for (size_t i = RDV_TLS_HEADER; i < rdv_buf_len(&hello); i++) {
        struct se_tls *tls;

        hello.p[hello.start + i] ^= 0x20;
        T_MUST_OK(se_tls_new(&tls, element.el->tls, give_root_key, &calls));
        /* The binder covers every byte of the hello before it: nothing altered can open. */
        if (i >= RDV_TLS_HEADER + 4)
            refused += se_tls_feed(tls, rdv_buf_view(&hello)) == RDV_ERR_TLS;
        else
            (void)!se_tls_feed(tls, rdv_buf_view(&hello));
        T_TRUE(se_tls_state(tls) != SE_TLS_OPEN);
        se_tls_free(tls);
        hello.p[hello.start + i] ^= 0x20;
    }
    T_UINT(refused, rdv_buf_len(&hello) - RDV_TLS_HEADER - 4);
    rdv_buf_free(&hello);
    t_element_free(&element);
}

/* A session of its own, not a card's: what the client sends goes to `tls`, and back. */
static void exchange(struct se_tls *tls, struct t_client *client)
{
    struct rdv_buf sent = RDV_BUF(1 << 16);
    struct rdv_span view, record;

    t_client_step(client, rdv_buf_view(se_tls_output(tls)), &sent);
    rdv_buf_clear(se_tls_output(tls));
    for (view = rdv_buf_view(&sent); view.n > 0; view.p += record.n, view.n -= record.n) {
        T_MUST_OK(rdv_tls_record_peek(&record, view));
        T_MUST_OK(se_tls_feed(tls, record));
    }
    rdv_buf_free(&sent);
}

static void both_ends_export_the_same_and_each_session_another(void)
{
    static const char *const suites[] = { "TLS_AES_128_CCM_SHA256", "TLS_AES_128_GCM_SHA256",
                                          "TLS_CHACHA20_POLY1305_SHA256" };
    uint8_t ours[3][SE_TLS_EXPORT_BYTES], theirs[SE_TLS_EXPORT_BYTES];
    const uint8_t nothing[SE_TLS_EXPORT_BYTES] = { 0 };
    struct t_client_options o = t_client_published();

    element = t_element_new(true);
    for (size_t i = 0; i < 3; i++) {
        struct t_client *client;
        struct se_tls *tls;
        unsigned calls = 0;

        o.suites = suites[i];
        client = t_client_new(&o);
        T_MUST_OK(se_tls_new(&tls, element.el->tls, give_root_key, &calls));
        exchange(tls, client);
        T_ERR(se_tls_export(tls, ours[i]), RDV_ERR_STATE);
        T_TRUE(memcmp(ours[i], nothing, sizeof(nothing)) == 0);
        exchange(tls, client);
        T_MUST(t_client_is_open(client) && se_tls_state(tls) == SE_TLS_OPEN);
        T_OK(se_tls_export(tls, ours[i]));
        t_client_export(client, theirs, sizeof(theirs), "rdv acp");
        T_TRUE(memcmp(ours[i], theirs, sizeof(theirs)) == 0);
        T_TRUE(i == 0 || memcmp(ours[i], ours[i - 1], sizeof(theirs)) != 0);
        se_tls_free(tls);
        t_client_free(client);
    }
    t_element_free(&element);
}

static CU_TestInfo tests[] = {
    T_CASE(strangers_and_wrong_keys_get_the_same_alert),
    T_CASE(refuses_groups_and_suites_it_does_not_have),
    T_CASE(refuses_what_is_outside_its_profile),
    T_CASE(a_hello_may_not_be_interrupted),
    T_CASE(every_altered_hello_is_refused_or_fails_as_a_wrong_key),
    T_CASE(takes_its_three_suites_and_two_groups),
    T_CASE(a_hello_cut_into_many_records_is_one_hello),
    T_CASE(both_ends_export_the_same_and_each_session_another),
    T_END,
};

T_SUITE(se_card_tls, tests);
