/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The form of every answer in words, which scripts rely on: exact, key by key, and such that it can
 * be read back by the rules it was written by. A command that no case here is about fails.
 */
#include "se_card/words.h"

#include <stdio.h>
#include <string.h>

#include "se_card/commands.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define K32 "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define PSK "FF02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
#define HEX "#X" /* hex digits, as many as there are */
#define NOW "2023-11-14T22:13:20Z"
#define G2                                                                                \
    "name=g2 enabled=yes rights=read,audit records=00-0F,20 keys=03 psk=set"              \
    " not-before=2023-11-14T22:14:20Z expires=2027-01-31T00:00:00Z posts=0/9 quota=0/500" \
    " needs-name=yes\r\n"
#define PLAIN(name, enabled, psk)                                                   \
    "name=" name " enabled=" enabled " rights=none records=none keys=none psk=" psk \
    " not-before=now expires=never posts=none quota=none needs-name=no\r\n"
#define ROOT                                                                           \
    "name=root enabled=yes rights=all records=00-FF keys=00-FF psk=set not-before=now" \
    " expires=never posts=none quota=none needs-name=no\r\n"
#define GUEST                                                                        \
    "name=guest enabled=no rights=read,secret,echo records=00-FF keys=00-FF psk=set" \
    " not-before=now expires=never posts=none quota=none needs-name=no\r\n"

#define KEY(origin, uses)                                                                      \
    "slot=02 kind=secp256k1 origin=" origin " private=yes exportable=yes created=" NOW " uses" \
    "=" uses

