/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/sha256.h"

#include <string.h>

#include "tests/support/test.h"

#define DIGEST_BYTES 32

static void digests_to(struct se_sha256_state *s, const char *want)
{
    uint8_t digest[DIGEST_BYTES];

    se_sha256_finish(s, digest);
    T_SPAN(((struct rdv_span){ digest, sizeof(digest) }), t_hex(want));
}

/* FIPS 180-4: the examples */
static void hashes_the_published_examples(void)
{
    struct se_sha256_state s;
    uint8_t as[1000];

    se_sha256_start(&s);
    digests_to(&s, "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
    se_sha256_update(&s, RDV_LIT("abc"));
    digests_to(&s, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
    se_sha256_update(&s, RDV_LIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
    digests_to(&s, "248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1");
    memset(as, 'a', sizeof(as));
    for (unsigned i = 0; i < 1000; i++)
        se_sha256_update(&s, (struct rdv_span){ as, sizeof(as) });
    digests_to(&s, "CDC76E5C9914FB9281A1C7E284D73E67F1809A48A497200E046D39CCC7112CD0");
}

static void a_copy_of_the_state_goes_on_by_itself(void)
{
    struct se_sha256_state s, copy;

    se_sha256_start(&s);
    se_sha256_update(&s, RDV_LIT("a"));
    copy = s;
    se_sha256_update(&copy, RDV_LIT("xyz"));
    se_sha256_update(&s, RDV_LIT("bc"));
    digests_to(&s, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
}

/* The length at the end of the padding is in bits: of 2^29 bytes and more it takes two words. The
 * padding of such a state is worked in by hand, as data. */
static void the_length_is_counted_in_bits(void)
{
    static const struct {
        uint64_t n;
        const char *bits;
    } lengths[] = {
        { (uint64_t)1 << 29, "00000001 00000000" },
        { ((uint64_t)1 << 32) - 64, "00000007 FFFFFE00" },
        { (uint64_t)1 << 35, "00000040 00000000" },
    };

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct se_sha256_state s, by_hand;
        uint8_t padding[SE_SHA256_BLOCK] = { 0x80 }, digest[DIGEST_BYTES], want[DIGEST_BYTES];

        memcpy(padding + SE_SHA256_BLOCK - 8, t_hex(lengths[i].bits).p, 8);
        se_sha256_start(&by_hand);
        se_sha256_update(&by_hand, (struct rdv_span){ padding, sizeof(padding) });
        for (size_t k = 0; k < DIGEST_BYTES; k++)
            want[k] = (uint8_t)(by_hand.h[k / 4] >> (24 - 8 * (k % 4)));
        se_sha256_start(&s);
        s.n = lengths[i].n;
        se_sha256_finish(&s, digest);
        T_SPAN(((struct rdv_span){ digest, sizeof(digest) }),
               ((struct rdv_span){ want, sizeof(want) }));
    }
}

/* RFC 4231: test cases 2 and 6; of the latter, the key is longer than a block. */
static void authenticates_parts_as_if_they_were_one(void)
{
    const struct rdv_span two[] = { RDV_LIT("what do ya want"),
                                    { NULL, 0 },
                                    RDV_LIT(" for nothing?") };
    const struct rdv_span six[] = { RDV_LIT("Test Using Larger Than Block-Siz"),
                                    RDV_LIT("e Key - Hash Key First") };
    uint8_t long_key[131], mac[SE_SHA256_BYTES] = "Jefe";
    const struct rdv_span got = { mac, sizeof(mac) };

    se_sha256_hmac(mac, (struct rdv_span){ mac, 4 }, two, 3); /* over its own key */
    T_SPAN(got, t_hex("5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"));
    memset(long_key, 0xAA, sizeof(long_key));
    se_sha256_hmac(mac, (struct rdv_span){ long_key, sizeof(long_key) }, six, 2);
    T_SPAN(got, t_hex("60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54"));
    memset(mac, 7, sizeof(mac));
    se_sha256_hmac(long_key, RDV_LIT("key"), &got, 1);
    se_sha256_hmac(mac, RDV_LIT("key"), &got, 1); /* over its own part */
    T_SPAN(got, ((struct rdv_span){ long_key, sizeof(mac) }));
}

static CU_TestInfo tests[] = {
    T_CASE(hashes_the_published_examples),
    T_CASE(a_copy_of_the_state_goes_on_by_itself),
    T_CASE(the_length_is_counted_in_bits),
    T_CASE(authenticates_parts_as_if_they_were_one),
    T_END,
};

T_SUITE(se_card_sha256, tests);
