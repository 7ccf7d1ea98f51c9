/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/random.h"
#include "se_card/accounts.h"
#include "se_card/handlers.h"
#include "se_card/handover.h"
#include "se_card/moment.h"
#include "se_card/rights.h"
#include "se_card/words_arg.h"

#define COUNT_MOST (int64_t)1000000000000000
#define LIST_MOST 100
#define SCOPE_TEXT_MAX (256 * 3)
#define RIGHTS_TEXT_MAX 128
#define OVERLAP_DEFAULT (7 * 86400)

/* --- showing ---------------------------------------------------------------------------------- */

static enum rdv_err say_scope(struct se_answer *answer, const char *key,
                              const struct se_scope *scope)
{
    struct rdv_buf text = RDV_BUF(SCOPE_TEXT_MAX);
    enum rdv_err err;

    if ((err = se_scope_put(&text, scope)) == RDV_OK)
        se_answer_text(answer, key, rdv_buf_view(&text));
    rdv_buf_free(&text);
    return err;
}

/* Root's rights are all there are, and programs need not know that. */
static enum rdv_err say_rights(struct se_answer *answer, const struct se_account *a)
{
    struct rdv_buf text = RDV_BUF(RIGHTS_TEXT_MAX);
    enum rdv_err err;

    if (a->root && !answer->for_programs)
        err = rdv_put_text(&text, "all");
    else if (a->rights != 0 || a->root || !answer->for_programs)
        err = se_rights_put(&text, a->root ? SE_RIGHTS_ALL : a->rights);
    else
        err = RDV_OK;
    if (err == RDV_OK)
        se_answer_words(answer, "rights", rdv_buf_view(&text));
    rdv_buf_free(&text);
    return err;
}

/* One line that says all but the identities. */
static enum rdv_err say_account(struct se_answer *answer, const struct se_account *a)
{
    enum rdv_err err;

    se_answer_name(answer, "name", a->name);
    se_answer_flag(answer, "enabled", a->enabled);
    if ((err = say_rights(answer, a)) != RDV_OK ||
        (err = say_scope(answer, "records", &a->records)) != RDV_OK ||
        (err = say_scope(answer, "keys", &a->keys)) != RDV_OK)
        return err;
    se_answer_name(answer, "psk", !a->has_psk ? "none" : a->psk_until != 0 ? "rotating" : "set");
    se_answer_moment(answer, "not-before", a->not_before, "now");
    se_answer_moment(answer, "expires", a->expires, "never");
    se_answer_limit(answer, "posts", a->posts, a->posts_max);
    se_answer_limit(answer, "quota", a->bytes, a->quota);
    se_answer_flag(answer, "needs-name", a->needs_name);
    se_answer_row_end(answer);
    return RDV_OK;
}

static enum rdv_err say_identities(struct se_session *s, struct se_answer *answer,
                                   const struct se_account *a)
{
    char identity[SE_NAME_MAX + 1];
    enum rdv_err err;

    se_answer_list_begin(answer, "identities");
    for (unsigned i = 0;; i++) {
        if ((err = se_store_identity_get(s->el->store, identity, a->id, i)) == RDV_ERR_ABSENT)
            break;
        if (err != RDV_OK)
            return err;
        se_answer_name(answer, "identity", identity);
        se_answer_number(answer, "failures",
                         se_guard_failures(s->el->guard, rdv_span_of(identity), s->el->now_ms));
        se_answer_row_end(answer);
    }
    se_answer_list_end(answer);
    return RDV_OK;
}

SE_HANDLER(se_words_whoami)
{
    (void)rq;
    return say_account(answer, &s->me);
}

SE_HANDLER(se_words_guest_show)
{
    struct se_account a;
    enum rdv_err err;

    if ((err = se_words_account(s, &a, rq)) != RDV_OK || (err = say_account(answer, &a)) != RDV_OK)
        return err;
    return say_identities(s, answer, &a);
}

