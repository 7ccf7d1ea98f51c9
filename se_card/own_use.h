/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the card does with what it keeps for itself (own.h): it proves who it is, and makes steps of
 * a TLS handshake for a client elsewhere. Every language comes here. */
#ifndef RDV_SE_CARD_OWN_USE_H
#define RDV_SE_CARD_OWN_USE_H

#include "se_card/binder.h"
#include "se_card/own.h"
#include "se_card/session.h"

/* Keeps a value that has the length of its kind. Inside a transaction. Returns: RDV_ERR_RANGE, with
 * the length that is wanted named. */
RDV_MUST_USE enum rdv_err se_own_set(struct se_element *el, enum se_own what,
                                     struct rdv_span value);

/* Appends, in DER, the signature of a challenge bound to this session (identity.h).
 * Returns: RDV_ERR_RANGE (not 32 bytes), RDV_ERR_STATE (no TLS session). */
RDV_MUST_USE enum rdv_err se_own_prove(struct se_session *s, struct rdv_buf *der,
                                       struct rdv_span challenge);

enum se_own_step {
    SE_OWN_BINDER, /* se_binder_make */
    SE_OWN_SECRET, /* se_binder_derive */
};

/* A step of a handshake with the key SE_OWN_PSK3. Returns: RDV_ERR_RANGE (data is not 32 bytes),
 * RDV_ERR_ABSENT (no key is set). */
RDV_MUST_USE enum rdv_err se_own_handshake(struct se_element *el, enum se_own_step step,
                                           uint8_t out[SE_BINDER_BYTES], struct rdv_span data);

/*
 * RDV_OK once the account that confirms has said yes to this session's question. To be asked by a
 * handler before it does anything.
 * Returns: RDV_ERR_BUSY, for the handler to return (se_session_wait); RDV_ERR_DENIED (root has
 * named no account), RDV_ERR_TIMEOUT.
 */
RDV_MUST_USE enum rdv_err se_own_consent(struct se_session *s);

#endif
