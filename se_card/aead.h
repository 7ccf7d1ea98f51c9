/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AES with authentication (NIST SP 800-38C and 38D), nonces of 12 bytes, tags of 16: of TLS
 * records, of what is sealed at rest, of blobs. By libcrypto, which looks nothing up at places that
 * depend on the key and is many times as fast as wolfCrypt as Debian builds it.
 */
#ifndef RDV_SE_CARD_AEAD_H
#define RDV_SE_CARD_AEAD_H

#include "base/bytes.h"
#include "base/err.h"

#define SE_AEAD_NONCE_BYTES 12
#define SE_AEAD_TAG_BYTES 16

enum se_aead_kind { SE_AES_128_CCM, SE_AES_128_GCM, SE_AES_256_GCM, SE_AEAD_KINDS };

/* Once per process, before there are threads (or by the first se_aead_new). Returns:
 * RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_aead_init(void);

struct se_aead; /* a key, prepared; of one thread at a time */

/* Takes the key: 16 or 32 bytes, as the kind says. Returns: RDV_ERR_RANGE (its length),
 * RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_aead_new(struct se_aead **out, enum se_aead_kind kind,
                                      struct rdv_span key);
/* For a key that lives long: keeps it out of swap and dumps. */
void se_aead_keep(struct se_aead *aead);
void se_aead_free(struct se_aead *aead); /* wipes */

/* Encrypts in.n bytes to `out`, which may be where they are. Returns: RDV_ERR_NOMEM, and out is
 * wiped; RDV_ERR_LIMIT for 2^31 bytes or more. */
RDV_MUST_USE enum rdv_err se_aead_seal(struct se_aead *aead, uint8_t *out,
                                       uint8_t tag[SE_AEAD_TAG_BYTES],
                                       const uint8_t nonce[SE_AEAD_NONCE_BYTES],
                                       struct rdv_span aad, struct rdv_span in);

/* The way back. Returns: RDV_ERR_AUTH when anything was changed, and as above; out is wiped then.
 */
RDV_MUST_USE enum rdv_err se_aead_open(struct se_aead *aead, uint8_t *out,
                                       const uint8_t tag[SE_AEAD_TAG_BYTES],
                                       const uint8_t nonce[SE_AEAD_NONCE_BYTES],
                                       struct rdv_span aad, struct rdv_span in);

#endif
