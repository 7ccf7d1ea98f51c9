/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/bench/process.h"

#define MESSAGE_MAX 16384
#define READ_BYTES 16384
#define EVENTS 128
#define SILENCE_MS 20000 /* no server may leave all sessions waiting for longer */
#define OPENING_AT_ONCE 32
/* 127.0.0.1 and its neighbours: no single address runs out of ports. */
#define SESSIONS_PER_ADDRESS 1000

enum phase {
    AWAY,
    CONNECTING,
    SHAKING_HANDS,
    READY,
    ASKED,
    LEAVING, /* farewell was said: waiting for the server to close */
};

struct session {
    size_t index;
    enum phase phase;
    int fd;
    struct bench_tls *tls;
    struct rdv_buf ask, want;
    size_t n_answered; /* bytes of `want` that have come */
    unsigned long n_asked;
    uint64_t began_ns;
};

enum kind { OPEN, COMMANDS, VISITS };

struct bench_load {
    struct bench_load_config config;
    struct session *sessions;
    int epoll;
    /* The run under way. */
    enum kind kind;
    uint64_t end_ns;
    size_t n_busy;
    size_t n_begun; /* sessions that were told to open */
    struct bench_run *run;
};

/* --- sessions --------------------------------------------------------------------------------- */

static void leave(struct session *s)
{
    bench_tls_free(s->tls);
    s->tls = NULL;
    if (s->fd >= 0)
        (void)close(s->fd); /* which takes it out of the epoll set */
    s->fd = -1;
    s->phase = AWAY;
}

static enum rdv_err lost(const struct session *s, const char *what)
{
    log_error("session %zu: %s: %s", s->index, what, strerror(errno));
    return RDV_ERR_IO;
}

/* A socket on its way to the server. */
static enum rdv_err start_connecting(struct bench_load *load, struct session *s)
{
    const int on = 1;
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_port = htons(load->config.port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const struct sockaddr_in from = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(s->index / SESSIONS_PER_ADDRESS)),
    };
    struct epoll_event event = { .events = EPOLLOUT, .data.ptr = s };

    s->began_ns = bench_now_ns();
    if ((s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0)
        return lost(s, "socket");
    if (setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) != 0 ||
        bind(s->fd, (const struct sockaddr *)&from, sizeof(from)) != 0)
        return lost(s, "bind");
    if (connect(s->fd, (const struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS)
        return lost(s, "connect");
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, s->fd, &event) != 0)
        return lost(s, "epoll");
    s->phase = CONNECTING;
    return RDV_OK;
}

static enum rdv_err start_shaking_hands(struct bench_load *load, struct session *s)
{
    const struct bench_load_config *c = &load->config;
    const struct bench_login login =
            c->who == NULL ? bench_login_root(BENCH_SEN) : c->who(c->user, s->index);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = s };
    socklen_t n = sizeof(int);
    int error = 0;

    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0 || error != 0) {
        errno = error;
        return lost(s, "connect");
    }
    if (epoll_ctl(load->epoll, EPOLL_CTL_MOD, s->fd, &event) != 0)
        return lost(s, "epoll");
    s->phase = SHAKING_HANDS;
    return bench_tls_new(&s->tls, c->tls, s->fd, &login);
}

static enum rdv_err ask(struct bench_load *load, struct session *s)
{
    const struct bench_load_config *c = &load->config;
    enum rdv_err err;

    rdv_buf_clear(&s->ask);
    rdv_buf_clear(&s->want);
    if ((err = c->ask(&s->ask, &s->want, c->user, s->index, s->n_asked)) != RDV_OK)
        return err;
    if (load->kind == COMMANDS)
        s->began_ns = bench_now_ns();
    s->n_asked++;
    s->n_answered = 0;
    s->phase = ASKED;
    return bench_tls_write(s->tls, rdv_buf_view(&s->ask));
}

/* --- what follows what ------------------------------------------------------------------------ */

static bool is_over(const struct bench_load *load)
{
    return bench_now_ns() >= load->end_ns;
}

/* A session has done what the run is about, once. */
static enum rdv_err done_once(struct bench_load *load, struct session *s)
{
    enum rdv_err err = bench_times_add(&load->run->times, bench_now_ns() - s->began_ns);

