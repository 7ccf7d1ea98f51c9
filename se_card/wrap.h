/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blobs: one part of a key, encrypted under a wrap secret to leave the card and come back.
 *
 *   blob     header nonce(12) ciphertext tag(16)
 *            AES-128-CCM (NIST SP 800-38C), AAD = header nonce
 *   older    header = index(1) param(1)
 *            key = the secret, 16 bytes
 *   ours     header = type(1)=00 index(1) param(1) id(4)
 *            key = HKDF-SHA256(secret, no salt, info = "rdv wrap" header, 16)
 *
 *   index  param                         part
 *   00-1F  00 public, 80 private         65, 32 bytes (elliptic curve)
 *   20-2F  00 modulus, 01 exponent       256, 1-4 bytes (RSA)
 *          80-84 P Q DP DQ QINV          128 bytes
 *   30-3F  00                            1-64 bytes (secrets and seeds)
 *
 * A blob is of the layout whose reading of its first bytes names a part of just the length that is
 * there. This never fits both: ours begins with 00; an older blob that begins with 00 is slot 00 of
 * an elliptic curve, 95 or 62 bytes long, and would be index 00 or 80 to ours, which is 100 or 67
 * bytes or nothing at all. AES is libcrypto's, see aes.h.
 */
#ifndef RDV_SE_CARD_WRAP_H
#define RDV_SE_CARD_WRAP_H

#include "base/bytes.h"
#include "base/err.h"

#define SE_WRAP_PART_MAX 256
#define SE_WRAP_OVERHEAD_MAX (7 + 12 + 16)
#define SE_WRAP_OLDER_SECRET 16

struct se_wrap_header {
    bool older; /* no type, no id */
    uint8_t index;
    uint8_t param;
    uint8_t id[4];
};

/* Reads the 2 or 7 bytes a command names a part with.
 * Returns: RDV_ERR_RANGE for another length, type, index or param. */
RDV_MUST_USE enum rdv_err se_wrap_header_get(struct se_wrap_header *out, struct rdv_span bytes);

/* Reads what a blob says it is, before a secret has been chosen: nothing is proved yet.
 * Returns: RDV_ERR_RANGE when it is of neither layout. */
RDV_MUST_USE enum rdv_err se_wrap_peek(struct se_wrap_header *out, struct rdv_span blob);

/* Appends a blob. Returns: RDV_ERR_RANGE when the part is not of a length the header allows, the
 * secret is empty, or not of 16 bytes for the older layout; RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_wrap_seal(struct rdv_buf *out, const struct se_wrap_header *header,
                                       struct rdv_span secret, struct rdv_span part);

/* Appends the part in a blob and says in *header what it is.
 * Returns: RDV_ERR_RANGE as above, RDV_ERR_AUTH when it was changed or is under another secret,
 * RDV_ERR_LIMIT, RDV_ERR_NOMEM; nothing is appended then. */
RDV_MUST_USE enum rdv_err se_wrap_open(struct rdv_buf *out, struct se_wrap_header *header,
                                       struct rdv_span secret, struct rdv_span blob);

#endif
