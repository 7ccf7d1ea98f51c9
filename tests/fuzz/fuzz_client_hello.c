/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_client_hello_collect rdv_client_hello_decode rdv_tls_record_peek */
#include "schema/wire/client_hello.h"

#include <string.h>

#include "schema/wire/tls_record.h"
#include "tests/fuzz/fuzz.h"

#define HEADER 4
#define IN_MAX (RDV_CLIENT_HELLO_MAX + RDV_TLS_HEADER * RDV_CLIENT_HELLO_RECORDS)

static void put_record(struct rdv_buf *out, struct rdv_span piece)
{
    RDV_INVARIANT(
            rdv_put_u8(out, RDV_TLS_HANDSHAKE) == RDV_OK && rdv_put_u16(out, 0x0301) == RDV_OK &&
            rdv_put_u16(out, (uint16_t)piece.n) == RDV_OK && rdv_put_bytes(out, piece) == RDV_OK);
}

static void put_cut(struct rdv_buf *out, uint32_t seed, struct rdv_span message)
{
    struct rdv_reader rd = { message };
    struct rdv_span piece;

    for (unsigned n = 1; rd.rest.n > 0; n++) {
        const size_t take = n == RDV_CLIENT_HELLO_RECORDS ? rd.rest.n : fuzz_cut(&seed, rd.rest.n);

        RDV_INVARIANT(rdv_get_bytes(&rd, &piece, take) == RDV_OK);
        put_record(out, piece);
    }
}

static bool same(const struct rdv_client_hello *a, const struct rdv_client_hello *b)
{
    return rdv_span_equal(a->cipher_suites, b->cipher_suites) &&
           rdv_span_equal(a->server_name, b->server_name) &&
           rdv_span_equal(a->first_identity, b->first_identity) &&
           a->has_server_name == b->has_server_name &&
           a->has_supported_versions == b->has_supported_versions &&
           a->offers_tls13 == b->offers_tls13 && a->has_psk == b->has_psk &&
           a->has_psk_modes == b->has_psk_modes && a->offers_psk_dhe == b->offers_psk_dhe &&
           a->has_groups == b->has_groups && a->offers_group == b->offers_group;
}

/* A message with this body means the same however it is cut, and while it is not whole, nothing. */
static void check_body(uint32_t seed, struct rdv_span body)
{
    struct rdv_buf message = RDV_BUF(RDV_CLIENT_HELLO_MAX), whole = RDV_BUF(IN_MAX),
                   cut = RDV_BUF(IN_MAX), from_whole = RDV_BUF(RDV_CLIENT_HELLO_MAX),
                   from_cut = RDV_BUF(RDV_CLIENT_HELLO_MAX);
    struct rdv_client_hello a, b;
    size_t used;
    enum rdv_err err;

    RDV_INVARIANT(rdv_put_u8(&message, 1) == RDV_OK &&
                  rdv_put_u8(&message, (uint8_t)(body.n >> 16)) == RDV_OK &&
                  rdv_put_u16(&message, (uint16_t)body.n) == RDV_OK &&
                  rdv_put_bytes(&message, body) == RDV_OK);
    put_record(&whole, rdv_buf_view(&message));
    put_cut(&cut, seed, rdv_buf_view(&message));
    err = rdv_client_hello_collect(&a, &used, &from_whole, rdv_buf_view(&whole));
    RDV_INVARIANT((err == RDV_OK && used == rdv_buf_len(&whole)) || err == RDV_ERR_FORMAT);
    RDV_INVARIANT(err == rdv_client_hello_collect(&b, &used, &from_cut, rdv_buf_view(&cut)));
    RDV_INVARIANT(err != RDV_OK || used == rdv_buf_len(&cut));
    RDV_INVARIANT(same(&a, &b));
    rdv_buf_truncate(&cut, fuzz_random(&seed) % rdv_buf_len(&cut));
    RDV_INVARIANT(rdv_client_hello_collect(&b, &used, &from_cut, rdv_buf_view(&cut)) == RDV_OK);
    RDV_INVARIANT(used == 0);
    rdv_buf_free(&message);
    rdv_buf_free(&whole);
    rdv_buf_free(&cut);
    rdv_buf_free(&from_whole);
    rdv_buf_free(&from_cut);
}

/* Bytes as they come off the wire: what is said to be whole decodes by itself. */
static void check_bytes(struct rdv_span in)
{
    struct rdv_buf message = RDV_BUF(RDV_CLIENT_HELLO_MAX);
    struct rdv_client_hello a, b;
    size_t used;

    if (rdv_client_hello_collect(&a, &used, &message, in) == RDV_OK && used > 0) {
        RDV_INVARIANT(used <= in.n);
        RDV_INVARIANT(rdv_client_hello_decode(&b, rdv_buf_view(&message)) == RDV_OK);
        RDV_INVARIANT(same(&a, &b));
    }
    rdv_buf_free(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_reader rd = { { data, size } };
    const uint32_t seed = fuzz_seed(&rd);

    check_bytes(rd.rest);
    if (rd.rest.n <= RDV_CLIENT_HELLO_MAX - HEADER)
        check_body(seed, rd.rest);
    return 0;
}
