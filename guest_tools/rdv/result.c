/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/result.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/hex.h"

#define CELL_MAX ((size_t)8 * 1024)
#define COLUMNS_MAX 24
#define ROWS_MAX 200000

/* What people look for first, in this order; what is not here follows. */
static const char *const first_columns[] = {
    "seq",     "time",    "session", "record",  "slot",  "key",    "id",     "name",
    "enabled", "account", "kind",    "bytes",   "actor", "action", "target", "result",
    "rights",  "records", "keys",    "changed", "since", "author", "type",
};

/* Numbers that are moments. */
static const char *const moments[] = { "time",    "changed",    "created",       "now",  "since",
                                       "expires", "not-before", "old-key-until", "until" };

static bool is_one_of(const char *const *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i], name) == 0)
            return true;
    }
    return false;
}

/* --- values ----------------------------------------------------------------------------------- */

void tool_moment(char out[TOOL_MOMENT], uint64_t seconds)
{
    const time_t t = (time_t)seconds;
    struct tm tm;

    if (seconds > INT64_MAX || gmtime_r(&t, &tm) == NULL ||
        strftime(out, TOOL_MOMENT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        memcpy(out, "?", sizeof("?"));
}

static enum rdv_err put_moment(struct rdv_buf *out, uint64_t seconds)
{
    char text[TOOL_MOMENT];

    tool_moment(text, seconds);
    return rdv_put_text(out, text);
}

static enum rdv_err put_number(struct rdv_buf *out, uint64_t n)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRIu64, n);
    return rdv_put_text(out, text);
}

/* UTF-8 goes through; what could control a terminal does not. */
static enum rdv_err put_text(struct rdv_buf *out, struct rdv_span text)
{
    enum rdv_err err = RDV_OK;

    for (size_t i = 0; i < text.n && err == RDV_OK; i++) {
        const uint8_t c = text.p[i];
        /* U+0080 to U+009F control terminals too. */
        const bool c1 = c == 0xc2 && i + 1 < text.n && text.p[i + 1] < 0xa0;

        if (c >= 0x20 && c != 0x7f && !c1)
            err = rdv_put_u8(out, c);
        else if ((err = rdv_put_text(out, "\\x")) == RDV_OK)
            err = rdv_hex_put(out, (struct rdv_span){ &text.p[i], 1 });
    }
    return err;
}

static enum rdv_err put_value(struct rdv_buf *out, const char *name, struct rdv_value v);

/* {"used": 3, "max": 1000} as 3/1000; other maps as name=value,name=value. */
static enum rdv_err put_items(struct rdv_buf *out, const char *name, struct rdv_value v)
{
    struct rdv_items items = rdv_value_items(v);
    struct rdv_value key, value;
    uint64_t used, most;
    bool first = true;
    char text[64];
    enum rdv_err err = RDV_OK;

    if (rdv_value_number(rdv_value_in(v, "used"), &used) &&
        rdv_value_number(rdv_value_in(v, "max"), &most)) {
        (void)snprintf(text, sizeof(text), "%" PRIu64 "/%" PRIu64, used, most);
        return rdv_put_text(out, text);
    }
    while (err == RDV_OK && rdv_items_next(&items, &key, &value)) {
        if (!first && (err = rdv_put_text(out, ",")) != RDV_OK)
            return err;
        first = false;
        if (rdv_value_text(key, text, sizeof(text)) &&
            ((err = rdv_put_text(out, text)) != RDV_OK || (err = rdv_put_text(out, "=")) != RDV_OK))
            return err;
        err = put_value(out, items.pairs ? text : name, value);
    }
    return err == RDV_OK && first ? rdv_put_text(out, "none") : err;
}

static enum rdv_err put_slot(struct rdv_buf *out, uint64_t n)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%02" PRIX64, n);
    return rdv_put_text(out, text);
}

static bool is_slot(const char *name)
{
    return strcmp(name, "record") == 0 || strcmp(name, "slot") == 0 || strcmp(name, "key") == 0 ||
           strcmp(name, "seed") == 0;
}