    if (err != RDV_OK)
        return err;
    if (load->kind == OPEN && load->n_begun < load->config.n_sessions)
        return start_connecting(load, &load->sessions[load->n_begun++]);
    if (load->kind == COMMANDS && !is_over(load))
        return ask(load, s);
    if (load->kind == VISITS && !is_over(load))
        return start_connecting(load, s);
    load->n_busy--;
    return RDV_OK;
}

static enum rdv_err shake_hands(struct bench_load *load, struct session *s)
{
    bool done;
    enum rdv_err err;

    if ((err = bench_tls_handshake(s->tls, &done)) != RDV_OK || !done)
        return err;
    s->phase = READY;
    return load->kind == OPEN ? done_once(load, s) : ask(load, s);
}

static enum rdv_err answered(struct bench_load *load, struct session *s)
{
    s->phase = READY;
    if (load->kind != VISITS)
        return done_once(load, s);
    s->phase = LEAVING;
    return bench_tls_write(s->tls, rdv_span_of(load->config.farewell));
}

/* The same where only the caller knows: what has come is gathered in `want`. */
static enum rdv_err judge(struct bench_load *load, struct session *s, struct rdv_span got)
{
    bool whole = false;
    enum rdv_err err;

    if (s->phase != ASKED || (err = rdv_put_bytes(&s->want, got)) != RDV_OK ||
        (err = load->config.judge(load->config.user, s->index, rdv_buf_view(&s->want), &whole)) !=
                RDV_OK) {
        log_error("session %zu: a wrong answer, of %zu bytes", s->index, got.n);
        return RDV_ERR_FORMAT;
    }
    return whole ? answered(load, s) : RDV_OK;
}

/* Bytes came: they must be those that are due, and no more. */
static enum rdv_err compare(struct bench_load *load, struct session *s, struct rdv_span got)
{
    const struct rdv_span want = rdv_buf_view(&s->want);

    if (load->config.judge != NULL)
        return judge(load, s, got);
    if (s->phase != ASKED || got.n > want.n - s->n_answered ||
        memcmp(got.p, want.p + s->n_answered, got.n) != 0) {
        log_error("session %zu: got \"%s\", want \"%s\"", s->index, rdv_quote(got).text,
                  s->phase == ASKED ? rdv_quote(want).text : "nothing");
        return RDV_ERR_FORMAT;
    }
    s->n_answered += got.n;
    return s->n_answered == want.n ? answered(load, s) : RDV_OK;
}

static enum rdv_err read_answer(struct bench_load *load, struct session *s)
{
    uint8_t bytes[READ_BYTES];
    size_t n = 0;
    enum rdv_err err;

    do {
        err = bench_tls_read(s->tls, bytes, &n, sizeof(bytes));
        if (err == RDV_ERR_CLOSED && s->phase == LEAVING) {
            leave(s);
            return done_once(load, s);
        }
        if (err == RDV_ERR_CLOSED)
            log_error("session %zu: closed by the server", s->index);
        if (err == RDV_OK && n > 0)
            err = compare(load, s, (struct rdv_span){ bytes, n });
    } while (err == RDV_OK && n > 0 && bench_tls_has_more(s->tls));
    return err;
}

static enum rdv_err on_event(struct bench_load *load, struct session *s)
{
    enum rdv_err err;

    switch (s->phase) {
    case CONNECTING:
        if ((err = start_shaking_hands(load, s)) != RDV_OK)
            return err;
        return shake_hands(load, s);
    case SHAKING_HANDS:
        return shake_hands(load, s);
    case READY:
    case ASKED:
    case LEAVING:
        return read_answer(load, s);
    case AWAY:
        break;
    }
    return RDV_OK;
}

/* --- runs ------------------------------------------------------------------------------------- */

static enum rdv_err loop(struct bench_load *load)
{
    struct epoll_event events[EVENTS];
    enum rdv_err err = RDV_OK;
    int n;

    while (load->n_busy > 0 && err == RDV_OK) {
        n = epoll_wait(load->epoll, events, EVENTS, SILENCE_MS);
        if (bench_interrupted())
            return RDV_ERR_STATE;
        if (n == 0) {
            log_error("no answer to %zu sessions for %d ms", load->n_busy, SILENCE_MS);
            return RDV_ERR_TIMEOUT;
        }
        for (int i = 0; i < n && err == RDV_OK; i++)
            err = on_event(load, events[i].data.ptr);
    }
    return err;
}

