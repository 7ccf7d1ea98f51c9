/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random accounts say random commands, every row of the table among them, to a card and to a model
 * of it (game.h), in the language of people or of programs. What the model refuses the card must
 * refuse with the same words, what it allows the card must allow, with the same effect on records,
 * accounts, counts and audit. Groups are committed or rolled back as it comes.
 *
 * RDV_TEST_SEED=N plays another game.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "se_card/accounts.h"
#include "se_card/call.h"
#include "se_card/commands.h"
#include "se_card/records.h"
#include "se_card/shell.h"
#include "se_card/words.h"
#include "tests/support/card_rig.h"
#include "tests/support/notation.h"
#include "tests/support/test.h"
#include "tests/unit/game.h"

#define STEPS 100000

static struct t_element element;
static struct game game, before;
static struct se_session sessions[GAME_PLAYERS], sessions_before[GAME_PLAYERS];
static struct rdv_buf answer;
static uint32_t seed, chance;
static unsigned step;
static bool failed;

static unsigned dice(unsigned sides)
{
    return game_dice(&chance, sides);
}

__attribute__((format(printf, 3, 4))) static void check(bool good, const char *line,
                                                        const char *format, ...)
{
    char text[1200], what[200];
    va_list ap;

    if (good || failed)
        return;
    failed = true;
    va_start(ap, format);
    (void)vsnprintf(what, sizeof(what), format, ap);
    va_end(ap);
    (void)snprintf(text, sizeof(text), "seed %u, step %u: %s: %s\n  answer: %s\n", (unsigned)seed,
                   step, line, what, rdv_quote(rdv_buf_view(&answer)).text);
    (void)fputs(text, stderr);
    T_TEXT(RDV_LIT("the card and the model differ"), "they agree: see above");
}

/* --- what the card says to it ----------------------------------------------------------------- */

static bool begins(const char *with)
{
    const struct rdv_span got = rdv_buf_view(&answer);

    return got.n >= strlen(with) && memcmp(got.p, with, strlen(with)) == 0;
}

static bool ends_in_ok(void)
{
    const struct rdv_span got = rdv_buf_view(&answer);

    return got.n >= 4 && memcmp(got.p + got.n - 4, "OK\r\n", 4) == 0 &&
           (got.n == 4 || got.p[got.n - 5] == '\n');
}

/* Each line ends, the last one is OK or ERR, and none begins as s_client's own commands do. */
static void check_form(const char *line)
{
    const struct rdv_span got = rdv_buf_view(&answer);
    bool at_start = true;

    check(got.n > 2 && got.p[got.n - 1] == '\n', line, "no line end");
    check(ends_in_ok() || begins("ERR "), line, "neither OK nor ERR");
    for (size_t i = 0; i < got.n; i++) {
        check(!at_start || strchr("QRCkK", got.p[i]) == NULL, line, "a line that s_client keeps");
        at_start = got.p[i] == '\n';
    }
}

/* [1, code, {..}], well-formed: an independent reader says so. */
static void check_called(const struct game_say *say)
{
    struct rdv_buf text = RDV_BUF(1 << 18);
    char want[40];

    check(t_notation(&text, rdv_buf_view(&answer)), say->request, "not one item of CBOR");
    (void)snprintf(want, sizeof(want), "[1, %d, {", (int)say->want);
    check(say->anything || (rdv_buf_len(&text) > strlen(want) &&
                            memcmp(rdv_buf_view(&text).p, want, strlen(want)) == 0),
          say->request, "want %s", want);
    rdv_buf_free(&text);
}

/* A line for people, closed by OK or ERR; in TLS-SE, ERROR or not. */
static void check_said(const struct game_say *say)
{
    char want[120];

    if (say->is_word)
        check_form(say->line);
    if (say->anything)
        return;
    (void)snprintf(want, sizeof(want), "ERR %s %s", rdv_err_name(say->want), say->fault);
    if (say->want != RDV_OK)
        check(begins(say->is_word ? want : SE_ANSWER_ERROR), say->line, "want \"%s\"", want);
    else
        check(say->is_word ? ends_in_ok() : !begins(SE_ANSWER_ERROR), say->line, "want it done");
}

