/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/words.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "schema/wire/command.h"
#include "se_card/commands.h"
#include "se_card/rights.h"

static enum rdv_err no_such_command(struct se_session *s, struct rdv_span line)
{
    return se_fault(s->el, RDV_ERR_UNKNOWN, "no command !%.60s: !help lists them",
                    rdv_quote(line).text);
}

/* The slot that a command with a scope begins with. */
static enum rdv_err take_slot(struct se_session *s, struct se_request *rq, struct rdv_words *words,
                              enum se_scope_kind scope)
{
    const char *what = scope == SE_SCOPE_KEY ? "key" : "record";
    const char *range = scope == SE_SCOPE_KEY ? "00 to 3F" : "00 to FF";

    if (words->n == 0)
        return se_fault(s->el, RDV_ERR_FORMAT, "which %s? %s", what, range);
    if (rdv_hex_decode(&rq->slot, 1, words->word[0]) != RDV_OK ||
        (scope == SE_SCOPE_KEY && se_keys_class(rq->slot) == SE_CLASS_NONE))
        return se_fault(s->el, RDV_ERR_FORMAT, "\"%s\" is not a %s: %s",
                        rdv_quote(words->word[0]).text, what, range);
    (void)snprintf(rq->target, sizeof(rq->target), "%s %02X", what, (unsigned)rq->slot);
    words->n--;
    memmove(words->word, words->word + 1, words->n * sizeof(words->word[0]));
    return RDV_OK;
}

static enum rdv_err run_line(struct se_session *s, struct rdv_buf *answer, struct rdv_buf *text,
                             struct rdv_span line)
{
    const struct se_command *command;
    struct se_request rq = { 0 };
    struct se_answer said;
    struct rdv_words words;
    size_t n_used;
    enum rdv_err err;

    se_answer_for_people(&said, answer);
    if ((err = rdv_words_decode(&words, text, line)) != RDV_OK)
        return se_fault(s->el, err,
                        err == RDV_ERR_EXISTS  ? "a key twice"
                        : err == RDV_ERR_LIMIT ? "too many words"
                        : err == RDV_ERR_RANGE ? "a control byte"
                                               : "words, then key=value; \"...\" around blanks");
    if ((command = se_command_find_words(&words, &n_used)) == NULL)
        return no_such_command(s, line);
    words.n -= n_used;
    memmove(words.word, words.word + n_used, words.n * sizeof(words.word[0]));
    if (command->scope != SE_SCOPE_NONE &&
        (err = take_slot(s, &rq, &words, command->scope)) != RDV_OK)
        return err;
    rq.words = &words;
    return se_command_run(command, s, &said, &rq);
}

static enum rdv_err put_error(struct se_session *s, struct rdv_buf *answer, enum rdv_err err)
{
    char line[300];

    (void)snprintf(line, sizeof(line), "ERR %s %s\r\n", rdv_err_name(err),
                   s->el->fault[0] == '\0' ? rdv_err_text(err) : s->el->fault);
    return rdv_put_text(answer, line);
}

enum rdv_err se_words_run(struct se_session *s, struct rdv_buf *answer, struct rdv_span line)
{
    const size_t before = rdv_buf_len(answer);
    struct rdv_buf text = RDV_BUF(RDV_LINE_MAX + 1);
    enum rdv_err err;

    s->el->fault[0] = '\0';
    err = run_line(s, answer, &text, (struct rdv_span){ line.p + 1, line.n - 1 });
    rdv_buf_free(&text); /* it may have held a key */
    if (err == RDV_ERR_LOST)
        return err;
    if (err == RDV_OK)
        return rdv_put_text(answer, "OK\r\n");
    rdv_buf_truncate(answer, before);
    return put_error(s, answer, err);
}

bool se_words_wants_alone(struct rdv_span line)
{
    const struct se_command *command = NULL;
    struct rdv_buf text = RDV_BUF(RDV_LINE_MAX + 1);
    struct rdv_words words;
    size_t n_used;

    if (line.n > 1 && line.p[0] == SE_WORDS_MARK &&
        rdv_words_decode(&words, &text, (struct rdv_span){ line.p + 1, line.n - 1 }) == RDV_OK)
        command = se_command_find_words(&words, &n_used);
    rdv_buf_free(&text);
    return command != NULL && (command->flags & SE_ALONE) != 0;
}
