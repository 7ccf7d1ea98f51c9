/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log in words and for programs: who may read what, and waiting for more. */
#include <stdio.h>
#include <string.h>

#include "schema/wire/envelope.h"
#include "se_card/log.h"
#include "se_card/turn.h"
#include "tests/support/card_rig.h"
#include "tests/support/dump.h"
#include "tests/support/test.h"

#define PSK "A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F90"

static struct t_element element;
static struct t_rig root, other;

static void open_as(struct t_rig *rig, const char *identity, const char *psk, const char *alpn)
{
    struct t_client_options options = t_client_published();

    options.identity = identity;
    options.alpn = alpn;
    if (psk != NULL)
        memcpy(options.psk.bytes, t_hex(psk).p, RDV_KEY_BYTES);
    t_rig_open(rig, element.el, &options);
    T_MUST(t_client_is_open(rig->client));
}

static struct rdv_span say(struct t_rig *rig, const char *line)
{
    char whole[5000];

    (void)snprintf(whole, sizeof(whole), "%s\n", line);
    return t_rig_say(rig, whole);
}

static bool holds(struct rdv_span text, const char *part)
{
    return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

/* Root, and a guest of these rights. */
static void start(const char *rights)
{
    char line[200];

    element = t_element_new(true);
    element.el->now = 1800000000;
    open_as(&root, "root", NULL, NULL);
    (void)snprintf(line, sizeof(line), "!guest add g psk=" PSK " %s", rights);
    T_TRUE(holds(say(&root, line), "OK\r\n"));
    open_as(&other, "g", PSK, NULL);
}

static void stop(void)
{
    t_rig_close(&root);
    t_rig_close(&other);
    t_element_free(&element);
}

/* The numbers in an answer to !log or !wait, as "1 2 3", and "next=4" behind. */
static const char *seqs(struct rdv_span answer)
{
    static char out[4000];
    char text[60000], *line, *rest;
    size_t n = 0;

    out[0] = '\0';
    T_MUST_OK(rdv_span_to_text(text, sizeof(text), answer));
    for (line = strtok_r(text, "\r\n", &rest); line != NULL; line = strtok_r(NULL, "\r\n", &rest)) {
        const char *from = strncmp(line, "seq=", 4) == 0 ? line + 4 : line;

        if (strcmp(line, "OK") == 0)
            continue;
        n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", n == 0 ? "" : " ",
                              (int)strcspn(from, " "), from);
    }
    return out;
}

#define SEQS(answer, want) T_TEXT(rdv_span_of(seqs(answer)), want)

/* --- receipts --------------------------------------------------------------------------------- */

static void a_receipt_is_given_to_whoever_wrote_it(void)
{
    start("rights=write records=all");
    T_TRUE(holds(say(&other, "!post 10 mine"), "seq=1\r\nOK\r\n"));
    T_TRUE(holds(say(&root, "!post 10 yours"), "seq=2\r\nOK\r\n"));
    T_TRUE(holds(say(&other, "!receipt 1"), "author=g"));
    T_TEXT(say(&other, "!receipt 2"), "ERR denied right=read record=10\r\n");
    T_TEXT(say(&other, "!receipt 3"), "ERR absent no entry 3\r\n");
    T_TEXT(say(&other, "!receipt x"), "ERR format \"x\" is not the number of an entry\r\n");
    T_TRUE(holds(say(&root, "!receipt 1"), "envelope=D284"));
    T_TRUE(holds(
            say(&root, "!audit 1"),
            "actor=g action=receipt target=\"\" result=denied detail=\"right=read record=10\""));
    stop();
}

static void a_receipt_in_the_same_packet_as_its_write_is_there(void)
{
    start("rights=write records=all");
    T_TRUE(holds(say(&other, "!post 10 a\n!receipt 1\n!post 10 b\n!receipt 2"),
                 "seq=2 record=10 n=2"));
    stop();
}

static void the_number_of_a_deleted_account_is_nobodys(void)
{
    start("rights=write records=all");
    (void)say(&other, "!post 10 mine");
    T_TEXT(say(&root, "!guest delete g"), "OK\r\n");
    t_rig_close(&other);
    T_TRUE(holds(say(&root, "!guest add g rights=write records=all psk=" PSK), "OK\r\n"));
    open_as(&other, "g", PSK, NULL);
    T_TEXT(say(&other, "!receipt 1"), "ERR denied right=read record=10\r\n");
    stop();
}