static void check_shown(const struct se_command *c, const char *line, unsigned slot,
                        const struct rule_account *a)
{
    char text[100];
    unsigned lines = 0, want = 1; /* the OK */
    const struct rdv_span got = rdv_buf_view(&answer);

    if (strcmp(c->name, "I") == 0) {
        (void)snprintf(text, sizeof(text), "%.*s\r\n", (int)game.records[slot].n,
                       game.records[slot].bytes);
        check(rdv_span_is(got, text), line, "want \"%s\"", text);
    } else if (strcmp(c->name, "record show") == 0) {
        (void)snprintf(text, sizeof(text), "record=%02X bytes=%zu ", slot, game.records[slot].n);
        check(begins(text), line, "want \"%s\"", text);
    } else if (strcmp(c->name, "record list") == 0) {
        for (unsigned i = 0; i < 256; i++)
            want += game.records[i].n > 0 && (a->root || a->records[i]);
        for (size_t i = 0; i < got.n; i++)
            lines += got.p[i] == '\n';
        check(lines == want, line, "%u lines, want %u", lines, want);
    }
}

/* A row for each refusal and each act of administration, and none for anything else; a read-only
 * card counts the refusals, and says how many with the next. */
static void check_audit(const char *line, const struct se_audit *was, bool refused, bool done)
{
    const struct se_audit *audit = &element.el->audit;
    const bool written = refused && !game.read_only;
    int64_t want = written || done;

    if (written && was->unsaid > 0)
        want++;
    if (want > 0 && audit->rows < was->rows)
        want++; /* the oldest have gone, for one that says so */
    check(audit->seq - was->seq == want, line, "%lld rows of audit, want %lld",
          (long long)(audit->seq - was->seq), (long long)want);
    check(audit->unsaid == (written ? 0 : was->unsaid + refused), line, "%lu refusals left out",
          audit->unsaid);
}

/* --- the game --------------------------------------------------------------------------------- */

/* A letter is for people alone, and half of the words. */
static bool run(struct se_session *s, const struct game_say *say)
{
    struct rdv_buf request = RDV_BUF(2000);
    const bool by_program = say->is_word && dice(2) == 0;
    enum rdv_err err;

    rdv_buf_clear(&answer);
    if (by_program) {
        t_cbor(&request, say->request);
        err = se_call_run(s, &answer, rdv_buf_view(&request));
    } else {
        err = (say->is_word ? se_words_run : se_shell_run)(s, &answer, rdv_span_of(say->line));
    }
    rdv_buf_free(&request);
    check(err == RDV_OK, say->line, "the transaction was lost");
    return by_program;
}

static void play_row(unsigned who, const struct se_command *c)
{
    const struct rule *rule = rule_of(c->name);
    const struct se_audit audit = element.el->audit;
    const char *fault = element.el->fault;
    struct game_say say;

    check(rule != NULL, c->name, "not in rules.def");
    if (rule == NULL)
        return;
    game_play(&game, &say, &chance, who, rule);
    if (run(&sessions[who], &say))
        check_called(&say);
    else {
        check_said(&say);
        if (say.want == RDV_OK && !say.anything)
            check_shown(c, say.line, say.slot, &game.players[who].rule);
    }
    check(strncmp(fault, say.fault, strlen(say.fault)) == 0, say.line, "fault \"%s\", want \"%s\"",
          fault, say.fault);
    if (say.anything)
        check(strncmp(fault, "right=", 6) != 0, say.line, "refused by a rule");
    else
        check_audit(say.line, &audit, say.want == RDV_ERR_DENIED || say.want == RDV_ERR_LIMIT,
                    say.want == RDV_OK && rule->effect == RULE_admin);
    sessions[who].state.ending = false;
}

/* True when a command was run, and not turned away with its account. */
static bool play(void)
{
    size_t n;
    const struct se_command *c = se_commands(&n);
    unsigned who = dice(GAME_PLAYERS);
    enum rdv_err err;

    game.now = element.el->now += dice(4) == 0;
    /* No refusal is left out of the audit. */
    element.el->now_ms += 3600 * 1000 / SE_AUDIT_AN_HOUR + 1;
    if (dice(16) == 0) { /* root changes somebody */
        who = 0;
        c = se_command_named(dice(2) == 0 ? RDV_LIT("guest set") : RDV_LIT("guest enable"));
        n = 1;
    } else if (dice(3) == 0) { /* what guests are there for */
        c = se_command_named(dice(2) == 0 ? RDV_LIT("Z") : RDV_LIT("I"));
        n = 1;
    }
    err = se_session_refresh(&sessions[who]);
    rdv_buf_clear(&answer);
    check((err == RDV_OK) == rule_admits(&game.players[who].rule, game.now), game.players[who].name,
          "%s, and the model says otherwise", err == RDV_OK ? "admitted" : "turned away");
    if (err == RDV_OK)
        play_row(who, &c[dice((unsigned)n)]);
    return err == RDV_OK;
}

