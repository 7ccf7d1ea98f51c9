/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many sessions in one loop: `crowd` (all begin at once, each must come to its good end), `write`
 * (each fills a record of its own until the connection is gone) and `check` (what was acknowledged
 * is there).
 *
 * `write` keeps in STATE, for each record: the last value acknowledged and the last one sent, and
 * goes on from there when called again. A record may then hold any value between the two. Each
 * session writes to several records in turn, so that more than its very last commit is looked at.
 * STATE.acked gets a line for each value at the moment it is acknowledged: its record, and itself.
 */
#include "tests/support/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SESSIONS_MAX 256
#define SLOTS 7 /* of each session that writes */
#define SLOTS_MAX 256
#define BURST_MAX 4    /* lines in one TLS record */
#define VALUE_MAX 4000 /* bytes */
#define TICK_MS 20
#define ANSWER_MAX 64

/* A record of the card, as far as we know it. */
struct slot {
    unsigned long acked, sent; /* values */
};

enum phase {
    CONNECTING,
    TALKING,
    DONE,
};

struct client {
    struct probe_conn conn;
    enum phase phase;
    const char *end; /* how it came */
    bool misled;     /* the server has said what it must not */
    /* crowd */
    bool answered;
    /* write */
    FILE *acked; /* of all clients */
    unsigned first_slot;
    struct slot slots[SLOTS];
    unsigned long value;             /* the last one sent */
    unsigned owed;                   /* answers */
    bool enough;                     /* no more is sent */
    long due;                        /* ms; when to send again; 0: not */
    unsigned long acked_now, errors; /* in this run */
};

struct load {
    struct client *clients;
    size_t n;
    void (*opened)(struct client *c);
    void (*answer)(struct client *c, struct rdv_span text);
};

#define GOOD_END "close_notify"

static void finish(struct client *c, const char *end)
{
    c->phase = DONE;
    c->end = end;
}

static void misled(struct client *c, const char *how)
{
    finish(c, how);
    c->misled = true;
}

static void say(struct client *c, struct rdv_span text)
{
    probe_tls_write(c->conn.tls, text);
    probe_conn_put_tls(&c->conn);
    probe_conn_send(&c->conn);
}

/* All that TLS makes of what has come in. */
static void read_client(struct load *load, struct client *c)
{
    struct rdv_buf text = RDV_BUF(PROBE_RECORD_MAX);

    while (c->phase != DONE) {
        enum probe_tls_event event;

        rdv_buf_clear(&text);
        event = c->phase == CONNECTING ? probe_tls_connect(c->conn.tls)
                                       : probe_tls_read(c->conn.tls, &text);
        probe_conn_put_tls(&c->conn);
        probe_conn_send(&c->conn);
        if (event == PROBE_TLS_MORE && c->conn.has_ended)
            finish(c, "the connection ended");
        if (event == PROBE_TLS_MORE)
            break;
        if (event == PROBE_TLS_TEXT && c->phase == CONNECTING) {
            c->phase = TALKING;
            load->opened(c);
        } else if (event == PROBE_TLS_TEXT) {
            load->answer(c, rdv_buf_view(&text));
        } else if (event == PROBE_TLS_CLOSED) {
            finish(c, GOOD_END);
        } else {
            finish(c, event == PROBE_TLS_ALERT ? probe_tls_alert_name(probe_tls_alert(c->conn.tls))
                                               : "not TLS");
        }
    }
    rdv_buf_free(&text);
}

/* Waits a moment for any of them. Returns how many are not done. */
static size_t turn(struct load *load)
{
    struct pollfd polled[SESSIONS_MAX];
    struct client *of[SESSIONS_MAX];
    nfds_t n = 0;

    for (size_t i = 0; i < load->n; i++) {
        struct client *c = &load->clients[i];

        if (c->phase == DONE)
            continue;
        polled[n] = (struct pollfd){
            c->conn.fd, (short)(POLLIN | (rdv_buf_len(&c->conn.out) > 0 ? POLLOUT : 0)), 0
        };
        of[n++] = c;
    }
    if (n == 0 || poll(polled, n, TICK_MS) < 0)
        return n;
    for (nfds_t i = 0; i < n; i++) {
        if (polled[i].revents == 0)
            continue;
        probe_conn_send(&of[i]->conn);
        probe_conn_receive(&of[i]->conn);
        read_client(load, of[i]);
    }
    return n;
}

