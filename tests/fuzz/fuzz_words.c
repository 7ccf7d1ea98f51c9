/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_words_decode rdv_words_arg rdv_words_put rdv_words_put_arg */
#include "schema/wire/words.h"

#include "base/log.h"
#include "tests/fuzz/fuzz.h"

#define LINE_MAX (64 * 1024)

static bool is_printable(struct rdv_span text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < 0x20 || text.p[i] >= 0x7f)
            return false;
    }
    return true;
}

static bool is_control(uint8_t c)
{
    return c < 0x20 || c == 0x7f;
}

/* Every byte of it came from the line, and none is a control byte. */
static void check_word(struct rdv_span word, size_t most)
{
    RDV_INVARIANT(word.n <= most);
    for (size_t i = 0; i < word.n; i++)
        RDV_INVARIANT(!is_control(word.p[i]));
}

/* The line that says the same, in the one form that is written. */
static void write_line(struct rdv_buf *out, const struct rdv_words *words)
{
    for (size_t i = 0; i < words->n; i++)
        RDV_INVARIANT(rdv_words_put(out, words->word[i]) == RDV_OK &&
                      rdv_put_u8(out, ' ') == RDV_OK);
    for (size_t i = 0; i < words->n_args; i++)
        RDV_INVARIANT(rdv_put_bytes(out, words->arg[i].key) == RDV_OK &&
                      rdv_put_u8(out, '=') == RDV_OK &&
                      rdv_words_put(out, words->arg[i].value) == RDV_OK &&
                      rdv_put_u8(out, ' ') == RDV_OK);
}

static void check_same(const struct rdv_words *a, const struct rdv_words *b)
{
    RDV_INVARIANT(a->n == b->n && a->n_args == b->n_args);
    for (size_t i = 0; i < a->n; i++)
        RDV_INVARIANT(rdv_span_equal(a->word[i], b->word[i]));
    for (size_t i = 0; i < a->n_args; i++)
        RDV_INVARIANT(rdv_span_equal(a->arg[i].key, b->arg[i].key) &&
                      rdv_span_equal(a->arg[i].value, b->arg[i].value));
}

/* A line that is taken is written and read back as the same words, when its text is printable;
 * other text is written so that it is. */
static void check_line(struct rdv_span line)
{
    struct rdv_buf text = RDV_BUF(LINE_MAX), out = RDV_BUF(8 * LINE_MAX),
                   again = RDV_BUF(8 * LINE_MAX);
    struct rdv_words words, back;
    enum rdv_err err;

    if ((err = rdv_words_decode(&words, &text, line)) != RDV_OK) {
        RDV_INVARIANT(err == RDV_ERR_FORMAT || err == RDV_ERR_RANGE || err == RDV_ERR_EXISTS ||
                      err == RDV_ERR_LIMIT);
        rdv_buf_free(&text);
        return;
    }
    RDV_INVARIANT(words.n <= RDV_WORDS_MAX && words.n_args <= RDV_WORDS_ARGS_MAX);
    for (size_t i = 0; i < words.n; i++)
        check_word(words.word[i], line.n);
    for (size_t i = 0; i < words.n_args; i++) {
        RDV_INVARIANT(words.arg[i].key.n > 0);
        check_word(words.arg[i].key, line.n);
        check_word(words.arg[i].value, line.n);
    }
    write_line(&out, &words);
    if (is_printable(line)) {
        RDV_INVARIANT(is_printable(rdv_buf_view(&out)));
        RDV_INVARIANT(rdv_words_decode(&back, &again, rdv_buf_view(&out)) == RDV_OK);
        check_same(&words, &back);
    }
    rdv_buf_free(&text);
    rdv_buf_free(&out);
    rdv_buf_free(&again);
}

/* Any bytes, as a value: printable, and one word. */
static void check_value(struct rdv_span value)
{
    struct rdv_buf text = RDV_BUF(8 * LINE_MAX), out = RDV_BUF(8 * LINE_MAX);
    struct rdv_words words;

    RDV_INVARIANT(rdv_words_put_arg(&out, "k", value) == RDV_OK);
    RDV_INVARIANT(is_printable(rdv_buf_view(&out)));
    if (is_printable(value)) {
        const struct rdv_span *got;

        RDV_INVARIANT(rdv_words_decode(&words, &text, rdv_buf_view(&out)) == RDV_OK);
        RDV_INVARIANT((got = rdv_words_arg(&words, "k")) != NULL && rdv_span_equal(*got, value));
    }
    rdv_buf_free(&text);
    rdv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rdv_span in = { data, size < LINE_MAX - 1 ? size : LINE_MAX - 1 };

    check_line(in);
    check_value(in);
    return 0;
}
