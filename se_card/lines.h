/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From decrypted TLS records to requests. A line ends at LF (a CR before it is dropped) and may run
 * over several records: every line gets exactly one answer, however it was cut. A command with the
 * binary bit takes the rest of its record.
 *
 * Requests wait in one buffer, in order:  kind(1) length(4) bytes
 */
#ifndef RDV_SE_CARD_LINES_H
#define RDV_SE_CARD_LINES_H

#include "base/bytes.h"
#include "base/err.h"

enum se_request_kind {
    SE_REQUEST_LINE,
    SE_REQUEST_BINARY,
    SE_REQUEST_TOO_LONG,     /* a line over RDV_LINE_MAX; no bytes */
    SE_REQUEST_UNTERMINATED, /* the session ended within a line; no bytes */
};

struct se_lines {
    struct rdv_buf tail; /* a line that has not ended yet */
    bool skipping;       /* the rest of a line that was too long */
};

void se_lines_init(struct se_lines *lines);
void se_lines_free(struct se_lines *lines);

/* Appends the requests that the text of one TLS record completes. Returns: RDV_ERR_LIMIT when
 * `requests` is full, RDV_ERR_NOMEM: the session cannot go on then. */
RDV_MUST_USE enum rdv_err se_lines_feed(struct se_lines *lines, struct rdv_buf *requests,
                                        struct rdv_span text);

/* The client will send no more: a line that has not ended is answered too. Returns as above. */
RDV_MUST_USE enum rdv_err se_lines_end(struct se_lines *lines, struct rdv_buf *requests);

/* Takes the next request from a reader over such a buffer; false at its end. */
bool se_lines_next(struct rdv_reader *rd, enum se_request_kind *kind, struct rdv_span *bytes);

#endif
