/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/rsa.h"

#include <string.h>

#include "base/secret.h"
#include "tests/support/rsa.h"
#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

/* Vector RSA-1 of tests/vectors/tls-se.txt. */
static const char *const published[SE_RSA_PART_COUNT] = {
    [SE_RSA_MODULUS] =
            "A5EFF4538809B418C9FB7D6EFC8E6528CFA3DAF500B992D7F8CED705933D3E230590DD54C2E2A5BCE4C1"
            "F0F48F716D95B43A0E9AFB6D4F3E1CF4CB8F2C7D9D10E27104A89817419296E93D6FF1D6B9900CC8D7C8"
            "2D5653C446762C6BFC4B470AF36D6B997C9D272D0F62AB698997F4433B5226C6E804B13202108ECAF8CB"
            "9253B35C96213C75B54E696DA2E8A08610698D3D4A702DEE6DE5BA450DD82BD5120C33732858EF5F0CFF"
            "7CEFA571167EFFDE517EB8F48E1A477582A1F3DCE5A6BDE2E5FFF7569BB8B29223ADE10BF6D0D1C4B1AE"
            "CB42EDB5D9B4FE5C02F1CB7E2F3A346D11E29D6DB48D3CBEF621F83525296EE3B29D102FB9703EBF50F7"
            "E929AF59",
    [SE_RSA_EXPONENT] = "010001",
    [SE_RSA_P] =
            "A6DBBA1977E559876A3F42A1AFFD57AA1F402494E22BA17523E4F2729D3145DFBCDE29431A774C30DE6D"
            "09CD8DF8299F1355CFEEC9A3824711C1F3E4B3FFCE02668DEF4CA5085873E10C59C2E68074C208A04297"
            "CE081F56679E09231970D303A56238F7ABF0CB2E09B8BF9A51346EEE3D90A3E2346B83A1D3ED00FFCD36"
            "AF6F",
    [SE_RSA_Q] =
            "FE9644F0A6D0EF464238F38B53AF907474C5B12FE637E0095851F17AB1FEA9BD9C745AE43BAEB0664969"
            "C2E5B09121DC07D72235679CE7B36BB50AF74B2258724CE5D4E15F7EAE9D7A21F398EF1634606504B842"
            "A6076D6E0CD9B04A3E0116063EBC3F949324849B2409CD428D2D68959CA4C231D76FC16BB6AAA7EB35DE"
            "A9B7",
    [SE_RSA_DP] =
            "8288C6F001B1F4F651122848616BAA5736977186DFE10E309BE21221C403B60C30AF044CB0B9BF6B43B6"
            "BDC2875C2B037D96D65292804DFCD7518A41D2E73DFCF6C9F6F958EA4C786B08C4780AE757702C5B637D"
            "6AFB43B8CEDAFD7EEDFA2BBA607994E37D29A569E0C51D6FD63354CD2070B524D3A98092EB3E3057EDEC"
            "E815",
    [SE_RSA_DQ] =
            "1AD2C856B6ACC2D91B3716E9F21A48550CCC9B7B997CFF9CDC725DC7F8A3054D5603A863EDA9DD2A19C8"
            "0BE1D975A124A6AAD30EDF68D7BCBEB7677D60AC30B77244B0E642027DF157A1E62191E73C0380013C4C"
            "C1637CF320657B3E8743E4072A6AF923F550DEABDDE32E7E3993B4363737E0C21199D3BE3E93C27774C8"
            "8E07",
    [SE_RSA_QINV] =
            "7EE0068F1F40563006B86799780B5B3E0ADF9243DA2A51FE854CF8032C5E1DE45EE290757E68D7F5FBFE"
            "DD53E7B357C435DA908D3C5250F5842BD3178DE39C063D1B0E01B094537FA5A5E8AB8E0ABB8E8E996A51"
            "7690DCE42F0E0C5245AD052E880B6BCEAE6B6E9DB4C387280D2C7EAA826F1BA91CC5370D46E138E5C918"
            "60D5",
};
#define PUBLISHED_DIGEST "1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF"
static const char published_signature[] =
        "403B383E773512176786574CE741AD51133E9AC5866E7CFE7A3DBE47453E0095DC0C505DC004FA8445B2"
        "AA96DD1E04ED1DED4CC681B13BB1D7A2A8A246EA1B63598ECFBF593A3F508AA55F37E4B1F91DEECE3EAC"
        "1019E1D542CDFE03247C3F0490A8D39E1EF7A3D443B6A9B3535A2B7B7DA9978109BFECB4CD05F45ED52C"
        "0001B961D2C706B7F3710863DED1F1241399C08C09209B760AA596605BD9446040BF3D8C7E8187C659A4"
        "7415724BC6311E859CDFACD7A0E6FDA9D453172975101270EBAB183E251510DD8A0A5D54BE9B4414F171"
        "BD1AF111292A38C06ED841B7F5F6182FC54A512CFD15810E6BAF17525865F3D0D8771522235F887C7BD7"
        "503C5CB8";
