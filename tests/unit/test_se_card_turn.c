/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/turn.h"

#include <signal.h>
#include <sys/resource.h>

#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define N 3

static struct t_element element;
static struct t_rig rigs[N];

static void start(void)
{
    const struct t_client_options options = t_client_published();

    element = t_element_new(true);
    for (size_t i = 0; i < N; i++)
        t_rig_open(&rigs[i], element.el, &options);
}

static void stop(void)
{
    for (size_t i = 0; i < N; i++)
        t_rig_close(&rigs[i]);
    t_element_free(&element);
}

static void turn(void)
{
    struct se_card *cards[N];
    size_t n = 0;

    for (size_t i = 0; i < N; i++) {
        if (se_card_wants_turn(rigs[i].card))
            cards[n++] = rigs[i].card;
    }
    se_turn_run(element.el, cards, n);
}

/* A full disk, as this process sees it: no file may grow. */
static void fill_disk(bool full)
{
    struct rlimit limit;

    (void)signal(SIGXFSZ, SIG_IGN);
    T_MUST(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = full ? 1 : limit.rlim_max;
    T_MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static void when_the_disk_is_full_only_writes_fail(void)
{
    start();
    T_TEXT(t_rig_say(&rigs[0], "Z00before\nZ01kept\n"), "OK\r\nOK\r\n");
    fill_disk(true);
    t_rig_ask(&rigs[0], "Z00lost\nI00\n?00\nZ01\nI01\n");
    t_rig_ask(&rigs[1], "I00\n");
    t_rig_ask(&rigs[2], "?06new\n?A501\n");
    turn();
    T_TEXT(t_rig_hear(&rigs[0]), "ERROR\r\nbefore\r\nRDV keystore 0.1\r\nERROR\r\nkept\r\n");
    T_TEXT(t_rig_hear(&rigs[1]), "before\r\n");
    T_TEXT(t_rig_hear(&rigs[2]), "ERROR\r\nERROR\r\n");
    fill_disk(false);
    T_TEXT(t_rig_say(&rigs[0], "Z00after\nI00\n"), "OK\r\nafter\r\n");
    T_TEXT(t_rig_say(&rigs[1], "?06new\n"), "new\r\n");
    stop();
}

static void what_was_acknowledged_before_a_full_disk_is_there_after_a_restart(void)
{
    const struct t_client_options options = t_client_published();

    start();
    T_TEXT(t_rig_say(&rigs[0], "Z00kept\n"), "OK\r\n");
    fill_disk(true);
    T_TEXT(t_rig_say(&rigs[0], "Z00lost\n"), "ERROR\r\n");
    fill_disk(false);
    for (size_t i = 0; i < N; i++)
        t_rig_close(&rigs[i]);
    t_element_reopen(&element);
    for (size_t i = 0; i < N; i++)
        t_rig_open(&rigs[i], element.el, &options);
    T_TEXT(t_rig_say(&rigs[0], "I00\n"), "kept\r\n");
    stop();
}

static void a_session_that_ends_in_a_lost_group_still_ends(void)
{
    start();
    fill_disk(true);
    t_rig_ask(&rigs[0], ".Z00lost\nI00\n");
    t_rig_ask(&rigs[1], "?02\n");
    turn();
    T_TEXT(t_rig_hear(&rigs[0]), "ERROR\r\n");
    T_TRUE(t_client_is_closed(rigs[0].client));
    T_TEXT(t_rig_hear(&rigs[1]), "");
    T_TRUE(t_client_is_closed(rigs[1].client));
    fill_disk(false);
    stop();
}

static void one_commit_serves_all_who_wait(void)
{
    start();
    t_rig_ask(&rigs[0], "Z00a\n");
    t_rig_ask(&rigs[1], "Z01b\n");
    t_rig_ask(&rigs[2], "I00\nI01\n");
    turn();
    T_TEXT(t_rig_hear(&rigs[0]), "OK\r\n");
    T_TEXT(t_rig_hear(&rigs[1]), "OK\r\n");
    /* Cards of a turn run in the order they came. */
    T_TEXT(t_rig_hear(&rigs[2]), "a\r\nb\r\n");
    stop();
}

static void nothing_is_answered_before_the_commit(void)
{
    struct rdv_span data;
    uint16_t sw;

    start();
    t_rig_ask(&rigs[0], "Z00a\n");
    T_TRUE(!se_card_response(rigs[0].card, &data, &sw));
    turn();
    T_TRUE(!se_card_wants_turn(rigs[0].card));
    T_TEXT(t_rig_hear(&rigs[0]), "OK\r\n");
    stop();
}

/* --- the first log-in with the key of a rotation ---------------------------------------------- */

#define OLD_PSK "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEE00"
#define NEW_PSK "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEE01"

static void rotate(void)
{
    (void)t_rig_say(&rigs[0], "!guest add g rights=read psk=" OLD_PSK "\n");
    (void)t_rig_say(&rigs[0], "!guest rotate g psk=" NEW_PSK "\n");
}

static void come(struct t_rig *rig, const char *psk)
{
    struct t_client_options options = t_client_published();

    options.identity = "g";
    T_MUST_OK(rdv_key_import(&options.psk, t_hex(psk)));
    t_rig_open(rig, element.el, &options);
}

static bool is_let_in(const char *psk)
{
    struct t_rig guest;
    bool open;

    come(&guest, psk);
    open = t_client_is_open(guest.client);
    t_rig_close(&guest);
    return open;
}

static void a_first_log_in_with_a_new_key_ends_the_old_one_without_a_word(void)
{
    start();
    rotate();
    T_TRUE(is_let_in(OLD_PSK));
    T_TRUE(is_let_in(NEW_PSK));
    T_TRUE(!is_let_in(OLD_PSK));
    stop();
}

/* Both were there before either could be noted. */
static void two_first_log_ins_with_a_new_key_share_a_turn(void)
{
    struct t_rig guests[2];
    struct se_card *cards[2];

    start();
    rotate();
    fill_disk(true);
    for (size_t i = 0; i < 2; i++)
        come(&guests[i], NEW_PSK);
    fill_disk(false);
    for (size_t i = 0; i < 2; i++) {
        t_rig_ask(&guests[i], "?00\n");
        cards[i] = guests[i].card;
    }
    T_TRUE(is_let_in(OLD_PSK));
    T_UINT(t_logged("could not be committed"), 2);
    se_turn_run(element.el, cards, 2);
    T_UINT(t_logged("could not be committed"), 0);
    T_TRUE(!is_let_in(OLD_PSK));
    T_TRUE(is_let_in(NEW_PSK));
    for (size_t i = 0; i < 2; i++) {
        T_TEXT(t_rig_hear(&guests[i]), "RDV keystore 0.1\r\n");
        t_rig_close(&guests[i]);
    }
    stop();
}

static void an_old_key_dies_once_there_is_room_to_note_it(void)
{
    struct t_rig guest;

    start();
    rotate();
    fill_disk(true);
    come(&guest, NEW_PSK);
    T_TEXT(t_rig_say(&guest, "?00\n"), "RDV keystore 0.1\r\n");
    T_TRUE(is_let_in(OLD_PSK));
    fill_disk(false);
    T_TEXT(t_rig_say(&guest, "?00\n"), "RDV keystore 0.1\r\n");
    T_TRUE(!is_let_in(OLD_PSK));
    T_TEXT(t_rig_say(&guest, "?00\n"), "RDV keystore 0.1\r\n");
    t_rig_close(&guest);
    stop();
}

/* --- what waits to be written ------------------------------------------------------------------
 */

static void on_a_full_disk_reads_do_not_fail_for_failed_logins_that_wait(void)
{
    struct se_audit *audit;

    start();
    audit = &element.el->audit;
    fill_disk(true);
    se_audit_login_failed(audit, element.el->now, element.el->now_ms, RDV_LIT("x"), RDV_LIT("y"),
                          false);
    T_TEXT(t_rig_say(&rigs[0], "?00\n"), "RDV keystore 0.1\r\n");
    se_element_tick(element.el);
    T_TRUE(se_audit_has_waiting(audit, element.el->now_ms));
    fill_disk(false);
    se_element_tick(element.el);
    T_TRUE(!se_audit_has_waiting(audit, element.el->now_ms));
    T_UINT((unsigned)audit->seq, 1);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(on_a_full_disk_reads_do_not_fail_for_failed_logins_that_wait),
    T_CASE(a_first_log_in_with_a_new_key_ends_the_old_one_without_a_word),
    T_CASE(two_first_log_ins_with_a_new_key_share_a_turn),
    T_CASE(an_old_key_dies_once_there_is_room_to_note_it),
    T_CASE(when_the_disk_is_full_only_writes_fail),
    T_CASE(what_was_acknowledged_before_a_full_disk_is_there_after_a_restart),
    T_CASE(a_session_that_ends_in_a_lost_group_still_ends),
    T_CASE(one_commit_serves_all_who_wait),
    T_CASE(nothing_is_answered_before_the_commit),
    T_END,
};

T_SUITE(se_card_turn, tests);
