/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/params.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "schema/wire/cbor.h"
#include "schema/wire/rpc.h"
#include "se_card/moment.h"
#include "se_card/syntax.h"

/* A moment is written with a year of four digits. */
#define MOMENT_MOST 253402300799

/* The parameter that stands for the slot has been taken from the request already. */
static bool is_slot(const struct se_command *c, const struct se_param *p)
{
    return c->scope != SE_SCOPE_NONE && p->is_word && se_param_takes(p, "XX");
}

static bool find_key(const struct se_command *c, struct se_param *out, struct rdv_span key)
{
    const char *at = c->syntax;

    while (se_syntax_next(&at, out)) {
        if (!out->is_word && rdv_span_equal(out->name, key))
            return true;
    }
    return false;
}

static enum rdv_err no_such_key(struct se_session *s, struct rdv_span key)
{
    return se_fault(s->el, RDV_ERR_FORMAT, "no key \"%s\" here: see !help", rdv_quote(key).text);
}

enum rdv_err se_params_check(struct se_session *s, const struct se_command *c,
                             const struct rdv_words *words)
{
    char missing[RDV_RPC_KEY_MAX + 1] = "", key[sizeof(missing)];
    const char *at = c->syntax;
    size_t least = 0, most = 0;
    struct se_param p;

    while (se_syntax_next(&at, &p)) {
        if (is_slot(c, &p))
            continue;
        if (p.is_word) {
            least += !p.optional;
            most += p.many ? 2 : 1;
        } else if (!p.optional && rdv_span_to_text(key, sizeof(key), p.name) == RDV_OK &&
                   rdv_words_arg(words, key) == NULL) {
            memcpy(missing, key, sizeof(missing));
        }
    }
    if (words->n < least)
        return se_fault(s->el, RDV_ERR_FORMAT, "too few words: see !help");
    if (words->n > most)
        return se_fault(s->el, RDV_ERR_FORMAT, "\"%s\" is too much: see !help",
                        rdv_quote(words->word[most]).text);
    for (size_t i = 0; i < words->n_args; i++) {
        if (!find_key(c, &p, words->arg[i].key))
            return no_such_key(s, words->arg[i].key);
    }
    if (missing[0] != '\0')
        return se_fault(s->el, RDV_ERR_FORMAT, "%s= is missing: see !help", missing);
    return RDV_OK;
}

static void set_slot(struct se_request *rq, const struct se_command *c, uint8_t slot)
{
    rq->slot = slot;
    (void)snprintf(rq->target, sizeof(rq->target), "%s %02X", se_scope_name(c->scope),
                   (unsigned)slot);
}

/* --- from words ------------------------------------------------------------------------------- */

/* Those that are one: not every number is that of a key. */
static bool is_valid_slot(const struct se_command *c, uint64_t slot)
{
    return slot <= 255 &&
           (c->scope != SE_SCOPE_KEY || se_keys_class((uint8_t)slot) != SE_CLASS_NONE);
}

static const char *slots_of(const struct se_command *c)
{
    return c->scope == SE_SCOPE_KEY ? "00 to 3F" : "00 to FF";
}

/* The slot that a command with a scope begins with. */
static enum rdv_err take_slot(struct se_session *s, const struct se_command *c,
                              struct se_request *rq, struct rdv_words *words)
{
    uint8_t slot;

    if (words->n == 0)
        return se_fault(s->el, RDV_ERR_FORMAT, "which %s? %s", se_scope_name(c->scope),
                        slots_of(c));
    if (rdv_hex_decode(&slot, 1, words->word[0]) != RDV_OK || !is_valid_slot(c, slot))
        return se_fault(s->el, RDV_ERR_FORMAT, "\"%s\" is not a %s: %s",
                        rdv_quote(words->word[0]).text, se_scope_name(c->scope), slots_of(c));
    set_slot(rq, c, slot);
    words->n--;
    memmove(words->word, words->word + 1, words->n * sizeof(words->word[0]));
    return RDV_OK;
}

