/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "base/log.h"
#include "se_card/handlers.h"
#include "se_card/records.h"
#include "se_card/words_arg.h"

#define KEEP_MOST (int64_t)1000000000

static enum rdv_err say_record(struct se_session *s, struct se_answer *answer,
                               const struct se_record_info *info)
{
    const bool empty = info->sealed_bytes == 0;
    char author[SE_NAME_MAX + 1];
    enum rdv_err err;

    se_answer_slot(answer, "record", info->slot);
    se_answer_number(answer, "bytes", empty ? 0 : (int64_t)(info->sealed_bytes - SE_SEAL_OVERHEAD));
    if (empty)
        return RDV_OK;
    if ((err = se_store_account_name(s->el->store, author, info->author)) != RDV_OK &&
        err != RDV_ERR_ABSENT)
        return err;
    se_answer_name(answer, "author", author);
    se_answer_moment(answer, "changed", info->changed, "");
    if (info->type[0] != '\0')
        se_answer_name(answer, "type", info->type);
    return RDV_OK;
}

SE_HANDLER(se_words_record_list)
{
    struct se_record_info info;
    enum rdv_err err;

    (void)rq;
    se_answer_list_begin(answer, "list");
    for (unsigned slot = 0; slot < 256; slot = info.slot + 1U) {
        if ((err = se_store_record_from(s->el->store, &info, slot)) == RDV_ERR_ABSENT)
            break;
        if (err != RDV_OK)
            return err;
        if (!s->me.root && !se_scope_has(&s->me.records, info.slot))
            continue;
        if ((err = say_record(s, answer, &info)) != RDV_OK)
            return err;
        se_answer_row_end(answer);
    }
    se_answer_list_end(answer);
    return RDV_OK;
}

static enum rdv_err show(struct se_session *s, struct se_answer *answer, uint8_t slot)
{
    struct se_record_setting setting;
    struct se_record_info info;
    enum rdv_err err = se_store_record_from(s->el->store, &info, slot);

    if (err == RDV_ERR_ABSENT || (err == RDV_OK && info.slot != slot)) {
        info = (struct se_record_info){ .slot = slot };
        err = RDV_OK;
    }
    if (err != RDV_OK || (err = se_records_setting(s->el, &setting, slot)) != RDV_OK ||
        (err = say_record(s, answer, &info)) != RDV_OK)
        return err;
    se_answer_amount(answer, "ttl", setting.ttl, "s", "none");
    se_answer_amount(answer, "keep", setting.keep, "", "all");
    se_answer_number(answer, "max", setting.most);
    se_answer_row_end(answer);
    return RDV_OK;
}

SE_HANDLER(se_words_record_show)
{
    return show(s, answer, rq->slot);
}

SE_HANDLER(se_words_record_set)
{
    const struct rdv_span *ttl = rdv_words_arg(rq->words, "ttl");
    const struct rdv_span *keep = rdv_words_arg(rq->words, "keep");
    struct se_record_setting setting;
    enum rdv_err err;

    if ((err = se_records_setting(s->el, &setting, rq->slot)) != RDV_OK)
        return err;
    if (ttl != NULL && rdv_span_is(*ttl, "none"))
        setting.ttl = 0;
    else if ((err = se_words_duration(s, &setting.ttl, rq, "ttl")) != RDV_OK)
        return err;
    if (keep != NULL && rdv_span_is(*keep, "all"))
        setting.keep = 0;
    else if ((err = se_words_number(s, &setting.keep, rq, "keep", KEEP_MOST)) != RDV_OK)
        return err;
    if (keep != NULL && rdv_span_is(*keep, "0"))
        return se_fault(s->el, RDV_ERR_RANGE, "keep=0: at least 1, or all");
    if ((err = se_words_number(s, &setting.most, rq, "max", SE_RECORD_MOST)) != RDV_OK)
        return err;
    (void)snprintf(rq->detail, sizeof(rq->detail), "ttl=%lld keep=%lld max=%lld",
                   (long long)setting.ttl, (long long)setting.keep, (long long)setting.most);
    if ((err = se_records_set(s->el, rq->slot, &setting)) != RDV_OK)
        return err;
    return show(s, answer, rq->slot);
}

SE_HANDLER(se_words_record_clear)
{
    (void)answer;
    return se_records_put(s->el, rq->slot, RDV_LIT(""), &s->me);
}

/* --- content ---------------------------------------------------------------------------------- */

static struct rdv_span value_of(const struct se_request *rq, const char *key, const char *none)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, key);

    return value == NULL ? rdv_span_of(none) : *value;
}

/* `once` is what the command calls the number used once, `type` what content is that has none. */
static enum rdv_err run_post(struct se_session *s, struct se_answer *answer, struct se_request *rq,
                             struct rdv_span content, const char *type, const char *once)
{
    const struct se_post post = { .slot = rq->slot,
                                  .content = content,
                                  .type = value_of(rq, "type", type),
                                  .once = value_of(rq, once, "") };
    struct se_posted posted;
    enum rdv_err err;

    if (rdv_words_arg(rq->words, once) != NULL && post.once.n == 0)
        return se_fault(s->el, RDV_ERR_RANGE, "%s: at least a byte", once);
    if ((err = se_records_post(s->el, &post, &s->me, &posted)) != RDV_OK)
        return err;
    se_answer_slot(answer, "record", rq->slot);
    se_answer_moment(answer, "changed", posted.changed, "");
    se_answer_number(answer, "seq", posted.seq);
    se_answer_row_end(answer);
    return RDV_OK;
}

SE_HANDLER(se_words_put)
{
    return run_post(s, answer, rq, value_of(rq, "content", ""), "", "once");
}

SE_HANDLER(se_words_post)
{
    return run_post(s, answer, rq, rq->words->word[0], "text/plain", "key");
}

SE_HANDLER(se_words_get)
{
    struct rdv_buf content = RDV_BUF(SE_RECORD_MOST);
    char author[SE_NAME_MAX + 1];
    struct se_record_info info;
    enum rdv_err err;

    if ((err = se_records_get(s->el, &info, &content, rq->slot)) != RDV_OK)
        goto out;
    if (info.sealed_bytes > 0) {
        err = se_store_account_name(s->el->store, author, info.author);
        if (err != RDV_OK && err != RDV_ERR_ABSENT)
            goto out;
        err = RDV_OK;
        if (info.type[0] != '\0')
            se_answer_name(answer, "type", info.type);
        se_answer_name(answer, "author", author);
        se_answer_moment(answer, "changed", info.changed, "");
    }
    se_answer_bytes(answer, "content", rdv_buf_view(&content));
    se_answer_row_end(answer);
out:
    rdv_buf_free(&content);
    return err;
}