/* In this order, each on what the ones before have left. */
static const struct {
    const char *line, *answer;
} says[] = {
    { "!whoami", ROOT "OK\r\n" },
    { "!info", "sen=key1.com version=" RDV_VERSION " demo=yes created=" NOW " now=" NOW
               " epoch=1 counter=0 sessions=1 entries=0 seq=0 log=0/1073741824\r\nOK\r\n" },
    { "!guest add g1", PLAIN("g1", "yes", "none") "OK\r\n" },
    { "!guest add \"a \\\"b\\\\\" psk=" PSK, PLAIN("\"a \\\"b\\\\\"", "yes", "set") "OK\r\n" },
    { "!guest add g2 rights=audit,read records=20,00-0f keys=03 psk=" PSK
      " identities=x,g2 not-before=60s expires=2027-01-31T00:00:00Z posts=9 quota=500"
      " needs-name=yes",
      G2 "OK\r\n" },
    { "!guest set g1 posts=3 quota=none expires=never not-before=now",
      "name=g1 enabled=yes rights=none records=none keys=none psk=none not-before=now"
      " expires=never posts=0/3 quota=none needs-name=no\r\nOK\r\n" },
    { "!guest show g2", G2 "identity=g2 failures=0\r\nidentity=x failures=0\r\nOK\r\n" },
    { "!guest show root",
      ROOT "identity=Client_identity failures=0\r\nidentity=root failures=0\r\nOK\r\n" },
    { "!guest disable g1", "OK\r\n" },
    { "!guest enable g1", "OK\r\n" },
    { "!guest unlock g1", "OK\r\n" },
    { "!guest rotate g2 overlap=1d psk=" PSK, "old-key-until=2023-11-15T22:13:20Z\r\nOK\r\n" },
    { "!guest delete g1", "OK\r\n" },
    { "!guest list count=2",
      PLAIN("\"a \\\"b\\\\\"", "yes",
            "set") "name=g2 enabled=yes rights=read,audit"
                   " records=00-0F,20 keys=03 psk=rotating not-before=2023-11-14T22:14:20Z"
                   " expires=2027-01-31T00:00:00Z posts=0/9 quota=0/500 needs-name=yes\r\n"
                   "next=guest\r\nOK\r\n" },
    { "!guest list from=guest", GUEST ROOT "OK\r\n" },
    { "!guest list from=z", "OK\r\n" },
    { "!guest list count=0", "next=\"a \\\"b\\\\\"\r\nOK\r\n" },
    { "Z10hello", "OK\r\n" },
    { "Z200", "OK\r\n" },
    { "!record list", "record=10 bytes=5 author=root changed=" NOW
                      "\r\nrecord=20 bytes=1 author=root changed=" NOW "\r\nOK\r\n" },
    { "!record show 10",
      "record=10 bytes=5 author=root changed=" NOW " ttl=none keep=all max=4096\r\nOK\r\n" },
    { "!record show ab", "record=AB bytes=0 ttl=none keep=all max=4096\r\nOK\r\n" },
    { "!record set 10 ttl=1d keep=7 max=100",
      "record=10 bytes=5 author=root changed=" NOW " ttl=86400s keep=7 max=100\r\nOK\r\n" },
    { "!record clear 20", "OK\r\n" },
    { "!session list",
      "session=1 account=root address=192.0.2.7:50122 since=" NOW " commands=24\r\nOK\r\n" },
    { "!receipt 1", "seq=1 record=10 n=1 time=" NOW " author=root type=application/octet-stream"
                    " bytes=5 expires=2023-11-15T22:13:20Z envelope=" HEX "\r\nOK\r\n" },
    { "!audit 1 2",
      "seq=1 time=" NOW " actor=root action=\"guest add\" target=g1 result=ok detail=\"\" hash=" HEX
      "\r\nseq=2 time=" NOW " actor=root action=\"guest add\" target=\"a \\\"b\\\\\" result=ok"
      " detail=\"psk=...\" hash=" HEX "\r\nOK\r\n" },
    { "!audit 999", "OK\r\n" },
    { "!backup copy-1", "file=copy-1\r\nOK\r\n" },
    { "!restore accept", "ERR state the card is not read-only: there is nothing to accept\r\n" },
    { "!session end 999", "ERR absent no session 999\r\n" },
    { "!help restore accept",
      "  !restore accept - go on with an older database that was put back\r\n"
      "right=root scope=none writes=yes\r\nOK\r\n" },
    { "!help Z",
      "  ZXX TEXT - write record XX (00-FF; at most 4096 bytes unless set otherwise); no text"
      " clears it\r\nright=write scope=record writes=yes\r\nOK\r\n" },
    { "!help !audit", "  !audit FROM [COUNT] - rows of the audit, at most 50 at once\r\n"
                      "right=audit scope=none writes=no\r\nOK\r\n" },
    { "!key list", "OK\r\n" },
    { "!key import 02 private=1234", KEY("imported", "0") " public=" HEX "\r\nOK\r\n" },
    { "!key clear 02", "OK\r\n" },
    { "!key generate 02 exportable=yes", KEY("generated", "0") " public=" HEX "\r\nOK\r\n" },
    { "!key sign 02 data=12", "signature=" HEX "\r\nOK\r\n" },
    { "!key show 02", KEY("generated", "1") " public=" HEX "\r\nOK\r\n" },
    { "!key list", KEY("generated", "1") "\r\nOK\r\n" },
    { "!key attest 02", "statement=" HEX "\r\nOK\r\n" },
    { "!key export 02", "part=" HEX "\r\nOK\r\n" },
    { "!key hold 02",
      "slot=02 kind=secp256k1 origin=generated private=yes exportable=no created=" NOW
      " uses=1 public=" HEX "\r\nOK\r\n" },
    { "!key import 38 secret=000102030405060708090A0B0C0D0E0F",
      "slot=38 kind=secret origin=imported private=yes exportable=yes created=" NOW
      " uses=0\r\nOK\r\n" },
    { "!key derive 03 seed=38 path=80000000",
      "slot=03 kind=secp256k1 origin=derived private=yes exportable=yes created=" NOW
      " uses=0 public=" HEX "\r\nOK\r\n" },
    { "!key import 30 secret=000102030405060708090A0B0C0D0E0F",
      "slot=30 kind=secret origin=imported private=yes exportable=yes created=" NOW
      " uses=0\r\nOK\r\n" },
    { "!key hmac 30 data=00", "hmac=" HEX "\r\nOK\r\n" },
    { "!key encrypt 30 data=00000000000000000000000000000000", "data=" HEX "\r\nOK\r\n" },
    { "!key decrypt 30 data=00000000000000000000000000000000", "data=" HEX "\r\nOK\r\n" },
    { "!key rsa 20 data=00", "ERR absent key=20: there is none\r\n" },
    { "?30000102030405060708090A0B0C0D0E0F", "OK\r\n" },
    { "!key wrap 03 header=00038001020304", "blob=" HEX "\r\nOK\r\n" },
    { "!key unwrap 03 blob=00", "ERR range not a blob\r\n" },
    { "!put 30 content=68690A type=text/plain once=01",
      "record=30 changed=" NOW " seq=4\r\nOK\r\n" },
    { "!post 31 \"21.5 C\" key=a1", "record=31 changed=" NOW " seq=5\r\nOK\r\n" },
    { "!post 31 \"21.5 C\" key=a1", "record=31 changed=" NOW " seq=5\r\nOK\r\n" },
    { "!record clear 31", "OK\r\n" },
    { "!log 5", "seq=5 record=31 n=1 time=" NOW " author=root type=text/plain bytes=6\r\n"
                "seq=6 record=31 n=2 time=" NOW
                " author=root type=application/octet-stream bytes=0\r\nnext=7\r\nOK\r\n" },
    { "!log 1 1 record=30",
      "seq=4 record=30 n=1 time=" NOW " author=root type=text/plain bytes=3\r\nnext=5\r\nOK\r\n" },
    { "!log 7", "next=7\r\nOK\r\n" },
    { "!wait 6 0", "seq=6 record=31 n=2 time=" NOW
                   " author=root type=application/octet-stream bytes=0\r\nnext=7\r\nOK\r\n" },
    { "!wait 7 0", "next=7\r\nOK\r\n" },
    { "!ack bridge 4", "consumer=bridge seq=4\r\nOK\r\n" },
    { "!ack bridge 6 was=4", "consumer=bridge seq=6\r\nOK\r\n" },
    { "!consumer add \"a b\" account=g2",
      "consumer=\"a b\" account=g2 seq=0 moved=" NOW "\r\nOK\r\n" },
    { "!consumer list", "consumer=\"a b\" account=g2 seq=0 moved=" NOW
                        "\r\nconsumer=bridge account=root seq=6 moved=" NOW "\r\nOK\r\n" },
    { "!consumer show bridge", "consumer=bridge account=root seq=6 moved=" NOW "\r\nOK\r\n" },
    { "!consumer skip bridge 5 \"too large\"", "OK\r\n" },
    { "!consumer drop \"a b\"", "OK\r\n" },
    { "!head 10", "record=10 n=1 seq=1 until=2023-11-14T23:13:20Z envelope=" HEX "\r\nOK\r\n" },
    { "!head ff", "record=FF n=0 seq=0 until=2023-11-14T23:13:20Z envelope=" HEX "\r\nOK\r\n" },
    { "!head", "record=10 n=1 seq=1 until=2023-11-14T23:13:20Z\r\n"
               "record=20 n=2 seq=3 until=2023-11-14T23:13:20Z\r\n"
               "record=30 n=1 seq=4 until=2023-11-14T23:13:20Z\r\n"
               "record=31 n=2 seq=6 until=2023-11-14T23:13:20Z\r\nOK\r\n" },
    { "!identity keys", "envelope=" HEX "\r\nOK\r\n" },
    { "!get 30", "type=text/plain author=root changed=" NOW " content=68690A\r\nOK\r\n" },
    { "!get 31", "content=\"\"\r\nOK\r\n" },
    { "!record show 30", "record=30 bytes=3 author=root changed=" NOW
                         " type=text/plain ttl=none keep=all max=4096\r\nOK\r\n" },
    { "!echo data=00ff", "data=00FF\r\nOK\r\n" },
    { "!guest psk g2", "psk=" HEX "\r\nOK\r\n" },
    { "!rekey psk=FF02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20", "OK\r\n" },
    { "!identity", "public=" HEX "\r\nOK\r\n" },
    { "!identity certify certificate=" K32 K32, "OK\r\n" },
    { "!identity", "public=" HEX " certificate=" HEX "\r\nOK\r\n" },
    { "!identity prove challenge=" K32, "signature=" HEX "\r\nOK\r\n" },
    { "!wrap set first=00 second=0102", "OK\r\n" },
    { "!handshake set psk=" K32, "OK\r\n" },
    { "!handshake binder hash=" K32, "binder=" HEX "\r\nOK\r\n" },
    { "!handshake secret shared=" K32 " confirm=no", "secret=" HEX "\r\nOK\r\n" },
    { "!confirm list", "OK\r\n" },
    { "!confirm account g2", "OK\r\n" },
    { "!confirm 1", "ERR denied you are not the account that confirms\r\n" },
    { "!session end 1", "OK\r\n" },
};

