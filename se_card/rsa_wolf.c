/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/rsa.h"

#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/rsa.h>

#include "base/secret.h"
#include "se_card/device.h"

#define BITS 2048
/* A round of Miller and Rabin lets at most every fourth composite number pass. */
#define PRIME_ROUNDS 40
#define ALL_PARTS ((1 << SE_RSA_PART_COUNT) - 1)
#define PUBLIC_PARTS (1 << SE_RSA_MODULUS | 1 << SE_RSA_EXPONENT)

_Static_assert(sizeof(struct se_rsa_parts) == 2 + 4 + 256 + 5 * 128, "sealed as it is");

struct se_rsa {
    RsaKey key;
    WC_RNG rng; /* of the blinding */
    uint8_t modulus[SE_RSA_BYTES];
    bool is_private;
};

/* --- parts ------------------------------------------------------------------------------------ */

#define SECRET(part)                                                              \
    {                                                                             \
        offsetof(struct se_rsa_parts, secret[(part)-SE_RSA_P]), SE_RSA_HALF_BYTES \
    }

static const struct {
    size_t at, n;
} places[SE_RSA_PART_COUNT] = {
    [SE_RSA_MODULUS] = { offsetof(struct se_rsa_parts, modulus), SE_RSA_BYTES },
    [SE_RSA_EXPONENT] = { offsetof(struct se_rsa_parts, exponent), SE_RSA_EXPONENT_MAX },
    [SE_RSA_P] = SECRET(SE_RSA_P),
    [SE_RSA_Q] = SECRET(SE_RSA_Q),
    [SE_RSA_DP] = SECRET(SE_RSA_DP),
    [SE_RSA_DQ] = SECRET(SE_RSA_DQ),
    [SE_RSA_QINV] = SECRET(SE_RSA_QINV),
};

enum rdv_err se_rsa_set(struct se_rsa_parts *parts, enum se_rsa_part part, struct rdv_span value)
{
    const size_t n = places[part].n;
    uint8_t *place = (uint8_t *)parts + places[part].at;

    if (value.n == 0 || value.n > n || (value.n < n && part != SE_RSA_EXPONENT))
        return RDV_ERR_RANGE;
    memset(place, 0, n - value.n);
    memcpy(place + n - value.n, value.p, value.n);
    parts->present = (uint8_t)(parts->present | 1 << part);
    parts->checked = 0;
    return RDV_OK;
}

enum rdv_err se_rsa_get(struct rdv_span *out, const struct se_rsa_parts *parts,
                        enum se_rsa_part part)
{
    *out = (struct rdv_span){ NULL, 0 };
    if ((parts->present & 1 << part) == 0)
        return RDV_ERR_ABSENT;
    *out = (struct rdv_span){ (const uint8_t *)parts + places[part].at, places[part].n };
    while (part == SE_RSA_EXPONENT && out->n > 1 && out->p[0] == 0) {
        out->p++;
        out->n--;
    }
    return RDV_OK;
}

/* wolfCrypt's number of a part. */
static mp_int *number_of(RsaKey *key, enum se_rsa_part part)
{
    switch (part) {
    case SE_RSA_MODULUS:
        return &key->n;
    case SE_RSA_EXPONENT:
        return &key->e;
    case SE_RSA_P:
        return &key->p;
    case SE_RSA_Q:
        return &key->q;
    case SE_RSA_DP:
        return &key->dP;
    case SE_RSA_DQ:
        return &key->dQ;
    default:
        return &key->u;
    }
}

/* --- generate --------------------------------------------------------------------------------- */

static enum rdv_err translate(int r)
{
    if (r == 0)
        return RDV_OK;
    return r == MEMORY_E || r == MP_MEM ? RDV_ERR_NOMEM : RDV_ERR_CORRUPT;
}

/* The library's parts of a key, in locked memory, without any yet. */
static enum rdv_err allocate(struct se_rsa **out)
{
    struct se_rsa *rsa;

