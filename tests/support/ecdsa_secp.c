/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/ecdsa.h"

#include <secp256k1.h>

#include "tests/support/test.h"

void t_secp_nonce(uint8_t out[32], const uint8_t secret[32], const uint8_t value[32],
                  const uint8_t extra[32])
{
    uint8_t copy[32];

    for (size_t i = 0; i < sizeof(copy); i++)
        copy[i] = extra[i];
    T_MUST(secp256k1_nonce_function_rfc6979(out, value, secret, NULL, copy, 0) == 1);
}
