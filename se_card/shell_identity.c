/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS-SE commands about the card itself: its identity (?0A ?0B ?0C ?0E), the secrets that are set
 * for it (?30 ?31 ?A2), and the TLS steps it makes for a client elsewhere (?D0 ?D1). */
#include <string.h>

#include "base/hex.h"
#include "se_card/binder.h"
#include "se_card/handlers.h"
#include "se_card/identity.h"
#include "se_card/own.h"
#include "se_card/shell.h"

#define WRAP_SECRET_MAX 32

/* The payload as exactly n bytes. */
static enum rdv_err take_bytes(struct se_session *s, uint8_t *out, size_t n,
                               const struct se_request *rq)
{
    const enum rdv_err err = rdv_hex_decode(out, n, rq->payload);

    return err == RDV_OK ? RDV_OK : se_fault(s->el, err, "%zu hex digits are wanted", 2 * n);
}

static enum rdv_err set_own(struct se_session *s, struct se_answer *answer, enum se_own what,
                            struct rdv_span value)
{
    enum rdv_err err;

    if ((err = se_own_put(s->el, what, value)) != RDV_OK)
        return err;
    return se_shell_ok(answer);
}

SE_HANDLER(se_shell_identity)
{
    if (rq->payload.n != 0)
        return RDV_ERR_TRAILING;
    return se_shell_hex(answer, (struct rdv_span){ s->el->identity, sizeof(s->el->identity) });
}

SE_HANDLER(se_shell_certificate)
{
    static const uint8_t unset[SE_IDENTITY_CERTIFICATE_BYTES];
    struct rdv_buf certificate = RDV_BUF(SE_IDENTITY_CERTIFICATE_BYTES);
    enum rdv_err err;

    if (rq->payload.n != 0)
        return RDV_ERR_TRAILING;
    if ((err = se_own_get(s->el, &certificate, SE_OWN_CERTIFICATE)) == RDV_OK)
        err = se_shell_hex(answer, rdv_buf_view(&certificate));
    else if (err == RDV_ERR_ABSENT)
        err = se_shell_hex(answer, (struct rdv_span){ unset, sizeof(unset) });
    rdv_buf_free(&certificate);
    return err;
}

SE_HANDLER(se_shell_set_certificate)
{
    uint8_t certificate[SE_IDENTITY_CERTIFICATE_BYTES];
    enum rdv_err err;

    if ((err = take_bytes(s, certificate, sizeof(certificate), rq)) != RDV_OK)
        return err;
    return set_own(s, answer, SE_OWN_CERTIFICATE,
                   (struct rdv_span){ certificate, sizeof(certificate) });
}

SE_HANDLER(se_shell_authenticate)
{
    uint8_t challenge[SE_IDENTITY_BYTES], session[SE_TLS_EXPORT_BYTES], digest[SE_IDENTITY_BYTES];
    struct rdv_buf der = RDV_BUF(SE_EC_DER_MAX);
    enum rdv_err err;

    if ((err = take_bytes(s, challenge, sizeof(challenge), rq)) != RDV_OK)
        return err;
    if (s->tls == NULL)
        return RDV_ERR_STATE;
    if ((err = se_tls_export(s->tls, session)) == RDV_OK) {
        se_identity_digest(digest, session, challenge);
        if ((err = se_own_sign(s->el, &der, digest)) == RDV_OK)
            err = se_shell_hex(answer, rdv_buf_view(&der));
    }
    rdv_wipe(session, sizeof(session));
    rdv_wipe(digest, sizeof(digest));
    rdv_buf_free(&der);
    return err;
}

static enum rdv_err set_wrap(struct se_session *s, struct se_answer *answer, enum se_own what,
                             const struct se_request *rq)
{
    struct rdv_buf secret = RDV_BUF(WRAP_SECRET_MAX);
    enum rdv_err err;

    if ((err = rdv_hex_get(&secret, rq->payload)) == RDV_OK && rdv_buf_len(&secret) == 0)
        err = RDV_ERR_RANGE;
    if (err != RDV_OK)
        err = se_fault(s->el, err, "a wrap secret is 1 to %d bytes", WRAP_SECRET_MAX);
    else
        err = set_own(s, answer, what, rdv_buf_view(&secret));
    rdv_buf_free(&secret);
    return err;
}

