/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the element keeps for itself, sealed: the card's own key and its certificate, the secrets
 * of the wrap and binder commands. None of it is ever given out by these names.
 */
#ifndef RDV_SE_CARD_OWN_H
#define RDV_SE_CARD_OWN_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "se_card/ec.h"
#include "se_card/element.h"

enum se_own {
    SE_OWN_IDENTITY,    /* private key on secp256k1, 32 bytes; made at init, never changed */
    SE_OWN_CERTIFICATE, /* r and s over its public key, 64 bytes */
    SE_OWN_WRAP_1,      /* 1 to 32 bytes: blobs of elliptic curves and secrets */
    SE_OWN_WRAP_2,      /* the same: blobs of RSA keys and seeds */
    SE_OWN_PSK3,        /* 32 bytes: the key of ?D0 to ?D2 */
    SE_OWN_CONFIRMER,   /* id of the account that confirms ?D2, 8 bytes */
    SE_OWN_COUNT,
};

#define SE_OWN_VALUE_MAX 64
#define SE_OWN_KID_BYTES 8

/* Appends the value. Returns: RDV_ERR_ABSENT, RDV_ERR_CORRUPT (logged), as the store and buffer. */
RDV_MUST_USE enum rdv_err se_own_get(struct se_element *el, struct rdv_buf *out, enum se_own what);

/* Inside a transaction; an empty value removes it. */
RDV_MUST_USE enum rdv_err se_own_put(struct se_element *el, enum se_own what,
                                     struct rdv_span value);

/* The card's own key is kept in the element, in locked memory. Makes it unless there is one: inside
 * a transaction, and to be forgotten if that is not committed. */
RDV_MUST_USE enum rdv_err se_own_make_identity(struct se_element *el);
/* Returns: RDV_ERR_ABSENT when it was not made yet (a database of an older program). */
RDV_MUST_USE enum rdv_err se_own_read_identity(struct se_element *el);
/* Wipes it from memory. */
void se_own_forget(struct se_element *el);

/* Signs with the card's own key: as r and s, or appended in DER (ec.h). Nothing but digests that
 * the card has made itself is signed, each with a first part of its own: a signature for one
 * purpose fits no other. Return: RDV_ERR_ABSENT when there is no key. */
RDV_MUST_USE enum rdv_err se_own_sign_rs(struct se_element *el, uint8_t out[SE_EC_RS_BYTES],
                                         const uint8_t digest[32]);
RDV_MUST_USE enum rdv_err se_own_sign(struct se_element *el, struct rdv_buf *out,
                                      const uint8_t digest[32]);

/* Appends a whole COSE_Sign1 message (schema/wire/cose.h). */
RDV_MUST_USE enum rdv_err se_own_sign1(struct se_element *el, struct rdv_buf *out,
                                       struct rdv_span protected, struct rdv_span payload);
/* The same in another thread, which has an `ec` of its own. */
RDV_MUST_USE enum rdv_err se_own_sign1_with(const struct se_element *el, struct se_ec *ec,
                                            struct rdv_buf *out, struct rdv_span protected,
                                            struct rdv_span payload);

/* Its name in signed messages: the first bytes of SHA-256 of its compressed public key. */
void se_own_kid(const struct se_element *el, uint8_t out[SE_OWN_KID_BYTES]);

#endif
