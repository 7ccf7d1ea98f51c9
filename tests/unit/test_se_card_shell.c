/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/shell.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "se_card/accounts.h"
#include "se_card/records.h"
#include "se_card/rights.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define PSK "FF02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
#define DEMO_PSK "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
#define ZERO_PSK "0000000000000000000000000000000000000000000000000000000000000000"

static struct t_element element;
static struct se_session root, guest;
static struct rdv_buf answer;

static void start(bool demo)
{
    int64_t id = 0;

    element = t_element_new(demo);
    answer = RDV_BUF(1 << 16);
    T_MUST_OK(se_session_init(&root, element.el, 1));
    T_MUST_OK(se_element_begin(element.el));
    T_MUST_OK(se_accounts_guest(element.el, &id, RDV_LIT("guest")));
    T_MUST_OK(se_element_commit(element.el));
    T_MUST_OK(se_session_init(&guest, element.el, id));
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
    if (se_session_refresh(s) == RDV_OK)
        T_OK(se_shell_run(s, &answer, line));
    else
        s->state.ending = true;
    T_MUST_OK(se_element_commit(element.el));
    return rdv_buf_view(&answer);
}

/* The account that logs in so, or 0. The demonstration key, with another first byte. */
static int64_t logs_in(const char *identity, uint8_t first, const char *server_name)
{
    struct t_client_options options = t_client_published();
    struct t_rig rig;
    int64_t account = 0;

    options.identity = identity;
    options.psk.bytes[0] = first;
    options.server_name = server_name;
    t_rig_open(&rig, element.el, &options);
    if (t_client_is_open(rig.client))
        account = se_card_session(rig.card)->account;
    t_rig_close(&rig);
    return account;
}

static struct rdv_span say(struct se_session *s, const char *line)
{
    return say_bytes(s, rdv_span_of(line));
}

static void what_is_not_a_command_answers_error(void)
{
    static const char *const lines[] = {
        "",
        ".",
        "?",
        "?0",
        "?0g",
        "??0",
        "Z",
        "Z0",
        "Zxx",
        "I0G",
        "?00 ",
        "?00x",
        "?02x",
        "I00x",
        "?A1x",
        "?03",
        "h001234",
        "s0012",
        "z00x",
        " ?00",
        "\x01\x02",
        "\xff\xfe\xfd",
        "!help",
        "..?00",
        "?FFabc",
        "?FFzz",
        "?FF ab",
        "?A5",
        "?A50",
        "?A5011",
        "?A502",
        "?A5x1",
        "?A8",
        "?A804",
        "?A80410",
        "?A8060C",
        "?A8050C",
        "?A0",
        "?A0" DEMO_PSK "0",
        "?A0" DEMO_PSK "00",
        "?A0" ZERO_PSK,
        "?A0zz",
        "?AA",
        "?AA" DEMO_PSK,
        "?AA" PSK PSK,
        "?AA" DEMO_PSK ZERO_PSK,
        "?05",
        "?06",
        "?06 x",
        "?06x ",
        "?06a\x01",
        "?06\xc3\xa9",
        "?06root",
        "?05guest",
    };

    start(true);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (!rdv_span_is(say(&root, lines[i]), "ERROR\r\n")) {
            fprintf(stderr, "line \"%s\"\n", rdv_quote(rdv_span_of(lines[i])).text);
            T_TRUE(false);
        }
    }
    T_TEXT(say_bytes(&root, (struct rdv_span){ (const uint8_t *)"?0\0", 3 }), "ERROR\r\n");
    T_TEXT(say(&root, "I00"), "\r\n");
    T_TEXT(say(&root, "?A1"), DEMO_PSK "\r\n");
    stop();
}

static void the_session_of_the_slides(void)
{
    start(true);
    T_TEXT(say(&root, "?00"), "RDV keystore " RDV_VERSION "\r\n");
    T_TEXT(say(&root, "?06guest"), "guest\r\n");
    T_TEXT(say(&root, "?A0" PSK), PSK "\r\n");
    T_TEXT(say(&root, "?A501"), "OK\r\n");
    T_TEXT(say(&root, "Z001234"), "OK\r\n");
    T_TEXT(say(&root, "I00"), "1234\r\n");
    T_TEXT(say(&guest, "I00"), ""); /* its key has changed: the old session is over */
    T_MUST_OK(se_session_init(&guest, element.el, guest.account));
    T_TEXT(say(&guest, "I00"), "1234\r\n");
    T_TEXT(say(&guest, "Z00x"), "ERROR\r\n");
    T_TEXT(say(&root, "?A8040C"), "OK\r\n");
    T_TEXT(say(&guest, "Z00x"), "OK\r\n");
    T_TEXT(say(&root, "I00"), "x\r\n");
    T_TEXT(say(&root, "?02"), "");
    T_TRUE(root.state.ending);
    stop();
}

static void published_clients_never_choose_a_guest(void)
{
    start(true);
    T_TEXT(say(&root, "?A501"), "OK\r\n");
    T_TEXT(say(&root, "?A1"), DEMO_PSK "\r\n");
    T_TEXT(say(&root, "?A80507"), "OK\r\n");
    T_TEXT(say(&guest, "?FFabcd"), "ABCD\r\n");
    T_TEXT(say(&root, "?A80503"), "OK\r\n");
    T_TEXT(say(&guest, "?FFabcd"), "ERROR\r\n");
    stop();
}

