/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/signer.h"

#include <stdlib.h>

#include <secp256k1.h>

#include "base/random.h"

struct signer {
    secp256k1_context *ctx;
    uint8_t key[32];
};

static enum rdv_err sign(void *state, const uint8_t digest[BENCH_DIGEST_BYTES])
{
    const struct signer *s = state;
    secp256k1_ecdsa_signature signature;
    uint8_t der[72];
    size_t n = sizeof(der);

    if (secp256k1_ecdsa_sign(s->ctx, &signature, digest, s->key, NULL, NULL) != 1 ||
        secp256k1_ecdsa_signature_serialize_der(s->ctx, der, &n, &signature) != 1)
        return RDV_ERR_IO;
    return RDV_OK;
}

static void drop(void *state)
{
    struct signer *s = state;

    secp256k1_context_destroy(s->ctx);
    free(s);
}

enum rdv_err bench_signer_secp(struct bench_signer *out)
{
    struct signer *s = calloc(1, sizeof(*s));

    *out = (struct bench_signer){ "libsecp256k1", s, sign, drop };
    if (s == NULL)
        return RDV_ERR_NOMEM;
    s->ctx = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
    do
        rdv_random(s->key, sizeof(s->key));
    while (secp256k1_ec_seckey_verify(s->ctx, s->key) != 1);
    return RDV_OK;
}
