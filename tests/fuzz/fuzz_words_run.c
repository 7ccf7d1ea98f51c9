/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: se_words_run se_words_wants_alone, and every command in words behind them */
#include "se_card/words.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "se_card/accounts.h"
#include "se_card/tls.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/dump.h"

#define DUMP_MAX (4 * 1024 * 1024)
#define LINES_MAX 20

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

/* An element with a guest that may do some things, a key of each kind but RSA, and a record: the
 * one thing that lives on between inputs. Each of them is rolled back. */
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
    must_run(&root, "!record set 00 keep=5");
    RDV_INVARIANT(se_accounts_named(element, &a, RDV_LIT("g1")) == RDV_OK &&
                  se_element_commit(element) == RDV_OK);
    guest = a.id;
}

/* Lines of text; the last one is OK, or the only one is ERR; none is what s_client keeps. */
static bool check_form(struct rdv_span answer)
{
    const bool refused = answer.n > 4 && memcmp(answer.p, "ERR ", 4) == 0;
    size_t lines = 0, begin = 0, last = 0;

    for (size_t i = 0; i < answer.n; i++) {
        if (answer.p[i] == '\n') {
            RDV_INVARIANT(i > begin && answer.p[i - 1] == '\r');
            RDV_INVARIANT(memchr("QRCkK", answer.p[begin], 5) == NULL);
            lines++;
            last = begin;
            begin = i + 1;
        } else if (answer.p[i] != '\r') {
            RDV_INVARIANT(answer.p[i] >= 0x20 && answer.p[i] < 0x7f);
        }
    }
    RDV_INVARIANT(lines > 0 && begin == answer.n);
    RDV_INVARIANT(refused ? lines == 1
                          : answer.n - last == 4 && memcmp(answer.p + last, "OK\r\n", 4) == 0);
    return refused;
}

/* Making an RSA key takes longer than all the rest together. */
static bool is_slow(struct rdv_span line)
{
    return memmem(line.p, line.n, "generate", 8) != NULL;
}

/* A refused line changes nothing but the audit, and that only when it is not allowed. */
static void run_line(struct se_session *s, struct rdv_span line)
{
    struct rdv_buf before = RDV_BUF(DUMP_MAX), after = RDV_BUF(DUMP_MAX), answer = RDV_BUF(1 << 18);
    const struct se_session_state state = s->state;

    t_dump(&before, element->store, T_DUMP_EFFECTS);
    RDV_INVARIANT(se_words_run(s, &answer, line) == RDV_OK);
    if (check_form(rdv_buf_view(&answer))) {
        t_dump(&after, element->store, T_DUMP_EFFECTS);
        RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&before), rdv_buf_view(&after)));
        RDV_INVARIANT(memcmp(&state, &s->state, sizeof(state)) == 0);
    }
    rdv_buf_free(&before);
    rdv_buf_free(&after);
    rdv_buf_free(&answer);
}

static void start_over(uint8_t choice)
{
    element->audit.refusals = (struct rdv_log_limit){ 0 };
    element->audit.unsaid = 0;
    element->read_only = (choice & 2) != 0;
    RDV_INVARIANT(se_element_begin(element) == RDV_OK);
}

/* Root or a guest says the lines of the input, to a card that may be read-only. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_reader rd = { { data, size } };
    struct se_session s;
    unsigned n = 0;
    uint8_t choice;

    if (element == NULL)
        make_element();
    if (rdv_get_u8(&rd, &choice) != RDV_OK || size > 8000)
        return 0;
    start_over(choice);
    RDV_INVARIANT(se_session_init(&s, element, (choice & 1) != 0 ? guest : SE_ROOT_ID) == RDV_OK);
    while (rd.rest.n > 0 && n++ < LINES_MAX) {
        const uint8_t *end = memchr(rd.rest.p, '\n', rd.rest.n);
        struct rdv_buf line = RDV_BUF(8001);
        struct rdv_span bytes;

        RDV_INVARIANT(rdv_get_bytes(&rd, &bytes,
                                    end == NULL ? rd.rest.n : (size_t)(end - rd.rest.p) + 1) ==
                      RDV_OK);
        if (end != NULL)
            bytes.n--;
        RDV_INVARIANT(rdv_put_u8(&line, SE_WORDS_MARK) == RDV_OK &&
                      rdv_put_bytes(&line, bytes) == RDV_OK);
        if (se_session_refresh(&s) == RDV_OK && !is_slow(bytes) &&
            !se_words_wants_alone(rdv_buf_view(&line)))
            run_line(&s, rdv_buf_view(&line));
        rdv_buf_free(&line);
    }
    se_element_rollback(element);
    return 0;
}