#define N_SAYS (sizeof(says) / sizeof(says[0]))

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

static struct rdv_span say(const char *line)
{
    char whole[2100];

    (void)snprintf(whole, sizeof(whole), "%s\n", line);
    return t_rig_say(&root, whole);
}

/* True when they are the same, "#X" standing for hex digits. */
static bool matches(struct rdv_span got, const char *want)
{
    while (*want != '\0') {
        size_t n = 1;

        if (strncmp(want, HEX, strlen(HEX)) == 0) {
            for (n = 0; n < got.n && memchr("0123456789ABCDEF", got.p[n], 16) != NULL;)
                n++;
            if (n == 0)
                return false;
            want += strlen(HEX);
        } else if (got.n == 0 || got.p[0] != (uint8_t)*want++) {
            return false;
        }
        got.p += n;
        got.n -= n;
    }
    return got.n == 0;
}

static void every_answer_has_its_form(void)
{
    start();
    for (size_t i = 0; i < N_SAYS; i++) {
        const struct rdv_span got = say(says[i].line);

        if (!matches(got, says[i].answer)) {
            T_TEXT(rdv_span_of(says[i].line), "answered as it always was");
            T_TEXT(got, says[i].answer);
        }
    }
    stop();
}

static void every_command_in_words_is_among_them(void)
{
    size_t n;
    const struct se_command *c = se_commands(&n);

    for (size_t i = 0; i < n; i++) {
        const size_t length = strlen(c[i].name);
        bool found = c[i].name[0] == '?' || length == 1 || strcmp(c[i].name, "help") == 0;

        for (size_t k = 0; k < N_SAYS && !found; k++)
            found = says[k].line[0] == '!' && strncmp(says[k].line + 1, c[i].name, length) == 0 &&
                    (says[k].line[1 + length] == ' ' || says[k].line[1 + length] == '\0');
        if (!found)
            T_TEXT(rdv_span_of(c[i].name), "a command whose answer has a case here");
    }
}

