/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static bool is_control(uint8_t c)
{
    return c < 0x20 || c == 0x7f;
}

static void skip(struct rdv_reader *rd, size_t n)
{
    rd->rest.p += n;
    rd->rest.n -= n;
}

/* Up to the closing quote; `rd` stands behind the opening one. */
static enum rdv_err take_quoted(struct rdv_buf *text, struct rdv_reader *rd)
{
    uint8_t c;
    enum rdv_err err;

    while (rdv_get_u8(rd, &c) == RDV_OK) {
        if (c == '"')
            return RDV_OK;
        if (is_control(c))
            return RDV_ERR_RANGE;
        if (c == '\\' && (rdv_get_u8(rd, &c) != RDV_OK || (c != '"' && c != '\\')))
            return RDV_ERR_FORMAT;
        if ((err = rdv_put_u8(text, c)) != RDV_OK)
            return err;
    }
    return RDV_ERR_FORMAT;
}

/* One word or value, up to a blank (or, for a key, '='), into *out. */
static enum rdv_err take_word(struct rdv_span *out, struct rdv_buf *text, struct rdv_reader *rd,
                              bool stop_at_equals)
{
    const size_t before = rdv_buf_len(text);
    enum rdv_err err = RDV_OK;

    if (rd->rest.n > 0 && rd->rest.p[0] == '"') {
        skip(rd, 1);
        err = take_quoted(text, rd);
        if (err == RDV_OK && rd->rest.n > 0 && !is_blank(rd->rest.p[0]))
            err = RDV_ERR_FORMAT;
    } else {
        while (err == RDV_OK && rd->rest.n > 0 && !is_blank(rd->rest.p[0]) &&
               !(stop_at_equals && rd->rest.p[0] == '=')) {
            if (is_control(rd->rest.p[0]))
                err = RDV_ERR_RANGE;
            else if (rd->rest.p[0] == '"')
                err = RDV_ERR_FORMAT;
            else
                err = rdv_put_u8(text, rd->rest.p[0]);
            skip(rd, 1);
        }
    }
    *out = rdv_buf_view(text);
    out->p += before;
    out->n -= before;
    return err;
}

static enum rdv_err add_arg(struct rdv_words *w, struct rdv_buf *text, struct rdv_reader *rd,
                            struct rdv_span key)
{
    if (key.n == 0)
        return RDV_ERR_FORMAT;
    for (size_t i = 0; i < w->n_args; i++) {
        if (rdv_span_equal(w->arg[i].key, key))
            return RDV_ERR_EXISTS;
    }
    if (w->n_args == RDV_WORDS_ARGS_MAX)
        return RDV_ERR_LIMIT;
    w->arg[w->n_args].key = key;
    skip(rd, 1); /* '=' */
    return take_word(&w->arg[w->n_args++].value, text, rd, false);
}

enum rdv_err rdv_words_decode(struct rdv_words *out, struct rdv_buf *text, struct rdv_span line)
{
    struct rdv_reader rd = { line };
    struct rdv_span word;
    uint8_t *room;
    enum rdv_err err;

    *out = (struct rdv_words){ 0 };
    rdv_buf_clear(text);
    /* Room for all of it first: the spans must not move. */
    if ((err = rdv_buf_room(text, &room, line.n + 1)) != RDV_OK)
        return err;
    for (;;) {
        bool quoted;

        while (rd.rest.n > 0 && is_blank(rd.rest.p[0]))
            skip(&rd, 1);
        if (rd.rest.n == 0)
            return RDV_OK;
        quoted = rd.rest.p[0] == '"';
        if ((err = take_word(&word, text, &rd, true)) != RDV_OK)
            return err;
        if (!quoted && rd.rest.n > 0 && rd.rest.p[0] == '=')
            err = add_arg(out, text, &rd, word);
        else if (out->n_args > 0)
            err = RDV_ERR_FORMAT;
        else if (out->n == RDV_WORDS_MAX)
            err = RDV_ERR_LIMIT;
        else
            out->word[out->n++] = word;
        if (err != RDV_OK)
            return err;
    }
}

bool rdv_words_is_plain(struct rdv_span text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (is_control(text.p[i]))
            return false;
    }
    return true;
}

const struct rdv_span *rdv_words_arg(const struct rdv_words *w, const char *key)
{
    for (size_t i = 0; i < w->n_args; i++) {
        if (rdv_span_is(w->arg[i].key, key))
            return &w->arg[i].value;
    }
    return NULL;
}

static bool needs_quotes(struct rdv_span value)
{
    for (size_t i = 0; i < value.n; i++) {
        const uint8_t c = value.p[i];

        if (c <= 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '=')
            return true;
    }
    return value.n == 0;
}

enum rdv_err rdv_words_put(struct rdv_buf *out, struct rdv_span value)
{
    enum rdv_err err;
    char escaped[5];

    if (!needs_quotes(value))
        return rdv_put_bytes(out, value);
    if ((err = rdv_put_u8(out, '"')) != RDV_OK)
        return err;
    for (size_t i = 0; i < value.n; i++) {
        const uint8_t c = value.p[i];

        if (c < 0x20 || c >= 0x7f)
            (void)snprintf(escaped, sizeof(escaped), "\\x%02X", (unsigned)c);
        else
            (void)snprintf(escaped, sizeof(escaped), c == '"' || c == '\\' ? "\\%c" : "%c", c);
        if ((err = rdv_put_text(out, escaped)) != RDV_OK)
            return err;
    }
    return rdv_put_u8(out, '"');
}

enum rdv_err rdv_words_put_arg(struct rdv_buf *out, const char *key, struct rdv_span value)
{
    enum rdv_err err;

    if ((err = rdv_put_text(out, key)) != RDV_OK || (err = rdv_put_u8(out, '=')) != RDV_OK ||
        (err = rdv_words_put(out, value)) != RDV_OK)
        return err;
    return rdv_put_u8(out, ' ');
}

enum rdv_err rdv_words_put_number(struct rdv_buf *out, const char *key, int64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRId64, value);
    return rdv_words_put_arg(out, key, rdv_span_of(text));
}

enum rdv_err rdv_words_put_end(struct rdv_buf *out)
{
    const size_t n = rdv_buf_len(out);

    if (n > 0 && rdv_buf_view(out).p[n - 1] == ' ')
        rdv_buf_truncate(out, n - 1);
    return rdv_put_text(out, "\r\n");
}
