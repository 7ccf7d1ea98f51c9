/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A TLS client that misbehaves on order: what `openssl s_client` cannot be made to do. The stories
 * of tests/e2e and tests/fault call it; probe.c lists its subcommands.
 *
 * It says on standard error what it got and what it wanted, and exits 1, when a server does not do
 * as expected; with 2 when it was called wrongly.
 */
#ifndef RDV_TESTS_SUPPORT_PROBE_H
#define RDV_TESTS_SUPPORT_PROBE_H

#include <sys/socket.h>

#include "base/bytes.h"
#include "tests/support/probe_tls.h"

/* Where to connect, and as whom. */
struct probe_config {
    struct sockaddr_storage address;
    socklen_t address_n;
    struct probe_login login;
    int receive_buffer; /* of the socket, in bytes; 0: the system's */
    long deadline_ms;   /* for each thing that is waited for */
    int value_size;     /* bytes of a value that is written, at least */
    long pause_ms;      /* from an answer to the next writing of a session */
};

/* One connection: a socket that never blocks, and TLS over it. */
struct probe_conn {
    const struct probe_config *config;
    int fd;
    struct probe_tls *tls;
    struct rdv_buf out; /* not taken by the socket yet */
    struct rdv_buf raw; /* all that has come in, as long as keep_raw */
    bool keep_raw;
    bool byte_by_byte; /* each in a segment of its own */
    bool has_ended;    /* the other side has closed, or is gone */
    bool was_reset;
};

void probe_conn_open(struct probe_conn *c, const struct probe_config *config);
void probe_conn_close(struct probe_conn *c);
/* The next close sends RST in place of FIN. */
void probe_conn_reset(struct probe_conn *c);

/* Puts bytes, or what TLS has to say, behind those that wait to be sent. */
void probe_conn_put(struct probe_conn *c, struct rdv_span bytes);
void probe_conn_put_tls(struct probe_conn *c);

/* Sends what the socket takes now. */
void probe_conn_send(struct probe_conn *c);
/* Sends all of it, waiting as long as the deadline allows. */
void probe_conn_flush(struct probe_conn *c);

/* Takes what has come in, and gives it to TLS. */
void probe_conn_receive(struct probe_conn *c);
/* Waits for more to come in, or for the end. */
void probe_conn_wait(struct probe_conn *c);

/* The next thing the server says; PROBE_TLS_MORE never, PROBE_TLS_ENDED at the end of the
 * connection. A record's text is appended to `text`. */
enum probe_tls_event probe_conn_next(struct probe_conn *c, struct rdv_buf *text);

/* --- subcommands ------------------------------------------------------------------------------ */

int probe_steps(const struct probe_config *config, int argc, char **argv);
int probe_times(const struct probe_config *config, int argc, char **argv);
int probe_crowd(const struct probe_config *config, int argc, char **argv);
int probe_write(const struct probe_config *config, int argc, char **argv);
int probe_check(const struct probe_config *config, int argc, char **argv);

/* --- common ----------------------------------------------------------------------------------- */

/* Says why, and ends the process with 1. */
_Noreturn void probe_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with 2: called wrongly. */
_Noreturn void probe_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A whole number in [low, high]. */
long probe_number(const char *text, long low, long high);
/* Makes an empty file: a sign for the story that waits for it. */
void probe_mark(const char *path);

#endif
