/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people may type wrong, at every command: each answer names the fault, and nothing changes.
 */
#include "se_card/words.h"

#include <stdio.h>
#include <string.h>

#include "se_card/accounts.h"
#include "tests/support/card_rig.h"
#include "tests/support/dump.h"
#include "tests/support/test.h"

#define GOOD "FF02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
#define DEMO "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

struct fault {
    const char *line, *answer; /* how it begins */
};

static struct t_element element;
static struct se_session root;
static struct rdv_buf answer, before, after;

static void begin(void)
{
    T_MUST_OK(se_element_begin(element.el));
    rdv_buf_clear(&answer);
}

static struct rdv_span say_bytes(struct rdv_span line)
{
    begin();
    T_OK(se_words_run(&root, &answer, line));
    T_MUST_OK(se_element_commit(element.el));
    return rdv_buf_view(&answer);
}

static struct rdv_span say(const char *line)
{
    return say_bytes(rdv_span_of(line));
}

static bool ends_in_ok(struct rdv_span text)
{
    return text.n >= 4 && memcmp(text.p + text.n - 4, "OK\r\n", 4) == 0;
}

/* Outside demo mode, with a guest that has something to lose, one without a key, and a record. */
static void start(void)
{
    element = t_element_new(false);
    answer = RDV_BUF(1 << 17);
    before = RDV_BUF(1 << 20);
    after = RDV_BUF(1 << 20);
    T_MUST_OK(se_session_init(&root, element.el, SE_ROOT_ID));
    T_MUST(ends_in_ok(say("!guest add g1 rights=write records=00-0F keys=03 posts=9 quota=999"
                          " identities=g1,other psk=" GOOD)));
    T_MUST(ends_in_ok(say("!guest add keyless")));
    T_MUST(ends_in_ok(say("!record set 00 ttl=1d keep=5 max=100")));
    element.el->audit.keep = 1000000;
    t_dump(&before, element.el->store, T_DUMP_ALL);
}

static void stop(void)
{
    rdv_buf_free(&answer);
    rdv_buf_free(&before);
    rdv_buf_free(&after);
    t_element_free(&element);
}

/* One line of plain text, beginning so; and the database is as it was. */
static void check(struct rdv_span line, const char *want)
{
    const size_t n = strlen(want);
    const struct rdv_span got = say_bytes(line);
    bool good = got.n > n && memcmp(got.p, want, n) == 0 && got.p[got.n - 1] == '\n' &&
                got.p[got.n - 2] == '\r' && memcmp(want, "ERR ", 4) == 0;

    for (size_t i = 0; i + 2 < got.n; i++)
        good = good && got.p[i] >= 0x20 && got.p[i] < 0x7f;
    if (!good) {
        T_TEXT(got, want);
        T_TEXT(line, "the line");
    }
    t_dump(&after, element.el->store, T_DUMP_ALL);
    if (!rdv_span_equal(rdv_buf_view(&before), rdv_buf_view(&after)))
        T_TEXT(line, "a line that changes nothing");
}

static void check_all(const struct fault *faults, size_t n)
{
    start();
    for (size_t i = 0; i < n; i++)
        check(rdv_span_of(faults[i].line), faults[i].answer);
    stop();
}

#define CHECK_ALL(faults) check_all(faults, sizeof(faults) / sizeof((faults)[0]))

