/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests that have arrived and wait to be run, in one buffer, in order:
 *
 *   kind(1) length(4) bytes
 */
#ifndef RDV_SE_CARD_REQUESTS_H
#define RDV_SE_CARD_REQUESTS_H

#include "base/bytes.h"
#include "base/err.h"

enum se_request_kind {
    /* text: lines.h */
    SE_REQUEST_LINE,
    SE_REQUEST_BINARY,
    SE_REQUEST_TOO_LONG,     /* a line over RDV_LINE_MAX; no bytes */
    SE_REQUEST_UNTERMINATED, /* the session ended within a line; no bytes */
    /* programs: frames.h */
    SE_REQUEST_CALL,
    SE_REQUEST_CALL_TOO_LONG, /* the first bytes of one over RDV_RPC_MESSAGE_MAX */
    SE_REQUEST_GARBLED,       /* where the next one would begin cannot be known; no bytes */
};

/* Returns: RDV_ERR_LIMIT when `requests` is full, RDV_ERR_NOMEM; nothing was added then. */
RDV_MUST_USE enum rdv_err se_requests_put(struct rdv_buf *requests, enum se_request_kind kind,
                                          struct rdv_span bytes);

/* Takes the next request from a reader over such a buffer; false at its end. */
bool se_requests_next(struct rdv_reader *rd, enum se_request_kind *kind, struct rdv_span *bytes);

#endif