/* --- read back -------------------------------------------------------------------------------- */

/* One line: OK, ERR code text, a line for people, or key=value that says itself again. */
static void check_line(struct rdv_span line)
{
    struct rdv_buf text = RDV_BUF(20000), out = RDV_BUF(20000);
    struct rdv_words words;

    T_TRUE(line.n > 0 && strchr("QRCkK", line.p[0]) == NULL);
    for (size_t i = 0; i < line.n; i++)
        T_TRUE(line.p[i] >= 0x20 && line.p[i] < 0x7f);
    if (rdv_span_is(line, "OK") || (line.n > 4 && memcmp(line.p, "ERR ", 4) == 0) ||
        (line.n > 2 && memcmp(line.p, "  ", 2) == 0))
        return;
    T_OK(rdv_words_decode(&words, &text, line));
    T_TRUE(words.n == 0 && words.n_args > 0);
    for (size_t i = 0; i < words.n_args; i++) {
        char key[40];

        T_MUST_OK(rdv_span_to_text(key, sizeof(key), words.arg[i].key));
        T_OK(rdv_words_put_arg(&out, key, words.arg[i].value));
    }
    T_OK(rdv_words_put_end(&out));
    rdv_buf_truncate(&out, rdv_buf_len(&out) - 2);
    T_SPAN(rdv_buf_view(&out), line);
    rdv_buf_free(&text);
    rdv_buf_free(&out);
}

static void every_answer_can_be_read_back(void)
{
    static const char *const more[] = { "!help", "!help guest", "!guest add k rights=read psk=auto",
                                        "!guest rotate k" };

    start();
    for (size_t i = 0; i < N_SAYS + sizeof(more) / sizeof(more[0]); i++) {
        struct rdv_span got = say(i < N_SAYS - 1       ? says[i].line
                                  : i < N_SAYS - 1 + 4 ? more[i - (N_SAYS - 1)]
                                                       : says[N_SAYS - 1].line);
        const uint8_t *end;
        bool closed = false;

        while (got.n > 0) {
            T_MUST(!closed && (end = memmem(got.p, got.n, "\r\n", 2)) != NULL);
            check_line((struct rdv_span){ got.p, (size_t)(end - got.p) });
            closed = says[i < N_SAYS ? i : 0].line[0] != '!' ||
                     (got.n == 4 && memcmp(got.p, "OK\r\n", 4) == 0) ||
                     memcmp(got.p, "ERR ", 4) == 0;
            got.n -= (size_t)(end - got.p) + 2;
            got.p = end + 2;
        }
        T_TRUE(closed);
    }
    stop();
}

