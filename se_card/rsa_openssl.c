/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/rsa.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/secret.h"

#define BITS 2048
#define ALL_PARTS ((1 << SE_RSA_PART_COUNT) - 1)
#define PUBLIC_PARTS (1 << SE_RSA_MODULUS | 1 << SE_RSA_EXPONENT)

_Static_assert(sizeof(struct se_rsa_parts) == 2 + 4 + 256 + 5 * 128, "sealed as it is");

struct se_rsa {
    EVP_PKEY *key;
    EVP_PKEY_CTX *private_power; /* NULL without a private part */
    EVP_PKEY_CTX *public_power;
    uint8_t modulus[SE_RSA_BYTES];
};

/* --- parts ------------------------------------------------------------------------------------ */

#define SECRET(part) offsetof(struct se_rsa_parts, secret[(part)-SE_RSA_P]), SE_RSA_HALF_BYTES

static const struct {
    size_t at, n;
    const char *name; /* libcrypto's */
} places[SE_RSA_PART_COUNT] = {
    [SE_RSA_MODULUS] = { offsetof(struct se_rsa_parts, modulus), SE_RSA_BYTES,
                         OSSL_PKEY_PARAM_RSA_N },
    [SE_RSA_EXPONENT] = { offsetof(struct se_rsa_parts, exponent), SE_RSA_EXPONENT_MAX,
                          OSSL_PKEY_PARAM_RSA_E },
    [SE_RSA_P] = { SECRET(SE_RSA_P), OSSL_PKEY_PARAM_RSA_FACTOR1 },
    [SE_RSA_Q] = { SECRET(SE_RSA_Q), OSSL_PKEY_PARAM_RSA_FACTOR2 },
    [SE_RSA_DP] = { SECRET(SE_RSA_DP), OSSL_PKEY_PARAM_RSA_EXPONENT1 },
    [SE_RSA_DQ] = { SECRET(SE_RSA_DQ), OSSL_PKEY_PARAM_RSA_EXPONENT2 },
    [SE_RSA_QINV] = { SECRET(SE_RSA_QINV), OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
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

enum rdv_err se_rsa_generate(struct se_rsa_parts *parts)
{
    EVP_PKEY *key = EVP_RSA_gen(BITS);
    bool good = key != NULL;

    rdv_wipe(parts, sizeof(*parts));
    for (int part = 0; good && part < SE_RSA_PART_COUNT; part++) {
        const int n = (int)places[part].n;
        BIGNUM *number = NULL;

        good = EVP_PKEY_get_bn_param(key, places[part].name, &number) == 1 &&
               BN_bn2binpad(number, (uint8_t *)parts + places[part].at, n) == n;
        BN_clear_free(number);
    }
    EVP_PKEY_free(key);
    parts->present = ALL_PARTS;
    parts->checked = 1;
    if (!good)
        rdv_wipe(parts, sizeof(*parts));
    return good ? RDV_OK : RDV_ERR_NOMEM;
}

/* --- prepare ---------------------------------------------------------------------------------- */

/* Of what failed last in libcrypto. */
static enum rdv_err reason(enum rdv_err otherwise)
{
    const int code = ERR_GET_REASON(ERR_peek_last_error());

    ERR_clear_error();
    return code == ERR_R_MALLOC_FAILURE ? RDV_ERR_NOMEM : otherwise;
}

/* The private exponent, which libcrypto wants too: E^-1 mod (P-1)(Q-1). NULL when there is none. */
static BIGNUM *private_exponent(BIGNUM *const numbers[SE_RSA_PART_COUNT])
{
    BIGNUM *p = BN_secure_new(), *q = BN_secure_new(), *phi = BN_secure_new();
    BIGNUM *d = BN_secure_new();
    BN_CTX *ctx = BN_CTX_secure_new();
    bool good = p != NULL && q != NULL && phi != NULL && d != NULL && ctx != NULL;

    if (good) {
        BN_set_flags(phi, BN_FLG_CONSTTIME);
        good = BN_sub(p, numbers[SE_RSA_P], BN_value_one()) == 1 &&
               BN_sub(q, numbers[SE_RSA_Q], BN_value_one()) == 1 && BN_mul(phi, p, q, ctx) == 1 &&
               BN_mod_inverse(d, numbers[SE_RSA_EXPONENT], phi, ctx) != NULL;
    }
    BN_clear_free(p);
    BN_clear_free(q);
    BN_clear_free(phi);
    BN_CTX_free(ctx);
    if (good)
        return d;
    BN_clear_free(d);
    return NULL;
}

static enum rdv_err make_key(EVP_PKEY **out, BIGNUM *const numbers[SE_RSA_PART_COUNT], int count)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
    BIGNUM *d = NULL;
    OSSL_PARAM *params = NULL;
    bool good = build != NULL && ctx != NULL;

    if (good && count == SE_RSA_PART_COUNT)
        good = (d = private_exponent(numbers)) != NULL &&
               OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, d) == 1;
    for (int part = 0; good && part < count; part++)
        good = OSSL_PARAM_BLD_push_BN(build, places[part].name, numbers[part]) == 1;
    good = good && (params = OSSL_PARAM_BLD_to_param(build)) != NULL &&
           EVP_PKEY_fromdata_init(ctx) == 1 &&
           EVP_PKEY_fromdata(ctx, out, EVP_PKEY_KEYPAIR, params) == 1;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    BN_clear_free(d);
    return good ? RDV_OK : reason(RDV_ERR_RANGE);
}

/* The first `count` parts as libcrypto's key. */
static enum rdv_err import(EVP_PKEY **out, const struct se_rsa_parts *parts, int count)
{
    BIGNUM *numbers[SE_RSA_PART_COUNT] = { NULL };
    enum rdv_err err = RDV_OK;

