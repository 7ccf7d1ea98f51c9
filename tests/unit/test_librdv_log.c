/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/log.h>

#include <stdio.h>
#include <string.h>

#include "schema/wire/rpc.h"
#include "tests/support/notation.h"
#include "tests/support/test.h"
#include "tests/support/tls_server.h"

#define KEY "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"

/* A server that answers whatever it is asked with the same result, and remembers the question. */
struct far_end {
    struct t_server *server;
    struct rdv_buf to_client, heard, asked;
    const char *code;   /* of the answer */
    const char *result; /* as notation.h has it */
};

static void answer(struct far_end *f)
{
    const struct rdv_span message = rdv_buf_view(&f->heard);
    struct rdv_rpc_request rq;
    struct rdv_buf back = RDV_BUF(1 << 16);
    char text[4096];

    if (message.n == 0)
        return;
    T_MUST_OK(rdv_rpc_get_request(&rq, message));
    rdv_buf_clear(&f->asked);
    T_TRUE(t_notation(&f->asked, message));
    (void)snprintf(text, sizeof(text), "[%llu, %s, %s]", (unsigned long long)rq.id, f->code,
                   f->result);
    t_cbor(&back, text);
    t_server_write(f->server, rdv_buf_view(&back), &f->to_client);
    rdv_buf_free(&back);
    rdv_buf_clear(&f->heard);
}

static enum rdv_err exchange(void *user, struct rdv_exchange *x)
{
    struct far_end *f = user;
    const size_t n = rdv_buf_len(&f->to_client);

    x->sent = x->n_out;
    t_server_step(f->server, (struct rdv_span){ x->out, x->sent }, &f->to_client);
    if (t_server_is_open(f->server)) {
        t_server_read(f->server, &f->heard);
        answer(f);
    }
    x->received = rdv_buf_len(&f->to_client) < x->n_in ? rdv_buf_len(&f->to_client) : x->n_in;
    if (x->received > 0)
        memcpy(x->in, rdv_buf_view(&f->to_client).p, x->received);
    rdv_buf_consume(&f->to_client, x->received);
    return n == 0 && x->sent == 0 && x->received == 0 ? RDV_ERR_TIMEOUT : RDV_OK;
}

static struct far_end far;
static struct rdv_client *client;

/* A session with who answers so. */
static void begin(const char *result)
{
    const struct rdv_transport transport = { &far, exchange, NULL };
    const struct rdv_client_options options = { .language = RDV_REQUESTS, .transport = &transport };
    struct t_server_options server = t_server_usual();
    struct rdv_uri where;

    server.alpn = RDV_RPC_PROTOCOL;
    far = (struct far_end){ .server = t_server_new(&server),
                            .to_client = RDV_BUF(1 << 20),
                            .heard = RDV_BUF(1 << 20),
                            .asked = RDV_BUF(1 << 16),
                            .code = "0",
                            .result = result };
    T_MUST_OK(rdv_uri_parse(&where, "shellS://key1.com:" KEY "(root)@x/", NULL));
    T_MUST_OK(rdv_client_open(&client, &where, &options, NULL));
}

static void end(void)
{
    rdv_client_close(client);
    t_server_free(far.server);
    rdv_buf_free(&far.to_client);
    rdv_buf_free(&far.heard);
    rdv_buf_free(&far.asked);
}

static void asked(const char *want)
{
    T_TEXT(rdv_buf_view(&far.asked), want);
}

/* --- entries ---------------------------------------------------------------------------------- */

static void entries_are_read_from_a_number_on(void)
{
    const struct rdv_log_query query = { .from = 7, .record = -1 };
    struct rdv_log_entry e;
    struct rdv_value none, row;
    struct rdv_items rows;
    uint64_t next;

    begin("{\"list\": [{\"seq\": 7, \"record\": 10, \"n\": 3, \"expires\": 1800000000, "
          "\"envelope\": h'D2'}, {\"seq\": 9, \"n\": 1, \"envelope\": h'D3D4'}, "
          "{\"seq\": 10, \"record\": 255, \"n\": 4, \"damaged\": true}], \"next\": 12}");
    T_MUST_OK(rdv_client_log(client, &query, &rows, &next));
    asked("[1, \"log\", {\"from\": 7}]");
    T_UINT(next, 12);
    T_MUST(rdv_items_next(&rows, &none, &row));
    T_MUST_OK(rdv_entry_read(&e, row));
    T_TRUE(e.seq == 7 && e.record == 10 && e.n == 3 && e.expires == 1800000000);
    T_SPAN(((struct rdv_span){ e.envelope, e.n_envelope }), t_hex("D2"));
    T_MUST(rdv_items_next(&rows, &none, &row));
    T_MUST_OK(rdv_entry_read(&e, row));
    T_TRUE(e.seq == 9 && e.record == -1 && e.expires == 0 && e.n_envelope == 2);
    T_MUST(rdv_items_next(&rows, &none, &row));
    T_MUST_OK(rdv_entry_read(&e, row));
    T_TRUE(e.seq == 10 && e.record == 255 && e.envelope == NULL);
    T_TRUE(!rdv_items_next(&rows, &none, &row));
    end();
}