/* --- help ------------------------------------------------------------------------------------- */

static unsigned count(struct rdv_span in, const char *what)
{
    unsigned n = 0;

    for (size_t i = 0; i + strlen(what) <= in.n; i++)
        n += memcmp(in.p + i, what, strlen(what)) == 0;
    return n;
}

static void help_names_every_command_once(void)
{
    char text[300];
    size_t n;
    const struct se_command *c = se_commands(&n);
    struct rdv_span got;

    start();
    got = say("!help");
    T_UINT(count(got, "\r\n"), n + 1);
    for (size_t i = 0; i < n; i++) {
        const bool word = c[i].name[0] != '?' && c[i].name[1] != '\0';
        const char *blank = word && c[i].syntax[0] != '\0' ? " " : "";

        (void)snprintf(text, sizeof(text), "  %s%s%s%s - %s\r\n", word ? "!" : "", c[i].name, blank,
                       c[i].syntax, c[i].help);
        if (count(got, text) != 1)
            T_TEXT(rdv_span_of(text), "named once by !help");
        T_TRUE(c[i].help[0] != '\0' && strchr(c[i].help, '\n') == NULL);
    }
    stop();
}

static void help_about_one_tells_its_rule(void)
{
    char text[300];
    size_t n;
    const struct se_command *c = se_commands(&n);

    start();
    for (size_t i = 0; i < n; i++) {
        struct rdv_span got;

        (void)snprintf(text, sizeof(text), "!help %s", c[i].name);
        got = say(text);
        T_TRUE(count(got, c[i].help) == 1 && count(got, "\r\n") == 3);
        T_TRUE(count(got, "\r\nright=") == 1 && count(got, " scope=") == 1 &&
               count(got, (c[i].flags & SE_WRITES) != 0 ? " writes=yes\r\nOK\r\n"
                                                        : " writes=no\r\nOK\r\n") == 1);
    }
    stop();
}

/* --- size ------------------------------------------------------------------------------------- */

/* "records=00,02,..", or keys: as many numbers as make the longest text. */
static void add_scope(char *line, size_t size, const char *key)
{
    size_t at = strlen(line);

    at += (size_t)snprintf(line + at, size - at, " %s=00", key);
    for (unsigned i = 2; i < 256; i += 2)
        at += (size_t)snprintf(line + at, size - at, ",%02X", i);
}

/* The longest list there is, behind as many other answers as are made in one turn. */
static void the_longest_list_has_room_behind_other_answers(void)
{
    static const char quotes[] =
            "\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\""
            "\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\""
            "\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"";
    struct rdv_buf lines = RDV_BUF(1 << 17);
    char line[2000];
    struct rdv_span got;

    start();
    for (unsigned i = 0; i < 101; i++) {
        (void)snprintf(line, sizeof(line),
                       "!guest add \"%s%03u\" not-before=1d expires=30d posts=1000000000000000"
                       " quota=1000000000000000"
                       " rights=read,write,keygen,sign,secret,export,publish,audit,rsa,echo",
                       quotes, i);
        add_scope(line, sizeof(line), "records");
        add_scope(line, sizeof(line), "keys");
        T_MUST(count(say(line), "OK\r\n") == 1);
    }
    T_MUST_OK(rdv_put_text(&lines, "Z00"));
    for (unsigned i = 0; i < 4090; i++)
        T_MUST_OK(rdv_put_u8(&lines, 'x'));
    for (unsigned i = 0; i < 15; i++)
        T_MUST_OK(rdv_put_text(&lines, i == 0 ? "\nI00\n" : "I00\n"));
    T_MUST_OK(rdv_put_text(&lines, "!guest list\n!whoami\n"));
    got = t_rig_say_bytes(&root, rdv_buf_view(&lines));
    T_UINT(count(got, "ERR"), 0);
    T_UINT(count(got, "\r\nname="), 101); /* 100 of them, and root */
    T_UINT(count(got, "\r\nnext="), 1);
    rdv_buf_free(&lines);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(every_answer_has_its_form),
    T_CASE(every_command_in_words_is_among_them),
    T_CASE(every_answer_can_be_read_back),
    T_CASE(help_names_every_command_once),
    T_CASE(help_about_one_tells_its_rule),
    T_CASE(the_longest_list_has_room_behind_other_answers),
    T_END,
};

T_SUITE(se_card_words_form, tests);
