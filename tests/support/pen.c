/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/pen.h"

#include <stdlib.h>
#include <string.h>

#include "se_card/hash.h"
#include "tests/support/test.h"

void t_pen_new(struct t_pen *pen, uint8_t who)
{
    uint8_t compressed[SE_EC_COMPRESSED_BYTES], hash[SE_SHA256_BYTES], secret[RDV_KEY_BYTES];

    *pen = (struct t_pen){ .written = NULL };
    memset(secret, who, sizeof(secret));
    T_MUST_OK(se_ec_new(&pen->ec));
    T_MUST_OK(se_ec_import(pen->ec, SE_CURVE_K1, &pen->secret,
                           (struct rdv_span){ secret, sizeof(secret) }));
    T_MUST_OK(se_ec_public(pen->ec, SE_CURVE_K1, pen->point, &pen->secret));
    se_ec_compress(compressed, pen->point);
    se_sha256(hash, (struct rdv_span){ compressed, sizeof(compressed) });
    memcpy(pen->kid, hash, sizeof(pen->kid));
}

void t_pen_free(struct t_pen *pen)
{
    for (size_t i = 0; i < pen->n_written; i++)
        free(pen->written[i]);
    free(pen->written);
    se_ec_free(pen->ec);
    *pen = (struct t_pen){ .written = NULL };
}

static struct rdv_span keep(struct t_pen *pen, struct rdv_span bytes)
{
    uint8_t *copy = malloc(bytes.n);

    T_MUST(copy != NULL);
    memcpy(copy, bytes.p, bytes.n);
    pen->written = realloc(pen->written, (pen->n_written + 1) * sizeof(pen->written[0]));
    T_MUST(pen->written != NULL);
    pen->written[pen->n_written++] = copy;
    return (struct rdv_span){ copy, bytes.n };
}

struct rdv_span t_pen_sign(struct t_pen *pen, const struct rdv_envelope *in)
{
    struct rdv_buf protected = RDV_BUF(RDV_ENVELOPE_PROTECTED_MAX);
    struct rdv_buf payload = RDV_BUF(RDV_ENVELOPE_MAX), bytes = RDV_BUF(RDV_ENVELOPE_MAX);
    uint8_t digest[SE_SHA256_BYTES], rs[SE_EC_RS_BYTES];
    struct rdv_envelope envelope = *in;
    struct rdv_cose parts;
    struct rdv_span out;

    memcpy(envelope.kid, pen->kid, sizeof(envelope.kid));
    T_MUST_OK(rdv_envelope_put_protected(&protected, &envelope));
    T_MUST_OK(rdv_envelope_put_payload(&payload, &envelope));
    parts = (struct rdv_cose){ rdv_buf_view(&protected), rdv_buf_view(&payload), { rs, 64 } };
    T_MUST_OK(rdv_cose_put_signed(&bytes, &parts));
    se_sha256(digest, rdv_buf_view(&bytes));
    T_MUST_OK(se_ec_sign_rs(pen->ec, SE_CURVE_K1, rs, &pen->secret,
                            (struct rdv_span){ digest, sizeof(digest) }));
    rdv_buf_clear(&bytes);
    T_MUST_OK(rdv_cose_put(&bytes, &parts));
    out = keep(pen, rdv_buf_view(&bytes));
    rdv_buf_free(&protected);
    rdv_buf_free(&payload);
    rdv_buf_free(&bytes);
    return out;
}

static void hash_of(uint8_t out[RDV_ENVELOPE_HASH_BYTES], struct rdv_span message)
{
    if (message.n > 0)
        se_sha256(out, message);
}

struct rdv_span t_pen_entry(struct t_pen *pen, uint8_t record, uint64_t n, struct rdv_span before,
                            const char *content)
{
    struct rdv_envelope e = {
        .topic = { RDV_TOPIC_RECORD, "key1.com", record },
        .time = T_PEN_TIME + (int64_t)n,
        .entry = { .seq = 10 * n,
                   .n = n,
                   .author = RDV_LIT("sensor"),
                   .type = RDV_LIT("text/plain"),
                   .content = rdv_span_of(content) },
    };

    hash_of(e.entry.prev, before);
    return t_pen_sign(pen, &e);
}

struct rdv_span t_pen_head(struct t_pen *pen, uint8_t record, uint64_t n, struct rdv_span last,
                           int64_t time)
{
    struct rdv_envelope e = {
        .topic = { RDV_TOPIC_HEAD, "key1.com", record },
        .time = time,
        .head = { .n = n, .until = time + 3600 },
    };

    hash_of(e.head.hash, last);
    return t_pen_sign(pen, &e);
}

struct rdv_span t_pen_event(struct t_pen *pen, const char *event, uint64_t n, uint64_t seq,
                            struct rdv_span before)
{
    struct rdv_buf content = RDV_BUF(256);
    struct rdv_envelope e = {
        .topic = { RDV_TOPIC_CARD, "key1.com", 0 },
        .time = T_PEN_TIME,
        .entry = { .seq = seq, .n = n, .author = RDV_LIT("root"), .type = RDV_LIT(RDV_TYPE_CARD) },
    };
    struct rdv_span out;

    T_MUST_OK(rdv_cbor_put_map(&content, 1));
    T_MUST_OK(rdv_cbor_put_text(&content, RDV_LIT("event")));
    T_MUST_OK(rdv_cbor_put_text(&content, rdv_span_of(event)));
    e.entry.content = rdv_buf_view(&content);
    hash_of(e.entry.prev, before);
    out = t_pen_sign(pen, &e);
    rdv_buf_free(&content);
    return out;
}
