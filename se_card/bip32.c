/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/bip32.h"

#include <string.h>

#include "se_card/hash.h"

/* The halves of an HMAC-SHA512: a number and a chain code. */
static void split(struct se_bip32 *out, struct rdv_span key, struct rdv_span data)
{
    uint8_t mac[SE_SHA512_BYTES];

    se_hmac_sha512(mac, key, data);
    memcpy(out->secret.bytes, mac, RDV_KEY_BYTES);
    memcpy(out->chain.bytes, mac + RDV_KEY_BYTES, RDV_KEY_BYTES);
    rdv_wipe(mac, sizeof(mac));
}

static enum rdv_err master(struct se_bip32 *out, struct se_ec *ec, struct rdv_span seed)
{
    struct se_bip32 halves;
    enum rdv_err err;

    split(&halves, RDV_LIT("Bitcoin seed"), seed);
    out->chain = halves.chain;
    err = se_ec_import(ec, SE_CURVE_K1, &out->secret,
                       (struct rdv_span){ halves.secret.bytes, RDV_KEY_BYTES });
    se_bip32_wipe(&halves);
    return err;
}

/* CKDpriv for a hardened child: HMAC over 00, the parent's key, the number. */
static enum rdv_err to_child(struct se_bip32 *node, struct se_ec *ec, uint32_t number)
{
    uint8_t data[1 + RDV_KEY_BYTES + 4] = { 0 };
    struct se_bip32 left;
    enum rdv_err err;

    memcpy(data + 1, node->secret.bytes, RDV_KEY_BYTES);
    for (size_t i = 0; i < 4; i++)
        data[1 + RDV_KEY_BYTES + i] = (uint8_t)(number >> (24 - 8 * i));
    split(&left, (struct rdv_span){ node->chain.bytes, RDV_KEY_BYTES },
          (struct rdv_span){ data, sizeof(data) });
    node->chain = left.chain;
    err = se_ec_k1_add(ec, &node->secret, &left.secret);
    rdv_wipe(data, sizeof(data));
    se_bip32_wipe(&left);
    return err;
}

enum rdv_err se_bip32_derive(struct se_bip32 *out, struct se_ec *ec, struct rdv_span seed,
                             const uint32_t *path, size_t levels)
{
    enum rdv_err err = RDV_ERR_RANGE;

    se_bip32_wipe(out);
    if (seed.n == 0 || seed.n > SE_BIP32_SEED_MAX || levels > SE_BIP32_LEVELS_MAX)
        return RDV_ERR_RANGE;
    for (size_t i = 0; i < levels; i++) {
        if ((path[i] & SE_BIP32_HARDENED) == 0)
            return RDV_ERR_RANGE;
    }
    err = master(out, ec, seed);
    for (size_t i = 0; i < levels && err == RDV_OK; i++)
        err = to_child(out, ec, path[i]);
    if (err != RDV_OK)
        se_bip32_wipe(out);
    return err;
}
