/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two operations on P-256 that a TLS handshake takes (FIPS 186-4 D.1.2.3, SP 800-56A 5.7.1.2),
 * from OpenSSL's libcrypto: wolfSSL as Debian builds it has no assembly for this curve and needs
 * about ten times as long, and a handshake is little else. Constant time in the scalar.
 */
#ifndef RDV_SE_CARD_P256_H
#define RDV_SE_CARD_P256_H

#include <stdint.h>

#include "base/err.h"

#define SE_P256_SCALAR_BYTES 32
#define SE_P256_POINT_BYTES 65 /* 04 X Y */

/* Once per process, before anything else here. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_p256_init(void);

/* A new key pair. Returns: RDV_ERR_NOMEM; both are wiped then. */
RDV_MUST_USE enum rdv_err se_p256_generate(uint8_t scalar[SE_P256_SCALAR_BYTES],
                                           uint8_t point[SE_P256_POINT_BYTES]);

/* The X coordinate of scalar * point. Returns: RDV_ERR_RANGE when the point is not on the curve or
 * the product is at infinity, RDV_ERR_NOMEM; x is wiped then. */
RDV_MUST_USE enum rdv_err se_p256_ecdh(uint8_t x[SE_P256_SCALAR_BYTES],
                                       const uint8_t scalar[SE_P256_SCALAR_BYTES],
                                       const uint8_t point[SE_P256_POINT_BYTES]);

#endif
