/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs ask of a card, one request after the other. */
#include "se_card/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "schema/wire/rpc.h"
#include "se_card/accounts.h"
#include "se_card/commands.h"
#include "se_card/records.h"
#include "tests/support/card_rig.h"
#include "tests/support/notation.h"
#include "tests/support/test.h"
#include "tests/support/vectors.h"

#define NOW 1800000000

static struct t_element element;
static struct se_session root, guest;
static struct rdv_buf answer, shown;

static void start(void)
{
    element = t_element_new(true);
    answer = RDV_BUF(1 << 22);
    shown = RDV_BUF(1 << 24);
    element.el->now = NOW;
    T_MUST_OK(se_session_init(&root, element.el, SE_ROOT_ID));
}

static void stop(void)
{
    rdv_buf_free(&answer);
    rdv_buf_free(&shown);
    t_element_free(&element);
}

/* Runs one request in a transaction; its answer in bytes. */
static struct rdv_span run(struct se_session *s, struct rdv_span request)
{
    rdv_buf_clear(&answer);
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_session_refresh(s));
    T_OK(se_call_run(s, &answer, request));
    T_MUST_OK(se_element_commit(element.el));
    return rdv_buf_view(&answer);
}

static struct rdv_span say(struct se_session *s, const char *request)
{
    struct rdv_buf bytes = RDV_BUF(1 << 22);

    t_cbor(&bytes, request);
    (void)run(s, rdv_buf_view(&bytes));
    rdv_buf_free(&bytes);
    rdv_buf_clear(&shown);
    T_TRUE(t_notation(&shown, rdv_buf_view(&answer)));
    return rdv_buf_view(&shown);
}