    *out = NULL;
    if ((rsa = calloc(1, sizeof(*rsa))) == NULL)
        return RDV_ERR_NOMEM;
    (void)rdv_secret_lock(rsa, sizeof(*rsa)); /* main has warned if locking is refused */
    if (wc_InitRsaKey_ex(&rsa->key, NULL, INVALID_DEVID) != 0) {
        free(rsa);
        return RDV_ERR_NOMEM;
    }
    if (wc_InitRng_ex(&rsa->rng, NULL, SE_DEVICE) != 0) {
        se_rsa_free(rsa);
        return RDV_ERR_NOMEM;
    }
    *out = rsa;
    return RDV_OK;
}

void se_rsa_free(struct se_rsa *rsa)
{
    if (rsa == NULL)
        return;
    (void)wc_FreeRsaKey(&rsa->key);
    (void)wc_FreeRng(&rsa->rng);
    rdv_wipe(rsa, sizeof(*rsa));
    free(rsa);
}

enum rdv_err se_rsa_generate(struct se_rsa_parts *parts)
{
    struct se_rsa *rsa;
    enum rdv_err err;

    rdv_wipe(parts, sizeof(*parts));
    if ((err = allocate(&rsa)) != RDV_OK)
        return err;
    if (wc_MakeRsaKey(&rsa->key, BITS, WC_RSA_EXPONENT, &rsa->rng) != 0)
        err = RDV_ERR_NOMEM; /* it tries as long as chance is against it */
    for (int part = 0; err == RDV_OK && part < SE_RSA_PART_COUNT; part++)
        err = translate(mp_to_unsigned_bin_len(number_of(&rsa->key, (enum se_rsa_part)part),
                                               (uint8_t *)parts + places[part].at,
                                               (int)places[part].n));
    if (err == RDV_OK) {
        parts->present = ALL_PARTS;
        parts->checked = 1;
    } else {
        rdv_wipe(parts, sizeof(*parts));
    }
    se_rsa_free(rsa);
    return err;
}

/* --- prepare ---------------------------------------------------------------------------------- */

static enum rdv_err need(bool fact)
{
    return fact ? RDV_OK : RDV_ERR_RANGE;
}

static enum rdv_err check_public(RsaKey *key)
{
    return need(mp_count_bits(&key->n) == BITS && mp_isodd(&key->n) && mp_isodd(&key->e) &&
                !mp_isone(&key->e));
}

/* a * b = 1 mod m */
static enum rdv_err check_inverse(mp_int *a, mp_int *b, mp_int *m)
{
    mp_int product;
    enum rdv_err err;

    if (mp_init(&product) != MP_OKAY)
        return RDV_ERR_NOMEM;
    if ((err = translate(mp_mulmod(a, b, m, &product))) == RDV_OK)
        err = need(mp_isone(&product));
    mp_forcezero(&product);
    return err;
}

/* part = E^-1 mod prime - 1, and the prime is one. */
static enum rdv_err check_prime(struct se_rsa *rsa, mp_int *prime, mp_int *part)
{
    int is_prime = 0;
    mp_int less;
    enum rdv_err err;

    if (mp_init(&less) != MP_OKAY)
        return RDV_ERR_NOMEM;
    if ((err = translate(mp_sub_d(prime, 1, &less))) == RDV_OK &&
        (err = check_inverse(&rsa->key.e, part, &less)) == RDV_OK &&
        (err = translate(mp_prime_is_prime_ex(prime, PRIME_ROUNDS, &is_prime, &rsa->rng))) ==
                RDV_OK)
        err = need(is_prime == MP_YES);
    mp_forcezero(&less);
    return err;
}

static enum rdv_err check_private(struct se_rsa *rsa)
{
    RsaKey *key = &rsa->key;
    mp_int product;
    enum rdv_err err;

    if (mp_init(&product) != MP_OKAY)
        return RDV_ERR_NOMEM;
    if ((err = translate(mp_mul(&key->p, &key->q, &product))) == RDV_OK &&
        (err = need(mp_cmp(&product, &key->n) == MP_EQ)) == RDV_OK &&
        (err = check_inverse(&key->q, &key->u, &key->p)) == RDV_OK &&
        (err = check_prime(rsa, &key->p, &key->dP)) == RDV_OK)
        err = check_prime(rsa, &key->q, &key->dQ);
    mp_forcezero(&product);
    return err;
}

enum rdv_err se_rsa_new(struct se_rsa **out, struct se_rsa_parts *parts)
{
    struct se_rsa *rsa;
    enum rdv_err err;

