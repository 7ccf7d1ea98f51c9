/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `probe play STEP ...`: one connection, step by step. A step is NAME or NAME:ARGUMENT; TEXT knows
 * \r \n \t \\ \xNN, and @PATH stands for what a file holds. CBOR is written as in notation.h.
 */
#include "tests/support/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "schema/wire/rpc.h"
#include "tests/support/notation.h"

#define TEXT_MAX (4 * 1024 * 1024)
#define POLL_NS 5000000

struct play {
    struct probe_conn conn;
    bool held;            /* sends nothing until `go` */
    bool lazy;            /* sends on while it waits for answers */
    size_t piece;         /* of text in one record; 0: all of it */
    struct rdv_buf hello; /* not sent yet */
    struct rdv_buf heard; /* CBOR that came with an answer before it was asked for */
};

/* --- arguments -------------------------------------------------------------------------------- */

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c);

    if (at == NULL)
        probe_misuse("\\x takes two digits, in lower case");
    return (int)(at - digits);
}

static void put_text(struct rdv_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        uint8_t byte = (uint8_t)*text;

        if (byte == '\\') {
            switch (*++text) {
            case 'r':
                byte = '\r';
                break;
            case 'n':
                byte = '\n';
                break;
            case 't':
                byte = '\t';
                break;
            case 'x':
                byte = (uint8_t)(digit(text[1]) << 4 | digit(text[2]));
                text += 2;
                break;
            case '\\':
                break;
            default:
                probe_misuse("unknown escape in a text");
            }
        }
        if (rdv_put_u8(out, byte) != RDV_OK)
            probe_misuse("text too long");
    }
}

static struct rdv_buf text_of(const char *argument)
{
    struct rdv_buf out = RDV_BUF(TEXT_MAX);

    if (argument[0] != '@')
        put_text(&out, argument);
    else if (rdv_file_read(&out, argument + 1) != RDV_OK)
        probe_misuse("%s cannot be read", argument + 1);
    return out;
}

/* --- sending ---------------------------------------------------------------------------------- */

static void send_now(struct play *p)
{
    probe_conn_put_tls(&p->conn);
    if (!p->held && p->lazy)
        probe_conn_send(&p->conn);
    else if (!p->held)
        probe_conn_flush(&p->conn);
}

/* At the start, so that OpenSSL does not send it when an answer is waited for. */
static void make_hello(struct play *p)
{
    (void)probe_tls_connect(p->conn.tls);
    probe_tls_take(p->conn.tls, &p->hello);
}

static void send_hello(struct play *p, size_t n)
{
    if (n > rdv_buf_len(&p->hello))
        n = rdv_buf_len(&p->hello);
    probe_conn_put(&p->conn, (struct rdv_span){ rdv_buf_view(&p->hello).p, n });
    rdv_buf_consume(&p->hello, n);
    send_now(p);
}

static void do_hello(struct play *p, const char *argument)
{
    send_hello(p, argument[0] == '\0' ? SIZE_MAX : (size_t)probe_number(argument, 1, 65536));
}

/* Through TLS, in records as the play has them; empties `text`. */
static void send_text(struct play *p, struct rdv_buf *text)
{
    while (rdv_buf_len(text) > 0) {
        struct rdv_span piece = rdv_buf_view(text);
        const size_t most = p->piece > 0 ? p->piece : PROBE_RECORD_MAX;

        if (piece.n > most)
            piece.n = most;
        probe_tls_write(p->conn.tls, piece);
        send_now(p);
        rdv_buf_consume(text, piece.n);
    }
    rdv_buf_free(text);
}

static void do_send(struct play *p, const char *argument)
{
    struct rdv_buf text = text_of(argument);

    send_text(p, &text);
}

static void do_hex(struct play *p, const char *argument)
{
    struct rdv_buf bytes = RDV_BUF(TEXT_MAX);

    if (rdv_hex_get(&bytes, rdv_span_of(argument)) != RDV_OK)
        probe_misuse("%s: not hex", argument);
    send_text(p, &bytes);
}

/* "N*" in front of an argument; 1 when there is none. */
static long take_count(const char **argument)
{
    const char *star = strchr(*argument, '*');
    char count[16] = "1";

    if (star != NULL && (size_t)(star - *argument) < sizeof(count)) {
        memcpy(count, *argument, (size_t)(star - *argument));
        count[star - *argument] = '\0';
        *argument = star + 1;
    }
    return probe_number(count, 1, 1000000);
}

/* Notation as it stands, or in a file, with `number` in place of %; with a NUL. */
static struct rdv_buf notation_of(const char *argument, long number)
{
    struct rdv_buf text = RDV_BUF(TEXT_MAX), out = RDV_BUF(TEXT_MAX);
    struct rdv_span rest;
    char digits[24];

