/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes with a command, fitted to its syntax (syntax.h): from the words of a line, or the map
 * of a program's request. Handlers see the same either way: numbers, moments, durations and flags
 * as a person writes them, HEX as the bytes themselves.
 */
#ifndef RDV_SE_CARD_PARAMS_H
#define RDV_SE_CARD_PARAMS_H

#include "se_card/commands.h"

/* Bytes of memory that se_params_take_map may need for numbers and lists. */
#define SE_PARAMS_TEXT_MAX (16384 + 22 * 32)

/*
 * Fills in rq for a command: the slot where it has a scope, and rq->words. A fault that may wait
 * until the right was checked goes to rq->malformed.
 * Returns: RDV_ERR_FORMAT when there is no slot, with the fault named; RDV_ERR_NOMEM.
 */

/* `words` are those behind the command's name, and are changed. `bytes` receives what HEX stands
 * for. Both must last as long as rq. */
RDV_MUST_USE enum rdv_err se_params_take_words(struct se_session *s, const struct se_command *c,
                                               struct se_request *rq, struct rdv_words *words,
                                               struct rdv_buf *bytes);

/* `map` is one, well-formed. `words` and `text` (empty, of SE_PARAMS_TEXT_MAX) receive what it
 * says. All three must last as long as rq. */
RDV_MUST_USE enum rdv_err se_params_take_map(struct se_session *s, const struct se_command *c,
                                             struct se_request *rq, struct rdv_words *words,
                                             struct rdv_buf *text, struct rdv_span map);

/* Checks that nothing is missing, too much or unknown. Returns: RDV_ERR_FORMAT, with the fault
 * named. */
RDV_MUST_USE enum rdv_err se_params_check(struct se_session *s, const struct se_command *c,
                                          const struct rdv_words *words);

#endif
