/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/private.h"
#include "base/quote.h"
#include "guest_tools/rdv/files.h"
#include "schema/wire/rpc.h"

/* Names whose values are bytes, unless they are words such as auto. */
static const char *const names_of_bytes[] = {
    "psk",     "data",      "header",      "blob",     "public", "private", "secret",
    "modulus", "p",         "q",           "exponent", "dp",     "dq",      "qinv",
    "path",    "challenge", "certificate", "first",    "second", "hash",    "shared",
};

static bool takes_bytes(const char *name)
{
    for (size_t i = 0; i < sizeof(names_of_bytes) / sizeof(names_of_bytes[0]); i++) {
        if (strcmp(name, names_of_bytes[i]) == 0)
            return true;
    }
    return false;
}

void tool_arguments_init(struct tool_arguments *a)
{
    *a = (struct tool_arguments){ 0 };
    for (size_t i = 0; i < TOOL_ARGUMENTS_MAX; i++)
        a->values[i] = RDV_BUF(RDV_RPC_CONTENT_MAX);
}

void tool_arguments_free(struct tool_arguments *a)
{
    for (size_t i = 0; i < TOOL_ARGUMENTS_MAX; i++)
        rdv_buf_free(&a->values[i]);
}

/* Its place, or TOOL_ARGUMENTS_MAX. */
static size_t find(const struct tool_arguments *a, const char *name)
{
    for (size_t i = 0; i < a->n; i++) {
        if (strcmp(a->names[i], name) == 0)
            return i;
    }
    return TOOL_ARGUMENTS_MAX;
}

bool tool_arguments_has(const struct tool_arguments *a, const char *name)
{
    return find(a, name) < TOOL_ARGUMENTS_MAX;
}

/* A place of this name; its value is empty. */
static enum rdv_err make(struct tool_arguments *a, struct rdv_buf **value, struct rdv_span name)
{
    char text[TOOL_ARGUMENT_NAME];
    size_t at;

    *value = NULL;
    if (rdv_span_to_text(text, sizeof(text), name) != RDV_OK)
        return RDV_ERR_LIMIT;
    if ((at = find(a, text)) == TOOL_ARGUMENTS_MAX) {
        if (a->n == TOOL_ARGUMENTS_MAX)
            return RDV_ERR_LIMIT;
        at = a->n++;
        memcpy(a->names[at], text, sizeof(text));
    }
    rdv_buf_clear(&a->values[at]);
    *value = &a->values[at];
    return RDV_OK;
}

/* Says what kind the value of that place is, now that it is there. */
static void settle(struct tool_arguments *a, const struct rdv_buf *value, enum rdv_kind kind)
{
    const size_t i = (size_t)(value - a->values);
    const struct rdv_span bytes = rdv_buf_view(value);

    a->params[i] = (struct rdv_param){ a->names[i], kind, 0, bytes.p, bytes.n };
}

enum rdv_err tool_arguments_set(struct tool_arguments *a, const char *name, const char *text)
{
    struct rdv_buf *value;
    enum rdv_err err;

    if ((err = make(a, &value, rdv_span_of(name))) == RDV_OK &&
        (err = rdv_put_text(value, text)) == RDV_OK)
        settle(a, value, RDV_KIND_TEXT);
    return err;
}

/* --- operands --------------------------------------------------------------------------------- */

/* Hex where a name takes bytes, @FILE, or a word. */
static enum rdv_err take_value(struct tool *t, struct tool_arguments *a, struct rdv_buf *value,
                               const char *name, char *text)
{
    enum rdv_kind kind = RDV_KIND_TEXT;
    enum rdv_err err;

    if (!takes_bytes(name)) {
        err = rdv_put_text(value, text);
    } else if (text[0] == '@' && strcmp(name, "psk") == 0) {
        struct rdv_key key;

        if ((err = rdv_private_key(&key, text + 1, &t->why)) == RDV_OK)
            err = rdv_put_bytes(value, (struct rdv_span){ key.bytes, sizeof(key.bytes) });
        rdv_key_wipe(&key);
        kind = RDV_KIND_BYTES;
    } else if (text[0] == '@') {
        err = tool_read_input(t, value, text + 1);
        kind = RDV_KIND_BYTES;
    } else if (rdv_hex_get(value, rdv_span_of(text)) == RDV_OK) {
        err = RDV_OK;
        kind = RDV_KIND_BYTES;
    } else {
        err = rdv_put_text(value, text);
    }
    if (takes_bytes(name))
        memset(text, '*', strlen(text));
    if (err == RDV_OK)
        settle(a, value, kind);
    return err;
}

