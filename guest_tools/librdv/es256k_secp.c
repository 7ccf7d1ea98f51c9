/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/librdv/es256k.h"

#include <string.h>

#include <secp256k1.h>

_Static_assert(sizeof(secp256k1_pubkey) == sizeof(((struct guest_es256k *)NULL)->parsed),
               "the library's form of a key has another size");

enum rdv_err guest_es256k_read(struct guest_es256k *out, struct rdv_span key)
{
    const secp256k1_context *ctx = secp256k1_context_static;
    secp256k1_pubkey parsed;
    size_t n = sizeof(out->point);

    *out = (struct guest_es256k){ .point = { 0 } };
    secp256k1_selftest(); /* its own condition for the context that needs no making */
    if (secp256k1_ec_pubkey_parse(ctx, &parsed, key.p, key.n) != 1)
        return RDV_ERR_RANGE;
    RDV_INVARIANT(secp256k1_ec_pubkey_serialize(ctx, out->point, &n, &parsed,
                                                SECP256K1_EC_COMPRESSED) == 1);
    memcpy(out->parsed, &parsed, sizeof(out->parsed));
    return RDV_OK;
}

enum rdv_err guest_es256k_verify(const struct guest_es256k *key,
                                 const uint8_t rs[GUEST_ES256K_SIGNATURE_BYTES],
                                 const uint8_t digest[32])
{
    const secp256k1_context *ctx = secp256k1_context_static;
    secp256k1_ecdsa_signature signature;
    secp256k1_pubkey parsed;

    memcpy(&parsed, key->parsed, sizeof(parsed));
    return secp256k1_ecdsa_signature_parse_compact(ctx, &signature, rs) == 1 &&
                           secp256k1_ecdsa_verify(ctx, &signature, digest, &parsed) == 1
                   ? RDV_OK
                   : RDV_ERR_AUTH;
}
