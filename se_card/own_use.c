/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/own_use.h"

#include "se_card/identity.h"

#define WRAP_SECRET_MAX 32

static const struct {
    size_t least, most;
    const char *wanted;
} lengths[SE_OWN_COUNT] = {
    [SE_OWN_CERTIFICATE] = { SE_IDENTITY_CERTIFICATE_BYTES, SE_IDENTITY_CERTIFICATE_BYTES,
                             "a certificate is r and s, 64 bytes" },
    [SE_OWN_WRAP_1] = { 1, WRAP_SECRET_MAX, "a wrap secret is 1 to 32 bytes" },
    [SE_OWN_WRAP_2] = { 1, WRAP_SECRET_MAX, "a wrap secret is 1 to 32 bytes" },
    [SE_OWN_PSK3] = { RDV_KEY_BYTES, RDV_KEY_BYTES, "a pre-shared key is 32 bytes" },
};

enum rdv_err se_own_set(struct se_element *el, enum se_own what, struct rdv_span value)
{
    if (value.n < lengths[what].least || value.n > lengths[what].most)
        return se_fault(el, RDV_ERR_RANGE, "%s", lengths[what].wanted);
    return se_own_put(el, what, value);
}

enum rdv_err se_own_prove(struct se_session *s, struct rdv_buf *der, struct rdv_span challenge)
{
    uint8_t session[SE_TLS_EXPORT_BYTES], digest[SE_IDENTITY_BYTES];
    enum rdv_err err;

    if (challenge.n != SE_IDENTITY_BYTES)
        return se_fault(s->el, RDV_ERR_RANGE, "a challenge is 32 bytes");
    if (s->tls == NULL)
        return RDV_ERR_STATE;
    if ((err = se_tls_export(s->tls, session)) == RDV_OK) {
        se_identity_digest(digest, session, challenge.p);
        err = se_own_sign(s->el, der, digest);
    }
    rdv_wipe(session, sizeof(session));
    rdv_wipe(digest, sizeof(digest));
    return err;
}

enum rdv_err se_own_handshake(struct se_element *el, enum se_own_step step,
                              uint8_t out[SE_BINDER_BYTES], struct rdv_span data)
{
    struct rdv_buf value = RDV_BUF(RDV_KEY_BYTES);
    struct rdv_key psk = { 0 };
    enum rdv_err err;

    if (data.n != SE_BINDER_BYTES) {
        err = se_fault(el, RDV_ERR_RANGE, "32 bytes are wanted");
    } else if ((err = se_own_get(el, &value, SE_OWN_PSK3)) == RDV_OK &&
               (err = rdv_key_import(&psk, rdv_buf_view(&value))) == RDV_OK) {
        if (step == SE_OWN_BINDER)
            se_binder_make(out, &psk, data);
        else
            se_binder_derive(out, &psk, data);
    }
    rdv_key_wipe(&psk);
    rdv_buf_free(&value);
    return err;
}

/* Somebody is there to be asked. */
static enum rdv_err check_confirmer(struct se_element *el)
{
    struct rdv_buf confirmer = RDV_BUF(SE_OWN_VALUE_MAX);
    enum rdv_err err = se_own_get(el, &confirmer, SE_OWN_CONFIRMER);

    rdv_buf_free(&confirmer);
    if (err == RDV_ERR_ABSENT)
        err = RDV_ERR_DENIED;
    return err == RDV_OK ? RDV_OK
                         : se_fault(el, err,
                                    "no account was named to confirm it: "
                                    "!confirm account NAME");
}

enum rdv_err se_own_consent(struct se_session *s)
{
    struct se_question *asked = &s->question;
    bool confirmed;
    enum rdv_err err;

    if ((err = check_confirmer(s->el)) != RDV_OK)
        return err;
    if (asked->id == 0)
        *asked = (struct se_question){ ++s->el->next_question, s->el->now_ms + SE_CONFIRM_MS, 0 };
    confirmed = asked->confirmed != 0;
    if (!confirmed && s->el->now_ms < asked->until_ms)
        return se_session_wait(s, asked->until_ms);
    *asked = (struct se_question){ 0 };
    return confirmed ? RDV_OK : se_fault(s->el, RDV_ERR_TIMEOUT, "nobody confirmed it in time");
}
