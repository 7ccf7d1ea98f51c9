/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLS-SE command language: a line in, an answer out. Thin: it reads the line and looks the
 * command up in the table (commands.h). Every failure answers ERROR; the log says which.
 */
#ifndef RDV_SE_CARD_SHELL_H
#define RDV_SE_CARD_SHELL_H

#include "base/bytes.h"
#include "base/err.h"
#include "schema/wire/command.h"
#include "se_card/commands.h"

#define SE_ANSWER_ERROR "ERROR\r\n"
#define SE_ANSWER_OK "OK\r\n"

/*
 * Runs one line (without its end) inside the element's store transaction and appends its answer,
 * which may be empty (?02). A command that fails leaves no effect.
 * Returns: RDV_OK whatever the answer; RDV_ERR_LOST when the store lost the whole transaction and
 * nothing of it may be acknowledged.
 */
RDV_MUST_USE enum rdv_err se_shell_run(struct se_session *s, struct rdv_buf *answer,
                                       struct rdv_span line);

/* --- for the handlers of shell*.c --------------------------------------------------------------
 */

/* The kinds of answers: "OK", a text, upper-case hex; each with its line end. */
RDV_MUST_USE enum rdv_err se_shell_ok(struct se_answer *answer);
RDV_MUST_USE enum rdv_err se_shell_text(struct se_answer *answer, struct rdv_span text);
RDV_MUST_USE enum rdv_err se_shell_hex(struct se_answer *answer, struct rdv_span bytes);

/*
 * shell_keys.c: which key a command is about, and its mode, from the two digits behind the letter
 * (or, for ?32 to ?34, from what the payload begins with).
 * Returns: RDV_ERR_RANGE when the letter has no such class or mode, RDV_ERR_FORMAT.
 */
RDV_MUST_USE enum rdv_err se_shell_find_key(struct se_session *s, struct se_request *rq,
                                            const struct rdv_command *command);

#endif