/* Digits become bytes, at the end of `bytes`, which has room for them. */
static enum rdv_err take_hex(struct se_session *s, const struct se_param *p, struct rdv_span *value,
                             struct rdv_buf *bytes)
{
    const size_t before = rdv_buf_len(bytes);
    enum rdv_err err;

    if ((err = rdv_hex_get(bytes, *value)) == RDV_ERR_FORMAT)
        return se_fault(s->el, err, "%.*s: not %.*s (HEX: two digits a byte)", (int)p->name.n,
                        (const char *)p->name.p, (int)p->types.n, (const char *)p->types.p);
    *value = rdv_buf_view(bytes);
    value->p += before;
    value->n -= before;
    return err;
}

enum rdv_err se_params_take_words(struct se_session *s, const struct se_command *c,
                                  struct se_request *rq, struct rdv_words *words,
                                  struct rdv_buf *bytes)
{
    struct se_param p;
    size_t room = 1;
    uint8_t *reserved;
    enum rdv_err err;

    rq->words = words;
    if (c->scope != SE_SCOPE_NONE && (err = take_slot(s, c, rq, words)) != RDV_OK)
        return err;
    for (size_t i = 0; i < words->n_args; i++)
        room += words->arg[i].value.n / 2;
    if ((err = rdv_buf_room(bytes, &reserved, room)) != RDV_OK)
        return err;
    for (size_t i = 0; i < words->n_args && rq->malformed == RDV_OK; i++) {
        struct rdv_span *value = &words->arg[i].value;

        if (find_key(c, &p, words->arg[i].key) && se_param_takes(&p, "HEX") &&
            !se_param_takes_literally(&p, *value))
            rq->malformed = take_hex(s, &p, value, bytes);
    }
    return RDV_OK;
}

/* --- from a map ------------------------------------------------------------------------------- */

struct map_reader {
    struct se_session *s;
    const struct se_command *c;
    struct se_request *rq;
    struct rdv_words *words;
    struct rdv_buf *text;
    bool has_slot;
    bool given[RDV_WORDS_MAX]; /* of the words, in the order of the syntax */
};

static enum rdv_err not_a_value(struct map_reader *m, const struct se_param *p)
{
    return se_fault(m->s->el, RDV_ERR_FORMAT, "%.*s: not a value of %.*s", (int)p->name.n,
                    (const char *)p->name.p, (int)p->types.n, (const char *)p->types.p);
}

/* Keeps a text that was made here. */
static enum rdv_err keep(struct map_reader *m, struct rdv_span *out, const char *made)
{
    const size_t before = rdv_buf_len(m->text);
    const enum rdv_err err = rdv_put_text(m->text, made);

    *out = rdv_buf_view(m->text);
    out->p += before;
    out->n -= before;
    return err;
}

static enum rdv_err take_number(struct map_reader *m, const struct se_param *p, uint64_t n,
                                struct rdv_span *out)
{
    char made[32];

    if (se_param_is_number(p))
        (void)snprintf(made, sizeof(made), "%" PRIu64, n);
    else if ((se_param_takes(p, "YY") || se_param_takes(p, "RECORD")) && n <= 255)
        (void)snprintf(made, sizeof(made), "%02X", (unsigned)n);
    else if (se_param_takes(p, "TIME") && n <= MOMENT_MOST)
        se_moment_text(made, (int64_t)n);
    else if (se_param_takes(p, "DURATION") && !se_param_takes(p, "TIME"))
        (void)snprintf(made, sizeof(made), "%" PRIu64 "s", n);
    else
        return not_a_value(m, p);
    return keep(m, out, made);
}

/* The word by which people lift a limit. */
static enum rdv_err take_null(struct map_reader *m, const struct se_param *p, struct rdv_span *out)
{
    static const char *const words[] = { "none", "never", "now", "all" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (se_param_takes(p, words[i]))
            return keep(m, out, words[i]);
    }
    return not_a_value(m, p);
}

