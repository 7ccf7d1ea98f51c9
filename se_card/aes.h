/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AES-128 in ECB mode (FIPS 197, NIST SP 800-38A 6.1), as the commands A and a need it. By
 * libcrypto: wolfCrypt as Debian builds it looks things up in tables at places that depend on the
 * key.
 */
#ifndef RDV_SE_CARD_AES_H
#define RDV_SE_CARD_AES_H

#include "base/bytes.h"
#include "base/err.h"

#define SE_AES_BYTES 16 /* of a key and of a block */

/* Append in.n bytes. in.n is a multiple of 16, at least 16; the key has 16 bytes.
 * Return: RDV_ERR_RANGE for another length of either, RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_aes_encrypt(struct rdv_buf *out, struct rdv_span key,
                                         struct rdv_span in);
RDV_MUST_USE enum rdv_err se_aes_decrypt(struct rdv_buf *out, struct rdv_span key,
                                         struct rdv_span in);

#endif
