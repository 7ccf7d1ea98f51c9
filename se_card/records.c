/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/records.h"

#include "base/log.h"

static struct se_place place_of_content(uint8_t slot)
{
    return (struct se_place){ "record", "content", slot };
}

enum rdv_err se_records_setting(struct se_element *el, struct se_record_setting *out, uint8_t slot)
{
    const enum rdv_err err = se_store_setting_get(el->store, out, slot);

    if (err != RDV_ERR_ABSENT)
        return err;
    *out = (struct se_record_setting){ .most = SE_RECORD_DEFAULT };
    return RDV_OK;
}

enum rdv_err se_records_set(struct se_element *el, uint8_t slot,
                            const struct se_record_setting *setting)
{
    return se_store_setting_put(el->store, slot, setting);
}

/* Names the limits that a post of n bytes would pass. */
static enum rdv_err past_limit(struct se_element *el, int64_t author, size_t n)
{
    struct se_account now;
    enum rdv_err err;
    bool posts, quota;

    if ((err = se_store_account_get(el->store, &now, author)) != RDV_OK)
        return err;
    posts = now.posts_max >= 0 && now.posts >= now.posts_max;
    quota = now.quota >= 0 && (int64_t)n > now.quota - now.bytes;
    return se_refuse(el, RDV_ERR_LIMIT,
                     (struct se_refusal){ .limit = posts && quota ? "posts,quota"
                                                   : posts        ? "posts"
                                                                  : "quota" });
}

/* Only accounts with a limit pay for counting. */
static enum rdv_err count_post(struct se_element *el, const struct se_account *author, size_t n)
{
    enum rdv_err err;

    if (author->posts_max < 0 && author->quota < 0)
        return RDV_OK;
    if ((err = se_store_account_count(el->store, author->id, n)) == RDV_ERR_LIMIT)
        return past_limit(el, author->id, n);
    return err;
}

enum rdv_err se_records_put(struct se_element *el, uint8_t slot, struct rdv_span content,
                            const struct se_account *author)
{
    struct se_record_setting setting;
    enum rdv_err err;

    if ((err = se_records_setting(el, &setting, slot)) != RDV_OK)
        return err;
    if (content.n > (size_t)setting.most)
        return se_refuse(
                el, RDV_ERR_LIMIT,
                (struct se_refusal){
                        .scope = "record", .slot = slot, .has_max = true, .max = setting.most });
    if ((err = count_post(el, author, content.n)) != RDV_OK)
        return err;
    if (content.n == 0)
        return se_store_record_clear(el->store, slot);
    if ((err = se_seal_close(el->seal, &el->scratch, place_of_content(slot), content)) == RDV_OK)
        err = se_store_record_put(el->store, slot, rdv_buf_view(&el->scratch), author->id, el->now);
    rdv_buf_clear(&el->scratch);
    return err;
}

enum rdv_err se_records_get(struct se_element *el, struct rdv_buf *out, uint8_t slot)
{
    struct rdv_span sealed;
    enum rdv_err err;

    if ((err = se_store_record_get(el->store, &sealed, slot)) == RDV_ERR_ABSENT)
        return RDV_OK;
    if (err == RDV_OK &&
        (err = se_seal_open(el->seal, out, place_of_content(slot), sealed)) == RDV_ERR_CORRUPT)
        log_error("%s: record %02X: its sealed content is damaged", el->sen, (unsigned)slot);
    return err;
}