/* 1234, filled up with zeros on the right, to the power of the private exponent. */
static const char published_power[] =
        "A0B5F11085F9833CD81A5B3EDB378F669AB2BACF7143A3D8F004CDABD389EAC6F22732DC38E88D893E83"
        "73D6FA9806ACB84CB3C316EF959B0102582A86EE1A3F2BB2ADFF704F14E3EF7A5310F62B45BE553EB3B9"
        "5BEACA1056FE102295E340385E76033C5D18B629D92EE81396DC2942240AED159FEBF841DC2DDA3F5DED"
        "E8DDBBA1ED863CEEA2896E4589293F62481F5104871A1F0CE14E00487DAE8C7EC6C852900D3E0943792B"
        "27EF1A1D91229C7062F9E8927D74F5A78450E6F373BD50CFE7DB87B0663CF4A24E2E2D59A3D113096AA3"
        "89114CD60CF3444DADAFAB783A931429CA779EEA84094C39F6160E9A055E1E84864661CE71CD7C7AC014"
        "36A157A6";

static struct se_rsa_parts published_parts(void)
{
    struct se_rsa_parts parts = { 0 };

    for (int part = 0; part < SE_RSA_PART_COUNT; part++)
        T_MUST_OK(se_rsa_set(&parts, (enum se_rsa_part)part, t_hex(published[part])));
    return parts;
}

static struct se_rsa *prepared(struct se_rsa_parts *parts)
{
    struct se_rsa *rsa;

    T_MUST_OK(se_rsa_new(&rsa, parts));
    return rsa;
}

static struct rdv_span span(const uint8_t *p, size_t n)
{
    return (struct rdv_span){ p, n };
}

static struct rdv_span whole(const uint8_t number[SE_RSA_BYTES])
{
    return span(number, SE_RSA_BYTES);
}

static bool is_zero(const uint8_t number[SE_RSA_BYTES])
{
    static const uint8_t zero[SE_RSA_BYTES];

    return memcmp(number, zero, SE_RSA_BYTES) == 0;
}

static void expect_refused(struct se_rsa_parts parts)
{
    struct se_rsa *rsa;

    T_ERR(se_rsa_new(&rsa, &parts), RDV_ERR_RANGE);
    T_TRUE(rsa == NULL && !parts.checked);
    se_rsa_free(rsa);
}

static void does_what_was_published(void)
{
    struct se_rsa_parts parts = published_parts();
    struct se_rsa *rsa = prepared(&parts);
    uint8_t out[SE_RSA_BYTES], back[SE_RSA_BYTES];

    T_TRUE(parts.checked == 1);
    T_OK(se_rsa_sign(rsa, out, t_hex(PUBLISHED_DIGEST)));
    T_SPAN(whole(out), t_hex(published_signature));
    T_OK(se_rsa_public(rsa, back, whole(out)));
    T_SPAN(span(back, 4), t_hex("0001FFFF"));
    T_SPAN(span(back + 204, 52),
           t_hex("003031300D060960864801650304020105000420" PUBLISHED_DIGEST));
    T_OK(se_rsa_private(rsa, out, whole(back)));
    T_SPAN(whole(out), t_hex(published_signature));
    T_OK(se_rsa_private(rsa, out, t_hex("1234")));
    T_SPAN(whole(out), t_hex(published_power));
    T_OK(se_rsa_public(rsa, back, t_hex(published_power)));
    T_SPAN(span(back, 3), t_hex("123400"));
    se_rsa_free(rsa);
}

