/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `!confirm`: the account that root has named says yes to what waits for it (?D2). */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "se_card/accounts.h"
#include "se_card/card.h"
#include "se_card/handlers.h"
#include "se_card/moment.h"
#include "se_card/own.h"
#include "se_card/words_arg.h"

/* The id of the account, 0 when root has named none. */
static enum rdv_err read_confirmer(struct se_element *el, int64_t *out)
{
    struct rdv_buf value = RDV_BUF(SE_OWN_VALUE_MAX);
    enum rdv_err err;

    *out = 0;
    if ((err = se_own_get(el, &value, SE_OWN_CONFIRMER)) == RDV_OK) {
        if (rdv_buf_len(&value) == sizeof(*out))
            memcpy(out, rdv_buf_view(&value).p, sizeof(*out));
        else
            err = RDV_ERR_CORRUPT;
    }
    rdv_buf_free(&value);
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

static enum rdv_err check_confirmer(struct se_session *s)
{
    int64_t confirmer;
    enum rdv_err err;

    if ((err = read_confirmer(s->el, &confirmer)) != RDV_OK)
        return err;
    return confirmer == s->account
                   ? RDV_OK
                   : se_fault(s->el, RDV_ERR_DENIED, "you are not the account that confirms");
}

SE_HANDLER(se_words_confirm)
{
    int64_t id;
    enum rdv_err err;

    (void)answer;
    if ((err = check_confirmer(s)) != RDV_OK)
        return err;
    if (se_number_decode(&id, rq->words->word[0], INT64_MAX - 9) != RDV_OK || id == 0)
        return se_fault(s->el, RDV_ERR_FORMAT, "\"%s\" is not the number of a question",
                        rdv_quote(rq->words->word[0]).text);
    for (struct se_card *card = s->el->sessions; card != NULL; card = se_card_next(card)) {
        if (se_card_confirm(card, (uint64_t)id) != RDV_OK)
            continue;
        (void)snprintf(rq->target, sizeof(rq->target), "question %lld", (long long)id);
        (void)snprintf(rq->detail, sizeof(rq->detail), "of %s", se_card_session(card)->me.name);
        return RDV_OK;
    }
    return se_fault(s->el, RDV_ERR_ABSENT, "no question %lld waits", (long long)id);
}

SE_HANDLER(se_words_confirm_list)
{
    enum rdv_err err;

    (void)rq;
    if (!s->me.root && (err = check_confirmer(s)) != RDV_OK)
        return err;
    se_answer_list_begin(answer, "list");
    for (struct se_card *card = s->el->sessions; card != NULL; card = se_card_next(card)) {
        const struct se_session *other = se_card_session(card);

        if (other->question.id == 0 || other->question.confirmed != 0)
            continue;
        se_answer_number(answer, "question", (int64_t)other->question.id);
        se_answer_name(answer, "account", other->me.name);
        se_answer_name(answer, "address", se_card_address(card));
        se_answer_name(answer, "command", "?D2");
        se_answer_number(answer, "seconds",
                         other->question.until_ms < s->el->now_ms
                                 ? 0
                                 : (int64_t)((other->question.until_ms - s->el->now_ms) / 1000));
        se_answer_row_end(answer);
    }
    se_answer_list_end(answer);
    return RDV_OK;
}

SE_HANDLER(se_words_confirm_account)
{
    struct se_account account;
    enum rdv_err err;

    (void)answer;
    if (rdv_span_is(rq->words->word[0], "none"))
        return se_own_put(s->el, SE_OWN_CONFIRMER, RDV_LIT(""));
    if ((err = se_words_account(s, &account, rq)) != RDV_OK)
        return err;
    return se_own_put(s->el, SE_OWN_CONFIRMER,
                      (struct rdv_span){ (const uint8_t *)&account.id, sizeof(account.id) });
}
