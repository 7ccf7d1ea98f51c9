/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/syntax.h"

#include <string.h>

#include "schema/wire/rpc.h"
#include "schema/wire/words.h"
#include "se_card/commands.h"
#include "tests/support/test.h"

static void reads_each_kind_of_parameter(void)
{
    static const struct {
        const char *name, *types;
        bool is_word, optional, many;
    } want[] = {
        { "XX", "XX", true, false, false },        { "NAME", "NAME", true, false, false },
        { "COUNT", "COUNT", true, true, false },   { "must", "HEX", false, false, false },
        { "may", "A,B|none", false, true, false }, { "empty", "", false, true, false },
        { "TOPIC", "TOPIC", true, true, true },
    };
    const char *at = "XX  NAME [COUNT] must=HEX [may=A,B|none] [empty=] [TOPIC...]";
    struct se_param p;

    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        T_MUST(se_syntax_next(&at, &p));
        T_TEXT(p.name, want[i].name);
        T_TEXT(p.types, want[i].types);
        T_UINT(p.is_word, want[i].is_word);
        T_UINT(p.optional, want[i].optional);
        T_UINT(p.many, want[i].many);
    }
    T_TRUE(!se_syntax_next(&at, &p));
    at = "";
    T_TRUE(!se_syntax_next(&at, &p));
}

static struct se_param only(const char *syntax)
{
    struct se_param p;

    T_MUST(se_syntax_next(&syntax, &p));
    return p;
}

static void tells_alternatives_apart(void)
{
    const struct se_param psk = only("[psk=auto|HEX]"), rights = only("rights=read,write|none");
    const struct se_param posts = only("[posts=N|none]"), id = only("ID");

    T_TRUE(se_param_takes(&psk, "HEX") && se_param_takes(&psk, "auto"));
    T_TRUE(!se_param_takes(&psk, "HE") && !se_param_takes(&psk, "auto|HEX"));
    T_TRUE(se_param_takes_literally(&psk, RDV_LIT("auto")));
    T_TRUE(!se_param_takes_literally(&psk, RDV_LIT("HEX")));
    T_TRUE(!se_param_takes_literally(&psk, RDV_LIT("")));
    T_TRUE(se_param_takes_literally(&rights, RDV_LIT("none")));
    T_TRUE(!se_param_takes_literally(&rights, RDV_LIT("read,write")));
    T_TRUE(se_param_is_list(&rights) && !se_param_is_list(&posts));
    T_TRUE(se_param_is_number(&posts) && se_param_is_number(&id));
    T_TRUE(!se_param_is_number(&psk) && !se_param_is_number(&rights));
}

/* Each row of the card's table, of the languages that go by it. */
static void every_syntax_of_the_table_can_be_gone_by(void)
{
    size_t n;
    const struct se_command *c = se_commands(&n);

    for (size_t i = 0; i < n; i++) {
        const char *at = c[i].syntax;
        size_t words = 0, keys = 0;
        bool optional = false;
        struct se_param p;

        if (c[i].name[0] < 'a' || c[i].name[0] > 'z' || c[i].name[1] == '\0')
            continue;
        while (se_syntax_next(&at, &p)) {
            T_TRUE(p.name.n > 0 && p.name.n <= RDV_RPC_KEY_MAX && p.types.n > 0);
            if (p.is_word) {
                T_TRUE(keys == 0);               /* words come first, */
                T_TRUE(!optional || p.optional); /* those that may be left out last */
                optional = p.optional;
            }
            words += p.is_word;
            keys += !p.is_word;
        }
        T_TRUE(words <= RDV_WORDS_MAX - 2 && keys <= RDV_WORDS_ARGS_MAX);
        T_TRUE(*at == '\0');
        T_TRUE(c[i].scope == SE_SCOPE_NONE || strncmp(c[i].syntax, "XX", 2) == 0);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(reads_each_kind_of_parameter),
    T_CASE(tells_alternatives_apart),
    T_CASE(every_syntax_of_the_table_can_be_gone_by),
    T_END,
};

T_SUITE(se_card_syntax, tests);