static bool holds(struct rdv_span text, const char *part)
{
    return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

/* A guest "g" with these parameters beside its name. */
static void add_guest(const char *params)
{
    char request[300];
    int64_t id;

    (void)snprintf(request, sizeof(request), "[1, \"guest add\", {\"name\": \"g\"%s}]", params);
    T_TRUE(holds(say(&root, request), "[1, 0, {"));
    T_MUST_OK(se_accounts_find_guest(element.el, &id, RDV_LIT("g")));
    T_MUST_OK(se_session_init(&guest, element.el, id));
}

/* --- the document ----------------------------------------------------------------------------- */

static char notation[4096]; /* of the message whose bytes come next */
static struct rdv_buf wire = { .limit = 1 << 16 };
static bool is_answer;
static unsigned n_messages;

/* Each message is what stands above it, and the card gives each answer. */
static void check_message(void)
{
    if (rdv_buf_len(&wire) == 0)
        return;
    rdv_buf_clear(&shown);
    T_TRUE(t_notation(&shown, rdv_buf_view(&wire)));
    T_TEXT(rdv_buf_view(&shown), notation);
    if (is_answer)
        T_SPAN(rdv_buf_view(&answer), rdv_buf_view(&wire));
    else
        (void)run(&root, rdv_buf_view(&wire));
    n_messages++;
    rdv_buf_clear(&wire);
}

static void example(const char *line)
{
    const bool request = strncmp(line, "    -> ", 7) == 0;

    if (request || strncmp(line, "    <- ", 7) == 0) {
        is_answer = !request;
        T_MUST_OK(rdv_hex_get(&wire, rdv_span_of(line + 7)));
        return;
    }
    check_message();
    if (strncmp(line, "    [", 5) == 0)
        (void)snprintf(notation, sizeof(notation), "%s", line + 4);
}

static void the_examples_of_the_document_are_what_the_card_does(void)
{
    start();
    n_messages = 0;
    t_lines("docs/protocol.md", example);
    T_UINT(n_messages, 12);
    rdv_buf_free(&wire);
    stop();
}

static unsigned codes_left;

static void look_for_codes(const char *line)
{
    char want[64];

    for (unsigned code = 1; code <= RDV_ERR_OUTCOME; code++) {
        (void)snprintf(want, sizeof(want), " %u %s", code, rdv_err_name((enum rdv_err)code));
        codes_left -= strstr(line, want) != NULL;
    }
}

/* The list of them there is that of err.def. */
static void the_codes_of_the_document_are_those_of_the_card(void)
{
    codes_left = RDV_ERR_OUTCOME;
    t_lines("docs/protocol.md", look_for_codes);
    T_UINT(codes_left, 0);
}

/* --- content ---------------------------------------------------------------------------------- */

static void what_is_put_is_got(void)
{
    start();
    T_TEXT(say(&root, "[1, \"get\", {\"record\": 0}]"), "[1, 0, {\"content\": h''}]");
    T_TEXT(say(&root, "[2, \"put\", {\"record\": 0, \"content\": h'00FF0A'}]"),
           "[2, 0, {\"seq\": 1, \"record\": 0, \"changed\": 1800000000}]");
    T_TEXT(say(&root, "[3, \"get\", {\"record\": 0}]"),
           "[3, 0, {\"author\": \"root\", \"changed\": 1800000000, \"content\": h'00FF0A'}]");
    element.el->now++;
    T_TEXT(say(&root, "[4, \"put\", {\"record\": 0, \"content\": h'01', \"type\": \"a/b\"}]"),
           "[4, 0, {\"seq\": 2, \"record\": 0, \"changed\": 1800000001}]");
    T_TEXT(say(&root, "[5, \"record list\", {}]"),
           "[5, 0, {\"list\": [{\"type\": \"a/b\", \"bytes\": 1, \"author\": \"root\", "
           "\"record\": 0, \"changed\": 1800000001}]}]");
    T_TEXT(say(&root, "[6, \"put\", {\"record\": 0, \"content\": h''}]"),
           "[6, 0, {\"seq\": 3, \"record\": 0, \"changed\": 1800000001}]");
    T_TEXT(say(&root, "[7, \"get\", {\"record\": 0}]"), "[7, 0, {\"content\": h''}]");
    stop();
}

#define NO_TYPE \
    "\"type: a media type such as text/plain, at most 127 bytes; not application/rdv-...\""

static void what_is_wrong_with_a_post_is_named(void)
{
    static const struct {
        const char *params, *refusal;
    } cases[] = {
        { "\"record\": 0",
          "5, {\"code\": \"format\", \"error\": \"content= is missing: see !help\"}" },
        { "\"content\": h''", "5, {\"code\": \"format\", \"error\": "
                              "\"record: one of 00 to FF, it must be given\"}" },
        { "\"record\": 0, \"content\": \"text\"",
          "5, {\"code\": \"format\", \"error\": \"content: not a value of HEX\"}" },
        { "\"record\": 0, \"content\": h'00', \"once\": h''",
          "6, {\"code\": \"range\", \"error\": \"once: at least a byte\"}" },
        { "\"record\": 0, \"content\": h'00', \"once\": "
          "h'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20'",
          "6, {\"code\": \"range\", \"error\": \"once: at most 32 bytes\"}" },
        { "\"record\": 0, \"content\": h'00', \"type\": \"a b\"",
          "6, {\"code\": \"range\", \"error\": " NO_TYPE "}" },
        { "\"record\": 0, \"content\": h'00', \"type\": \"application/rdv-head+cbor\"",
          "6, {\"code\": \"range\", \"error\": " NO_TYPE "}" },
        { "\"record\": 0, \"content\": h'00', \"type\": \"\xc3\xa9\"",
          "6, {\"code\": \"range\", \"error\": " NO_TYPE "}" },
    };
    char request[256], want[256];

    start();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(request, sizeof(request), "[9, \"put\", {%s}]", cases[i].params);
        (void)snprintf(want, sizeof(want), "[9, %s]", cases[i].refusal);
        T_TEXT(say(&root, request), want);
    }
    T_TEXT(say(&root, "[1, \"record list\", {}]"), "[1, 0, {\"list\": []}]");
    stop();
}

