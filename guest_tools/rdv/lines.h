/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the text languages, asked and answered. */
#ifndef RDV_GUEST_TOOLS_RDV_LINES_H
#define RDV_GUEST_TOOLS_RDV_LINES_H

#include "guest_tools/rdv/tool.h"

/*
 * Asks a line and shows its answer. A refusal is told (tool_fail), and is not an error here.
 * Returns: what ended the session, RDV_ERR_USAGE (not a line).
 */
RDV_MUST_USE enum rdv_err tool_line_run(struct tool *t, struct rdv_client *c, struct rdv_span line);

/* Runs the lines of standard input, up to its end. */
RDV_MUST_USE enum rdv_err tool_lines_run(struct tool *t, struct rdv_client *c);

#endif
