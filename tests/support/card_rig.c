/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/card_rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/wire/apdu.h"
#include "schema/wire/rpc.h"
#include "se_card/accounts.h"
#include "se_card/turn.h"
#include "tests/support/notation.h"
#include "tests/support/test.h"

#define NOW 1700000000

static struct se_element *open_element(const char *dir)
{
    const struct se_element_open open = {
        .dir = dir,
        .sen = "key1.com",
        .kek = "",
        .banner = "RDV keystore",
        .audit_keep = 1000,
        .log_quota = 1 << 30,
        .head_seconds = 3600,
        .free_failures = 3,
    };
    struct se_element *el;

    T_MUST_OK(se_element_open(&el, &open));
    el->now = NOW;
    return el;
}

struct t_element t_element_new(bool demo)
{
    struct t_element e = { .dir = t_temp_dir() };
    char kek[128], psk_file[128];
    const struct se_element_init init = {
        .dir = e.dir,
        .sen = "key1.com",
        .kek = kek,
        .root_psk_file = psk_file,
        .demo = demo,
        .now = NOW,
    };

    (void)snprintf(kek, sizeof(kek), "file:%s/kek", e.dir);
    (void)snprintf(psk_file, sizeof(psk_file), "%s.psk", e.dir);
    T_MUST_OK(se_tls_library_init());
    T_MUST_OK(se_element_init(&init));
    (void)remove(psk_file);
    e.el = open_element(e.dir);
    return e;
}

void t_element_free(struct t_element *e)
{
    se_element_close(e->el);
    e->el = NULL;
}

void t_element_reopen(struct t_element *e)
{
    se_element_close(e->el);
    e->el = open_element(e->dir);
}

/* Hands every response that is due to the client. */
static void take_responses(struct t_rig *rig)
{
    const uint8_t fetch[] = { 0, RDV_INS_GET_RESPONSE, 0, 0, 0, 0, 0 };
    struct rdv_buf back = RDV_BUF(1 << 20);
    struct rdv_span data;
    uint16_t sw;

    for (;;) {
        while (se_card_response(rig->card, &data, &sw)) {
            rig->sw = sw;
            t_client_step(rig->client, data, &back);
        }
        if (se_card_wants_turn(rig->card)) {
            se_turn_run(rig->el, &rig->card, 1);
        } else if ((rig->sw & 0xff00) == RDV_SW_MORE) {
            rig->sw = 0;
            T_MUST_OK(se_card_feed(rig->card, (struct rdv_span){ fetch, sizeof(fetch) }));
        } else {
            break;
        }
    }
    while (rdv_buf_len(&back) > 0 && rig->sw != RDV_SW_TLS) {
        struct rdv_span record;

        T_MUST_OK(rdv_tls_record_peek(&record, rdv_buf_view(&back)));
        T_MUST(record.n > 0);
        t_rig_record(rig, record);
        rdv_buf_consume(&back, record.n);
    }
    rdv_buf_free(&back);
}

static void feed(struct t_rig *rig, struct rdv_span record)
{
    struct rdv_buf command = RDV_BUF(RDV_LINK_COMMAND_MAX);
    const struct rdv_apdu apdu = {
        .ins = RDV_INS_SEND,
        .p2 = 3,
        .extended = true,
        .data = record,
        .le = 65536,
    };

    T_MUST_OK(rdv_apdu_encode(&command, &apdu));
    T_MUST_OK(se_card_feed(rig->card, rdv_buf_view(&command)));
    rdv_buf_free(&command);
}

void t_rig_record(struct t_rig *rig, struct rdv_span record)
{
    feed(rig, record);
    take_responses(rig);
}

void t_rig_ask(struct t_rig *rig, const char *text)
{
    struct rdv_buf records = RDV_BUF(1 << 20);

    rdv_buf_clear(&rig->text);
    t_client_write(rig->client, rdv_span_of(text), &records);
    feed(rig, rdv_buf_view(&records));
    rdv_buf_free(&records);
}

void t_rig_feed(struct t_rig *rig, struct rdv_span records)
{
    struct rdv_reader rd = { records };
    struct rdv_span record;

    while (rd.rest.n > 0) {
        T_MUST_OK(rdv_tls_record_peek(&record, rd.rest));
        T_MUST_OK(rdv_get_bytes(&rd, &record, record.n));
        feed(rig, record);
    }
}

struct rdv_span t_rig_hear(struct t_rig *rig)
{
    take_responses(rig);
    t_client_read(rig->client, &rig->text);
    return rdv_buf_view(&rig->text);
}

static void send_records(struct t_rig *rig, struct rdv_buf *records)
{
    while (rdv_buf_len(records) > 0) {
        struct rdv_span record;

        T_MUST_OK(rdv_tls_record_peek(&record, rdv_buf_view(records)));
        T_MUST(record.n > 0);
        t_rig_record(rig, record);
        rdv_buf_consume(records, record.n);
    }
}

void t_rig_open(struct t_rig *rig, struct se_element *el, const struct t_client_options *options)
{
    struct rdv_buf first = RDV_BUF(1 << 20);

    *rig = (struct t_rig){ .el = el, .text = RDV_BUF(1 << 26) };
    T_MUST_OK(se_card_new(&rig->card, el, RDV_LIT("192.0.2.7:50122")));
    rig->client = t_client_new(options);
    t_client_step(rig->client, RDV_LIT(""), &first);
    send_records(rig, &first);
    rdv_buf_free(&first);
}

void t_rig_close(struct t_rig *rig)
{
    se_card_free(rig->card);
    t_client_free(rig->client);
    rdv_buf_free(&rig->text);
}

struct rdv_span t_rig_say_bytes(struct t_rig *rig, struct rdv_span text)
{
    struct rdv_buf records = RDV_BUF(1 << 22);

    rdv_buf_clear(&rig->text);
    t_client_write(rig->client, text, &records);
    send_records(rig, &records);
    rdv_buf_free(&records);
    t_client_read(rig->client, &rig->text);
    return rdv_buf_view(&rig->text);
}

void t_notation_of_all(struct rdv_buf *out, struct rdv_span items)
{
    struct rdv_reader rd = { items };

    while (rd.rest.n > 0) {
        const struct rdv_span before = rd.rest;

        if (rdv_buf_len(out) > 0)
            T_MUST_OK(rdv_put_u8(out, '\n'));
        if (rdv_cbor_skip(&rd, RDV_RPC_DEPTH_MAX) != RDV_OK ||
            !t_notation(out, (struct rdv_span){ before.p, before.n - rd.rest.n })) {
            T_MUST_OK(rdv_put_u8(out, '?'));
            break;
        }
    }
}

struct rdv_span t_rig_call(struct t_rig *rig, const char *request)
{
    struct rdv_buf bytes = RDV_BUF(1 << 22), said = RDV_BUF(1 << 26);

    t_cbor(&bytes, request);
    t_notation_of_all(&said, t_rig_say_bytes(rig, rdv_buf_view(&bytes)));
    rdv_buf_free(&bytes);
    rdv_buf_free(&rig->text);
    rig->text = said;
    return rdv_buf_view(&rig->text);
}

struct rdv_span t_rig_say(struct t_rig *rig, const char *text)
{
    return t_rig_say_bytes(rig, rdv_span_of(text));
}
