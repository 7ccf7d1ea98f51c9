/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/frames.h"

#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

static struct se_frames frames;
static struct rdv_buf requests;

static void start(void)
{
    se_frames_init(&frames);
    requests = RDV_BUF(1 << 22);
}

static void stop(void)
{
    se_frames_free(&frames);
    rdv_buf_free(&requests);
}

static void feed(struct rdv_span data)
{
    T_OK(se_frames_feed(&frames, &requests, data));
}

/* Takes the first request that waits and compares it. */
static void expect(enum se_request_kind kind, struct rdv_span bytes)
{
    struct rdv_reader rd = { rdv_buf_view(&requests) };
    const size_t before = rd.rest.n;
    enum se_request_kind got = SE_REQUEST_LINE;
    struct rdv_span span = { NULL, 0 };

    T_TRUE(se_requests_next(&rd, &got, &span));
    T_UINT(got, kind);
    T_SPAN(span, bytes);
    rdv_buf_consume(&requests, before - rd.rest.n);
}

static void expect_nothing(void)
{
    T_UINT(rdv_buf_len(&requests), 0);
}

static void several_requests_come_in_one_record(void)
{
    start();
    feed(t_hex("8301 6161 A0 8302 6162 A0 07"));
    expect(SE_REQUEST_CALL, t_hex("83016161A0"));
    expect(SE_REQUEST_CALL, t_hex("83026162A0"));
    expect(SE_REQUEST_CALL, t_hex("07")); /* whole, and to be answered, though it is none */
    expect_nothing();
    stop();
}

static void one_request_runs_over_several_records(void)
{
    const struct rdv_span whole = t_hex("83 1903E8 63676574 A1 667265636F7264 0A");

    start();
    for (size_t i = 0; i < whole.n; i++) {
        expect_nothing();
        feed((struct rdv_span){ whole.p + i, 1 });
    }
    expect(SE_REQUEST_CALL, whole);
    feed((struct rdv_span){ whole.p, whole.n - 1 });
    expect_nothing();
    feed(t_hex("0A 8302 6162 A0"));
    expect(SE_REQUEST_CALL, whole);
    expect(SE_REQUEST_CALL, t_hex("83026162A0"));
    stop();
}

/* A byte string of n bytes in one request, fed in records. */
static void feed_long(size_t n)
{
    static const uint8_t zeros[16384];
    struct rdv_buf head = RDV_BUF(64);

    T_OK(rdv_rpc_put_request(&head, 9, "put"));
    T_OK(rdv_put_bytes(&head, t_hex("A1 6163 5A")));
    T_OK(rdv_put_u32(&head, (uint32_t)n));
    feed(rdv_buf_view(&head));
    for (; n > 0; n -= n < sizeof(zeros) ? n : sizeof(zeros))
        feed((struct rdv_span){ zeros, n < sizeof(zeros) ? n : sizeof(zeros) });
    rdv_buf_free(&head);
}

#define HEAD_BYTES (1 + 1 + 4 + 1 + 2 + 5) /* of such a request, before its content */

static void the_longest_request_is_taken_and_one_byte_more_refused(void)
{
    struct rdv_reader rd;
    enum se_request_kind kind;
    struct rdv_span bytes;

    start();
    feed_long(RDV_RPC_MESSAGE_MAX - HEAD_BYTES);
    rd.rest = rdv_buf_view(&requests);
    T_MUST(se_requests_next(&rd, &kind, &bytes));
    T_UINT(kind, SE_REQUEST_CALL);
    T_UINT(bytes.n, RDV_RPC_MESSAGE_MAX);
    rdv_buf_clear(&requests);
    feed_long(RDV_RPC_MESSAGE_MAX - HEAD_BYTES + 1);
    expect(SE_REQUEST_CALL_TOO_LONG, t_hex("83 09 63707574 A1 6163 5A 00100FF3"));
    expect_nothing();
    T_UINT(rdv_buf_len(&frames.begun), 0);
    feed(t_hex("8302 6162 A0"));
    expect(SE_REQUEST_CALL, t_hex("83026162A0"));
    stop();
}

/* It takes no memory, and the answer does not wait for what may never come. */
static void a_request_that_says_it_is_too_long_is_answered_at_once(void)
{
    start();
    feed(t_hex("83 1903E8 63707574 A1 6163"));
    expect_nothing();
    feed(t_hex("5B00"));
    feed(t_hex("00010000000000"));
    expect(SE_REQUEST_CALL_TOO_LONG, t_hex("83 1903E8 63707574 A1 6163 5B000001000000"));
    T_UINT(rdv_buf_len(&frames.begun), 0);
    T_TRUE(frames.begun.p == NULL);
    stop();
}

static void nothing_is_read_behind_what_cannot_be_framed(void)
{
    static const char *const bad[] = { "9F0102FF", "83 01 6161 BFFF", "FF", "1C",
                                       "81818181818181818101" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        start();
        feed(t_hex("8301 6161 A0"));
        feed(t_hex(bad[i]));
        feed(t_hex("8302 6162 A0"));
        expect(SE_REQUEST_CALL, t_hex("83016161A0"));
        expect(SE_REQUEST_GARBLED, RDV_LIT(""));
        expect_nothing();
        stop();
    }
}

static void a_full_queue_is_said(void)
{
    start();
    requests.limit = 20;
    T_ERR(se_frames_feed(&frames, &requests, t_hex("8301 6161 A0 8302 6162 A0 8303 6163 A0")),
          RDV_ERR_LIMIT);
    stop();
}

static void without_memory_it_says_so(void)
{
    const struct rdv_span first = t_hex("83 01"), rest = t_hex("6161 A0 9A 7FFFFFFF");
    enum rdv_err err = RDV_OK;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err)) {
        start();
        if ((err = se_frames_feed(&frames, &requests, first)) == RDV_OK)
            err = se_frames_feed(&frames, &requests, rest);
        stop();
    }
}

static CU_TestInfo tests[] = {
    T_CASE(several_requests_come_in_one_record),
    T_CASE(one_request_runs_over_several_records),
    T_CASE(the_longest_request_is_taken_and_one_byte_more_refused),
    T_CASE(a_request_that_says_it_is_too_long_is_answered_at_once),
    T_CASE(nothing_is_read_behind_what_cannot_be_framed),
    T_CASE(a_full_queue_is_said),
    T_CASE(without_memory_it_says_so),
    T_END,
};

T_SUITE(se_card_frames, tests);
