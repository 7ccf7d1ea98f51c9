/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/records.h"

#include "base/log.h"
#include "schema/wire/envelope.h"
#include "se_card/hash.h"
#include "se_card/log.h"

/* Memory of the scratch buffer that is kept: a record set to be long may be written seldom. */
#define SCRATCH_KEPT (64 * 1024)

static struct se_place place_of_content(uint8_t slot)
{
    return (struct se_place){ "record", "content", slot };
}

enum rdv_err se_records_settings(struct se_element *el, const struct se_record_setting **out)
{
    enum rdv_err err = RDV_OK;

    *out = el->settings;
    for (unsigned i = 0; i < 256 && !el->settings_known && err == RDV_OK; i++) {
        if ((err = se_store_setting_get(el->store, &el->settings[i], (uint8_t)i)) ==
            RDV_ERR_ABSENT) {
            el->settings[i] = (struct se_record_setting){ .most = SE_RECORD_DEFAULT };
            err = RDV_OK;
        }
    }
    el->settings_known = err == RDV_OK;
    return err;
}

enum rdv_err se_records_setting(struct se_element *el, struct se_record_setting *out, uint8_t slot)
{
    const struct se_record_setting *all;
    enum rdv_err err;

    if ((err = se_records_settings(el, &all)) == RDV_OK)
        *out = all[slot];
    return err;
}

