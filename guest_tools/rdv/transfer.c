/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/transfer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rdv/record.h>

#include "base/hex.h"
#include "base/private.h"
#include "base/quote.h"
#include "guest_tools/rdv/bulk.h"
#include "guest_tools/rdv/files.h"
#include "guest_tools/rdv/journal.h"
#include "guest_tools/rdv/json.h"

#define RECORDS 256

struct transfer {
    struct tool_journal journal;
    struct tool_bulk_item items[RECORDS];
    struct tool_bulk bulk;
    const char *dir;
};

bool tool_is_directory(const char *operand)
{
    struct stat st;
    const size_t n = strlen(operand);

    return n > 0 && (operand[n - 1] == '/' || (stat(operand, &st) == 0 && S_ISDIR(st.st_mode)));
}

static enum rdv_err path_in(struct tool *t, char out[PATH_MAX], const char *dir, const char *name)
{
    const size_t n = strlen(dir);
    const int r =
            snprintf(out, PATH_MAX, "%s%s%s", dir, n > 0 && dir[n - 1] == '/' ? "" : "/", name);

    if (r > 0 && r < PATH_MAX)
        return RDV_OK;
    return tool_why(t, RDV_ERR_LIMIT, "%.100s: the path is too long", dir);
}

static void end(struct transfer *x)
{
    tool_journal_close(&x->journal, false);
    for (size_t i = 0; i < x->bulk.n; i++)
        free(x->items[i].file);
    free(x);
}

/* Runs what is left of it; what was done by an earlier run is not asked for. */
static enum rdv_err run(struct transfer *x, const char *verb)
{
    struct tool *t = x->bulk.t;
    uint64_t bytes = 0;
    size_t n = 0, done = 0;
    enum rdv_err err;

    for (size_t i = 0; i < x->bulk.n; i++) {
        struct tool_bulk_item *item = &x->items[i];

        item->done = tool_journal_is_done(&x->journal, item->record, item->bytes, item->version);
        done += item->done;
        n += !item->done;
        bytes += item->done ? 0 : item->bytes;
    }
    if (done > 0)
        fprintf(stderr, "rdv %s: going on: %zu of %zu records were done before\n", verb, done,
                x->bulk.n);
    tool_progress_begin(&x->bulk.progress, n, bytes);
    err = tool_bulk_run(&x->bulk);
    tool_progress_clear(&x->bulk.progress);
    if (err == RDV_OK && t->failed == RDV_OK)
        tool_journal_close(&x->journal, true);
    else if (err != RDV_OK && t->why.text[0] != '\0')
        fprintf(stderr, "rdv %s: %zu of %zu records: the same command goes on with the rest\n",
                verb, done + x->bulk.progress.n, x->bulk.n);
    return err;
}

static enum rdv_err open_journal(struct transfer *x, const char *name, const char *verb)
{
    const struct rdv_uri *where = x->bulk.where;
    char path[PATH_MAX], about[160];
    enum rdv_err err;

    (void)snprintf(about, sizeof(about), "rdv %s %s %s", verb, where->sen,
                   where->identity[0] == '\0' ? RDV_IDENTITY_DEFAULT : where->identity);
    if ((err = path_in(x->bulk.t, path, x->dir, name)) != RDV_OK)
        return err;
    return tool_journal_open(&x->journal, path, about, &x->bulk.t->why);
}

static struct transfer *new_transfer(struct tool *t, const struct rdv_uri *where, const char *dir,
                                     long tries)
{
    struct transfer *x = calloc(1, sizeof(*x));

    if (x != NULL) {
        x->dir = dir;
        x->bulk = (struct tool_bulk){
            .t = t, .where = where, .tries = tries, .items = x->items, .user = x
        };
    }
    return x;
}

/* --- put -------------------------------------------------------------------------------------- */

/* XX, or XX.anything. */
static bool record_of(uint8_t *out, const char *name)
{
    return strlen(name) >= 2 && (name[2] == '\0' || name[2] == '.') &&
           rdv_hex_decode(out, 1, (struct rdv_span){ (const uint8_t *)name, 2 }) == RDV_OK;
}

static enum rdv_err add_file(struct transfer *x, const char *name)
{
    struct tool *t = x->bulk.t;
    struct tool_bulk_item *item = &x->items[x->bulk.n];
    char path[PATH_MAX];
    struct stat st;
    uint8_t record;
    enum rdv_err err;

