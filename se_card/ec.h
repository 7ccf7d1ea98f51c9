/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Elliptic curve keys: secp256k1 (SEC 2 section 2.4.1, by libsecp256k1) and P-256 (FIPS 186-4
 * D.1.2.3, by libcrypto and code of ours: see p256_group.h for why not by wolfCrypt). Nothing is
 * stored and nothing is hashed here: a value to sign is a number.
 *
 * Numbers are 32 bytes, big-endian. A private key is 1 to n - 1, n being the order of the curve. A
 * public key is a point, uncompressed (SEC 1 section 2.3.3): 04, X, Y.
 */
#ifndef RDV_SE_CARD_EC_H
#define RDV_SE_CARD_EC_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

#define SE_EC_POINT_BYTES 65
#define SE_EC_COMPRESSED_BYTES 33
#define SE_EC_RS_BYTES 64 /* a signature as r and s, 32 bytes each */
#define SE_EC_DER_MAX 71  /* the same in DER; s is low and has no byte of sign before it */

enum se_curve { SE_CURVE_K1, SE_CURVE_P256 };

/* What the libraries keep prepared, blinded anew now and then. For one thread at a time. */
struct se_ec;

/* Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_ec_new(struct se_ec **out);
void se_ec_free(struct se_ec *ec);

/* --- keys ------------------------------------------------------------------------------------- */

/* A fresh private key. */
void se_ec_generate(struct se_ec *ec, enum se_curve curve, struct rdv_key *out);

/* A private key from 1 to 32 bytes, filled up with zeros on the left. Returns: RDV_ERR_RANGE for
 * another length, for 0 and for what is not below n, and out is zero then. */
RDV_MUST_USE enum rdv_err se_ec_import(struct se_ec *ec, enum se_curve curve, struct rdv_key *out,
                                       struct rdv_span bytes);

/* The public key that belongs to a private key. Returns: RDV_ERR_RANGE when the private key is none
 * of this curve, RDV_ERR_NOMEM; out is zero then. */
RDV_MUST_USE enum rdv_err se_ec_public(struct se_ec *ec, enum se_curve curve,
                                       uint8_t out[SE_EC_POINT_BYTES],
                                       const struct rdv_key *secret);

/* Whether bytes from outside are a public key. Returns: RDV_ERR_FORMAT when they are not 65 bytes
 * that begin with 04, RDV_ERR_RANGE when they are not a point of the curve, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_ec_public_check(struct se_ec *ec, enum se_curve curve,
                                             struct rdv_span point);

/* 02 or 03 and X, of a point that was checked or made here. */
void se_ec_compress(uint8_t out[SE_EC_COMPRESSED_BYTES], const uint8_t point[SE_EC_POINT_BYTES]);

/* secret = secret + addend modulo n, on secp256k1: BIP-0032's step from a key to its child.
 * Returns: RDV_ERR_RANGE when the addend is not below n or the sum is 0, and secret is zero then.
 */
RDV_MUST_USE enum rdv_err se_ec_k1_add(struct se_ec *ec, struct rdv_key *secret,
                                       const struct rdv_key *addend);

/* --- signatures ------------------------------------------------------------------------------- */

/*
 * ECDSA over a value of 0 to 32 bytes, filled up with zeros on the left. The nonce is that of
 * RFC 6979 with fresh random bytes as additional data (section 3.6): bad random bytes alone do not
 * give the key away, and a fault in one signature cannot be compared with another. s is always the
 * lower of the two that verify.
 *
 * Returns: RDV_ERR_RANGE for a longer value, or a private key that is none of this curve;
 * RDV_ERR_NOMEM. The first form writes r and s (zero then), the second appends DER
 * (RFC 3279 section 2.2.3; RDV_ERR_LIMIT when there is no room; nothing is appended then).
 */
RDV_MUST_USE enum rdv_err se_ec_sign_rs(struct se_ec *ec, enum se_curve curve,
                                        uint8_t out[SE_EC_RS_BYTES], const struct rdv_key *secret,
                                        struct rdv_span value);
RDV_MUST_USE enum rdv_err se_ec_sign(struct se_ec *ec, enum se_curve curve, struct rdv_buf *out,
                                     const struct rdv_key *secret, struct rdv_span value);

/*
 * Checks a signature of either form over a value as above. s may be the higher one: others sign
 * too. Returns: as se_ec_public_check for the public key; RDV_ERR_FORMAT when the signature is not
 * r and s, or not DER and nothing but it; RDV_ERR_RANGE for a longer value; RDV_ERR_AUTH when the
 * signature is wrong.
 */
RDV_MUST_USE enum rdv_err se_ec_verify_rs(struct se_ec *ec, enum se_curve curve,
                                          struct rdv_span signature, struct rdv_span point,
                                          struct rdv_span value);
RDV_MUST_USE enum rdv_err se_ec_verify(struct se_ec *ec, enum se_curve curve,
                                       struct rdv_span signature, struct rdv_span point,
                                       struct rdv_span value);

#endif
