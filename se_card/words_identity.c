/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words about the card itself: its identity, the secrets that are set for it, and the TLS steps it
 * makes for a client elsewhere. */
#include "se_card/handlers.h"
#include "se_card/identity.h"
#include "se_card/own_use.h"
#include "se_card/words_arg.h"

static struct rdv_span given(const struct se_request *rq, const char *key)
{
    return *rdv_words_arg(rq->words, key);
}

SE_HANDLER(se_words_identity)
{
    struct rdv_buf certificate = RDV_BUF(SE_IDENTITY_CERTIFICATE_BYTES);
    enum rdv_err err = se_own_get(s->el, &certificate, SE_OWN_CERTIFICATE);

    (void)rq;
    if (err == RDV_OK || err == RDV_ERR_ABSENT) {
        se_answer_bytes(answer, "public",
                        (struct rdv_span){ s->el->identity, sizeof(s->el->identity) });
        if (err == RDV_OK)
            se_answer_bytes(answer, "certificate", rdv_buf_view(&certificate));
        se_answer_row_end(answer);
        err = RDV_OK;
    }
    rdv_buf_free(&certificate);
    return err;
}

SE_HANDLER(se_words_identity_prove)
{
    struct rdv_buf der = RDV_BUF(SE_EC_DER_MAX);
    enum rdv_err err;

    if ((err = se_own_prove(s, &der, given(rq, "challenge"))) == RDV_OK) {
        se_answer_bytes(answer, "signature", rdv_buf_view(&der));
        se_answer_row_end(answer);
    }
    rdv_buf_free(&der);
    return err;
}

SE_HANDLER(se_words_identity_certify)
{
    (void)answer;
    return se_own_set(s->el, SE_OWN_CERTIFICATE, given(rq, "certificate"));
}

SE_HANDLER(se_words_wrap_set)
{
    const struct rdv_span *first = rdv_words_arg(rq->words, "first");
    const struct rdv_span *second = rdv_words_arg(rq->words, "second");
    enum rdv_err err;

    (void)answer;
    if (first == NULL && second == NULL)
        return se_fault(s->el, RDV_ERR_FORMAT, "nothing to set: see !help");
    if (first != NULL && (err = se_own_set(s->el, SE_OWN_WRAP_1, *first)) != RDV_OK)
        return err;
    return second == NULL ? RDV_OK : se_own_set(s->el, SE_OWN_WRAP_2, *second);
}

SE_HANDLER(se_words_handshake_set)
{
    (void)answer;
    return se_own_set(s->el, SE_OWN_PSK3, given(rq, "psk"));
}

static enum rdv_err say_step(struct se_session *s, struct se_answer *answer, enum se_own_step step,
                             const char *said_as, struct rdv_span data)
{
    uint8_t result[SE_BINDER_BYTES];
    enum rdv_err err;

    if ((err = se_own_handshake(s->el, step, result, data)) != RDV_OK)
        return err;
    se_answer_bytes(answer, said_as, (struct rdv_span){ result, sizeof(result) });
    se_answer_row_end(answer);
    rdv_wipe(result, sizeof(result));
    return RDV_OK;
}

SE_HANDLER(se_words_handshake_binder)
{
    return say_step(s, answer, SE_OWN_BINDER, "binder", given(rq, "hash"));
}

SE_HANDLER(se_words_handshake_secret)
{
    const struct rdv_span shared = given(rq, "shared");
    bool confirm = false;
    enum rdv_err err;

    if ((err = se_words_flag(s, &confirm, rq, "confirm")) != RDV_OK)
        return err;
    /* Nobody is asked about what cannot be done. */
    if (shared.n == SE_BINDER_BYTES && confirm && (err = se_own_consent(s)) != RDV_OK)
        return err;
    return say_step(s, answer, SE_OWN_SECRET, "secret", shared);
}
