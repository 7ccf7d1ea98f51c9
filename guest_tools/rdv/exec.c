/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv exec: commands of the text languages, and their answers as they are. */
#include <string.h>

#include "guest_tools/rdv/lines.h"

/* Commands may hold keys, and arguments are seen by ps: each is struck out before it runs. */
static enum rdv_err run_operand(struct tool *t, struct rdv_client *c, char *operand)
{
    struct rdv_buf command = RDV_BUF(RDV_LINE_BYTES + 1);
    enum rdv_err err;

    if ((err = rdv_put_text(&command, operand)) == RDV_ERR_LIMIT)
        return tool_why(t, RDV_ERR_USAGE, "a command has at most %d bytes", RDV_LINE_BYTES);
    memset(operand, '*', strlen(operand));
    if (err == RDV_OK)
        err = tool_line_run(t, c, rdv_buf_view(&command));
    rdv_buf_free(&command);
    return err;
}

TOOL_COMMAND(exec)
{
    struct rdv_client *c = NULL;
    struct rdv_uri where;
    enum rdv_err err;

    if ((err = tool_where(t, &where)) != RDV_OK)
        return err;
    if (where.command[0] == '\0' && t->argc == 0)
        err = tool_why(t, RDV_ERR_USAGE,
                       "no command: give some, or - to read them from standard "
                       "input");
    else
        err = tool_connect(t, &c, &where, RDV_LINES);
    if (err == RDV_OK && where.command[0] != '\0')
        err = tool_line_run(t, c, rdv_span_of(where.command));
    while (err == RDV_OK && t->argc > 0) {
        char *operand = tool_next(t);

        err = strcmp(operand, "-") == 0 ? tool_lines_run(t, c) : run_operand(t, c, operand);
    }
    rdv_client_close(c);
    rdv_uri_wipe(&where);
    return err;
}
