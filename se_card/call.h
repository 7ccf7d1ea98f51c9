/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The language of programs: a request in, an answer out (schema/wire/rpc.h, docs/protocol.md).
 * Thin: a method is a command of the table that has a name of words, its parameters are fitted to
 * the command's syntax (params.h), and the command's answer is its result (answer.h).
 */
#ifndef RDV_SE_CARD_CALL_H
#define RDV_SE_CARD_CALL_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/session.h"

/* Runs one whole request and appends the answer. Returns as se_shell_run. */
RDV_MUST_USE enum rdv_err se_call_run(struct se_session *s, struct rdv_buf *answer,
                                      struct rdv_span request);

/* Appends a refusal, with the id that the request begins with, if it does. `why` is for people.
 * Returns: RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_call_fail(struct rdv_buf *answer, struct rdv_span request,
                                       enum rdv_err err, const char *why);

/* The refusal of one that is too long, by its first bytes. */
RDV_MUST_USE enum rdv_err se_call_refuse_long(struct rdv_buf *answer, struct rdv_span start);

/* True for a request that must not be run within a group of others (SE_ALONE). */
bool se_call_wants_alone(struct rdv_span request);

#endif
