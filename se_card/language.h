/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The languages of a session, as its card sees them: what arrives becomes requests (requests.h),
 * and each is run by the language it is in:
 *
 *   text       TLS-SE lines (shell.h), `!` lines (words.h)
 *   programs   CBOR (call.h), for a client that has offered it (RDV_RPC_PROTOCOL)
 */
#ifndef RDV_SE_CARD_LANGUAGE_H
#define RDV_SE_CARD_LANGUAGE_H

#include "se_card/frames.h"
#include "se_card/lines.h"
#include "se_card/requests.h"
#include "se_card/session.h"

struct se_input {
    bool of_programs;
    struct se_lines lines;
    struct se_frames frames;
};

void se_input_init(struct se_input *in, bool of_programs);
void se_input_free(struct se_input *in);

/* Appends the requests that the data of one TLS record completes. Returns: RDV_ERR_LIMIT when
 * `requests` is full, RDV_ERR_NOMEM: the session cannot go on then. */
RDV_MUST_USE enum rdv_err se_input_feed(struct se_input *in, struct rdv_buf *requests,
                                        struct rdv_span data);

/* The client will send no more. Returns as above. */
RDV_MUST_USE enum rdv_err se_input_end(struct se_input *in, struct rdv_buf *requests);

/* Runs one request and appends its answer. Returns as se_shell_run. */
RDV_MUST_USE enum rdv_err se_language_run(struct se_session *s, struct rdv_buf *answer,
                                          enum se_request_kind kind, struct rdv_span bytes);

/* Appends the answer of a request that could not be run, or whose effect could not be kept: `err`,
 * and why. Returns: RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_language_fail(struct rdv_buf *answer, enum se_request_kind kind,
                                           struct rdv_span bytes, enum rdv_err err,
                                           const char *why);

/* True for a request that must not be run within a group of others (SE_ALONE). */
bool se_language_wants_alone(enum se_request_kind kind, struct rdv_span bytes);

#endif
