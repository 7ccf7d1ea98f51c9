/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The points of P-256, from OpenSSL's libcrypto. wolfCrypt as Debian builds it multiplies the
 * generator with a table it indexes by the secret scalar (FP_ECC), which tells others on the same
 * machine the nonce of a signature and with it the key; its multiplication without the table takes
 * nine times as long as a whole signature. libcrypto's is constant in time and the fastest.
 *
 * Numbers are 32 bytes, big-endian; a point is 04, X, Y.
 */
#ifndef RDV_SE_CARD_P256_GROUP_H
#define RDV_SE_CARD_P256_GROUP_H

#include "base/bytes.h"
#include "base/err.h"

/* The curve and room to calculate in. For one thread at a time. */
struct se_p256_group;

/* Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_p256_group_new(struct se_p256_group **out);
void se_p256_group_free(struct se_p256_group *group);

/* X and Y of scalar times the generator. The scalar is secret; it must be above n / 2 and below n:
 * only numbers of full length are brought into libcrypto in constant time. Returns: RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err se_p256_group_multiply(struct se_p256_group *group, uint8_t xy[64],
                                                 const uint8_t scalar[32]);

/* X of u times the generator plus v times a point, which was checked. Nothing is secret.
 * Returns: RDV_ERR_RANGE when the sum is at infinity, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_p256_group_sum(struct se_p256_group *group, uint8_t x[32],
                                            const uint8_t u[32], const uint8_t v[32],
                                            const uint8_t point[65]);

/* Whether 65 bytes that begin with 04 are a point. Returns: RDV_ERR_RANGE when they are not. */
RDV_MUST_USE enum rdv_err se_p256_group_check(struct se_p256_group *group, const uint8_t point[65]);

#endif