static void a_repeated_post_has_the_receipt_of_the_first(void)
{
    start("rights=write records=all");
    T_TRUE(holds(say(&other, "!post 10 a key=k"), "seq=1\r\nOK\r\n"));
    T_TRUE(holds(say(&other, "!post 10 a key=k"), "seq=1\r\nOK\r\n"));
    T_TEXT(say(&other, "!post 10 b key=k"), "ERR exists once: it stands for another post\r\n");
    T_TEXT(say(&other, "!receipt 2"), "ERR absent no entry 2\r\n");
    stop();
}

static void reopen(void)
{
    t_rig_close(&root);
    t_rig_close(&other);
    t_element_reopen(&element);
    element.el->now = 1800000000;
    open_as(&root, "root", NULL, NULL);
    open_as(&other, "g", PSK, NULL);
}

static void a_repeat_is_known_after_a_restart_and_when_its_entry_has_gone(void)
{
    char first[200];

    start("rights=write records=all");
    T_MUST_OK(rdv_span_to_text(first, sizeof(first), say(&other, "!post 10 a key=k")));
    reopen();
    element.el->now += 100;
    T_TEXT(say(&other, "!post 10 a key=k"), first);
    T_TRUE(holds(say(&root, "!record set 10 keep=1"), "OK\r\n"));
    T_TRUE(holds(say(&other, "!post 10 b"), "seq=2\r\nOK\r\n"));
    se_element_tick(element.el);
    T_TEXT(say(&other, "!receipt 1"), "ERR absent no entry 1\r\n");
    T_TEXT(say(&other, "!post 10 a key=k"), first);
    T_TEXT(say(&other, "!post 11 a key=k"), "ERR exists once: it stands for another post\r\n");
    T_TEXT(say(&other, "!post 10 a key=k type=text/html"),
           "ERR exists once: it stands for another post\r\n");
    T_TEXT(say(&other, "!post 10 a key="), "ERR range key: at least a byte\r\n");
    T_TRUE(holds(say(&root, "!post 10 c key=k"), "seq=3\r\n")); /* root's own k */
    reopen();
    T_TEXT(say(&other, "!post 10 a key=k"), first);
    T_TRUE(holds(say(&root, "!get 10"), "content=63\r\n"));
    stop();
}

/* --- lists ------------------------------------------------------------------------------------ */

static void write_some(void)
{
    T_TEXT(say(&root, "Z10a\nZ20b\nZ10c\nZ30d\nZ10e"), "OK\r\nOK\r\nOK\r\nOK\r\nOK\r\n");
}

static void a_reader_sees_the_records_of_its_scope(void)
{
    start("rights=read records=10,30");
    write_some();
    SEQS(say(&root, "!log 0"), "1 2 3 4 5 next=6");
    SEQS(say(&other, "!log 0"), "1 3 4 5 next=6");
    SEQS(say(&other, "!log 2"), "3 4 5 next=6");
    SEQS(say(&other, "!log 2 1"), "3 next=4");
    SEQS(say(&other, "!log 6"), "next=6");
    SEQS(say(&other, "!log 9"), "next=9");
    SEQS(say(&other, "!log 0 record=10"), "1 3 5 next=6");
    SEQS(say(&other, "!log 0 0"), "next=0");
    T_TEXT(say(&other, "!log 0 record=20"), "ERR denied right=read record=20\r\n");
    T_TRUE(holds(say(&root, "!audit 1"), "actor=g action=log"));
    stop();
}

static void who_publishes_sees_all(void)
{
    start("rights=publish");
    write_some();
    SEQS(say(&other, "!log 0"), "1 2 3 4 5 next=6");
    T_TRUE(holds(say(&other, "!receipt 2"), "record=20"));
    T_TEXT(say(&other, "I10"), "ERROR\r\n");
    stop();
}

static void who_may_neither_read_nor_publish_sees_nothing(void)
{
    start("rights=write records=all");
    write_some();
    T_TEXT(say(&other, "!log 0"), "ERR denied right=read|publish\r\n");
    T_TEXT(say(&other, "!wait 0"), "ERR denied right=read|publish\r\n");
    T_TEXT(say(&other, "!head 10"), "ERR denied right=read|publish\r\n");
    T_TEXT(say(&other, "!ack x 1"), "ERR denied right=read|publish\r\n");
    stop();
}