static void a_query_may_be_narrower_and_wait(void)
{
    const struct rdv_log_query waits = { .from = 1, .count = 5, .record = 0, .wait_s = 15 };
    const struct rdv_log_query record = { .from = 1, .record = 255 };
    struct rdv_items rows;
    uint64_t next;

    begin("{\"list\": [], \"next\": 1}");
    T_OK(rdv_client_log(client, &waits, &rows, &next));
    asked("[1, \"wait\", {\"from\": 1, \"seconds\": 15, \"count\": 5, \"record\": 0}]");
    T_UINT(next, 1);
    T_OK(rdv_client_log(client, &record, &rows, &next));
    asked("[2, \"log\", {\"from\": 1, \"record\": 255}]");
    end();
}

/* It would be asked for the same for ever. */
static void an_answer_that_does_not_go_on_is_none(void)
{
    static const char *const bad[] = { "{\"list\": [], \"next\": 6}", "{\"list\": []}",
                                       "{\"list\": [], \"next\": \"8\"}", "{}" };
    const struct rdv_log_query query = { .from = 7, .record = -1 };
    struct rdv_items rows;
    uint64_t next;

    begin("");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        far.result = bad[i];
        T_ERR(rdv_client_log(client, &query, &rows, &next), RDV_ERR_FORMAT);
    }
    far.code = "10";
    far.result = "{\"code\": \"denied\", \"error\": \"no\"}";
    T_ERR(rdv_client_log(client, &query, &rows, &next), RDV_ERR_DENIED);
    T_TEXT(rdv_span_of(rdv_client_why(client)), "no");
    T_UINT(next, 7);
    end();
}

static void what_is_no_entry_is_refused(void)
{
    static const char *const bad[] = { "{\"seq\": 1}",
                                       "{\"n\": 1}",
                                       "{\"seq\": \"1\", \"n\": 1}",
                                       "{\"seq\": -1, \"n\": 1}",
                                       "{\"seq\": 1, \"n\": 1, \"record\": 256}",
                                       "[]",
                                       "1" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct rdv_buf item = RDV_BUF(1024);
        struct rdv_log_entry e;

        t_cbor(&item, bad[i]);
        T_ERR(rdv_entry_read(&e, (struct rdv_value){ rdv_buf_view(&item).p, rdv_buf_len(&item) }),
              RDV_ERR_FORMAT);
        rdv_buf_free(&item);
    }
    T_ERR(rdv_entry_read(&(struct rdv_log_entry){ 0 }, (struct rdv_value){ NULL, 0 }),
          RDV_ERR_FORMAT);
}

/* --- receipts, heads, consumers --------------------------------------------------------------- */

static void a_receipt_has_an_envelope(void)
{
    struct rdv_log_entry e;

    begin("{\"seq\": 7, \"record\": 10, \"n\": 3, \"envelope\": h'D2'}");
    T_MUST_OK(rdv_client_receipt(client, 7, &e));
    asked("[1, \"receipt\", {\"seq\": 7}]");
    T_TRUE(e.seq == 7 && e.n_envelope == 1);
    far.result = "{\"seq\": 7, \"record\": 10, \"n\": 3, \"damaged\": true}";
    T_ERR(rdv_client_receipt(client, 7, &e), RDV_ERR_FORMAT);
    end();
}

static void heads_are_of_a_record_or_of_all(void)
{
    struct rdv_value none, row;
    struct rdv_log_entry e;
    struct rdv_items rows;

    begin("{\"list\": [{\"record\": 10, \"n\": 3, \"seq\": 7, \"envelope\": h'D2'}]}");
    T_MUST_OK(rdv_client_heads(client, -1, &rows));
    asked("[1, \"head\", {}]");
    T_MUST(rdv_items_next(&rows, &none, &row));
    T_OK(rdv_entry_read(&e, row));
    T_TRUE(e.record == 10 && e.n == 3 && e.seq == 7);
    T_MUST_OK(rdv_client_heads(client, 0, &rows));
    asked("[2, \"head\", {\"record\": 0}]");
    end();
}

static void a_consumer_says_how_far_it_is(void)
{
    begin("{\"consumer\": \"archive\", \"seq\": 9}");
    T_OK(rdv_client_ack(client, "archive", 9));
    asked("[1, \"ack\", {\"consumer\": \"archive\", \"seq\": 9}]");
    far.code = "6";
    far.result = "{\"code\": \"range\", \"error\": \"no entry 9\"}";
    T_ERR(rdv_client_ack(client, "archive", 9), RDV_ERR_RANGE);
    end();
}

static CU_TestInfo tests[] = {
    T_CASE(entries_are_read_from_a_number_on),
    T_CASE(a_query_may_be_narrower_and_wait),
    T_CASE(an_answer_that_does_not_go_on_is_none),
    T_CASE(what_is_no_entry_is_refused),
    T_CASE(a_receipt_has_an_envelope),
    T_CASE(heads_are_of_a_record_or_of_all),
    T_CASE(a_consumer_says_how_far_it_is),
    T_END,
};

T_SUITE(librdv_log, tests);
