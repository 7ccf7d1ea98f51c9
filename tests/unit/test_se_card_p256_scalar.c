/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/p256_scalar.h"

#include <string.h>

#include "tests/support/mod_n.h"
#include "tests/support/test.h"

#define RANDOM_NUMBERS 2000

/* Where carries and subtractions begin and end: around 0, n / 2, n, and limits of words. */
static const char *const edges[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000001",
    "0000000000000000000000000000000000000000000000000000000000000002",
    "000000000000000000000000000000000000000000000000FFFFFFFFFFFFFFFF",
    "0000000000000000000000000000000000000000000000010000000000000000",
    "00000000000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    "0000000000000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    "00000000FFFFFFFF00000000000000004319055258E8617B0C46353D039CDAAE",
    "00000000FFFFFFFF00000000000000004319055258E8617B0C46353D039CDAAF",
    "7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A7",
    "7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8",
    "7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A9",
    "8000000000000000000000000000000000000000000000000000000000000000",
    "FFFFFFFF00000000FFFFFFFFFFFFFFFF00000000000000000000000000000000",
    "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC63254F",
    "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550",
    "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
    "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632552",
    "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
};
#define N_EDGES (sizeof(edges) / sizeof(edges[0]))
#define FIRST_NOT_BELOW_N 16
#define FIRST_HIGH 11

static uint8_t edge[N_EDGES][32];

static void decode_edges(void)
{
    for (size_t i = 0; i < N_EDGES; i++)
        memcpy(edge[i], t_hex(edges[i]).p, 32);
}

static void random_number(uint8_t out[32], uint32_t *seed)
{
    for (size_t i = 0; i < 32; i++)
        out[i] = (uint8_t)t_random(seed);
}

static bool is(const struct se_p256_scalar *got, const uint8_t want[32])
{
    uint8_t bytes[32];

    se_p256_scalar_put(bytes, got);
    return memcmp(bytes, want, 32) == 0;
}

static bool adds_and_multiplies(const uint8_t a[32], const uint8_t b[32])
{
    struct se_p256_scalar x, y, z;
    uint8_t want[32];
    bool good;

    (void)se_p256_scalar_get(&x, a);
    (void)se_p256_scalar_get(&y, b);
    se_p256_scalar_add(&z, &x, &y);
    t_mod_n_add(want, a, b);
    good = is(&z, want);
    se_p256_scalar_mul(&z, &x, &y);
    t_mod_n_mul(want, a, b);
    return good && is(&z, want);
}

static bool inverts(const uint8_t a[32])
{
    struct se_p256_scalar x;
    uint8_t want[32];

    (void)se_p256_scalar_get(&x, a);
    se_p256_scalar_inverse(&x, &x);
    t_mod_n_inverse(want, a);
    return is(&x, want);
}

static void takes_and_gives_32_bytes_modulo_n(void)
{
    decode_edges();
    for (size_t i = 0; i < N_EDGES; i++) {
        struct se_p256_scalar x;
        uint8_t want[32];

        T_UINT(se_p256_scalar_get(&x, edge[i]), i >= FIRST_NOT_BELOW_N);
        t_mod_n_reduce(want, edge[i]);
        T_TRUE(is(&x, want));
    }
}

static void knows_zero_and_the_upper_half(void)
{
    decode_edges();
    for (size_t i = 0; i < FIRST_NOT_BELOW_N; i++) {
        struct se_p256_scalar x;

        (void)se_p256_scalar_get(&x, edge[i]);
        T_UINT(se_p256_scalar_is_zero(&x), i == 0);
        T_UINT(se_p256_scalar_is_high(&x), i >= FIRST_HIGH);
    }
}

static void adds_and_multiplies_like_openssl(void)
{
    uint32_t seed = 4;

    decode_edges();
    for (size_t i = 0; i < N_EDGES; i++) {
        for (size_t j = 0; j < N_EDGES; j++)
            T_TRUE(adds_and_multiplies(edge[i], edge[j]));
    }
    for (size_t i = 0; i < RANDOM_NUMBERS; i++) {
        uint8_t a[32], b[32];

        random_number(a, &seed);
        random_number(b, &seed);
        T_TRUE(adds_and_multiplies(a, b));
    }
}

/* Random products are never so small that the last subtraction is needed without a carry: 2^-32. */
static void multiplies_to_small_numbers(void)
{
    uint32_t seed = 5;

    for (size_t i = 0; i < RANDOM_NUMBERS; i++) {
        const uint8_t small[32] = { [31] = (uint8_t)i };
        struct se_p256_scalar x, inverse, product;
        uint8_t a[32];

        random_number(a, &seed);
        (void)se_p256_scalar_get(&x, a);
        se_p256_scalar_inverse(&inverse, &x);
        (void)se_p256_scalar_get(&product, small);
        se_p256_scalar_mul(&inverse, &inverse, &product);
        se_p256_scalar_mul(&product, &x, &inverse);
        T_TRUE(is(&product, small));
    }
}

static void inverts_like_openssl_and_leaves_zero(void)
{
    struct se_p256_scalar x;
    uint32_t seed = 6;

    decode_edges();
    for (size_t i = 1; i < N_EDGES; i++) {
        if (i != FIRST_NOT_BELOW_N) /* n itself is 0 */
            T_TRUE(inverts(edge[i]));
    }
    for (size_t i = 0; i < RANDOM_NUMBERS; i++) {
        uint8_t a[32];

        random_number(a, &seed);
        T_TRUE(inverts(a));
    }
    (void)se_p256_scalar_get(&x, edge[0]);
    se_p256_scalar_inverse(&x, &x);
    T_UINT(se_p256_scalar_is_zero(&x), 1);
}

static void negates_only_when_asked(void)
{
    decode_edges();
    for (size_t i = 0; i < N_EDGES; i++) {
        struct se_p256_scalar x, y, sum;

        (void)se_p256_scalar_get(&x, edge[i]);
        y = x;
        se_p256_scalar_negate_if(&y, 0);
        T_TRUE(memcmp(&x, &y, sizeof(x)) == 0);
        se_p256_scalar_negate_if(&y, 1);
        se_p256_scalar_add(&sum, &x, &y);
        T_UINT(se_p256_scalar_is_zero(&sum), 1);
        /* and is below n itself, not only when added */
        T_UINT(se_p256_scalar_is_zero(&x), se_p256_scalar_is_zero(&y));
    }
}

static CU_TestInfo tests[] = {
    T_CASE(takes_and_gives_32_bytes_modulo_n),
    T_CASE(knows_zero_and_the_upper_half),
    T_CASE(adds_and_multiplies_like_openssl),
    T_CASE(multiplies_to_small_numbers),
    T_CASE(inverts_like_openssl_and_leaves_zero),
    T_CASE(negates_only_when_asked),
    T_END,
};

T_SUITE(se_card_p256_scalar, tests);
