/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "se_card/card.h"
#include "se_card/handlers.h"
#include "se_card/moment.h"
#include "se_card/rights.h"
#include "se_card/words_arg.h"

#define LIST_MOST 100 /* sessions in one answer */

/* --- help ------------------------------------------------------------------------------------- */

static bool is_word(const struct se_command *c)
{
    return c->name[0] >= 'a' && c->name[0] <= 'z';
}

/* A command is written with its mark, and never begins the line: some begin with letters that
 * openssl s_client keeps. */
static enum rdv_err put_help(struct rdv_buf *answer, const struct se_command *c)
{
    char line[600];
    const int n =
            snprintf(line, sizeof(line), "  %s%s%s%s - %s\r\n", is_word(c) ? "!" : "", c->name,
                     c->syntax[0] == '\0' || c->name[1] == '\0' || !is_word(c) ? "" : " ",
                     c->syntax, c->help);

    RDV_INVARIANT(n > 0 && (size_t)n < sizeof(line));
    return rdv_put_text(answer, line);
}

static enum rdv_err put_rule(struct rdv_buf *answer, const struct se_command *c)
{
    enum rdv_err err;

    if ((err = rdv_words_put_arg(answer, "right", rdv_span_of(se_right_name(c->right)))) !=
                RDV_OK ||
        (err = rdv_words_put_arg(answer, "scope",
                                 rdv_span_of(c->scope == SE_SCOPE_RECORD ? "record" : "none"))) !=
                RDV_OK ||
        (err = rdv_words_put_arg(answer, "writes",
                                 rdv_span_of((c->flags & SE_WRITES) != 0 ? "yes" : "no"))) !=
                RDV_OK)
        return err;
    return rdv_words_put_end(answer);
}

/* "guest add", "!guest add", "Z", "?A0": one command; "guest": all that begin so. */
static enum rdv_err help_about(struct se_session *s, struct rdv_buf *answer,
                               const struct rdv_words *words)
{
    struct rdv_span first = words->word[0];
    const struct se_command *c;
    size_t n, found = 0;
    char name[80];
    enum rdv_err err;

    if (first.n > 0 && first.p[0] == '!') {
        first.p++;
        first.n--;
    }
    if (first.n + (words->n > 1 ? words->word[1].n : 0) + 2 > sizeof(name))
        return se_fault(s->el, RDV_ERR_ABSENT, "no such command");
    (void)snprintf(name, sizeof(name), "%.*s%s%.*s", (int)first.n, (const char *)first.p,
                   words->n > 1 ? " " : "", words->n > 1 ? (int)words->word[1].n : 0,
                   words->n > 1 ? (const char *)words->word[1].p : "");
    if ((c = se_command_named(rdv_span_of(name))) != NULL) {
        if ((err = put_help(answer, c)) != RDV_OK)
            return err;
        return put_rule(answer, c);
    }
    c = se_commands(&n);
    for (size_t i = 0; i < n; i++) {
        if (strncmp(c[i].name, name, strlen(name)) != 0 || c[i].name[strlen(name)] != ' ')
            continue;
        found++;
        if ((err = put_help(answer, &c[i])) != RDV_OK)
            return err;
    }
    return found > 0 ? RDV_OK
                     : se_fault(s->el, RDV_ERR_ABSENT, "no command \"%s\"",
                                rdv_quote(rdv_span_of(name)).text);
}

SE_HANDLER(se_words_help)
{
    const struct se_command *c;
    size_t n;
    enum rdv_err err;

    if ((err = se_words_expect(s, rq, 0, 2, NULL)) != RDV_OK)
        return err;
    if (rq->words->n > 0)
        return help_about(s, answer, rq->words);
    c = se_commands(&n);
    for (size_t i = 0; i < n; i++) {
        if ((err = put_help(answer, &c[i])) != RDV_OK)
            return err;
    }
    return RDV_OK;
}

/* --- info ------------------------------------------------------------------------------------- */

SE_HANDLER(se_words_info)
{
    const struct se_element *el = s->el;
    char created[SE_MOMENT_TEXT], now[SE_MOMENT_TEXT];
    enum rdv_err err;

    if ((err = se_words_expect(s, rq, 0, 0, NULL)) != RDV_OK)
        return err;
    se_moment_text(created, el->created);
    se_moment_text(now, el->now);
    if ((err = rdv_words_put_arg(answer, "sen", rdv_span_of(el->sen))) != RDV_OK ||
        (err = rdv_words_put_arg(answer, "version", RDV_LIT(RDV_VERSION))) != RDV_OK ||
        (err = rdv_words_put_arg(answer, "demo", rdv_span_of(el->demo ? "yes" : "no"))) != RDV_OK ||
        (err = rdv_words_put_arg(answer, "created", rdv_span_of(created))) != RDV_OK ||
        (err = rdv_words_put_arg(answer, "now", rdv_span_of(now))) != RDV_OK ||
        (err = rdv_words_put_number(answer, "epoch", el->state.epoch)) != RDV_OK ||
        (err = rdv_words_put_number(answer, "counter", el->state.counter)) != RDV_OK ||
        (err = rdv_words_put_number(answer, "sessions", (int64_t)el->n_sessions)) != RDV_OK ||
        (err = rdv_words_put_end(answer)) != RDV_OK)
        return err;
    if (!el->read_only)
        return RDV_OK;
    return rdv_put_text(answer, "read-only=\"its database is an older copy, put back: "
                                "root says !restore accept\"\r\n");
}

/* --- sessions --------------------------------------------------------------------------------- */

SE_HANDLER(se_words_session_list)
{
    char since[SE_MOMENT_TEXT];
    size_t left = LIST_MOST;
    enum rdv_err err;

    if ((err = se_words_expect(s, rq, 0, 0, NULL)) != RDV_OK)
        return err;
    for (const struct se_card *card = s->el->sessions; card != NULL; card = se_card_next(card)) {
        const struct se_session *other = se_card_session(card);

        if (left-- == 0) {
            if ((err = rdv_words_put_number(answer, "more",
                                            (int64_t)(s->el->n_sessions - LIST_MOST))) != RDV_OK)
                return err;
            return rdv_words_put_end(answer);
        }
        se_moment_text(since, other->since);
        if ((err = rdv_words_put_number(answer, "session", (int64_t)other->id)) != RDV_OK ||
            (err = rdv_words_put_arg(answer, "account", rdv_span_of(other->me.name))) != RDV_OK ||
            (err = rdv_words_put_arg(answer, "address", rdv_span_of(se_card_address(card)))) !=
                    RDV_OK ||
            (err = rdv_words_put_arg(answer, "since", rdv_span_of(since))) != RDV_OK ||
            (err = rdv_words_put_number(answer, "commands", (int64_t)other->commands)) != RDV_OK ||
            (err = rdv_words_put_end(answer)) != RDV_OK)
            return err;
    }
    return RDV_OK;
}

SE_HANDLER(se_words_session_end)
{
    int64_t id = 0;
    enum rdv_err err;

    (void)answer;
    if ((err = se_words_expect(s, rq, 1, 1, NULL)) != RDV_OK)
        return err;
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
