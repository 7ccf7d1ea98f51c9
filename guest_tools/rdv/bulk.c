/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/bulk.h"

#include <time.h>

#define AT_ONCE 64

static struct tool_bulk_item *find(struct tool_bulk *b, uint32_t request)
{
    for (size_t i = 0; i < b->n; i++) {
        if (b->items[i].request == request)
            return &b->items[i];
    }
    return NULL;
}

static void give_up(struct tool_bulk *b, struct tool_bulk_item *item, enum rdv_err err)
{
    struct rdv_why why = b->t->why;

    tool_progress_clear(&b->progress);
    (void)tool_why(b->t, err, "record %02X: %s", (unsigned)item->record,
                   why.text[0] == '\0' ? rdv_err_text(err) : why.text);
    tool_fail(b->t, err);
    item->done = true;
    tool_progress_step(&b->progress, item->bytes);
}

/* Asks for items from *next on, until enough is under way. */
static void ask(struct tool_bulk *b, struct rdv_session *s, size_t *next)
{
    for (; *next < b->n && rdv_session_unanswered(s) < AT_ONCE && rdv_session_is_open(s); ++*next) {
        struct tool_bulk_item *item = &b->items[*next];
        enum rdv_err err;

        if (item->done)
            continue;
        b->t->why.text[0] = '\0';
        if ((err = b->ask(b, s, item)) == RDV_OK)
            continue;
        item->request = 0;
        if (err == RDV_ERR_LIMIT && rdv_session_unanswered(s) > 0)
            return;
        give_up(b, item, err);
    }
}

/* An answer, or what became of a request without one: that is for the next session. */
static void take(struct tool_bulk *b, const struct rdv_session *s, const struct rdv_answer *a)
{
    struct tool_bulk_item *item = find(b, a->request);
    enum rdv_err err = a->err;

    if (item == NULL)
        return;
    item->request = 0;
    b->t->why.text[0] = '\0';
    if (err != RDV_OK && !rdv_session_is_open(s)) {
        item->unknown |= err == RDV_ERR_OUTCOME;
        return;
    }
    if (err != RDV_OK)
        (void)tool_why(b->t, err, "%s", a->why);
    else
        err = b->take(b, item, a);
    if (err != RDV_OK) {
        give_up(b, item, err);
        return;
    }
    item->done = true;
    tool_progress_step(&b->progress, item->bytes);
}

static size_t left(const struct tool_bulk *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        n += !b->items[i].done;
    return n;
}

/* One that was never answered may be done, whatever has become of the sessions after it. */
static bool is_unknown(const struct tool_bulk *b)
{
    for (size_t i = 0; i < b->n; i++) {
        if (!b->items[i].done && b->items[i].unknown)
            return true;
    }
    return false;
}

/* Returns: what ended the session before all was done. */
static enum rdv_err run_session(struct tool_bulk *b)
{
    struct rdv_client *c = NULL;
    struct rdv_session *s;
    struct rdv_answer a;
    size_t next = 0;
    enum rdv_err err;

    if ((err = tool_connect(b->t, &c, b->where, RDV_REQUESTS)) != RDV_OK)
        return err;
    b->met = true;
    s = rdv_client_session(c);
    for (;;) {
        ask(b, s, &next);
        if (rdv_session_unanswered(s) == 0)
            break;
        if ((err = rdv_client_wait(c, &a)) != RDV_OK)
            break;
        take(b, s, &a);
    }
    if (left(b) > 0) {
        (void)tool_why(b->t, RDV_ERR_CLOSED, "%s", rdv_session_why(s));
        err = err == RDV_OK ? RDV_ERR_CLOSED : err;
    }
    rdv_client_close(c);
    return err;
}

enum rdv_err tool_bulk_run(struct tool_bulk *b)
{
    struct timespec wait = { .tv_sec = 0, .tv_nsec = 200 * 1000 * 1000 };
    long tries = b->tries;
    size_t before;
    enum rdv_err err = RDV_OK;

    while ((before = left(b)) > 0) {
        if ((err = run_session(b)) == RDV_OK)
            break;
        /* A session that got on with it was worth another. */
        tries = left(b) < before ? b->tries : tries - 1;
        if (err != RDV_ERR_CLOSED && err != RDV_ERR_TIMEOUT && err != RDV_ERR_BUSY)
            return err;
        if (!b->met || tries <= 0)
            return is_unknown(b) ? RDV_ERR_OUTCOME : err;
        tool_progress_clear(&b->progress);
        tool_say(b->t, "%s: trying again", b->t->why.text);
        (void)nanosleep(&wait, NULL);
        wait = (struct timespec){ .tv_sec = wait.tv_sec == 0 ? 1 : 2 * wait.tv_sec };
    }
    return RDV_OK;
}
