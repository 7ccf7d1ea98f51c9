/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What other libraries say of our signatures: OpenSSL's ECDSA, and wolfCrypt's for P-256; and
 * libsecp256k1's nonces, which are those of RFC 6979 for any curve of 256 bits, and its signatures.
 */
#ifndef RDV_TESTS_SUPPORT_ECDSA_H
#define RDV_TESTS_SUPPORT_ECDSA_H

#include <stdbool.h>

#include "base/bytes.h"
#include "se_card/ec.h"

/* A public key as OpenSSL holds it; stops the test when OpenSSL does not take it. */
struct t_openssl_key;

struct t_openssl_key *t_openssl_key_new(enum se_curve curve,
                                        const uint8_t point[SE_EC_POINT_BYTES]);
void t_openssl_key_free(struct t_openssl_key *key);

/* Whether a signature in DER over a value of 32 bytes verifies. */
bool t_openssl_verifies(struct t_openssl_key *key, const uint8_t value[32], struct rdv_span der);

/* The same for P-256 by wolfCrypt, which has no part in making it. */
struct t_wolf_key;

struct t_wolf_key *t_wolf_key_new(const uint8_t point[SE_EC_POINT_BYTES]);
void t_wolf_key_free(struct t_wolf_key *key);
bool t_wolf_verifies(struct t_wolf_key *key, const uint8_t value[32], struct rdv_span der);

/* The one to try after `attempt` others. */
void t_secp_nonce(uint8_t out[32], const uint8_t secret[32], const uint8_t value[32],
                  const uint8_t extra[32], unsigned attempt);

/* r and s as libsecp256k1 makes them, all by itself. */
void t_secp_sign(uint8_t rs[64], const uint8_t secret[32], const uint8_t value[32],
                 const uint8_t extra[32]);

#endif