static void a_part_of_another_length_is_refused(void)
{
    const uint8_t bytes[SE_RSA_BYTES + 1] = { 0xff };
    struct se_rsa_parts parts = published_parts();
    const struct se_rsa_parts before = parts;
    static const size_t most[SE_RSA_PART_COUNT] = { 256, 4, 128, 128, 128, 128, 128 };

    for (int part = 0; part < SE_RSA_PART_COUNT; part++) {
        for (size_t n = 0; n <= sizeof(bytes); n++) {
            if (n == most[part] || (part == SE_RSA_EXPONENT && n > 0 && n < 4))
                continue;
            T_ERR(se_rsa_set(&parts, (enum se_rsa_part)part, span(bytes, n)), RDV_ERR_RANGE);
        }
    }
    T_TRUE(memcmp(&parts, &before, sizeof(parts)) == 0);
}

static void each_wrong_part_is_refused(void)
{
    const struct se_rsa_parts good = published_parts();
    struct se_rsa_parts other, parts;
    struct rdv_span value;

    t_rsa_generate(&other, 17);
    for (int part = 0; part < SE_RSA_PART_COUNT; part++) {
        uint8_t changed[SE_RSA_BYTES];

        parts = good;
        T_MUST_OK(se_rsa_get(&value, &other, (enum se_rsa_part)part));
        T_MUST_OK(se_rsa_set(&parts, (enum se_rsa_part)part, value));
        expect_refused(parts);
        parts = good;
        T_MUST_OK(se_rsa_get(&value, &parts, (enum se_rsa_part)part));
        memcpy(changed, value.p, value.n);
        changed[value.n - 1] ^= 2; /* an odd one stays odd */
        T_MUST_OK(se_rsa_set(&parts, (enum se_rsa_part)part, span(changed, value.n)));
        expect_refused(parts);
        memset(changed, 0, sizeof(changed));
        T_MUST_OK(se_rsa_set(&parts, (enum se_rsa_part)part, span(changed, value.n)));
        expect_refused(parts);
    }
}

static void a_factor_that_is_not_prime_is_refused(void)
{
    struct se_rsa_parts parts;

    t_rsa_generate_composite(&parts, SE_RSA_P);
    expect_refused(parts);
    t_rsa_generate_composite(&parts, SE_RSA_Q);
    expect_refused(parts);
}

static void a_public_key_that_cannot_be_one_is_refused(void)
{
    static const char *const exponents[] = { "00", "01", "02", "00000001", "010000" };
    struct se_rsa_parts parts = { 0 }, bad;

    T_MUST_OK(se_rsa_set(&parts, SE_RSA_MODULUS, t_hex(published[SE_RSA_MODULUS])));
    T_MUST_OK(se_rsa_set(&parts, SE_RSA_EXPONENT, t_hex("03")));
    for (size_t i = 0; i < sizeof(exponents) / sizeof(exponents[0]); i++) {
        bad = parts;
        T_MUST_OK(se_rsa_set(&bad, SE_RSA_EXPONENT, t_hex(exponents[i])));
        expect_refused(bad);
    }
    bad = parts;
    bad.modulus[SE_RSA_BYTES - 1] ^= 1;
    expect_refused(bad);
    bad = parts;
    bad.modulus[0] ^= 0x80;
    expect_refused(bad);
}

static void what_is_missing_cannot_be_used(void)
{
    uint8_t out[SE_RSA_BYTES], in[SE_RSA_BYTES] = { 0x12, 0x34 };
    struct rdv_span value;
    struct se_rsa *rsa;

    for (int part = 0; part < SE_RSA_PART_COUNT; part++) {
        struct se_rsa_parts parts = published_parts();

        parts.present = (uint8_t)(parts.present & ~(1 << part));
        T_ERR(se_rsa_get(&value, &parts, (enum se_rsa_part)part), RDV_ERR_ABSENT);
        if (part == SE_RSA_MODULUS || part == SE_RSA_EXPONENT) {
            T_ERR(se_rsa_new(&rsa, &parts), RDV_ERR_ABSENT);
            continue;
        }
        T_MUST_OK(se_rsa_new(&rsa, &parts));
        T_TRUE(!parts.checked);
        T_ERR(se_rsa_sign(rsa, out, t_hex(PUBLISHED_DIGEST)), RDV_ERR_ABSENT);
        T_ERR(se_rsa_private(rsa, out, whole(in)), RDV_ERR_ABSENT);
        T_OK(se_rsa_public(rsa, out, whole(in)));
        se_rsa_free(rsa);
    }
}

