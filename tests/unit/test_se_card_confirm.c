/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ?D2 waits for a person, without holding anybody else up; and the card proves itself (?0C), which
 * takes a session too. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "se_card/ec.h"
#include "se_card/identity.h"
#include "se_card/turn.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define D32 "1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF"
#define PSK3 "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
/* published: TXT-8 of the vectors */
#define DERIVED "380E7A39E701820E4E96E4A2E2AB8C7365F5C22332D72EA00323BDE1971071E0"

static struct t_element element;
static struct t_rig root, boss;

static void start(void)
{
    struct t_client_options options = t_client_published();

    element = t_element_new(true);
    t_rig_open(&root, element.el, &options);
    T_TEXT(t_rig_say(&root, "?A2" PSK3 "\n"), "OK\r\n");
    (void)t_rig_say(&root, "!guest add boss psk=" PSK3 "\n");
    options.identity = "boss";
    t_rig_open(&boss, element.el, &options);
    T_MUST(t_client_is_open(boss.client));
}

static void stop(void)
{
    t_rig_close(&root);
    t_rig_close(&boss);
    t_element_free(&element);
}

static bool holds(struct rdv_span text, const char *part)
{
    char line[2000];

    return rdv_span_to_text(line, sizeof(line), text) == RDV_OK && strstr(line, part) != NULL;
}

static void a_question_is_answered_once_it_is_confirmed(void)
{
    start();
    T_TEXT(t_rig_say(&root, "!confirm account boss\n"), "OK\r\n");
    T_TEXT(t_rig_say(&root, "?D2" D32 "\n?00\n"), ""); /* and what is behind it waits too */
    T_TRUE(!se_card_wants_turn(root.card));
    T_TRUE(holds(t_rig_say(&boss, "!confirm list\n"),
                 "question=1 account=root address=192.0.2.7:50122 command=?D2 seconds=30"));
    T_TEXT(t_rig_say(&boss, "!confirm 2\n"), "ERR absent no question 2 waits\r\n");
    T_TEXT(t_rig_say(&boss, "!confirm 1\n"), "OK\r\n");
    T_TEXT(t_rig_say(&boss, "!confirm 1\n"), "ERR absent no question 1 waits\r\n");
    T_TEXT(t_rig_hear(&root), DERIVED "\r\nRDV keystore " RDV_VERSION "\r\n");
    T_TEXT(t_rig_say(&boss, "!confirm list\n"), "OK\r\n");
    stop();
}

/* By words and by a program, which is answered with what its own request was. */
static void a_program_waits_for_the_same_consent(void)
{
    struct t_client_options options = t_client_published();
    struct rdv_buf said = RDV_BUF(1024);
    struct t_rig program;

    start();
    options.alpn = T_PROGRAM;
    t_rig_open(&program, element.el, &options);
    T_TEXT(t_rig_say(&root, "!confirm account boss\n"), "OK\r\n");
    T_TEXT(t_rig_call(&program,
                      "[7, \"handshake secret\", {\"shared\": h'" D32 "', \"confirm\": true}]"),
           "");
    T_TEXT(t_rig_say(&boss, "!confirm 1\n"), "OK\r\n");
    t_notation_of_all(&said, t_rig_hear(&program));
    T_TEXT(rdv_buf_view(&said), "[7, 0, {\"secret\": h'" DERIVED "'}]");
    T_TEXT(t_rig_call(&program, "[8, \"handshake secret\", {\"shared\": h'" D32 "'}]"),
           "[8, 0, {\"secret\": h'" DERIVED "'}]");
    T_TEXT(t_rig_call(&program, "[9, \"handshake secret\", {\"shared\": h'', \"confirm\": true}]"),
           "[9, 6, {\"code\": \"range\", \"error\": \"32 bytes are wanted\"}]");
    rdv_buf_free(&said);
    t_rig_close(&program);
    stop();
}

static void without_a_confirmation_account_it_is_refused(void)
{
    start();
    T_TEXT(t_rig_say(&root, "?D2" D32 "\n"), "ERROR\r\n");
    T_TEXT(t_rig_say(&root, "!confirm account boss\n"), "OK\r\n");
    T_TEXT(t_rig_say(&root, "!confirm account none\n"), "OK\r\n");
    T_TEXT(t_rig_say(&root, "?D2" D32 "\n"), "ERROR\r\n");
    T_TRUE(holds(t_rig_say(&root, "!confirm account nobody\n"), "ERR absent"));
    stop();
}

static void nobody_else_can_confirm(void)
{
    start();
    T_TEXT(t_rig_say(&root, "!confirm account root\n"), "OK\r\n");
    T_TEXT(t_rig_say(&root, "?D2" D32 "\n"), "");
    T_TEXT(t_rig_say(&boss, "!confirm 1\n"),
           "ERR denied you are not the account that confirms\r\n");
    T_TEXT(t_rig_say(&boss, "!confirm list\n"),
           "ERR denied you are not the account that confirms\r\n");
    T_TEXT(t_rig_say(&boss, "?D2" D32 "\n"), "ERROR\r\n");
    T_TEXT(t_rig_hear(&root), "");
    stop();
}

