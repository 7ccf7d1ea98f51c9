/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/tool.h"

#include <stdarg.h>
#include <stdio.h>

#include "guest_tools/rdv/json.h"

enum rdv_err tool_why(struct tool *t, enum rdv_err err, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(t->why.text, sizeof(t->why.text), format, ap);
    va_end(ap);
    return err;
}

void tool_fail(struct tool *t, enum rdv_err err)
{
    const char *why = t->why.text[0] == '\0' ? rdv_err_text(err) : t->why.text;

    if (t->failed == RDV_OK)
        t->failed = err;
    fprintf(stderr, "rdv%s%s: %s%s%s\n", t->command[0] == '\0' ? "" : " ", t->command,
            err == RDV_ERR_USAGE ? "" : rdv_err_name(err), err == RDV_ERR_USAGE ? "" : ": ", why);
    if (t->options.json)
        tool_json_error(err, why);
    t->why.text[0] = '\0';
}

void tool_say(const struct tool *t, const char *format, ...)
{
    va_list ap;

    if (!t->options.verbose)
        return;
    va_start(ap, format);
    (void)vfprintf(stderr, format, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
}

char *tool_next(struct tool *t)
{
    if (t->argc == 0)
        return NULL;
    t->argc--;
    return *t->argv++;
}

enum rdv_err tool_no_more(struct tool *t)
{
    if (t->argc == 0)
        return RDV_OK;
    return tool_why(t, RDV_ERR_USAGE, "\"%.60s\" is too much", t->argv[0]);
}
