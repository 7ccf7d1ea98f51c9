/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz_element.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "se_card/accounts.h"
#include "se_card/tls.h"
#include "se_card/words.h"
#include "tests/support/dump.h"

/* Published: RSA-1 of the vectors. Generating one takes longer than all the rest together. */
#define RSA                                                                                  \
    "p="                                                                                     \
    "A6DBBA1977E559876A3F42A1AFFD57AA1F402494E22BA17523E4F2729D3145DFBCDE29431A774C30DE6D09" \
    "CD8DF8299F1355CFEEC9A3824711C1F3E4B3FFCE02668DEF4CA5085873E10C59C2E68074C208A04297CE08" \
    "1F56679E09231970D303A56238F7ABF0CB2E09B8BF9A51346EEE3D90A3E2346B83A1D3ED00FFCD36AF6F"   \
    " "                                                                                      \
    "q="                                                                                     \
    "FE9644F0A6D0EF464238F38B53AF907474C5B12FE637E0095851F17AB1FEA9BD9C745AE43BAEB0664969C2" \
    "E5B09121DC07D72235679CE7B36BB50AF74B2258724CE5D4E15F7EAE9D7A21F398EF1634606504B842A607" \
    "6D6E0CD9B04A3E0116063EBC3F949324849B2409CD428D2D68959CA4C231D76FC16BB6AAA7EB35DEA9B7"   \
    " "                                                                                      \
    "dp="                                                                                    \
    "8288C6F001B1F4F651122848616BAA5736977186DFE10E309BE21221C403B60C30AF044CB0B9BF6B43B6BD" \
    "C2875C2B037D96D65292804DFCD7518A41D2E73DFCF6C9F6F958EA4C786B08C4780AE757702C5B637D6AFB" \
    "43B8CEDAFD7EEDFA2BBA607994E37D29A569E0C51D6FD63354CD2070B524D3A98092EB3E3057EDECE815"   \
    " "                                                                                      \
    "dq="                                                                                    \
    "1AD2C856B6ACC2D91B3716E9F21A48550CCC9B7B997CFF9CDC725DC7F8A3054D5603A863EDA9DD2A19C80B" \
    "E1D975A124A6AAD30EDF68D7BCBEB7677D60AC30B77244B0E642027DF157A1E62191E73C0380013C4CC163" \
    "7CF320657B3E8743E4072A6AF923F550DEABDDE32E7E3993B4363737E0C21199D3BE3E93C27774C88E07"   \
    " "                                                                                      \
    "qinv="                                                                                  \
    "7EE0068F1F40563006B86799780B5B3E0ADF9243DA2A51FE854CF8032C5E1DE45EE290757E68D7F5FBFEDD" \
    "53E7B357C435DA908D3C5250F5842BD3178DE39C063D1B0E01B094537FA5A5E8AB8E0ABB8E8E996A517690" \
    "DCE42F0E0C5245AD052E880B6BCEAE6B6E9DB4C387280D2C7EAA826F1BA91CC5370D46E138E5C91860D5"   \
    " "                                                                                      \
    "modulus="                                                                               \
    "A5EFF4538809B418C9FB7D6EFC8E6528CFA3DAF500B992D7F8CED705933D3E230590DD54C2E2A5BCE4C1F0" \
    "F48F716D95B43A0E9AFB6D4F3E1CF4CB8F2C7D9D10E27104A89817419296E93D6FF1D6B9900CC8D7C82D56" \
    "53C446762C6BFC4B470AF36D6B997C9D272D0F62AB698997F4433B5226C6E804B13202108ECAF8CB9253B3" \
    "5C96213C75B54E696DA2E8A08610698D3D4A702DEE6DE5BA450DD82BD5120C33732858EF5F0CFF7CEFA571" \
    "167EFFDE517EB8F48E1A477582A1F3DCE5A6BDE2E5FFF7569BB8B29223ADE10BF6D0D1C4B1AECB42EDB5D9" \
    "B4FE5C02F1CB7E2F3A346D11E29D6DB48D3CBEF621F83525296EE3B29D102FB9703EBF50F7E929AF59"     \
    " "                                                                                      \
    "exponent="                                                                              \
    "010001"                                                                                 \
    " "

static struct se_element *element;
static char dir[] = "rdv-fuzz-XXXXXX";
static int64_t guest;

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

static void clean_up(void)
{
    se_element_close(element);
    (void)nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void be_quiet(enum rdv_log_level level, const char *line)
{
    (void)level;
    (void)line;
}

static void must_run(struct se_session *s, const char *line)
{
    struct rdv_buf answer = RDV_BUF(1 << 18);

    RDV_INVARIANT(se_words_run(s, &answer, rdv_span_of(line)) == RDV_OK &&
                  memmem(rdv_buf_view(&answer).p, rdv_buf_len(&answer), "OK\r\n", 4) != NULL);
    rdv_buf_free(&answer);
}

static void make_element(void)
{
    char kek[80];
    const struct se_element_init init = {
        .dir = dir, .sen = "key1.com", .kek = kek, .demo = true, .now = 1700000000
    };
    const struct se_element_open open = { .dir = dir,
                                          .sen = "key1.com",
                                          .kek = "",
                                          .banner = "RDV keystore",
                                          .audit_keep = 1000,
                                          .log_quota = 1 << 30,
                                          .head_seconds = 3600,
                                          .free_failures = 3 };
    struct se_session root;
    struct se_account a;

    rdv_log_to(be_quiet);
    RDV_INVARIANT(mkdtemp(dir) != NULL);
    (void)snprintf(kek, sizeof(kek), "file:%s/kek", dir);
    RDV_INVARIANT(se_tls_library_init() == RDV_OK && se_element_init(&init) == RDV_OK &&
                  se_element_open(&element, &open) == RDV_OK && atexit(clean_up) == 0);
    element->now = 1700000000;
    RDV_INVARIANT(se_session_init(&root, element, SE_ROOT_ID) == RDV_OK &&
                  se_element_begin(element) == RDV_OK);
    must_run(&root, "!guest add g1 rights=read,sign,audit records=00-0F keys=00-3F psk=auto");
    must_run(&root, "!guest add \"a b\" identities=x,y posts=5");
    must_run(&root, "!key import 02 private=1234");
    must_run(&root, "!key import 30 secret=00112233445566778899AABBCCDDEEFF");
    must_run(&root, "!key import 38 secret=00112233445566778899AABBCCDDEEFF");
    must_run(&root, "!key import 21 " RSA);
    must_run(&root, "!record set 00 keep=5");
    RDV_INVARIANT(se_accounts_named(element, &a, RDV_LIT("g1")) == RDV_OK &&
                  se_element_commit(element) == RDV_OK);
    guest = a.id;
}

struct se_element *fuzz_element_begin(struct se_session *s, uint8_t choice)
{
    if (element == NULL)
        make_element();
    element->audit.of_second = element->audit.of_hour = (struct rdv_log_limit){ 0 };
    element->audit.unsaid = 0;
    element->read_only = (choice & 2) != 0;
    RDV_INVARIANT(se_element_begin(element) == RDV_OK &&
                  se_session_init(s, element, (choice & 1) != 0 ? guest : SE_ROOT_ID) == RDV_OK);
    return element;
}

void fuzz_element_end(void)
{
    se_element_rollback(element);
}

void fuzz_element_dump(struct rdv_buf *out)
{
    t_dump(out, element->store, T_DUMP_EFFECTS);
}