static enum rdv_err put_value(struct rdv_buf *out, const char *name, struct rdv_value v)
{
    struct rdv_span bytes;
    uint64_t number;
    bool yes;

    switch (rdv_value_kind(v)) {
    case RDV_KIND_NUMBER:
        (void)rdv_value_number(v, &number);
        if (is_slot(name))
            return put_slot(out, number);
        return is_one_of(moments, sizeof(moments) / sizeof(moments[0]), name)
                       ? put_moment(out, number)
                       : put_number(out, number);
    case RDV_KIND_BOOL:
        (void)rdv_value_bool(v, &yes);
        return rdv_put_text(out, yes ? "yes" : "no");
    case RDV_KIND_BYTES:
        (void)rdv_value_bytes(v, &bytes.p, &bytes.n);
        return rdv_hex_put(out, bytes);
    case RDV_KIND_TEXT:
        (void)rdv_value_bytes(v, &bytes.p, &bytes.n);
        return put_text(out, bytes);
    case RDV_KIND_LIST:
    case RDV_KIND_MAP:
        return put_items(out, name, v);
    case RDV_KIND_NULL:
        return rdv_put_text(out, "-");
    default:
        return rdv_put_text(out, v.n == 0 ? "" : "?");
    }
}

/* The value as text on the heap; "..." where it is too long. NULL when there is no memory. */
static char *cell_of(const char *name, struct rdv_value v)
{
    struct rdv_buf out = RDV_BUF(CELL_MAX);
    const enum rdv_err err = put_value(&out, name, v);
    char *cell = err == RDV_ERR_NOMEM ? NULL : malloc(rdv_buf_len(&out) + sizeof("..."));

    if (cell != NULL) {
        if (rdv_buf_len(&out) > 0)
            memcpy(cell, rdv_buf_view(&out).p, rdv_buf_len(&out));
        memcpy(cell + rdv_buf_len(&out), err == RDV_OK ? "" : "...", err == RDV_OK ? 1 : 4);
    }
    rdv_buf_free(&out);
    return cell;
}

/* Columns that UTF-8 text takes, as far as one character is one column. */
static int width_of(const char *text)
{
    int n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* --- tables ----------------------------------------------------------------------------------- */

struct row {
    char *cells[COLUMNS_MAX];
};

struct tool_table {
    char names[COLUMNS_MAX][32];
    int widths[COLUMNS_MAX];
    size_t n_columns;
    struct row *rows;
    size_t n_rows, room;
};

struct tool_table *tool_table_new(void)
{
    return calloc(1, sizeof(struct tool_table));
}

/* -1 when there are too many, which no card says. */
static int column_of(struct tool_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (strcmp(table->names[i], name) == 0)
            return (int)i;
    }
    if (table->n_columns == COLUMNS_MAX)
        return -1;
    (void)snprintf(table->names[table->n_columns], sizeof(table->names[0]), "%s", name);
    table->widths[table->n_columns] = width_of(name);
    return (int)table->n_columns++;
}

static struct row *new_row(struct tool_table *table)
{
    if (table->n_rows == table->room) {
        const size_t room = table->room == 0 ? 64 : 2 * table->room;
        struct row *rows = room > ROWS_MAX ? NULL : calloc(room, sizeof(*rows));

        if (rows == NULL)
            return NULL;
        if (table->n_rows > 0)
            memcpy(rows, table->rows, table->n_rows * sizeof(*rows));
        free(table->rows);
        table->rows = rows;
        table->room = room;
    }
    return &table->rows[table->n_rows++];
}

bool tool_table_add(struct tool_table *table, struct rdv_value values)
{
    struct row *row = new_row(table);
    struct rdv_items items = rdv_value_items(values);
    struct rdv_value key, value;
    char name[32];
    int column;

    if (row == NULL)
        return false;
    while (rdv_items_next(&items, &key, &value)) {
        if (!rdv_value_text(key, name, sizeof(name)) || (column = column_of(table, name)) < 0 ||
            row->cells[column] != NULL)
            continue;
        if ((row->cells[column] = cell_of(name, value)) == NULL)
            return false;
        if (width_of(row->cells[column]) > table->widths[column])
            table->widths[column] = width_of(row->cells[column]);
    }
    return true;
}