static void lines_that_are_none(void)
{
    static const struct fault faults[] = {
        { "!", "ERR unknown no command !: " },
        { "! ", "ERR unknown no command !" },
        { "!nonsense", "ERR unknown no command !nonsense: !help lists them" },
        { "!GUEST LIST", "ERR unknown no command !GUEST LIST: " },
        { "!guest", "ERR unknown no command !guest: " },
        { "!guest frob x", "ERR unknown no command !guest frob x: " },
        { "!guestlist", "ERR unknown no command !guestlist: " },
        { "!guest=list", "ERR unknown no command !guest=list: " },
        { "!Z00text", "ERR unknown no command !Z00text: " },
        { "!?00", "ERR unknown no command !?00: " },
        { "!!help", "ERR unknown no command !!help: " },
        { "!\"guest list\"", "ERR unknown no command !\\x22guest list\\x22: " },
        { "!\xff\xfe", "ERR unknown no command !\\xff\\xfe: " },
        { "!guest list \"open", "ERR format words, then key=value; \"...\" around blanks" },
        { "!guest list \"a\"b", "ERR format words, then key=value; " },
        { "!guest list a\"b", "ERR format words, then key=value; " },
        { "!guest list \"\\n\"", "ERR format words, then key=value; " },
        { "!guest list from=a b", "ERR format words, then key=value; " },
        { "!guest list =a", "ERR format words, then key=value; " },
        { "!guest list a\x01", "ERR range a control byte" },
        { "!guest list \"\x1b[2J\"", "ERR range a control byte" },
        { "!guest list from=\x7f", "ERR range a control byte" },
        { "!guest list from=a from=b", "ERR exists a key twice" },
        { "!guest list 3 4 5 6 7", "ERR limit too many words" },
        { "!guest list a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 l=1 m=1 n=1 o=1 p=1 q=1",
          "ERR limit too many words" },
        { "!guest list x", "ERR format \"x\" is too much: see !help" },
        { "!guest list x=1", "ERR format no key \"x\" here: see !help" },
        { "!guest list count=101", "ERR range count=101: " },
        { "!guest list count=-1", "ERR format count=-1: a whole number, at least 0," },
        { "!guest list from=nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
          "ERR limit from: longer than a name" },
        { "!whoami x", "ERR format \"x\" is too much" },
        { "!info a=b", "ERR format no key \"a\" here" },
        { "!help nonsense", "ERR absent no command \"nonsense\"" },
        { "!help \"\"", "ERR absent no command \"\"" },
        { "!help guest frob", "ERR absent no command \"guest frob\"" },
        { "!help a b c", "ERR format \"c\" is too much" },
        { "!help "
          "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
          "ERR absent no such command" },
    };

    CHECK_ALL(faults);
}

static void names(void)
{
    static const struct fault faults[] = {
        { "!guest add", "ERR format too few words: see !help" },
        { "!guest add rights=read", "ERR format too few words" },
        { "!guest add a b", "ERR format \"b\" is too much" },
        { "!guest add \"\"", "ERR range a name has 1 to 64 characters, not 0" },
        { "!guest add \" a\"", "ERR format name \" a\": a space at its end" },
        { "!guest add \"a \"", "ERR format name \"a \": a space at its end" },
        { "!guest add \xc3\xa9", "ERR format name \"\\xc3\\xa9\": printable ASCII only" },
        { "!guest add \"\xff\xfe\"", "ERR format name \"\\xff\\xfe\": printable ASCII only" },
        { "!guest add a\x02", "ERR range a control byte" },
        { "!guest add \"a\tb\"", "ERR range a control byte" },
        { "!guest add root", "ERR exists account \"root\" exists already" },
        { "!guest add g1", "ERR exists account \"g1\" exists already" },
        { "!guest add other", "ERR exists identity \"other\" is taken" },
        { "!guest add a identities=b,other", "ERR exists identity \"other\" is taken" },
        { "!guest add a identities=root", "ERR exists identity \"root\" is taken" },
        { "!guest add a identities=b,b", "ERR exists identity \"b\" is taken" },
        { "!guest add a identities=", "ERR range a name has 1 to 64 characters, not 0" },
        { "!guest add a identities=b,,c", "ERR range a name has 1 to 64" },
        { "!guest add a identities=1,2,3,4,5,6,7,8,9", "ERR limit an account has 1 to 8" },
        { "!guest add a identities=\"b, c\"", "ERR format name \" c\": a space at its end" },
        { "!guest set g1 identities=root", "ERR exists identity \"root\" is taken" },
        { "!guest set g1 identities=new,\xff", "ERR format name \"\\xff\": printable" },
        { "!guest set nobody rights=read", "ERR absent no account \"nobody\"" },
        { "!guest set other rights=read", "ERR absent no account \"other\"" },
        { "!guest show nobody", "ERR absent no account \"nobody\"" },
        { "!guest show", "ERR format too few words" },
        { "!guest enable nobody", "ERR absent no account \"nobody\"" },
        { "!guest disable nobody", "ERR absent no account \"nobody\"" },
        { "!guest delete nobody", "ERR absent no account \"nobody\"" },
        { "!guest unlock nobody", "ERR absent no account \"nobody\"" },
        { "!guest rotate nobody", "ERR absent no account \"nobody\"" },
        { "!guest delete g1 keyless", "ERR format \"keyless\" is too much" },
        { "!guest delete root", "ERR denied root cannot be deleted" },
        { "!guest disable root", "ERR denied root is always enabled" },
        { "!guest enable root", "ERR denied root is always enabled" },
        { "!guest set root rights=none", "ERR denied of root only psk and identities can be set" },
        { "!guest set root expires=1d", "ERR denied of root only psk and identities" },
        { "!guest set root", "ERR denied of root only psk and identities" },
        { "!guest set root identities=g1", "ERR exists identity \"g1\" is taken" },
    };

    CHECK_ALL(faults);
}

