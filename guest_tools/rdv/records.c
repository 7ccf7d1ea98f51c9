/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv put, rdv get: one record. transfer.c has many. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rdv/record.h>

#include "base/hex.h"
#include "guest_tools/rdv/arguments.h"
#include "guest_tools/rdv/files.h"
#include "guest_tools/rdv/json.h"
#include "guest_tools/rdv/receipt.h"
#include "guest_tools/rdv/transfer.h"
#include "schema/wire/envelope.h"

#define TRIES 3
#define TRIES_MOST 100

/* The record of the URI, or the next operand. */
static enum rdv_err take_record(struct tool *t, uint8_t *out, const struct rdv_uri *where)
{
    const char *text;

    if (where->record >= 0) {
        *out = (uint8_t)where->record;
        return RDV_OK;
    }
    if ((text = tool_next(t)) == NULL)
        return tool_why(t, RDV_ERR_USAGE, "which record? 00 to FF");
    return tool_read_record(t, out, text);
}

/* --- put -------------------------------------------------------------------------------------- */

struct post {
    uint8_t record;
    struct rdv_buf content;
    struct rdv_put_options options;
    uint8_t once[RDV_ONCE_MAX];
    long tries;
    struct rdv_posted posted; /* the card's answer */
    struct rdv_buf receipt;   /* with --receipt */
};

static enum rdv_err take_tries(struct tool *t, long *out)
{
    char *end;

    *out = TRIES;
    if (t->options.tries == NULL)
        return RDV_OK;
    *out = strtol(t->options.tries, &end, 10);
    if (*end != '\0' || *out < 1 || *out > TRIES_MOST)
        return tool_why(t, RDV_ERR_USAGE, "--tries: a number from 1 to %d", TRIES_MOST);
    return RDV_OK;
}

/* The post is done: what keeps the receipt away may pass, and the same post gets it then. */
static enum rdv_err take_receipt(struct tool *t, struct rdv_client *c, struct post *p)
{
    const enum rdv_err err = tool_receipt_take(t, &p->receipt, c, p->posted.seq, p->record,
                                               rdv_buf_view(&p->content));

    return err == RDV_ERR_CLOSED || err == RDV_ERR_TIMEOUT ? RDV_ERR_OUTCOME : err;
}

static enum rdv_err post_once(struct tool *t, const struct rdv_uri *where, struct post *p)
{
    const struct rdv_span content = rdv_buf_view(&p->content);
    struct rdv_client *c = NULL;
    enum rdv_err err;

    t->why.text[0] = '\0';
    if ((err = tool_connect(t, &c, where, RDV_REQUESTS)) != RDV_OK)
        return err;
    err = rdv_client_put(c, p->record, content.p, content.n, &p->options, &p->posted);
    if (err != RDV_OK)
        (void)tool_why(t, err, "%s", rdv_client_why(c));
    else if (t->options.receipt != NULL)
        err = take_receipt(t, c, p);
    rdv_client_close(c);
    return err;
}

/* A post whose answer was lost is repeated: the card does it once. */
static enum rdv_err post(struct tool *t, const struct rdv_uri *where, struct post *p)
{
    struct timespec wait = { .tv_sec = 0, .tv_nsec = 200 * 1000 * 1000 };
    enum rdv_err err = post_once(t, where, p);

    for (long left = p->tries - 1; err == RDV_ERR_OUTCOME && left > 0; left--) {
        tool_say(t, "no answer (%s): trying again", t->why.text);
        (void)nanosleep(&wait, NULL);
        wait = (struct timespec){ .tv_sec = wait.tv_sec == 0 ? 1 : 2 * wait.tv_sec };
        err = post_once(t, where, p);
        /* Nothing is known of the first try while the others do not get through. */
        if (err == RDV_ERR_CLOSED || err == RDV_ERR_TIMEOUT || err == RDV_ERR_BUSY)
            err = RDV_ERR_OUTCOME;
    }
    return err;
}

/* The record may be left out before a directory alone. */
static bool is_put_all(const struct tool *t, const struct rdv_uri *where)
{
    uint8_t record;

    return where->record < 0 && t->argc == 1 && tool_is_directory(t->argv[0]) &&
           rdv_hex_decode(&record, 1, rdv_span_of(t->argv[0])) != RDV_OK;
}

