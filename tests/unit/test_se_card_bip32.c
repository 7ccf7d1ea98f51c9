/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/bip32.h"

#include <string.h>

#include "tests/support/test.h"

#define H SE_BIP32_HARDENED

static struct se_ec *new_ec(void)
{
    struct se_ec *ec;

    T_MUST_OK(se_ec_new(&ec));
    return ec;
}

/* BIP-0032, "Test vectors" 1 to 4, as far as they are hardened; of each extended private key the
 * chain code and the key. The last is the "retention of leading zeros". */
static const char seed_1[] = "000102030405060708090A0B0C0D0E0F";
static const char seed_2[] = "FFFCF9F6F3F0EDEAE7E4E1DEDBD8D5D2CFCCC9C6C3C0BDBAB7B4B1AEABA8A5A2"
                             "9F9C999693908D8A8784817E7B7875726F6C696663605D5A5754514E4B484542";
static const char seed_3[] = "4B381541583BE4423346C643850DA4B320E46A87AE3D2A4E6DA11EBA819CD4AC"
                             "BA45D239319AC14F863B8D5AB5A0D0C64D2E8A1E7D1457DF2E5A3C51C73235BE";
static const char seed_4[] = "3DDD5602285899A946114506157C7997E5444528F3003F6134712147DB19B678";

static const struct vector {
    const char *seed;
    size_t levels;
    uint32_t path[2];
    const char *chain, *secret;
} vectors[] = {
    { seed_1,
      0,
      { 0 },
      "873DFF81C02F525623FD1FE5167EAC3A55A049DE3D314BB42EE227FFED37D508",
      "E8F32E723DECF4051AEFAC8E2C93C9C5B214313817CDB01A1494B917C8436B35" },
    { seed_1,
      1,
      { H },
      "47FDACBD0F1097043B78C63C20C34EF4ED9A111D980047AD16282C7AE6236141",
      "EDB2E14F9EE77D26DD93B4ECEDE8D16ED408CE149B6CD80B0715A2D911A0AFEA" },
    { seed_2,
      0,
      { 0 },
      "60499F801B896D83179A4374AEB7822AAEACEAA0DB1F85EE3E904C4DEFBD9689",
      "4B03D6FC340455B363F51020AD3ECCA4F0850280CF436C70C727923F6DB46C3E" },
    { seed_3,
      0,
      { 0 },
      "01D28A3E53CFFA419EC122C968B3259E16B65076495494D97CAE10BBFEC3C36F",
      "00DDB80B067E0D4993197FE10F2657A844A384589847602D56F0C629C81AAE32" },
    { seed_3,
      1,
      { H },
      "E5FEA12A97B927FC9DC3D2CB0D1EA1CF50AA5A1FDC1F933E8906BB38DF3377BD",
      "491F7A2EEBC7B57028E0D3FAA0ACDA02E75C33B03C48FB288C41E2EA44E1DAEF" },
    { seed_4,
      0,
      { 0 },
      "D0C8A1F6EDF2500798C3E0B54F1B56E45F6D03E6076ABD36E5E2F54101E44CE6",
      "12C0D59C7AA3A10973DBD3F478B65F2516627E3FE61E00C345BE9A477AD2E215" },
    { seed_4,
      1,
      { H },
      "CDC0F06456A14876C898790E0B3B1A41C531170AEC69DA44FF7B7265BFE7743B",
      "00D948E9261E41362A688B916F297121BA6BFB2274A3575AC0E456551DFD7F7E" },
    { seed_4,
      2,
      { H, H | 1 },
      "A48EE6674C5264A237703FD383BCCD9FAD4D9378AC98AB05E6E7029B06360C0D",
      "3A2086EDD7D9DF86C3487A5905A1712A9AA664BCE8CC268141E07549EAA8661D" },
    /* the card of the published TLS-SE session: a seed of two bytes */
    { "1234",
      1,
      { H | 1 },
      NULL,
      "95DC50F1D52AC952B866B8AD9845F9E3EBB9DD8EDF49F8E7CC342469A8DA77C8" },
};

static bool is_wiped(const struct se_bip32 *node)
{
    static const struct se_bip32 zero;

    return memcmp(node, &zero, sizeof(zero)) == 0;
}

static void derives_what_is_published(void)
{
    struct se_ec *ec = new_ec();

    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct vector *v = &vectors[i];
        struct se_bip32 node;

        T_OK(se_bip32_derive(&node, ec, t_hex(v->seed), v->path, v->levels));
        T_SPAN(((struct rdv_span){ node.secret.bytes, RDV_KEY_BYTES }), t_hex(v->secret));
        if (v->chain != NULL)
            T_SPAN(((struct rdv_span){ node.chain.bytes, RDV_KEY_BYTES }), t_hex(v->chain));
    }
    se_ec_free(ec);
}

static void refuses_a_child_that_is_not_hardened(void)
{
    const uint32_t paths[][3] = { { 0, H, H }, { H, H - 1, H }, { H, H, 7 } };
    struct se_ec *ec = new_ec();
    struct se_bip32 node;

    for (size_t i = 0; i < 3; i++) {
        memset(&node, 1, sizeof(node));
        T_ERR(se_bip32_derive(&node, ec, t_hex(seed_1), paths[i], 3), RDV_ERR_RANGE);
        T_TRUE(is_wiped(&node));
    }
    se_ec_free(ec);
}

static void takes_seeds_of_1_to_64_bytes_and_16_levels(void)
{
    struct se_ec *ec = new_ec();
    uint32_t path[SE_BIP32_LEVELS_MAX + 1];
    uint8_t seed[SE_BIP32_SEED_MAX + 1] = { 0 };
    struct se_bip32 node;

    for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++)
        path[i] = H | (uint32_t)i;
    T_OK(se_bip32_derive(&node, ec, t_hex(seed_1), path, SE_BIP32_LEVELS_MAX));
    T_ERR(se_bip32_derive(&node, ec, t_hex(seed_1), path, SE_BIP32_LEVELS_MAX + 1), RDV_ERR_RANGE);
    T_TRUE(is_wiped(&node));
    T_ERR(se_bip32_derive(&node, ec, (struct rdv_span){ seed, 0 }, path, 1), RDV_ERR_RANGE);
    T_OK(se_bip32_derive(&node, ec, (struct rdv_span){ seed, 1 }, path, 1));
    T_OK(se_bip32_derive(&node, ec, (struct rdv_span){ seed, SE_BIP32_SEED_MAX }, path, 1));
    T_ERR(se_bip32_derive(&node, ec, (struct rdv_span){ seed, SE_BIP32_SEED_MAX + 1 }, path, 1),
          RDV_ERR_RANGE);
    T_TRUE(is_wiped(&node));
    se_ec_free(ec);
}

static CU_TestInfo tests[] = {
    T_CASE(derives_what_is_published),
    T_CASE(refuses_a_child_that_is_not_hardened),
    T_CASE(takes_seeds_of_1_to_64_bytes_and_16_levels),
    T_END,
};

T_SUITE(se_card_bip32, tests);
