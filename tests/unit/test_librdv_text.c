/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/librdv/text.h"

#include "tests/support/test.h"

static struct guest_text read_text(enum guest_text_kind kind, const char *answer)
{
    struct guest_text text;

    guest_text_read(&text, kind, rdv_span_of(answer));
    return text;
}

static bool whole(enum guest_text_kind kind, const char *answer)
{
    const struct rdv_span text = rdv_span_of(answer);

    return guest_text_is_whole(kind, text, text.n);
}

static void a_line_tells_how_it_will_be_answered(void)
{
    T_UINT(guest_text_kind_of(RDV_LIT("!info")), GUEST_TEXT_WORDS);
    T_UINT(guest_text_kind_of(RDV_LIT("I00")), GUEST_TEXT_COMMAND);
    T_UINT(guest_text_kind_of(RDV_LIT("?02")), GUEST_TEXT_GOODBYE);
    T_UINT(guest_text_kind_of(RDV_LIT(".?02")), GUEST_TEXT_GOODBYE);
    T_UINT(guest_text_kind_of(RDV_LIT("?00")), GUEST_TEXT_COMMAND);
    T_UINT(guest_text_kind_of(RDV_LIT(".!info")), GUEST_TEXT_COMMAND); /* ERROR is its answer */
    T_UINT(guest_text_kind_of(RDV_LIT("")), GUEST_TEXT_COMMAND);
}

static void a_command_is_answered_by_one_record(void)
{
    static uint8_t full[16386];
    const struct rdv_span text = { full, sizeof(full) };

    T_TRUE(whole(GUEST_TEXT_COMMAND, "1234\r\n"));
    T_TRUE(whole(GUEST_TEXT_COMMAND, "\r\n"));
    T_TRUE(whole(GUEST_TEXT_COMMAND, "no line end"));
    /* ... unless it is longer than a record. */
    T_TRUE(!guest_text_is_whole(GUEST_TEXT_COMMAND, (struct rdv_span){ full, 16384 }, 16384));
    full[16385] = '\n';
    T_TRUE(guest_text_is_whole(GUEST_TEXT_COMMAND, text, 2));
    full[16383] = '\n';
    T_TRUE(guest_text_is_whole(GUEST_TEXT_COMMAND, (struct rdv_span){ full, 16384 }, 16384));
}

static void words_are_closed_by_ok_or_err(void)
{
    static const char *const open[] = { "",        "a=b",          "a=b\r\n",
                                        "OK",      "ERR denied x", "NOK\r\n",
                                        "OK \r\n", "OK\r\na\r\n",  "ERROR\r\n",
                                        "ERR\r\n", "\r\n",         "a=OK\r\n",
                                        "ok\r\n" };
    static const char *const closed[] = { "OK\r\n", "OK\n", "a=b\r\nOK\r\n", "ERR denied x\r\n",
                                          "a\r\nERR x\r\n" };

    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
        T_TRUE(!whole(GUEST_TEXT_WORDS, open[i]));
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        T_TRUE(whole(GUEST_TEXT_WORDS, closed[i]));
}

static void the_body_is_without_its_end(void)
{
    T_TEXT(read_text(GUEST_TEXT_COMMAND, "1234\r\n").body, "1234");
    T_TEXT(read_text(GUEST_TEXT_COMMAND, "\r\n").body, "");
    T_TEXT(read_text(GUEST_TEXT_COMMAND, "1\r\n\r\n").body, "1\r\n");
    T_TEXT(read_text(GUEST_TEXT_WORDS, "OK\r\n").body, "");
    T_TEXT(read_text(GUEST_TEXT_WORDS, "a=b\r\nc=d\r\nOK\r\n").body, "a=b\r\nc=d");
    T_TEXT(read_text(GUEST_TEXT_WORDS, "a=b\r\nERR full x\r\n").body, "a=b");
    T_TEXT(read_text(GUEST_TEXT_GOODBYE, "").body, "");
}

static void a_refusal_is_told_apart(void)
{
    struct guest_text text = read_text(GUEST_TEXT_COMMAND, "ERROR\r\n");

    T_ERR(text.err, RDV_ERR_REFUSED);
    T_TEXT(text.body, "");
    T_OK(read_text(GUEST_TEXT_COMMAND, "ERROR 1\r\n").err);
    text = read_text(GUEST_TEXT_WORDS, "ERR denied right=write record=0A\r\n");
    T_ERR(text.err, RDV_ERR_DENIED);
    T_TEXT(text.reason, "right=write record=0A");
    text = read_text(GUEST_TEXT_WORDS, "ERR absent\r\n");
    T_ERR(text.err, RDV_ERR_ABSENT);
    T_TEXT(text.reason, "absent");
    /* A word of a newer card. */
    text = read_text(GUEST_TEXT_WORDS, "ERR sulking it does not want to\r\n");
    T_ERR(text.err, RDV_ERR_REFUSED);
    T_TEXT(text.reason, "sulking it does not want to");
    T_ERR(read_text(GUEST_TEXT_WORDS, "ERR ok fine\r\n").err, RDV_ERR_REFUSED);
    T_ERR(read_text(GUEST_TEXT_WORDS, "ERR \r\n").err, RDV_ERR_REFUSED);
}

static CU_TestInfo tests[] = {
    T_CASE(a_line_tells_how_it_will_be_answered),
    T_CASE(a_command_is_answered_by_one_record),
    T_CASE(words_are_closed_by_ok_or_err),
    T_CASE(the_body_is_without_its_end),
    T_CASE(a_refusal_is_told_apart),
    T_END,
};

T_SUITE(librdv_text, tests);