    if (argument[0] == '@' ? rdv_file_read(&text, argument + 1) != RDV_OK
                           : rdv_put_text(&text, argument) != RDV_OK)
        probe_misuse("%s cannot be read", argument);
    (void)snprintf(digits, sizeof(digits), "%ld", number);
    for (rest = rdv_buf_view(&text); rest.n > 0;) {
        const uint8_t *percent = memchr(rest.p, '%', rest.n);
        const size_t n = percent == NULL ? rest.n : (size_t)(percent - rest.p);

        if (rdv_put_bytes(&out, (struct rdv_span){ rest.p, n }) != RDV_OK ||
            (percent != NULL && rdv_put_text(&out, digits) != RDV_OK))
            probe_misuse("too long");
        rest.p += n + (percent != NULL);
        rest.n -= n + (percent != NULL);
    }
    if (rdv_put_u8(&out, 0) != RDV_OK)
        probe_misuse("too long");
    rdv_buf_free(&text);
    return out;
}

static void put_request(struct rdv_buf *bytes, const char *argument, long number)
{
    struct rdv_buf text = notation_of(argument, number);

    t_cbor(bytes, (const char *)rdv_buf_view(&text).p);
    rdv_buf_free(&text);
}

static void do_call(struct play *p, const char *argument)
{
    struct rdv_buf bytes = RDV_BUF(TEXT_MAX);
    const long n = take_count(&argument);

    for (long i = 0; i < n; i++)
        put_request(&bytes, argument, i);
    send_text(p, &bytes);
}

static void do_begin(struct play *p, const char *argument)
{
    struct rdv_buf bytes = RDV_BUF(TEXT_MAX);

    put_request(&bytes, argument, 0);
    rdv_buf_truncate(&bytes, rdv_buf_len(&bytes) / 2);
    send_text(p, &bytes);
}

static void do_raw(struct play *p, const char *argument)
{
    struct rdv_buf bytes = RDV_BUF(TEXT_MAX);

    if (rdv_hex_get(&bytes, rdv_span_of(argument)) != RDV_OK)
        probe_misuse("%s: not hex", argument);
    probe_conn_put(&p->conn, rdv_buf_view(&bytes));
    rdv_buf_free(&bytes);
    send_now(p);
}

static void do_text(struct play *p, const char *argument)
{
    struct rdv_buf text = text_of(argument);

    probe_conn_put(&p->conn, rdv_buf_view(&text));
    rdv_buf_free(&text);
    send_now(p);
}

static void do_close(struct play *p, const char *argument)
{
    (void)argument;
    probe_tls_close(p->conn.tls);
    send_now(p);
}

static void do_shut(struct play *p, const char *argument)
{
    (void)argument;
    if (shutdown(p->conn.fd, SHUT_WR) != 0)
        probe_fail("shutdown: %s", strerror(errno));
}

static void do_reset(struct play *p, const char *argument)
{
    (void)argument;
    probe_conn_reset(&p->conn);
    probe_conn_close(&p->conn);
}

static void do_hold(struct play *p, const char *argument)
{
    (void)argument;
    p->held = true;
}

static void do_go(struct play *p, const char *argument)
{
    (void)argument;
    p->held = false;
    send_now(p);
}

static void do_lazy(struct play *p, const char *argument)
{
    (void)argument;
    p->lazy = true;
}

static void do_bytes(struct play *p, const char *argument)
{
    (void)argument;
    p->conn.byte_by_byte = true;
}

static void do_pieces(struct play *p, const char *argument)
{
    p->piece = (size_t)probe_number(argument, 1, PROBE_RECORD_MAX);
}

/* --- expecting -------------------------------------------------------------------------------- */

static void complain(struct play *p, enum probe_tls_event got, struct rdv_span text,
                     const char *wanted)
{
    const char *said = got == PROBE_TLS_TEXT     ? "a record"
                       : got == PROBE_TLS_ALERT  ? "an alert"
                       : got == PROBE_TLS_CLOSED ? "close_notify"
                       : got == PROBE_TLS_BROKEN ? "what is not TLS"
                       : p->conn.was_reset       ? "a reset"
                                                 : "the end of the connection";

    probe_fail("got %s%s%s (%zu bytes \"%s\"), wanted %s", said, got == PROBE_TLS_ALERT ? " " : "",
               got == PROBE_TLS_ALERT ? probe_tls_alert_name(probe_tls_alert(p->conn.tls)) : "",
               text.n, rdv_quote(text).text, wanted);
}

