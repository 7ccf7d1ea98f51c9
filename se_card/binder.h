/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The proof, in a ClientHello, that the client knows a pre-shared key (RFC 8446 sections 4.2.11.2
 * and 7.1, SHA-256). The TLS library checks it too; the card looks first, to try the two keys of a
 * rotation and to count failures where they happen.
 */
#ifndef RDV_SE_CARD_BINDER_H
#define RDV_SE_CARD_BINDER_H

#include "base/bytes.h"
#include "base/secret.h"

#define SE_BINDER_BYTES 32

/* True when `binder` is that of an external key over the hello up to the binders. The time depends
 * on the hello's length alone. */
bool se_binder_matches(const struct rdv_key *psk, struct rdv_span hello_before_binders,
                       struct rdv_span binder);

/*
 * The same key schedule for a client elsewhere that has no key of its own: it runs the handshake
 * and asks the card for the two steps that take one.
 *
 *   binder   HMAC(finished key of the external binder, data), data = hash of the hello
 *   derive   HMAC(Derive-Secret(early secret, "derived", ""), data), data = (EC)DHE secret: gives
 *            the handshake secret
 */
void se_binder_make(uint8_t out[SE_BINDER_BYTES], const struct rdv_key *psk, struct rdv_span data);
void se_binder_derive(uint8_t out[SE_BINDER_BYTES], const struct rdv_key *psk,
                      struct rdv_span data);

#endif