static enum rdv_err take_pair(struct tool *t, struct tool_arguments *a, char *operand, char *equals)
{
    char name[TOOL_ARGUMENT_NAME];
    struct rdv_buf *value;
    enum rdv_err err;

    if (rdv_span_to_text(name, sizeof(name),
                         (struct rdv_span){ (const uint8_t *)operand,
                                            (size_t)(equals - operand) }) != RDV_OK)
        return tool_why(t, RDV_ERR_USAGE, "no name is as long as in \"%.40s\"", operand);
    if (tool_arguments_has(a, name))
        return tool_why(t, RDV_ERR_USAGE, "%s= is given twice", name);
    if ((err = make(a, &value, rdv_span_of(name))) != RDV_OK)
        return tool_why(t, RDV_ERR_USAGE, "too many values");
    return take_value(t, a, value, name, equals + 1);
}

/* The name of the next operand by place; empty at the end. */
static struct rdv_span next_word(const char **words, bool *optional)
{
    struct rdv_span word;

    *words += strspn(*words, " ");
    word = (struct rdv_span){ (const uint8_t *)*words, strcspn(*words, " ") };
    *words += word.n;
    *optional = word.n > 0 && word.p[0] == '[';
    return *optional ? (struct rdv_span){ word.p + 1, word.n - 2 } : word;
}

static enum rdv_err take_word(struct tool *t, struct tool_arguments *a, struct rdv_span name,
                              const char *text)
{
    struct rdv_buf *value;
    enum rdv_err err;

    if ((err = make(a, &value, name)) != RDV_OK || (err = rdv_put_text(value, text)) != RDV_OK)
        return tool_why(t, err, "\"%.40s\" is too long", text);
    settle(a, value, RDV_KIND_TEXT);
    return RDV_OK;
}

enum rdv_err tool_arguments_take(struct tool *t, struct tool_arguments *a, const char *words,
                                 const struct rdv_uri *where)
{
    bool optional;
    struct rdv_span name = next_word(&words, &optional);
    char *operand, text[8];
    enum rdv_err err = RDV_OK;

    if (where->record >= 0 && rdv_span_is(name, "record")) {
        (void)snprintf(text, sizeof(text), "%02X", (unsigned)where->record & 0xff);
        err = take_word(t, a, name, text);
        name = next_word(&words, &optional);
    }
    while (err == RDV_OK && (operand = tool_next(t)) != NULL) {
        char *equals = strchr(operand, '=');

        if (equals != NULL) {
            err = take_pair(t, a, operand, equals);
        } else if (name.n == 0) {
            err = tool_why(t, RDV_ERR_USAGE, "\"%.60s\" is too much", operand);
        } else {
            err = take_word(t, a, name, operand);
            name = next_word(&words, &optional);
        }
    }
    if (err == RDV_OK && name.n > 0 && !optional)
        return tool_why(t, RDV_ERR_USAGE, "which %.*s?", (int)name.n, (const char *)name.p);
    return err;
}

enum rdv_err tool_read_record(struct tool *t, uint8_t *out, const char *text)
{
    if (rdv_hex_decode(out, 1, rdv_span_of(text)) == RDV_OK)
        return RDV_OK;
    return tool_why(t, RDV_ERR_USAGE, "\"%.40s\" is not a record: 00 to FF",
                    rdv_quote(rdv_span_of(text)).text);
}

enum rdv_err tool_take_number(struct tool *t, uint64_t *out, bool *given)
{
    const char *text = tool_next(t);
    char *end;

    if ((*given = text != NULL) == false)
        return RDV_OK;
    *out = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || *out > INT64_MAX - 9)
        return tool_why(t, RDV_ERR_USAGE, "\"%.40s\" is not a number", text);
    return RDV_OK;
}

enum rdv_err tool_count(struct tool *t, uint64_t *out)
{
    char *end;

    *out = UINT64_MAX;
    if (t->options.count == NULL)
        return RDV_OK;
    *out = strtoull(t->options.count, &end, 10);
    if (t->options.count[0] < '1' || t->options.count[0] > '9' || *end != '\0')
        return tool_why(t, RDV_ERR_USAGE, "--count: a number from 1");
    return RDV_OK;
}
