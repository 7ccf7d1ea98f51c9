/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/words_arg.h"

#include <string.h>

#include "base/log.h"
#include "se_card/accounts.h"
#include "se_card/moment.h"

enum rdv_err se_words_account(struct se_session *s, struct se_account *out, struct se_request *rq)
{
    const enum rdv_err err = se_accounts_named(s->el, out, rq->words->word[0]);

    if (err == RDV_OK)
        memcpy(rq->target, out->name, sizeof(rq->target));
    return err;
}

static enum rdv_err refuse(struct se_session *s, enum rdv_err err, const char *key,
                           struct rdv_span value, const char *want)
{
    if (err == RDV_OK)
        return RDV_OK;
    return se_fault(s->el, err, "%s=%.60s: %s%s", key, rdv_quote(value).text, want,
                    err == RDV_ERR_RANGE ? " within its range" : "");
}

enum rdv_err se_words_number(struct se_session *s, int64_t *out, const struct se_request *rq,
                             const char *key, int64_t most)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, key);
    int64_t n;
    enum rdv_err err;

    if (value == NULL)
        return RDV_OK;
    if ((err = se_number_decode(&n, *value, most)) == RDV_OK)
        *out = n;
    return refuse(s, err, key, *value, "a whole number, at least 0,");
}

enum rdv_err se_words_duration(struct se_session *s, int64_t *out, const struct se_request *rq,
                               const char *key)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, key);
    int64_t n;
    enum rdv_err err;

    if (value == NULL)
        return RDV_OK;
    if ((err = se_duration_decode(&n, *value)) == RDV_OK)
        *out = n;
    return refuse(s, err, key, *value, "a duration such as 30s, 15m, 2h, 7d,");
}

enum rdv_err se_words_moment(struct se_session *s, int64_t *out, const struct se_request *rq,
                             const char *key, const char *none)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, key);
    int64_t moment;
    enum rdv_err err;

    if (value == NULL)
        return RDV_OK;
    if (rdv_span_is(*value, none)) {
        *out = 0;
        return RDV_OK;
    }
    if ((err = se_moment_decode(&moment, *value, s->el->now)) != RDV_OK)
        return refuse(s, err, key, *value, "a duration, or a time such as 2027-01-31T00:00:00Z,");
    if (moment <= s->el->now)
        return se_fault(s->el, RDV_ERR_RANGE, "%s=%.60s: that is past", key,
                        rdv_quote(*value).text);
    *out = moment;
    return RDV_OK;
}

enum rdv_err se_words_flag(struct se_session *s, bool *out, const struct se_request *rq,
                           const char *key)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, key);

    if (value == NULL)
        return RDV_OK;
    *out = rdv_span_is(*value, "yes");
    if (!*out && !rdv_span_is(*value, "no"))
        return se_fault(s->el, RDV_ERR_FORMAT, "%s: yes or no", key);
    return RDV_OK;
}