static void a_record_of_a_mebibyte_goes_in_and_out(void)
{
    struct rdv_buf request = RDV_BUF(RDV_RPC_MESSAGE_MAX);
    struct rdv_rpc_answer got;
    struct rdv_reader value;
    struct rdv_cbor item;
    uint8_t *content;

    start();
    T_TRUE(holds(say(&root, "[1, \"record set\", {\"record\": 5, \"max\": 1048576}]"), "[1, 0, {"));
    T_MUST((content = calloc(1, SE_RECORD_MOST + 1)) != NULL);
    for (size_t i = 0; i < SE_RECORD_MOST; i++)
        content[i] = (uint8_t)(i * 31 + i / 4096);
    for (size_t n = SE_RECORD_MOST; n <= SE_RECORD_MOST + 1; n++) {
        rdv_buf_clear(&request);
        T_MUST(rdv_rpc_put_request(&request, 2, "put") == RDV_OK &&
               rdv_cbor_put_map(&request, 2) == RDV_OK &&
               rdv_cbor_put_text(&request, RDV_LIT("record")) == RDV_OK &&
               rdv_cbor_put_uint(&request, 5) == RDV_OK &&
               rdv_cbor_put_text(&request, RDV_LIT("content")) == RDV_OK &&
               rdv_cbor_put_bytes(&request, (struct rdv_span){ content, n }) == RDV_OK);
        T_MUST_OK(rdv_rpc_get_answer(&got, run(&root, rdv_buf_view(&request))));
        T_UINT(got.code, n == SE_RECORD_MOST ? 0 : RDV_ERR_LIMIT);
    }
    rdv_buf_clear(&shown);
    T_TRUE(t_notation(&shown, rdv_buf_view(&answer)));
    T_TEXT(rdv_buf_view(&shown), "[2, 7, {\"max\": 1048576, \"code\": \"limit\", \"error\": "
                                 "\"record=05 max=1048576\", \"record\": 5}]");
    rdv_buf_clear(&request);
    t_cbor(&request, "[3, \"get\", {\"record\": 5}]");
    T_MUST_OK(rdv_rpc_get_answer(&got, run(&root, rdv_buf_view(&request))));
    T_MUST_OK(rdv_cbor_find(&value, got.body, "content"));
    T_MUST_OK(rdv_cbor_get(&value, &item));
    T_TRUE(item.n == SE_RECORD_MOST && memcmp(item.bytes.p, content, SE_RECORD_MOST) == 0);
    free(content);
    rdv_buf_free(&request);
    stop();
}

/* --- posts that may be repeated --------------------------------------------------------------- */

#define ONCE(rest) "[1, \"put\", {\"record\": 7, \"once\": h'AA', " rest "}]"
#define FIRST ONCE("\"content\": h'01', \"type\": \"a/b\"")
#define DONE_AS(seq) "[1, 0, {\"seq\": " seq ", \"record\": 7, \"changed\": 1800000000}]"
#define DONE DONE_AS("1")
#define ANOTHER "[1, 8, {\"code\": \"exists\", \"error\": \"once: it stands for another post\"}]"

static void a_post_that_is_repeated_gives_the_same_answer_and_changes_nothing(void)
{
    start();
    add_guest(", \"rights\": [\"read\", \"write\"], \"records\": \"all\", \"posts\": 2");
    T_TEXT(say(&guest, FIRST), DONE);
    element.el->now += 100;
    T_TEXT(say(&guest, "[2, \"put\", {\"record\": 7, \"content\": h'02'}]"),
           "[2, 0, {\"seq\": 2, \"record\": 7, \"changed\": 1800000100}]");
    T_TEXT(say(&guest, FIRST), DONE); /* though its posts are used up */
    T_TEXT(say(&guest, FIRST), DONE);
    T_TRUE(holds(say(&guest, "[3, \"get\", {\"record\": 7}]"), "\"content\": h'02'"));
    T_TRUE(holds(say(&root, "[4, \"guest show\", {\"name\": \"g\"}]"),
                 "\"posts\": {\"max\": 2, \"used\": 2}"));
    stop();
}

static void the_same_number_for_another_post_is_refused(void)
{
    start();
    add_guest(", \"rights\": [\"write\"], \"records\": \"all\"");
    T_TEXT(say(&guest, FIRST), DONE);
    T_TEXT(say(&guest, ONCE("\"content\": h'02', \"type\": \"a/b\"")), ANOTHER);
    T_TEXT(say(&guest, ONCE("\"content\": h'01', \"type\": \"a/c\"")), ANOTHER);
    T_TEXT(say(&guest, ONCE("\"content\": h'01'")), ANOTHER);
    T_TEXT(say(&guest, ONCE("\"content\": h''")), ANOTHER);
    T_TEXT(say(&guest,
               "[1, \"put\", {\"record\": 8, \"once\": h'AA', \"content\": h'01', \"type\": "
               "\"a/b\"}]"),
           ANOTHER);
    T_TEXT(say(&root, FIRST), DONE_AS("2")); /* another account's number */
    T_TEXT(say(&guest, FIRST), DONE);
    stop();
}

