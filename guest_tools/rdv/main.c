/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rdv: what root, devices and readers do with a secure element every day. It holds a key no longer
 * than a login takes; it must never show one that it was not asked for.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "guest_tools/rdv/args.h"
#include "guest_tools/rdv/tool.h"

static enum rdv_err run(struct tool *t, const struct tool_command *command)
{
    enum rdv_err err;

    t->command = command->name;
    if (t->options.help) {
        tool_tell_help(t, command);
        return RDV_OK;
    }
    if ((err = command->run(t)) != RDV_OK)
        tool_fail(t, err);
    return t->failed;
}

int main(int argc, char **argv)
{
    struct tool t = { .command = "" };
    const struct tool_command *command = NULL;
    enum rdv_err err;

    (void)signal(SIGPIPE, SIG_IGN);
    if ((err = tool_args(&t, &command, argc, argv)) != RDV_OK)
        tool_fail(&t, err);
    else if (command != NULL)
        err = run(&t, command);
    /* What was written must have arrived. */
    if ((fflush(stdout) != 0 || ferror(stdout)) && err == RDV_OK) {
        err = tool_why(&t, RDV_ERR_IO, "standard output");
        tool_fail(&t, err);
    }
    return rdv_err_exit(err);
}
