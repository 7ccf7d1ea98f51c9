/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/p256.h"

#include <string.h>

#include "tests/support/test.h"

static const struct rdv_span no_extra;

/* RFC 6979 A.2.5. Its s is the higher one for "sample": ours is n - s. */
static const char published_key[] =
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
static const char published_point[] =
        "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
        "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
static const struct published {
    const char *hash, *nonce, *rs;
} published[] = {
    /* "sample" */
    { "AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF",
      "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60",
      "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
      "0834E36AD29A83BF2BC9385E491D6099C8FDF9D1ED67AA7EA5F51F93782857A9" },
    /* "test" */
    { "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
      "D16B6AE827F17175E040871A1C7EC3500192C4C92677336EC2537ACAEE0008E0",
      "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
      "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083" },
};

static struct rdv_key key_of(const char *digits)
{
    struct rdv_key key;

    memcpy(key.bytes, t_hex(digits).p, RDV_KEY_BYTES);
    return key;
}

static void signs_as_rfc_6979_has_it(void)
{
    const struct rdv_key secret = key_of(published_key);
    struct se_p256_group *group;
    uint8_t rs[64], point[65];

    T_MUST_OK(se_p256_group_new(&group));
    T_OK(se_p256_public(group, point, &secret));
    T_SPAN(((struct rdv_span){ point, 65 }), t_hex(published_point));
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        const struct published *p = &published[i];
        struct rdv_key nonce;

        se_p256_nonce(&nonce, &secret, t_hex(p->hash).p, no_extra);
        T_SPAN(((struct rdv_span){ nonce.bytes, 32 }), t_hex(p->nonce));
        T_OK(se_p256_sign(group, rs, &secret, t_hex(p->hash).p, no_extra));
        T_SPAN(((struct rdv_span){ rs, 64 }), t_hex(p->rs));
        T_OK(se_p256_verify(group, rs, point, t_hex(p->hash).p));
    }
    se_p256_group_free(group);
}

static void takes_a_value_of_n_or_more_modulo_n(void)
{
    const struct rdv_key secret = key_of(published_key);
    const struct rdv_span one = t_hex("00000000000000000000000000000000"
                                      "00000000000000000000000000000001");
    const struct rdv_span n_and_one = t_hex("FFFFFFFF00000000FFFFFFFFFFFFFFFF"
                                            "BCE6FAADA7179E84F3B9CAC2FC632552");
    struct se_p256_group *group;
    uint8_t a[64], b[64];

    T_MUST_OK(se_p256_group_new(&group));
    T_OK(se_p256_sign(group, a, &secret, one.p, no_extra));
    T_OK(se_p256_sign(group, b, &secret, n_and_one.p, no_extra));
    T_TRUE(memcmp(a, b, sizeof(a)) == 0);
    se_p256_group_free(group);
}

static CU_TestInfo tests[] = {
    T_CASE(signs_as_rfc_6979_has_it),
    T_CASE(takes_a_value_of_n_or_more_modulo_n),
    T_END,
};

T_SUITE(se_card_p256, tests);
