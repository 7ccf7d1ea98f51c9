/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of commands, walked: what each needs, and that without it nothing is done. The rules it
 * is held against are those of rules.def; a row that is added to the table without one fails here.
 */
#include "se_card/commands.h"

#include <stdio.h>
#include <string.h>

#include "se_card/accounts.h"
#include "se_card/call.h"
#include "se_card/rights.h"
#include "se_card/shell.h"
#include "se_card/words.h"
#include "tests/support/card_rig.h"
#include "tests/support/notation.h"
#include "tests/support/test.h"
#include "tests/unit/rules.h"

#define SLOT 0x0A /* of records; key commands have one of a class their letter knows */

static struct t_element element;
static struct se_session session; /* of a guest, until a test says otherwise */
static struct rdv_buf answer;

static void start(void)
{
    int64_t id = 0;

    element = t_element_new(true);
    answer = RDV_BUF(1 << 17);
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_accounts_guest(element.el, &id, RDV_LIT("walker")));
    T_MUST_OK(se_element_commit(element.el));
    T_MUST_OK(se_session_init(&session, element.el, id));
}

static void stop(void)
{
    rdv_buf_free(&answer);
    t_element_free(&element);
}

static bool is_tls_se(const struct se_command *c)
{
    return c->name[0] == '?' || c->name[1] == '\0';
}

/* --- running a row as each language does ------------------------------------------------------ */

/* What the rule let through is taken back: only whether it was let through counts here. */
static enum rdv_err begin(void)
{
    rdv_buf_clear(&answer);
    element.el->fault[0] = '\0';
    element.el->now_ms += 10000; /* no refusal is left out of the audit */
    return se_element_begin(element.el);
}

/* Where all languages come together; the request itself is empty. */
static void run_core(const struct se_command *c)
{
    struct rdv_words words = { 0 };
    struct se_request rq = { .slot = SLOT, .words = &words };
    struct se_answer said;

    se_answer_for_people(&said, &answer);
    (void)!se_command_run(c, &session, &said, &rq);
}

/* A blob's head, for ?34 with as much behind it as a private key takes. */
static void put_blob(char *line, size_t size, const struct se_command *c)
{
    size_t at = (size_t)snprintf(line, size, "%s000A8001020304", c->name);

    for (size_t i = 0; strcmp(c->name, "?34") == 0 && i < 12 + 32 + 16; i++)
        at += (size_t)snprintf(line + at, size - at, "00");
}

/* With something behind it that no command takes, so that few do anything. */
static void run_line(const struct se_command *c)
{
    const struct rule *rule = rule_of(c->name);
    const unsigned slot = c->scope == SE_SCOPE_KEY && rule != NULL ? rule_slot(rule, 3) : SLOT;
    char line[300];

    if (!is_tls_se(c))
        (void)snprintf(line, sizeof(line), "!%s%s ~=~", c->name,
                       c->scope == SE_SCOPE_NONE ? "" : " 0A");
    else if (c->scope == SE_SCOPE_KEY && c->name[0] == '?')
        put_blob(line, sizeof(line), c);
    else if (c->name[0] == '?')
        (void)snprintf(line, sizeof(line), "%s~", c->name);
    else
        (void)snprintf(line, sizeof(line), "%s%02X~", c->name, slot);
    if (is_tls_se(c))
        T_OK(se_shell_run(&session, &answer, rdv_span_of(line)));
    else
        T_OK(se_words_run(&session, &answer, rdv_span_of(line)));
}

/* The same as a program's request; a letter is no method, and has one way less. */
static void run_call(const struct se_command *c)
{
    struct rdv_buf request = RDV_BUF(256);
    char text[128];

    if (is_tls_se(c)) {
        run_core(c);
        return;
    }
    (void)snprintf(text, sizeof(text), "[1, \"%s\", {\"~\": 1, \"record\": 10, \"key\": 10}]",
                   c->name);
    t_cbor(&request, text);
    T_OK(se_call_run(&session, &answer, rdv_buf_view(&request)));
    rdv_buf_free(&request);
}

static void (*const ways[])(const struct se_command *c) = { run_core, run_line, run_call };

/* Runs it in one way, and tells why the table refused it: "" if it did not. */
static const char *refusal(const struct se_command *c, size_t way)
{
    const struct se_session before = session;
    static char why[sizeof(element.el->fault)];

    T_MUST_OK(begin());
    ways[way](c);
    memcpy(why, element.el->fault, sizeof(why));
    se_element_rollback(element.el);
    session = before;
    return strncmp(why, "right=", 6) == 0 ? why : "";
}

/* In every way. `what` is how the refusal must begin, "" when there must be none. */
static void expect(const struct se_command *c, const char *what)
{
    char got[300], want[300];

    for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
        const char *why = refusal(c, way);
        const bool good = what[0] == '\0' ? why[0] == '\0' : strncmp(why, what, strlen(what)) == 0;

        (void)snprintf(got, sizeof(got), "%s: %s", c->name, why);
        (void)snprintf(want, sizeof(want), "%s: %s", c->name, what);
        if (!good)
            T_TEXT(rdv_span_of(got), want);
    }
}