static void a_guest_may_set_its_own_key_and_never_read_it(void)
{
    start(true);
    T_TEXT(say(&root, "?A501"), "OK\r\n");
    T_TEXT(say(&guest, "?A0" PSK), PSK "\r\n");
    T_TEXT(say(&guest, "?A1"), "ERROR\r\n");
    T_TEXT(say(&root, "?A1"), PSK "\r\n");
    stop();
}

static void outside_demo_mode_a_made_up_key_is_refused(void)
{
    start(false);
    T_TEXT(say(&root, "?06guest"), "guest\r\n");
    T_TEXT(say(&root, "?A1"), "ERROR\r\n"); /* a new guest has none */
    T_TEXT(say(&root, "?A0" DEMO_PSK), "ERROR\r\n");
    T_TEXT(say(&root, "?A07777777777777777777777777777777777777777777777777777777777777777"),
           "ERROR\r\n");
    T_TEXT(say(&root, "?A1"), "ERROR\r\n");
    T_TEXT(say(&root, "?A0" PSK), PSK "\r\n");
    stop();
}

static void root_changes_its_key_with_the_old_one_only(void)
{
    start(true);
    T_TEXT(say(&root, "?AA" PSK PSK), "ERROR\r\n");
    se_element_tick(element.el);
    T_TRUE(element.el->audit.seq == 1); /* the failure is on record */
    T_TEXT(say(&root, "?AA" DEMO_PSK PSK), "OK\r\n");
    T_TRUE(logs_in("root", 0xFF, "key1.com") == 1);
    T_TRUE(logs_in("root", 1, "key1.com") == 0);
    stop();
}

static void root_takes_another_identity_and_loses_the_old_ones(void)
{
    start(true);
    T_TEXT(say(&root, "?05admin"), "admin\r\n");
    T_TRUE(logs_in("root", 1, "key1.com") == 0);
    T_TRUE(logs_in("Client_identity", 1, "key1.com") == 0);
    T_TRUE(logs_in("admin", 1, "key1.com") == 1);
    stop();
}

static void a_disabled_account_ends_at_its_next_command(void)
{
    start(true);
    T_TEXT(say(&root, "?A501"), "OK\r\n");
    T_TEXT(say(&guest, "I00"), "\r\n");
    T_TEXT(say(&root, "?A500"), "OK\r\n");
    T_TEXT(say(&guest, "I00"), "");
    T_TRUE(guest.state.ending);
    stop();
}

static void the_name_can_be_made_mandatory(void)
{
    start(true);
    T_TEXT(say(&root, "?A581"), "OK\r\n");
    T_TRUE(logs_in("guest", 1, NULL) == 0);
    T_TRUE(logs_in("guest", 1, "key1.com") == guest.account);
    stop();
}

static void records_hold_any_byte_up_to_their_limit(void)
{
    static char line[3 + SE_RECORD_DEFAULT + 2];

    start(true);
    memset(line, '*', sizeof(line) - 1);
    memcpy(line, "ZFF", 3);
    T_TEXT(say(&root, line), "ERROR\r\n");
    T_TEXT(say(&root, "IFF"), "\r\n");
    line[3 + SE_RECORD_DEFAULT] = '\0';
    T_TEXT(say(&root, line), "OK\r\n");
    T_UINT(say(&root, "IFF").n, SE_RECORD_DEFAULT + 2);
    T_TEXT(say_bytes(&root, (struct rdv_span){ (const uint8_t *)"Z80\0\r\xff", 6 }), "OK\r\n");
    T_SPAN(say(&root, "I80"), t_hex("00 0D FF 0D 0A"));
    T_TEXT(say(&root, "ZFF"), "OK\r\n");
    T_TEXT(say(&root, "IFF"), "\r\n");
    T_TEXT(say(&root, "I00"), "\r\n");
    stop();
}

static void the_dot_ends_the_session_whatever_the_answer(void)
{
    start(true);
    T_TEXT(say(&root, ".?01bye"), "bye\r\n");
    T_TRUE(root.state.ending);
    root.state.ending = false;
    T_TEXT(say(&root, ".?03"), "ERROR\r\n");
    T_TRUE(root.state.ending);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(what_is_not_a_command_answers_error),
    T_CASE(outside_demo_mode_a_made_up_key_is_refused),
    T_CASE(the_session_of_the_slides),
    T_CASE(published_clients_never_choose_a_guest),
    T_CASE(a_guest_may_set_its_own_key_and_never_read_it),
    T_CASE(root_changes_its_key_with_the_old_one_only),
    T_CASE(root_takes_another_identity_and_loses_the_old_ones),
    T_CASE(a_disabled_account_ends_at_its_next_command),
    T_CASE(the_name_can_be_made_mandatory),
    T_CASE(records_hold_any_byte_up_to_their_limit),
    T_CASE(the_dot_ends_the_session_whatever_the_answer),
    T_END,
};

T_SUITE(se_card_shell, tests);
