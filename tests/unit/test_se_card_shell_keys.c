/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keystore as TLS-SE clients see it: lines in, answers out. The published vectors are played
 * in tests/vectors. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "se_card/accounts.h"
#include "se_card/ec.h"
#include "se_card/keys.h"
#include "se_card/rights.h"
#include "se_card/shell.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define D32 "1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF"
#define N_K1 "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141"
#define N_P256 "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"

static struct t_element element;
static struct se_session root, guest;
static struct rdv_buf answer;

/* What the guest may do. */
static void allow(const char *rights, const char *keys)
{
    struct se_account a;
    struct rdv_span bad;

    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_accounts_get(element.el, &a, guest.account));
    T_MUST_OK(se_rights_decode(&a.rights, &bad, rdv_span_of(rights)));
    T_MUST_OK(se_scope_decode(&a.keys, rdv_span_of(keys)));
    a.enabled = true;
    T_MUST_OK(se_accounts_set(element.el, &a));
    T_MUST_OK(se_element_commit(element.el));
}

static void start(bool demo)
{
    int64_t id = 0;

    element = t_element_new(demo);
    answer = RDV_BUF(1 << 17);
    T_MUST_OK(se_session_init(&root, element.el, 1));
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_accounts_guest(element.el, &id, RDV_LIT("guest")));
    T_MUST_OK(se_element_commit(element.el));
    T_MUST_OK(se_session_init(&guest, element.el, id));
    allow("echo", "none");
}

static void stop(void)
{
    rdv_buf_free(&answer);
    t_element_free(&element);
}

static struct rdv_span say_bytes(struct se_session *s, struct rdv_span line)
{
    rdv_buf_clear(&answer);
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_session_refresh(s));
    T_OK(se_shell_run(s, &answer, line));
    T_MUST_OK(se_element_commit(element.el));
    return rdv_buf_view(&answer);
}

static struct rdv_span say(struct se_session *s, const char *line)
{
    return say_bytes(s, rdv_span_of(line));
}

/* A line made of a command and the digits of n equal bytes. */
static struct rdv_span say_digits(struct se_session *s, const char *command, const char *byte,
                                  size_t n)
{
    static char line[40000];
    size_t at = (size_t)snprintf(line, sizeof(line), "%s", command);

    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(line + at, sizeof(line) - at, "%s", byte);
    return say(s, line);
}

/* An answer in hex, without its line end, as bytes; of which `at` is the first wanted. */
static struct rdv_span bytes_of(struct rdv_span hex)
{
    char text[40000];

    T_MUST(hex.n >= 2);
    hex.n -= 2;
    T_MUST_OK(rdv_span_to_text(text, sizeof(text), hex));
    return t_hex(text);
}

/* All that the store holds of keys and of the element's own. */
static void dump(struct rdv_buf *out)
{
    static const char *const own[] = { "identity", "certificate", "wrap1", "wrap2", "psk3" };
    struct se_key_info info;
    struct rdv_span sealed;

    for (unsigned slot = 0; se_store_key_from(element.el->store, &info, slot) == RDV_OK;
         slot = info.slot + 1U) {
        char line[80];

        (void)snprintf(line, sizeof(line), "%02X %d %d %d %lld %lld ", (unsigned)info.slot,
                       (int)info.kind, (int)info.origin, info.exportable, (long long)info.created,
                       (long long)info.uses);
        T_MUST_OK(rdv_put_text(out, line));
        T_MUST_OK(rdv_put_bytes(out, (struct rdv_span){ info.point, sizeof(info.point) }));
        if (se_store_key_secret(element.el->store, &sealed, info.slot) == RDV_OK)
            T_MUST_OK(rdv_put_bytes(out, sealed));
    }
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (se_store_own_get(element.el->store, &sealed, own[i]) == RDV_OK)
            T_MUST_OK(rdv_put_bytes(out, sealed));
    }
}

/* Each answers ERROR, and nothing of the keys has changed. */
static void all_refused(struct se_session *s, const char *const *lines)
{
    struct rdv_buf before = RDV_BUF(1 << 18), after = RDV_BUF(1 << 18);

    dump(&before);
    for (; *lines != NULL; lines++) {
        if (!t_span_(say(s, *lines), RDV_LIT("ERROR\r\n"), *lines, __FILE__, __LINE__))
            break;
        rdv_buf_clear(&after);
        dump(&after);
        T_TRUE(rdv_span_equal(rdv_buf_view(&before), rdv_buf_view(&after)));
    }
    rdv_buf_free(&before);
    rdv_buf_free(&after);
}

