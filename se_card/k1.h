/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ECDSA on secp256k1, from libsecp256k1, which is constant in time in what is secret, with the
 * nonce of RFC 6979. se_card/ec.h is what others use, and says what is what.
 */
#ifndef RDV_SE_CARD_K1_H
#define RDV_SE_CARD_K1_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

/* The library's context: random numbers that blind the multiplications, fresh every now and then.
 * For one thread at a time. */
struct se_k1;

/* Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_k1_new(struct se_k1 **out);
void se_k1_free(struct se_k1 *k1);

/* Whether a private key is 1 to n - 1. */
bool se_k1_valid(struct se_k1 *k1, const struct rdv_key *secret);

/* secret + addend modulo n. Returns: RDV_ERR_RANGE when addend is n or more or the sum is 0, and
 * secret is zero then. */
RDV_MUST_USE enum rdv_err se_k1_add(struct se_k1 *k1, struct rdv_key *secret,
                                    const struct rdv_key *addend);

/* Returns: RDV_ERR_RANGE for a private key that is none. */
RDV_MUST_USE enum rdv_err se_k1_public(struct se_k1 *k1, uint8_t out[65],
                                       const struct rdv_key *secret);

/* Whether 65 bytes that begin with 04 are a point. Returns: RDV_ERR_RANGE when they are not. */
RDV_MUST_USE enum rdv_err se_k1_check(struct se_k1 *k1, const uint8_t point[65]);

/* r and s, s low, over a value of 32 bytes, with additional data for the nonce. Returns:
 * RDV_ERR_RANGE for a private key that is none. */
RDV_MUST_USE enum rdv_err se_k1_sign(struct se_k1 *k1, uint8_t rs[64], const struct rdv_key *secret,
                                     const uint8_t value[32], const uint8_t extra[32]);

/* For a point that was checked. Returns: RDV_ERR_AUTH when the signature is wrong. */
RDV_MUST_USE enum rdv_err se_k1_verify(struct se_k1 *k1, const uint8_t rs[64],
                                       const uint8_t point[65], const uint8_t value[32]);

#endif
