/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "guest_tools/rdv/json.h"

/* Lines of words end as the wire has them; what answers a command of TLS-SE may be any bytes. */
static void write_body(struct rdv_span body, bool words)
{
    for (size_t i = 0; i < body.n; i++) {
        if (!words || body.p[i] != '\r' || i + 1 == body.n || body.p[i + 1] != '\n')
            (void)putchar(body.p[i]);
    }
    if (body.n > 0)
        (void)putchar('\n');
}

static void show(const struct tool *t, struct rdv_span command, const struct rdv_answer *a)
{
    const struct rdv_span body = { a->bytes, a->n };

    if (t->options.json)
        tool_json_answer(command, body);
    else
        write_body(body, command.p[0] == '!');
    (void)fflush(stdout);
}

enum rdv_err tool_line_run(struct tool *t, struct rdv_client *c, struct rdv_span command)
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

enum rdv_err tool_lines_run(struct tool *t, struct rdv_client *c)
{
    char *line = NULL;
    size_t size = 0;
    enum rdv_err err = RDV_OK;
    ssize_t n;

    while (err == RDV_OK && (n = getline(&line, &size, stdin)) >= 0) {
        while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            n--;
        if (n > 0)
            err = tool_line_run(t, c, (struct rdv_span){ (uint8_t *)line, (size_t)n });
        rdv_wipe(line, size); /* it may have held a key */
    }
    free(line);
    return err;
}
