/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/answer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "schema/wire/words.h"
#include "se_card/moment.h"

/* Notes the first fault. */
static void note(struct se_answer *a, enum rdv_err err)
{
    if (a->err == RDV_OK)
        a->err = err;
}

static struct se_answer_level *top(struct se_answer *a)
{
    return &a->level[a->n_levels - 1];
}

static void open_level(struct se_answer *a, bool is_list)
{
    RDV_INVARIANT(a->n_levels < SE_ANSWER_LEVELS);
    a->n_levels++;
    top(a)->is_list = is_list;
    note(a, is_list ? rdv_cbor_list_begin(&top(a)->list, a->out)
                    : rdv_cbor_map_begin(&top(a)->map, a->out));
}

static void close_level(struct se_answer *a)
{
    struct se_answer_level *level = top(a);

    if (a->err == RDV_OK)
        note(a, level->is_list ? rdv_cbor_list_end(&level->list) : rdv_cbor_map_end(&level->map));
    a->n_levels--;
}

void se_answer_for_people(struct se_answer *a, struct rdv_buf *out)
{
    *a = (struct se_answer){ .out = out };
}

void se_answer_for_programs(struct se_answer *a, struct rdv_buf *out)
{
    *a = (struct se_answer){ .out = out, .for_programs = true };
    open_level(a, false);
}

enum rdv_err se_answer_end(struct se_answer *a)
{
    if (a->for_programs) {
        if (a->err == RDV_OK)
            RDV_INVARIANT(a->n_levels == 1);
        close_level(a);
    }
    return a->err;
}

/* --- values ----------------------------------------------------------------------------------- */

/* Says the key; false when no value is to follow. The first value of a row in a list opens the
 * row's map. */
static bool key_for_programs(struct se_answer *a, const char *key)
{
    if (!a->for_programs || a->err != RDV_OK)
        return false;
    if (top(a)->is_list) {
        top(a)->list.n++;
        open_level(a, false);
    }
    note(a, rdv_cbor_map_key(&top(a)->map, key));
    return a->err == RDV_OK;
}

static bool is_for_people(const struct se_answer *a)
{
    return !a->for_programs && a->err == RDV_OK;
}

static void word_for_people(struct se_answer *a, const char *key, const char *value)
{
    note(a, rdv_words_put_arg(a->out, key, rdv_span_of(value)));
}

void se_answer_text(struct se_answer *a, const char *key, struct rdv_span value)
{
    if (is_for_people(a))
        note(a, rdv_words_put_arg(a->out, key, value));
    else if (key_for_programs(a, key))
        note(a, rdv_cbor_put_text(a->out, value));
}

void se_answer_name(struct se_answer *a, const char *key, const char *value)
{
    se_answer_text(a, key, rdv_span_of(value));
}

void se_answer_number(struct se_answer *a, const char *key, int64_t value)
{
    if (is_for_people(a))
        note(a, rdv_words_put_number(a->out, key, value));
    else if (key_for_programs(a, key))
        note(a, rdv_cbor_put_int(a->out, value));
}

void se_answer_flag(struct se_answer *a, const char *key, bool value)
{
    if (is_for_people(a))
        word_for_people(a, key, value ? "yes" : "no");
    else if (key_for_programs(a, key))
        note(a, rdv_cbor_put_bool(a->out, value));
}

void se_answer_bytes(struct se_answer *a, const char *key, struct rdv_span value)
{
    if (key_for_programs(a, key))
        note(a, rdv_cbor_put_bytes(a->out, value));
    if (!is_for_people(a))
        return;
    if (value.n == 0) {
        word_for_people(a, key, "");
        return;
    }
    note(a, rdv_put_text(a->out, key));
    note(a, rdv_put_u8(a->out, '='));
    note(a, rdv_hex_put(a->out, value));
    note(a, rdv_put_u8(a->out, ' '));
}

void se_answer_slot(struct se_answer *a, const char *key, uint8_t slot)
{
    char text[3];

    if (is_for_people(a)) {
        (void)snprintf(text, sizeof(text), "%02X", (unsigned)slot);
        word_for_people(a, key, text);
    } else if (key_for_programs(a, key)) {
        note(a, rdv_cbor_put_uint(a->out, slot));
    }
}