/* The signatures of a pipe, each with its length before it, over blocks of 32 equal bytes. */
static void all_verify(struct rdv_span signatures, enum se_curve curve, struct rdv_span point,
                       const uint8_t *firsts, size_t n)
{
    struct rdv_reader rd = { signatures };
    struct rdv_span der;
    uint8_t block[32];

    for (size_t i = 0; i < n; i++) {
        memset(block, firsts[i], sizeof(block));
        T_MUST_OK(rdv_get_vec8(&rd, &der));
        T_OK(se_ec_verify(element.el->ec, curve, der, point,
                          (struct rdv_span){ block, sizeof(block) }));
    }
    T_OK(rdv_get_end(&rd));
}

static void a_key_is_made_used_and_cleared(void)
{
    struct rdv_span point, der;

    start(false);
    T_TEXT(say(&root, "g00"), "OK\r\n");
    point = bytes_of(say(&root, "p00"));
    der = bytes_of(say(&root, "s00" D32));
    T_OK(se_ec_verify(element.el->ec, SE_CURVE_K1, der, point, t_hex(D32)));
    T_TEXT(say(&root, "c00"), "OK\r\n");
    T_TEXT(say(&root, "p00"), "ERROR\r\n");
    stop();
}

/* --- refusals --------------------------------------------------------------------------------- */

static void what_cannot_be_is_refused_and_changes_nothing(void)
{
    static const char *const lines[] = {
        /* slots and modes that are not there */
        "g",
        "g0",
        "gXX",
        "c40",
        "gC0",
        "p30",
        "r30",
        "s30" D32,
        "P30" D32,
        "X30" D32,
        "h08" D32,
        "h38" D32,
        "A08" D32,
        "h10" D32,
        "E10" D32,
        "E30" D32,
        "b10"
        "80000000",
        "b20"
        "80000000",
        "b08"
        "80000000",
        "C20",
        "C30",
        "G20",
        "G30",
        "m40AB",
        "v40",
        "t4012",
        /* used slots */
        "g00",
        "G00",
        "g10",
        "g01",
        "g20",
        "t30",
        "X00" D32,
        "R01" D32,
        "b00"
        "80000000",
        "R2000" D32,
        "P2001"
        "010001",
        /* empty slots */
        "p05",
        "r05",
        "s05" D32,
        "h05" D32,
        "A05" D32,
        "E05" D32,
        "d05" D32,
        "v3E",
        "p25",
        "r2500",
        "b05"
        "80000000",
        /* another curve */
        "p10",
        "s10" D32,
        "r10",
        "X10" D32,
        /* keys that are none */
        "X05"
        "0000000000000000000000000000000000000000000000000000000000000000",
        "X05" N_K1,
        "X05"
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "X15" N_P256,
        "X0500" D32,
        "X05",
        "X05A",
        "X05AG",
        "R05",
        "P05",
        "P05" D32,
        "P05"
        "04" D32 D32, /* no point */
        "P05"
        "00",
        /* lengths */
        "s00",
        "s0000" D32,
        "s00ABC",
        "s00GG",
        "s4000" D32,
        "s40",
        "h4000",
        "H40" D32 "00",
        "A0000",
        "A00",
        "a00"
        "11223344556677889900112233445566"
        "77",
        "A4000",
        "E00",
        "d00" D32,
        "t30" D32 D32 "00",
        "t30ABC",
        "T3F" D32 D32 "00",
        /* paths */
        "b05",
        "b05"
        "00000000",
        "b05"
        "8000000",
        "b05"
        "8000000000000001",
        "b05"
        "80000000AA",
        /* junk behind */
        "c00 ",
        "g05 ",
        "p00 ",
        "r00 ",
        "v30 ",
        "C05x",
        "p2002",
        "p20000",
        "r2005",
        "r2000AB",
        "?0A00",
        "?0B00",
        "?0C",
        "?0C00",
        "?0C" D32 "00",
        "?0E" D32,
        "?0E" D32 D32 "00",
        "?30",
        "?30" D32 "00",
        "?31ABC",
        "?A2" D32 "00",
        "?A2",
        "?D0",
        "?D0" D32 "00",
        "?D1AB",
        "?D2" D32,
        NULL,
    };

    start(false);
    T_TEXT(say(&root, "g00"), "OK\r\n");
    T_TEXT(say(&root, "G01"), "OK\r\n");
    T_TEXT(say(&root, "g20"), "OK\r\n");
    T_TEXT(say(&root, "t30" D32), "OK\r\n");
    T_TEXT(say(&root, "t3F" D32), "OK\r\n");
    all_refused(&root, lines);
    stop();
}

