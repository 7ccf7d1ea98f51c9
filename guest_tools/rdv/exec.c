/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv exec: commands of the text languages, and their answers as they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "guest_tools/rdv/json.h"
#include "guest_tools/rdv/tool.h"

static void show(const struct tool *t, struct rdv_span command, const struct rdv_answer *a)
{
    const struct rdv_span body = { a->bytes, a->n };

    if (t->options.json) {
        tool_json_answer(command, body);
    } else if (body.n > 0) {
        (void)fwrite(body.p, 1, body.n, stdout);
        (void)fputc('\n', stdout);
    }
    (void)fflush(stdout);
}

/* A refusal is told, and the next command has its turn; a session that is over ends all. */
static enum rdv_err run_command(struct tool *t, struct rdv_client *c, struct rdv_span command)
{
    struct rdv_answer a;
    enum rdv_err err;

    if ((err = rdv_client_say(c, (const char *)command.p, command.n, &a)) == RDV_OK) {
        show(t, command, &a);
        return RDV_OK;
    }
    if (err == RDV_ERR_STATE)
        return tool_why(t, RDV_ERR_CLOSED, "the session has ended before this command");
    if (err == RDV_ERR_FORMAT && a.why[0] == '\0')
        return tool_why(t, RDV_ERR_USAGE, "a command is one line, and not an empty one");
    if (a.why[0] != '\0')
        (void)tool_why(t, err, "%s", a.why);
    if (!rdv_session_is_open(rdv_client_session(c)))
        return err;
    tool_fail(t, err);
    return RDV_OK;
}

static enum rdv_err run_lines(struct tool *t, struct rdv_client *c)
{
    char *line = NULL;
    size_t size = 0;
    enum rdv_err err = RDV_OK;
    ssize_t n;

    while (err == RDV_OK && (n = getline(&line, &size, stdin)) >= 0) {
        while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            n--;
        if (n > 0)
            err = run_command(t, c, (struct rdv_span){ (uint8_t *)line, (size_t)n });
        rdv_wipe(line, size); /* it may have held a key */
    }
    free(line);
    return err;
}

/* Commands may hold keys, and arguments are seen by ps: each is struck out before it runs. */
static enum rdv_err run_operand(struct tool *t, struct rdv_client *c, char *operand)
{
    struct rdv_buf command = RDV_BUF(RDV_LINE_BYTES + 1);
    enum rdv_err err;

    if ((err = rdv_put_text(&command, operand)) == RDV_ERR_LIMIT)
        return tool_why(t, RDV_ERR_USAGE, "a command has at most %d bytes", RDV_LINE_BYTES);
    memset(operand, '*', strlen(operand));
    if (err == RDV_OK)
        err = run_command(t, c, rdv_buf_view(&command));
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
        err = run_command(t, c, rdv_span_of(where.command));
    while (err == RDV_OK && t->argc > 0) {
        char *operand = tool_next(t);

        err = strcmp(operand, "-") == 0 ? run_lines(t, c) : run_operand(t, c, operand);
    }
    rdv_client_close(c);
    rdv_uri_wipe(&where);
    return err;
}
