/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys typed at the terminal, which shows nothing of them. */
#ifndef RDV_GUEST_TOOLS_RDV_PROMPT_H
#define RDV_GUEST_TOOLS_RDV_PROMPT_H

#include <rdv/uri.h>

#include "base/bytes.h"
#include "base/secret.h"

/* Whether there is a terminal to ask at. */
bool tool_prompt_is_possible(void);

/* Asks for a line, without echo; it may hold a secret. Returns: RDV_ERR_STATE (no terminal),
 * RDV_ERR_CLOSED (end of input), RDV_ERR_LIMIT, RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err tool_prompt(struct rdv_buf *line, const char *question,
                                      struct rdv_why *why);

/* Asks for the key of where's identity. Returns also: RDV_ERR_FORMAT, RDV_ERR_WEAK (all zero). */
RDV_MUST_USE enum rdv_err tool_prompt_key(struct rdv_key *key, const struct rdv_uri *where,
                                          struct rdv_why *why);

#endif
