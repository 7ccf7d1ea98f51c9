/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/params.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "se_card/accounts.h"
#include "tests/support/card_rig.h"
#include "tests/support/notation.h"
#include "tests/support/test.h"

static struct t_element element;
static struct se_session session;

static void start(void)
{
    element = t_element_new(true);
    T_MUST_OK(se_session_init(&session, element.el, SE_ROOT_ID));
}

static const struct se_command all_kinds = {
    .name = "all kinds",
    .scope = SE_SCOPE_RECORD,
    .syntax = "XX NAME [COUNT] must=HEX [psk=auto|HEX] [n=N|none] [t=DURATION|TIME|never]"
              " [d=DURATION] [flag=yes|no] [list=A,B|none] [names=A,B] [text=TEXT] [other=YY]",
};

/* What a handler sees, as a line: "0A name 5 must=<hex> ...". */
static void show(struct rdv_buf *out, const struct se_request *rq)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "%02X", (unsigned)rq->slot);
    T_MUST_OK(rdv_put_text(out, text));
    for (size_t i = 0; i < rq->words->n; i++)
        T_MUST(rdv_put_u8(out, ' ') == RDV_OK && rdv_put_bytes(out, rq->words->word[i]) == RDV_OK);
    for (size_t i = 0; i < rq->words->n_args; i++) {
        const bool hex = rdv_span_is(rq->words->arg[i].key, "must") ||
                         rdv_span_is(rq->words->arg[i].key, "psk");

        T_MUST(rdv_put_u8(out, ' ') == RDV_OK &&
               rdv_put_bytes(out, rq->words->arg[i].key) == RDV_OK &&
               rdv_put_u8(out, '=') == RDV_OK &&
               (hex ? rdv_hex_put(out, rq->words->arg[i].value)
                    : rdv_put_bytes(out, rq->words->arg[i].value)) == RDV_OK);
    }
}

/* Fits both to the syntax; gives the error that a command would meet. */
static enum rdv_err fit(const struct se_command *c, const char *map, struct rdv_buf *shown)
{
    struct rdv_buf bytes = RDV_BUF(1 << 20), text = RDV_BUF(SE_PARAMS_TEXT_MAX);
    struct rdv_words words;
    struct se_request rq = { 0 };
    enum rdv_err err;

    t_cbor(&bytes, map);
    element.el->fault[0] = '\0';
    err = se_params_take_map(&session, c, &rq, &words, &text, rdv_buf_view(&bytes));
    if (err == RDV_OK)
        err = rq.malformed;
    if (err == RDV_OK)
        err = se_params_check(&session, c, rq.words);
    if (err == RDV_OK)
        show(shown, &rq);
    rdv_buf_free(&bytes);
    rdv_buf_free(&text);
    return err;
}

static void a_map_is_seen_as_words_are(void)
{
    static const struct {
        const char *map, *shown;
    } cases[] = {
        { "{\"record\": 10, \"name\": \"x\", \"must\": h''}", "0A x must=" },
        { "{\"must\": h'00FF', \"name\": \"a b\", \"count\": 5, \"record\": \"fF\"}",
          "FF a b 5 must=00FF" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"psk\": h'6175746F'}",
          "00 x must=AA psk=6175746F" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"psk\": \"auto\"}",
          "00 x must=AA psk=6175746F" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"n\": 18446744073709551615}",
          "00 x must=AA n=18446744073709551615" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"n\": null}", "00 x must=AA n=none" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"t\": 1800000000}",
          "00 x must=AA t=2027-01-15T08:00:00Z" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"t\": \"5m\"}", "00 x must=AA t=5m" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"t\": null}",
          "00 x must=AA t=never" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"d\": 60}", "00 x must=AA d=60s" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"flag\": true}",
          "00 x must=AA flag=yes" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"flag\": false}",
          "00 x must=AA flag=no" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"list\": [\"a\", \"b c\"]}",
          "00 x must=AA list=a,b c" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"list\": []}",
          "00 x must=AA list=none" },
        { "{\"record\": 0, \"name\": \"x\", \"must\": h'AA', \"text\": \"\"}",
          "00 x must=AA text=" },
    };

    start();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rdv_buf shown = RDV_BUF(1024);

        T_OK(fit(&all_kinds, cases[i].map, &shown));
        T_TEXT(rdv_buf_view(&shown), cases[i].shown);
        rdv_buf_free(&shown);
    }
    t_element_free(&element);
}