static void a_path_has_at_most_sixteen_levels(void)
{
    start(false);
    T_TEXT(say(&root, "t38" D32), "OK\r\n");
    T_TEXT(say_digits(&root, "b00", "80000001", 17), "ERROR\r\n");
    T_TEXT(say_digits(&root, "b00", "80000001", 16), "OK\r\n");
    T_TEXT(say(&root, "k01"
                      "80000001"),
           "ERROR\r\n"); /* there is no seed 39 */
    stop();
}

static void private_keys_come_back_only_from_exportable_keys(void)
{
    static const char *const generated[] = { "r00", "r01", "v30", "v38", "r2000", "r2004", NULL };

    start(false);
    T_TEXT(say(&root, "g00"), "OK\r\n");
    T_TEXT(say(&root, "G01"), "OK\r\n");
    T_TEXT(say(&root, "t30"), "OK\r\n");
    T_TEXT(say(&root, "t38"), "OK\r\n");
    T_TEXT(say(&root, "g20"), "OK\r\n");
    all_refused(&root, generated);
    T_TEXT(say(&root, "b02"
                      "80000000"),
           "ERROR\r\n"); /* no seed 3A */
    T_TEXT(say(&root, "c00"), "OK\r\n");
    T_TEXT(say(&root, "b00"
                      "80000000"),
           "OK\r\n");
    T_TEXT(say(&root, "r00"), "ERROR\r\n"); /* as its seed */
    T_TEXT(say(&root, "t39AB"), "OK\r\n");
    T_TEXT(say(&root, "c01"), "OK\r\n");
    T_TEXT(say(&root, "b01"
                      "80000000"),
           "OK\r\n");
    T_UINT(say(&root, "r01").n, 66);
    T_TEXT(say(&root, "X031234"), "OK\r\n");
    T_TEXT(say(&root, "r03"), "0000000000000000000000000000000000000000000000000000000000001234"
                              "\r\n");
    T_TEXT(say(&root, "v39"), "AB\r\n");
    T_UINT(say(&root, "p20").n, 514);
    T_TEXT(say(&root, "p2001"), "010001\r\n");
    stop();
}

static void a_demonstration_card_lets_everything_be_read(void)
{
    start(true);
    T_TEXT(say(&root, "g00"), "OK\r\n");
    T_UINT(say(&root, "r00").n, 66);
    T_TEXT(say(&root, "T31"), "OK\r\n");
    T_UINT(say(&root, "v31").n, 66);
    stop();
}

static void a_public_key_must_belong_to_the_private_key(void)
{
    char line[200];
    struct rdv_span point;

    start(false);
    T_TEXT(say(&root, "X001234"), "OK\r\n");
    point = say(&root, "p00");
    (void)snprintf(line, sizeof(line), "P00%.130s", (const char *)point.p);
    T_TEXT(say(&root, line), "OK\r\n");
    memcpy(line, "P02", 3);
    T_TEXT(say(&root, line), "OK\r\n");
    T_TEXT(say(&root, "s02" D32), "ERROR\r\n"); /* the public key alone */
    T_TEXT(say(&root, "X021235"), "ERROR\r\n");
    T_TEXT(say(&root, "X021234"), "OK\r\n");
    T_TEXT(say(&root, "X031235"), "OK\r\n");
    memcpy(line, "P03", 3);
    T_TEXT(say(&root, line), "ERROR\r\n");
    stop();
}