SE_HANDLER(se_shell_set_wrap_1)
{
    return set_wrap(s, answer, SE_OWN_WRAP_1, rq);
}

SE_HANDLER(se_shell_set_wrap_2)
{
    return set_wrap(s, answer, SE_OWN_WRAP_2, rq);
}

SE_HANDLER(se_shell_set_psk3)
{
    struct rdv_key psk = { 0 };
    enum rdv_err err;

    if ((err = take_bytes(s, psk.bytes, sizeof(psk.bytes), rq)) == RDV_OK)
        err = set_own(s, answer, SE_OWN_PSK3, (struct rdv_span){ psk.bytes, RDV_KEY_BYTES });
    rdv_key_wipe(&psk);
    return err;
}

typedef void (*binder_step)(uint8_t out[SE_BINDER_BYTES], const struct rdv_key *psk,
                            struct rdv_span data);

static enum rdv_err with_psk3(struct se_session *s, struct se_answer *answer,
                              const struct se_request *rq, binder_step step)
{
    uint8_t data[SE_BINDER_BYTES], result[SE_BINDER_BYTES];
    struct rdv_buf value = RDV_BUF(RDV_KEY_BYTES);
    struct rdv_key psk = { 0 };
    enum rdv_err err;

    if ((err = take_bytes(s, data, sizeof(data), rq)) != RDV_OK ||
        (err = se_own_get(s->el, &value, SE_OWN_PSK3)) != RDV_OK ||
        (err = rdv_key_import(&psk, rdv_buf_view(&value))) != RDV_OK)
        goto out;
    step(result, &psk, (struct rdv_span){ data, sizeof(data) });
    err = se_shell_hex(answer, (struct rdv_span){ result, sizeof(result) });
    rdv_wipe(result, sizeof(result));
out:
    rdv_wipe(data, sizeof(data));
    rdv_key_wipe(&psk);
    rdv_buf_free(&value);
    return err;
}

SE_HANDLER(se_shell_binder)
{
    return with_psk3(s, answer, rq, se_binder_make);
}

SE_HANDLER(se_shell_derive)
{
    return with_psk3(s, answer, rq, se_binder_derive);
}

/* --- with a person's consent ------------------------------------------------------------------ */

/* True once it was given. Otherwise *err says what to return: that it waits, or why it was refused.
 */
static bool has_consent(struct se_session *s, enum rdv_err *err)
{
    struct se_question *asked = &s->question;
    struct rdv_buf confirmer = RDV_BUF(SE_OWN_VALUE_MAX);

    *err = se_own_get(s->el, &confirmer, SE_OWN_CONFIRMER);
    rdv_buf_free(&confirmer);
    if (*err != RDV_OK) {
        *err = se_fault(s->el, *err == RDV_ERR_ABSENT ? RDV_ERR_DENIED : *err,
                        "no account was named to confirm it: !confirm account NAME");
        return false;
    }
    if (asked->id == 0)
        *asked = (struct se_question){ ++s->el->next_question, s->el->now_ms + SE_CONFIRM_MS, 0 };
    if (asked->confirmed == 0 && s->el->now_ms < asked->until_ms) {
        *err = se_session_wait(s, asked->until_ms);
        return false;
    }
    if (asked->confirmed == 0)
        *err = se_fault(s->el, RDV_ERR_TIMEOUT, "nobody confirmed it in time");
    *asked = (struct se_question){ 0 };
    return *err == RDV_OK;
}

SE_HANDLER(se_shell_derive_confirmed)
{
    uint8_t data[SE_BINDER_BYTES];
    enum rdv_err err;

    if ((err = take_bytes(s, data, sizeof(data), rq)) != RDV_OK || !has_consent(s, &err))
        return err;
    return with_psk3(s, answer, rq, se_binder_derive);
}