static void a_digest_of_another_length_is_refused(void)
{
    struct se_rsa_parts parts = published_parts();
    struct se_rsa *rsa = prepared(&parts);
    uint8_t out[SE_RSA_BYTES];

    T_ERR(se_rsa_sign(rsa, out, t_hex(PUBLISHED_DIGEST "00")), RDV_ERR_RANGE);
    T_TRUE(is_zero(out));
    se_rsa_free(rsa);
}

static void a_number_must_be_below_the_modulus(void)
{
    struct se_rsa_parts parts = published_parts();
    struct se_rsa *rsa = prepared(&parts);
    uint8_t out[SE_RSA_BYTES], n[SE_RSA_BYTES + 1] = { 0 };

    T_ERR(se_rsa_private(rsa, out, RDV_LIT("")), RDV_ERR_RANGE);
    T_ERR(se_rsa_private(rsa, out, span(n, 257)), RDV_ERR_RANGE);
    T_ERR(se_rsa_public(rsa, out, span(n, 257)), RDV_ERR_RANGE);
    T_ERR(se_rsa_public(rsa, out, span(n, 255)), RDV_ERR_RANGE);
    memcpy(n, parts.modulus, SE_RSA_BYTES);
    T_ERR(se_rsa_private(rsa, out, whole(n)), RDV_ERR_RANGE);
    T_TRUE(is_zero(out));
    T_ERR(se_rsa_public(rsa, out, whole(n)), RDV_ERR_RANGE);
    T_ERR(se_rsa_private(rsa, out, t_hex("FF")), RDV_ERR_RANGE);
    n[SE_RSA_BYTES - 1]--; /* -1: the exponents are odd */
    T_OK(se_rsa_private(rsa, out, whole(n)));
    T_SPAN(whole(out), whole(n));
    T_OK(se_rsa_public(rsa, out, whole(n)));
    T_SPAN(whole(out), whole(n));
    memset(n, 0, sizeof(n));
    T_OK(se_rsa_private(rsa, out, whole(n)));
    T_TRUE(is_zero(out));
    T_OK(se_rsa_public(rsa, out, whole(n)));
    T_TRUE(is_zero(out));
    n[SE_RSA_BYTES - 1] = 1;
    T_OK(se_rsa_private(rsa, out, whole(n)));
    T_SPAN(whole(out), whole(n));
    se_rsa_free(rsa);
}

/* The published key, changed in one part after the check, as a fault in memory would. */
static struct se_rsa *prepared_with_fault(enum se_rsa_part part)
{
    struct se_rsa_parts parts = published_parts();

    parts.secret[part - SE_RSA_P][SE_RSA_HALF_BYTES - 1] ^= 4;
    parts.checked = 1;
    return prepared(&parts);
}

static void a_fault_in_one_half_does_not_show(void)
{
    static const enum se_rsa_part halves[] = { SE_RSA_DP, SE_RSA_DQ, SE_RSA_QINV };
    uint8_t out[SE_RSA_BYTES];

    for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
        struct se_rsa *rsa = prepared_with_fault(halves[i]);

        T_OK(se_rsa_sign(rsa, out, t_hex(PUBLISHED_DIGEST)));
        T_SPAN(whole(out), t_hex(published_signature));
        se_rsa_free(rsa);
    }
}

static void a_wrong_result_stays_inside(void)
{
    struct se_rsa *rsa = prepared_with_fault(SE_RSA_P);
    uint8_t out[SE_RSA_BYTES];

    T_ERR(se_rsa_sign(rsa, out, t_hex(PUBLISHED_DIGEST)), RDV_ERR_CORRUPT);
    T_TRUE(is_zero(out));
    T_ERR(se_rsa_private(rsa, out, t_hex("1234")), RDV_ERR_CORRUPT);
    T_TRUE(is_zero(out));
    se_rsa_free(rsa);
}