#define GIVEN "\"record\": 1, \"name\": \"x\", \"must\": h''"

static void each_fault_is_named(void)
{
    static const struct {
        const char *map, *fault;
        enum rdv_err err;
    } cases[] = {
        { "{}", "record: one of 00 to FF", RDV_ERR_FORMAT },
        { "{\"name\": \"x\"}", "record: one of 00 to FF", RDV_ERR_FORMAT },
        { "{\"record\": 256, \"name\": \"x\"}", "record: one of 00 to FF", RDV_ERR_FORMAT },
        { "{\"record\": \"100\"}", "record: one of 00 to FF", RDV_ERR_FORMAT },
        { "{\"record\": h'0A'}", "record: one of 00 to FF", RDV_ERR_FORMAT },
        { "{\"record\": null}", "record: one of 00 to FF", RDV_ERR_FORMAT },
        { "{\"record\": 1}", "NAME is missing", RDV_ERR_FORMAT },
        { "{\"record\": 1, \"count\": 5}", "NAME is missing", RDV_ERR_FORMAT },
        { "{\"record\": 1, \"name\": \"x\"}", "must= is missing", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"colour\": \"red\"}", "no key \"colour\" here", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"NAME\": \"y\"}", "no key \"NAME\" here", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"XX\": 5}", "no key \"XX\" here", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"a-name-of-a-parameter-that-is-longer-than-any\": 5}", "no key \"a-name",
          RDV_ERR_FORMAT },
        { "{" GIVEN ", 5: 5}", "a key that is not a text", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"record\": 2}", "a key twice", RDV_ERR_EXISTS },
        { "{" GIVEN ", \"name\": \"y\"}", "a key twice", RDV_ERR_EXISTS },
        { "{" GIVEN ", \"must\": h'AA'}", "a key twice", RDV_ERR_EXISTS },
        { "{" GIVEN ", \"psk\": \"00FF\"}", "psk: not a value of auto|HEX", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"psk\": 5}", "psk: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"n\": -1}", "n: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"n\": h'05'}", "n: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"n\": true}", "n: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"n\": {}}", "n: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"n\": [5]}", "n: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"d\": null}", "d: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"t\": 253402300800}", "t: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"flag\": 1}", "flag: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"other\": 256}", "other: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"text\": 1}", "text: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"text\": \"a\nb\"}", "text: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"list\": [\"a,b\"]}", "list: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"list\": [\"\"]}", "list: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"list\": [5]}", "list: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"list\": [[\"a\"]]}", "list: not a value", RDV_ERR_FORMAT },
        { "{" GIVEN ", \"names\": []}", "names: not a value", RDV_ERR_FORMAT },
    };

    start();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rdv_buf shown = RDV_BUF(1024);

        T_ERR(fit(&all_kinds, cases[i].map, &shown), cases[i].err);
        if (strncmp(element.el->fault, cases[i].fault, strlen(cases[i].fault)) != 0)
            T_TEXT(rdv_span_of(element.el->fault), cases[i].fault);
        rdv_buf_free(&shown);
    }
    t_element_free(&element);
}

/* So that the scope is checked, and what is told first is that the right is missing. */
static void the_slot_is_known_though_something_else_is_wrong(void)
{
    struct rdv_buf bytes = RDV_BUF(256), text = RDV_BUF(SE_PARAMS_TEXT_MAX);
    struct rdv_words words;
    struct se_request rq = { 0 };

    start();
    t_cbor(&bytes, "{\"colour\": 1, \"name\": 2, \"record\": 7}");
    T_OK(se_params_take_map(&session, &all_kinds, &rq, &words, &text, rdv_buf_view(&bytes)));
    T_UINT(rq.slot, 7);
    T_TEXT(rdv_span_of(rq.target), "record 07");
    T_ERR(rq.malformed, RDV_ERR_FORMAT);
    T_TEXT(rdv_span_of(element.el->fault), "no key \"colour\" here: see !help");
    rdv_buf_free(&bytes);
    rdv_buf_free(&text);
    t_element_free(&element);
}

