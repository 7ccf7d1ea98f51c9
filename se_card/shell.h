/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLS-SE command language: a line in, an answer out. Thin: it reads the line and looks the
 * command up in the table (commands.h). Every failure answers ERROR; the log says which.
 */
#ifndef RDV_SE_CARD_SHELL_H
#define RDV_SE_CARD_SHELL_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/session.h"

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

#endif
