/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `!key`, and what the card attests of a key. */
#include <stdio.h>
#include <string.h>

#include "schema/wire/cose.h"
#include "se_card/ec.h"
#include "se_card/hash.h"
#include "se_card/own.h"
#include "se_card/words.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define D32 "1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF"
#define PUBLIC_1234 /* of the private key 1234 on secp256k1 */                                     \
    "0437A4AEF1F8423CA076E4B7D99A8CABFF40DDB8231F2A9F01081F15D7FA65C1BAB96CED90A1B8F9B43A18FC900F" \
    "F55AF2BE0E94B90A434FCA5B9E226B835024CD"

static struct t_element element;
static struct se_session root;
static struct rdv_buf answer;

static void start(void)
{
    element = t_element_new(false);
    answer = RDV_BUF(1 << 17);
    element.el->now = 1800000000;
    T_MUST_OK(se_session_init(&root, element.el, 1));
}

static void stop(void)
{
    rdv_buf_free(&answer);
    t_element_free(&element);
}

static struct rdv_span say(const char *line)
{
    rdv_buf_clear(&answer);
    T_MUST_OK(se_element_begin(element.el));
    T_OK(se_words_run(&root, &answer, rdv_span_of(line)));
    T_MUST_OK(se_element_commit(element.el));
    return rdv_buf_view(&answer);
}

/* The hex digits behind `key=` in the last answer, as bytes. */
static struct rdv_span bytes_behind(const char *key)
{
    char text[20000];
    char *at, *end;

    T_MUST_OK(rdv_span_to_text(text, sizeof(text), rdv_buf_view(&answer)));
    T_MUST((at = strstr(text, key)) != NULL);
    at += strlen(key);
    for (end = at; strchr("0123456789ABCDEF", *end) != NULL && *end != '\0'; end++)
        continue;
    *end = '\0';
    return t_hex(at);
}

static void keys_are_made_shown_and_listed(void)
{
    start();
    T_TEXT(say("!key list"), "OK\r\n");
    T_TEXT(say("!key import 02 private=1234"),
           "slot=02 kind=secp256k1 origin=imported private=yes exportable=yes"
           " created=2027-01-15T08:00:00Z uses=0 public=" PUBLIC_1234 "\r\nOK\r\n");
    T_TEXT(say("!key import 30 secret=00112233445566778899AABBCCDDEEFF"),
           "slot=30 kind=secret origin=imported private=yes exportable=yes"
           " created=2027-01-15T08:00:00Z uses=0\r\nOK\r\n");
    T_TEXT(say("!key encrypt 30 data=00000000000000000000000000000000"),
           "data=FDE4FBAE4A09E020EFF722969F83832B\r\nOK\r\n");
    T_TEXT(say("!key list"), "slot=02 kind=secp256k1 origin=imported private=yes exportable=yes"
                             " created=2027-01-15T08:00:00Z uses=0\r\n"
                             "slot=30 kind=secret origin=imported private=yes exportable=yes"
                             " created=2027-01-15T08:00:00Z uses=1\r\nOK\r\n");
    T_TEXT(say("!key clear 02"), "OK\r\n");
    T_TEXT(say("!key show 02"), "slot=02 kind=secp256k1 origin=none\r\nOK\r\n");
    stop();
}

