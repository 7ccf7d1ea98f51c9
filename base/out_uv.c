/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/out_uv.h"

#define IDLE_BYTES 512 /* of memory kept by a stream that has nothing to send */

static void on_written(uv_write_t *request, int status)
{
    struct rdv_out *out = request->data;

    out->writing = false;
    rdv_buf_reset(&out->buf, IDLE_BYTES);
    out->drained(out, status);
}

static uv_buf_t view(const struct rdv_buf *b)
{
    char *p = (char *)b->p;

    return uv_buf_init(b->start == 0 ? p : p + b->start, (unsigned)rdv_buf_len(b));
}

int rdv_out_send(struct rdv_out *out, uv_stream_t *to)
{
    uv_buf_t piece = view(&out->buf);
    int r;

    if (piece.len == 0 || out->writing)
        return 0;
    r = uv_try_write(to, &piece, 1);
    if (r < 0 && r != UV_EAGAIN)
        return r;
    if (r > 0)
        rdv_buf_consume(&out->buf, (size_t)r);
    if (rdv_buf_len(&out->buf) == 0) {
        rdv_buf_reset(&out->buf, IDLE_BYTES);
        return 0;
    }
    piece = view(&out->buf);
    out->request.data = out;
    if ((r = uv_write(&out->request, to, &piece, 1, on_written)) == 0)
        out->writing = true;
    return r;
}