/* --- the rules -------------------------------------------------------------------------------- */

static void every_row_of_the_table_has_its_rule_and_keeps_it(void)
{
    size_t n;
    const struct se_command *c = se_commands(&n);

    T_TRUE(n > 0);
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = rule_of(c[i].name);
        const bool admin = (c[i].flags & SE_ADMIN) != 0, writes = (c[i].flags & SE_WRITES) != 0;

        if (rule == NULL) {
            T_TEXT(rdv_span_of(c[i].name), "a command that tests/unit/rules.def knows");
            continue;
        }
        T_TEXT(rdv_span_of(se_right_name(c[i].right)), rule->right);
        T_TRUE((c[i].scope == SE_SCOPE_NONE) == (rule->scope == RULE_none));
        T_TRUE((c[i].scope == SE_SCOPE_RECORD) == (rule->scope == RULE_record));
        T_TRUE(admin == (rule->effect == RULE_admin));
        T_TRUE(writes == (rule->effect != RULE_looks));
        T_TRUE(c[i].run != NULL);
    }
}

static void every_rule_has_its_row(void)
{
    size_t n;
    const struct rule *all = rules(&n);

    for (size_t i = 0; i < n; i++) {
        if (se_command_named(rdv_span_of(all[i].command)) == NULL)
            T_TEXT(rdv_span_of(all[i].command), "a command of the card");
    }
}

static void no_command_is_there_twice(void)
{
    size_t n;
    const struct se_command *c = se_commands(&n);

    for (size_t i = 0; i < n; i++)
        T_TRUE(se_command_named(rdv_span_of(c[i].name)) == &c[i]);
}

static void each_right_missing_in_turn_refuses_what_needs_it(void)
{
    char want[40];
    size_t n;
    const struct se_command *c = se_commands(&n);

    start();
    session.me.records = session.me.keys = se_scope_all();
    for (size_t i = 0; i < n; i++) {
        const uint32_t right = c[i].right;

        (void)snprintf(want, sizeof(want), "right=%s", se_right_name(c[i].right));
        for (unsigned bit = 0; bit < 31; bit++) { /* all but one */
            session.me.rights = ~(1U << bit);
            expect(&c[i], right == SE_NEEDS_ROOT || right == 1U << bit ? want : "");
        }
        session.me.rights = 0;
        expect(&c[i], right == SE_NEEDS_NOTHING ? "" : want);
        session.me.rights = right; /* that one alone; root's is no right of a guest */
        expect(&c[i], right == SE_NEEDS_ROOT ? want : "");
    }
    stop();
}

static void a_number_out_of_scope_is_refused_and_named(void)
{
    char want[60];
    size_t n, n_scoped = 0;
    const struct se_command *c = se_commands(&n);

    start();
    session.me.rights = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        const bool record = c[i].scope == SE_SCOPE_RECORD;

        if (c[i].scope == SE_SCOPE_NONE || c[i].right == SE_NEEDS_ROOT)
            continue;
        n_scoped++;
        (void)snprintf(want, sizeof(want), "right=%s %s", se_right_name(c[i].right),
                       record ? "record=0A" : "key=");
        session.me.records = session.me.keys = se_scope_all();
        expect(&c[i], "");
        if (record)
            session.me.records.bits[SLOT / 8] &= (uint8_t) ~(1U << SLOT % 8);
        else
            memset(&session.me.keys, 0, sizeof(session.me.keys));
        expect(&c[i], want);
        /* The scope of the other kind does not help. */
        session.me.records = session.me.keys = se_scope_all();
        memset(record ? &session.me.records : &session.me.keys, 0, sizeof(struct se_scope));
        expect(&c[i], want);
    }
    T_TRUE(n_scoped > 0);
    stop();
}

static void root_is_refused_nothing(void)
{
    size_t n;
    const struct se_command *c = se_commands(&n);

    start();
    T_MUST_OK(se_session_init(&session, element.el, SE_ROOT_ID));
    session.me.rights = 0;
    memset(&session.me.records, 0, sizeof(session.me.records));
    memset(&session.me.keys, 0, sizeof(session.me.keys));
    for (size_t i = 0; i < n; i++)
        expect(&c[i], "");
    stop();
}

static void a_read_only_card_refuses_every_write(void)
{
    struct rdv_words words = { 0 };
    size_t n, n_allowed = 0;
    const struct se_command *c = se_commands(&n);

    start();
    T_MUST_OK(se_session_init(&session, element.el, SE_ROOT_ID));
    element.el->read_only = true;
    for (size_t i = 0; i < n; i++) {
        const bool writes = rule_of(c[i].name) != NULL && rule_of(c[i].name)->effect != RULE_looks;
        struct se_request rq = { .slot = SLOT, .words = &words };
        struct se_answer said;
        enum rdv_err err;

        T_MUST_OK(begin());
        se_answer_for_people(&said, &answer);
        err = se_command_run(&c[i], &session, &said, &rq);
        if (writes && (c[i].flags & SE_WHEN_READ_ONLY) == 0)
            T_ERR(err, RDV_ERR_READONLY);
        else
            T_TRUE(err != RDV_ERR_READONLY);
        n_allowed += writes && err != RDV_ERR_READONLY;
        se_element_rollback(element.el);
        session.state.ending = false;
    }
    T_UINT(n_allowed, 1); /* !restore accept */
    stop();
}

