/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/json.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/hex.h"

/* Running out of memory makes NULLs, which jansson takes and turns into a failure at the end. */
static void write_line(json_t *object)
{
    if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) != 0)
        (void)fputs("{\"error\":{\"code\":\"nomem\",\"text\":\"out of memory\"}}", stdout);
    (void)fputc('\n', stdout);
    (void)fflush(stdout);
    json_decref(object);
}

void tool_json_error(enum rdv_err err, const char *why)
{
    write_line(json_pack("{s:{s:s,s:s}}", "error", "code", rdv_err_name(err), "text", why));
}

/* Text as it is; bytes that are not UTF-8 as {"hex": ...}. */
static json_t *text_or_hex(struct rdv_span bytes)
{
    json_t *text = json_stringn(bytes.n == 0 ? "" : (const char *)bytes.p, bytes.n);
    struct rdv_buf digits = RDV_BUF(2 * bytes.n + 1);

    if (text != NULL)
        return text;
    if (rdv_hex_put(&digits, bytes) == RDV_OK)
        text = json_pack("{s:s%}", "hex", (const char *)rdv_buf_view(&digits).p,
                         rdv_buf_len(&digits));
    rdv_buf_free(&digits);
    return text;
}

static json_t *json_of(struct rdv_value v);

static json_t *json_of_items(struct rdv_value v)
{
    struct rdv_items items = rdv_value_items(v);
    struct rdv_value key, value;
    json_t *all = items.pairs ? json_object() : json_array();
    char name[64];

    while (rdv_items_next(&items, &key, &value)) {
        if (!items.pairs)
            (void)json_array_append_new(all, json_of(value));
        else if (rdv_value_text(key, name, sizeof(name)))
            (void)json_object_set_new(all, name, json_of(value));
    }
    return all;
}

static json_t *json_of_hex(struct rdv_span bytes)
{
    struct rdv_buf digits = RDV_BUF(2 * bytes.n + 1);
    json_t *text = NULL;

    if (rdv_hex_put(&digits, bytes) == RDV_OK)
        text = json_stringn(bytes.n == 0 ? "" : (const char *)rdv_buf_view(&digits).p, 2 * bytes.n);
    rdv_buf_free(&digits);
    return text;
}

static json_t *json_of(struct rdv_value v)
{
    struct rdv_span bytes = { NULL, 0 };
    uint64_t number = 0;
    bool yes = false;

    switch (rdv_value_kind(v)) {
    case RDV_KIND_NUMBER:
        (void)rdv_value_number(v, &number);
        return json_integer((json_int_t)number);
    case RDV_KIND_BOOL:
        (void)rdv_value_bool(v, &yes);
        return json_boolean(yes);
    case RDV_KIND_BYTES:
        (void)rdv_value_bytes(v, &bytes.p, &bytes.n);
        return json_of_hex(bytes);
    case RDV_KIND_TEXT:
        (void)rdv_value_bytes(v, &bytes.p, &bytes.n);
        return json_stringn(bytes.n == 0 ? "" : (const char *)bytes.p, bytes.n);
    case RDV_KIND_LIST:
    case RDV_KIND_MAP:
        return json_of_items(v);
    default:
        return json_null();
    }
}

void tool_json_result(struct rdv_value result)
{
    write_line(json_of(result));
}

void tool_json_posted(uint8_t record, uint64_t changed, uint64_t seq)
{
    json_t *object = json_pack("{s:i,s:I}", "record", (int)record, "changed", (json_int_t)changed);

    if (seq > 0)
        (void)json_object_set_new(object, "seq", json_integer((json_int_t)seq));
    write_line(object);
}

void tool_json_content(uint8_t record, const struct rdv_content *content)
{
    const struct rdv_span bytes = { content->bytes, content->n };
    json_t *object = json_pack("{s:i,s:o}", "record", (int)record, "content", json_of_hex(bytes));
    json_t *text = bytes.n == 0 ? NULL : json_stringn((const char *)bytes.p, bytes.n);

    if (text != NULL)
        (void)json_object_set_new(object, "text", text);
    if (bytes.n > 0) {
        (void)json_object_set_new(object, "author", json_string(content->author));
        (void)json_object_set_new(object, "changed", json_integer((json_int_t)content->changed));
    }
    if (content->type[0] != '\0')
        (void)json_object_set_new(object, "type", json_string(content->type));
    write_line(object);
}