static enum probe_tls_event next(struct play *p, struct rdv_buf *text)
{
    rdv_buf_clear(text);
    return probe_conn_next(&p->conn, text);
}

static void do_open(struct play *p, const char *argument)
{
    (void)argument;
    send_hello(p, SIZE_MAX);
    probe_conn_flush(&p->conn); /* even when held: the answer is needed */
    for (;;) {
        const enum probe_tls_event event = probe_tls_connect(p->conn.tls);

        send_now(p);
        if (event == PROBE_TLS_TEXT)
            return;
        if (event != PROBE_TLS_MORE || p->conn.has_ended)
            complain(p, event == PROBE_TLS_MORE ? PROBE_TLS_ENDED : event, RDV_LIT(""),
                     "a handshake");
        probe_conn_wait(&p->conn);
    }
}

/* "TEXT" once, "N*TEXT" in N records. */
static void do_answer(struct play *p, const char *argument)
{
    struct rdv_buf got = RDV_BUF(TEXT_MAX), want;
    long n = take_count(&argument);

    want = text_of(argument);
    for (; n > 0; n--) {
        const enum probe_tls_event event = next(p, &got);

        if (event != PROBE_TLS_TEXT || !rdv_span_equal(rdv_buf_view(&got), rdv_buf_view(&want)))
            complain(p, event, rdv_buf_view(&got), rdv_quote(rdv_buf_view(&want)).text);
    }
    rdv_buf_free(&got);
    rdv_buf_free(&want);
}

/* The next item, however many records it takes, in notation. */
static struct rdv_buf next_item(struct play *p, const char *wanted)
{
    struct rdv_rpc_framer framer = { .most = TEXT_MAX };
    struct rdv_buf got = RDV_BUF(TEXT_MAX);
    size_t at = 0;
    bool whole = false;

    while (!whole) {
        struct rdv_reader rd = { rdv_buf_view(&p->heard) };
        struct rdv_span piece;

        rd.rest.p += at;
        rd.rest.n -= at;
        if (rdv_rpc_frame(&framer, &rd, &piece, &whole) != RDV_OK)
            probe_fail("got what is not CBOR, wanted %.200s", wanted);
        at += piece.n;
        if (!whole) {
            const enum probe_tls_event event = probe_conn_next(&p->conn, &p->heard);

            if (event != PROBE_TLS_TEXT)
                complain(p, event, rdv_buf_view(&p->heard), wanted);
        }
    }
    if (!t_notation(&got, (struct rdv_span){ rdv_buf_view(&p->heard).p, at }) ||
        rdv_put_u8(&got, 0) != RDV_OK)
        probe_fail("got what libcbor does not read, wanted %.200s", wanted);
    rdv_buf_consume(&p->heard, at);
    return got;
}

static void compare_item(struct play *p, const char *wanted, bool anywhere)
{
    struct rdv_buf got = next_item(p, wanted);
    const char *text = (const char *)rdv_buf_view(&got).p, *at = strstr(text, wanted);

    if (at == NULL || (!anywhere && at != text))
        probe_fail("got %.400s, wanted %.400s", text, wanted);
    rdv_buf_free(&got);
}

/* It begins so. */
static void do_result(struct play *p, const char *argument)
{
    const long n = take_count(&argument);

    for (long i = 0; i < n; i++) {
        struct rdv_buf want = notation_of(argument, i);

        compare_item(p, (const char *)rdv_buf_view(&want).p, false);
        rdv_buf_free(&want);
    }
}

static void do_holds(struct play *p, const char *argument)
{
    struct rdv_buf want = notation_of(argument, 0);

    compare_item(p, (const char *)rdv_buf_view(&want).p, true);
    rdv_buf_free(&want);
}

static void do_alert(struct play *p, const char *argument)
{
    struct rdv_buf got = RDV_BUF(TEXT_MAX);
    const enum probe_tls_event event = next(p, &got);

    if (event != PROBE_TLS_ALERT ||
        strcmp(probe_tls_alert_name(probe_tls_alert(p->conn.tls)), argument) != 0)
        complain(p, event, rdv_buf_view(&got), argument);
    rdv_buf_free(&got);
}

/* The connection ends and no byte more comes in. */
static void do_ended(struct play *p, const char *argument)
{
    struct rdv_buf rest = RDV_BUF(TEXT_MAX);

    (void)argument;
    rdv_buf_clear(&p->conn.raw);
    p->conn.keep_raw = true;
    while (!p->conn.has_ended)
        probe_conn_wait(&p->conn);
    if (rdv_buf_len(&p->conn.raw) > 0)
        probe_fail("got %zu bytes more, wanted the end", rdv_buf_len(&p->conn.raw));
    rdv_buf_free(&rest);
}