static void number_or_null(struct se_answer *a, const char *key, int64_t n, bool is_null)
{
    if (key_for_programs(a, key))
        note(a, is_null ? rdv_cbor_put_null(a->out) : rdv_cbor_put_int(a->out, n));
}

void se_answer_moment(struct se_answer *a, const char *key, int64_t moment, const char *none)
{
    char text[SE_MOMENT_TEXT];

    if (is_for_people(a)) {
        se_moment_text(text, moment);
        word_for_people(a, key, moment == 0 ? none : text);
    } else {
        number_or_null(a, key, moment, moment == 0);
    }
}

void se_answer_amount(struct se_answer *a, const char *key, int64_t n, const char *unit,
                      const char *none)
{
    char text[32];

    if (is_for_people(a)) {
        (void)snprintf(text, sizeof(text), "%" PRId64 "%s", n, unit);
        word_for_people(a, key, n == 0 ? none : text);
    } else {
        number_or_null(a, key, n, n == 0);
    }
}

void se_answer_limit(struct se_answer *a, const char *key, int64_t used, int64_t most)
{
    char text[48];

    if (is_for_people(a)) {
        (void)snprintf(text, sizeof(text), "%" PRId64 "/%" PRId64, used, most);
        word_for_people(a, key, most < 0 ? "none" : text);
    } else if (most < 0) {
        number_or_null(a, key, 0, true);
    } else {
        se_answer_map_begin(a, key);
        se_answer_number(a, "max", most);
        se_answer_number(a, "used", used);
        se_answer_map_end(a);
    }
}

static void array_of_words(struct se_answer *a, struct rdv_span rest)
{
    struct rdv_cbor_list list;

    note(a, rdv_cbor_list_begin(&list, a->out));
    while (rest.n > 0 && a->err == RDV_OK) {
        const uint8_t *comma = memchr(rest.p, ',', rest.n);
        const size_t n = comma == NULL ? rest.n : (size_t)(comma - rest.p);

        list.n++;
        note(a, rdv_cbor_put_text(a->out, (struct rdv_span){ rest.p, n }));
        rest.p += comma == NULL ? n : n + 1;
        rest.n -= comma == NULL ? n : n + 1;
    }
    if (a->err == RDV_OK)
        note(a, rdv_cbor_list_end(&list));
}

void se_answer_words(struct se_answer *a, const char *key, struct rdv_span value)
{
    if (is_for_people(a))
        note(a, rdv_words_put_arg(a->out, key, value));
    else if (key_for_programs(a, key))
        array_of_words(a, value);
}

/* --- structure -------------------------------------------------------------------------------- */

void se_answer_row_end(struct se_answer *a)
{
    if (!a->for_programs) {
        if (a->err == RDV_OK)
            note(a, rdv_words_put_end(a->out));
    } else if (a->n_levels > 1 && !top(a)->is_list && a->level[a->n_levels - 2].is_list) {
        close_level(a);
    }
}

void se_answer_list_begin(struct se_answer *a, const char *key)
{
    if (key_for_programs(a, key))
        open_level(a, true);
}

void se_answer_list_end(struct se_answer *a)
{
    if (a->for_programs && a->err == RDV_OK)
        close_level(a);
}

void se_answer_map_begin(struct se_answer *a, const char *key)
{
    if (key_for_programs(a, key))
        open_level(a, false);
}

void se_answer_map_end(struct se_answer *a)
{
    if (a->for_programs && a->err == RDV_OK)
        close_level(a);
}

void se_answer_line(struct se_answer *a, const char *format, ...)
{
    char line[600];
    va_list args;
    int n;

    if (a->for_programs || a->err != RDV_OK)
        return;
    va_start(args, format);
    n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    RDV_INVARIANT(n >= 0 && (size_t)n < sizeof(line));
    note(a, rdv_put_bytes(a->out, (struct rdv_span){ (const uint8_t *)line, (size_t)n }));
    note(a, rdv_put_text(a->out, "\r\n"));
    rdv_wipe(line, sizeof(line)); /* it may hold a key */
}