    if (!record_of(&record, name))
        return tool_why(t, RDV_ERR_USAGE,
                        "\"%.60s\" is not the name of a record: 00 to FF, and .anything behind it",
                        rdv_quote(rdv_span_of(name)).text);
    for (size_t i = 0; i < x->bulk.n; i++) {
        if (x->items[i].record == record)
            return tool_why(t, RDV_ERR_USAGE, "\"%.60s\" and \"%.60s\" are the same record",
                            x->items[i].file, name);
    }
    if ((err = path_in(t, path, x->dir, name)) != RDV_OK)
        return err;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return tool_why(t, RDV_ERR_IO, "%s: %s", path,
                        S_ISREG(st.st_mode) ? strerror(errno) : "not a file");
    if (st.st_size > RDV_CONTENT_MAX)
        return tool_why(t, RDV_ERR_LIMIT, "%s: longer than %d bytes", path, RDV_CONTENT_MAX);
    if ((item->file = strdup(name)) == NULL)
        return RDV_ERR_NOMEM;
    item->record = record;
    item->bytes = (uint64_t)st.st_size;
    item->version = (uint64_t)st.st_mtim.tv_sec * 1000000000U + (uint64_t)st.st_mtim.tv_nsec;
    x->bulk.n++;
    return RDV_OK;
}

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static enum rdv_err add_files(struct transfer *x)
{
    struct dirent **names = NULL;
    const int n = scandir(x->dir, &names, visible, alphasort);
    enum rdv_err err = RDV_OK;

    if (n < 0)
        return tool_why(x->bulk.t, errno == ENOENT ? RDV_ERR_ABSENT : RDV_ERR_IO, "%s: %s", x->dir,
                        strerror(errno));
    for (int i = 0; i < n; i++) {
        if (err == RDV_OK)
            err = add_file(x, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    if (err == RDV_OK && x->bulk.n == 0)
        return tool_why(x->bulk.t, RDV_ERR_ABSENT, "%s: no files", x->dir);
    return err;
}

static enum rdv_err ask_put(struct tool_bulk *b, struct rdv_session *s, struct tool_bulk_item *item)
{
    struct transfer *x = b->user;
    struct rdv_buf content = RDV_BUF(RDV_CONTENT_MAX);
    uint8_t once[TOOL_ONCE_BYTES];
    char path[PATH_MAX];
    enum rdv_err err;

    if ((err = path_in(b->t, path, x->dir, item->file)) == RDV_OK &&
        (err = tool_read_input(b->t, &content, path)) == RDV_OK &&
        (err = tool_journal_begin(&x->journal, item->record, item->bytes, item->version, once,
                                  &b->t->why)) == RDV_OK) {
        const struct rdv_span bytes = rdv_buf_view(&content);
        const char *type = b->t->options.type;
        struct rdv_param params[] = { RDV_NUMBER("record", item->record),
                                      RDV_BYTES("content", bytes.p, bytes.n),
                                      RDV_BYTES("once", once, sizeof(once)), RDV_END, RDV_END };

        if (type != NULL)
            params[3] = (struct rdv_param)RDV_TEXT("type", type);
        err = rdv_session_call(s, "put", params, &item->request);
    } else if (err == RDV_ERR_LIMIT) {
        err = RDV_ERR_RANGE; /* it has grown: no room would help */
    }
    rdv_buf_free(&content);
    return err;
}

static enum rdv_err take_put(struct tool_bulk *b, struct tool_bulk_item *item,
                             const struct rdv_answer *answer)
{
    struct transfer *x = b->user;
    uint64_t changed, seq;

    (void)rdv_value_number(rdv_value_in(answer->result, "changed"), &changed);
    (void)rdv_value_number(rdv_value_in(answer->result, "seq"), &seq);
    if (b->t->options.json)
        tool_json_posted(item->record, changed, seq);
    else if (b->t->options.verbose)
        tool_progress_clear(&b->progress);
    tool_say(b->t, "record %02X: %s, %llu bytes", (unsigned)item->record, item->file,
             (unsigned long long)item->bytes);
    return tool_journal_done(&x->journal, item->record, item->bytes, item->version, &b->t->why);
}

enum rdv_err tool_put_all(struct tool *t, const struct rdv_uri *where, const char *dir, long tries)
{
    struct transfer *x = new_transfer(t, where, dir, tries);
    enum rdv_err err;

    if (x == NULL)
        return RDV_ERR_NOMEM;
    x->bulk.ask = ask_put;
    x->bulk.take = take_put;
    if ((err = add_files(x)) == RDV_OK && (err = open_journal(x, ".rdv-put", "put")) == RDV_OK)
        err = run(x, "put");
    end(x);
    return err;
}

/* --- get -------------------------------------------------------------------------------------- */

static enum rdv_err ask_get(struct tool_bulk *b, struct rdv_session *s, struct tool_bulk_item *item)
{
    const struct rdv_param params[] = { RDV_NUMBER("record", item->record), RDV_END };

    (void)b;
    return rdv_session_call(s, "get", params, &item->request);
}

/* The file has the record's time, so that others see what is new. */
static enum rdv_err write_record(struct transfer *x, struct tool_bulk_item *item,
                                 struct rdv_span content)
{
    struct tool *t = x->bulk.t;
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = (time_t)item->version } };
    char path[PATH_MAX];
    enum rdv_err err;

    if ((err = path_in(t, path, x->dir, item->file)) != RDV_OK ||
        (err = tool_write_file(t, path, content, 0666)) != RDV_OK)
        return err;
    if (utimensat(AT_FDCWD, path, times, 0) != 0)
        return tool_why(t, RDV_ERR_IO, "%s: %s", path, strerror(errno));
    return RDV_OK;
}

