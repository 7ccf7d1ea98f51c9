/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/signer.h"

#include <stdlib.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/ecc.h>

struct signer {
    WC_RNG rng;
    ecc_key key;
};

static enum rdv_err sign(void *state, const uint8_t digest[BENCH_DIGEST_BYTES])
{
    struct signer *s = state;
    uint8_t der[ECC_MAX_SIG_SIZE];
    word32 n = sizeof(der);

    return wc_ecc_sign_hash(digest, BENCH_DIGEST_BYTES, der, &n, &s->rng, &s->key) == 0
                   ? RDV_OK
                   : RDV_ERR_IO;
}

static void drop(void *state)
{
    struct signer *s = state;

    (void)wc_ecc_free(&s->key);
    (void)wc_FreeRng(&s->rng);
    free(s);
}

enum rdv_err bench_signer_wolf(struct bench_signer *out)
{
    struct signer *s = calloc(1, sizeof(*s));

    *out = (struct bench_signer){ "wolfCrypt", s, sign, drop };
    if (s == NULL)
        return RDV_ERR_NOMEM;
    if (wc_InitRng(&s->rng) != 0 || wc_ecc_init(&s->key) != 0 ||
        wc_ecc_make_key_ex(&s->rng, 32, &s->key, ECC_SECP256R1) != 0)
        return RDV_ERR_IO;
    return RDV_OK;
}