static void what_is_wrong_with_a_question_is_named(void)
{
    start("rights=read records=all");
    T_TEXT(say(&other, "!log -1"), "ERR format \"-1\" is not the number of an entry\r\n");
    T_TEXT(say(&other, "!log 1 257"), "ERR format COUNT is a number up to 256\r\n");
    T_TEXT(say(&other, "!log 1 record=xx"), "ERR format record=\"xx\": 00 to FF\r\n");
    T_TEXT(say(&other, "!wait 1 241"), "ERR format SECONDS is a number up to 240\r\n");
    T_TEXT(say(&other, "!head 100"), "ERR format \"100\" is not a record: 00 to FF\r\n");
    stop();
}

static void a_list_ends_before_it_is_too_long(void)
{
    char line[40];

    start("rights=read records=10");
    for (int i = 0; i < 300; i++) {
        (void)snprintf(line, sizeof(line), "Z10%d", i);
        T_TEXT(say(&root, line), "OK\r\n");
    }
    T_TRUE(holds(say(&other, "!log 1"), "next=101\r\n"));
    T_TRUE(holds(say(&other, "!log 1 256"), "next=257\r\n"));
    stop();
}

static void add_lines_of_another(int64_t n)
{
    struct se_log_line line = { .chain = 0x20 };

    T_MUST_OK(se_element_begin(element.el));
    for (line.seq = line.n = 1; line.seq <= n; line.n = ++line.seq)
        T_MUST_OK(se_store_log_add(element.el->store, &line, RDV_LIT("sealed")));
    T_MUST_OK(se_element_commit(element.el));
    reopen();
}

static void a_list_ends_before_too_many_of_others_were_looked_at(void)
{
    start("rights=read records=10");
    add_lines_of_another(8300);
    T_TEXT(say(&root, "Z10x"), "OK\r\n");
    SEQS(say(&other, "!log 0"), "next=8193");
    SEQS(say(&other, "!log 8193"), "8301 next=8302");
    SEQS(say(&other, "!wait 100"), "8301 next=8302"); /* looks twice */
    stop();
}

static void a_list_ends_before_it_has_too_many_bytes(void)
{
    char line[4001];

    start("rights=read records=10");
    memset(line, 'x', sizeof(line));
    memcpy(line, "Z10", 3);
    line[4000] = '\0';
    for (int i = 0; i < 130; i++)
        T_TEXT(say(&root, line), "OK\r\n");
    T_TRUE(holds(say(&other, "!log 1 256"), "next=123\r\n")); /* 4,262 bytes each */
    T_TRUE(holds(say(&other, "!log 123 256"), "next=131\r\n"));
    stop();
}

static void programs_get_the_envelopes(void)
{
    struct rdv_envelope got;
    struct rdv_cose parts;
    struct t_rig program;
    char text[4000], *at, *end;

    start("rights=publish");
    T_TRUE(holds(say(&root, "!record set 20 ttl=1h"), "OK\r\n"));
    write_some();
    open_as(&program, "g", PSK, T_PROGRAM);
    T_MUST_OK(rdv_span_to_text(text, sizeof(text),
                               t_rig_call(&program, "[1, \"log\", {\"from\": 2, \"count\": 1}]")));
    T_TRUE(strncmp(text,
                   "[1, 0, {\"list\": [{\"n\": 1, \"seq\": 2, \"record\": 32, "
                   "\"expires\": 1800003600, \"envelope\": h'D284",
                   80) == 0);
    T_TRUE(strstr(text, "'}], \"next\": 3}]") != NULL);
    at = strstr(text, "h'");
    T_MUST(at != NULL);
    end = strchr(at + 2, '\'');
    T_MUST(end != NULL);
    *end = '\0';
    T_MUST_OK(rdv_envelope_get(&got, &parts, t_hex(at + 2)));
    T_UINT(got.topic.record, 0x20);
    T_UINT(got.entry.seq, 2);
    T_TEXT(t_rig_call(&program, "[1, \"wait\", {\"from\": 6, \"seconds\": 0}]"),
           "[1, 0, {\"list\": [], \"next\": 6}]");
    t_rig_close(&program);
    stop();
}

