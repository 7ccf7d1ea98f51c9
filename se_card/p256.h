/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ECDSA on P-256 (FIPS 186-4 section 6) from its parts: scalars, points, and the nonce of RFC 6979.
 * se_card/ec.h is what others use, and says what is what.
 */
#ifndef RDV_SE_CARD_P256_H
#define RDV_SE_CARD_P256_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "se_card/p256_group.h"

/* Whether a private key is 1 to n - 1. */
bool se_p256_valid(const struct rdv_key *secret);

/* Returns: RDV_ERR_RANGE for a private key that is none, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_p256_public(struct se_p256_group *group, uint8_t out[65],
                                         const struct rdv_key *secret);

/*
 * RFC 6979 section 3.2 with SHA-256: the nonce for a private key and a value below n (what the RFC
 * calls bits2octets of the hash), with additional data (section 3.6).
 */
void se_p256_nonce(struct rdv_key *out, const struct rdv_key *secret, const uint8_t value[32],
                   struct rdv_span extra);

/* r and s, s low, over a value of 32 bytes. Returns: as se_p256_public. */
RDV_MUST_USE enum rdv_err se_p256_sign(struct se_p256_group *group, uint8_t rs[64],
                                       const struct rdv_key *secret, const uint8_t value[32],
                                       struct rdv_span extra);

/* For a point that was checked. Returns: RDV_ERR_AUTH when the signature is wrong, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err se_p256_verify(struct se_p256_group *group, const uint8_t rs[64],
                                         const uint8_t point[65], const uint8_t value[32]);

#endif