SE_HANDLER(se_words_guest_list)
{
    const struct rdv_span *from = rdv_words_arg(rq->words, "from");
    char name[SE_NAME_MAX + 2] = "";
    struct se_account a;
    int64_t count = LIST_MOST;
    enum rdv_err err;

    if ((err = se_words_number(s, &count, rq, "count", LIST_MOST)) != RDV_OK)
        return err;
    if (from != NULL && (err = rdv_span_to_text(name, SE_NAME_MAX + 1, *from)) != RDV_OK)
        return se_fault(s->el, err, "from: longer than a name");
    se_answer_list_begin(answer, "list");
    for (;; count--) {
        err = se_store_account_from(s->el->store, &a, rdv_span_of(name));
        if (err != RDV_OK || count == 0)
            break;
        if ((err = say_account(answer, &a)) != RDV_OK)
            return err;
        /* The smallest text after a name: the name and a byte that no name holds. */
        (void)snprintf(name, sizeof(name), "%s\x01", a.name);
    }
    se_answer_list_end(answer);
    if (err != RDV_OK)
        return err == RDV_ERR_ABSENT ? RDV_OK : err;
    se_answer_name(answer, "next", a.name);
    se_answer_row_end(answer);
    return RDV_OK;
}

/* --- changing --------------------------------------------------------------------------------- */

static enum rdv_err take_rights(struct se_session *s, struct se_account *a,
                                const struct se_request *rq)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, "rights");
    struct rdv_span bad;
    enum rdv_err err;

    if (value != NULL && (err = se_rights_decode(&a->rights, &bad, *value)) != RDV_OK)
        return se_fault(s->el, err, "rights: no right \"%s\"", rdv_quote(bad).text);
    return RDV_OK;
}

static enum rdv_err take_scope(struct se_session *s, struct se_scope *out,
                               const struct se_request *rq, const char *key)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, key);
    enum rdv_err err;

    if (value != NULL && (err = se_scope_decode(out, *value)) != RDV_OK)
        return se_fault(s->el, err, "%s=%.60s: %s", key, rdv_quote(*value).text,
                        err == RDV_ERR_RANGE ? "a range runs upwards"
                                             : "ranges such as 00-0F,20, or none, or all");
    return RDV_OK;
}

/* posts=N or quota=BYTES; "none" lifts the limit. */
static enum rdv_err take_limit(struct se_session *s, int64_t *out, const struct se_request *rq,
                               const char *key)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, key);

    if (value != NULL && rdv_span_is(*value, "none")) {
        *out = SE_NO_LIMIT;
        return RDV_OK;
    }
    return se_words_number(s, out, rq, key, COUNT_MOST);
}

static enum rdv_err take_fields(struct se_session *s, struct se_account *a,
                                const struct se_request *rq)
{
    enum rdv_err err;

    if ((err = take_rights(s, a, rq)) != RDV_OK ||
        (err = take_scope(s, &a->records, rq, "records")) != RDV_OK ||
        (err = take_scope(s, &a->keys, rq, "keys")) != RDV_OK ||
        (err = se_words_moment(s, &a->not_before, rq, "not-before", "now")) != RDV_OK ||
        (err = se_words_moment(s, &a->expires, rq, "expires", "never")) != RDV_OK ||
        (err = take_limit(s, &a->posts_max, rq, "posts")) != RDV_OK ||
        (err = take_limit(s, &a->quota, rq, "quota")) != RDV_OK)
        return err;
    if (a->expires != 0 && a->not_before >= a->expires)
        return se_fault(s->el, RDV_ERR_RANGE, "it would expire before it begins");
    return se_words_flag(s, &a->needs_name, rq, "needs-name");
}

static enum rdv_err take_identities(struct se_session *s, const struct se_account *a,
                                    const struct se_request *rq)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, "identities");
    struct rdv_span list[SE_IDENTITIES_MAX + 1], rest;
    size_t n = 0;

    if (value == NULL)
        return RDV_OK;
    for (rest = *value; n <= SE_IDENTITIES_MAX;) {
        const uint8_t *comma = rest.n == 0 ? NULL : memchr(rest.p, ',', rest.n);

        list[n++] = (struct rdv_span){ rest.p, comma == NULL ? rest.n : (size_t)(comma - rest.p) };
        if (comma == NULL)
            break;
        rest.n -= (size_t)(comma - rest.p) + 1;
        rest.p = comma + 1;
    }
    return se_accounts_set_identities(s->el, a->id, list, n);
}