static void set(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value);
}

static json_t *integer(uint64_t n)
{
    return json_integer((json_int_t)n);
}

/* What the card has signed. */
static void set_statement(json_t *object, const struct rdv_verified *v)
{
    static const char *const names[] = { [RDV_NOTHING] = "",
                                         [RDV_ENTRY] = "entry",
                                         [RDV_EVENT] = "event",
                                         [RDV_HEAD] = "head",
                                         [RDV_KEYS] = "keys" };

    set(object, "statement", json_string(names[v->statement]));
    set(object, "time", json_integer(v->time));
    set(object, "hash", json_of_hex((struct rdv_span){ v->hash, sizeof(v->hash) }));
    if (v->statement != RDV_KEYS)
        set(object, "n", integer(v->n));
    if (v->statement == RDV_HEAD)
        set(object, "until", json_integer(v->until));
    if (v->statement == RDV_ENTRY || v->statement == RDV_EVENT) {
        set(object, "seq", integer(v->seq));
        set(object, "author", json_string(v->author));
        set(object, "type", json_string(v->type));
        set(object, "bytes", integer(v->n_content));
    }
}

static void set_content(json_t *object, const struct rdv_verified *v)
{
    const struct rdv_span content = { v->content, v->n_content };
    json_t *text = content.n == 0 ? NULL : json_stringn((const char *)content.p, content.n);

    set(object, "content", json_of_hex(content));
    if (text != NULL)
        set(object, "text", text);
}

void tool_json_verdict(const struct rdv_verified *v, const char *topic, const char *from,
                       bool content)
{
    json_t *object = json_pack("{s:s,s:b}", "verdict", rdv_verdict_name(v->verdict), "alarm",
                               (int)rdv_verdict_is_alarm(v->verdict));

    if (topic != NULL)
        set(object, "topic", text_or_hex(rdv_span_of(topic)));
    else if (from != NULL && v->statement == RDV_NOTHING)
        set(object, "from", text_or_hex(rdv_span_of(from)));
    if (v->sen[0] != '\0')
        set(object, "sen", json_string(v->sen));
    if (v->sen[0] != '\0' && v->statement != RDV_EVENT && v->statement != RDV_KEYS)
        set(object, "record", json_integer(v->record));
    if (v->statement != RDV_NOTHING)
        set_statement(object, v);
    if (v->joined)
        set(object, "joined", json_true());
    if (v->verdict == RDV_GAP)
        set(object, "gap",
            json_pack("{s:I,s:I}", "from", (json_int_t)v->gap_from, "to", (json_int_t)v->gap_to));
    if (v->why.text[0] != '\0')
        set(object, "why", json_string(v->why.text));
    if (content && (v->statement == RDV_ENTRY || v->statement == RDV_EVENT))
        set_content(object, v);
    write_line(object);
}

struct tool_json_list {
    json_t *rows;
};

struct tool_json_list *tool_json_list_new(void)
{
    struct tool_json_list *list = calloc(1, sizeof(*list));

    if (list != NULL)
        list->rows = json_array();
    return list;
}

void tool_json_list_add(struct tool_json_list *list, struct rdv_value row)
{
    (void)json_array_append_new(list->rows, json_of(row));
}

void tool_json_list_end(struct tool_json_list *list)
{
    write_line(json_pack("{s:o}", "list", list->rows));
    free(list);
}

void tool_json_answer(struct rdv_span command, struct rdv_span answer)
{
    write_line(
            json_pack("{s:o,s:o}", "command", text_or_hex(command), "answer", text_or_hex(answer)));
}

void tool_json_object(const struct tool_json_field *fields, size_t n)
{
    json_t *object = json_object();

    for (size_t i = 0; i < n; i++) {
        json_t *value = fields[i].text.p == NULL ? json_integer((json_int_t)fields[i].number)
                                                 : text_or_hex(fields[i].text);

        if (json_object_set_new(object, fields[i].name, value) != 0) {
            json_decref(object);
            object = NULL; /* write_line tells */
        }
    }
    write_line(object);
}

void tool_json_texts(const char *const *pairs)
{
    json_t *object = json_object();

    for (; pairs[0] != NULL; pairs += 2)
        set(object, pairs[0], json_string(pairs[1]));
    write_line(object);
}