static void load_begin(struct load *load, const struct probe_config *config)
{
    for (size_t i = 0; i < load->n; i++)
        probe_conn_open(&load->clients[i].conn, config);
    for (size_t i = 0; i < load->n; i++)
        read_client(load, &load->clients[i]);
}

static void load_end(struct load *load)
{
    for (size_t i = 0; i < load->n; i++)
        probe_conn_close(&load->clients[i].conn);
    free(load->clients);
}

static void load_new(struct load *load, const char *count)
{
    load->n = (size_t)probe_number(count, 1, SESSIONS_MAX);
    if ((load->clients = calloc(load->n, sizeof(*load->clients))) == NULL)
        probe_fail("no memory");
}

static long milliseconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static long seconds(void)
{
    return milliseconds() / 1000;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* --- crowd ------------------------------------------------------------------------------------ */

static void ask_version(struct client *c)
{
    say(c, RDV_LIT("?00\r\n"));
}

static void version_came(struct client *c, struct rdv_span text)
{
    if (text.n < 2 || text.p[text.n - 1] != '\n' || c->answered)
        misled(c, "a wrong answer");
    c->answered = true;
}

/* How many there are in a phase; answered, where that matters. */
static size_t count_answered(const struct load *load)
{
    size_t n = 0;

    for (size_t i = 0; i < load->n; i++)
        n += load->clients[i].answered || load->clients[i].phase == DONE;
    return n;
}

/* All are open at the same time before the first says goodbye. With MARK and GO the story decides
 * when: MARK is made when all are open, GO is waited for. */
int probe_crowd(const struct probe_config *config, int argc, char **argv)
{
    struct load load = { .opened = ask_version, .answer = version_came };
    const long deadline = seconds() + config->deadline_ms / 1000;
    size_t good = 0;

    if (argc != 1 && argc != 3)
        probe_misuse("crowd: N [MARK GO]");
    load_new(&load, argv[0]);
    load_begin(&load, config);
    while (count_answered(&load) < load.n) {
        if (seconds() > deadline)
            probe_fail("%zu of %zu answered", count_answered(&load), load.n);
        (void)turn(&load);
    }
    if (argc == 3)
        probe_mark(argv[1]);
    while (argc == 3 && !exists(argv[2])) {
        if (seconds() > deadline)
            probe_fail("%s did not appear", argv[2]);
        if (turn(&load) == 0)
            (void)poll(NULL, 0, TICK_MS);
    }
    for (size_t i = 0; i < load.n; i++) {
        if (load.clients[i].phase == TALKING)
            say(&load.clients[i], RDV_LIT("?02\r\n"));
    }
    while (turn(&load) > 0) {
        if (seconds() > deadline)
            probe_fail("not all have ended");
    }
    for (size_t i = 0; i < load.n; i++) {
        const struct client *c = &load.clients[i];

        if (c->answered && strcmp(c->end, GOOD_END) == 0)
            good++;
        else
            printf("%s\n", c->end);
    }
    printf("%zu of %zu\n", good, load.n);
    load_end(&load);
    return 0;
}

/* --- write ------------------------------------------------------------------------------------ */

static void send_burst(struct client *c)
{
    struct rdv_buf lines = RDV_BUF(PROBE_RECORD_MAX);
    const unsigned n = 1 + (unsigned)random() % BURST_MAX;
    char line[VALUE_MAX + 8];

    for (unsigned i = 0; i < n; i++) {
        const unsigned at = (unsigned)(++c->value % SLOTS);

        c->slots[at].sent = c->value;
        (void)snprintf(line, sizeof(line), "Z%02X%-*.10lu\n", c->first_slot + at,
                       c->conn.config->value_size, c->value);
        if (rdv_put_text(&lines, line) != RDV_OK)
            probe_fail("no memory");
    }
    c->owed = n;
    say(c, rdv_buf_view(&lines));
    rdv_buf_free(&lines);
}

static void write_answered(struct client *c, struct rdv_span text)
{
    unsigned long value;

    if (c->owed == 0) {
        misled(c, "an answer too many");
        return;
    }
    value = c->value - --c->owed;
    if (rdv_span_is(text, "OK\r\n")) {
        c->slots[value % SLOTS].acked = value;
        c->acked_now++;
        fprintf(c->acked, "%02X %010lu\n", c->first_slot + (unsigned)(value % SLOTS), value);
    } else if (rdv_span_is(text, "ERROR\r\n")) {
        c->errors++;
    } else {
        misled(c, "a wrong answer");
    }
    if (c->owed == 0 && c->conn.config->pause_ms > 0)
        c->due = milliseconds() + c->conn.config->pause_ms;
    else if (c->owed == 0 && !c->enough)
        send_burst(c);
}

/* Those that have paused long enough go on. */
static void send_due(struct load *load)
{
    const long now = milliseconds();

    for (size_t i = 0; i < load->n; i++) {
        struct client *c = &load->clients[i];

        if (c->phase != TALKING || c->enough || c->due == 0 || now < c->due)
            continue;
        c->due = 0;
        send_burst(c);
    }
}

/* Says nothing more; returns whether an answer is still to come. */
static bool are_owed(struct load *load)
{
    bool owed = false;

    for (size_t i = 0; i < load->n; i++) {
        load->clients[i].enough = true;
        owed = owed || (load->clients[i].phase == TALKING && load->clients[i].owed > 0);
    }
    return owed;
}

/* Lines of: record, last acknowledged, last sent. All zero without the file. */
static void read_state(struct slot slots[SLOTS_MAX], const char *path)
{
    FILE *f = fopen(path, "r");
    struct slot slot;
    unsigned at;

    memset(slots, 0, SLOTS_MAX * sizeof(*slots));
    if (f == NULL && errno == ENOENT)
        return;
    if (f == NULL)
        probe_misuse("%s: %s", path, strerror(errno));
    while (fscanf(f, "%u %lu %lu", &at, &slot.acked, &slot.sent) == 3) {
        if (at >= SLOTS_MAX)
            probe_misuse("%s: not a state", path);
        slots[at] = slot;
    }
    (void)fclose(f);
}

static void write_state(const struct slot slots[SLOTS_MAX], const char *path)
{
    FILE *f = fopen(path, "w");

    if (f == NULL)
        probe_fail("%s: %s", path, strerror(errno));
    for (unsigned i = 0; i < SLOTS_MAX; i++) {
        if (slots[i].sent > 0)
            fprintf(f, "%u %lu %lu\n", i, slots[i].acked, slots[i].sent);
    }
    if (fclose(f) != 0)
        probe_fail("%s: %s", path, strerror(errno));
}

/* Gives each client its records, with what is known of them. */
static void share_out(struct load *load, const struct slot slots[SLOTS_MAX])
{
    for (size_t i = 0; i < load->n; i++) {
        struct client *c = &load->clients[i];

        c->first_slot = (unsigned)i * SLOTS;
        memcpy(c->slots, slots + c->first_slot, sizeof(c->slots));
        for (size_t k = 0; k < SLOTS; k++) {
            if (c->slots[k].sent > c->value)
                c->value = c->slots[k].sent;
        }
    }
}

static void gather(struct slot slots[SLOTS_MAX], const struct load *load)
{
    for (size_t i = 0; i < load->n; i++)
        memcpy(slots + load->clients[i].first_slot, load->clients[i].slots,
               sizeof(load->clients[i].slots));
}

/* Lines, each written at once: a story watches them come. */
static FILE *open_acked(struct load *load, const char *state)
{
    char path[4096];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s.acked", state);
    if ((f = fopen(path, "a")) == NULL || setvbuf(f, NULL, _IOLBF, 0) != 0)
        probe_fail("%s: %s", path, strerror(errno));
    for (size_t i = 0; i < load->n; i++)
        load->clients[i].acked = f;
    return f;
}

static bool all_have_begun(const struct load *load)
{
    for (size_t i = 0; i < load->n; i++) {
        if (load->clients[i].acked_now == 0)
            return false;
    }
    return true;
}

/* MARK is made when each has been acknowledged once. Ends when all connections are gone, or when
 * GO exists and all that was sent is answered. */
int probe_write(const struct probe_config *config, int argc, char **argv)
{
    struct load load = { .opened = send_burst, .answer = write_answered };
    const long deadline = seconds() + config->deadline_ms / 1000;
    struct slot slots[SLOTS_MAX];
    unsigned long acked = 0, errors = 0;
    bool marked = false;
    FILE *f;

    if (argc != 3 && argc != 4)
        probe_misuse("write: N STATE MARK [GO]");
    load_new(&load, argv[0]);
    if (load.n * SLOTS > SLOTS_MAX)
        probe_misuse("write: at most %d sessions", SLOTS_MAX / SLOTS);
    read_state(slots, argv[1]);
    share_out(&load, slots);
    f = open_acked(&load, argv[1]);
    srandom((unsigned)time(NULL));
    load_begin(&load, config);
    while (turn(&load) > 0 && (argc == 3 || !exists(argv[3]) || are_owed(&load))) {
        if (seconds() > deadline)
            probe_fail("the connections are still there");
        send_due(&load);
        if (!marked && all_have_begun(&load)) {
            probe_mark(argv[2]);
            marked = true;
        }
    }
    gather(slots, &load);
    write_state(slots, argv[1]);
    if (fclose(f) != 0)
        probe_fail("%s.acked: %s", argv[1], strerror(errno));
    for (size_t i = 0; i < load.n; i++) {
        const struct client *c = &load.clients[i];

        acked += c->acked_now;
        errors += c->errors;
        if (c->misled)
            probe_fail("session %zu: %s", i, c->end);
    }
    printf("%lu acknowledged, %lu refused\n", acked, errors);
    load_end(&load);
    return 0;
}

/* --- check ------------------------------------------------------------------------------------ */

/* What a record holds, as the number `write` has put there; 0 when it is empty. */
static unsigned long read_value(struct probe_conn *conn, unsigned slot)
{
    struct rdv_buf text = RDV_BUF(PROBE_RECORD_MAX);
    char answer[ANSWER_MAX] = "", line[16], *end;
    unsigned long value;

    (void)snprintf(line, sizeof(line), "I%02X\n", slot);
    probe_tls_write(conn->tls, rdv_span_of(line));
    probe_conn_put_tls(conn);
    if (probe_conn_next(conn, &text) != PROBE_TLS_TEXT ||
        rdv_span_to_text(answer, sizeof(answer), rdv_buf_view(&text)) != RDV_OK)
        probe_fail("record %02X: no answer", slot);
    value = strtoul(answer, &end, 10);
    if (strcmp(end, "\r\n") != 0)
        probe_fail("record %02X holds what was never sent: %s", slot, answer);
    rdv_buf_free(&text);
    return value;
}

static void open_session(struct probe_conn *conn, const struct probe_config *config)
{
    probe_conn_open(conn, config);
    for (;;) {
        const enum probe_tls_event event = probe_tls_connect(conn->tls);

        probe_conn_put_tls(conn);
        probe_conn_flush(conn);
        if (event == PROBE_TLS_TEXT)
            return;
        if (event != PROBE_TLS_MORE || conn->has_ended)
            probe_fail("no session");
        probe_conn_wait(conn);
    }
}

int probe_check(const struct probe_config *config, int argc, char **argv)
{
    struct slot slots[SLOTS_MAX];
    struct probe_conn conn;
    size_t wrong = 0;

    if (argc != 1)
        probe_misuse("check: STATE");
    read_state(slots, argv[0]);
    open_session(&conn, config);
    for (unsigned i = 0; i < SLOTS_MAX; i++) {
        const unsigned long value = slots[i].sent == 0 ? 0 : read_value(&conn, i);

        if (value >= slots[i].acked && value <= slots[i].sent)
            continue;
        fprintf(stderr, "probe: record %02X holds %lu; %lu was acknowledged, %lu sent\n", i, value,
                slots[i].acked, slots[i].sent);
        wrong++;
    }
    probe_conn_close(&conn);
    if (wrong > 0)
        probe_fail("%zu records are not what was acknowledged", wrong);
    return 0;
}