static enum rdv_err take_text(struct map_reader *m, const struct se_param *p, struct rdv_span text,
                              struct rdv_span *out)
{
    if (!rdv_words_is_plain(text) ||
        (se_param_takes(p, "HEX") && !se_param_takes_literally(p, text)))
        return not_a_value(m, p);
    *out = text;
    return RDV_OK;
}

/* Texts, none of which can hold the comma that is between them in a line. */
static enum rdv_err take_list(struct map_reader *m, const struct se_param *p, struct rdv_reader *rd,
                              uint64_t n, struct rdv_span *out)
{
    const size_t before = rdv_buf_len(m->text);
    struct rdv_cbor item;
    enum rdv_err err = RDV_OK;

    if (!se_param_is_list(p))
        return not_a_value(m, p);
    if (n == 0)
        return take_null(m, p, out);
    for (uint64_t i = 0; i < n && err == RDV_OK; i++) {
        RDV_INVARIANT(rdv_cbor_get(rd, &item) == RDV_OK);
        if (item.type != RDV_CBOR_TEXT || item.n == 0 || !rdv_words_is_plain(item.bytes) ||
            memchr(item.bytes.p, ',', item.bytes.n) != NULL)
            return not_a_value(m, p);
        if (i == 0 || (err = rdv_put_u8(m->text, ',')) == RDV_OK)
            err = rdv_put_bytes(m->text, item.bytes);
    }
    *out = rdv_buf_view(m->text);
    out->p += before;
    out->n -= before;
    return err == RDV_ERR_LIMIT ? not_a_value(m, p) : err;
}

/* A value, as a handler is to see it. */
static enum rdv_err take_value(struct map_reader *m, const struct se_param *p, struct rdv_reader rd,
                               struct rdv_span *out)
{
    struct rdv_cbor item;

    RDV_INVARIANT(rdv_cbor_get(&rd, &item) == RDV_OK);
    switch (item.type) {
    case RDV_CBOR_UINT:
        return take_number(m, p, item.n, out);
    case RDV_CBOR_BYTES:
        if (!se_param_takes(p, "HEX"))
            break;
        *out = item.bytes;
        return RDV_OK;
    case RDV_CBOR_TEXT:
        return take_text(m, p, item.bytes, out);
    case RDV_CBOR_ARRAY:
        return take_list(m, p, &rd, item.n, out);
    case RDV_CBOR_BOOL:
        if (!se_param_takes(p, "yes"))
            break;
        return keep(m, out, item.n == 0 ? "no" : "yes");
    case RDV_CBOR_NULL:
        return take_null(m, p, out);
    default:
        break;
    }
    return not_a_value(m, p);
}

static bool is_lower_case_of(struct rdv_span lower, struct rdv_span upper)
{
    if (lower.n != upper.n)
        return false;
    for (size_t i = 0; i < lower.n; i++) {
        const uint8_t c = upper.p[i];

        if (lower.p[i] != (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c))
            return false;
    }
    return true;
}

/* The parameter of this name; *at_word counts the words before it. */
static bool find_param(const struct se_command *c, struct se_param *p, size_t *at_word,
                       struct rdv_span name)
{
    const char *at = c->syntax;

    *at_word = 0;
    while (se_syntax_next(&at, p)) {
        if (is_slot(c, p)) {
            if (rdv_span_is(name, se_scope_name(c->scope)))
                return true;
        } else if (!p->is_word) {
            if (rdv_span_equal(name, p->name))
                return true;
        } else if (is_lower_case_of(name, p->name)) {
            return true;
        } else {
            ++*at_word;
        }
    }
    return false;
}

/* One that is none counts as not given. */
static void take_slot_value(struct map_reader *m, struct rdv_reader rd)
{
    struct rdv_cbor item;
    uint8_t slot;

    RDV_INVARIANT(rdv_cbor_get(&rd, &item) == RDV_OK);
    if (item.type == RDV_CBOR_UINT && is_valid_slot(m->c, item.n))
        slot = (uint8_t)item.n;
    else if (item.type != RDV_CBOR_TEXT || rdv_hex_decode(&slot, 1, item.bytes) != RDV_OK ||
             !is_valid_slot(m->c, slot))
        return;
    m->has_slot = true;
    set_slot(m->rq, m->c, slot);
}

