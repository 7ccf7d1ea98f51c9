/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/bench/process.h"
#include "tests/bench/stopwatch.h"

#define SILENCE_MS 20000
#define BUFFER_MAX (256 * 1024 * 1024) /* 64 questions of 1 MiB, and room */
#define PIECE 16384                    /* one TLS record */

struct bench_talk {
    int fd;
    struct bench_tls *tls;
    struct rdv_buf out, in;
};

static enum rdv_err await(const struct bench_talk *t, short what)
{
    struct pollfd p = { t->fd, what, 0 };
    const int n = poll(&p, 1, SILENCE_MS);

    if (bench_interrupted())
        return RDV_ERR_STATE;
    if (n == 0) {
        log_error("no answer for %d ms", SILENCE_MS);
        return RDV_ERR_TIMEOUT;
    }
    return n > 0 || errno == EINTR ? RDV_OK : RDV_ERR_IO;
}

static enum rdv_err connect_to(struct bench_talk *t, unsigned short port)
{
    const int on = 1;
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_port = htons(port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    if ((t->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0 ||
        setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        (connect(t->fd, (const struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS)) {
        log_error("connect: %s", strerror(errno));
        return RDV_ERR_IO;
    }
    return await(t, POLLOUT);
}

enum rdv_err bench_talk_new(struct bench_talk **out, const struct bench_server *srv,
                            const char *protocol)
{
    struct bench_login login = bench_login_root(BENCH_SEN);
    struct bench_talk *t = calloc(1, sizeof(*t));
    bool done = false;
    enum rdv_err err;

    *out = NULL;
    if (t == NULL)
        return RDV_ERR_NOMEM;
    t->fd = -1;
    t->out = t->in = RDV_BUF(BUFFER_MAX);
    login.protocol = protocol;
    if ((err = connect_to(t, srv->port)) != RDV_OK ||
        (err = bench_tls_new(&t->tls, srv->tls, t->fd, &login)) != RDV_OK)
        goto out;
    while ((err = bench_tls_handshake(t->tls, &done)) == RDV_OK && !done) {
        if ((err = await(t, POLLIN)) != RDV_OK)
            goto out;
    }
    if (err != RDV_OK)
        goto out;
    *out = t;
    t = NULL;
out:
    bench_talk_free(t);
    return err;
}

void bench_talk_free(struct bench_talk *t)
{
    if (t == NULL)
        return;
    bench_tls_free(t->tls);
    if (t->fd >= 0)
        (void)close(t->fd);
    rdv_buf_free(&t->out);
    rdv_buf_free(&t->in);
    free(t);
}

int bench_talk_fd(const struct bench_talk *t)
{
    return t->fd;
}

struct rdv_buf *bench_talk_out(struct bench_talk *t)
{
    return &t->out;
}

struct rdv_buf *bench_talk_in(struct bench_talk *t)
{
    return &t->in;
}

enum rdv_err bench_talk_move(struct bench_talk *t)
{
    size_t n = 1;
    enum rdv_err err;

    while (rdv_buf_len(&t->out) > 0 && n > 0) {
        struct rdv_span piece = rdv_buf_view(&t->out);

        if (piece.n > PIECE)
            piece.n = PIECE;
        if ((err = bench_tls_write_some(t->tls, piece, &n)) != RDV_OK)
            return err;
        rdv_buf_consume(&t->out, n);
    }
    do {
        uint8_t *room;

        if ((err = rdv_buf_room(&t->in, &room, PIECE)) != RDV_OK ||
            (err = bench_tls_read(t->tls, room, &n, PIECE)) != RDV_OK)
            return err;
        rdv_buf_grew(&t->in, n);
    } while (n > 0);
    return RDV_OK;
}

static enum rdv_err take_answers(struct bench_talk *t, bench_hear hear, void *user,
                                 unsigned long *answers)
{
    bool whole = true;
    enum rdv_err err;

    while (rdv_buf_len(&t->in) > 0 && whole) {
        if ((err = hear(user, &t->in, &whole)) != RDV_OK) {
            log_error("answer %lu is wrong: \"%.200s\"", *answers,
                      rdv_quote(rdv_buf_view(&t->in)).text);
            return err;
        }
        *answers += whole;
    }
    return RDV_OK;
}

enum rdv_err bench_talk_run(struct bench_talk *t, bench_say say, bench_hear hear, void *user,
                            size_t depth, double seconds, unsigned long *answers, double *took)
{
    const uint64_t began = bench_now_ns(), end = began + (uint64_t)(seconds * 1e9);
    unsigned long asked = 0;
    enum rdv_err err;

    *answers = 0;
    for (;;) {
        while (asked < *answers + depth && (asked == 0 || bench_now_ns() < end)) {
            if ((err = say(user, &t->out)) != RDV_OK)
                return err;
            asked++;
        }
        if (*answers == asked)
            break;
        if ((err = bench_talk_move(t)) != RDV_OK ||
            (err = take_answers(t, hear, user, answers)) != RDV_OK)
            return err;
        if (*answers + depth > asked && bench_now_ns() < end)
            continue;
        if (*answers < asked &&
            (err = await(t, rdv_buf_len(&t->out) > 0 ? POLLIN | POLLOUT : POLLIN)) != RDV_OK)
            return err;
    }
    *took = (double)(bench_now_ns() - began) / 1e9;
    return RDV_OK;
}

enum rdv_err bench_talk_fetch(struct bench_talk *t, struct rdv_span question, size_t *n)
{
    enum rdv_err err;

    *n = 0;
    if ((err = rdv_put_bytes(&t->out, question)) != RDV_OK)
        return err;
    while ((err = bench_talk_move(t)) == RDV_OK) {
        *n += rdv_buf_len(&t->in);
        rdv_buf_clear(&t->in);
        if ((err = await(t, POLLIN)) != RDV_OK)
            return err;
    }
    *n += rdv_buf_len(&t->in);
    return err == RDV_ERR_CLOSED ? RDV_OK : err;
}

static enum rdv_err say_order(void *user, struct rdv_buf *out)
{
    enum rdv_err err;

    if ((err = rdv_put_text(out, user)) != RDV_OK)
        return err;
    return rdv_put_text(out, "\n");
}

static enum rdv_err hear_ok(void *user, struct rdv_buf *in, bool *whole)
{
    const struct rdv_span got = rdv_buf_view(in);

    (void)user;
    if (got.n >= 3 && memcmp(got.p, "ERR", 3) == 0)
        return RDV_ERR_FORMAT;
    *whole = got.n >= 4 && memcmp(got.p + got.n - 4, "OK\r\n", 4) == 0;
    if (*whole)
        rdv_buf_clear(in);
    return RDV_OK;
}

enum rdv_err bench_talk_order(const struct bench_server *srv, const char *line)
{
    struct bench_talk *t = NULL;
    unsigned long answers;
    double took;
    enum rdv_err err;

    if ((err = bench_talk_new(&t, srv, NULL)) == RDV_OK)
        err = bench_talk_run(t, say_order, hear_ok, (void *)(uintptr_t)line, 1, 0, &answers, &took);
    bench_talk_free(t);
    return err;
}
