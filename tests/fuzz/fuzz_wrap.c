/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: se_wrap_peek se_wrap_open se_wrap_seal se_wrap_header_get */
#include "se_card/wrap.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

/* Under the second one nothing is ever sealed: the fuzzer learns what it sees compared. */
static const uint8_t secrets[2][SE_WRAP_OLDER_SECRET] = { { 7, 1, 9 }, { 7, 1, 8 } };

static struct rdv_span secret(size_t which)
{
    return (struct rdv_span){ secrets[which], sizeof(secrets[which]) };
}

/* No bytes open that were not sealed, and only those of neither layout are malformed. */
static void check_bytes(struct rdv_span in)
{
    struct rdv_buf out = RDV_BUF(65536);
    struct se_wrap_header seen, header;
    const enum rdv_err err = se_wrap_peek(&seen, in);

    RDV_INVARIANT(err == RDV_OK || err == RDV_ERR_RANGE);
    RDV_INVARIANT(se_wrap_open(&out, &header, secret(1), in) ==
                  (err == RDV_OK ? RDV_ERR_AUTH : RDV_ERR_RANGE));
    RDV_INVARIANT(rdv_buf_len(&out) == 0);
    rdv_buf_free(&out);
}

/* Changes the blob as the input says: a place and what to flip there, or (at the place FF) how many
 * bytes to cut off or add. */
static void damage(struct rdv_buf *blob, struct rdv_reader *rd)
{
    uint8_t at, bits;

    while (rdv_get_u8(rd, &at) == RDV_OK && rdv_get_u8(rd, &bits) == RDV_OK) {
        const size_t n = rdv_buf_len(blob);

        if (at == 0xFF && bits < 128)
            rdv_buf_truncate(blob, n < bits ? 0 : n - bits);
        else if (at == 0xFF)
            RDV_INVARIANT(rdv_put_u8(blob, bits) == RDV_OK);
        else if (n > 0)
            blob->p[blob->start + at % n] ^= bits;
    }
}

/* What was sealed opens, as what it was, and with the least change does not. */
static void check_sealed(struct rdv_reader rd)
{
    struct rdv_buf blob = RDV_BUF(65536), original = RDV_BUF(65536), out = RDV_BUF(65536);
    struct rdv_span bytes, part;
    struct se_wrap_header header, seen;
    enum rdv_err err;

    if (rdv_get_vec8(&rd, &bytes) != RDV_OK || rdv_get_vec8(&rd, &part) != RDV_OK ||
        se_wrap_header_get(&header, bytes) != RDV_OK ||
        se_wrap_seal(&blob, &header, secret(0), part) != RDV_OK)
        return;
    RDV_INVARIANT(memcmp(rdv_buf_view(&blob).p, bytes.p, bytes.n) == 0);
    RDV_INVARIANT(rdv_put_bytes(&original, rdv_buf_view(&blob)) == RDV_OK);
    damage(&blob, &rd);
    err = se_wrap_open(&out, &seen, secret(0), rdv_buf_view(&blob));
    if (rdv_span_equal(rdv_buf_view(&blob), rdv_buf_view(&original)))
        RDV_INVARIANT(err == RDV_OK && rdv_span_equal(rdv_buf_view(&out), part) &&
                      seen.older == header.older && seen.index == header.index &&
                      seen.param == header.param);
    else
        RDV_INVARIANT((err == RDV_ERR_AUTH || err == RDV_ERR_RANGE) && rdv_buf_len(&out) == 0);
    rdv_buf_free(&blob);
    rdv_buf_free(&original);
    rdv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rdv_span in = { data, size };

    check_bytes(in);
    check_sealed((struct rdv_reader){ in });
    return 0;
}