static void a_post_that_was_refused_may_be_repeated_as_a_new_one(void)
{
    start();
    add_guest(", \"rights\": [\"write\"], \"records\": \"all\", \"posts\": 0");
    T_TEXT(say(&guest, FIRST), "[1, 7, {\"code\": \"limit\", \"error\": \"limit=posts\", "
                               "\"limit\": \"posts\"}]");
    T_TRUE(holds(say(&root, "[2, \"guest set\", {\"name\": \"g\", \"posts\": null}]"), "[2, 0, {"));
    T_TEXT(say(&guest, FIRST), DONE);
    stop();
}

static void the_number_is_remembered_over_a_restart_for_1024_posts(void)
{
    char request[100];

    start();
    add_guest(", \"rights\": [\"write\"], \"records\": \"all\"");
    T_TEXT(say(&guest, FIRST), DONE);
    t_element_reopen(&element);
    element.el->now = NOW + 5;
    T_MUST_OK(se_session_init(&root, element.el, SE_ROOT_ID));
    T_MUST_OK(se_session_init(&guest, element.el, guest.account));
    T_TEXT(say(&guest, FIRST), DONE);
    for (unsigned i = 0; i < SE_ONCE_KEPT; i++) {
        (void)snprintf(request, sizeof(request),
                       "[1, \"put\", {\"record\": 8, \"content\": h'', \"once\": h'%08X'}]", i);
        if (i == SE_ONCE_KEPT - 1)
            T_TEXT(say(&guest, FIRST), DONE);
        T_TRUE(holds(say(&guest, request), "[1, 0, "));
    }
    T_TEXT(say(&guest, FIRST), "[1, 0, {\"seq\": 1026, \"record\": 7, \"changed\": 1800000005}]");
    stop();
}

/* --- refusals --------------------------------------------------------------------------------- */

static void a_refusal_names_the_rule(void)
{
    static const struct {
        const char *request, *answer;
    } cases[] = {
        { "[1, \"put\", {\"record\": 2, \"content\": h'00'}]",
          "[1, 10, {\"code\": \"denied\", \"error\": \"right=write record=02\", \"right\": "
          "\"write\", \"record\": 2}]" },
        { "[1, \"get\", {\"record\": 1}]", "[1, 10, {\"code\": \"denied\", \"error\": "
                                           "\"right=read\", \"right\": \"read\"}]" },
        { "[1, \"key show\", {\"key\": 3}]",
          "[1, 10, {\"key\": 3, \"code\": \"denied\", \"error\": \"right=sign key=03\", \"right\": "
          "\"sign\"}]" },
        { "[1, \"guest list\", {}]", "[1, 10, {\"code\": \"denied\", \"error\": \"right=root\", "
                                     "\"right\": \"root\"}]" },
        { "[1, \"put\", {\"record\": 1, \"content\": h'0000000000000000000000'}]",
          "[1, 7, {\"code\": \"limit\", \"error\": \"limit=quota\", \"limit\": \"quota\"}]" },
    };

    start();
    add_guest(", \"rights\": [\"write\", \"sign\"], \"records\": \"01\", \"quota\": 10");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        T_TEXT(say(&guest, cases[i].request), cases[i].answer);
    stop();
}

/* The right is told before anything that is wrong with the parameters. */
static void a_right_that_is_missing_comes_first(void)
{
    start();
    add_guest(", \"rights\": []");
    T_TRUE(holds(say(&guest, "[1, \"guest add\", {\"colour\": 1}]"), "right=root"));
    T_TRUE(holds(say(&guest, "[1, \"put\", {\"colour\": 1, \"record\": 3}]"), "right=write"));
    stop();
}

/* --- the rest --------------------------------------------------------------------------------- */

static void bytes_are_bytes_in_both_directions(void)
{
    start();
    T_TEXT(say(&root, "[1, \"echo\", {\"data\": h'00FF'}]"), "[1, 0, {\"data\": h'00FF'}]");
    T_TRUE(holds(say(&root, "[2, \"key import\", {\"key\": 48, \"secret\": "
                            "h'00112233445566778899AABBCCDDEEFF'}]"),
                 "[2, 0, {"));
    T_TEXT(say(&root, "[3, \"key encrypt\", {\"key\": 48, \"data\": "
                      "h'00000000000000000000000000000000'}]"),
           "[3, 0, {\"data\": h'FDE4FBAE4A09E020EFF722969F83832B'}]");
    stop();
}

