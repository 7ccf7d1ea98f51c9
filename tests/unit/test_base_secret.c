/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"

#include <string.h>

#include "tests/support/test.h"

static const struct rdv_key zero;

static struct rdv_key key_of(uint8_t first, uint8_t step)
{
    struct rdv_key key;

    for (size_t i = 0; i < RDV_KEY_BYTES; i++)
        key.bytes[i] = (uint8_t)(first + i * step);
    return key;
}

static void takes_a_key_from_32_bytes_and_no_other_number(void)
{
    const struct rdv_key given = key_of(1, 7);
    uint8_t longer[RDV_KEY_BYTES + 1];
    struct rdv_key key = given;

    memcpy(longer, given.bytes, RDV_KEY_BYTES);
    longer[RDV_KEY_BYTES] = 1;
    T_ERR(rdv_key_import(&key, (struct rdv_span){ longer, 31 }), RDV_ERR_RANGE);
    T_TRUE(memcmp(&key, &zero, sizeof(key)) == 0);
    T_ERR(rdv_key_import(&key, (struct rdv_span){ longer, 33 }), RDV_ERR_RANGE);
    T_ERR(rdv_key_import(&key, (struct rdv_span){ NULL, 0 }), RDV_ERR_RANGE);
    T_OK(rdv_key_import(&key, (struct rdv_span){ longer, 32 }));
    T_TRUE(memcmp(&key, &given, sizeof(key)) == 0);
}

static void refuses_a_key_of_zeros_but_not_one_with_a_single_bit(void)
{
    struct rdv_key one = zero, key = key_of(1, 7);

    T_ERR(rdv_key_import(&key, (struct rdv_span){ zero.bytes, RDV_KEY_BYTES }), RDV_ERR_WEAK);
    T_TRUE(memcmp(&key, &zero, sizeof(key)) == 0);
    one.bytes[RDV_KEY_BYTES - 1] = 1;
    T_OK(rdv_key_import(&key, (struct rdv_span){ one.bytes, RDV_KEY_BYTES }));
}

static void calls_weak_what_a_person_makes_up(void)
{
    for (unsigned step = 0; step < 256; step++) {
        const struct rdv_key made_up = key_of(0x41, (uint8_t)step);

        T_TRUE(rdv_key_is_weak(&made_up));
        for (size_t i = 0; i < RDV_KEY_BYTES; i++) {
            struct rdv_key other = made_up;

            other.bytes[i] ^= 0x10;
            T_TRUE(!rdv_key_is_weak(&other));
        }
    }
}

static void tells_equal_from_different_in_any_one_bit(void)
{
    const struct rdv_key a = key_of(3, 5);

    T_TRUE(rdv_ct_equal(&a, &a, sizeof(a)));
    for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
        struct rdv_key b = a;

        b.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        T_TRUE(!rdv_ct_equal(&a, &b, sizeof(a)));
    }
    T_TRUE(rdv_ct_equal("a", "b", 0));
}

static void wipes_exactly_what_it_is_given(void)
{
    uint8_t bytes[] = { 1, 2, 3, 4, 5 };

    rdv_wipe(bytes + 1, 3);
    T_TRUE(memcmp(bytes, "\1\0\0\0\5", 5) == 0);
    rdv_wipe(NULL, 0);
    rdv_wipe(bytes, 0);
    T_UINT(bytes[0], 1);
}

static CU_TestInfo tests[] = {
    T_CASE(takes_a_key_from_32_bytes_and_no_other_number),
    T_CASE(refuses_a_key_of_zeros_but_not_one_with_a_single_bit),
    T_CASE(calls_weak_what_a_person_makes_up),
    T_CASE(tells_equal_from_different_in_any_one_bit),
    T_CASE(wipes_exactly_what_it_is_given),
    T_END,
};

T_SUITE(base_secret, tests);
