/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv exec: commands of the text languages, and their answers as they are. */
#include <string.h>

#include "guest_tools/rdv/lines.h"

/* As much as a command line has on Linux. */
#define OPERANDS_MAX ((size_t)2 * 1024 * 1024)

/* Commands may hold keys, and arguments are seen by ps: all are struck out before the first runs. A
 * NUL stands behind each. */
static enum rdv_err take_operands(struct tool *t, struct rdv_buf *out)
{
    char *operand;
    enum rdv_err err;

    while ((operand = tool_next(t)) != NULL) {
        const size_t n = strlen(operand);

        if (n > RDV_LINE_BYTES)
            return tool_why(t, RDV_ERR_USAGE, "a command has at most %d bytes", RDV_LINE_BYTES);
        if ((err = rdv_put_bytes(out, (struct rdv_span){ (uint8_t *)operand, n + 1 })) != RDV_OK)
            return err;
        if (strcmp(operand, "-") != 0)
            memset(operand, '*', n);
    }
    return RDV_OK;
}

static enum rdv_err run_operands(struct tool *t, struct rdv_client *c, struct rdv_span operands)
{
    enum rdv_err err = RDV_OK;

    while (err == RDV_OK && operands.n > 0) {
        const struct rdv_span command = rdv_span_of((const char *)operands.p);

        err = rdv_span_is(command, "-") ? tool_lines_run(t, c) : tool_line_run(t, c, command);
        operands = (struct rdv_span){ operands.p + command.n + 1, operands.n - command.n - 1 };
    }
    return err;
}

TOOL_COMMAND(exec)
{
    struct rdv_buf operands = RDV_BUF(OPERANDS_MAX);
    struct rdv_client *c = NULL;
    struct rdv_uri where;
    enum rdv_err err;

    if ((err = tool_where(t, &where)) != RDV_OK || (err = take_operands(t, &operands)) != RDV_OK)
        goto out;
    if (where.command[0] == '\0' && rdv_buf_len(&operands) == 0)
        err = tool_why(t, RDV_ERR_USAGE,
                       "no command: give some, or - to read them from standard "
                       "input");
    else
        err = tool_connect(t, &c, &where, RDV_LINES);
    if (err == RDV_OK && where.command[0] != '\0')
        err = tool_line_run(t, c, rdv_span_of(where.command));
    if (err == RDV_OK)
        err = run_operands(t, c, rdv_buf_view(&operands));
out:
    rdv_client_close(c);
    rdv_buf_free(&operands);
    rdv_uri_wipe(&where);
    return err;
}
