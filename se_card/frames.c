/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/frames.h"

/* Bytes of a request that hold its id: the head of an array, and a number. */
#define ID_BYTES (2 * (size_t)RDV_CBOR_HEAD_MAX)

void se_frames_init(struct se_frames *frames)
{
    *frames = (struct se_frames){ .framer = { .most = RDV_RPC_MESSAGE_MAX },
                                  .begun = RDV_BUF(RDV_RPC_MESSAGE_MAX) };
}

void se_frames_free(struct se_frames *frames)
{
    rdv_buf_free(&frames->begun);
}

/* A request is whole with this piece, which most often is all of it. */
static enum rdv_err put_whole(struct se_frames *frames, struct rdv_buf *requests,
                              struct rdv_span piece)
{
    enum rdv_err err;

    if (rdv_buf_len(&frames->begun) == 0)
        return se_requests_put(requests, SE_REQUEST_CALL, piece);
    if ((err = rdv_put_bytes(&frames->begun, piece)) == RDV_OK)
        err = se_requests_put(requests, SE_REQUEST_CALL, rdv_buf_view(&frames->begun));
    rdv_buf_free(&frames->begun);
    return err;
}

/* It is answered at once, by the id that it begins with; what has come of it is let go. */
static enum rdv_err put_too_long(struct se_frames *frames, struct rdv_buf *requests,
                                 struct rdv_span piece)
{
    struct rdv_buf start = RDV_BUF(ID_BYTES);
    struct rdv_span begun = rdv_buf_view(&frames->begun);
    enum rdv_err err;

    if (begun.n > ID_BYTES)
        begun.n = ID_BYTES;
    if (piece.n > ID_BYTES - begun.n)
        piece.n = ID_BYTES - begun.n;
    if ((err = rdv_put_bytes(&start, begun)) == RDV_OK &&
        (err = rdv_put_bytes(&start, piece)) == RDV_OK)
        err = se_requests_put(requests, SE_REQUEST_CALL_TOO_LONG, rdv_buf_view(&start));
    rdv_buf_free(&start);
    rdv_buf_free(&frames->begun);
    return err;
}

enum rdv_err se_frames_feed(struct se_frames *frames, struct rdv_buf *requests,
                            struct rdv_span data)
{
    struct rdv_reader rd = { data };
    enum rdv_err err = RDV_OK;

    while (rd.rest.n > 0 && err == RDV_OK && !frames->garbled) {
        struct rdv_span piece;
        bool whole;

        err = rdv_rpc_frame(&frames->framer, &rd, &piece, &whole);
        if (err == RDV_ERR_FORMAT) {
            frames->garbled = true;
            rdv_buf_free(&frames->begun);
            err = se_requests_put(requests, SE_REQUEST_GARBLED, RDV_LIT(""));
        } else if (err == RDV_ERR_LIMIT) {
            frames->skipping = !whole;
            err = put_too_long(frames, requests, piece);
        } else if (frames->skipping) {
            frames->skipping = !whole;
        } else if (whole) {
            err = put_whole(frames, requests, piece);
        } else {
            err = rdv_put_bytes(&frames->begun, piece);
        }
    }
    return err;
}