static void a_slot_is_chosen_for_p256_before_its_key_comes(void)
{
    struct rdv_span point, der;

    start(false);
    T_TEXT(say(&root, "C04"), "OK\r\n");
    T_TEXT(say(&root, "p04"), "ERROR\r\n");
    T_TEXT(say(&root, "R041234"), "OK\r\n");
    point = bytes_of(say(&root, "p14"));
    T_OK(se_ec_public_check(element.el->ec, SE_CURVE_P256, point));
    der = bytes_of(say(&root, "s14" D32));
    T_OK(se_ec_verify(element.el->ec, SE_CURVE_P256, der, point, t_hex(D32)));
    T_TEXT(say(&root, "c04"), "OK\r\n");
    T_TEXT(say(&root, "g04"), "OK\r\n");
    T_TEXT(say(&root, "p14"), "ERROR\r\n");
    T_TEXT(say(&root, "g1F"), "OK\r\n"); /* 1y asks for it too */
    T_OK(se_ec_public_check(element.el->ec, SE_CURVE_P256, bytes_of(say(&root, "p0F"))));
    stop();
}

/* --- pipes and bytes -------------------------------------------------------------------------- */

static void pipes_sign_block_after_block(void)
{
    static const uint8_t firsts[] = { 0x11, 0x22, 0x33 };
    uint8_t line[3 + 96] = { 's', 'C', '1' };
    struct rdv_span point, signatures;

    start(false);
    T_TEXT(say(&root, "g00"), "OK\r\n");
    T_TEXT(say(&root, "G01"), "OK\r\n");
    point = bytes_of(say(&root, "p00"));
    signatures = bytes_of(say(&root,
                              "s40"
                              "1111111111111111111111111111111111111111111111111111111111111111"
                              "2222222222222222222222222222222222222222222222222222222222222222"
                              "3333333333333333333333333333333333333333333333333333333333333333"));
    all_verify(signatures, SE_CURVE_K1, point, firsts, 3);
    point = bytes_of(say(&root, "p01"));
    for (size_t i = 0; i < 96; i++)
        line[3 + i] = firsts[i / 32];
    signatures = say_bytes(&root, (struct rdv_span){ line, sizeof(line) });
    T_MUST(signatures.n > 2);
    signatures.n -= 2;
    all_verify(signatures, SE_CURVE_P256, point, firsts, 3);
    stop();
}

static void an_answer_fits_one_record_or_nothing_is_done(void)
{
    static const char *const none[] = { NULL };

    start(false);
    T_TEXT(say(&root, "g00"), "OK\r\n");
    T_TEXT(say_digits(&root, "s40",
                      "1111111111111111111111111111111111111111111111111111111111111111", 200),
           "ERROR\r\n");
    all_refused(&root, none);
    T_TRUE(say_digits(&root, "s40",
                      "1111111111111111111111111111111111111111111111111111111111111111", 100)
                   .n > 100 * 2 * 70);
    stop();
}

