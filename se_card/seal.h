/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sealing of what the database keeps: AES-256-GCM (NIST SP 800-38D) bound to its place.
 *
 *   sealed value = nonce(12) ciphertext tag(16)
 *   nonce        = random(8), drawn for this process  counter(4)
 *   aad          = table NUL column NUL row(8)
 *
 * A fresh prefix is drawn when the counter wraps: a nonce is never used twice under a key however
 * long a card lives (random 96-bit nonces would be safe for 2^32 values only).
 */
#ifndef RDV_SE_CARD_SEAL_H
#define RDV_SE_CARD_SEAL_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

#define SE_SEAL_OVERHEAD (12 + 16)

struct se_seal;

/* Where a value lives. Strings are borrowed constants. */
struct se_place {
    const char *table;
    const char *column;
    int64_t row;
};

/* Takes a copy of the key into locked memory. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_seal_new(struct se_seal **out, const struct rdv_key *key);
void se_seal_free(struct se_seal *seal);

/* Appends the sealed form of `plain`. Returns: RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_seal_close(struct se_seal *seal, struct rdv_buf *out,
                                        struct se_place place, struct rdv_span plain);

/* Appends what was sealed. Returns: RDV_ERR_CORRUPT (changed, moved, or another key),
 * RDV_ERR_LIMIT, RDV_ERR_NOMEM; nothing is appended then. */
RDV_MUST_USE enum rdv_err se_seal_open(struct se_seal *seal, struct rdv_buf *out,
                                       struct se_place place, struct rdv_span sealed);

/* The same for a key. */
RDV_MUST_USE enum rdv_err se_seal_open_key(struct se_seal *seal, struct rdv_key *out,
                                           struct se_place place, struct rdv_span sealed);

#endif