static void a_part_set_again_is_checked_again(void)
{
    struct se_rsa_parts parts = published_parts();

    se_rsa_free(prepared(&parts));
    T_TRUE(parts.checked == 1);
    T_MUST_OK(se_rsa_set(&parts, SE_RSA_P, t_hex(published[SE_RSA_DP])));
    expect_refused(parts);
}

static void keys_of_another_maker_work(void)
{
    static const unsigned exponents[] = { 3, 17, 65537 };
    uint8_t digest[32] = { 0 }, in[SE_RSA_BYTES] = { 0x5a }, out[SE_RSA_BYTES], back[SE_RSA_BYTES];

    for (size_t i = 0; i < sizeof(exponents) / sizeof(exponents[0]); i++) {
        struct se_rsa_parts parts;
        struct se_rsa *rsa;

        t_rsa_generate(&parts, exponents[i]);
        rsa = prepared(&parts);
        digest[31] = (uint8_t)i;
        T_OK(se_rsa_sign(rsa, out, span(digest, 32)));
        T_TRUE(t_rsa_verifies(&parts, span(digest, 32), out));
        for (size_t n = i == 0 ? 0 : 1; n < 32; n += 10) {
            T_OK(se_rsa_sign(rsa, out, span(digest + 32 - n, n)));
            T_TRUE(t_rsa_verifies(&parts, span(digest, 32), out));
        }
        T_OK(se_rsa_private(rsa, out, whole(in)));
        t_rsa_public(&parts, back, out);
        T_SPAN(whole(back), whole(in));
        se_rsa_free(rsa);
    }
}

static void a_generated_key_is_whole_and_good(void)
{
    struct se_rsa_parts parts, copy = { 0 };
    struct rdv_span value;
    struct se_rsa *rsa;
    uint8_t out[SE_RSA_BYTES];

    T_MUST_OK(se_rsa_generate(&parts));
    T_TRUE(parts.checked == 1);
    for (int part = 0; part < SE_RSA_PART_COUNT; part++) {
        T_MUST_OK(se_rsa_get(&value, &parts, (enum se_rsa_part)part));
        T_MUST_OK(se_rsa_set(&copy, (enum se_rsa_part)part, value));
    }
    T_MUST_OK(se_rsa_get(&value, &copy, SE_RSA_EXPONENT));
    T_SPAN(value, t_hex("010001"));
    rsa = prepared(&copy); /* passes the checks that the other one is spared */
    T_TRUE(memcmp(&parts, &copy, sizeof(parts)) == 0);
    T_OK(se_rsa_sign(rsa, out, t_hex(PUBLISHED_DIGEST)));
    T_TRUE(t_rsa_verifies(&parts, t_hex(PUBLISHED_DIGEST), out));
    se_rsa_free(rsa);
    T_MUST_OK(se_rsa_generate(&copy));
    T_TRUE(memcmp(parts.modulus, copy.modulus, sizeof(parts.modulus)) != 0);
}

static void out_of_memory_is_told(void)
{
    struct se_rsa_parts parts = published_parts();
    enum rdv_err err = RDV_OK;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err)) {
        struct se_rsa *rsa;

        err = se_rsa_new(&rsa, &parts);
        T_TRUE((rsa == NULL) == (err != RDV_OK));
        se_rsa_free(rsa);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(does_what_was_published),
    T_CASE(a_part_of_another_length_is_refused),
    T_CASE(each_wrong_part_is_refused),
    T_CASE(a_factor_that_is_not_prime_is_refused),
    T_CASE(a_public_key_that_cannot_be_one_is_refused),
    T_CASE(what_is_missing_cannot_be_used),
    T_CASE(a_digest_of_another_length_is_refused),
    T_CASE(a_number_must_be_below_the_modulus),
    T_CASE(a_fault_in_one_half_does_not_show),
    T_CASE(a_wrong_result_stays_inside),
    T_CASE(a_part_set_again_is_checked_again),
    T_CASE(keys_of_another_maker_work),
    T_CASE(a_generated_key_is_whole_and_good),
    T_CASE(out_of_memory_is_told),
    T_END,
};

T_SUITE(se_card_rsa, tests);