static void a_torn_last_block_is_refused(void)
{
    static const char *const none[] = { NULL };
    static const char *const commands[] = { "s40", "h40", "H40", "A40", "a40", "E40", "d40", NULL };

    start(false);
    T_TEXT(say(&root, "g00"), "OK\r\n");
    T_TEXT(say(&root, "t30"
                      "00112233445566778899AABBCCDDEEFF"),
           "OK\r\n");
    T_TEXT(say(&root, "g20"), "OK\r\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        T_TEXT(say_digits(&root, commands[i], "11", 4095), "ERROR\r\n");
    all_refused(&root, none);
    stop();
}

static void secrets_work_in_all_forms(void)
{
    static const uint8_t raw[] = { 'm', '8', '0', '1', '2', 0, '3' };

    start(false);
    T_TEXT(say(&root, "t0031323334"), "OK\r\n"); /* older clients write t00 for t30 */
    T_TEXT(say(&root, "v30"), "31323334\r\n");
    T_TEXT(say(&root, "A00"
                      "00112233445566778899AABBCCDDEEFF"),
           "ERROR\r\n"); /* 4 bytes: no key */
    T_TEXT(say(&root, "t30" D32), "OK\r\n");
    T_TEXT(say(&root, "m001234"),
           "9D34091D3C57EF75FEC29E0E5B58B7508FF39A94FA2925241EC58A63A504DD7B\r\n");
    T_UINT(say_bytes(&root, (struct rdv_span){ raw, sizeof(raw) }).n, 34);
    T_UINT(say(&root, "h30").n, 66); /* of nothing */
    stop();
}

static void uses_are_counted(void)
{
    struct se_key_info info;

    start(false);
    T_TEXT(say(&root, "g00"), "OK\r\n");
    T_UINT(say(&root, "s00" D32).n > 100, 1);
    T_UINT(say(&root, "s40" D32 D32).n > 200, 1);
    T_TEXT(say(&root, "s40" D32 "00"), "ERROR\r\n");
    T_MUST_OK(se_keys_info(element.el, &info, 0));
    T_UINT((unsigned long long)info.uses, 3);
    T_UINT(info.origin, SE_KEY_GENERATED);
    T_TRUE(!info.exportable);
    T_UINT((unsigned long long)info.created, (unsigned long long)element.el->now);
    stop();
}

static void a_damaged_key_is_refused_and_the_others_serve(void)
{
    struct se_key_info info;
    static const uint8_t junk[SE_SEAL_OVERHEAD + 32];

    start(false);
    T_TEXT(say(&root, "g00"), "OK\r\n");
    T_TEXT(say(&root, "g01"), "OK\r\n");
    T_MUST_OK(se_keys_info(element.el, &info, 0));
    T_MUST_OK(se_store_key_put(element.el->store, &info, (struct rdv_span){ junk, sizeof(junk) }));
    T_TEXT(say(&root, "s00" D32), "ERROR\r\n");
    T_UINT(t_logged("key 00: its sealed secret is damaged"), 1);
    T_TRUE(say(&root, "s01" D32).n > 100);
    stop();
}

/* --- rights ----------------------------------------------------------------------------------- */

static void a_guest_needs_the_right_and_the_key(void)
{
    static const char *const without_sign[] = { "s00" D32, "p00", NULL };
    static const char *const without_keygen[] = { "g05", "c00", "X05AB", "t35AB", "P05AB", NULL };
    static const char *const without_export[] = { "r03", "v30",
                                                  "?33"
                                                  "00000012345678",
                                                  NULL };
    static const char *const out_of_scope[] = { "s00" D32,
                                                "p00",
                                                "h00" D32,
                                                "b06"
                                                "80000000",
                                                "?33"
                                                "00000012345678",
                                                NULL };

    start(false);
    T_TEXT(say(&root, "g00"), "OK\r\n");
    T_TEXT(say(&root, "X031234"), "OK\r\n");
    T_TEXT(say(&root, "t30AB"), "OK\r\n");
    T_TEXT(say(&root, "t3EAB"), "OK\r\n");
    allow("keygen,secret,export", "all");
    all_refused(&guest, without_sign);
    allow("sign,secret,export", "all");
    all_refused(&guest, without_keygen);
    allow("sign,secret,keygen", "all");
    all_refused(&guest, without_export);
    allow("sign,secret,export,keygen,rsa", "01-05,39");
    all_refused(&guest, out_of_scope);
    T_TEXT(say(&guest, "r03"), "0000000000000000000000000000000000000000000000000000000000001234"
                               "\r\n");
    allow("secret", "06");
    T_TEXT(say(&guest, "b06"
                       "80000000"),
           "ERROR\r\n"); /* the seed 3E is out of its scope */
    allow("secret", "06,3E");
    T_TEXT(say(&guest, "b06"
                       "80000000"),
           "OK\r\n");
    stop();
}

/* --- blobs ------------------------------------------------------------------------------------ */

static void blobs_bring_keys_back(void)
{
    char line[700], private[80], changed[700];
    struct rdv_span blob;

    start(false);
    T_TEXT(say(&root, "?33"
                      "00008001020304"),
           "ERROR\r\n"); /* no wrap secret */
    T_TEXT(say(&root, "?301234"), "OK\r\n");
    T_TEXT(say(&root, "?315678"), "OK\r\n");
    T_TEXT(say(&root, "?33"
                      "00008001020304"),
           "ERROR\r\n"); /* no key */
    T_TEXT(say(&root, "C00"), "OK\r\n");
    T_TEXT(say(&root, "R00" D32), "OK\r\n");
    blob = say(&root, "?33"
                      "00108001020304");
    T_UINT(blob.n, 2 * 67 + 2);
    (void)snprintf(line, sizeof(line), "?34%.134s", (const char *)blob.p);
    T_TEXT(say(&root, line), "ERROR\r\n"); /* the slot is used */
    T_TEXT(say(&root, "c00"), "OK\r\n");
    for (size_t i = 3; i < strlen(line); i += 2) {
        const char *const none[] = { changed, NULL };

        memcpy(changed, line, sizeof(changed));
        changed[i] = changed[i] == '0' ? '1' : '0';
        all_refused(&root, none);
    }
    T_TEXT(say(&root, line), "OK\r\n");
    (void)snprintf(private, sizeof(private), "%s\r\n", D32);
    T_TEXT(say(&root, "r10"), private);
    stop();
}

static void older_blobs_are_read_and_written(void)
{
    char line[300];
    struct rdv_span blob;

    start(false);
    T_TEXT(say(&root, "?301234567890ABCDEF1234567890ABCDEF"), "OK\r\n");
    /* published: see the vectors' BLOB-0 */
    T_TEXT(say(&root,
               "?34"
               "108063212026F892AF0C8ADD1E73E2AF3E7A867F8AEB85B653EFDEDC22128228D9813DA6039F6B"
               "5C913BFD775F5593C2576B1B093437AB8B2F8731086263"),
           "OK\r\n");
    T_TEXT(say(&root, "r10"),
           "435B6E516AB693CA54267D5BB50956D9C2F54F90449F16D0034A3B2D64EEEF10\r\n");
    T_TEXT(say(&root, "p10"), "0411E4E60C0A2461F3A94FC2F7ACBB6C527855BD08C90B91320AE796178628531033"
                              "B6C4FCC6C04DD8B278D9"
                              "7238B6C34501FC120D461A16EBB35756D3CFDD43D2\r\n");
    blob = say(&root, "?321080");
    T_UINT(blob.n, 2 * 62 + 2);
    (void)snprintf(line, sizeof(line), "?34%.124s", (const char *)blob.p);
    T_TEXT(say(&root, "C00"), "OK\r\n");
    T_TEXT(say(&root, line), "OK\r\n");
    T_TEXT(say(&root, "r10"),
           "435B6E516AB693CA54267D5BB50956D9C2F54F90449F16D0034A3B2D64EEEF10\r\n");
    stop();
}

/* --- the card itself -------------------------------------------------------------------------- */

static void the_card_has_a_key_of_its_own_that_stays(void)
{
    char first[140];

    start(false);
    T_MUST_OK(rdv_span_to_text(first, sizeof(first), say(&root, "?0A")));
    T_OK(se_ec_public_check(element.el->ec, SE_CURVE_K1, bytes_of(say(&root, "?0A"))));
    rdv_buf_free(&answer);
    t_element_reopen(&element);
    T_MUST_OK(se_session_init(&root, element.el, 1));
    answer = RDV_BUF(1 << 17);
    T_TEXT(say(&root, "?0A"), first);
    stop();
}

static void its_certificate_is_zero_until_set(void)
{
    start(false);
    T_TEXT(say(&root, "?0B"),
           "0000000000000000000000000000000000000000000000000000000000000000"
           "0000000000000000000000000000000000000000000000000000000000000000\r\n");
    T_TEXT(say(&guest, "?0E" D32 D32), "ERROR\r\n");
    T_TEXT(say(&root, "?0E" D32 D32), "OK\r\n");
    T_TEXT(say(&guest, "?0B"), D32 D32 "\r\n");
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(a_key_is_made_used_and_cleared),
    T_CASE(what_cannot_be_is_refused_and_changes_nothing),
    T_CASE(a_path_has_at_most_sixteen_levels),
    T_CASE(private_keys_come_back_only_from_exportable_keys),
    T_CASE(a_demonstration_card_lets_everything_be_read),
    T_CASE(a_public_key_must_belong_to_the_private_key),
    T_CASE(a_slot_is_chosen_for_p256_before_its_key_comes),
    T_CASE(pipes_sign_block_after_block),
    T_CASE(an_answer_fits_one_record_or_nothing_is_done),
    T_CASE(a_torn_last_block_is_refused),
    T_CASE(secrets_work_in_all_forms),
    T_CASE(uses_are_counted),
    T_CASE(a_damaged_key_is_refused_and_the_others_serve),
    T_CASE(a_guest_needs_the_right_and_the_key),
    T_CASE(blobs_bring_keys_back),
    T_CASE(older_blobs_are_read_and_written),
    T_CASE(the_card_has_a_key_of_its_own_that_stays),
    T_CASE(its_certificate_is_zero_until_set),
    T_END,
};

T_SUITE(se_card_shell_keys, tests);
