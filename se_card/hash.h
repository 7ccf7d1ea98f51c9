/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-2 (FIPS 180-4), HMAC (RFC 2104) and HKDF (RFC 5869). Keys and data of any length up to
 * 2^32 - 1; no key bytes stay behind. These cannot fail.
 */
#ifndef RDV_SE_CARD_HASH_H
#define RDV_SE_CARD_HASH_H

#include "base/bytes.h"
#include "se_card/sha256.h"

#define SE_SHA512_BYTES 64

void se_sha256(uint8_t out[SE_SHA256_BYTES], struct rdv_span data);
void se_hmac_sha256(uint8_t out[SE_SHA256_BYTES], struct rdv_span key, struct rdv_span data);
void se_hmac_sha512(uint8_t out[SE_SHA512_BYTES], struct rdv_span key, struct rdv_span data);

/* HKDF-SHA256, both steps, out of n <= 255 * 32 bytes. An empty salt is the RFC's "not provided".
 */
void se_hkdf_sha256(uint8_t *out, size_t n, struct rdv_span secret, struct rdv_span salt,
                    struct rdv_span info);

#endif
