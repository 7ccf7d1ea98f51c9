/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: se_lines_feed se_lines_end se_requests_next */
#include "se_card/lines.h"

#include "schema/wire/command.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MAX (64 * 1024)
#define REQUESTS_MAX (1024 * 1024)

/* The byte FF and a count stand for 256 times as many letters: long lines from short inputs. */
static void expand(struct rdv_buf *text, struct rdv_reader rd)
{
    uint8_t byte, count;

    while (rdv_get_u8(&rd, &byte) == RDV_OK) {
        size_t n = 1;

        if (byte == 0xFF && rdv_get_u8(&rd, &count) == RDV_OK) {
            byte = 'x';
            n = (size_t)count * 256;
        }
        while (n-- > 0) {
            if (rdv_put_u8(text, byte) != RDV_OK)
                return;
        }
    }
}

static void feed_whole(struct rdv_buf *requests, struct rdv_span text)
{
    struct se_lines lines;

    se_lines_init(&lines);
    RDV_INVARIANT(se_lines_feed(&lines, requests, text) == RDV_OK);
    RDV_INVARIANT(se_lines_end(&lines, requests) == RDV_OK);
    se_lines_free(&lines);
}

static void feed_cut(struct rdv_buf *requests, uint32_t seed, struct rdv_span text)
{
    struct rdv_reader rd = { text };
    struct rdv_span piece;
    struct se_lines lines;

    se_lines_init(&lines);
    while (rd.rest.n > 0) {
        RDV_INVARIANT(rdv_get_bytes(&rd, &piece, fuzz_cut(&seed, rd.rest.n)) == RDV_OK);
        RDV_INVARIANT(se_lines_feed(&lines, requests, piece) == RDV_OK);
        RDV_INVARIANT(rdv_buf_len(&lines.tail) <= RDV_LINE_MAX + 1);
    }
    RDV_INVARIANT(se_lines_end(&lines, requests) == RDV_OK);
    se_lines_free(&lines);
}

/* True when no request takes raw bytes. Each line is within its limit and has no line end. */
static bool all_lines(const struct rdv_buf *requests)
{
    struct rdv_reader rd = { rdv_buf_view(requests) };
    enum se_request_kind kind;
    struct rdv_span bytes;
    bool all = true;

    while (se_requests_next(&rd, &kind, &bytes)) {
        all = all && kind != SE_REQUEST_BINARY;
        if (kind == SE_REQUEST_LINE) {
            RDV_INVARIANT(bytes.n <= RDV_LINE_MAX);
            for (size_t i = 0; i < bytes.n; i++)
                RDV_INVARIANT(bytes.p[i] != '\n');
        } else if (kind != SE_REQUEST_BINARY) {
            RDV_INVARIANT(bytes.n == 0);
        }
    }
    return all;
}

/* Lines are the same requests however their text was cut into records. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_buf text = RDV_BUF(TEXT_MAX), whole = RDV_BUF(REQUESTS_MAX),
                   cut = RDV_BUF(REQUESTS_MAX);
    struct rdv_reader rd = { { data, size } };
    const uint32_t seed = fuzz_seed(&rd);

    expand(&text, rd);
    feed_whole(&whole, rdv_buf_view(&text));
    feed_cut(&cut, seed, rdv_buf_view(&text));
    if (all_lines(&whole))
        RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&whole), rdv_buf_view(&cut)));
    else
        (void)all_lines(&cut);
    rdv_buf_free(&text);
    rdv_buf_free(&whole);
    rdv_buf_free(&cut);
    return 0;
}
