/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nonces of RFC 6979 (section 3.2, HMAC_DRBG with SHA-256): from a private key, the value that
 * is signed, and additional data (section 3.6). Each comes once, however often it is asked for.
 */
#ifndef RDV_SE_CARD_DRBG_H
#define RDV_SE_CARD_DRBG_H

#include "se_card/sha256.h"

struct se_drbg {
    uint8_t k[SE_SHA256_BYTES], v[SE_SHA256_BYTES];
    bool asked;
};

/* `value` must be below the order of the curve (what the RFC calls bits2octets of the hash). The
 * struct is a secret: to be wiped. */
void se_drbg_start(struct se_drbg *g, const uint8_t secret[32], const uint8_t value[32],
                   struct rdv_span extra);

/* The next candidate: any 32 bytes. */
void se_drbg_next(struct se_drbg *g, uint8_t out[32]);

#endif
