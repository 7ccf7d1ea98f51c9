/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers modulo n, the order of P-256 (FIPS 186-4 D.1.2.3): private keys, nonces and what a
 * signature is made of. No branch, no index and no time depends on a value, which wolfCrypt's and
 * OpenSSL's big numbers do not promise; tests/ctime checks it.
 *
 * Answers are 0 or 1, in a word; a branch on one goes through rdv_reveal.
 */
#ifndef RDV_SE_CARD_P256_SCALAR_H
#define RDV_SE_CARD_P256_SCALAR_H

#include <stdint.h>

#define SE_P256_SCALAR_BYTES 32

/* Always below n; the least significant word first. */
struct se_p256_scalar {
    uint64_t w[4];
};

/* Takes 32 bytes, big-endian, modulo n. Answers whether they were n or more. */
uint64_t se_p256_scalar_get(struct se_p256_scalar *out, const uint8_t in[SE_P256_SCALAR_BYTES]);
void se_p256_scalar_put(uint8_t out[SE_P256_SCALAR_BYTES], const struct se_p256_scalar *a);

uint64_t se_p256_scalar_is_zero(const struct se_p256_scalar *a);
/* Whether a is greater than n / 2. */
uint64_t se_p256_scalar_is_high(const struct se_p256_scalar *a);

/* out may be an operand. */
void se_p256_scalar_add(struct se_p256_scalar *out, const struct se_p256_scalar *a,
                        const struct se_p256_scalar *b);
void se_p256_scalar_mul(struct se_p256_scalar *out, const struct se_p256_scalar *a,
                        const struct se_p256_scalar *b);
/* n - a (0 for 0) when `negate` is 1, a when it is 0. */
void se_p256_scalar_negate_if(struct se_p256_scalar *a, uint64_t negate);
/* The number whose product with a is 1; 0 for 0. */
void se_p256_scalar_inverse(struct se_p256_scalar *out, const struct se_p256_scalar *a);

#endif