static void do_closed(struct play *p, const char *argument)
{
    struct rdv_buf got = RDV_BUF(TEXT_MAX);
    const enum probe_tls_event event = next(p, &got);

    if (event != PROBE_TLS_CLOSED)
        complain(p, event, rdv_buf_view(&got), "close_notify");
    rdv_buf_free(&got);
    do_ended(p, argument);
    if (p->conn.was_reset)
        probe_fail("got a reset, wanted an orderly end");
}

/* Everything that comes in until the end, as it is, on standard output. */
static void do_dump(struct play *p, const char *argument)
{
    struct rdv_span bytes;

    (void)argument;
    p->conn.keep_raw = true;
    while (!p->conn.has_ended)
        probe_conn_wait(&p->conn);
    bytes = rdv_buf_view(&p->conn.raw);
    if (bytes.n > 0 && fwrite(bytes.p, bytes.n, 1, stdout) != 1)
        probe_fail("standard output: %s", strerror(errno));
}

/* --- the story's part ------------------------------------------------------------------------- */

static void do_mark(struct play *p, const char *argument)
{
    (void)p;
    probe_mark(argument);
}

static void do_await(struct play *p, const char *argument)
{
    const struct timespec pause = { 0, POLL_NS };
    long left = p->conn.config->deadline_ms / (POLL_NS / 1000000);

    while (access(argument, F_OK) != 0) {
        if (--left < 0)
            probe_fail("%s did not appear", argument);
        (void)nanosleep(&pause, NULL);
    }
}

static const struct step {
    const char *name;
    void (*run)(struct play *p, const char *argument);
} steps[] = {
    { "hello", do_hello },   /* [N]: the ClientHello, or N bytes more of it */
    { "open", do_open },     /* the handshake, from where it is to its end */
    { "send", do_send },     /* TEXT, in one record unless it is longer than that or `pieces` */
    { "pieces", do_pieces }, /* N bytes of text in a record from now on */
    { "bytes", do_bytes },   /* each byte in a segment of its own from now on */
    { "hold", do_hold },     /* what follows (the ClientHello excepted) leaves together ... */
    { "go", do_go },         /* ... now */
    { "hex", do_hex },       /* HEX, as `send` */
    { "call", do_call },     /* [N*]CBOR or @PATH, as `send`; % is 0, 1, ... */
    { "begin", do_begin },   /* half of that */
    { "result", do_result }, /* [N*]CBOR or @PATH: the next answer, or N of them, begin so */
    { "holds", do_holds },   /* the same: it stands somewhere in the next answer */
    { "lazy", do_lazy },     /* what follows leaves while answers are waited for */
    { "raw", do_raw },       /* HEX, past TLS */
    { "text", do_text },     /* TEXT, past TLS */
    { "close", do_close },   /* close_notify */
    { "shut", do_shut },     /* FIN */
    { "reset", do_reset },   /* RST */
    { "answer", do_answer }, /* [N*]TEXT: the next record, or N of them, hold exactly that */
    { "alert", do_alert },   /* NAME: a fatal alert comes */
    { "closed", do_closed }, /* close_notify comes, then FIN */
    { "ended", do_ended },   /* the connection ends and nothing comes */
    { "dump", do_dump },     /* what comes until the end goes to standard output */
    { "mark", do_mark },     /* PATH: make that file */
    { "await", do_await },   /* PATH: wait for that file, reading nothing */
};

static void run_step(struct play *p, const char *text)
{
    const char *colon = strchr(text, ':');
    const size_t n = colon == NULL ? strlen(text) : (size_t)(colon - text);

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (strlen(steps[i].name) == n && memcmp(steps[i].name, text, n) == 0) {
            steps[i].run(p, colon == NULL ? "" : colon + 1);
            return;
        }
    }
    probe_misuse("\"%s\": no such step", text);
}

int probe_steps(const struct probe_config *config, int argc, char **argv)
{
    struct play p = { .hello = RDV_BUF(65536), .heard = RDV_BUF(TEXT_MAX) };

    probe_conn_open(&p.conn, config);
    make_hello(&p);
    for (int i = 0; i < argc; i++) {
        /* Where a story stops is the first thing its reader wants to know. */
        fprintf(stderr, "probe: step %d: %.60s\n", i + 1, argv[i]);
        run_step(&p, argv[i]);
    }
    if (p.conn.fd >= 0)
        probe_conn_close(&p.conn);
    rdv_buf_free(&p.hello);
    rdv_buf_free(&p.heard);
    return 0;
}
