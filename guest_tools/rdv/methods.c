/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/methods.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "guest_tools/rdv/arguments.h"
#include "guest_tools/rdv/json.h"
#include "guest_tools/rdv/result.h"

static const struct tool_method methods[] = {
#define METHOD(command, verb, method, words, help) { #command, verb, method, words, help },
#include "guest_tools/rdv/methods.def"
#undef METHOD
};

#define N_METHODS (sizeof(methods) / sizeof(methods[0]))

const struct tool_method *tool_methods(size_t *n)
{
    *n = N_METHODS;
    return methods;
}

static bool has_verbs(const char *command)
{
    for (size_t i = 0; i < N_METHODS; i++) {
        if (strcmp(methods[i].command, command) == 0 && methods[i].verb[0] != '\0')
            return true;
    }
    return false;
}

void tool_methods_help(FILE *out, const char *command)
{
    char line[100];

    if (!has_verbs(command))
        return;
    for (size_t i = 0; i < N_METHODS; i++) {
        const struct tool_method *m = &methods[i];

        if (strcmp(m->command, command) != 0)
            continue;
        (void)snprintf(line, sizeof(line), "%s %s", m->verb, m->words);
        fprintf(out, "  %-16s %s\n", line, m->help);
    }
    fprintf(out, "\n");
}

void tool_methods_help_json(const char *command)
{
    for (size_t i = 0; has_verbs(command) && i < N_METHODS; i++) {
        const struct tool_method *m = &methods[i];

        if (strcmp(m->command, command) == 0)
            tool_json_texts((const char *[]){ "verb", m->verb, "operands", m->words, "help",
                                              m->help, NULL });
    }
}

/* The verb is the next operand, where the command has verbs. */
static enum rdv_err find(struct tool *t, const struct tool_method **out)
{
    const char *verb = "";

    if (has_verbs(t->command) && (verb = tool_next(t)) == NULL)
        return tool_why(t, RDV_ERR_USAGE, "what about it? rdv help %s lists the verbs", t->command);
    for (size_t i = 0; i < N_METHODS; i++) {
        if (strcmp(methods[i].command, t->command) != 0 || strcmp(methods[i].verb, verb) != 0)
            continue;
        *out = &methods[i];
        return RDV_OK;
    }
    return tool_why(t, RDV_ERR_USAGE, "no verb \"%.40s\": rdv help %s lists them", verb,
                    t->command);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* What hands a new key over, as an address; out is "" when the answer has none. */
static void handover_uri(char *out, size_t size, struct rdv_value result, const struct rdv_uri *at)
{
    const struct rdv_value h = rdv_value_in(result, "handover");
    struct rdv_uri uri = { .record = -1, .has_psk = true, .port = at->port };
    const uint8_t *psk;
    size_t n;

    out[0] = '\0';
    memcpy(uri.host, at->host, sizeof(uri.host)); /* where the card was reached just now */
    if (rdv_value_text(rdv_value_in(h, "sen"), uri.sen, sizeof(uri.sen)) &&
        rdv_value_text(rdv_value_in(h, "identity"), uri.identity, sizeof(uri.identity)) &&
        rdv_value_bytes(rdv_value_in(h, "psk"), &psk, &n) && n == sizeof(uri.psk)) {
        memcpy(uri.psk, psk, n);
        if (rdv_uri_format(out, size, &uri, true) != RDV_OK)
            out[0] = '\0';
    }
    rdv_uri_wipe(&uri);
}

static void show(struct tool *t, struct rdv_value result, const struct rdv_uri *where)
{
    char uri[600];

    if (t->options.json) {
        tool_json_result(result);
        return;
    }
    handover_uri(uri, sizeof(uri), result, where);
    tool_result_write(stdout, result, uri[0] == '\0' ? NULL : "handover");
    if (uri[0] != '\0')
        printf("%-14s %s\n", "uri", uri);
    rdv_wipe(uri, sizeof(uri));
}

/* --- lists ------------------------------------------------------------------------------------ */

/* Rows, however many answers they take. */
struct rows {
    struct tool_table *table;
    struct tool_json_list *json;
};

static enum rdv_err begin_rows(const struct tool *t, struct rows *rows)
{
    *rows = (struct rows){ 0 };
    if (t->options.json)
        rows->json = tool_json_list_new();
    else
        rows->table = tool_table_new();
    return rows->json != NULL || rows->table != NULL ? RDV_OK : RDV_ERR_NOMEM;
}

static void end_rows(struct rows *rows)
{
    if (rows->json != NULL)
        tool_json_list_end(rows->json);
    if (rows->table != NULL)
        tool_table_write(stdout, rows->table);
    tool_table_free(rows->table);
}

/* Adds the rows of an answer; *last is what the last one has as its seq. */
static enum rdv_err add_rows(struct rows *rows, struct rdv_value result, size_t *n, uint64_t *last)
{
    struct rdv_items items = rdv_value_items(rdv_value_in(result, "list"));
    struct rdv_value none, row;

