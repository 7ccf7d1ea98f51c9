/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line, from options.def and commands.def. */
#ifndef RDV_GUEST_TOOLS_RDV_ARGS_H
#define RDV_GUEST_TOOLS_RDV_ARGS_H

#include "guest_tools/rdv/tool.h"

struct tool_command {
    const char *name;
    unsigned groups; /* of options */
    const char *operands;
    const char *help;
    enum rdv_err (*run)(struct tool *t);
};

/* All, in the order of commands.def. */
const struct tool_command *tool_commands(size_t *n);

/* NULL when there is none of that name. */
const struct tool_command *tool_command_named(const char *name);

/*
 * Reads the command line; options may stand anywhere behind the command, and those of all commands
 * before it too. *command is NULL when all that was asked for is done: --help, --version.
 * Returns: RDV_ERR_USAGE.
 */
RDV_MUST_USE enum rdv_err tool_args(struct tool *t, const struct tool_command **command, int argc,
                                    char **argv);

/* What `rdv help` says, or `rdv help COMMAND`: with --json an object of each command, verb and
 * option. command is NULL for all. */
void tool_tell_help(const struct tool *t, const struct tool_command *command);

#endif
