/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests of programs and their answers (docs/protocol.md, Programs): CBOR items, one behind the
 * other.
 *
 *   request  [id, method, params]         answer  [id, 0, result]
 *                                                 [id or null, code, refusal]
 *
 * Both ends frame what arrives in the same way: bytes go in, whole messages come out.
 */
#ifndef RDV_SCHEMA_WIRE_RPC_H
#define RDV_SCHEMA_WIRE_RPC_H

#include "base/bytes.h"
#include "base/err.h"
#include "schema/wire/cbor.h"

#define RDV_RPC_PROTOCOL "rdv/1" /* its name in ALPN (RFC 7301) */

#define RDV_RPC_CONTENT_MAX (1024 * 1024)                /* bytes of a record */
#define RDV_RPC_MESSAGE_MAX (RDV_RPC_CONTENT_MAX + 4096) /* bytes of a request, or an answer */
#define RDV_RPC_DEPTH_MAX 8                              /* arrays and maps in each other */
#define RDV_RPC_ID_MAX ((uint64_t)1 << 53)
#define RDV_RPC_METHOD_MAX 64
#define RDV_RPC_KEY_MAX 32 /* bytes of the name of a parameter */

/* --- framing ------------------------------------------------------------------------------------
 */

/* Where a message ends, as far as its bytes have been seen; it keeps none of them. Zeroed, with
 * `most` set, it stands before the first message. */
struct rdv_rpc_framer {
    size_t most; /* bytes of a message */
    size_t n;    /* bytes of this one so far */
    bool too_long;
    uint8_t head[RDV_CBOR_HEAD_MAX]; /* of an item, not whole yet */
    size_t n_head;
    uint64_t content; /* bytes of a string still to come */
    unsigned depth;
    uint64_t left[RDV_RPC_DEPTH_MAX]; /* items still to come, outermost first */
};

/*
 * Consumes from `in` up to the end of the current message, or all there is; the next call goes on
 * from there.
 * Out: *piece, the bytes consumed, which belong to the message; *whole, whether it ends with them.
 * Returns: RDV_ERR_LIMIT as soon as it is known that the message is longer than f->most, once: what
 * is consumed until it is whole belongs to it still. RDV_ERR_FORMAT: not CBOR of definite length,
 * or too deep: where the message ends cannot be known, and the framer must not be used any more.
 */
RDV_MUST_USE enum rdv_err rdv_rpc_frame(struct rdv_rpc_framer *f, struct rdv_reader *in,
                                        struct rdv_span *piece, bool *whole);

/* --- messages -----------------------------------------------------------------------------------
 */

struct rdv_rpc_request {
    bool has_id;
    uint64_t id;
    struct rdv_span method;
    struct rdv_span params; /* a map */
};

/*
 * Reads one whole request; spans point into it. What params holds is not looked at, but is known to
 * be well-formed, with nothing behind it.
 * Returns: RDV_ERR_FORMAT; has_id says whether an id could be read all the same.
 */
RDV_MUST_USE enum rdv_err rdv_rpc_get_request(struct rdv_rpc_request *out, struct rdv_span message);

/* The id of a request of which only the beginning is there; false when it is not. */
bool rdv_rpc_peek_id(uint64_t *id, struct rdv_span beginning);

struct rdv_rpc_answer {
    bool has_id; /* false: null */
    uint64_t id;
    uint64_t code;        /* 0: body is the result; else a refusal */
    struct rdv_span body; /* a map */
};

/* The same for an answer. */
RDV_MUST_USE enum rdv_err rdv_rpc_get_answer(struct rdv_rpc_answer *out, struct rdv_span message);

/* Append all but the last item, which is to follow: the map of parameters; the result (code 0) or
 * the refusal. id may be NULL in an answer. Return: RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_rpc_put_request(struct rdv_buf *out, uint64_t id, const char *method);
RDV_MUST_USE enum rdv_err rdv_rpc_put_answer(struct rdv_buf *out, const uint64_t *id,
                                             uint64_t code);

#endif
