/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the card proves that it is itself: it signs, with its own key, the challenge of a client
 * together with a value that only the two ends of this TLS session know (se_tls_export). Who sits
 * between two sessions cannot hand the proof on.
 */
#ifndef RDV_SE_CARD_IDENTITY_H
#define RDV_SE_CARD_IDENTITY_H

#include <stdint.h>

#define SE_IDENTITY_BYTES 32             /* of a challenge, a session's value, a digest */
#define SE_IDENTITY_CERTIFICATE_BYTES 64 /* r s; all zero while the card has none */

/* What is signed for ?0C: SHA-256(session challenge). */
void se_identity_digest(uint8_t out[SE_IDENTITY_BYTES], const uint8_t session[SE_IDENTITY_BYTES],
                        const uint8_t challenge[SE_IDENTITY_BYTES]);

#endif