/* What a method answers, with '...' for each envelope. */
static struct rdv_span asked(struct t_rig *program, const char *request)
{
    static char text[8000];
    char *to = text, *from = text, *at, *end;

    T_MUST_OK(rdv_span_to_text(text, sizeof(text), t_rig_call(program, request)));
    while ((at = strstr(from, "h'D284")) != NULL && (end = strchr(at + 2, '\'')) != NULL) {
        memmove(to, from, (size_t)(at - from));
        to += at - from;
        memset(to, '.', 3);
        to += 3;
        from = end + 1;
    }
    memmove(to, from, strlen(from) + 1);
    return rdv_span_of(text);
}

#define ASKED(request, want) T_TEXT(asked(&program, request), want)

static void programs_ask_as_the_document_says(void)
{
    struct t_rig program;

    start("rights=publish");
    write_some();
    open_as(&program, "root", NULL, T_PROGRAM);
    ASKED("[1, \"receipt\", {\"seq\": 1}]",
          "[1, 0, {\"n\": 1, \"seq\": 1, \"record\": 16, \"envelope\": ...}]");
    ASKED("[1, \"receipt\", {\"seq\": 9}]",
          "[1, 9, {\"code\": \"absent\", \"error\": \"no entry 9\"}]");
    ASKED("[1, \"log\", {\"from\": 2, \"count\": 1, \"record\": 48}]",
          "[1, 0, {\"list\": [{\"n\": 1, \"seq\": 4, \"record\": 48, \"envelope\": ...}], "
          "\"next\": 5}]");
    ASKED("[1, \"head\", {\"record\": 32}]", "[1, 0, {\"list\": [{\"n\": 1, \"seq\": 2, "
                                             "\"record\": 32, \"envelope\": ...}]}]");
    ASKED("[1, \"head\", {\"record\": 255}]", "[1, 0, {\"list\": [{\"n\": 0, \"seq\": 0, "
                                              "\"record\": 255, \"envelope\": ...}]}]");
    ASKED("[1, \"identity keys\", {}]", "[1, 0, {\"envelope\": ...}]");
    ASKED("[1, \"ack\", {\"consumer\": \"b\", \"seq\": 2}]",
          "[1, 0, {\"seq\": 2, \"consumer\": \"b\"}]");
    ASKED("[1, \"ack\", {\"consumer\": \"b\", \"seq\": 3, \"was\": 1}]",
          "[1, 15, {\"code\": \"busy\", \"error\": \"consumer \\\"b\\\" is at 2: another one "
          "moves it\"}]");
    ASKED("[1, \"consumer add\", {\"consumer\": \"c\", \"account\": \"g\", \"seq\": 1}]",
          "[1, 0, {\"seq\": 1, \"moved\": 1800000000, \"account\": \"g\", \"consumer\": \"c\"}]");
    ASKED("[1, \"consumer list\", {}]",
          "[1, 0, {\"list\": [{\"seq\": 2, \"moved\": 1800000000, \"account\": \"root\", "
          "\"consumer\": \"b\"}, {\"seq\": 1, \"moved\": 1800000000, \"account\": \"g\", "
          "\"consumer\": \"c\"}]}]");
    ASKED("[1, \"consumer skip\", {\"consumer\": \"b\", \"seq\": 3, \"why\": \"too large\"}]",
          "[1, 0, {}]");
    ASKED("[1, \"consumer drop\", {\"consumer\": \"c\"}]", "[1, 0, {}]");
    ASKED("[1, \"record set\", {\"record\": 16, \"keep\": 5, \"ttl\": 60, \"max\": 10}]",
          "[1, 0, {\"max\": 10, \"ttl\": 60, \"keep\": 5, \"bytes\": 1, \"author\": \"root\", "
          "\"record\": 16, \"changed\": 1800000000}]");
    ASKED("[1, \"record set\", {\"record\": 17, \"keep\": null, \"ttl\": null}]",
          "[1, 0, {\"max\": 4096, \"ttl\": null, \"keep\": null, \"bytes\": 0, \"record\": 17}]");
    t_rig_close(&program);
    stop();
}

