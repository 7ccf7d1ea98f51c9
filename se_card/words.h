/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The `!` language, for people at openssl s_client: words in, key=value lines out, closed by a line
 * "OK" or "ERR code text". Thin: it reads the line and looks the command up in the table
 * (commands.h). No line begins with Q, R, C, k or K, which openssl s_client keeps for itself.
 */
#ifndef RDV_SE_CARD_WORDS_H
#define RDV_SE_CARD_WORDS_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/session.h"

#define SE_WORDS_MARK '!'

/* Runs one line (with its mark, without its end) and appends the answer. Returns as se_shell_run.
 */
RDV_MUST_USE enum rdv_err se_words_run(struct se_session *s, struct rdv_buf *answer,
                                       struct rdv_span line);

/* Appends "ERR code why"; the error's own text when why is empty. Returns: RDV_ERR_LIMIT,
 * RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_words_fail(struct rdv_buf *answer, enum rdv_err err, const char *why);

/* True for a line that must not be run within a group of others (SE_ALONE). */
bool se_words_wants_alone(struct rdv_span line);

#endif
