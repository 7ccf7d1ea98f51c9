/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/complete.h"

#include <string.h>

/* --- words ------------------------------------------------------------------------------------ */

/* Takes the next word, up to a blank or a line end; empty at the end of the line. */
static struct rdv_span next_word(struct rdv_span *line)
{
    struct rdv_span word;

    while (line->n > 0 && (line->p[0] == ' ' || line->p[0] == '\r')) {
        line->p++;
        line->n--;
    }
    word = (struct rdv_span){ line->p, 0 };
    while (word.n < line->n && line->p[word.n] != ' ' && line->p[word.n] != '\r')
        word.n++;
    line->p += word.n;
    line->n -= word.n;
    return word;
}

static bool begins(struct rdv_span word, struct rdv_span with)
{
    return with.n <= word.n && (with.n == 0 || memcmp(word.p, with.p, with.n) == 0);
}

static bool next_line(struct rdv_span *help, struct rdv_span *line)
{
    const uint8_t *lf;

    if (help->n == 0)
        return false;
    lf = memchr(help->p, '\n', help->n);
    line->p = help->p;
    line->n = lf == NULL ? help->n : (size_t)(lf - help->p);
    help->p += line->n;
    help->n -= line->n;
    if (lf != NULL) {
        help->p++;
        help->n--;
    }
    return true;
}

/* --- candidates ------------------------------------------------------------------------------- */

static void add(struct tool_candidates *c, struct rdv_span word)
{
    for (size_t i = 0; i < c->n; i++) {
        if (rdv_span_equal(c->list[i], word))
            return;
    }
    if (word.n > 0 && c->n < TOOL_CANDIDATES_MAX)
        c->list[c->n++] = word;
}

/* key=value, which stands nowhere as one word. */
static void add_pair(struct tool_candidates *c, struct rdv_span key, struct rdv_span value)
{
    const size_t n = key.n + value.n;

    if (n > sizeof(c->words) - c->n_words)
        return;
    memcpy(c->words + c->n_words, key.p, key.n);
    memcpy(c->words + c->n_words + key.n, value.p, value.n);
    add(c, (struct rdv_span){ (const uint8_t *)c->words + c->n_words, n });
    c->n_words += n;
}

/* Values that are words: of "[psk=auto|HEX]" it is auto. */
static void add_values(struct tool_candidates *c, struct rdv_span key, struct rdv_span types,
                       struct rdv_span typed)
{
    while (types.n > 0) {
        const uint8_t *bar = memchr(types.p, '|', types.n);
        const struct rdv_span value = { types.p, bar == NULL ? types.n : (size_t)(bar - types.p) };
        const size_t skip = value.n + (bar != NULL);

        if (value.n > 0 && value.p[0] >= 'a' && value.p[0] <= 'z' &&
            memchr(value.p, ',', value.n) == NULL && begins(value, typed))
            add_pair(c, key, value);
        types.p += skip;
        types.n -= skip;
    }
}

/* Of a word of the syntax: its key with the '=', or what may stand behind that. */
static void add_param(struct tool_candidates *c, struct rdv_span param, struct rdv_span typed)
{
    const uint8_t *equals;
    struct rdv_span key, types;

    if (param.n > 2 && param.p[0] == '[' && param.p[param.n - 1] == ']')
        param = (struct rdv_span){ param.p + 1, param.n - 2 };
    if ((equals = memchr(param.p, '=', param.n)) == NULL)
        return;
    key = (struct rdv_span){ param.p, (size_t)(equals - param.p) + 1 };
    types = (struct rdv_span){ equals + 1, param.n - key.n };
    if (begins(key, typed) && !rdv_span_equal(key, typed))
        add(c, key);
    else if (begins(typed, key))
        add_values(c, key, types, (struct rdv_span){ typed.p + key.n, typed.n - key.n });
}

static bool is_given(struct rdv_span words, struct rdv_span key)
{
    struct rdv_span word;

    while ((word = next_word(&words)).n > 0) {
        if (begins(word, key))
            return true;
    }
    return false;
}

/* "!guest" or "?A0" to begin with, "add" behind it. */
static bool is_of_name(struct rdv_span word, bool first)
{
    if (first)
        return word.n > 1 && (word.p[0] == '!' || word.p[0] == '?');
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] < 'a' || word.p[i] > 'z')
            return false;
    }
    return word.n > 0;
}

/* What a line of the help offers behind the words that are whole: another word of the name, or
 * keys. A command of TLS-SE stands there together with what it takes: "?A064HEX". */
static void try_command(struct tool_candidates *c, struct rdv_span command, struct rdv_span whole,
                        struct rdv_span typed)
{
    struct rdv_span left = whole, word = next_word(&command), given = next_word(&left);
    bool first = true;

    if (word.n > 3 && word.p[0] == '?')
        word.n = 3;
    for (; is_of_name(word, first); word = next_word(&command), first = false) {
        if (given.n == 0) {
            if (begins(word, typed))
                add(c, word);
            return;
        }
        if (!rdv_span_equal(word, given))
            return;
        given = next_word(&left);
    }
    for (; !first && word.n > 0 && !rdv_span_is(word, "-"); word = next_word(&command)) {
        const size_t before = c->n;

        add_param(c, word, typed);
        if (c->n > before && is_given(whole, c->list[before]))
            c->n = before;
    }
}

void tool_complete(struct tool_candidates *out, struct rdv_span help, struct rdv_span line)
{
    struct rdv_span typed, whole, command;

    *out = (struct tool_candidates){ 0 };
    whole = line;
    while (whole.n > 0 && whole.p[whole.n - 1] != ' ')
        whole.n--;
    typed = (struct rdv_span){ line.p + whole.n, line.n - whole.n };
    out->typed = typed.n;
    while (next_line(&help, &command))
        try_command(out, command, whole, typed);
}

size_t tool_candidates_common(const struct tool_candidates *c)
{
    size_t n = c->n == 0 ? 0 : c->list[0].n;

    for (size_t i = 1; i < c->n; i++) {
        size_t same = 0;

        while (same < n && same < c->list[i].n && c->list[i].p[same] == c->list[0].p[same])
            same++;
        n = same;
    }
    return n;
}