/* psk=auto, or the bytes of a key; *made says that the card chose it and must tell it once. */
static enum rdv_err take_psk(struct se_session *s, struct rdv_key *out, bool *made,
                             struct rdv_span value)
{
    enum rdv_err err;

    *made = rdv_span_is(value, "auto");
    if (*made) {
        rdv_random(out->bytes, sizeof(out->bytes));
        return RDV_OK;
    }
    if ((err = rdv_key_import(out, value)) != RDV_OK)
        return se_fault(s->el, err, "psk: auto, or 64 hex digits that are not all 0");
    return RDV_OK;
}

/* What is handed over with a new key, once. A front that does not say where it is reached leaves
 * that to the reader. */
static enum rdv_err say_handover(struct se_session *s, struct se_answer *answer,
                                 const struct se_account *a, const struct rdv_key *psk)
{
    char identity[SE_NAME_MAX + 1];
    const struct se_handover handover = {
        .sen = s->el->sen,
        .identity = identity,
        .address = s->reached == NULL ? "HOST:PORT" : s->reached,
        .psk = psk,
    };
    enum rdv_err err;

    if ((err = se_store_identity_get(s->el->store, identity, a->id, 0)) != RDV_OK)
        return err;
    if (!answer->for_programs)
        return se_handover_put(answer->out, &handover);
    se_answer_map_begin(answer, "handover");
    se_answer_name(answer, "sen", s->el->sen);
    se_answer_name(answer, "identity", identity);
    if (s->reached != NULL)
        se_answer_name(answer, "address", s->reached);
    se_answer_bytes(answer, "psk", (struct rdv_span){ psk->bytes, sizeof(psk->bytes) });
    se_answer_map_end(answer);
    return RDV_OK;
}

/* Sets the key that the line gives, if it does, and says what is to be handed over. */
static enum rdv_err apply_psk(struct se_session *s, struct se_answer *answer,
                              const struct se_account *a, const struct se_request *rq)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, "psk");
    struct rdv_key psk = { 0 };
    bool made;
    enum rdv_err err;

    if (value == NULL)
        return RDV_OK;
    if ((err = take_psk(s, &psk, &made, *value)) == RDV_OK &&
        (err = se_accounts_set_psk(s->el, a->id, &psk)) == RDV_OK) {
        if (a->id == s->account)
            s->state.psk_serial++;
        if (made)
            err = say_handover(s, answer, a, &psk);
    }
    rdv_key_wipe(&psk);
    return err;
}

/* What the audit says of a change: the keys of the line, and the values that are no secret. */
static void describe(struct se_request *rq)
{
    size_t at = 0;

    for (size_t i = 0; i < rq->words->n_args; i++) {
        const struct rdv_quoted key = rdv_quote(rq->words->arg[i].key);
        const struct rdv_quoted value = rdv_quote(rq->words->arg[i].value);
        const bool secret = rdv_span_is(rq->words->arg[i].key, "psk");
        const int n = snprintf(rq->detail + at, sizeof(rq->detail) - at, "%s%s=%s",
                               i == 0 ? "" : " ", key.text, secret ? "..." : value.text);

        if (n < 0 || (size_t)n >= sizeof(rq->detail) - at)
            return;
        at += (size_t)n;
    }
}

SE_HANDLER(se_words_guest_add)
{
    struct se_account a = { .enabled = true, .posts_max = SE_NO_LIMIT, .quota = SE_NO_LIMIT };
    enum rdv_err err;

    if ((err = se_accounts_check_name(s->el, rq->words->word[0])) != RDV_OK ||
        (err = rdv_span_to_text(a.name, sizeof(a.name), rq->words->word[0])) != RDV_OK ||
        (err = take_fields(s, &a, rq)) != RDV_OK || (err = se_accounts_add(s->el, &a)) != RDV_OK ||
        (err = take_identities(s, &a, rq)) != RDV_OK ||
        (err = apply_psk(s, answer, &a, rq)) != RDV_OK)
        return err;
    memcpy(rq->target, a.name, sizeof(rq->target));
    describe(rq);
    if ((err = se_accounts_get(s->el, &a, a.id)) != RDV_OK)
        return err;
    return say_account(answer, &a);
}

