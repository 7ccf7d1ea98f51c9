/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RSA without the card: keys from numbers (OpenSSL's), results judged by another implementation
 * (wolfCrypt). */
#ifndef RDV_TESTS_SUPPORT_RSA_H
#define RDV_TESTS_SUPPORT_RSA_H

#include "se_card/rsa.h"

/* A key with this exponent. */
void t_rsa_generate(struct se_rsa_parts *out, unsigned exponent);

/* The same, but P, or Q, is the product of two primes; all parts fit. */
void t_rsa_generate_composite(struct se_rsa_parts *out, enum se_rsa_part which);

/* True when this is the PKCS#1 v1.5 signature over the SHA-256 digest. */
bool t_rsa_verifies(const struct se_rsa_parts *key, struct rdv_span digest,
                    const uint8_t signature[SE_RSA_BYTES]);

/* The number `in` to the power of the public exponent. */
void t_rsa_public(const struct se_rsa_parts *key, uint8_t out[SE_RSA_BYTES],
                  const uint8_t in[SE_RSA_BYTES]);

#endif
