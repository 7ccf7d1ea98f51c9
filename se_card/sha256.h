/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-256 (FIPS 180-4) from libcrypto, which has the processor's own instructions for it, where
 * wolfSSL as Debian builds it has not. It goes on from any state, so that wolfSSL can keep its own.
 */
#ifndef RDV_SE_CARD_SHA256_H
#define RDV_SE_CARD_SHA256_H

#include "base/bytes.h"

#define SE_SHA256_WORDS 8
#define SE_SHA256_BLOCK 64
#define SE_SHA256_BYTES 32 /* of a digest */

struct se_sha256_state {
    uint32_t h[SE_SHA256_WORDS];    /* after all whole blocks */
    uint64_t n;                     /* bytes so far */
    uint8_t block[SE_SHA256_BLOCK]; /* the last n % SE_SHA256_BLOCK of them */
};

void se_sha256_start(struct se_sha256_state *s);
void se_sha256_update(struct se_sha256_state *s, struct rdv_span bytes);
/* The digest; the state is that of a new start. */
void se_sha256_finish(struct se_sha256_state *s, uint8_t digest[SE_SHA256_BYTES]);

/* HMAC (RFC 2104) of n parts, one behind the other. `mac` may be the key, or a part. */
void se_sha256_hmac(uint8_t mac[SE_SHA256_BYTES], struct rdv_span key, const struct rdv_span *parts,
                    size_t n);

#endif
