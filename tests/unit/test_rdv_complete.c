/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/complete.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

static const char help[] =
        "  ?00 - version\r\n"
        "  ?A064HEX - set the chosen guest's key\r\n"
        "  IXX - read record XX (00-FF)\r\n"
        "  !help [COMMAND...] - list the commands\r\n"
        "  !info - about this card\r\n"
        "  !guest add NAME [rights=read,write|none] [psk=auto|HEX] [posts=N|none]"
        " [needs-name=yes|no] - make a guest\r\n"
        "  !guest list [from=NAME] [count=N] - accounts\r\n"
        "  !guest delete NAME - remove it\r\n"
        "  !key derive XX seed=YY path=HEX - a key from a seed\r\n"
        "  !audit FROM [COUNT] - rows\r\n";

/* The candidates, with blanks between them. */
static void offers(const char *line, const char *want)
{
    struct tool_candidates c;
    char got[400] = "";
    size_t n = 0;

    tool_complete(&c, rdv_span_of(help), rdv_span_of(line));
    for (size_t i = 0; i < c.n; i++)
        n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%.*s", i == 0 ? "" : " ",
                              (int)c.list[i].n, (const char *)c.list[i].p);
    T_TEXT(rdv_span_of(got), want);
}

static void a_command_is_completed_word_by_word(void)
{
    offers("", "?00 ?A0 !help !info !guest !key !audit");
    offers("!", "!help !info !guest !key !audit");
    offers("!g", "!guest");
    offers("!guest", "!guest");
    offers("!guest ", "add list delete");
    offers("!guest l", "list");
    offers("!guest  de", "delete");
    offers("?", "?00 ?A0");
    offers("?A", "?A0");
}

static void keys_follow_the_command(void)
{
    offers("!guest add ", "rights= psk= posts= needs-name=");
    offers("!guest add sensor1 p", "psk= posts=");
    offers("!guest add sensor1 psk=auto p", "posts=");
    offers("!guest add sensor1 posts=1 psk=x ", "rights= needs-name=");
    offers("!key derive 03 s", "seed=");
    offers("!guest list f", "from=");
}

static void values_that_are_words_follow_their_key(void)
{
    offers("!guest add x psk=", "psk=auto");
    offers("!guest add x psk=a", "psk=auto");
    offers("!guest add x psk=0", "");
    offers("!guest add x needs-name=", "needs-name=yes needs-name=no");
    offers("!guest add x rights=", "rights=none"); /* read,write is an example */
}

static void nothing_else_is_offered(void)
{
    offers("Z00", "");
    offers("I", "");
    offers("!nope ", "");
    offers("!guest nope ", "");
    offers("!info ", "");
    offers("!audit ", "");
    offers(" x ", "");
}

static void the_common_beginning_is_found(void)
{
    struct tool_candidates c;

    tool_complete(&c, rdv_span_of(help), RDV_LIT("!guest add x p"));
    T_UINT(c.typed, 1);
    T_UINT(tool_candidates_common(&c), 1);
    tool_complete(&c, rdv_span_of(help), RDV_LIT("!guest add x needs-name="));
    T_UINT(c.typed, 11);
    T_UINT(tool_candidates_common(&c), 11);
    tool_complete(&c, rdv_span_of(help), RDV_LIT("!guest add x ri"));
    T_UINT(tool_candidates_common(&c), 7);
    tool_complete(&c, rdv_span_of(help), RDV_LIT("nope"));
    T_UINT(tool_candidates_common(&c), 0);
}

static void any_help_is_taken(void)
{
    static const char *const strange[] = {
        "", "\n\n\n", "!", "  !", "  ! x [=] [a=] [=b] ]", "  !a [a=b", "  !a a=|b|c||"
    };
    struct tool_candidates c;

    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        tool_complete(&c, rdv_span_of(strange[i]), RDV_LIT("!a a="));
        tool_complete(&c, rdv_span_of(strange[i]), RDV_LIT("! "));
        tool_complete(&c, rdv_span_of(strange[i]), RDV_LIT(""));
    }
    offers("!guest add x needs-name=", "needs-name=yes needs-name=no");
}

static CU_TestInfo tests[] = {
    T_CASE(a_command_is_completed_word_by_word),
    T_CASE(keys_follow_the_command),
    T_CASE(values_that_are_words_follow_their_key),
    T_CASE(nothing_else_is_offered),
    T_CASE(the_common_beginning_is_found),
    T_CASE(any_help_is_taken),
    T_END,
};

T_SUITE(rdv_complete, tests);
