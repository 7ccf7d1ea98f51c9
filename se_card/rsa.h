/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RSA-2048 (RFC 8017): the parts of a key as they come and go one by one, and a key prepared from
 * them for use. By libcrypto: wolfCrypt as Debian builds it needs five times as long, and chooses
 * the memory it works on by the bits of the private exponent. Private operations use the Chinese
 * remainder theorem with blinding, and each result is checked with the public exponent before it is
 * given out: a wrong one would tell the factors (Boneh, DeMillo, Lipton 1997).
 */
#ifndef RDV_SE_CARD_RSA_H
#define RDV_SE_CARD_RSA_H

#include "base/bytes.h"
#include "base/err.h"

#define SE_RSA_BYTES 256
#define SE_RSA_HALF_BYTES 128
#define SE_RSA_EXPONENT_MAX 4 /* bytes */
#define SE_RSA_DIGEST_MAX 32

/* In the order of the card's language: P2y nn is 0 + nn, R2y nn is SE_RSA_P + nn. */
enum se_rsa_part {
    SE_RSA_MODULUS,
    SE_RSA_EXPONENT,
    SE_RSA_P,
    SE_RSA_Q,
    SE_RSA_DP,   /* E^-1 mod P-1 */
    SE_RSA_DQ,   /* E^-1 mod Q-1 */
    SE_RSA_QINV, /* Q^-1 mod P, "PQ" */
    SE_RSA_PART_COUNT,
};

/* Bytes only, so that it can be sealed as it is. Secret as soon as it holds one of the last five
 * parts: the caller wipes it. All zero is a key without parts. */
struct se_rsa_parts {
    uint8_t present; /* a bit for each enum se_rsa_part */
    uint8_t checked; /* 1 when this very set, complete, has passed se_rsa_new */
    uint8_t exponent[SE_RSA_EXPONENT_MAX];
    uint8_t modulus[SE_RSA_BYTES];
    uint8_t secret[SE_RSA_PART_COUNT - SE_RSA_P][SE_RSA_HALF_BYTES];
};

/* Sets one part: 256 bytes of modulus, 1 to 4 of exponent, 128 of the others. Nothing else is
 * looked at before se_rsa_new. Returns: RDV_ERR_RANGE for a wrong length; nothing changes then. */
RDV_MUST_USE enum rdv_err se_rsa_set(struct se_rsa_parts *parts, enum se_rsa_part part,
                                     struct rdv_span value);

/* *out shows the part, borrowed from `parts`; the exponent without leading zeros.
 * Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_rsa_get(struct rdv_span *out, const struct se_rsa_parts *parts,
                                     enum se_rsa_part part);

/* A new key with all its parts, exponent 65537. Takes some tenths of a second.
 * Returns: RDV_ERR_NOMEM; the parts are wiped then. */
RDV_MUST_USE enum rdv_err se_rsa_generate(struct se_rsa_parts *parts);

/* A key ready for use, on the heap of the library, which wipes it: let go of it soon. */
struct se_rsa;

/*
 * Prepares a key. Modulus and exponent are enough for public operations; for private ones all parts
 * are needed. Parts that have not been checked yet are: whether they belong together and whether P
 * and Q are prime, which takes some tens of milliseconds. Then parts->checked is set, and the
 * caller who keeps the parts keeps them with it.
 *
 * Returns: RDV_ERR_ABSENT without modulus or exponent, RDV_ERR_RANGE when a part is impossible or
 * does not belong to the others, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err se_rsa_new(struct se_rsa **out, struct se_rsa_parts *parts);
void se_rsa_free(struct se_rsa *rsa);

/*
 * PKCS#1 v1.5 signature (RFC 8017 section 8.2) over a SHA-256 digest that the caller has made. A
 * shorter digest is a number: zeros are put before it, as for elliptic curves.
 * Returns: RDV_ERR_RANGE for more than 32 bytes, RDV_ERR_ABSENT when the key has no private part,
 * RDV_ERR_CORRUPT when the check of the result failed; out is wiped then.
 */
RDV_MUST_USE enum rdv_err se_rsa_sign(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES],
                                      struct rdv_span digest);

/*
 * The number `in` to the power of the private exponent, modulo N, no padding scheme. Input of 1 to
 * 256 bytes; a short one is filled up with zero bytes ON THE RIGHT.
 * Returns: as se_rsa_sign; RDV_ERR_RANGE also when the number is not below N.
 */
RDV_MUST_USE enum rdv_err se_rsa_private(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES],
                                         struct rdv_span in);

/* The number `in`, of exactly 256 bytes, to the power of the public exponent.
 * Returns: RDV_ERR_RANGE for another length or a number not below N. */
RDV_MUST_USE enum rdv_err se_rsa_public(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES],
                                        struct rdv_span in);

#endif
