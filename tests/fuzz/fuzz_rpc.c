/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_rpc_frame rdv_rpc_get_request rdv_rpc_get_answer rdv_cbor_skip */
#include "schema/wire/rpc.h"

#include "tests/fuzz/fuzz.h"
#include "tests/support/notation.h"

#define TEXT_MAX (64 * 1024)
#define EVENTS_MAX (64 * 1024)

/* Frames the stream, cut by `seed` or not at all, and writes down what was found: where each
 * message ends, which are too long, and where it all ends. */
static void frame(struct rdv_buf *events, const uint32_t *seed, size_t most, struct rdv_span in)
{
    struct rdv_rpc_framer f = { .most = most };
    uint32_t at = 0, chance = seed == NULL ? 0 : *seed;

    while (in.n > 0) {
        const size_t cut = seed == NULL ? in.n : fuzz_cut(&chance, in.n);
        struct rdv_reader rd = { { in.p, cut } };

        while (rd.rest.n > 0) {
            struct rdv_span piece;
            bool whole;
            const enum rdv_err err = rdv_rpc_frame(&f, &rd, &piece, &whole);

            RDV_INVARIANT(piece.n > 0);
            at += (uint32_t)piece.n;
            if (whole || err != RDV_OK)
                RDV_INVARIANT(rdv_put_u8(events, (uint8_t)(err == RDV_OK ? 'w' : err)) == RDV_OK &&
                              rdv_put_u32(events, at) == RDV_OK);
            if (whole && err == RDV_ERR_LIMIT) /* as if it had been known before */
                RDV_INVARIANT(rdv_put_u8(events, 'w') == RDV_OK &&
                              rdv_put_u32(events, at) == RDV_OK);
            if (err != RDV_OK && err != RDV_ERR_LIMIT)
                return;
        }
        in.p += cut;
        in.n -= cut;
    }
}

/* True for what libcbor reads too: it refuses simple values and tags that mean nothing to it. */
static bool is_plain(struct rdv_reader *rd)
{
    struct rdv_cbor item;
    bool plain = true;

    if (rdv_cbor_get(rd, &item) != RDV_OK || item.type == RDV_CBOR_OTHER ||
        item.type == RDV_CBOR_TAG)
        return false;
    if (item.type == RDV_CBOR_MAP)
        item.n *= 2;
    else if (item.type != RDV_CBOR_ARRAY)
        item.n = 0;
    for (uint64_t i = 0; i < item.n && plain; i++)
        plain = is_plain(rd);
    return plain;
}

static void judge(struct rdv_span message)
{
    struct rdv_buf notation = RDV_BUF(8 * TEXT_MAX);
    struct rdv_reader rd = { message };

    if (is_plain(&rd))
        RDV_INVARIANT(t_notation(&notation, message));
    rdv_buf_free(&notation);
}

static void read_and_write(struct rdv_span message)
{
    struct rdv_buf out = RDV_BUF(2 * TEXT_MAX);
    struct rdv_rpc_request rq, again;
    struct rdv_rpc_answer answer;
    struct rdv_reader rd = { message };
    char method[RDV_RPC_METHOD_MAX + 1];
    uint64_t id;

    if (rdv_cbor_skip(&rd, RDV_RPC_DEPTH_MAX) == RDV_OK)
        judge((struct rdv_span){ message.p, message.n - rd.rest.n });
    if (rdv_rpc_get_request(&rq, message) == RDV_OK) {
        RDV_INVARIANT(rdv_rpc_peek_id(&id, message) && id == rq.id);
        if (rdv_span_to_text(method, sizeof(method), rq.method) == RDV_OK) {
            RDV_INVARIANT(rdv_rpc_put_request(&out, rq.id, method) == RDV_OK &&
                          rdv_put_bytes(&out, rq.params) == RDV_OK);
            RDV_INVARIANT(rdv_rpc_get_request(&again, rdv_buf_view(&out)) == RDV_OK &&
                          again.id == rq.id && rdv_span_equal(again.method, rq.method) &&
                          rdv_span_equal(again.params, rq.params));
        }
    }
    rdv_buf_clear(&out);
    if (rdv_rpc_get_answer(&answer, message) == RDV_OK) {
        const uint64_t code = answer.code;

        RDV_INVARIANT(rdv_rpc_put_answer(&out, answer.has_id ? &answer.id : NULL, code) == RDV_OK &&
                      rdv_put_bytes(&out, answer.body) == RDV_OK);
        RDV_INVARIANT(rdv_rpc_get_answer(&answer, rdv_buf_view(&out)) == RDV_OK &&
                      answer.code == code);
    }
    rdv_buf_free(&out);
}

/* Each message as the framer gives it: it ends where the reader says, which reads text too. */
static void each_message(struct rdv_span in)
{
    struct rdv_rpc_framer f = { .most = TEXT_MAX };
    struct rdv_reader rd = { in };
    bool whole = true;

    while (whole && rd.rest.n > 0) {
        struct rdv_reader behind = rd;
        const bool reads = rdv_cbor_skip(&behind, RDV_RPC_DEPTH_MAX) == RDV_OK;
        struct rdv_span piece;
        const enum rdv_err err = rdv_rpc_frame(&f, &rd, &piece, &whole);

        if (reads)
            RDV_INVARIANT(err == RDV_OK && whole && rd.rest.n == behind.rest.n);
        if (err != RDV_OK)
            break;
        if (whole)
            read_and_write(piece);
    }
}

/* Property: messages end in the same places however the stream is cut; what is read is written back
 * with the same meaning; and another reader takes every message that this one takes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_buf at_once = RDV_BUF(EVENTS_MAX * 10), cut = RDV_BUF(EVENTS_MAX * 10);
    struct rdv_reader rd = { { data, size < TEXT_MAX ? size : TEXT_MAX } };
    const uint32_t seed = fuzz_seed(&rd);

    for (size_t most = 16; most <= TEXT_MAX; most *= 64) {
        rdv_buf_clear(&at_once);
        rdv_buf_clear(&cut);
        frame(&at_once, NULL, most, rd.rest);
        frame(&cut, &seed, most, rd.rest);
        RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&at_once), rdv_buf_view(&cut)));
    }
    each_message(rd.rest);
    read_and_write(rd.rest);
    rdv_buf_free(&at_once);
    rdv_buf_free(&cut);
    return 0;
}
