/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "base/log.h"
#include "se_card/handlers.h"
#include "se_card/moment.h"
#include "se_card/records.h"
#include "se_card/words_arg.h"

#define KEEP_MOST (int64_t)1000000000

static enum rdv_err put_record(struct se_session *s, struct rdv_buf *answer,
                               const struct se_record_info *info)
{
    char slot[3], author[SE_NAME_MAX + 1], changed[SE_MOMENT_TEXT];
    enum rdv_err err;

    (void)snprintf(slot, sizeof(slot), "%02X", (unsigned)info->slot);
    if ((err = rdv_words_put_arg(answer, "record", rdv_span_of(slot))) != RDV_OK ||
        (err = rdv_words_put_number(
                 answer, "bytes",
                 info->sealed_bytes == 0 ? 0 : (int64_t)(info->sealed_bytes - SE_SEAL_OVERHEAD))) !=
                RDV_OK)
        return err;
    if (info->sealed_bytes == 0)
        return RDV_OK;
    se_moment_text(changed, info->changed);
    if ((err = se_store_account_name(s->el->store, author, info->author)) != RDV_OK &&
        err != RDV_ERR_ABSENT)
        return err;
    if ((err = rdv_words_put_arg(answer, "author", rdv_span_of(author))) != RDV_OK)
        return err;
    return rdv_words_put_arg(answer, "changed", rdv_span_of(changed));
}

SE_HANDLER(se_words_record_list)
{
    struct se_record_info info;
    enum rdv_err err;

    if ((err = se_words_expect(s, rq, 0, 0, NULL)) != RDV_OK)
        return err;
    for (unsigned slot = 0; slot < 256; slot = info.slot + 1U) {
        if ((err = se_store_record_from(s->el->store, &info, slot)) != RDV_OK)
            return err == RDV_ERR_ABSENT ? RDV_OK : err;
        if (!s->me.root && !se_scope_has(&s->me.records, info.slot))
            continue;
        if ((err = put_record(s, answer, &info)) != RDV_OK ||
            (err = rdv_words_put_end(answer)) != RDV_OK)
            return err;
    }
    return RDV_OK;
}

static enum rdv_err put_setting(struct rdv_buf *answer, const struct se_record_setting *setting)
{
    char text[32];
    enum rdv_err err;

    (void)snprintf(text, sizeof(text), "%llds", (long long)setting->ttl);
    if ((err = rdv_words_put_arg(answer, "ttl", rdv_span_of(setting->ttl == 0 ? "none" : text))) !=
        RDV_OK)
        return err;
    (void)snprintf(text, sizeof(text), "%lld", (long long)setting->keep);
    if ((err = rdv_words_put_arg(answer, "keep", rdv_span_of(setting->keep == 0 ? "all" : text))) !=
        RDV_OK)
        return err;
    return rdv_words_put_number(answer, "max", setting->most);
}

static enum rdv_err show(struct se_session *s, struct rdv_buf *answer, uint8_t slot)
{
    struct se_record_setting setting;
    struct se_record_info info;
    enum rdv_err err = se_store_record_from(s->el->store, &info, slot);

    if (err == RDV_ERR_ABSENT || (err == RDV_OK && info.slot != slot)) {
        info = (struct se_record_info){ .slot = slot };
        err = RDV_OK;
    }
    if (err != RDV_OK || (err = se_records_setting(s->el, &setting, slot)) != RDV_OK ||
        (err = put_record(s, answer, &info)) != RDV_OK ||
        (err = put_setting(answer, &setting)) != RDV_OK)
        return err;
    return rdv_words_put_end(answer);
}

SE_HANDLER(se_words_record_show)
{
    enum rdv_err err;

    if ((err = se_words_expect(s, rq, 0, 0, NULL)) != RDV_OK)
        return err;
    return show(s, answer, rq->slot);
}

SE_HANDLER(se_words_record_set)
{
    static const char *const keys[] = { "ttl", "keep", "max", NULL };
    const struct rdv_span *ttl = rdv_words_arg(rq->words, "ttl");
    const struct rdv_span *keep = rdv_words_arg(rq->words, "keep");
    struct se_record_setting setting;
    enum rdv_err err;

    if ((err = se_words_expect(s, rq, 0, 0, keys)) != RDV_OK ||
        (err = se_records_setting(s->el, &setting, rq->slot)) != RDV_OK)
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
    enum rdv_err err;

    (void)answer;
    if ((err = se_words_expect(s, rq, 0, 0, NULL)) != RDV_OK)
        return err;
    return se_records_put(s->el, rq->slot, RDV_LIT(""), &s->me);
}