static enum rdv_err take_get(struct tool_bulk *b, struct tool_bulk_item *item,
                             const struct rdv_answer *answer)
{
    struct transfer *x = b->user;
    struct rdv_span content;
    enum rdv_err err;

    if (!rdv_value_bytes(rdv_value_in(answer->result, "content"), &content.p, &content.n))
        return tool_why(b->t, RDV_ERR_FORMAT, "the answer has no content");
    /* It may have changed since it was listed. */
    if (rdv_value_number(rdv_value_in(answer->result, "changed"), &item->version))
        item->bytes = content.n;
    if ((err = write_record(x, item, content)) != RDV_OK)
        return err;
    if (b->t->options.json)
        tool_json_posted(item->record, item->version, 0);
    else if (b->t->options.verbose)
        tool_progress_clear(&b->progress);
    tool_say(b->t, "record %02X: %zu bytes", (unsigned)item->record, content.n);
    return tool_journal_done(&x->journal, item->record, item->bytes, item->version, &b->t->why);
}

static enum rdv_err add_records(struct transfer *x)
{
    struct tool *t = x->bulk.t;
    struct rdv_client *c = NULL;
    struct rdv_items rows;
    struct rdv_value none, row;
    struct rdv_record record;
    char name[8];
    enum rdv_err err;

    if ((err = tool_connect(t, &c, x->bulk.where, RDV_REQUESTS)) != RDV_OK)
        return err;
    if ((err = rdv_client_list(c, &rows)) != RDV_OK)
        (void)tool_why(t, err, "%s", rdv_client_why(c));
    while (err == RDV_OK && x->bulk.n < RECORDS && rdv_items_next(&rows, &none, &row)) {
        struct tool_bulk_item *item = &x->items[x->bulk.n];

        if ((err = rdv_record_read(&record, row)) != RDV_OK)
            break;
        (void)snprintf(name, sizeof(name), "%02X", (unsigned)record.record);
        if ((item->file = strdup(name)) == NULL)
            err = RDV_ERR_NOMEM;
        item->record = record.record;
        item->bytes = record.bytes;
        item->version = record.changed;
        x->bulk.n += err == RDV_OK;
    }
    rdv_client_close(c);
    return err;
}

enum rdv_err tool_get_all(struct tool *t, const struct rdv_uri *where, const char *dir, long tries)
{
    struct transfer *x = new_transfer(t, where, dir, tries);
    enum rdv_err err;

    if (x == NULL)
        return RDV_ERR_NOMEM;
    x->bulk.ask = ask_get;
    x->bulk.take = take_get;
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        err = tool_why(t, RDV_ERR_IO, "%s: %s", dir, strerror(errno));
    else if ((err = add_records(x)) == RDV_OK &&
             (err = open_journal(x, ".rdv-get", "get")) == RDV_OK)
        err = run(x, "get");
    end(x);
    return err;
}
