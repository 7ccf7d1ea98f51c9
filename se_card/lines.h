/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From decrypted TLS records to requests. A line ends at LF (a CR before it is dropped) and may run
 * over several records: every line gets exactly one answer, however it was cut. A command with the
 * binary bit takes the rest of its record.
 */
#ifndef RDV_SE_CARD_LINES_H
#define RDV_SE_CARD_LINES_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/requests.h"

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

#endif