enum rdv_err se_records_set(struct se_element *el, uint8_t slot,
                            const struct se_record_setting *setting)
{
    el->settings_known = false;
    el->settings_set = el->acts;
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

static enum rdv_err check_post(struct se_element *el, const struct se_post *post)
{
    struct se_record_setting setting;
    enum rdv_err err;

    if (post->once.n > SE_ONCE_MAX)
        return se_fault(el, RDV_ERR_RANGE, "once: at most %d bytes", SE_ONCE_MAX);
    if (post->type.n > 0 && !rdv_media_type_is_valid(post->type))
        return se_fault(el, RDV_ERR_RANGE,
                        "type: a media type such as text/plain, at most %d bytes; not %s...",
                        SE_TYPE_MAX, RDV_TYPE_RESERVED);
    if ((err = se_records_setting(el, &setting, post->slot)) != RDV_OK)
        return err;
    if (post->content.n > (size_t)setting.most)
        return se_refuse(el, RDV_ERR_LIMIT,
                         (struct se_refusal){ .scope = "record",
                                              .slot = post->slot,
                                              .has_max = true,
                                              .max = setting.most });
    return RDV_OK;
}

static enum rdv_err write_record(struct se_element *el, const struct se_post *post, int64_t author)
{
    struct se_record_info info = { .slot = post->slot, .author = author, .changed = el->now };
    enum rdv_err err;

    if (post->content.n == 0)
        return se_store_record_put(el->store, &info, post->content);
    if ((err = rdv_span_to_text(info.type, sizeof(info.type), post->type)) == RDV_OK &&
        (err = se_seal_close(el->seal, &el->scratch, place_of_content(post->slot),
                             post->content)) == RDV_OK)
        err = se_store_record_put(el->store, &info, rdv_buf_view(&el->scratch));
    rdv_buf_reset(&el->scratch, SCRATCH_KEPT);
    return err;
}

/* --- posts that may be repeated --------------------------------------------------------------- */

/* The number is in the digest, so that a sealed one fits to its own row only. */
static struct se_place place_of_digest(int64_t account)
{
    return (struct se_place){ "once", "digest", account };
}

/* Of all that makes a post: SHA-256 of slot(1) count(1) once count(1) type SHA-256(content). */
static enum rdv_err digest_of(uint8_t out[SE_SHA256_BYTES], const struct se_post *post)
{
    struct rdv_buf all = RDV_BUF(3 + SE_ONCE_MAX + SE_TYPE_MAX + SE_SHA256_BYTES);
    uint8_t content[SE_SHA256_BYTES];
    enum rdv_err err;

    se_sha256(content, post->content);
    if ((err = rdv_put_u8(&all, post->slot)) == RDV_OK &&
        (err = rdv_put_vec8(&all, post->once)) == RDV_OK &&
        (err = rdv_put_vec8(&all, post->type)) == RDV_OK &&
        (err = rdv_put_bytes(&all, (struct rdv_span){ content, sizeof(content) })) == RDV_OK)
        se_sha256(out, rdv_buf_view(&all));
    rdv_buf_free(&all);
    return err;
}

/* Returns: RDV_OK for a repeat, RDV_ERR_ABSENT for what is new, RDV_ERR_EXISTS. */
static enum rdv_err find_repeat(struct se_element *el, const struct se_post *post, int64_t author,
                                struct rdv_span digest, struct se_posted *out)
{
    struct rdv_span sealed;
    enum rdv_err err;

    if ((err = se_store_once_get(el->store, author, post->once, &sealed, out)) != RDV_OK)
        return err;
    if ((err = se_seal_open(el->seal, &el->scratch, place_of_digest(author), sealed)) == RDV_OK &&
        !rdv_span_equal(rdv_buf_view(&el->scratch), digest))
        err = se_fault(el, RDV_ERR_EXISTS, "once: it stands for another post");
    rdv_buf_clear(&el->scratch);
    return err;
}

static enum rdv_err keep_once(struct se_element *el, const struct se_post *post, int64_t author,
                              struct rdv_span digest, const struct se_posted *posted)
{
    enum rdv_err err;

    if ((err = se_seal_close(el->seal, &el->scratch, place_of_digest(author), digest)) == RDV_OK)
        err = se_store_once_add(el->store, author, post->once, rdv_buf_view(&el->scratch), posted,
                                SE_ONCE_KEPT);
    rdv_buf_clear(&el->scratch);
    return err;
}

static enum rdv_err post_anew(struct se_element *el, const struct se_post *post,
                              const struct se_account *author, struct se_posted *out)
{
    const struct se_log_post entry = {
        .chain = post->slot,
        .type = post->type.n > 0 ? post->type : RDV_LIT(RDV_TYPE_DEFAULT),
        .content = post->content,
        .author = author,
    };
    struct se_log_line line;
    enum rdv_err err;

    if ((err = count_post(el, author, post->content.n)) != RDV_OK ||
        (err = write_record(el, post, author->id)) != RDV_OK ||
        (err = se_log_append(el, &entry, &line)) != RDV_OK)
        return err;
    *out = (struct se_posted){ line.time, line.seq };
    return RDV_OK;
}

static enum rdv_err post_once(struct se_element *el, const struct se_post *post,
                              const struct se_account *author, struct se_posted *out)
{
    uint8_t bytes[SE_SHA256_BYTES];
    const struct rdv_span digest = { bytes, sizeof(bytes) };
    enum rdv_err err;

    if ((err = digest_of(bytes, post)) != RDV_OK)
        return err;
    if ((err = find_repeat(el, post, author->id, digest, out)) != RDV_ERR_ABSENT)
        return err;
    if ((err = post_anew(el, post, author, out)) != RDV_OK)
        return err;
    return keep_once(el, post, author->id, digest, out);
}

enum rdv_err se_records_post(struct se_element *el, const struct se_post *post,
                             const struct se_account *author, struct se_posted *out)
{
    enum rdv_err err;

    *out = (struct se_posted){ 0 };
    if ((err = check_post(el, post)) != RDV_OK)
        return err;
    return post->once.n > 0 ? post_once(el, post, author, out) : post_anew(el, post, author, out);
}

enum rdv_err se_records_put(struct se_element *el, uint8_t slot, struct rdv_span content,
                            const struct se_account *author)
{
    const struct se_post post = { .slot = slot, .content = content };
    struct se_posted posted;

    return se_records_post(el, &post, author, &posted);
}

enum rdv_err se_records_get(struct se_element *el, struct se_record_info *info, struct rdv_buf *out,
                            uint8_t slot)
{
    struct se_record_info about;
    struct rdv_span sealed;
    enum rdv_err err;

    if ((err = se_store_record_get(el->store, &about, &sealed, slot)) == RDV_OK &&
        (err = se_seal_open(el->seal, out, place_of_content(slot), sealed)) == RDV_ERR_CORRUPT)
        log_error("%s: record %02X: its sealed content is damaged", el->sen, (unsigned)slot);
    if (info != NULL)
        *info = about;
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}
