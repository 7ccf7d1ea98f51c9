/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv put DIR/ and rdv get --all: all records of a directory. */
#ifndef RDV_GUEST_TOOLS_RDV_TRANSFER_H
#define RDV_GUEST_TOOLS_RDV_TRANSFER_H

#include "guest_tools/rdv/tool.h"

/* True of a directory: a name with a '/' at its end, or one that is there. */
bool tool_is_directory(const char *operand);

/*
 * Writes each file XX or XX.anything of a directory to record XX. Names that are none are refused
 * before anything is sent; those that begin with a dot are left alone. What was done is noted in
 * DIR/.rdv-put until all is.
 */
RDV_MUST_USE enum rdv_err tool_put_all(struct tool *t, const struct rdv_uri *where, const char *dir,
                                       long tries);

/* Reads each record that holds something to DIR/XX; noted in DIR/.rdv-get until all is done. */
RDV_MUST_USE enum rdv_err tool_get_all(struct tool *t, const struct rdv_uri *where, const char *dir,
                                       long tries);

#endif
