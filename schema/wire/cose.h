/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * COSE_Sign1 messages (RFC 9052 section 4.2) signed with ES256K (RFC 8812 section 3.2): ECDSA on
 * secp256k1 over SHA-256. Tagged, deterministic, the payload inside, everything under the
 * signature in the protected header:
 *
 *   18([protected: bstr, {}, payload: bstr, signature: bstr .size 64])
 *
 * Hashing and signing are the caller's.
 */
#ifndef RDV_SCHEMA_WIRE_COSE_H
#define RDV_SCHEMA_WIRE_COSE_H

#include "base/bytes.h"
#include "base/err.h"
#include "schema/wire/cbor.h"

#define RDV_COSE_SIGNATURE_BYTES 64
#define RDV_COSE_KID_BYTES 8 /* first bytes of SHA-256 of the compressed public key */

/* Labels of headers (RFC 9052 section 3.1, RFC 9597) and of CWT claims (RFC 8392 section 4). */
enum rdv_cose_label {
    RDV_COSE_ALG = 1,
    RDV_COSE_CONTENT_TYPE = 3,
    RDV_COSE_KID = 4,
    RDV_COSE_CLAIMS = 15,
};
enum rdv_cwt_label {
    RDV_CWT_ISS = 1,
    RDV_CWT_SUB = 2,
    RDV_CWT_IAT = 6,
    RDV_CWT_CTI = 7,
};
#define RDV_COSE_ES256K (-47)

/* The parts of a message, borrowed. */
struct rdv_cose {
    struct rdv_span protected; /* the map, encoded */
    struct rdv_span payload;
    struct rdv_span signature;
};

/* Appends what is signed: the Sig_structure of RFC 9052 section 4.4, without external data.
 * Returns: RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_cose_put_signed(struct rdv_buf *out, const struct rdv_cose *in);

/* Appends the message. Returns as above. */
RDV_MUST_USE enum rdv_err rdv_cose_put(struct rdv_buf *out, const struct rdv_cose *in);

/* Reads a message and nothing but it; the parts point into `bytes`.
 * Returns: RDV_ERR_SHORT, RDV_ERR_TRAILING, RDV_ERR_FORMAT (another message than the above). */
RDV_MUST_USE enum rdv_err rdv_cose_get(struct rdv_cose *out, struct rdv_span bytes);

#endif