/* The order of the columns, by what people look for first. */
static void order(size_t out[COLUMNS_MAX], const struct tool_table *table)
{
    size_t n = 0;

    for (size_t k = 0; k < sizeof(first_columns) / sizeof(first_columns[0]); k++) {
        for (size_t i = 0; i < table->n_columns; i++) {
            if (strcmp(table->names[i], first_columns[k]) == 0)
                out[n++] = i;
        }
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!is_one_of(first_columns, sizeof(first_columns) / sizeof(first_columns[0]),
                       table->names[i]))
            out[n++] = i;
    }
}

/* The last column is not padded. */
static void write_cell(FILE *out, const char *text, int width, bool last)
{
    fprintf(out, "%s%*s", text, last ? 0 : width - width_of(text) + 2, last ? "\n" : "");
}

void tool_table_write(FILE *out, const struct tool_table *table)
{
    size_t columns[COLUMNS_MAX];

    order(columns, table);
    for (size_t i = 0; i < table->n_columns && table->n_rows > 0; i++)
        write_cell(out, table->names[columns[i]], table->widths[columns[i]],
                   i + 1 == table->n_columns);
    for (size_t r = 0; r < table->n_rows; r++) {
        for (size_t i = 0; i < table->n_columns; i++) {
            const char *cell = table->rows[r].cells[columns[i]];

            write_cell(out, cell == NULL ? "" : cell, table->widths[columns[i]],
                       i + 1 == table->n_columns);
        }
    }
}

void tool_table_free(struct tool_table *table)
{
    if (table == NULL)
        return;
    for (size_t r = 0; r < table->n_rows; r++) {
        for (size_t i = 0; i < COLUMNS_MAX; i++)
            free(table->rows[r].cells[i]);
    }
    free(table->rows);
    free(table);
}

/* --- a result --------------------------------------------------------------------------------- */

static void write_line(FILE *out, const char *name, struct rdv_value value)
{
    char *cell = cell_of(name, value);

    if (cell != NULL)
        fprintf(out, "%-14s %s\n", name, cell);
    free(cell);
}

/* Rows of a map within a map: the identities of an account. */
static void write_rows(FILE *out, const char *name, struct rdv_value list)
{
    struct rdv_items rows = rdv_value_items(list);
    struct rdv_value none, row;

    while (rdv_items_next(&rows, &none, &row))
        write_line(out, name, row);
}

static bool is_list_of_maps(struct rdv_value v)
{
    struct rdv_items items = rdv_value_items(v);
    struct rdv_value none, first;

    return rdv_value_kind(v) == RDV_KIND_LIST && rdv_items_next(&items, &none, &first) &&
           rdv_value_kind(first) == RDV_KIND_MAP;
}

static void write_pair(FILE *out, const char *name, struct rdv_value value)
{
    if (is_list_of_maps(value))
        write_rows(out, name, value);
    else if (rdv_value_kind(value) != RDV_KIND_NONE)
        write_line(out, name, value);
}

void tool_result_write(FILE *out, struct rdv_value result, const char *without)
{
    const size_t n_first = sizeof(first_columns) / sizeof(first_columns[0]);
    struct rdv_items items = rdv_value_items(result);
    struct rdv_value key, value;
    char name[64];

    for (size_t i = 0; i < n_first; i++)
        write_pair(out, first_columns[i], rdv_value_in(result, first_columns[i]));
    while (rdv_items_next(&items, &key, &value)) {
        if (rdv_value_text(key, name, sizeof(name)) && !is_one_of(first_columns, n_first, name) &&
            (without == NULL || strcmp(name, without) != 0))
            write_pair(out, name, value);
    }
}
