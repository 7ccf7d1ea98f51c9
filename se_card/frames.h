/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From decrypted TLS records to the requests of programs (schema/wire/rpc.h): one may run over
 * several records, and several may come in one; each gets exactly one answer, however it was cut.
 */
#ifndef RDV_SE_CARD_FRAMES_H
#define RDV_SE_CARD_FRAMES_H

#include "schema/wire/rpc.h"
#include "se_card/requests.h"

struct se_frames {
    struct rdv_rpc_framer framer;
    struct rdv_buf begun; /* a request that is not whole yet */
    bool skipping;        /* the rest of one that is too long */
    bool garbled;         /* nothing more is read */
};

void se_frames_init(struct se_frames *frames);
void se_frames_free(struct se_frames *frames);

/* Appends the requests that the data of one TLS record completes. Returns: RDV_ERR_LIMIT when
 * `requests` is full, RDV_ERR_NOMEM: the session cannot go on then. */
RDV_MUST_USE enum rdv_err se_frames_feed(struct se_frames *frames, struct rdv_buf *requests,
                                         struct rdv_span data);

#endif
