/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/p256_scalar.h"

#include "base/secret.h"

__extension__ typedef unsigned __int128 u128;

#define WORDS 4
#define WORD_BITS 64

static const struct se_p256_scalar order = { { 0xF3B9CAC2FC632551, 0xBCE6FAADA7179E84,
                                               0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF00000000 } };
static const struct se_p256_scalar half_order = { /* rounded down */
                                                  { 0x79DCE5617E3192A8, 0xDE737D56D38BCF42,
                                                    0x7FFFFFFFFFFFFFFF, 0x7FFFFFFF80000000 }
};

/* For Montgomery's multiplication with R = 2^256: -1 / n modulo 2^64, and R^2 modulo n. */
static const uint64_t minus_inverse = 0xCCD1C8AAEE00BC4F;
static const struct se_p256_scalar r_squared = { { 0x83244C95BE79EEA2, 0x4699799C49BD6FA6,
                                                   0x2845B2392B6BEC59, 0x66E12D94F3D95620 } };
static const struct se_p256_scalar one = { { 1, 0, 0, 0 } };

/* All ones for 1, zeros for 0. The barrier keeps the compiler from making a branch of it. */
static uint64_t mask_of(uint64_t bit)
{
    __asm__("" : "+r"(bit));
    return 0 - bit;
}

/* out = a - b modulo 2^256. Answers whether b was greater. */
static uint64_t subtract(uint64_t out[WORDS], const uint64_t a[WORDS], const uint64_t b[WORDS])
{
    uint64_t borrow = 0;

    for (size_t i = 0; i < WORDS; i++) {
        const u128 d = (u128)a[i] - b[i] - borrow;

        out[i] = (uint64_t)d;
        borrow = (uint64_t)(d >> WORD_BITS) & 1;
    }
    return borrow;
}

static void copy_if(uint64_t to[WORDS], const uint64_t from[WORDS], uint64_t copy)
{
    const uint64_t mask = mask_of(copy);

    for (size_t i = 0; i < WORDS; i++)
        to[i] = (from[i] & mask) | (to[i] & ~mask);
}

/* A number below 2n, carry its bit 256, modulo n. Answers whether it was n or more. */
static uint64_t reduce(uint64_t a[WORDS], uint64_t carry)
{
    uint64_t less[WORDS];
    const uint64_t over = carry | (subtract(less, a, order.w) ^ 1);

    copy_if(a, less, over);
    return over;
}

uint64_t se_p256_scalar_get(struct se_p256_scalar *out, const uint8_t in[SE_P256_SCALAR_BYTES])
{
    for (size_t i = 0; i < WORDS; i++) {
        out->w[i] = 0;
        for (size_t j = 0; j < 8; j++)
            out->w[i] = out->w[i] << 8 | in[8 * (WORDS - 1 - i) + j];
    }
    return reduce(out->w, 0);
}

void se_p256_scalar_put(uint8_t out[SE_P256_SCALAR_BYTES], const struct se_p256_scalar *a)
{
    for (size_t i = 0; i < SE_P256_SCALAR_BYTES; i++)
        out[SE_P256_SCALAR_BYTES - 1 - i] = (uint8_t)(a->w[i / 8] >> 8 * (i % 8));
}

uint64_t se_p256_scalar_is_zero(const struct se_p256_scalar *a)
{
    const uint64_t any = a->w[0] | a->w[1] | a->w[2] | a->w[3];

    return ((any | (0 - any)) >> (WORD_BITS - 1)) ^ 1;
}

uint64_t se_p256_scalar_is_high(const struct se_p256_scalar *a)
{
    uint64_t ignored[WORDS];

    return subtract(ignored, half_order.w, a->w);
}

void se_p256_scalar_add(struct se_p256_scalar *out, const struct se_p256_scalar *a,
                        const struct se_p256_scalar *b)
{
    u128 sum = 0;

    for (size_t i = 0; i < WORDS; i++) {
        sum += (u128)a->w[i] + b->w[i];
        out->w[i] = (uint64_t)sum;
        sum >>= WORD_BITS;
    }
    (void)reduce(out->w, (uint64_t)sum);
}

/* *sum = a * b + c + carry, its upper word the answer. */
static inline uint64_t multiply_add(uint64_t *sum, uint64_t a, uint64_t b, uint64_t c,
                                    uint64_t carry)
{
    const u128 v = (u128)a * b + c + carry;

    *sum = (uint64_t)v;
    return (uint64_t)(v >> WORD_BITS);
}

/* out = a * b / R modulo n, word by word (Koc, Acar, Kaliski 1996: CIOS). t is below 2n before each
 * word of b; with a's product it is below 2^64 n + n, which this n leaves below 2^320. Written out,
 * because a signature is little else. */
static void multiply(struct se_p256_scalar *out, const struct se_p256_scalar *a,
                     const struct se_p256_scalar *b)
{
    uint64_t t[WORDS + 1] = { 0 };

    for (size_t i = 0; i < WORDS; i++) {
        uint64_t carry, m, dropped;
        u128 top;

        carry = multiply_add(&t[0], a->w[0], b->w[i], t[0], 0);
        carry = multiply_add(&t[1], a->w[1], b->w[i], t[1], carry);
        carry = multiply_add(&t[2], a->w[2], b->w[i], t[2], carry);
        carry = multiply_add(&t[3], a->w[3], b->w[i], t[3], carry);
        t[4] += carry;
        m = t[0] * minus_inverse; /* makes the lowest word 0 */
        carry = multiply_add(&dropped, m, order.w[0], t[0], 0);
        carry = multiply_add(&t[0], m, order.w[1], t[1], carry);
        carry = multiply_add(&t[1], m, order.w[2], t[2], carry);
        carry = multiply_add(&t[2], m, order.w[3], t[3], carry);
        top = (u128)t[4] + carry;
        t[3] = (uint64_t)top;
        t[4] = (uint64_t)(top >> WORD_BITS);
    }
    (void)reduce(t, t[WORDS]);
    for (size_t i = 0; i < WORDS; i++)
        out->w[i] = t[i];
}

void se_p256_scalar_mul(struct se_p256_scalar *out, const struct se_p256_scalar *a,
                        const struct se_p256_scalar *b)
{
    struct se_p256_scalar a_r;

    multiply(&a_r, a, &r_squared);
    multiply(out, &a_r, b);
}

void se_p256_scalar_negate_if(struct se_p256_scalar *a, uint64_t negate)
{
    uint64_t other[WORDS];

    (void)subtract(other, order.w, a->w);
    copy_if(a->w, other, negate & (se_p256_scalar_is_zero(a) ^ 1));
}

/* a^(n - 2), by Fermat, four bits of the exponent at a time: it is no secret. */
void se_p256_scalar_inverse(struct se_p256_scalar *out, const struct se_p256_scalar *a)
{
    struct se_p256_scalar exponent, power, powers[16];

    (void)subtract(exponent.w, order.w, (const uint64_t[WORDS]){ 2, 0, 0, 0 });
    multiply(&powers[0], &one, &r_squared);
    multiply(&powers[1], a, &r_squared);
    for (size_t i = 2; i < 16; i++)
        multiply(&powers[i], &powers[i - 1], &powers[1]);
    power = powers[0];
    for (size_t i = WORD_BITS; i-- > 0;) {
        for (size_t j = 0; j < 4; j++)
            multiply(&power, &power, &power);
        multiply(&power, &power, &powers[exponent.w[i / 16] >> 4 * (i % 16) & 15]);
    }
    multiply(out, &power, &one);
    rdv_wipe(&power, sizeof(power));
    rdv_wipe(powers, sizeof(powers));
}
