/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: se_seal_open se_seal_open_key se_seal_close */
#include "se_card/seal.h"

#include "tests/fuzz/fuzz.h"

/* Under the second one nothing is ever sealed: the fuzzer learns what it sees compared. */
static const struct rdv_key keys[] = { { { 7, 1, 9 } }, { { 7, 1, 8 } } };
static const struct se_place here = { "record", "content", 4711 };

/* No bytes open that were not sealed. */
static void check_bytes(struct rdv_span in)
{
    struct rdv_buf out = RDV_BUF(65536);
    struct rdv_key opened;
    struct se_seal *seal;

    RDV_INVARIANT(se_seal_new(&seal, &keys[1]) == RDV_OK);
    RDV_INVARIANT(se_seal_open(seal, &out, here, in) == RDV_ERR_CORRUPT);
    RDV_INVARIANT(se_seal_open_key(seal, &opened, here, in) == RDV_ERR_CORRUPT);
    RDV_INVARIANT(rdv_buf_len(&out) == 0);
    rdv_buf_free(&out);
    se_seal_free(seal);
}

/* A place that differs from `here` in one of its parts, or in none. */
static struct se_place place_of(uint8_t choice)
{
    struct se_place place = here;

    switch (choice % 8) {
    case 1:
        place.table = "recor";
        break;
    case 2:
        place.column = "d";
        break;
    case 3:
        place.row ^= (int64_t)1 << choice % 63;
        break;
    default:
        break;
    }
    return place;
}

static bool is_here(struct se_place place)
{
    return place.table == here.table && place.column == here.column && place.row == here.row;
}

/* Changes the sealed bytes as the input says: a place (16 bits) and what to flip there, or (at the
 * place FFFF) how many bytes to cut off or add. */
static void damage(struct rdv_buf *sealed, struct rdv_reader *rd)
{
    uint16_t at;
    uint8_t bits;

    while (rdv_get_u16(rd, &at) == RDV_OK && rdv_get_u8(rd, &bits) == RDV_OK) {
        const size_t n = rdv_buf_len(sealed);

        if (at == 0xFFFF && bits < 128)
            rdv_buf_truncate(sealed, n < bits ? 0 : n - bits);
        else if (at == 0xFFFF)
            RDV_INVARIANT(rdv_put_u8(sealed, bits) == RDV_OK);
        else if (n > 0)
            sealed->p[sealed->start + at % n] ^= bits;
    }
}

/* What was sealed opens in its place and unchanged, and in no other way. */
static void check_sealed(struct rdv_reader rd)
{
    struct rdv_buf sealed = RDV_BUF(65536), original = RDV_BUF(65536), out = RDV_BUF(65536);
    struct rdv_span plain;
    struct se_place place;
    struct se_seal *seal;
    uint8_t choice;
    enum rdv_err err;

    if (rdv_get_u8(&rd, &choice) != RDV_OK || rdv_get_vec8(&rd, &plain) != RDV_OK)
        return;
    RDV_INVARIANT(se_seal_new(&seal, &keys[0]) == RDV_OK);
    place = place_of(choice);
    RDV_INVARIANT(se_seal_close(seal, &sealed, here, plain) == RDV_OK);
    RDV_INVARIANT(rdv_buf_len(&sealed) == plain.n + SE_SEAL_OVERHEAD);
    RDV_INVARIANT(rdv_put_bytes(&original, rdv_buf_view(&sealed)) == RDV_OK);
    damage(&sealed, &rd);
    err = se_seal_open(seal, &out, place, rdv_buf_view(&sealed));
    if (is_here(place) && rdv_span_equal(rdv_buf_view(&sealed), rdv_buf_view(&original)))
        RDV_INVARIANT(err == RDV_OK && rdv_span_equal(rdv_buf_view(&out), plain));
    else
        RDV_INVARIANT(err == RDV_ERR_CORRUPT && rdv_buf_len(&out) == 0);
    rdv_buf_free(&sealed);
    rdv_buf_free(&original);
    rdv_buf_free(&out);
    se_seal_free(seal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rdv_span in = { data, size };

    check_bytes(in);
    check_sealed((struct rdv_reader){ in });
    return 0;
}
