/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts, shown: a line each, for people or as JSON. */
#ifndef RDV_GUEST_TOOLS_RDV_VERDICT_H
#define RDV_GUEST_TOOLS_RDV_VERDICT_H

#include <stdio.h>

#include <rdv/verify.h>

struct tool_show {
    bool json, content, colour;
    const char *from; /* what came on no topic came from here: a file, an entry of a log; NULL */
};

/* topic, which may be NULL: where it came, of what cannot be believed. */
void tool_verdict_show(FILE *out, const struct tool_show *how, const struct rdv_verified *verified,
                       const char *topic);

/* Where a record stands, in a line. */
void tool_standing_show(FILE *out, const struct rdv_standing *standing);

#endif
