/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the handlers of words_*.c share: refusing what a command does not take, reading arguments.
 */
#ifndef RDV_SE_CARD_WORDS_ARG_H
#define RDV_SE_CARD_WORDS_ARG_H

#include "se_card/commands.h"

/* The account the first word names, which becomes the target. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_words_account(struct se_session *s, struct se_account *out,
                                           struct se_request *rq);

/* key=N in [0, most]; *out is left alone when it is not given. */
RDV_MUST_USE enum rdv_err se_words_number(struct se_session *s, int64_t *out,
                                          const struct se_request *rq, const char *key,
                                          int64_t most);

/* key=DURATION in seconds, the same. */
RDV_MUST_USE enum rdv_err se_words_duration(struct se_session *s, int64_t *out,
                                            const struct se_request *rq, const char *key);

/* key=DURATION|TIME, the same; `none` says 0. A moment that is past is refused. */
RDV_MUST_USE enum rdv_err se_words_moment(struct se_session *s, int64_t *out,
                                          const struct se_request *rq, const char *key,
                                          const char *none);

/* key=yes or no; *out is left alone when it is not given. */
RDV_MUST_USE enum rdv_err se_words_flag(struct se_session *s, bool *out,
                                        const struct se_request *rq, const char *key);

#endif