static void what_is_wrong_is_named(void)
{
    static const struct {
        const char *line, *answer;
    } cases[] = {
        { "!key show", "ERR format which key? 00 to 3F\r\n" },
        { "!key show 10", "ERR format \"10\" is not a key: 00 to 3F\r\n" },
        { "!key show 40", "ERR format \"40\" is not a key: 00 to 3F\r\n" },
        { "!key generate 01 type=ed25519",
          "ERR format type=ed25519: secp256k1 or p256, and that only for the keys 00 to 0F\r\n" },
        { "!key generate 20 type=p256",
          "ERR format type=p256: secp256k1 or p256, and that only for the keys 00 to 0F\r\n" },
        { "!key generate 00", "ERR exists key=00: there is a key, clear it first\r\n" },
        { "!key generate 01 exportable=maybe", "ERR format exportable: yes or no\r\n" },
        { "!key import 01", "ERR format nothing to import: see !help\r\n" },
        { "!key import 01 secret=00", "ERR format secret: not a part of key 01\r\n" },
        { "!key import 01 private=00", "ERR range private: not such a key\r\n" },
        { "!key import 01 private=ABC",
          "ERR format private: not HEX (HEX: two digits a byte)\r\n" },
        { "!key import 30 secret=", "ERR range key=30: 1 to 64 bytes\r\n" },
        { "!key export 00", "ERR denied key=00: it was not made exportable\r\n" },
        { "!key export 01", "ERR absent key=01: there is none\r\n" },
        { "!key export 20",
          "ERR format part: public, private; modulus, exponent, p, q, dp, dq, qinv; secret\r\n" },
        { "!key sign 01 data=" D32, "ERR absent key=01: there is none\r\n" },
        { "!key sign 00", "ERR format data= is missing: see !help\r\n" },
        { "!key sign 00 data=0", "ERR format data: not HEX (HEX: two digits a byte)\r\n" },
        { "!key sign 00 data=" D32 "00 pipe=yes", "ERR range a pipe is blocks of 32 bytes\r\n" },
        { "!key hmac 31 data=00", "ERR absent key=31: there is none\r\n" },
        { "!key hmac 31 data=00 hash=md5", "ERR format hash=md5: sha256 or sha512\r\n" },
        { "!key attest 30", "ERR range key=30: it has no public key\r\n" },
        { "!key attest 05", "ERR absent key=05: there is none\r\n" },
        { "!key derive 03 path=80000000", "ERR format seed= is missing: see !help\r\n" },
        { "!key derive 03 seed=388 path=80000000", "ERR format seed: a key, 30 to 3F\r\n" },
        { "!key derive 03 seed=38 path=80000000", "ERR absent key=38: there is none\r\n" },
        { "!key derive 03 seed=38 path=00", "ERR range a path is 1 to 16 words of 4 bytes\r\n" },
        { "!key unwrap 00 blob=00", "ERR range not a blob\r\n" },
        { "!key wrap 00 header=00", "ERR range a header is type 00, slot, part, and 4 bytes; or "
                                    "slot, part\r\n" },
        { "!key wrap 00 header=00018001020304", "ERR range key=00: the header names key 01\r\n" },
        { "!key wrap 00 header=00008001020304", "ERR absent no wrap secret is set: ?30\r\n" },
    };

    start();
    (void)say("!key generate 00");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (!t_span_(say(cases[i].line), rdv_span_of(cases[i].answer), cases[i].line, __FILE__,
                     __LINE__))
            break;
    }
    stop();
}

static void a_key_that_is_held_never_leaves_again(void)
{
    start();
    (void)say("!key generate 00 exportable=yes");
    T_UINT(bytes_behind("public=").n, 65);
    (void)say("!key export 00");
    T_UINT(bytes_behind("part=").n, 32);
    (void)say("!key hold 00");
    T_TEXT(say("!key export 00"), "ERR denied key=00: it was not made exportable\r\n");
    (void)say("!key sign 00 data=" D32);
    T_TRUE(bytes_behind("signature=").n > 60);
    stop();
}

static void an_attestation_says_what_the_key_is(void)
{
    uint8_t digest[SE_SHA256_BYTES];
    struct rdv_buf signed_bytes = RDV_BUF(4096), want = RDV_BUF(4096);
    uint8_t kid[SE_OWN_KID_BYTES];
    struct rdv_cose cose;

    start();
    (void)say("!key import 02 private=1234");
    (void)say("!key attest 02");
    T_MUST_OK(rdv_cose_get(&cose, bytes_behind("statement=")));
    T_MUST_OK(rdv_cose_put_signed(&signed_bytes, &cose));
    se_sha256(digest, rdv_buf_view(&signed_bytes));
    T_OK(se_ec_verify_rs(element.el->ec, SE_CURVE_K1, cose.signature,
                         (struct rdv_span){ element.el->identity, SE_EC_POINT_BYTES },
                         (struct rdv_span){ digest, sizeof(digest) }));
    T_SPAN(cose.payload, t_hex("A8"
                               "646B696E64 69 736563703235366B31"   /* kind: secp256k1 */
                               "6475736573 00"                      /* uses: 0 */
                               "666F726967696E 68 696D706F72746564" /* origin: imported */
                               "667075626C6963 5841" PUBLIC_1234    /* public */
                               "66726967687473 81 64 7369676E"      /* rights: [sign] */
                               "6763726561746564 1A 6B49D200"       /* created */
                               "6770726976617465 F5"                /* private: true */
                               "6A6578706F727461626C65 F5"));       /* exportable: true */
    se_own_kid(element.el, kid);
    T_MUST_OK(
            rdv_put_bytes(&want, t_hex("A4 01 382E 03 78186170706C69636174696F6E2F7264762D6B65792B"
                                       "63626F72 04 48")));
    T_MUST_OK(rdv_put_bytes(&want, (struct rdv_span){ kid, sizeof(kid) }));
    T_MUST_OK(rdv_put_bytes(&want, t_hex("0F A3 01 68 6B6579312E636F6D 02 66 6B65792F3032 06 1A"
                                         "6B49D200")));
    T_SPAN(cose.protected, rdv_buf_view(&want));
    rdv_buf_free(&signed_bytes);
    rdv_buf_free(&want);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(keys_are_made_shown_and_listed),
    T_CASE(what_is_wrong_is_named),
    T_CASE(a_key_that_is_held_never_leaves_again),
    T_CASE(an_attestation_says_what_the_key_is),
    T_END,
};

T_SUITE(se_card_words_key, tests);