    *out = NULL;
    if ((parts->present & PUBLIC_PARTS) != PUBLIC_PARTS)
        return RDV_ERR_ABSENT;
    if ((err = allocate(&rsa)) != RDV_OK)
        return err;
    rsa->is_private = parts->present == ALL_PARTS;
    rsa->key.type = rsa->is_private ? RSA_PRIVATE : RSA_PUBLIC;
    memcpy(rsa->modulus, parts->modulus, SE_RSA_BYTES);
    for (int part = 0; err == RDV_OK && part < SE_RSA_PART_COUNT; part++)
        err = translate(mp_read_unsigned_bin(number_of(&rsa->key, (enum se_rsa_part)part),
                                             (const uint8_t *)parts + places[part].at,
                                             (word32)places[part].n));
    if (err == RDV_OK && !parts->checked && (err = check_public(&rsa->key)) == RDV_OK &&
        rsa->is_private && (err = check_private(rsa)) == RDV_OK)
        parts->checked = 1;
    if (err == RDV_OK) {
        *out = rsa;
        rsa = NULL;
    }
    se_rsa_free(rsa);
    return err;
}

/* --- use -------------------------------------------------------------------------------------- */

static enum rdv_err power(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES],
                          const uint8_t in[SE_RSA_BYTES], int type)
{
    word32 n = SE_RSA_BYTES;

    return translate(wc_RsaFunction(in, SE_RSA_BYTES, out, &n, type, &rsa->key, &rsa->rng));
}

static enum rdv_err private_power(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES],
                                  const uint8_t in[SE_RSA_BYTES])
{
    uint8_t back[SE_RSA_BYTES];
    enum rdv_err err;

    if (memcmp(in, rsa->modulus, SE_RSA_BYTES) >= 0)
        return RDV_ERR_RANGE;
    if ((err = power(rsa, out, in, RSA_PRIVATE_DECRYPT)) == RDV_OK &&
        (err = power(rsa, back, out, RSA_PUBLIC_ENCRYPT)) == RDV_OK &&
        memcmp(back, in, SE_RSA_BYTES) != 0)
        err = RDV_ERR_CORRUPT;
    if (err != RDV_OK)
        rdv_wipe(out, SE_RSA_BYTES);
    return err;
}

enum rdv_err se_rsa_sign(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES], struct rdv_span digest)
{
    /* DigestInfo up to the digest (RFC 8017 section 9.2, note 1). */
    static const uint8_t info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                    0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
    uint8_t block[SE_RSA_BYTES];
    uint8_t *const end = block + SE_RSA_BYTES, *const t = end - SE_RSA_DIGEST_MAX - sizeof(info);

    memset(out, 0, SE_RSA_BYTES);
    if (!rsa->is_private)
        return RDV_ERR_ABSENT;
    if (digest.n == 0 || digest.n > SE_RSA_DIGEST_MAX)
        return RDV_ERR_RANGE;
    memset(block, 0xff, sizeof(block));
    block[0] = 0;
    block[1] = 1;
    t[-1] = 0;
    memcpy(t, info, sizeof(info));
    memset(t + sizeof(info), 0, SE_RSA_DIGEST_MAX);
    memcpy(end - digest.n, digest.p, digest.n);
    return private_power(rsa, out, block);
}

enum rdv_err se_rsa_private(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES], struct rdv_span in)
{
    uint8_t block[SE_RSA_BYTES] = { 0 };
    enum rdv_err err;

    memset(out, 0, SE_RSA_BYTES);
    if (!rsa->is_private)
        return RDV_ERR_ABSENT;
    if (in.n == 0 || in.n > SE_RSA_BYTES)
        return RDV_ERR_RANGE;
    memcpy(block, in.p, in.n);
    err = private_power(rsa, out, block);
    rdv_wipe(block, sizeof(block));
    return err;
}

enum rdv_err se_rsa_public(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES], struct rdv_span in)
{
    memset(out, 0, SE_RSA_BYTES);
    if (in.n != SE_RSA_BYTES || memcmp(in.p, rsa->modulus, SE_RSA_BYTES) >= 0)
        return RDV_ERR_RANGE;
    return power(rsa, out, in.p, RSA_PUBLIC_ENCRYPT);
}
