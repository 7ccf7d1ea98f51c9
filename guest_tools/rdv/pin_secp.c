/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <secp256k1.h>

#include "base/hex.h"
#include "guest_tools/rdv/pin.h"

enum rdv_err tool_pin_read(uint8_t key[TOOL_CARD_KEY_BYTES], const char *digits)
{
    secp256k1_pubkey point;

    secp256k1_selftest(); /* its own condition for the context that needs no making */
    if (rdv_hex_decode(key, TOOL_CARD_KEY_BYTES, rdv_span_of(digits)) != RDV_OK ||
        secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, key, TOOL_CARD_KEY_BYTES) != 1)
        return RDV_ERR_FORMAT;
    return RDV_OK;
}

enum rdv_err tool_pin_verify(const uint8_t key[TOOL_CARD_KEY_BYTES], const uint8_t digest[32],
                             struct rdv_span signature)
{
    const secp256k1_context *ctx = secp256k1_context_static;
    secp256k1_ecdsa_signature parsed;
    secp256k1_pubkey point;

    secp256k1_selftest();
    if (secp256k1_ec_pubkey_parse(ctx, &point, key, TOOL_CARD_KEY_BYTES) != 1 ||
        secp256k1_ecdsa_signature_parse_der(ctx, &parsed, signature.p, signature.n) != 1 ||
        secp256k1_ecdsa_verify(ctx, &parsed, digest, &point) != 1)
        return RDV_ERR_AUTH;
    return RDV_OK;
}
