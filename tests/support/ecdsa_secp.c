/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/ecdsa.h"

#include <secp256k1.h>

#include "tests/support/test.h"

void t_secp_nonce(uint8_t out[32], const uint8_t secret[32], const uint8_t value[32],
                  const uint8_t extra[32], unsigned attempt)
{
    uint8_t copy[32];

    for (size_t i = 0; i < sizeof(copy); i++)
        copy[i] = extra[i];
    T_MUST(secp256k1_nonce_function_rfc6979(out, value, secret, NULL, copy, attempt) == 1);
}

void t_secp_sign(uint8_t rs[64], const uint8_t secret[32], const uint8_t value[32],
                 const uint8_t extra[32])
{
    secp256k1_context *ctx = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    secp256k1_ecdsa_signature signature;

    T_MUST(ctx != NULL && secp256k1_ecdsa_sign(ctx, &signature, value, secret,
                                               secp256k1_nonce_function_rfc6979, extra) == 1);
    T_MUST(secp256k1_ecdsa_signature_serialize_compact(ctx, rs, &signature) == 1);
    secp256k1_context_destroy(ctx);
}