static void a_key_is_one_of_those_there_are(void)
{
    static const struct se_command show_key = { .name = "show",
                                                .scope = SE_SCOPE_KEY,
                                                .syntax = "XX" };
    struct rdv_buf shown = RDV_BUF(64);

    start();
    T_OK(fit(&show_key, "{\"key\": 63}", &shown));
    T_TEXT(rdv_buf_view(&shown), "3F");
    T_ERR(fit(&show_key, "{\"key\": 16}", &shown), RDV_ERR_FORMAT);
    T_ERR(fit(&show_key, "{\"key\": 64}", &shown), RDV_ERR_FORMAT);
    T_ERR(fit(&show_key, "{\"key\": \"40\"}", &shown), RDV_ERR_FORMAT);
    T_TEXT(rdv_span_of(element.el->fault), "key: one of 00 to 3F, it must be given");
    T_ERR(fit(&show_key, "{\"record\": 1}", &shown), RDV_ERR_FORMAT);
    rdv_buf_free(&shown);
    t_element_free(&element);
}

/* As many as there is room for, and one more. */
static void a_list_that_is_too_long_is_refused(void)
{
    const size_t fits = SE_PARAMS_TEXT_MAX / 2;

    start();
    for (size_t n = fits; n <= fits + 1; n++) {
        struct rdv_buf map = RDV_BUF(1 << 18), shown = RDV_BUF(1 << 18);

        T_MUST_OK(rdv_put_text(&map, "{" GIVEN ", \"list\": [\"a\""));
        for (size_t i = 1; i < n; i++)
            T_MUST_OK(rdv_put_text(&map, ",\"a\""));
        T_MUST_OK(rdv_put_text(&map, "]}"));
        T_MUST_OK(rdv_put_u8(&map, 0));
        T_ERR(fit(&all_kinds, (const char *)rdv_buf_view(&map).p, &shown),
              n == fits ? RDV_OK : RDV_ERR_FORMAT);
        rdv_buf_free(&map);
        rdv_buf_free(&shown);
    }
    t_element_free(&element);
}

static void hex_digits_of_a_line_become_bytes(void)
{
    static const struct {
        const char *line, *shown, *fault;
    } cases[] = {
        { "0a x must=00ff psk=auto", "0A x must=00FF psk=6175746F", NULL },
        { "FF x 5 must= psk=AA", "FF x 5 must= psk=AA", NULL },
        { "0A x must=0", NULL, "must: not HEX (HEX: two digits a byte)" },
        { "0A x must=00 psk=Auto", NULL, "psk: not auto|HEX (HEX: two digits a byte)" },
        { "0A x", NULL, "must= is missing: see !help" },
        { "0A", NULL, "too few words: see !help" },
        { "0A x 5 6 must=", NULL, "\"6\" is too much: see !help" },
        { "0A x must= colour=red", NULL, "no key \"colour\" here: see !help" },
        { "1 x", NULL, "\"1\" is not a record: 00 to FF" },
        { "", NULL, "which record? 00 to FF" },
    };

    start();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rdv_buf text = RDV_BUF(256), bytes = RDV_BUF(256), shown = RDV_BUF(256);
        struct rdv_words words;
        struct se_request rq = { 0 };
        enum rdv_err err;

        T_OK(rdv_words_decode(&words, &text, rdv_span_of(cases[i].line)));
        err = se_params_take_words(&session, &all_kinds, &rq, &words, &bytes);
        if (err == RDV_OK)
            err = rq.malformed;
        if (err == RDV_OK)
            err = se_params_check(&session, &all_kinds, &words);
        T_ERR(err, cases[i].fault == NULL ? RDV_OK : RDV_ERR_FORMAT);
        if (err == RDV_OK)
            show(&shown, &rq);
        T_TEXT(err == RDV_OK ? rdv_buf_view(&shown) : rdv_span_of(element.el->fault),
               err == RDV_OK ? cases[i].shown : cases[i].fault);
        rdv_buf_free(&text);
        rdv_buf_free(&bytes);
        rdv_buf_free(&shown);
    }
    t_element_free(&element);
}

static CU_TestInfo tests[] = {
    T_CASE(a_map_is_seen_as_words_are),
    T_CASE(each_fault_is_named),
    T_CASE(the_slot_is_known_though_something_else_is_wrong),
    T_CASE(a_key_is_one_of_those_there_are),
    T_CASE(a_list_that_is_too_long_is_refused),
    T_CASE(hex_digits_of_a_line_become_bytes),
    T_END,
};

T_SUITE(se_card_params, tests);
