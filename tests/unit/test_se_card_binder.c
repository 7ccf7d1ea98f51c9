/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Against the published session APDU-1 and identity module IM-1, IM-2 of TLS-SE. */
#include "se_card/binder.h"

#include "se_card/hash.h"
#include "tests/support/test.h"

static const char binder[] = "16692C350E8CD52EE72602357509DFCEFDE1F6B69106C34A9B2BE575935B732E";
/* The ClientHello up to its binders. */
static const char hello[] =
        "0100011D0303505B562E5ADC969EE305C92B85D2CBE5380938079A99F16FFA7E09D9607E47682025"
        "C41720E154AF5D6A7AA4742701C898C1FD89D22206D4D3954C01D87B45290F0004130400FF010000"
        "D0000B000403000102000A0004000200170016000000170000000D001E001C040305030603080708"
        "080809080A080B080408050806040105010601002B0003020304002D000201010033004700450017"
        "0041049205B4F3D7D7293C965D253EDEC44ADC4E9AF719D23502C58D661A04E562769613A15FE3CC"
        "BC2364C268BDD02D11EE0CF49C1AFFBC2FEB902E9724B650EEFE8C0029003A0015000F436C69656E"
        "745F6964656E7469747900000000";
static struct rdv_key demonstration_key(void)
{
    struct rdv_key psk;

    for (size_t i = 0; i < RDV_KEY_BYTES; i++)
        psk.bytes[i] = (uint8_t)(i + 1);
    return psk;
}

static void another_key_hello_or_binder_does_not_match(void)
{
    struct rdv_key psk = demonstration_key();
    const struct rdv_span good = t_hex(binder), whole = t_hex(hello);
    uint8_t changed[SE_BINDER_BYTES];

    T_TRUE(!se_binder_matches(&psk, (struct rdv_span){ whole.p, whole.n - 1 }, good));
    for (size_t n = 0; n < good.n; n++)
        T_TRUE(!se_binder_matches(&psk, whole, (struct rdv_span){ good.p, n }));
    for (size_t bit = 0; bit < 8 * sizeof(changed); bit++) {
        for (size_t i = 0; i < sizeof(changed); i++)
            changed[i] = (uint8_t)(good.p[i] ^ (i == bit / 8 ? 1 << bit % 8 : 0));
        T_TRUE(!se_binder_matches(&psk, whole, (struct rdv_span){ changed, sizeof(changed) }));
    }
    T_TRUE(se_binder_matches(&psk, whole, good));
    psk.bytes[31] ^= 1;
    T_TRUE(!se_binder_matches(&psk, whole, good));
}

static void the_binder_is_the_published_one(void)
{
    const struct rdv_key psk = demonstration_key();
    uint8_t out[SE_BINDER_BYTES], hash[SE_SHA256_BYTES];
    const struct rdv_span got = { out, sizeof(out) };

    se_sha256(hash, t_hex(hello));
    se_binder_make(out, &psk, (struct rdv_span){ hash, sizeof(hash) });
    T_SPAN(got, t_hex(binder));
    se_binder_make(out, &psk, t_hex("00"));
    T_SPAN(got, t_hex("3E015D850B89C2470D4C49D4BD8E7C76F2B74175DDD85F393569315DA15480A4"));
}

/* From the shared secret of the session to its handshake secret. */
static void the_derived_secret_is_the_published_one(void)
{
    const struct rdv_key psk = demonstration_key();
    uint8_t out[SE_BINDER_BYTES], want[SE_BINDER_BYTES];
    const struct rdv_span got = { out, sizeof(out) };

    se_binder_derive(out, &psk,
                     t_hex("6400FFBEDDCC892726FE239EA1A114BA4F35E713197FDA3708518EECA42679F8"));
    T_SPAN(got, t_hex("A6C39F26030E1A8350616DE2B6907B87E1A2ADB2E7BB694166B04070539AD61E"));
    se_binder_derive(out, &psk, RDV_LIT(""));
    se_hmac_sha256(want, t_hex("E8E7AC087158FC8440E41A12989F9194783764CD5FC36564028037F2C8206E96"),
                   RDV_LIT(""));
    T_SPAN(got, ((struct rdv_span){ want, sizeof(want) }));
}

static CU_TestInfo tests[] = {
    T_CASE(another_key_hello_or_binder_does_not_match),
    T_CASE(the_binder_is_the_published_one),
    T_CASE(the_derived_secret_is_the_published_one),
    T_END,
};

T_SUITE(se_card_binder, tests);
