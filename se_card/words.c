/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/words.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "schema/wire/command.h"
#include "se_card/commands.h"
#include "se_card/params.h"
#include "se_card/rights.h"

static enum rdv_err no_such_command(struct se_session *s, struct rdv_span line)
{
    return se_fault(s->el, RDV_ERR_UNKNOWN, "no command !%.60s: !help lists them",
                    rdv_quote(line).text);
}

static enum rdv_err run_line(struct se_session *s, struct rdv_buf *answer, struct rdv_buf *text,
                             struct rdv_buf *bytes, struct rdv_span line)
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
    /* Who may not run it at all is told so, and not what is wrong with the line. */
    if (se_command_is_allowed(command, &s->me) &&
        (err = se_params_take_words(s, command, &rq, &words, bytes)) != RDV_OK)
        return err;
    return se_command_run(command, s, &said, &rq);
}

enum rdv_err se_words_fail(struct rdv_buf *answer, enum rdv_err err, const char *why)
{
    char line[300];

    (void)snprintf(line, sizeof(line), "ERR %s %s\r\n", rdv_err_name(err),
                   why[0] == '\0' ? rdv_err_text(err) : why);
    return rdv_put_text(answer, line);
}

enum rdv_err se_words_run(struct se_session *s, struct rdv_buf *answer, struct rdv_span line)
{
    const size_t before = rdv_buf_len(answer);
    struct rdv_buf text = RDV_BUF(RDV_LINE_MAX + 1), bytes = RDV_BUF(RDV_LINE_MAX + 1);
    enum rdv_err err;

    se_fault_clear(s->el);
    err = run_line(s, answer, &text, &bytes, (struct rdv_span){ line.p + 1, line.n - 1 });
    rdv_buf_free(&text); /* they may have held a key */
    rdv_buf_free(&bytes);
    if (err == RDV_ERR_LOST)
        return err;
    if (err == RDV_OK)
        return rdv_put_text(answer, "OK\r\n");
    rdv_buf_truncate(answer, before);
    return se_words_fail(answer, err, s->el->fault);
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
