/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/words.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

static struct rdv_buf text = { .limit = 20000 }, out = { .limit = 20000 };
static struct rdv_words words;

static enum rdv_err decode(const char *line)
{
    return rdv_words_decode(&words, &text, rdv_span_of(line));
}

static void stop(void)
{
    rdv_buf_free(&text);
    rdv_buf_free(&out);
}

static void reads_words_then_keys(void)
{
    T_OK(decode("guest  add\t\"a name\"   rights=read,write note=\"a \\\"b\\\" \\\\ c\" empty= "));
    T_UINT(words.n, 3);
    T_TEXT(words.word[0], "guest");
    T_TEXT(words.word[1], "add");
    T_TEXT(words.word[2], "a name");
    T_UINT(words.n_args, 3);
    T_TEXT(words.arg[0].key, "rights");
    T_TEXT(words.arg[0].value, "read,write");
    T_TEXT(words.arg[1].value, "a \"b\" \\ c");
    T_TEXT(words.arg[2].key, "empty");
    T_TEXT(words.arg[2].value, "");
    T_TRUE(rdv_words_arg(&words, "note") == &words.arg[1].value);
    T_TRUE(rdv_words_arg(&words, "guest") == NULL);
    stop();
}

static void what_is_no_line_of_words_is_refused(void)
{
    static const struct {
        const char *line;
        enum rdv_err err;
    } bad[] = {
        { "a \"b", RDV_ERR_FORMAT },
        { "a \"b\\", RDV_ERR_FORMAT },
        { "a \"b\\n\"", RDV_ERR_FORMAT },
        { "a \"b\\x41\"", RDV_ERR_FORMAT },
        { "a b\"c", RDV_ERR_FORMAT },
        { "a b\"c\"", RDV_ERR_FORMAT },
        { "a \"b\"c", RDV_ERR_FORMAT },
        { "a \"b\"=c", RDV_ERR_FORMAT },
        { "a =c", RDV_ERR_FORMAT },
        { "a =", RDV_ERR_FORMAT },
        { "a b=\"c\"d", RDV_ERR_FORMAT },
        { "a b=c d", RDV_ERR_FORMAT },
        { "a b=c \"d\"", RDV_ERR_FORMAT },
        { "a\x01", RDV_ERR_RANGE },
        { "a\r", RDV_ERR_RANGE },
        { "a\x7f", RDV_ERR_RANGE },
        { "\"a\x01\"", RDV_ERR_RANGE },
        { "\"a\tb\"", RDV_ERR_RANGE },
        { "a b=\x1b[2J", RDV_ERR_RANGE },
        { "a b=\"\x1b\"", RDV_ERR_RANGE },
        { "a b\x01=c", RDV_ERR_RANGE },
        { "a b=1 b=2", RDV_ERR_EXISTS },
        { "a b=1 c=2 b=", RDV_ERR_EXISTS },
        { "1 2 3 4 5 6 7", RDV_ERR_LIMIT },
        { "a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 l=1 m=1 n=1 o=1 p=1 q=1", RDV_ERR_LIMIT },
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (!T_ERR(decode(bad[i].line), bad[i].err))
            T_TEXT(rdv_span_of(bad[i].line), "");
    }
    stop();
}

static void a_nul_is_refused_as_every_control_byte(void)
{
    for (unsigned c = 0; c < 256; c++) {
        const uint8_t bare[] = { 'a', (uint8_t)c, 'b' };
        const uint8_t quoted[] = { '"', 'a', (uint8_t)c, 'b', '"' };
        const bool control = c < 0x20 || c == 0x7f;

        T_ERR(rdv_words_decode(&words, &text, (struct rdv_span){ bare, sizeof(bare) }),
              control && c != '\t' ? RDV_ERR_RANGE
              : c == '"'           ? RDV_ERR_FORMAT
                                   : RDV_OK);
        T_ERR(rdv_words_decode(&words, &text, (struct rdv_span){ quoted, sizeof(quoted) }),
              control                 ? RDV_ERR_RANGE
              : c == '"' || c == '\\' ? RDV_ERR_FORMAT
                                      : RDV_OK);
    }
    stop();
}

static void a_line_may_be_empty_and_may_be_full(void)
{
    T_OK(decode(""));
    T_TRUE(words.n == 0 && words.n_args == 0);
    T_OK(decode(" \t "));
    T_TRUE(words.n == 0 && words.n_args == 0);
    T_OK(decode("1 2 3 4 5 6 a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 l=1 m=1 n=1 o=1 p=1"));
    T_TRUE(words.n == RDV_WORDS_MAX && words.n_args == RDV_WORDS_ARGS_MAX);
    T_OK(decode("a=b=c"));
    T_TEXT(words.arg[0].value, "b=c");
    T_OK(decode("\"a=b\" \"\""));
    T_TEXT(words.word[0], "a=b");
    T_TEXT(words.word[1], "");
    stop();
}