/* --- the languages ---------------------------------------------------------------------------- */

static void letters_are_no_words_and_words_are_no_letters(void)
{
    char line[80];
    size_t n;
    const struct se_command *c = se_commands(&n);

    start();
    T_MUST_OK(se_session_init(&session, element.el, SE_ROOT_ID));
    for (size_t i = 0; i < n; i++) {
        T_MUST_OK(begin());
        if (is_tls_se(&c[i])) {
            (void)snprintf(line, sizeof(line), "!%s", c[i].name);
            T_OK(se_words_run(&session, &answer, rdv_span_of(line)));
            T_TRUE(rdv_buf_len(&answer) > 12 &&
                   memcmp(rdv_buf_view(&answer).p, "ERR unknown ", 12) == 0);
        } else {
            T_OK(se_shell_run(&session, &answer, rdv_span_of(c[i].name)));
            T_TEXT(rdv_buf_view(&answer), SE_ANSWER_ERROR);
        }
        se_element_rollback(element.el);
    }
    stop();
}

static void a_tls_se_command_is_found_by_letter_and_digits(void)
{
    size_t n;
    const struct se_command *c = se_commands(&n);

    for (unsigned letter = 0; letter < 256; letter++) {
        for (unsigned index = 0; index < 256; index++) {
            const struct se_command *found = se_command_find((uint8_t)letter, (uint8_t)index);
            const struct se_command *want = NULL;
            char name[4] = { (char)letter, '\0' };

            if (letter == '?')
                (void)snprintf(name, sizeof(name), "?%02X", index);
            for (size_t i = 0; i < n; i++) {
                if (letter != '\0' && strcmp(c[i].name, name) == 0)
                    want = &c[i];
            }
            T_TRUE(found == want);
        }
    }
}

/* --- what is written down --------------------------------------------------------------------- */

static void every_refusal_is_written_down_with_what_was_missing(void)
{
    struct se_audit_row row;
    size_t n;
    const struct se_command *c = se_commands(&n);

    start();
    session.me.rights = 0;
    for (size_t i = 0; i < n; i++) {
        const int64_t before = element.el->audit.seq;
        char want[40];

        if (c[i].right == SE_NEEDS_NOTHING)
            continue;
        T_MUST_OK(begin());
        run_line(&c[i]);
        T_MUST_OK(se_element_commit(element.el));
        T_UINT((unsigned long long)element.el->audit.seq, (unsigned long long)before + 1);
        T_MUST_OK(se_store_audit_from(element.el->store, &row, before + 1));
        T_TEXT(row.actor, "walker");
        T_TEXT(row.action, c[i].name);
        T_TEXT(row.result, "denied");
        (void)snprintf(want, sizeof(want), "right=%s", se_right_name(c[i].right));
        T_TEXT(row.detail, want);
    }
    stop();
}

/* It has failed logins and refusals to write down, and may not write until root says so. */
static void what_a_read_only_card_must_write_waits(void)
{
    struct se_audit *audit;
    struct se_audit_row row;

    start();
    audit = &element.el->audit;
    element.el->read_only = true;
    session.me.rights = 0;
    se_audit_login_failed(audit, element.el->now, 0, RDV_LIT("who"), RDV_LIT("there"), false);
    for (unsigned i = 0; i < 3; i++) {
        T_MUST_OK(begin());
        run_line(se_command_named(RDV_LIT("audit")));
        T_MUST_OK(se_element_commit(element.el));
    }
    T_UINT((unsigned long long)audit->seq, 0);
    T_MUST_OK(begin());
    element.el->accepting = true;
    T_MUST_OK(se_element_commit(element.el));
    T_UINT((unsigned long long)audit->seq, 2);
    T_MUST_OK(se_store_audit_from(element.el->store, &row, 1));
    T_TEXT(row.detail, "3 more were not written one by one");
    T_MUST_OK(se_store_audit_from(element.el->store, &row, 2));
    T_TEXT(row.actor, "identity who");
    T_TRUE(!se_audit_has_waiting(audit, element.el->now_ms + 9000));
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(every_row_of_the_table_has_its_rule_and_keeps_it),
    T_CASE(every_rule_has_its_row),
    T_CASE(no_command_is_there_twice),
    T_CASE(each_right_missing_in_turn_refuses_what_needs_it),
    T_CASE(a_number_out_of_scope_is_refused_and_named),
    T_CASE(a_read_only_card_refuses_every_write),
    T_CASE(root_is_refused_nothing),
    T_CASE(letters_are_no_words_and_words_are_no_letters),
    T_CASE(a_tls_se_command_is_found_by_letter_and_digits),
    T_CASE(every_refusal_is_written_down_with_what_was_missing),
    T_CASE(what_a_read_only_card_must_write_waits),
    T_END,
};

T_SUITE(se_card_commands, tests);
