/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS-SE commands about the card itself: its identity (?0A ?0B ?0C ?0E), the secrets that are set
 * for it (?30 ?31 ?A2), and the TLS steps it makes for a client elsewhere (?D0 ?D1 ?D2). */
#include "base/hex.h"
#include "se_card/handlers.h"
#include "se_card/identity.h"
#include "se_card/own_use.h"
#include "se_card/shell.h"

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

static enum rdv_err set(struct se_session *s, struct se_answer *answer, enum se_own what,
                        const struct se_request *rq)
{
    struct rdv_buf value = RDV_BUF(SE_OWN_VALUE_MAX);
    enum rdv_err err;

    if ((err = rdv_hex_get(&value, rq->payload)) == RDV_OK &&
        (err = se_own_set(s->el, what, rdv_buf_view(&value))) == RDV_OK)
        err = se_shell_ok(answer);
    rdv_buf_free(&value);
    return err;
}

SE_HANDLER(se_shell_set_certificate)
{
    return set(s, answer, SE_OWN_CERTIFICATE, rq);
}

SE_HANDLER(se_shell_set_wrap_1)
{
    return set(s, answer, SE_OWN_WRAP_1, rq);
}

SE_HANDLER(se_shell_set_wrap_2)
{
    return set(s, answer, SE_OWN_WRAP_2, rq);
}

SE_HANDLER(se_shell_set_psk3)
{
    return set(s, answer, SE_OWN_PSK3, rq);
}

SE_HANDLER(se_shell_authenticate)
{
    uint8_t challenge[SE_IDENTITY_BYTES];
    struct rdv_buf der = RDV_BUF(SE_EC_DER_MAX);
    enum rdv_err err;

    if ((err = rdv_hex_decode(challenge, sizeof(challenge), rq->payload)) == RDV_OK &&
        (err = se_own_prove(s, &der, (struct rdv_span){ challenge, sizeof(challenge) })) == RDV_OK)
        err = se_shell_hex(answer, rdv_buf_view(&der));
    rdv_buf_free(&der);
    return err;
}

static enum rdv_err handshake(struct se_session *s, struct se_answer *answer,
                              const struct se_request *rq, enum se_own_step step)
{
    uint8_t data[SE_BINDER_BYTES], result[SE_BINDER_BYTES];
    enum rdv_err err;

    if ((err = rdv_hex_decode(data, sizeof(data), rq->payload)) == RDV_OK &&
        (err = se_own_handshake(s->el, step, result, (struct rdv_span){ data, sizeof(data) })) ==
                RDV_OK) {
        err = se_shell_hex(answer, (struct rdv_span){ result, sizeof(result) });
        rdv_wipe(result, sizeof(result));
    }
    rdv_wipe(data, sizeof(data));
    return err;
}

SE_HANDLER(se_shell_binder)
{
    return handshake(s, answer, rq, SE_OWN_BINDER);
}

SE_HANDLER(se_shell_derive)
{
    return handshake(s, answer, rq, SE_OWN_SECRET);
}

SE_HANDLER(se_shell_derive_confirmed)
{
    uint8_t data[SE_BINDER_BYTES];
    enum rdv_err err;

    /* Nobody is asked about what cannot be done. */
    err = rdv_hex_decode(data, sizeof(data), rq->payload);
    rdv_wipe(data, sizeof(data));
    if (err != RDV_OK || (err = se_own_consent(s)) != RDV_OK)
        return err;
    return handshake(s, answer, rq, SE_OWN_SECRET);
}