SE_HANDLER(se_words_guest_set)
{
    struct se_account a;
    enum rdv_err err;

    if ((err = se_words_account(s, &a, rq)) != RDV_OK)
        return err;
    if (a.root && rdv_words_arg(rq->words, "psk") == NULL &&
        rdv_words_arg(rq->words, "identities") == NULL)
        return se_fault(s->el, RDV_ERR_DENIED, "of root only psk and identities can be set");
    if (!a.root &&
        ((err = take_fields(s, &a, rq)) != RDV_OK || (err = se_accounts_set(s->el, &a)) != RDV_OK))
        return err;
    if ((rdv_words_arg(rq->words, "posts") != NULL || rdv_words_arg(rq->words, "quota") != NULL) &&
        (err = se_accounts_reset_counts(s->el, a.id)) != RDV_OK)
        return err;
    if ((err = take_identities(s, &a, rq)) != RDV_OK ||
        (err = apply_psk(s, answer, &a, rq)) != RDV_OK ||
        (err = se_accounts_get(s->el, &a, a.id)) != RDV_OK)
        return err;
    describe(rq);
    return say_account(answer, &a);
}

static enum rdv_err set_enabled(struct se_session *s, struct se_request *rq, bool enabled)
{
    struct se_account a;
    enum rdv_err err;

    if ((err = se_words_account(s, &a, rq)) != RDV_OK)
        return err;
    if (a.root)
        return se_fault(s->el, RDV_ERR_DENIED, "root is always enabled");
    a.enabled = enabled;
    return se_accounts_set(s->el, &a);
}

SE_HANDLER(se_words_guest_enable)
{
    (void)answer;
    return set_enabled(s, rq, true);
}

SE_HANDLER(se_words_guest_disable)
{
    (void)answer;
    return set_enabled(s, rq, false);
}

SE_HANDLER(se_words_guest_delete)
{
    struct se_account a;
    enum rdv_err err;

    (void)answer;
    if ((err = se_words_account(s, &a, rq)) != RDV_OK)
        return err;
    return se_accounts_delete(s->el, &a);
}

SE_HANDLER(se_words_guest_unlock)
{
    struct se_account a;
    enum rdv_err err;

    (void)answer;
    if ((err = se_words_account(s, &a, rq)) != RDV_OK)
        return err;
    return se_accounts_unlock(s->el, a.id);
}

SE_HANDLER(se_words_guest_psk)
{
    struct se_account a;
    struct rdv_key psk = { 0 };
    enum rdv_err err;

    if ((err = se_words_account(s, &a, rq)) == RDV_OK && a.root)
        err = se_fault(s->el, RDV_ERR_DENIED, "root's key is never read back");
    if (err == RDV_OK && (err = se_accounts_psk(s->el, &psk, a.id)) == RDV_OK) {
        se_answer_bytes(answer, "psk", (struct rdv_span){ psk.bytes, sizeof(psk.bytes) });
        se_answer_row_end(answer);
    }
    rdv_key_wipe(&psk);
    return err;
}

SE_HANDLER(se_words_guest_rotate)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, "psk");
    struct rdv_key psk = { 0 };
    struct se_account a;
    int64_t overlap = OVERLAP_DEFAULT;
    bool made = true;
    enum rdv_err err;

    if ((err = se_words_account(s, &a, rq)) != RDV_OK ||
        (err = se_words_duration(s, &overlap, rq, "overlap")) != RDV_OK ||
        (err = take_psk(s, &psk, &made, value == NULL ? RDV_LIT("auto") : *value)) != RDV_OK ||
        (err = se_accounts_rotate(s->el, a.id, &psk, s->el->now + overlap)) != RDV_OK)
        goto out;
    describe(rq);
    if (made && (err = say_handover(s, answer, &a, &psk)) != RDV_OK)
        goto out;
    se_answer_moment(answer, "old-key-until", s->el->now + overlap, "");
    se_answer_row_end(answer);
out:
    rdv_key_wipe(&psk);
    return err;
}