static void names_that_no_text_can_hold(void)
{
    char line[330] = "!guest add ";

    start();
    memset(line + 11, 'n', 65);
    check(rdv_span_of(line), "ERR range a name has 1 to 64 characters, not 65");
    memset(line + 11, 'n', 300);
    check(rdv_span_of(line), "ERR range a name has 1 to 64 characters, not 300");
    memset(line + 11, 0xff, 300);
    check(rdv_span_of(line), "ERR range a name has 1 to 64 characters, not 300");
    check(RDV_LIT("!guest add a\0b"), "ERR range a control byte");
    check(RDV_LIT("!\0"), "ERR range a control byte");
    stop();
}

static void keys(void)
{
    static const struct fault faults[] = {
        { "!guest add a psk=", "ERR range psk: auto, or 64 hex digits that are not all 0" },
        { "!guest add a psk=FF", "ERR range psk: auto, or 64 hex digits" },
        { "!guest add a psk=Auto", "ERR format psk: not auto|HEX (HEX: two digits a byte)" },
        { "!guest add a psk=" GOOD "0", "ERR format psk: not auto|HEX (HEX: two digits a byte)" },
        { "!guest add a psk=" GOOD GOOD, "ERR range psk: auto, or 64 hex digits" },
        { "!guest add a psk=0x02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20",
          "ERR format psk: not auto|HEX (HEX: two digits a byte)" },
        { "!guest add a psk=" ZERO, "ERR weak psk: auto, or 64 hex digits that are not all 0" },
        { "!guest add a psk=" DEMO, "ERR weak this key follows a pattern: use psk=auto" },
        { "!guest set g1 rights=read records=all psk=" DEMO,
          "ERR weak this key follows a pattern" },
        { "!guest set root psk=" DEMO, "ERR weak this key follows a pattern" },
        { "!guest set root psk=" ZERO, "ERR weak psk: auto" },
        { "!guest rotate g1 psk=" DEMO, "ERR weak this key follows a pattern" },
        { "!guest rotate g1 psk=12", "ERR range psk: auto, or 64 hex digits" },
        { "!guest rotate keyless", "ERR absent it has no key to rotate: give it one with psk=" },
        { "!guest rotate g1 overlap=0s", "ERR range overlap=0s: " },
        { "!guest rotate g1 overlap=soon", "ERR format overlap=soon: a duration such as" },
        { "!guest rotate g1 overlap=36601d", "ERR range overlap=36601d: " },
        { "!guest rotate g1 expires=1d", "ERR format no key \"expires\" here" },
        { "!guest rotate g1 x", "ERR format \"x\" is too much" },
    };

    CHECK_ALL(faults);
}

