/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv shell: a conversation with a card. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest_tools/rdv/editor.h"
#include "guest_tools/rdv/lines.h"
#include "guest_tools/rdv/profile.h"

#define HELP_MAX ((size_t)256 * 1024)

struct shell {
    struct tool *t;
    const struct rdv_uri *where;
    struct rdv_client *c;
    struct rdv_buf help; /* the card's answer to !help */
};

/* A session may have ended while nobody typed: nothing was asked, so another one will do. */
static enum rdv_err be_connected(struct shell *sh)
{
    if (sh->c != NULL && rdv_client_is_open(sh->c))
        return RDV_OK;
    if (sh->c != NULL)
        fprintf(stderr, "(the session had ended: %s; logging in again)\n",
                rdv_session_why(rdv_client_session(sh->c)));
    rdv_client_close(sh->c);
    sh->c = NULL;
    return tool_connect(sh->t, &sh->c, sh->where, RDV_LINES);
}

/* Completion is a comfort: without the card's help there is none. */
static enum rdv_err learn(struct shell *sh)
{
    struct rdv_answer a;

    if (rdv_client_say(sh->c, "!help", 5, &a) != RDV_OK)
        return RDV_OK;
    return rdv_put_bytes(&sh->help, (struct rdv_span){ a.bytes, a.n });
}

/* Words of the shell itself: none of them could be a command of a card. */
static bool is_goodbye(struct rdv_span line)
{
    return rdv_span_is(line, "exit") || rdv_span_is(line, "quit");
}

static void run_line(struct shell *sh, struct rdv_span line)
{
    struct tool *t = sh->t;
    enum rdv_err err;

    if (rdv_span_is(line, "help"))
        line = RDV_LIT("!help");
    if ((err = be_connected(sh)) != RDV_OK || (err = tool_line_run(t, sh->c, line)) != RDV_OK)
        tool_fail(t, err);
    if (sh->c != NULL && !rdv_session_is_open(rdv_client_session(sh->c))) {
        rdv_client_close(sh->c);
        sh->c = NULL;
        if (err == RDV_OK)
            fprintf(stderr, "(the card has ended the session)\n");
    }
}

static void name_prompt(char *out, size_t size, const struct rdv_uri *where)
{
    (void)snprintf(out, size, "%s@%s> ",
                   where->identity[0] == '\0' ? RDV_IDENTITY_DEFAULT : where->identity, where->sen);
}

static enum rdv_err converse(struct shell *sh)
{
    char config[PATH_MAX], history[PATH_MAX], prompt[100];
    struct tool_editor *editor = NULL;
    struct rdv_span line;
    enum rdv_err err;

    if ((err = learn(sh)) != RDV_OK ||
        (err = tool_config_path(config, sh->t->options.config, &sh->t->why)) != RDV_OK ||
        (err = tool_path_beside(history, config, "history")) != RDV_OK)
        return err;
    name_prompt(prompt, sizeof(prompt), sh->where);
    if ((err = tool_editor_new(&editor, prompt, history, rdv_buf_view(&sh->help))) != RDV_OK)
        return err;
    printf("Commands of TLS-SE and !words; !help lists them, Tab completes, Ctrl-D ends.\n");
    while (tool_editor_line(editor, &line) && !is_goodbye(line)) {
        if (line.n > 0)
            run_line(sh, line);
    }
    tool_editor_free(editor);
    return RDV_OK;
}

TOOL_COMMAND(shell)
{
    struct rdv_uri where;
    struct shell sh = { .t = t, .where = &where, .help = RDV_BUF(HELP_MAX) };
    enum rdv_err err;

    if ((err = tool_where(t, &where)) != RDV_OK || (err = tool_no_more(t)) != RDV_OK ||
        (err = tool_connect(t, &sh.c, &where, RDV_LINES)) != RDV_OK)
        goto out;
    if (isatty(STDIN_FILENO))
        err = converse(&sh);
    else
        err = tool_lines_run(t, sh.c);
out:
    rdv_client_close(sh.c);
    rdv_buf_free(&sh.help);
    rdv_uri_wipe(&where);
    /* What was refused in a conversation was seen there. */
    if (err == RDV_OK && isatty(STDIN_FILENO))
        t->failed = RDV_OK;
    return err;
}
