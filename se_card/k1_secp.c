/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/k1.h"

#include <stdlib.h>
#include <string.h>

#include <secp256k1.h>

#include "base/random.h"
#include "se_card/drbg.h"

/* Blinding anew takes as long as one signature. */
#define USES_OF_A_BLINDING 64

/* The library's answer on a secret, 1 for yes, is for everybody to know. */
static bool yes(int answer)
{
    return rdv_reveal((uint64_t)answer);
}

struct se_k1 {
    secp256k1_context *ctx;
    unsigned uses; /* left, of the blinding */
};

static void blind(struct se_k1 *k1)
{
    uint8_t seed[32];

    rdv_random(seed, sizeof(seed));
    RDV_INVARIANT(secp256k1_context_randomize(k1->ctx, seed) == 1);
    rdv_wipe(seed, sizeof(seed));
    k1->uses = USES_OF_A_BLINDING;
}

static void before_a_secret(struct se_k1 *k1)
{
    if (k1->uses-- == 0)
        blind(k1);
}

enum rdv_err se_k1_new(struct se_k1 **out)
{
    struct se_k1 *k1;

    *out = NULL;
    if ((k1 = calloc(1, sizeof(*k1))) == NULL)
        return RDV_ERR_NOMEM;
    if ((k1->ctx = secp256k1_context_create(SECP256K1_CONTEXT_NONE)) == NULL) {
        se_k1_free(k1);
        return RDV_ERR_NOMEM;
    }
    blind(k1);
    *out = k1;
    return RDV_OK;
}

void se_k1_free(struct se_k1 *k1)
{
    if (k1 == NULL)
        return;
    secp256k1_context_destroy(k1->ctx);
    free(k1);
}

bool se_k1_valid(struct se_k1 *k1, const struct rdv_key *secret)
{
    return yes(secp256k1_ec_seckey_verify(k1->ctx, secret->bytes));
}

enum rdv_err se_k1_add(struct se_k1 *k1, struct rdv_key *secret, const struct rdv_key *addend)
{
    if (yes(secp256k1_ec_seckey_tweak_add(k1->ctx, secret->bytes, addend->bytes)))
        return RDV_OK;
    rdv_key_wipe(secret);
    return RDV_ERR_RANGE;
}

enum rdv_err se_k1_public(struct se_k1 *k1, uint8_t out[65], const struct rdv_key *secret)
{
    secp256k1_pubkey key;
    size_t n = 65;

    memset(out, 0, 65);
    before_a_secret(k1);
    if (!yes(secp256k1_ec_pubkey_create(k1->ctx, &key, secret->bytes)))
        return RDV_ERR_RANGE;
    RDV_INVARIANT(
            secp256k1_ec_pubkey_serialize(k1->ctx, out, &n, &key, SECP256K1_EC_UNCOMPRESSED) == 1);
    return RDV_OK;
}

enum rdv_err se_k1_check(struct se_k1 *k1, const uint8_t point[65])
{
    secp256k1_pubkey key;

    return secp256k1_ec_pubkey_parse(k1->ctx, &key, point, 65) == 1 ? RDV_OK : RDV_ERR_RANGE;
}

/* n, which values are taken modulo */
static const uint8_t order[32] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xBA, 0xAE, 0xDC, 0xE6, 0xAF, 0x48,
                                   0xA0, 0x3B, 0xBF, 0xD2, 0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x41 };

/*
 * What secp256k1_nonce_function_rfc6979 gives, bit for bit: that hashes in plain C, which takes a
 * sixth of a signature. A value or an attempt as there is one in 2^127 is left to it.
 */
static int make_nonce(unsigned char *out, const unsigned char *value, const unsigned char *secret,
                      const unsigned char *algorithm, void *extra, unsigned attempt)
{
    struct se_drbg g;

    if (attempt > 0 || memcmp(value, order, sizeof(order)) >= 0)
        return secp256k1_nonce_function_rfc6979(out, value, secret, algorithm, extra, attempt);
    se_drbg_start(&g, secret, value, (struct rdv_span){ extra, 32 });
    se_drbg_next(&g, out);
    rdv_wipe(&g, sizeof(g));
    return 1;
}

enum rdv_err se_k1_sign(struct se_k1 *k1, uint8_t rs[64], const struct rdv_key *secret,
                        const uint8_t value[32], const uint8_t extra[32])
{
    secp256k1_ecdsa_signature signature;

    memset(rs, 0, 64);
    before_a_secret(k1);
    if (!yes(secp256k1_ecdsa_sign(k1->ctx, &signature, value, secret->bytes, make_nonce, extra)))
        return RDV_ERR_RANGE;
    RDV_INVARIANT(secp256k1_ecdsa_signature_serialize_compact(k1->ctx, rs, &signature) == 1);
    return RDV_OK;
}

enum rdv_err se_k1_verify(struct se_k1 *k1, const uint8_t rs[64], const uint8_t point[65],
                          const uint8_t value[32])
{
    secp256k1_ecdsa_signature signature;
    secp256k1_pubkey key;

    if (secp256k1_ecdsa_signature_parse_compact(k1->ctx, &signature, rs) != 1 ||
        secp256k1_ec_pubkey_parse(k1->ctx, &key, point, 65) != 1)
        return RDV_ERR_AUTH;
    /* The library takes the lower s only. */
    (void)secp256k1_ecdsa_signature_normalize(k1->ctx, &signature, &signature);
    return secp256k1_ecdsa_verify(k1->ctx, &signature, value, &key) == 1 ? RDV_OK : RDV_ERR_AUTH;
}