static void values(void)
{
    static const struct fault faults[] = {
        { "!guest add a rights=fly", "ERR absent rights: no right \"fly\"" },
        { "!guest add a rights=read,fly", "ERR absent rights: no right \"fly\"" },
        { "!guest add a rights=root", "ERR absent rights: no right \"root\"" },
        { "!guest add a rights=", "ERR absent rights: no right \"\"" },
        { "!guest add a rights=\"read, write\"", "ERR absent rights: no right \" write\"" },
        { "!guest add a records=10-0F", "ERR range records=10-0F: a range runs upwards" },
        { "!guest add a records=GG", "ERR format records=GG: ranges such as 00-0F,20" },
        { "!guest add a records=00-", "ERR format records=00-: ranges such as" },
        { "!guest add a records=", "ERR format records=: ranges such as" },
        { "!guest add a records=100", "ERR format records=100: ranges such as" },
        { "!guest add a records=\x80", "ERR format records=\\x80: ranges such as" },
        { "!guest add a keys=10-0F", "ERR range keys=10-0F: a range runs upwards" },
        { "!guest add a keys=0", "ERR format keys=0: ranges such as" },
        { "!guest set g1 rights=read keys=ZZ", "ERR format keys=ZZ: ranges such as" },
        { "!guest add a posts=-1", "ERR format posts=-1: a whole number, at least 0," },
        { "!guest add a posts=1.5", "ERR format posts=1.5: a whole number" },
        { "!guest add a posts=", "ERR format posts=: a whole number" },
        { "!guest add a posts=1000000000000001", "ERR range posts=1000000000000001: " },
        { "!guest add a posts=9223372036854775808", "ERR range posts=9223372036854775808: " },
        { "!guest add a quota=-5", "ERR format quota=-5: a whole number" },
        { "!guest add a quota=18446744073709551617", "ERR range quota=18446744073709551617: " },
        { "!guest add a quota=99999999999999999999999999", "ERR range quota=" },
        { "!guest set g1 posts=none quota=1k", "ERR format quota=1k: a whole number" },
        { "!guest add a expires=2001-01-01T00:00:00Z",
          "ERR range expires=2001-01-01T00:00:00Z: that is past" },
        { "!guest add a expires=2023-11-14T22:13:20Z", /* now */
          "ERR range expires=2023-11-14T22:13:20Z: that is past" },
        { "!guest add a not-before=2001-01-01T00:00:00Z", "ERR range not-before=" },
        { "!guest add a expires=2027-02-30T00:00:00Z", "ERR range expires=2027-02-30T00:00:00Z: " },
        { "!guest add a expires=-1d", "ERR format expires=-1d: a duration, or a time such as" },
        { "!guest add a expires=0s", "ERR range expires=0s: " },
        { "!guest add a expires=99999999999999999999d", "ERR range expires=" },
        { "!guest add a expires=soon", "ERR format expires=soon: a duration, or a time" },
        { "!guest add a expires=now", "ERR format expires=now: " },
        { "!guest add a not-before=2d expires=1d", "ERR range it would expire before it begins" },
        { "!guest add a not-before=1d expires=1d", "ERR range it would expire before it begins" },
        { "!guest add a needs-name=maybe", "ERR format needs-name: yes or no" },
        { "!guest add a needs-name=", "ERR format needs-name: yes or no" },
        { "!guest add a colour=red", "ERR format no key \"colour\" here" },
        { "!guest add a Rights=read", "ERR format no key \"Rights\" here" },
        { "!guest set g1 colour=red", "ERR format no key \"colour\" here" },
    };

    CHECK_ALL(faults);
}

