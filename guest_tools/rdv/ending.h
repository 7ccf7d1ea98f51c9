/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_GUEST_TOOLS_RDV_ENDING_H
#define RDV_GUEST_TOOLS_RDV_ENDING_H

#include "guest_tools/rdv/tool.h"

/* From now on SIGINT and SIGTERM end nothing: *fd, for the caller to close, becomes readable. For
 * commands that end in good order. Returns: RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err tool_ending(struct tool *t, int *fd);

#endif
