/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/editor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <histedit.h>

#define HISTORY_MOST 500
#define SECRET_DIGITS 32

struct tool_editor {
    EditLine *el;
    History *history;
    char *path;
    const char *prompt;
    struct rdv_span help;
};

bool tool_line_is_secret(struct rdv_span line)
{
    size_t digits = 0;

    for (size_t i = 0; i < line.n && digits < SECRET_DIGITS; i++) {
        const uint8_t c = line.p[i];
        const bool is_digit =
                (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        digits = is_digit ? digits + 1 : 0;
    }
    return digits == SECRET_DIGITS;
}

/* --- libedit's callbacks ---------------------------------------------------------------------- */

static struct tool_editor *editor_of(EditLine *el)
{
    struct tool_editor *e = NULL;

    (void)el_get(el, EL_CLIENTDATA, &e);
    return e;
}

static char *on_prompt(EditLine *el)
{
    static char none[] = "";
    const struct tool_editor *e = editor_of(el);

    return e == NULL ? none : (char *)(uintptr_t)e->prompt; /* libedit only reads it */
}

static void show_candidates(const struct tool_candidates *c)
{
    printf("\n");
    for (size_t i = 0; i < c->n; i++)
        printf("%.*s%s", (int)c->list[i].n, (const char *)c->list[i].p,
               i + 1 == c->n ? "\n" : "  ");
    (void)fflush(stdout);
}

/* Tab: what all candidates have in common is typed; then, if that is nothing, they are shown. */
static unsigned char on_complete(EditLine *el, int key)
{
    const LineInfo *info = el_line(el);
    const struct rdv_span line = { (const uint8_t *)info->buffer,
                                   (size_t)(info->cursor - info->buffer) };
    struct tool_candidates c;
    char more[200];
    size_t n;

    (void)key;
    tool_complete(&c, editor_of(el)->help, line);
    n = tool_candidates_common(&c);
    if (n > c.typed || c.n == 1) {
        const int r = snprintf(more, sizeof(more), "%.*s%s", (int)(n - c.typed),
                               (const char *)c.list[0].p + c.typed,
                               c.n == 1 && c.list[0].p[n - 1] != '=' ? " " : "");

        return r > 0 && el_insertstr(el, more) == 0 ? CC_REFRESH : CC_ERROR;
    }
    if (c.n == 0)
        return CC_ERROR;
    show_candidates(&c);
    return CC_REDISPLAY;
}

/* Ctrl-C: the line is given up, not the program. */
static unsigned char on_cancel(EditLine *el, int key)
{
    const LineInfo *info = el_line(el);
    const int n = (int)(info->lastchar - info->buffer);

    (void)key;
    (void)el_cursor(el, (int)(info->lastchar - info->cursor));
    el_deletestr(el, n);
    printf("^C\n");
    (void)fflush(stdout);
    return CC_REDISPLAY;
}

/* --- life ------------------------------------------------------------------------------------- */

static enum rdv_err set_up(struct tool_editor *e, const char *path)
{
    HistEvent event;

    if ((e->path = strdup(path)) == NULL || (e->history = history_init()) == NULL ||
        (e->el = el_init("rdv", stdin, stdout, stderr)) == NULL)
        return RDV_ERR_NOMEM;
    (void)history(e->history, &event, H_SETSIZE, HISTORY_MOST);
    (void)history(e->history, &event, H_SETUNIQUE, 1);
    (void)history(e->history, &event, H_LOAD, e->path);
    (void)el_set(e->el, EL_CLIENTDATA, e);
    (void)el_set(e->el, EL_PROMPT, on_prompt);
    (void)el_set(e->el, EL_EDITOR, "emacs");
    (void)el_set(e->el, EL_HIST, history, e->history);
    (void)el_set(e->el, EL_ADDFN, "rdv-complete", "complete", on_complete);
    (void)el_set(e->el, EL_ADDFN, "rdv-cancel", "give the line up", on_cancel);
    (void)el_set(e->el, EL_BIND, "^I", "rdv-complete", NULL);
    (void)el_set(e->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
    (void)el_set(e->el, EL_SETTY, "-d", "-isig", NULL);
    (void)el_set(e->el, EL_BIND, "^C", "rdv-cancel", NULL);
    return RDV_OK;
}

enum rdv_err tool_editor_new(struct tool_editor **out, const char *prompt, const char *path,
                             struct rdv_span help)
{
    struct tool_editor *e;
    enum rdv_err err;

    *out = NULL;
    if ((e = calloc(1, sizeof(*e))) == NULL)
        return RDV_ERR_NOMEM;
    e->prompt = prompt;
    e->help = help;
    if ((err = set_up(e, path)) != RDV_OK) {
        tool_editor_free(e);
        return err;
    }
    *out = e;
    return RDV_OK;
}

void tool_editor_free(struct tool_editor *e)
{
    HistEvent event;
    mode_t before;

    if (e == NULL)
        return;
    if (e->el != NULL) {
        before = umask(077);
        (void)history(e->history, &event, H_SAVE, e->path);
        (void)umask(before);
        el_end(e->el);
    }
    if (e->history != NULL)
        history_end(e->history);
    free(e->path);
    free(e);
}

bool tool_editor_line(struct tool_editor *e, struct rdv_span *line)
{
    HistEvent event;
    int n = 0;
    const char *text = el_gets(e->el, &n);

    if (text == NULL || n <= 0)
        return false;
    *line = (struct rdv_span){ (const uint8_t *)text, (size_t)n };
    while (line->n > 0 && (text[line->n - 1] == '\n' || text[line->n - 1] == '\r'))
        line->n--;
    if (line->n > 0 && !tool_line_is_secret(*line))
        (void)history(e->history, &event, H_ENTER, text);
    return true;
}