static enum rdv_err take_pair(struct map_reader *m, struct rdv_span name, struct rdv_reader value)
{
    struct rdv_span *out;
    struct se_param p;
    char key[RDV_RPC_KEY_MAX + 1];
    size_t at_word;

    if (rdv_span_to_text(key, sizeof(key), name) != RDV_OK || !find_param(m->c, &p, &at_word, name))
        return no_such_key(m->s, name);
    if (is_slot(m->c, &p) ? m->has_slot
        : p.is_word       ? m->given[at_word]
                          : rdv_words_arg(m->words, key) != NULL)
        return se_fault(m->s->el, RDV_ERR_EXISTS, "a key twice");
    if (is_slot(m->c, &p)) {
        take_slot_value(m, value);
        return RDV_OK;
    }
    if (p.is_word) {
        m->given[at_word] = true;
        out = &m->words->word[at_word];
    } else {
        RDV_INVARIANT(m->words->n_args < RDV_WORDS_ARGS_MAX);
        m->words->arg[m->words->n_args].key = name;
        out = &m->words->arg[m->words->n_args++].value;
    }
    return take_value(m, &p, value, out);
}

/* Words are told apart by their place: none may be missing before another. */
static enum rdv_err count_words(struct map_reader *m)
{
    const char *at = m->c->syntax;
    size_t i = 0;
    struct se_param p;

    for (m->words->n = 0; i < RDV_WORDS_MAX && m->given[i]; i++)
        m->words->n++;
    for (i = 0; se_syntax_next(&at, &p);) {
        bool later = false;

        if (!p.is_word || is_slot(m->c, &p))
            continue;
        for (size_t j = i + 1; j < RDV_WORDS_MAX; j++)
            later = later || m->given[j];
        if (!m->given[i++] && (later || !p.optional))
            return se_fault(m->s->el, RDV_ERR_FORMAT, "%.*s is missing", (int)p.name.n,
                            (const char *)p.name.p);
    }
    return RDV_OK;
}

enum rdv_err se_params_take_map(struct se_session *s, const struct se_command *c,
                                struct se_request *rq, struct rdv_words *words,
                                struct rdv_buf *text, struct rdv_span map)
{
    struct map_reader m = { .s = s, .c = c, .rq = rq, .words = words, .text = text };
    struct rdv_reader rd = { map };
    struct rdv_cbor head, name;
    uint8_t *reserved;
    enum rdv_err err;

    *words = (struct rdv_words){ 0 };
    rq->words = words;
    /* All of it at once: what was made must not move. */
    if ((err = rdv_buf_room(text, &reserved, SE_PARAMS_TEXT_MAX)) != RDV_OK)
        return err;
    RDV_INVARIANT(rdv_cbor_get(&rd, &head) == RDV_OK && head.type == RDV_CBOR_MAP);
    for (; head.n > 0; head.n--) {
        struct rdv_reader value;

        RDV_INVARIANT(rdv_cbor_get(&rd, &name) == RDV_OK);
        value = rd;
        RDV_INVARIANT(rdv_cbor_skip(&rd, RDV_RPC_DEPTH_MAX) == RDV_OK);
        if (rq->malformed == RDV_OK && name.type != RDV_CBOR_TEXT)
            rq->malformed = se_fault(s->el, RDV_ERR_FORMAT, "a key that is not a text");
        else if (rq->malformed == RDV_OK)
            rq->malformed = take_pair(&m, name.bytes, value);
        else if (rdv_span_is(name.bytes, se_scope_name(c->scope)) && !m.has_slot)
            take_slot_value(&m, value); /* the right is checked for it before the fault is told */
    }
    if (c->scope != SE_SCOPE_NONE && !m.has_slot)
        return se_fault(s->el, RDV_ERR_FORMAT, "%s: one of %s, it must be given",
                        se_scope_name(c->scope), slots_of(c));
    if (rq->malformed == RDV_OK)
        rq->malformed = count_words(&m);
    return RDV_OK;
}
