/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define OUT_MAX (64 * 1024 * 1024)
#define RAW_MAX (1024 * 1024)

void probe_conn_open(struct probe_conn *c, const struct probe_config *config)
{
    const int on = 1, size = config->receive_buffer;

    *c = (struct probe_conn){
        .config = config,
        .out = RDV_BUF(OUT_MAX),
        .raw = RDV_BUF(RAW_MAX),
    };
    c->tls = probe_tls_new(&config->login);
    c->fd = socket(config->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        (size > 0 && setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) != 0))
        probe_fail("socket: %s", strerror(errno));
    if (connect(c->fd, (const struct sockaddr *)&config->address, config->address_n) != 0 &&
        errno != EINPROGRESS)
        probe_fail("connect: %s", strerror(errno));
}

void probe_conn_close(struct probe_conn *c)
{
    probe_tls_free(c->tls);
    c->tls = NULL;
    rdv_buf_free(&c->out);
    rdv_buf_free(&c->raw);
    if (c->fd >= 0)
        (void)close(c->fd);
    c->fd = -1;
}

void probe_conn_reset(struct probe_conn *c)
{
    const struct linger at_once = { 1, 0 };

    if (setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) != 0)
        probe_fail("SO_LINGER: %s", strerror(errno));
}

void probe_conn_put(struct probe_conn *c, struct rdv_span bytes)
{
    if (rdv_put_bytes(&c->out, bytes) != RDV_OK)
        probe_fail("no memory");
}

void probe_conn_put_tls(struct probe_conn *c)
{
    probe_tls_take(c->tls, &c->out);
}

static void end(struct probe_conn *c, bool was_reset)
{
    c->has_ended = true;
    c->was_reset |= was_reset;
}

static bool means_later(int error)
{
    return error == EAGAIN || error == EINTR || error == ENOTCONN || error == EINPROGRESS;
}

void probe_conn_send(struct probe_conn *c)
{
    while (rdv_buf_len(&c->out) > 0) {
        const struct rdv_span bytes = rdv_buf_view(&c->out);
        const ssize_t r = send(c->fd, bytes.p, c->byte_by_byte ? 1 : bytes.n, MSG_NOSIGNAL);

        if (r < 0 && means_later(errno))
            return;
        if (r < 0) { /* what came before this may still be read */
            rdv_buf_clear(&c->out);
            c->was_reset = true;
            return;
        }
        rdv_buf_consume(&c->out, (size_t)r);
    }
}

static void wait_for(struct probe_conn *c, short events)
{
    struct pollfd p = { c->fd, events, 0 };
    const int r = poll(&p, 1, (int)c->config->deadline_ms);

    if (r == 0)
        probe_fail("nothing came within %ld ms", c->config->deadline_ms);
    if (r < 0)
        probe_fail("poll: %s", strerror(errno));
}

void probe_conn_flush(struct probe_conn *c)
{
    for (probe_conn_send(c); rdv_buf_len(&c->out) > 0; probe_conn_send(c))
        wait_for(c, POLLOUT);
}

void probe_conn_receive(struct probe_conn *c)
{
    uint8_t bytes[65536];
    const ssize_t r = recv(c->fd, bytes, sizeof(bytes), 0);
    const struct rdv_span span = { bytes, r > 0 ? (size_t)r : 0 };

    if (r < 0 && means_later(errno))
        return;
    if (r <= 0) {
        end(c, r < 0);
        return;
    }
    if (c->keep_raw && rdv_put_bytes(&c->raw, span) != RDV_OK)
        probe_fail("over %d bytes came in", RAW_MAX);
    probe_tls_feed(c->tls, span);
}

void probe_conn_wait(struct probe_conn *c)
{
    wait_for(c, (short)(POLLIN | (rdv_buf_len(&c->out) > 0 ? POLLOUT : 0)));
    probe_conn_send(c);
    probe_conn_receive(c);
}

enum probe_tls_event probe_conn_next(struct probe_conn *c, struct rdv_buf *text)
{
    for (;;) {
        const enum probe_tls_event event = probe_tls_read(c->tls, text);

        probe_conn_put_tls(c);
        probe_conn_send(c);
        if (event != PROBE_TLS_MORE)
            return event;
        if (c->has_ended)
            return PROBE_TLS_ENDED;
        probe_conn_wait(c);
    }
}
