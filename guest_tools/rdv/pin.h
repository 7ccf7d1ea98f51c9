/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A card that a profile knows by its own key (card-key). The card proves in each session that it
 * has it: it signs SHA-256(value of this session, challenge), docs/protocol.md, The card itself.
 * Who knows the user's key alone cannot.
 */
#ifndef RDV_GUEST_TOOLS_RDV_PIN_H
#define RDV_GUEST_TOOLS_RDV_PIN_H

#include "guest_tools/rdv/tool.h"

#define TOOL_CARD_KEY_BYTES 65

/* A public key in the 130 hex digits of `?0A`. Returns: RDV_ERR_FORMAT (no point of secp256k1). */
RDV_MUST_USE enum rdv_err tool_pin_read(uint8_t key[TOOL_CARD_KEY_BYTES], const char *digits);

/* ECDSA in DER on secp256k1. Returns: RDV_ERR_AUTH. */
RDV_MUST_USE enum rdv_err tool_pin_verify(const uint8_t key[TOOL_CARD_KEY_BYTES],
                                          const uint8_t digest[32], struct rdv_span signature);

/* Asks the card of an open session for its proof that it has the key `digits`, of card-key.
 * Returns: RDV_ERR_CONFIG (digits are no key), RDV_ERR_AUTH (another card), RDV_ERR_REFUSED or
 * RDV_ERR_DENIED (this account may not ask), or why there was no answer; t->why tells. */
RDV_MUST_USE enum rdv_err tool_pin_check(struct tool *t, struct rdv_client *c,
                                         enum rdv_language language, const char *digits);

#endif
