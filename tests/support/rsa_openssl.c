/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/rsa.h"

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/err.h>

static void check(bool fine)
{
    if (!fine) {
        ERR_print_errors_fp(stderr);
        abort();
    }
}

static void set(struct se_rsa_parts *out, enum se_rsa_part part, const BIGNUM *number)
{
    uint8_t bytes[SE_RSA_BYTES];
    const int n = part == SE_RSA_MODULUS    ? SE_RSA_BYTES
                  : part == SE_RSA_EXPONENT ? SE_RSA_EXPONENT_MAX
                                            : SE_RSA_HALF_BYTES;

    check(BN_bn2binpad(number, bytes, n) == n);
    check(se_rsa_set(out, part, (struct rdv_span){ bytes, (size_t)n }) == RDV_OK);
}

static void set_inverse(struct se_rsa_parts *out, enum se_rsa_part part, const BIGNUM *number,
                        const BIGNUM *modulus, BN_CTX *ctx)
{
    BIGNUM *inverse = BN_mod_inverse(NULL, number, modulus, ctx);

    check(inverse != NULL);
    set(out, part, inverse);
    BN_free(inverse);
}

/* All parts from two numbers that are taken to be primes. */
static void set_all(struct se_rsa_parts *out, const BIGNUM *p, const BIGNUM *q, unsigned exponent)
{
    BIGNUM *e = BN_new(), *number = BN_new();
    BN_CTX *ctx = BN_CTX_new();

    *out = (struct se_rsa_parts){ 0 };
    check(e != NULL && number != NULL && ctx != NULL && BN_set_word(e, exponent) == 1);
    set(out, SE_RSA_EXPONENT, e);
    set(out, SE_RSA_P, p);
    set(out, SE_RSA_Q, q);
    check(BN_mul(number, p, q, ctx) == 1);
    set(out, SE_RSA_MODULUS, number);
    check(BN_sub(number, p, BN_value_one()) == 1);
    set_inverse(out, SE_RSA_DP, e, number, ctx);
    check(BN_sub(number, q, BN_value_one()) == 1);
    set_inverse(out, SE_RSA_DQ, e, number, ctx);
    set_inverse(out, SE_RSA_QINV, q, p, ctx);
    BN_CTX_free(ctx);
    BN_free(number);
    BN_free(e);
}

/* A prime with its two highest bits set, so that two of them make a modulus of full length, and one
 * that the exponents here (Fermat primes) do not divide less one. */
static void make_prime(BIGNUM *out, int bits)
{
    do {
        check(BN_generate_prime_ex(out, bits, 0, NULL, NULL, NULL) == 1);
    } while (BN_is_bit_set(out, bits - 2) == 0 || BN_mod_word(out, 3) == 1 ||
             BN_mod_word(out, 17) == 1 || BN_mod_word(out, 65537) == 1);
}

void t_rsa_generate(struct se_rsa_parts *out, unsigned exponent)
{
    BIGNUM *p = BN_new(), *q = BN_new();

    check(p != NULL && q != NULL);
    make_prime(p, SE_RSA_HALF_BYTES * 8);
    make_prime(q, SE_RSA_HALF_BYTES * 8);
    set_all(out, p, q, exponent);
    BN_free(p);
    BN_free(q);
}

void t_rsa_generate_composite(struct se_rsa_parts *out, enum se_rsa_part which)
{
    BIGNUM *p = BN_new(), *q = BN_new(), *a = BN_new(), *b = BN_new();
    BN_CTX *ctx = BN_CTX_new();

    check(p != NULL && q != NULL && a != NULL && b != NULL && ctx != NULL);
    do {
        make_prime(a, SE_RSA_HALF_BYTES * 4);
        make_prime(b, SE_RSA_HALF_BYTES * 4);
        check(BN_mul(p, a, b, ctx) == 1);
    } while (BN_is_bit_set(p, SE_RSA_HALF_BYTES * 8 - 1) == 0 || BN_mod_word(p, 65537) == 1);
    make_prime(q, SE_RSA_HALF_BYTES * 8);
    set_all(out, which == SE_RSA_P ? p : q, which == SE_RSA_P ? q : p, 65537);
    BN_CTX_free(ctx);
    BN_free(p);
    BN_free(q);
    BN_free(a);
    BN_free(b);
}