static void decode_only(struct rdv_span in)
{
    (void)!rdv_words_decode(&words, &text, in);
}

static void no_piece_of_a_line_reads_past_its_end(void)
{
    t_every_prefix(RDV_LIT("guest add \"a \\\"name\" rights=read note=\"x\\\\\""), decode_only);
    t_every_bit_flip(RDV_LIT("guest add \"a \\\"name\" rights=read note=\"x\\\\\""), decode_only);
    stop();
}

static void a_line_longer_than_its_buffer_is_refused(void)
{
    struct rdv_buf small = RDV_BUF(8);

    T_OK(rdv_words_decode(&words, &small, RDV_LIT("1234567")));
    T_ERR(rdv_words_decode(&words, &small, RDV_LIT("12345678")), RDV_ERR_LIMIT);
    rdv_buf_free(&small);
}

static struct rdv_span put(struct rdv_span value)
{
    rdv_buf_clear(&out);
    T_OK(rdv_words_put(&out, value));
    return rdv_buf_view(&out);
}

static void values_stand_in_quotes_where_they_must(void)
{
    T_TEXT(put(RDV_LIT("plain-1.2,3:4/5'")), "plain-1.2,3:4/5'");
    T_TEXT(put(RDV_LIT("")), "\"\"");
    T_TEXT(put(RDV_LIT("a b")), "\"a b\"");
    T_TEXT(put(RDV_LIT("a=b")), "\"a=b\"");
    T_TEXT(put(RDV_LIT("a\\b")), "\"a\\\\b\"");
    T_TEXT(put(RDV_LIT("a\"b\\c")), "\"a\\\"b\\\\c\"");
    T_TEXT(put(RDV_LIT("a\x01\n\x7f\xc3\xa9")), "\"a\\x01\\x0A\\x7F\\xC3\\xA9\"");
    stop();
}

static void an_answer_is_key_value_on_a_line(void)
{
    T_OK(rdv_words_put_arg(&out, "name", RDV_LIT("a b")));
    T_OK(rdv_words_put_number(&out, "n", -5));
    T_OK(rdv_words_put_number(&out, "most", INT64_MAX));
    T_OK(rdv_words_put_number(&out, "least", INT64_MIN));
    T_OK(rdv_words_put_end(&out));
    T_OK(rdv_words_put_end(&out));
    T_TEXT(rdv_buf_view(&out), "name=\"a b\" n=-5 most=9223372036854775807"
                               " least=-9223372036854775808\r\n\r\n");
    stop();
}

/* Whatever can be a value comes back from what was written: printable text does. */
static void what_is_written_is_read_back(void)
{
    uint32_t seed = 31337;

    for (unsigned round = 0; round < 3000; round++) {
        uint8_t value[40];
        const size_t n = t_random(&seed) % (sizeof(value) + 1);

        for (size_t i = 0; i < n; i++) {
            static const char often[] = "\"\\= ,";
            const uint32_t r = t_random(&seed);

            value[i] = r % 3 == 0 ? (uint8_t)often[r / 3 % 5] : (uint8_t)(0x20 + r / 3 % 0x5f);
        }
        rdv_buf_clear(&out);
        T_OK(rdv_words_put_arg(&out, "key", (struct rdv_span){ value, n }));
        T_OK(rdv_words_decode(&words, &text, rdv_buf_view(&out)));
        T_TRUE(words.n == 0 && words.n_args == 1);
        T_SPAN(words.arg[0].value, ((struct rdv_span){ value, n }));
        T_OK(rdv_words_decode(&words, &text, put((struct rdv_span){ value, n })));
        T_TRUE(words.n == 1 && words.n_args == 0);
        T_SPAN(words.word[0], ((struct rdv_span){ value, n }));
    }
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(reads_words_then_keys),
    T_CASE(what_is_no_line_of_words_is_refused),
    T_CASE(a_nul_is_refused_as_every_control_byte),
    T_CASE(no_piece_of_a_line_reads_past_its_end),
    T_CASE(a_line_longer_than_its_buffer_is_refused),
    T_CASE(a_line_may_be_empty_and_may_be_full),
    T_CASE(values_stand_in_quotes_where_they_must),
    T_CASE(an_answer_is_key_value_on_a_line),
    T_CASE(what_is_written_is_read_back),
    T_END,
};

T_SUITE(wire_words, tests);