static enum rdv_err take_once(struct tool *t, struct post *p)
{
    const char *once = t->options.once;
    const size_t n = once == NULL ? 0 : strlen(once);

    p->options = (struct rdv_put_options){ t->options.type, p->once, sizeof(p->once) };
    if (once == NULL) {
        rdv_once(p->once);
        return RDV_OK;
    }
    if (n == 0 || n > sizeof(p->once))
        return tool_why(t, RDV_ERR_USAGE, "--once: 1 to %zu bytes", sizeof(p->once));
    memcpy(p->once, once, n);
    p->options.n_once = n;
    return RDV_OK;
}

static enum rdv_err put_one(struct tool *t, const struct rdv_uri *where, struct post *p)
{
    const char *file;
    enum rdv_err err;

    if ((err = take_once(t, p)) != RDV_OK || (err = take_record(t, &p->record, where)) != RDV_OK)
        return err;
    file = tool_next(t);
    if ((err = tool_no_more(t)) != RDV_OK ||
        (err = tool_read_input(t, &p->content, file)) != RDV_OK ||
        (err = post(t, where, p)) != RDV_OK)
        return err;
    if (t->options.receipt != NULL &&
        (err = tool_write_file(t, t->options.receipt, rdv_buf_view(&p->receipt), 0666)) != RDV_OK)
        return err;
    tool_say(t, "record %02X: %zu bytes, entry %" PRIu64, (unsigned)p->record,
             rdv_buf_len(&p->content), p->posted.seq);
    if (t->options.json)
        tool_json_posted(p->record, p->posted.changed, p->posted.seq);
    return RDV_OK;
}

static enum rdv_err put_all(struct tool *t, const struct rdv_uri *where, long tries)
{
    if (t->options.receipt != NULL || t->options.once != NULL)
        return tool_why(t, RDV_ERR_USAGE, "--receipt and --once are about one post");
    return tool_put_all(t, where, tool_next(t), tries);
}

TOOL_COMMAND(put)
{
    struct post p = { .content = RDV_BUF(RDV_CONTENT_MAX), .receipt = RDV_BUF(RDV_ENVELOPE_MAX) };
    struct rdv_uri where;
    enum rdv_err err;

    if ((err = tool_where(t, &where)) == RDV_OK && (err = take_tries(t, &p.tries)) == RDV_OK)
        err = is_put_all(t, &where) ? put_all(t, &where, p.tries) : put_one(t, &where, &p);
    rdv_buf_free(&p.content);
    rdv_buf_free(&p.receipt);
    rdv_uri_wipe(&where);
    return err;
}

/* --- get -------------------------------------------------------------------------------------- */

static enum rdv_err get_one(struct tool *t, const struct rdv_uri *where)
{
    struct rdv_client *c = NULL;
    struct rdv_content content;
    uint8_t record;
    enum rdv_err err;

    if ((err = take_record(t, &record, where)) != RDV_OK || (err = tool_no_more(t)) != RDV_OK ||
        (err = tool_connect(t, &c, where, RDV_REQUESTS)) != RDV_OK)
        return err;
    if ((err = rdv_client_get(c, record, &content)) != RDV_OK)
        (void)tool_why(t, err, "%s", rdv_client_why(c));
    else if (t->options.output != NULL || !t->options.json)
        err = tool_write_output(t, (struct rdv_span){ content.bytes, content.n }, 0666);
    if (err == RDV_OK && t->options.json)
        tool_json_content(record, &content);
    rdv_client_close(c);
    return err;
}

static enum rdv_err get_all(struct tool *t, const struct rdv_uri *where)
{
    const char *dir = tool_next(t);
    long tries;
    enum rdv_err err;

    if (t->options.output != NULL)
        return tool_why(t, RDV_ERR_USAGE, "--all writes to a directory: leave --output out");
    if ((err = tool_no_more(t)) != RDV_OK || (err = take_tries(t, &tries)) != RDV_OK)
        return err;
    return tool_get_all(t, where, dir == NULL ? "." : dir, tries);
}

TOOL_COMMAND(get)
{
    struct rdv_uri where;
    enum rdv_err err;

    if ((err = tool_where(t, &where)) == RDV_OK)
        err = t->options.all ? get_all(t, &where) : get_one(t, &where);
    rdv_uri_wipe(&where);
    return err;
}
