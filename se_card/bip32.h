/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys on secp256k1 derived from a seed (BIP-0032), hardened children only: a public key and chain
 * code that leak then give nobody the keys beside them.
 */
#ifndef RDV_SE_CARD_BIP32_H
#define RDV_SE_CARD_BIP32_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "se_card/ec.h"

#define SE_BIP32_SEED_MAX 64
#define SE_BIP32_LEVELS_MAX 16
#define SE_BIP32_HARDENED 0x80000000U

/* An extended private key. */
struct se_bip32 {
    struct rdv_key secret;
    struct rdv_key chain;
};

static inline void se_bip32_wipe(struct se_bip32 *node)
{
    rdv_wipe(node, sizeof(*node));
}

/*
 * From a seed of 1 to 64 bytes (taken as they are) along a path of 0 to 16 child numbers, each with
 * the hardened bit; no levels give the master key. The caller wipes out.
 *
 * Returns: RDV_ERR_RANGE for another length of the seed or path, for a child that is not hardened,
 * and where BIP-0032 says that a key is invalid (chance 2^-127; the caller takes the next number).
 * RDV_ERR_NOMEM. out is zero then.
 */
RDV_MUST_USE enum rdv_err se_bip32_derive(struct se_bip32 *out, struct se_ec *ec,
                                          struct rdv_span seed, const uint32_t *path,
                                          size_t levels);

#endif
