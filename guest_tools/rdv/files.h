/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Content from files and standard input, and to files and standard output. */
#ifndef RDV_GUEST_TOOLS_RDV_FILES_H
#define RDV_GUEST_TOOLS_RDV_FILES_H

#include "guest_tools/rdv/tool.h"

/* Reads all of a file, or of standard input (NULL, "-"), at most out's limit. Returns:
 * RDV_ERR_ABSENT, RDV_ERR_LIMIT, RDV_ERR_IO, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err tool_read_input(struct tool *t, struct rdv_buf *out, const char *file);

/* Writes a file, whole or not at all, with `mode` less what the umask takes. Returns: RDV_ERR_FULL,
 * RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err tool_write_file(struct tool *t, const char *file, struct rdv_span bytes,
                                          unsigned mode);

/* Writes all to the file of --output, whole or not at all, or else to standard output. A new file
 * has `mode`, less what the umask takes. Returns: RDV_ERR_FULL, RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err tool_write_output(struct tool *t, struct rdv_span bytes, unsigned mode);

#endif
