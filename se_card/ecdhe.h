/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two operations of an (EC)DHE handshake, on P-256 (SP 800-56A 5.7.1.2) and X25519 (RFC 7748),
 * from OpenSSL's libcrypto: wolfSSL as Debian builds it has no assembly for these curves and needs
 * up to ten times as long, and a handshake is little else. Constant time in the scalar.
 */
#ifndef RDV_SE_CARD_ECDHE_H
#define RDV_SE_CARD_ECDHE_H

#include <stdint.h>

#include "base/err.h"

#define SE_SCALAR_BYTES 32
#define SE_SHARED_BYTES 32
#define SE_P256_POINT_BYTES 65 /* 04 X Y */
#define SE_X25519_POINT_BYTES 32

/* Once per process, before anything else here. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_ecdhe_init(void);

/* A new key pair. Returns: RDV_ERR_NOMEM; both are wiped then. */
RDV_MUST_USE enum rdv_err se_p256_generate(uint8_t scalar[SE_SCALAR_BYTES],
                                           uint8_t point[SE_P256_POINT_BYTES]);
RDV_MUST_USE enum rdv_err se_x25519_generate(uint8_t scalar[SE_SCALAR_BYTES],
                                             uint8_t point[SE_X25519_POINT_BYTES]);

/* The shared secret. Returns: RDV_ERR_RANGE when the point is not on the curve, or of low order, so
 * that the secret would be known to anybody; RDV_ERR_NOMEM; it is wiped then. */
RDV_MUST_USE enum rdv_err se_p256_shared(uint8_t secret[SE_SHARED_BYTES],
                                         const uint8_t scalar[SE_SCALAR_BYTES],
                                         const uint8_t point[SE_P256_POINT_BYTES]);
RDV_MUST_USE enum rdv_err se_x25519_shared(uint8_t secret[SE_SHARED_BYTES],
                                           const uint8_t scalar[SE_SCALAR_BYTES],
                                           const uint8_t point[SE_X25519_POINT_BYTES]);

#endif
