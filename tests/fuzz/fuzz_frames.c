/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: se_frames_feed se_requests_next */
#include "se_card/frames.h"

#include "tests/fuzz/fuzz.h"

#define DATA_MAX (64 * 1024)
#define REQUESTS_MAX (4 * 1024 * 1024)

static void feed(struct rdv_buf *requests, const uint32_t *seed, struct rdv_span data)
{
    uint32_t chance = seed == NULL ? 0 : *seed;
    struct rdv_reader rd = { data };
    struct se_frames frames;
    struct rdv_span piece;

    se_frames_init(&frames);
    while (rd.rest.n > 0) {
        const size_t n = seed == NULL ? rd.rest.n : fuzz_cut(&chance, rd.rest.n);

        RDV_INVARIANT(rdv_get_bytes(&rd, &piece, n) == RDV_OK);
        RDV_INVARIANT(se_frames_feed(&frames, requests, piece) == RDV_OK);
        /* No more is kept than has come, whatever a length says. */
        RDV_INVARIANT(rdv_buf_len(&frames.begun) <= data.n - rd.rest.n);
    }
    se_frames_free(&frames);
}

/* Every request is one item, or says why it is none; nothing is behind what is garbled. */
static void check(const struct rdv_buf *requests, size_t most)
{
    struct rdv_reader rd = { rdv_buf_view(requests) };
    enum se_request_kind kind;
    struct rdv_span bytes;
    size_t total = 0;

    while (se_requests_next(&rd, &kind, &bytes)) {
        struct rdv_reader item = { bytes };

        total += bytes.n;
        switch (kind) {
        case SE_REQUEST_CALL:
            if (rdv_cbor_skip(&item, RDV_RPC_DEPTH_MAX) == RDV_OK) /* not so: text that is none */
                RDV_INVARIANT(item.rest.n == 0);
            break;
        case SE_REQUEST_CALL_TOO_LONG:
            RDV_INVARIANT(bytes.n > 0 && bytes.n <= 2 * (size_t)RDV_CBOR_HEAD_MAX);
            break;
        default:
            RDV_INVARIANT(kind == SE_REQUEST_GARBLED && bytes.n == 0 && rd.rest.n == 0);
            break;
        }
    }
    RDV_INVARIANT(total <= most);
}

/* Property: the same requests come out however the bytes are cut into records, and they are what
 * came in. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_buf whole = RDV_BUF(REQUESTS_MAX), cut = RDV_BUF(REQUESTS_MAX);
    struct rdv_reader rd = { { data, size < DATA_MAX ? size : DATA_MAX } };
    const uint32_t seed = fuzz_seed(&rd);

    feed(&whole, NULL, rd.rest);
    feed(&cut, &seed, rd.rest);
    check(&whole, rd.rest.n);
    RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&whole), rdv_buf_view(&cut)));
    rdv_buf_free(&whole);
    rdv_buf_free(&cut);
    return 0;
}
