/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sending side of a libuv stream: bytes are tried at once, and what the other side does not
 * take is written later. While `writing`, the buffer must not be touched: whoever fills it stops
 * reading its own source until `drained` is called. That is all the flow control there is.
 */
#ifndef RDV_BASE_OUT_UV_H
#define RDV_BASE_OUT_UV_H

#include <uv.h>

#include "base/bytes.h"

struct rdv_out {
    struct rdv_buf buf;
    bool writing;
    uv_write_t request;
    /* Called when a write that had to wait has ended; status is 0 or libuv's error. */
    void (*drained)(struct rdv_out *out, int status);
};

/* Sends what is in the buffer. Returns 0 (sent, or `writing` now), or libuv's error. */
int rdv_out_send(struct rdv_out *out, uv_stream_t *to);

#endif
