/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Others that sign, in this very process: what a server's signatures per second are held against.
 * Each makes a key of its own and signs digests of 32 bytes, ECDSA with SHA-256's size in mind.
 */
#ifndef RDV_TESTS_BENCH_SIGNER_H
#define RDV_TESTS_BENCH_SIGNER_H

#include "base/bytes.h"
#include "base/err.h"

#define BENCH_DIGEST_BYTES 32
#define BENCH_POINT_BYTES 65

struct bench_signer {
    const char *name;
    void *state;
    enum rdv_err (*sign)(void *state, const uint8_t digest[BENCH_DIGEST_BYTES]);
    void (*free)(void *state);
};

/* All: RDV_ERR_NOMEM, or RDV_ERR_IO with the reason logged. */
RDV_MUST_USE enum rdv_err bench_signer_secp(struct bench_signer *out); /* libsecp256k1 */
RDV_MUST_USE enum rdv_err bench_signer_wolf(struct bench_signer *out); /* wolfCrypt, P-256 */
/* SoftHSM2 through PKCS#11 (C_Sign), P-256; its token lies in `dir`. */
RDV_MUST_USE enum rdv_err bench_signer_p11(struct bench_signer *out, const char *dir);

/* signer_openssl.c: whether a signature in DER verifies with this public key on secp256k1, or on
 * P-256. */
bool bench_verifies(bool p256, const uint8_t point[BENCH_POINT_BYTES],
                    const uint8_t digest[BENCH_DIGEST_BYTES], struct rdv_span der);

#endif