static void records_sessions_and_the_rest(void)
{
    static const struct fault faults[] = {
        { "!record show", "ERR format which record? 00 to FF" },
        { "!record show 100", "ERR format \"100\" is not a record: 00 to FF" },
        { "!record show 0", "ERR format \"0\" is not a record" },
        { "!record show GG", "ERR format \"GG\" is not a record" },
        { "!record show -1", "ERR format \"-1\" is not a record" },
        { "!record show \"\"", "ERR format \"\" is not a record" },
        { "!record show 00 01", "ERR format \"01\" is too much" },
        { "!record clear", "ERR format which record? 00 to FF" },
        { "!record clear 00 keep=1", "ERR format no key \"keep\" here" },
        { "!record list 00", "ERR format \"00\" is too much" },
        { "!record set keep=1", "ERR format which record? 00 to FF" },
        { "!record set 00 keep=0", "ERR range keep=0: at least 1, or all" },
        { "!record set 00 keep=-1", "ERR format keep=-1: a whole number" },
        { "!record set 00 keep=none", "ERR format keep=none: a whole number" },
        { "!record set 00 keep=1000000001", "ERR range keep=1000000001: " },
        { "!record set 00 ttl=0s", "ERR range ttl=0s: a duration such as" },
        { "!record set 00 ttl=5", "ERR format ttl=5: a duration such as" },
        { "!record set 00 ttl=all", "ERR format ttl=all: a duration" },
        { "!record set 00 max=-1", "ERR format max=-1: a whole number" },
        { "!record set 00 max=1048577", "ERR range max=1048577: " },
        { "!record set 00 ttl=1h keep=7 max=x", "ERR format max=x: a whole number" },
        { "!record set 00 size=5", "ERR format no key \"size\" here" },
        { "!session end", "ERR format too few words" },
        { "!session end x", "ERR format \"x\" is not the number of a session" },
        { "!session end -1", "ERR format \"-1\" is not the number of a session" },
        { "!session end 99999999999999999999", "ERR format \"99999999999999999999\" is not" },
        { "!session end 0", "ERR absent no session 0" },
        { "!session end 999", "ERR absent no session 999" },
        { "!session list x", "ERR format \"x\" is too much" },
        { "!audit", "ERR format too few words" },
        { "!audit x", "ERR format FROM is a number, COUNT one up to 50" },
        { "!audit -1", "ERR format FROM is a number" },
        { "!audit 99999999999999999999", "ERR format FROM is a number" },
        { "!audit 1 51", "ERR format FROM is a number, COUNT one up to 50" },
        { "!audit 1 -1", "ERR format FROM is a number" },
        { "!audit 1 2 3", "ERR format \"3\" is too much" },
        { "!restore accept", "ERR state the card is not read-only: there is nothing to accept" },
        { "!restore", "ERR unknown no command" },
    };

    CHECK_ALL(faults);
}

/* Outside any group, as the card runs it. */
static void copies(void)
{
    static const struct fault faults[] = {
        { "!backup", "ERR format too few words" },
        { "!backup a b", "ERR format \"b\" is too much" },
        { "!backup ../x", "ERR format \"../x\": a file name of letters, digits" },
        { "!backup /tmp/x", "ERR format \"/tmp/x\": a file name" },
        { "!backup ..", "ERR format \"..\": a file name" },
        { "!backup .hidden", "ERR format \".hidden\": a file name" },
        { "!backup -x", "ERR format \"-x\": a file name" },
        { "!backup \"a b\"", "ERR format \"a b\": a file name" },
        { "!backup \"\"", "ERR format \"\": a file name" },
        { "!backup card.sqlite3", "ERR format \"card.sqlite3\": a file name" },
        { "!backup card.sqlite3-wal", "ERR format \"card.sqlite3-wal\": a file name" },
        { "!backup epoch", "ERR exists \"epoch\" exists already" },
        { "!backup nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
          "ERR format \"nnnn" },
    };

    start();
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        rdv_buf_clear(&answer);
        T_TRUE(se_words_wants_alone(rdv_span_of(faults[i].line)));
        T_OK(se_words_run(&root, &answer, rdv_span_of(faults[i].line)));
        T_TRUE(rdv_buf_len(&answer) > strlen(faults[i].answer) &&
               memcmp(rdv_buf_view(&answer).p, faults[i].answer, strlen(faults[i].answer)) == 0);
        t_dump(&after, element.el->store, T_DUMP_ALL);
        T_SPAN(rdv_buf_view(&after), rdv_buf_view(&before));
    }
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(lines_that_are_none),
    T_CASE(names),
    T_CASE(names_that_no_text_can_hold),
    T_CASE(keys),
    T_CASE(values),
    T_CASE(records_sessions_and_the_rest),
    T_CASE(copies),
    T_END,
};

T_SUITE(se_card_words_refused, tests);