static void a_guest_gives_itself_another_key_and_goes_on(void)
{
    start();
    add_guest(", \"psk\": \"auto\"");
    T_TEXT(say(&guest, "[1, \"rekey\", {\"psk\": "
                       "h'FF02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20'}]"),
           "[1, 0, {}]");
    T_TRUE(holds(say(&guest, "[2, \"whoami\", {}]"), "[2, 0, {"));
    T_TEXT(say(&root, "[3, \"guest psk\", {\"name\": \"g\"}]"),
           "[3, 0, {\"psk\": "
           "h'FF02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20'}]");
    T_TRUE(holds(say(&guest, "[4, \"rekey\", {\"psk\": h'FF'}]"), "[4, 6, {"));
    T_TRUE(holds(say(&root, "[5, \"guest psk\", {\"name\": \"root\"}]"), "[5, 10, {"));
    stop();
}

static void a_key_the_card_has_chosen_is_handed_over(void)
{
    start();
    T_TRUE(holds(say(&root, "[1, \"guest add\", {\"name\": \"g\", \"psk\": \"auto\", "
                            "\"identities\": [\"first\", \"second\"]}]"),
                 "\"handover\": {\"psk\": h'"));
    T_TRUE(holds(rdv_buf_view(&shown), "\"sen\": \"key1.com\", \"identity\": \"first\"}"));
    T_TRUE(holds(rdv_buf_view(&shown), "\"psk\": \"set\""));
    T_TRUE(holds(say(&root, "[2, \"guest show\", {\"name\": \"g\"}]"),
                 "\"identities\": [{\"failures\": 0, \"identity\": \"first\"}, "
                 "{\"failures\": 0, \"identity\": \"second\"}]"));
    stop();
}

/* Keys in order, the shortest lengths: what is written again from what is read is the same. */
static void check_form(struct rdv_span said)
{
    struct rdv_buf again = RDV_BUF(1 << 22);

    T_MUST_OK(rdv_put_u8(&shown, 0));
    t_cbor(&again, (const char *)rdv_buf_view(&shown).p);
    T_SPAN(said, rdv_buf_view(&again));
    rdv_buf_free(&again);
}

/* Each method with nothing: whatever it answers is one item, deterministic, with its id. */
static void every_method_answers_in_form(void)
{
    size_t n;
    const struct se_command *c = se_commands(&n);
    char request[80];

    start();
    for (size_t i = 0; i < n; i++) {
        struct rdv_rpc_answer got;

        if (!se_command_is_word(&c[i]) || (c[i].flags & SE_ALONE) != 0)
            continue;
        (void)snprintf(request, sizeof(request), "[77, \"%s\", {}]", c[i].name);
        (void)say(&root, request);
        T_OK(rdv_rpc_get_answer(&got, rdv_buf_view(&answer)));
        T_TRUE(got.has_id && got.id == 77);
        check_form(rdv_buf_view(&answer));
    }
    T_TRUE(holds(say(&root, "[1, \"help\", {\"command\": \"put\"}]"),
                 "\"syntax\": \"XX content=HEX [type=TEXT] [once=HEX]\""));
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(the_examples_of_the_document_are_what_the_card_does),
    T_CASE(the_codes_of_the_document_are_those_of_the_card),
    T_CASE(what_is_put_is_got),
    T_CASE(what_is_wrong_with_a_post_is_named),
    T_CASE(a_record_of_a_mebibyte_goes_in_and_out),
    T_CASE(a_post_that_is_repeated_gives_the_same_answer_and_changes_nothing),
    T_CASE(the_same_number_for_another_post_is_refused),
    T_CASE(a_post_that_was_refused_may_be_repeated_as_a_new_one),
    T_CASE(the_number_is_remembered_over_a_restart_for_1024_posts),
    T_CASE(a_refusal_names_the_rule),
    T_CASE(a_right_that_is_missing_comes_first),
    T_CASE(bytes_are_bytes_in_both_directions),
    T_CASE(a_guest_gives_itself_another_key_and_goes_on),
    T_CASE(a_key_the_card_has_chosen_is_handed_over),
    T_CASE(every_method_answers_in_form),
    T_END,
};

T_SUITE(se_card_call, tests);