    for (*n = 0; rdv_items_next(&items, &none, &row); ++*n) {
        (void)rdv_value_number(rdv_value_in(row, "seq"), last);
        if (rows->json != NULL)
            tool_json_list_add(rows->json, row);
        else if (!tool_table_add(rows->table, row))
            return RDV_ERR_NOMEM;
    }
    return RDV_OK;
}

/* Where the next answer begins: accounts say it, an audit goes on behind its last row. False when
 * that was all. */
static bool go_on(struct tool_arguments *args, struct rdv_value result, bool audit, size_t n,
                  uint64_t last)
{
    char from[100];

    if (!rdv_value_text(rdv_value_in(result, "next"), from, sizeof(from))) {
        if (!audit || n == 0)
            return false;
        (void)snprintf(from, sizeof(from), "%llu", (unsigned long long)last + 1);
    }
    return tool_arguments_set(args, "from", from) == RDV_OK;
}

static enum rdv_err show_list(struct tool *t, struct rdv_client *c, const char *method,
                              struct tool_arguments *args, struct rdv_answer *a)
{
    /* An audit that was asked for so many rows has them. */
    const bool all = strcmp(method, "audit") == 0 && !tool_arguments_has(args, "count");
    struct rows rows;
    uint64_t last = 0, more;
    size_t n;
    enum rdv_err err;

    if ((err = begin_rows(t, &rows)) != RDV_OK)
        return err;
    while ((err = add_rows(&rows, a->result, &n, &last)) == RDV_OK &&
           go_on(args, a->result, all, n, last)) {
        if ((err = rdv_client_call(c, method, args->params, a)) != RDV_OK)
            break;
    }
    if (err == RDV_OK && rdv_value_number(rdv_value_in(a->result, "more"), &more))
        fprintf(stderr, "rdv %s: and %llu more\n", t->command, (unsigned long long)more);
    end_rows(&rows);
    return err;
}

/* --- a command -------------------------------------------------------------------------------- */

static enum rdv_err run(struct tool *t, const struct tool_method *m, const struct rdv_uri *where,
                        struct tool_arguments *args)
{
    struct rdv_client *c = NULL;
    struct rdv_answer a;
    enum rdv_err err;

    if ((err = tool_connect(t, &c, where, RDV_REQUESTS)) != RDV_OK)
        return err;
    if ((err = rdv_client_call(c, m->method, args->params, &a)) == RDV_OK) {
        if (rdv_value_kind(rdv_value_in(a.result, "list")) == RDV_KIND_LIST)
            err = show_list(t, c, m->method, args, &a);
        else
            show(t, a.result, where);
    }
    if (err != RDV_OK && rdv_client_why(c)[0] != '\0')
        (void)tool_why(t, err, "%s", rdv_client_why(c));
    rdv_client_close(c);
    return err;
}

static enum rdv_err run_command(struct tool *t)
{
    struct tool_arguments args;
    const struct tool_method *m = NULL;
    struct rdv_uri where;
    enum rdv_err err;

    tool_arguments_init(&args);
    /* `guest add @home x` and `guest @home add x` are the same. */
    if (t->argc > 0 && !tool_is_where(t->argv[0]) && (err = find(t, &m)) != RDV_OK)
        return err;
    if ((err = tool_where(t, &where)) == RDV_OK && (m != NULL || (err = find(t, &m)) == RDV_OK) &&
        (err = tool_arguments_take(t, &args, m->words, &where)) == RDV_OK &&
        (strcmp(m->method, "audit") != 0 || tool_arguments_has(&args, "from") ||
         (err = tool_arguments_set(&args, "from", "1")) == RDV_OK))
        err = run(t, m, &where, &args);
    tool_arguments_free(&args);
    rdv_uri_wipe(&where);
    return err;
}

#define COMMAND_OF_METHODS(name) \
    TOOL_COMMAND(name)           \
    {                            \
        return run_command(t);   \
    }

COMMAND_OF_METHODS(list)
COMMAND_OF_METHODS(guest)
COMMAND_OF_METHODS(session)
COMMAND_OF_METHODS(audit)
COMMAND_OF_METHODS(record)
COMMAND_OF_METHODS(key)
COMMAND_OF_METHODS(confirm)
COMMAND_OF_METHODS(identity)
COMMAND_OF_METHODS(wrap)
COMMAND_OF_METHODS(handshake)
COMMAND_OF_METHODS(info)
COMMAND_OF_METHODS(whoami)
COMMAND_OF_METHODS(rekey)
COMMAND_OF_METHODS(backup)
COMMAND_OF_METHODS(restore)
COMMAND_OF_METHODS(ack)
COMMAND_OF_METHODS(consumer)