    for (int part = 0; err == RDV_OK && part < count; part++) {
        numbers[part] = BN_secure_new();
        if (numbers[part] == NULL || BN_bin2bn((const uint8_t *)parts + places[part].at,
                                               (int)places[part].n, numbers[part]) == NULL)
            err = reason(RDV_ERR_NOMEM);
    }
    if (err == RDV_OK)
        err = make_key(out, numbers, count);
    for (int part = 0; part < count; part++)
        BN_clear_free(numbers[part]);
    return err;
}

static bool is_public_key(const struct se_rsa_parts *parts)
{
    static const uint8_t one[SE_RSA_EXPONENT_MAX] = { 0, 0, 0, 1 };

    return parts->modulus[0] >= 0x80 && parts->modulus[SE_RSA_BYTES - 1] % 2 == 1 &&
           parts->exponent[SE_RSA_EXPONENT_MAX - 1] % 2 == 1 &&
           memcmp(parts->exponent, one, sizeof(one)) != 0;
}

/* All the relations between the parts, and primality. */
static enum rdv_err check_pair(EVP_PKEY *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    const enum rdv_err err = ctx == NULL                         ? RDV_ERR_NOMEM
                             : EVP_PKEY_pairwise_check(ctx) == 1 ? RDV_OK
                                                                 : reason(RDV_ERR_RANGE);

    EVP_PKEY_CTX_free(ctx);
    return err;
}

static EVP_PKEY_CTX *power_of(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *ctx))
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

    if (ctx != NULL && init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1)
        return ctx;
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

enum rdv_err se_rsa_new(struct se_rsa **out, struct se_rsa_parts *parts)
{
    const bool is_private = parts->present == ALL_PARTS;
    struct se_rsa *rsa;
    enum rdv_err err;

    *out = NULL;
    if ((parts->present & PUBLIC_PARTS) != PUBLIC_PARTS)
        return RDV_ERR_ABSENT;
    if (!parts->checked && !is_public_key(parts))
        return RDV_ERR_RANGE;
    if ((rsa = calloc(1, sizeof(*rsa))) == NULL)
        return RDV_ERR_NOMEM;
    memcpy(rsa->modulus, parts->modulus, SE_RSA_BYTES);
    if ((err = import(&rsa->key, parts, is_private ? SE_RSA_PART_COUNT : SE_RSA_P)) != RDV_OK ||
        (is_private && !parts->checked && (err = check_pair(rsa->key)) != RDV_OK))
        goto out;
    parts->checked = is_private;
    if ((rsa->public_power = power_of(rsa->key, EVP_PKEY_encrypt_init)) == NULL ||
        (is_private && (rsa->private_power = power_of(rsa->key, EVP_PKEY_sign_init)) == NULL)) {
        err = reason(RDV_ERR_NOMEM);
        goto out;
    }
    *out = rsa;
    rsa = NULL;
out:
    se_rsa_free(rsa);
    return err;
}

void se_rsa_free(struct se_rsa *rsa)
{
    if (rsa == NULL)
        return;
    EVP_PKEY_CTX_free(rsa->private_power);
    EVP_PKEY_CTX_free(rsa->public_power);
    EVP_PKEY_free(rsa->key); /* wipes */
    free(rsa);
}

/* --- use -------------------------------------------------------------------------------------- */

static enum rdv_err public_power(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES],
                                 const uint8_t in[SE_RSA_BYTES])
{
    size_t n = SE_RSA_BYTES;

    if (memcmp(in, rsa->modulus, SE_RSA_BYTES) >= 0)
        return RDV_ERR_RANGE;
    return EVP_PKEY_encrypt(rsa->public_power, out, &n, in, SE_RSA_BYTES) == 1
                   ? RDV_OK
                   : reason(RDV_ERR_CORRUPT);
}

/* libcrypto finds a fault in one half and computes again without halves; whatever else may happen,
 * no wrong result leaves. */
static enum rdv_err private_power(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES],
                                  const uint8_t in[SE_RSA_BYTES])
{
    uint8_t back[SE_RSA_BYTES];
    size_t n = SE_RSA_BYTES;
    enum rdv_err err = RDV_OK;

    if (memcmp(in, rsa->modulus, SE_RSA_BYTES) >= 0)
        return RDV_ERR_RANGE;
    if (EVP_PKEY_sign(rsa->private_power, out, &n, in, SE_RSA_BYTES) != 1)
        err = reason(RDV_ERR_CORRUPT);
    else if ((err = public_power(rsa, back, out)) == RDV_OK && memcmp(back, in, SE_RSA_BYTES) != 0)
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
    if (rsa->private_power == NULL)
        return RDV_ERR_ABSENT;
    if (digest.n > SE_RSA_DIGEST_MAX)
        return RDV_ERR_RANGE;
    memset(block, 0xff, sizeof(block));
    block[0] = 0;
    block[1] = 1;
    t[-1] = 0;
    memcpy(t, info, sizeof(info));
    memset(t + sizeof(info), 0, SE_RSA_DIGEST_MAX);
    if (digest.n > 0)
        memcpy(end - digest.n, digest.p, digest.n);
    return private_power(rsa, out, block);
}

enum rdv_err se_rsa_private(struct se_rsa *rsa, uint8_t out[SE_RSA_BYTES], struct rdv_span in)
{
    uint8_t block[SE_RSA_BYTES] = { 0 };
    enum rdv_err err;

    memset(out, 0, SE_RSA_BYTES);
    if (rsa->private_power == NULL)
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
    if (in.n != SE_RSA_BYTES)
        return RDV_ERR_RANGE;
    return public_power(rsa, out, in.p);
}
