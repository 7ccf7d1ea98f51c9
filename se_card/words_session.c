/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "se_card/accounts.h"
#include "se_card/card.h"
#include "se_card/handlers.h"
#include "se_card/log.h"
#include "se_card/moment.h"
#include "se_card/rights.h"
#include "se_card/words_arg.h"

#define LIST_MOST 100 /* sessions in one answer */

/* --- help ------------------------------------------------------------------------------------- */

/* A command is written with its mark, and never begins the line: some begin with letters that
 * openssl s_client keeps. The rule is shown to people when they ask about one command. */
static void say_command(struct se_answer *answer, const struct se_command *c, bool with_rule)
{
    se_answer_line(answer, "  %s%s%s%s - %s", se_command_is_word(c) ? "!" : "", c->name,
                   c->syntax[0] == '\0' || !se_command_is_word(c) ? "" : " ", c->syntax, c->help);
    if (answer->for_programs) {
        se_answer_name(answer, "command", c->name);
        se_answer_name(answer, "syntax", c->syntax);
        se_answer_name(answer, "help", c->help);
    } else if (!with_rule) {
        return;
    }
    se_answer_name(answer, "right", se_right_name(c->right));
    se_answer_name(answer, "scope", se_scope_name(c->scope));
    se_answer_flag(answer, "writes", (c->flags & SE_WRITES) != 0);
    se_answer_row_end(answer);
}

/* "guest add", "!guest add", "Z", "?A0": one command; "guest": all that begin so. */
static enum rdv_err find_topic(struct se_session *s, char *name, size_t size,
                               const struct rdv_words *words)
{
    struct rdv_span first = words->word[0];

    if (first.n > 0 && first.p[0] == '!') {
        first.p++;
        first.n--;
    }
    if (first.n + (words->n > 1 ? words->word[1].n : 0) + 2 > size)
        return se_fault(s->el, RDV_ERR_ABSENT, "no such command");
    (void)snprintf(name, size, "%.*s%s%.*s", (int)first.n, (const char *)first.p,
                   words->n > 1 ? " " : "", words->n > 1 ? (int)words->word[1].n : 0,
                   words->n > 1 ? (const char *)words->word[1].p : "");
    return RDV_OK;
}

SE_HANDLER(se_words_help)
{
    const struct se_command *c, *asked = NULL;
    size_t n, found = 0;
    char name[80] = "";
    enum rdv_err err;

    if (rq->words->n > 0 && (err = find_topic(s, name, sizeof(name), rq->words)) != RDV_OK)
        return err;
    asked = se_command_named(rdv_span_of(name));
    c = se_commands(&n);
    se_answer_list_begin(answer, "list");
    for (size_t i = 0; i < n; i++) {
        const bool below = rq->words->n == 0 || (strncmp(c[i].name, name, strlen(name)) == 0 &&
                                                 c[i].name[strlen(name)] == ' ');

        if ((asked == NULL ? !below : asked != &c[i]) ||
            (answer->for_programs && !se_command_is_word(&c[i])))
            continue;
        found++;
        say_command(answer, &c[i], asked != NULL);
    }
    se_answer_list_end(answer);
    return found > 0 ? RDV_OK
                     : se_fault(s->el, RDV_ERR_ABSENT, "no command \"%s\"",
                                rdv_quote(rdv_span_of(name)).text);
}

/* --- info ------------------------------------------------------------------------------------- */

SE_HANDLER(se_words_info)
{
    const struct se_element *el = s->el;
    const struct se_log_totals log = se_log_totals(el);

    (void)rq;
    se_answer_name(answer, "sen", el->sen);
    se_answer_name(answer, "version", RDV_VERSION);
    se_answer_flag(answer, "demo", el->demo);
    se_answer_moment(answer, "created", el->created, "");
    se_answer_moment(answer, "now", el->now, "");
    se_answer_number(answer, "epoch", el->state.epoch);
    se_answer_number(answer, "counter", el->state.counter);
    se_answer_number(answer, "sessions", (int64_t)el->n_sessions);
    se_answer_number(answer, "entries", log.entries);
    se_answer_number(answer, "seq", log.last);
    se_answer_limit(answer, "log", log.bytes, se_log_quota(el));
    if (answer->for_programs)
        se_answer_flag(answer, "read-only", se_element_is_read_only(el));
    se_answer_row_end(answer);
    if (se_element_is_read_only(el))
        se_answer_line(answer, "read-only=\"its database is an older copy, put back: "
                               "root says !restore accept\"");
    return RDV_OK;
}

/* --- sessions --------------------------------------------------------------------------------- */

SE_HANDLER(se_words_session_list)
{
    const struct se_card *card = s->el->sessions;
    size_t n = 0;

    (void)rq;
    se_answer_list_begin(answer, "list");
    for (; card != NULL && n < LIST_MOST; card = se_card_next(card), n++) {
        const struct se_session *other = se_card_session(card);

        se_answer_number(answer, "session", (int64_t)other->id);
        se_answer_name(answer, "account", other->me.name);
        se_answer_name(answer, "address", se_card_address(card));
        se_answer_moment(answer, "since", other->since, "");
        se_answer_number(answer, "commands", (int64_t)other->commands);
        se_answer_row_end(answer);
    }
    se_answer_list_end(answer);
    if (card != NULL) {
        se_answer_number(answer, "more", (int64_t)(s->el->n_sessions - LIST_MOST));
        se_answer_row_end(answer);
    }
    return RDV_OK;
}

SE_HANDLER(se_words_session_end)
{
    int64_t id = 0;

    (void)answer;
    if (se_number_decode(&id, rq->words->word[0], INT64_MAX - 9) != RDV_OK)
        return se_fault(s->el, RDV_ERR_FORMAT, "\"%s\" is not the number of a session",
                        rdv_quote(rq->words->word[0]).text);
    for (struct se_card *card = s->el->sessions; card != NULL; card = se_card_next(card)) {
        const struct se_session *other = se_card_session(card);

        if (other->id != (uint64_t)id)
            continue;
        (void)snprintf(rq->target, sizeof(rq->target), "session %llu", (unsigned long long)id);
        (void)snprintf(rq->detail, sizeof(rq->detail), "account %s", other->me.name);
        se_card_mark(card);
        return RDV_OK;
    }
    return se_fault(s->el, RDV_ERR_ABSENT, "no session %lld", (long long)id);
}

/* --- oneself ---------------------------------------------------------------------------------- */

SE_HANDLER(se_words_echo)
{
    (void)s;
    se_answer_bytes(answer, "data", *rdv_words_arg(rq->words, "data"));
    se_answer_row_end(answer);
    return RDV_OK;
}

SE_HANDLER(se_words_rekey)
{
    struct rdv_key psk = { 0 };
    enum rdv_err err;

    (void)answer;
    if ((err = rdv_key_import(&psk, *rdv_words_arg(rq->words, "psk"))) != RDV_OK)
        err = se_fault(s->el, err, "psk: 32 bytes that are not all 0");
    else
        err = se_accounts_set_psk(s->el, s->account, &psk);
    if (err == RDV_OK)
        s->state.psk_serial++; /* its own session goes on */
    rdv_key_wipe(&psk);
    return err;
}