static void begin(struct bench_load *load, enum kind kind, struct bench_run *out, double seconds)
{
    *out = (struct bench_run){ .seconds = 0 };
    load->kind = kind;
    load->run = out;
    load->n_busy = 0;
    load->end_ns = bench_now_ns() + (uint64_t)(seconds * 1e9);
}

static enum rdv_err finish(struct bench_load *load, uint64_t began, enum rdv_err err)
{
    if (err == RDV_OK)
        err = loop(load);
    load->run->seconds = (double)(bench_now_ns() - began) / 1e9;
    load->run = NULL;
    return err;
}

enum rdv_err bench_load_open(struct bench_load *load, struct bench_run *out)
{
    const uint64_t began = bench_now_ns();
    enum rdv_err err = RDV_OK;

    begin(load, OPEN, out, 0);
    load->n_begun = 0;
    while (err == RDV_OK && load->n_begun < load->config.n_sessions &&
           load->n_busy < OPENING_AT_ONCE) {
        load->n_busy++;
        err = start_connecting(load, &load->sessions[load->n_begun++]);
    }
    return finish(load, began, err);
}

enum rdv_err bench_load_sample(struct bench_load *load, struct bench_run *out, size_t step)
{
    const uint64_t began = bench_now_ns();
    enum rdv_err err = RDV_OK;

    begin(load, COMMANDS, out, 0);
    for (size_t i = 0; err == RDV_OK && i < load->config.n_sessions; i += step) {
        load->n_busy++;
        err = ask(load, &load->sessions[i]);
    }
    return finish(load, began, err);
}

enum rdv_err bench_load_commands(struct bench_load *load, struct bench_run *out, double seconds)
{
    const uint64_t began = bench_now_ns();
    enum rdv_err err = RDV_OK;

    begin(load, COMMANDS, out, seconds);
    for (size_t i = 0; err == RDV_OK && i < load->config.n_sessions; i++) {
        load->n_busy++;
        err = ask(load, &load->sessions[i]);
    }
    return finish(load, began, err);
}

enum rdv_err bench_load_visits(struct bench_load *load, struct bench_run *out, double seconds)
{
    const uint64_t began = bench_now_ns();
    enum rdv_err err = RDV_OK;

    begin(load, VISITS, out, seconds);
    for (size_t i = 0; err == RDV_OK && i < load->config.n_sessions; i++) {
        load->n_busy++;
        err = start_connecting(load, &load->sessions[i]);
    }
    return finish(load, began, err);
}

/* --- life ------------------------------------------------------------------------------------- */

enum rdv_err bench_load_new(struct bench_load **out, const struct bench_load_config *config)
{
    struct bench_load *load = calloc(1, sizeof(*load));
    enum rdv_err err = RDV_ERR_NOMEM;

    *out = NULL;
    if (load == NULL)
        goto out;
    load->config = *config;
    load->epoll = -1;
    if ((load->sessions = calloc(config->n_sessions, sizeof(*load->sessions))) == NULL)
        goto out;
    for (size_t i = 0; i < config->n_sessions; i++) {
        load->sessions[i] = (struct session){
            .index = i, .fd = -1, .ask = RDV_BUF(MESSAGE_MAX), .want = RDV_BUF(MESSAGE_MAX)
        };
    }
    if ((load->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0) {
        log_error("epoll: %s", strerror(errno));
        err = RDV_ERR_IO;
        goto out;
    }
    *out = load;
    load = NULL;
    err = RDV_OK;
out:
    bench_load_free(load);
    return err;
}

void bench_load_free(struct bench_load *load)
{
    if (load == NULL)
        return;
    for (size_t i = 0; load->sessions != NULL && i < load->config.n_sessions; i++) {
        leave(&load->sessions[i]);
        rdv_buf_free(&load->sessions[i].ask);
        rdv_buf_free(&load->sessions[i].want);
    }
    if (load->epoll >= 0)
        (void)close(load->epoll);
    free(load->sessions);
    free(load);
}

void bench_load_set_ask(struct bench_load *load, bench_ask next)
{
    load->config.ask = next;
}