static void a_damaged_entry_is_told_and_the_others_are_read(void)
{
    char path[200];

    start("rights=read records=all");
    write_some();
    t_rig_close(&root);
    t_rig_close(&other);
    (void)snprintf(path, sizeof(path), "%s/key1.com/card.sqlite3", element.dir);
    t_element_free(&element);
    t_sql(path, "UPDATE envelope SET message = x'00' WHERE seq = 3");
    t_element_reopen(&element);
    open_as(&root, "root", NULL, NULL);
    open_as(&other, "g", PSK, NULL);
    SEQS(say(&other, "!log 0"), "1 2 3 4 5 next=6");
    T_TRUE(holds(say(&other, "!log 3 1"), "seq=3 record=10 n=2 damaged=yes\r\n"));
    T_TEXT(say(&other, "!receipt 3"), "ERR corrupt damaged\r\n");
    T_TRUE(t_logged("entry 3 of the log is damaged") > 0);
    stop();
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void a_wait_ends_when_an_entry_comes(void)
{
    start("rights=read records=10");
    T_TEXT(say(&other, "!wait 1 30"), "");
    T_TRUE(!se_card_wants_turn(other.card));
    T_TEXT(say(&root, "Z20not for it"), "OK\r\n");
    T_TRUE(!se_card_wants_turn(other.card));
    T_TEXT(say(&root, "Z10for it"), "OK\r\n");
    T_TRUE(se_card_wants_turn(other.card));
    SEQS(t_rig_hear(&other), "2 next=3");
    SEQS(say(&other, "!wait 1"), "2 next=3"); /* it is there already */
    stop();
}

static void a_wait_ends_with_nothing_when_its_time_is_up(void)
{
    start("rights=read records=10");
    T_TEXT(say(&other, "!wait 1 30"), "");
    element.el->now_ms += 29999;
    T_TEXT(say(&root, "Z20not for it"), "OK\r\n");
    T_TEXT(t_rig_hear(&other), "");
    element.el->now_ms += 1;
    SEQS(t_rig_hear(&other), "next=2");
    T_TEXT(say(&other, "!wait 2 30"), ""); /* the next has all of its own time */
    element.el->now_ms += 29999;
    T_TEXT(t_rig_hear(&other), "");
    stop();
}

static void a_program_that_asks_something_else_waits_no_longer(void)
{
    const char *wait = "[1, \"wait\", {\"from\": 1}]", *echo = "[2, \"echo\", {\"data\": h'01'}]";
    struct rdv_buf said = RDV_BUF(4096);
    struct t_rig program;

    start("rights=read,echo records=10");
    open_as(&program, "g", PSK, T_PROGRAM);
    T_TEXT(t_rig_call(&program, wait), "");
    T_TEXT(t_rig_call(&program, echo),
           "[1, 0, {\"list\": [], \"next\": 1}]\n[2, 0, {\"data\": h'01'}]");
    T_TEXT(t_rig_call(&program, wait), "");
    T_TEXT(say(&root, "Z10x"), "OK\r\n");
    t_notation_of_all(&said, t_rig_hear(&program));
    T_TRUE(holds(rdv_buf_view(&said), "\"next\": 2"));
    rdv_buf_free(&said);
    t_rig_close(&program);
    stop();
}

static void what_a_person_says_behind_a_wait_waits_too(void)
{
    start("rights=read records=10");
    T_TEXT(say(&other, "!wait 1 30\n?00"), "");
    T_TEXT(say(&root, "Z10x"), "OK\r\n");
    T_TRUE(holds(t_rig_hear(&other), "next=2\r\nOK\r\nRDV keystore " RDV_VERSION "\r\n"));
    stop();
}

static void a_wait_for_one_record_is_not_ended_by_another(void)
{
    start("rights=read records=10-1F");
    T_TEXT(say(&other, "!wait 1 30 record=11"), "");
    T_TEXT(say(&root, "Z10x"), "OK\r\n");
    T_TEXT(t_rig_hear(&other), "");
    T_TRUE(!se_card_wants_turn(other.card));
    T_TEXT(say(&root, "Z11x"), "OK\r\n");
    SEQS(t_rig_hear(&other), "2 next=3");
    stop();
}

static void an_entry_that_was_not_committed_wakes_nobody(void)
{
    start("rights=read records=10");
    T_TEXT(say(&other, "!wait 1 30"), "");
    T_MUST_OK(se_element_begin(element.el));
    t_rig_ask(&root, "Z10lost\n");
    T_MUST_OK(se_card_run(root.card));
    T_MUST_OK(se_log_flush(element.el));
    T_TRUE(!se_card_wants_turn(other.card));
    se_element_rollback(element.el);
    se_card_rewind(root.card);
    T_TRUE(!se_card_wants_turn(other.card));
    T_TEXT(t_rig_hear(&root), "OK\r\n"); /* its turn, again */
    SEQS(t_rig_hear(&other), "1 next=2");
    stop();
}

static void a_client_that_goes_takes_its_wait_along(void)
{
    struct rdv_buf records = RDV_BUF(1 << 16);

    start("rights=read records=10");
    T_TEXT(say(&other, "!wait 1 30"), "");
    T_TRUE(element.el->waiting != NULL);
    t_client_close(other.client, &records);
    t_rig_record(&other, rdv_buf_view(&records));
    T_UINT(other.sw, 0x9002);
    t_rig_close(&other);
    T_TRUE(element.el->waiting == NULL);
    T_TEXT(say(&root, "Z10x"), "OK\r\n");
    rdv_buf_free(&records);
    t_rig_close(&root);
    t_element_free(&element);
}

static void many_wait_and_all_are_woken(void)
{
    struct t_rig third;

    start("rights=read records=10");
    open_as(&third, "g", PSK, NULL);
    T_TEXT(say(&other, "!wait 1 30"), "");
    T_TEXT(say(&third, "!wait 1 30"), "");
    T_TEXT(say(&root, "Z10x"), "OK\r\n");
    SEQS(t_rig_hear(&other), "1 next=2");
    SEQS(t_rig_hear(&third), "1 next=2");
    T_TRUE(element.el->waiting == NULL);
    t_rig_close(&third);
    stop();
}

/* --- the card's own chain --------------------------------------------------------------------- */

static void a_restored_card_says_so_in_its_log(void)
{
    start("rights=read records=10");
    write_some();
    element.el->read_only = true;
    T_TEXT(say(&root, "!restore accept"), "OK\r\n");
    T_TEXT(say(&root, "Z10after"), "OK\r\n");
    SEQS(say(&other, "!log 6"), "2199023255553 2199023255554 next=2199023255555");
    T_TRUE(holds(say(&other, "!receipt 2199023255553"),
                 "seq=2199023255553 n=1 time=2027-01-15T08:00:00Z author=root"
                 " type=application/rdv-card+cbor bytes=23 envelope="));
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(a_receipt_is_given_to_whoever_wrote_it),
    T_CASE(a_receipt_in_the_same_packet_as_its_write_is_there),
    T_CASE(the_number_of_a_deleted_account_is_nobodys),
    T_CASE(a_repeated_post_has_the_receipt_of_the_first),
    T_CASE(a_repeat_is_known_after_a_restart_and_when_its_entry_has_gone),
    T_CASE(a_reader_sees_the_records_of_its_scope),
    T_CASE(who_publishes_sees_all),
    T_CASE(who_may_neither_read_nor_publish_sees_nothing),
    T_CASE(what_is_wrong_with_a_question_is_named),
    T_CASE(a_list_ends_before_it_is_too_long),
    T_CASE(a_list_ends_before_too_many_of_others_were_looked_at),
    T_CASE(a_list_ends_before_it_has_too_many_bytes),
    T_CASE(programs_get_the_envelopes),
    T_CASE(programs_ask_as_the_document_says),
    T_CASE(a_damaged_entry_is_told_and_the_others_are_read),
    T_CASE(a_wait_ends_when_an_entry_comes),
    T_CASE(a_wait_ends_with_nothing_when_its_time_is_up),
    T_CASE(a_program_that_asks_something_else_waits_no_longer),
    T_CASE(what_a_person_says_behind_a_wait_waits_too),
    T_CASE(a_wait_for_one_record_is_not_ended_by_another),
    T_CASE(an_entry_that_was_not_committed_wakes_nobody),
    T_CASE(a_client_that_goes_takes_its_wait_along),
    T_CASE(many_wait_and_all_are_woken),
    T_CASE(a_restored_card_says_so_in_its_log),
    T_END,
};

T_SUITE(se_card_words_log, tests);
