/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/hash.h"

#include <string.h>

#include "tests/support/test.h"

static struct rdv_span repeated(uint8_t byte, size_t n)
{
    static uint8_t bytes[200];

    T_MUST(n <= sizeof(bytes));
    memset(bytes, byte, n);
    return (struct rdv_span){ bytes, n };
}

/* FIPS 180-4: the examples for "abc" and for nothing */
static void hashes_the_published_examples(void)
{
    uint8_t out[SE_SHA256_BYTES];
    const struct rdv_span got = { out, sizeof(out) };

    se_sha256(out, RDV_LIT("abc"));
    T_SPAN(got, t_hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
    se_sha256(out, (struct rdv_span){ NULL, 0 });
    T_SPAN(got, t_hex("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"));
}

static void authenticates(struct rdv_span key, struct rdv_span data, const char *want_256,
                          const char *want_512)
{
    uint8_t short_mac[SE_SHA256_BYTES], long_mac[SE_SHA512_BYTES];

    se_hmac_sha256(short_mac, key, data);
    T_SPAN(((struct rdv_span){ short_mac, sizeof(short_mac) }), t_hex(want_256));
    se_hmac_sha512(long_mac, key, data);
    T_SPAN(((struct rdv_span){ long_mac, sizeof(long_mac) }), t_hex(want_512));
}

/* RFC 4231: test cases 1, 2 and 6 (a key longer than a block), and nothing under no key */
static void authenticates_the_published_examples(void)
{
    authenticates(repeated(0x0B, 20), RDV_LIT("Hi There"),
                  "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7",
                  "87AA7CDEA5EF619D4FF0B4241A1D6CB02379F4E2CE4EC2787AD0B30545E17CDE"
                  "DAA833B7D6B8A702038B274EAEA3F4E4BE9D914EEB61F1702E696C203A126854");
    authenticates(RDV_LIT("Jefe"), RDV_LIT("what do ya want for nothing?"),
                  "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843",
                  "164B7A7BFCF819E2E395FBE73B56E0A387BD64222E831FD610270CD7EA250554"
                  "9758BF75C05A994A6D034F65F8F0E6FDCAEAB1A34D4A6B4B636E070A38BCE737");
    authenticates(repeated(0xAA, 131),
                  RDV_LIT("Test Using Larger Than Block-Size Key - Hash Key First"),
                  "60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54",
                  "80B24263C7C1A3EBB71493C1DD7BE8B49B46D1F41B4AEEC1121B013783F8F352"
                  "6B56D037E05F2598BD0FD2215D6A1E5295E64F73F63F0AEC8B915A985D786598");
    authenticates((struct rdv_span){ NULL, 0 }, (struct rdv_span){ NULL, 0 },
                  "B613679A0814D9EC772F95D778C35FC5FF1697C493715653C6C712144292C5AD",
                  "B936CEE86C9F87AA5D3C6F2E84CB5A4239A5FE50480A6EC66B70AB5B1F4AC673"
                  "0C6C515421B327EC1D69402E53DFB49AD7381EB067B338FD7B0CB22247225D47");
}

/* RFC 5869: test cases 1 to 3 */
static void expands_the_published_examples(void)
{
    const struct rdv_span secret = t_hex("0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B");
    const struct rdv_span none = { NULL, 0 };
    uint8_t out[82], low[80], middle[80], high[80];

    for (size_t i = 0; i < 80; i++) {
        low[i] = (uint8_t)i;
        middle[i] = (uint8_t)(0x60 + i);
        high[i] = (uint8_t)(0xB0 + i);
    }
    se_hkdf_sha256(out, 42, secret, t_hex("000102030405060708090A0B0C"),
                   t_hex("F0F1F2F3F4F5F6F7F8F9"));
    T_SPAN(((struct rdv_span){ out, 42 }),
           t_hex("3CB25F25FAACD57A90434F64D0362F2A2D2D0A90CF1A5A4C5DB02D56ECC4C5BF"
                 "34007208D5B887185865"));
    se_hkdf_sha256(out, 82, (struct rdv_span){ low, 80 }, (struct rdv_span){ middle, 80 },
                   (struct rdv_span){ high, 80 });
    T_SPAN(((struct rdv_span){ out, 82 }),
           t_hex("B11E398DC80327A1C8E7F78C596A49344F012EDA2D4EFAD8A050CC4C19AFA97C"
                 "59045A99CAC7827271CB41C65E590E09DA3275600C2F09B8367793A9ACA3DB71"
                 "CC30C58179EC3E87C14C01D5C1F3434F1D87"));
    se_hkdf_sha256(out, 42, secret, none, none);
    T_SPAN(((struct rdv_span){ out, 42 }),
           t_hex("8DA4E775A563C18F715F802A063C5A31B8A11F5C5EE1879EC3454E5F3C738D2D"
                 "9D201395FAA4B61A96C8"));
}

static CU_TestInfo tests[] = {
    T_CASE(hashes_the_published_examples),
    T_CASE(authenticates_the_published_examples),
    T_CASE(expands_the_published_examples),
    T_END,
};

T_SUITE(se_card_hash, tests);
