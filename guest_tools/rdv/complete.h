/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may come next in a line for a card: learned from its own !help, so that it is never behind.
 *
 *   !gu<Tab>              !guest
 *   !guest <Tab>          add delete disable ...
 *   !guest add x p<Tab>   posts= psk=
 *   !guest add x psk=<Tab>    psk=auto
 */
#ifndef RDV_GUEST_TOOLS_RDV_COMPLETE_H
#define RDV_GUEST_TOOLS_RDV_COMPLETE_H

#include "base/bytes.h"
#include "base/err.h"

#define TOOL_CANDIDATES_MAX 64

struct tool_candidates {
    size_t typed; /* bytes at the end of the line that they stand for */
    size_t n;
    struct rdv_span list[TOOL_CANDIDATES_MAX]; /* in the help, or in words[] */
    char words[1024];                          /* those that were put together */
    size_t n_words;
};

/* What could stand where the line ends; `help` is the answer to !help, and is borrowed. */
void tool_complete(struct tool_candidates *out, struct rdv_span help, struct rdv_span line);

/* How many bytes all candidates begin with. */
size_t tool_candidates_common(const struct tool_candidates *c);

#endif