/* Looks at everything, with no group open. */
static void look(void)
{
    struct rdv_buf content = RDV_BUF(GAME_CONTENT_MAX + 1);

    for (unsigned slot = 0; slot < 256; slot++) {
        rdv_buf_clear(&content);
        T_OK(se_records_get(element.el, NULL, &content, (uint8_t)slot));
        check(rdv_span_equal(rdv_buf_view(&content),
                             (struct rdv_span){ (const uint8_t *)game.records[slot].bytes,
                                                game.records[slot].n }),
              "look", "record %02X", slot);
    }
    rdv_buf_free(&content);
    for (unsigned i = 1; i < GAME_PLAYERS; i++) {
        const struct rule_account *a = &game.players[i].rule;
        struct se_account got;

        T_OK(se_accounts_get(element.el, &got, sessions[i].account));
        check(got.posts == a->posts && got.bytes == a->bytes && got.enabled == a->enabled &&
                      got.posts_max == a->posts_max && got.quota == a->quota,
              "look", "account %s: %lld posts, %lld bytes, want %lld, %lld", got.name,
              (long long)got.posts, (long long)got.bytes, (long long)a->posts, (long long)a->bytes);
    }
}

/* What a group that is rolled back puts back. */
static void remember(void)
{
    before = game;
    memcpy(sessions_before, sessions, sizeof(sessions));
}

static void end_group(void)
{
    if (dice(8) == 0) {
        se_element_rollback(element.el);
        game = before;
        memcpy(sessions, sessions_before, sizeof(sessions));
    } else {
        check(se_element_commit(element.el) == RDV_OK, "commit", "refused");
    }
    if (dice(25) == 0)
        look();
    if (dice(20) == 0)
        element.el->read_only = game.read_only = dice(6) == 0;
    remember();
    T_MUST_OK(se_element_begin(element.el));
}

static void make_players(void)
{
    char line[40];

    game_begin(&game);
    T_MUST_OK(se_session_init(&sessions[0], element.el, SE_ROOT_ID));
    T_MUST_OK(se_element_begin(element.el));
    for (unsigned i = 1; i < GAME_PLAYERS; i++) {
        struct se_account a;

        (void)snprintf(line, sizeof(line), "!guest add %s", game.players[i].name);
        T_MUST_OK(se_words_run(&sessions[0], &answer, rdv_span_of(line)));
        T_MUST_OK(se_accounts_named(element.el, &a, rdv_span_of(game.players[i].name)));
        T_MUST_OK(se_session_init(&sessions[i], element.el, a.id));
    }
    T_MUST_OK(se_element_commit(element.el));
}

static void the_audit_is_one_chain(void)
{
    uint8_t hash[32], want[32];
    struct se_audit_row row;
    int64_t first, last;

    T_MUST_OK(se_store_audit_range(element.el->store, &first, &last));
    T_TRUE(last - first + 1 <= 1101); /* what it keeps, a tenth more, and a row that says so */
    T_MUST_OK(se_store_audit_from(element.el->store, &row, first));
    memcpy(hash, row.hash, sizeof(hash));
    for (int64_t seq = first + 1; seq <= last; seq++) {
        T_MUST_OK(se_store_audit_from(element.el->store, &row, seq));
        T_TRUE(row.seq == seq);
        se_audit_hash(want, hash, &row);
        T_MUST(memcmp(want, row.hash, sizeof(want)) == 0);
        memcpy(hash, row.hash, sizeof(hash));
    }
}

static void the_card_does_as_the_model_says(void)
{
    const char *wish = getenv("RDV_TEST_SEED");

    seed = wish == NULL ? 20260 : (uint32_t)strtoul(wish, NULL, 10);
    chance = seed == 0 ? 1 : seed;
    failed = false;
    element = t_element_new(true);
    answer = RDV_BUF(1 << 17);
    make_players();
    remember();
    T_MUST_OK(se_element_begin(element.el));
    for (step = 0; step < STEPS && !failed; step += play()) {
        if (dice(64) == 0)
            end_group();
    }
    T_MUST_OK(se_element_commit(element.el));
    look();
    the_audit_is_one_chain();
    rdv_buf_free(&answer);
    t_element_free(&element);
}

static CU_TestInfo tests[] = {
    T_CASE(the_card_does_as_the_model_says),
    T_END,
};

T_SUITE(se_card_commands_random, tests);