static void it_is_refused_when_its_time_is_up(void)
{
    start();
    T_TEXT(t_rig_say(&root, "!confirm account boss\n"), "OK\r\n");
    T_TEXT(t_rig_say(&root, "?D2" D32 "\n"), "");
    element.el->now_ms += SE_CONFIRM_MS - 1;
    T_TEXT(t_rig_hear(&root), "");
    element.el->now_ms += 1;
    T_TEXT(t_rig_hear(&root), "ERROR\r\n");
    T_TEXT(t_rig_say(&boss, "!confirm 1\n"), "ERR absent no question 1 waits\r\n");
    T_TEXT(t_rig_say(&root, "?D2" D32 "\n"), "");
    T_TEXT(t_rig_say(&boss, "!confirm 2\n"), "OK\r\n");
    T_TEXT(t_rig_hear(&root), DERIVED "\r\n");
    stop();
}

static void a_yes_that_could_not_be_written_down_is_none(void)
{
    struct se_card *cards[1];

    start();
    T_TEXT(t_rig_say(&root, "!confirm account boss\n"), "OK\r\n");
    T_TEXT(t_rig_say(&root, "?D2" D32 "\n"), "");
    t_rig_ask(&boss, "!confirm 1\n");
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_card_run(boss.card));
    se_element_rollback(element.el);
    se_card_rewind(boss.card);
    cards[0] = root.card;
    se_turn_run(element.el, cards, 1);
    T_TEXT(t_rig_hear(&root), "");
    T_TEXT(t_rig_hear(&boss), "OK\r\n"); /* its turn, again */
    T_TEXT(t_rig_hear(&root), DERIVED "\r\n");
    stop();
}

static void a_client_that_goes_takes_its_question_along(void)
{
    struct rdv_buf records = RDV_BUF(1 << 16);

    start();
    T_TEXT(t_rig_say(&root, "!confirm account boss\n"), "OK\r\n");
    T_TEXT(t_rig_say(&root, "?D2" D32 "\n"), "");
    T_TRUE(element.el->waiting != NULL);
    t_client_close(root.client, &records);
    t_rig_record(&root, rdv_buf_view(&records));
    T_UINT(root.sw, 0x9002);
    t_rig_close(&root);
    T_TRUE(element.el->waiting == NULL);
    T_TEXT(t_rig_say(&boss, "!confirm 1\n"), "ERR absent no question 1 waits\r\n");
    rdv_buf_free(&records);
    t_rig_close(&boss);
    t_element_free(&element);
}

static void the_card_proves_that_it_ends_this_session(void)
{
    uint8_t session[SE_IDENTITY_BYTES], challenge[SE_IDENTITY_BYTES], digest[SE_IDENTITY_BYTES];
    uint8_t der[80];
    struct rdv_span answer;
    size_t n;

    start();
    T_MUST_OK(rdv_hex_decode(challenge, sizeof(challenge), RDV_LIT(D32)));
    t_client_export(root.client, session, sizeof(session), "rdv acp");
    se_identity_digest(digest, session, challenge);
    answer = t_rig_say(&root, "?0C" D32 "\n");
    T_MUST(answer.n > 2 && answer.n < 2 * sizeof(der));
    n = (answer.n - 2) / 2;
    T_MUST_OK(rdv_hex_decode(der, n, (struct rdv_span){ answer.p, answer.n - 2 }));
    T_OK(se_ec_verify(element.el->ec, SE_CURVE_K1, (struct rdv_span){ der, n },
                      (struct rdv_span){ element.el->identity, SE_EC_POINT_BYTES },
                      (struct rdv_span){ digest, sizeof(digest) }));
    /* Another session has another value. */
    t_client_export(boss.client, session, sizeof(session), "rdv acp");
    se_identity_digest(digest, session, challenge);
    T_ERR(se_ec_verify(element.el->ec, SE_CURVE_K1, (struct rdv_span){ der, n },
                       (struct rdv_span){ element.el->identity, SE_EC_POINT_BYTES },
                       (struct rdv_span){ digest, sizeof(digest) }),
          RDV_ERR_AUTH);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(a_question_is_answered_once_it_is_confirmed),
    T_CASE(a_program_waits_for_the_same_consent),
    T_CASE(without_a_confirmation_account_it_is_refused),
    T_CASE(nobody_else_can_confirm),
    T_CASE(it_is_refused_when_its_time_is_up),
    T_CASE(a_yes_that_could_not_be_written_down_is_none),
    T_CASE(a_client_that_goes_takes_its_question_along),
    T_CASE(the_card_proves_that_it_ends_this_session),
    T_END,
};

T_SUITE(se_card_confirm, tests);
