/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/words.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "schema/wire/tls_record.h"
#include "se_card/commands.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

static struct t_element element;
static struct t_rig root;

static void start(void)
{
    const struct t_client_options options = t_client_published();

    element = t_element_new(true);
    t_rig_open(&root, element.el, &options);
    T_MUST(t_client_is_open(root.client));
}

static void stop(void)
{
    t_rig_close(&root);
    t_element_free(&element);
}

static bool begins(struct rdv_span text, const char *with)
{
    const size_t n = strlen(with);

    return text.n >= n && memcmp(text.p, with, n) == 0;
}

static bool ends(struct rdv_span text, const char *with)
{
    const size_t n = strlen(with);

    return text.n >= n && memcmp(text.p + text.n - n, with, n) == 0;
}

static void a_guest_is_made_used_and_taken_back(void)
{
    struct t_client_options options = t_client_published();
    struct t_rig sensor;

    start();
    T_TRUE(ends(t_rig_say(&root,
                          "!guest add sensor1 rights=write records=10-1F psk=FF02030405060708090"
                          "A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20\n"),
                "needs-name=no\r\nOK\r\n"));
    options.identity = "sensor1";
    options.psk.bytes[0] = 0xFF;
    t_rig_open(&sensor, element.el, &options);
    T_MUST(t_client_is_open(sensor.client));
    T_TEXT(t_rig_say(&sensor, "Z10hello\n"), "OK\r\n");
    T_TEXT(t_rig_say(&sensor, "Z20hello\n"), "ERROR\r\n");
    T_TEXT(t_rig_say(&sensor, "!record clear 20\n"), "ERR denied right=write record=20\r\n");
    T_TEXT(t_rig_say(&sensor, "!guest list\n"), "ERR denied right=root\r\n");
    T_TEXT(t_rig_say(&root, "I10\n"), "hello\r\n");
    T_TEXT(t_rig_say(&root, "!guest disable sensor1\n"), "OK\r\n");
    T_TRUE(se_card_must_end(sensor.card));
    T_TEXT(t_rig_say(&root, "!guest delete sensor1\n"), "OK\r\n");
    T_TRUE(begins(t_rig_say(&root, "!record show 10\n"), "record=10 bytes=5 author=sensor1 "));
    t_rig_close(&sensor);
    stop();
}

static void a_post_limit_counts_exactly(void)
{
    struct t_client_options options = t_client_published();
    struct t_rig guest;
    unsigned ok = 0;

    start();
    T_TRUE(ends(t_rig_say(&root, "!guest set guest rights=write posts=100\n!guest enable guest\n"),
                "OK\r\n"));
    options.identity = "guest";
    t_rig_open(&guest, element.el, &options);
    for (unsigned i = 0; i < 200; i++)
        ok += rdv_span_is(t_rig_say(&guest, "Z00x\n"), "OK\r\n");
    T_UINT(ok, 100);
    t_rig_close(&guest);
    stop();
}

static void the_audit_tells_what_was_done_and_refused(void)
{
    static const uint8_t zero[32];
    uint8_t hash[32], want[32];
    struct se_audit_row row;

    start();
    T_TEXT(t_rig_say(&root, "!guest enable guest\n"), "OK\r\n");
    T_TEXT(t_rig_say(&root, "!guest disable guest\n"), "OK\r\n");
    T_TRUE(begins(t_rig_say(&root, "!audit 1 1\n"), "seq=1 "));
    memcpy(hash, zero, sizeof(hash));
    for (int64_t seq = 1; seq <= 2; seq++) {
        T_MUST_OK(se_store_audit_from(element.el->store, &row, seq));
        T_TEXT(row.actor, "root");
        T_TEXT(row.target, "guest");
        se_audit_hash(want, hash, &row);
        T_TRUE(memcmp(want, row.hash, sizeof(want)) == 0);
        memcpy(hash, row.hash, sizeof(hash));
    }
    stop();
}

static void no_line_begins_with_what_s_client_keeps(void)
{
    static const char *const lines[] = {
        "!help\n",       "!help Z\n",           "!help guest\n",  "!whoami\n",       "!info\n",
        "!guest list\n", "!guest show guest\n", "!record list\n", "!session list\n", "!audit 0\n"
    };

    start();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const struct rdv_span got = t_rig_say(&root, lines[i]);

        T_TRUE(ends(got, "OK\r\n"));
        for (size_t at = 0; at < got.n; at++) {
            if (at == 0 || got.p[at - 1] == '\n')
                T_TRUE(strchr("QRCkK", got.p[at]) == NULL);
        }
    }
    stop();
}

/* 100 guests with long names, and all records: lists longer than a TLS record. */
static void a_list_may_be_longer_than_a_record(void)
{
    static const char name[] = "a-guest-whose-name-takes-all-the-room-there-is-for-names-";
    char line[128];
    struct rdv_span got;

    start();
    for (unsigned i = 0; i < 150; i++) {
        (void)snprintf(line, sizeof(line), "!guest add %s%03u\n", name, i);
        T_TRUE(ends(t_rig_say(&root, line), "OK\r\n"));
    }
    for (unsigned i = 0; i < 256; i++) {
        (void)snprintf(line, sizeof(line), "Z%02Xx\n", i);
        T_TEXT(t_rig_say(&root, line), "OK\r\n");
    }
    got = t_rig_say(&root, "!guest list\n");
    T_TRUE(got.n > RDV_TLS_PLAIN_MAX && ends(got, "100\r\nOK\r\n"));
    got = t_rig_say(&root, "!record list\n");
    T_TRUE(ends(got, "\r\nOK\r\n"));
    T_TRUE(ends(t_rig_say(&root, "!audit 1\n"), "OK\r\n"));
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(a_list_may_be_longer_than_a_record),
    T_CASE(a_guest_is_made_used_and_taken_back),
    T_CASE(a_post_limit_counts_exactly),
    T_CASE(the_audit_tells_what_was_done_and_refused),
    T_CASE(no_line_begins_with_what_s_client_keeps),
    T_END,
};

T_SUITE(se_card_words, tests);
