/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/mod_n.h"

#include <openssl/bn.h>

#include "tests/support/test.h"

static void calculate(uint8_t out[32], char what, const uint8_t a[32], const uint8_t b[32])
{
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *n = NULL, *x = BN_bin2bn(a, 32, NULL), *y = BN_bin2bn(b, 32, NULL), *z = BN_new();
    bool done = false;

    T_MUST(ctx != NULL && x != NULL && y != NULL && z != NULL);
    T_MUST(BN_hex2bn(&n, "FFFFFFFF00000000FFFFFFFFFFFFFFFF"
                         "BCE6FAADA7179E84F3B9CAC2FC632551") == 64);
    if (what == '+')
        done = BN_mod_add(z, x, y, n, ctx) == 1;
    else if (what == '*')
        done = BN_mod_mul(z, x, y, n, ctx) == 1;
    else
        done = BN_mod_inverse(z, x, n, ctx) != NULL;
    T_MUST(done && BN_bn2binpad(z, out, 32) == 32);
    BN_free(n);
    BN_free(x);
    BN_free(y);
    BN_free(z);
    BN_CTX_free(ctx);
}

void t_mod_n_reduce(uint8_t out[32], const uint8_t a[32])
{
    static const uint8_t zero[32];

    calculate(out, '+', a, zero);
}

void t_mod_n_add(uint8_t out[32], const uint8_t a[32], const uint8_t b[32])
{
    calculate(out, '+', a, b);
}

void t_mod_n_mul(uint8_t out[32], const uint8_t a[32], const uint8_t b[32])
{
    calculate(out, '*', a, b);
}

void t_mod_n_inverse(uint8_t out[32], const uint8_t a[32])
{
    calculate(out, '/', a, a);
}
