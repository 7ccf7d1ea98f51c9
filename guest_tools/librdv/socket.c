/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/librdv/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/why.h"

struct tcp {
    int fd, stop; /* stop: -1, or one that ends all waiting */
};

/* --- moving bytes ----------------------------------------------------------------------------- */

static bool is_gone(void)
{
    return errno == EPIPE || errno == ECONNRESET;
}

static bool must_wait(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* What can be moved without waiting. A server that takes no more may have said why. */
static enum rdv_err move(int fd, struct rdv_exchange *x)
{
    bool closed = false;
    ssize_t r;

    if (x->n_out > 0) {
        if ((r = send(fd, x->out, x->n_out, MSG_NOSIGNAL)) > 0)
            x->sent = (size_t)r;
        else if (is_gone())
            closed = true;
        else if (!must_wait())
            return RDV_ERR_IO;
    }
    if (x->n_in > 0) {
        if ((r = recv(fd, x->in, x->n_in, 0)) > 0)
            x->received = (size_t)r;
        else if (r == 0 || is_gone())
            closed = true;
        else if (!must_wait())
            return RDV_ERR_IO;
    }
    return closed && x->sent == 0 && x->received == 0 ? RDV_ERR_CLOSED : RDV_OK;
}

/* Returns: RDV_OK when the time is not over. */
static enum rdv_err wait_for(const struct tcp *tcp, short events, uint64_t until)
{
    for (;;) {
        const uint64_t now = rdv_clock_mono_ms();
        struct pollfd p[] = { { tcp->fd, events, 0 }, { tcp->stop, POLLIN, 0 } };
        int r;

        if (now >= until)
            return RDV_ERR_TIMEOUT;
        if ((r = poll(p, 2, (int)(until - now))) > 0)
            return p[1].revents != 0 ? RDV_ERR_CLOSED : RDV_OK;
        if (r < 0 && errno != EINTR)
            return RDV_ERR_IO;
    }
}

static enum rdv_err exchange(void *user, struct rdv_exchange *x)
{
    const struct tcp *tcp = user;
    const uint64_t until = rdv_clock_mono_ms() + (uint64_t)x->timeout_ms;
    const short events = (short)((x->n_out > 0 ? POLLOUT : 0) | (x->n_in > 0 ? POLLIN : 0));
    enum rdv_err err;

    x->sent = x->received = 0;
    while ((err = move(tcp->fd, x)) == RDV_OK && x->sent == 0 && x->received == 0) {
        if ((err = wait_for(tcp, events, until)) != RDV_OK)
            return err;
    }
    return err;
}

static void close_socket(void *user)
{
    struct tcp *tcp = user;

    (void)close(tcp->fd);
    free(tcp);
}

/* --- connecting ------------------------------------------------------------------------------- */

static enum rdv_err finish_connecting(const struct tcp *tcp, uint64_t until, int *error)
{
    socklen_t n = sizeof(*error);
    enum rdv_err err;

    if ((err = wait_for(tcp, POLLOUT, until)) != RDV_OK)
        return err;
    if (getsockopt(tcp->fd, SOL_SOCKET, SO_ERROR, error, &n) != 0)
        return RDV_ERR_IO;
    return *error == 0 ? RDV_OK : RDV_ERR_CLOSED;
}

static enum rdv_err connect_to(struct tcp *tcp, const struct addrinfo *a, uint64_t until,
                               struct rdv_why *why)
{
    const int on = 1;
    char address[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
    int error = 0;
    enum rdv_err err = RDV_OK;

    (void)getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof(address), port, sizeof(port),
                      NI_NUMERICHOST | NI_NUMERICSERV);
    tcp->fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (tcp->fd < 0)
        return rdv_why_say(why, RDV_ERR_IO, "socket: %s", strerror(errno));
    (void)setsockopt(tcp->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(tcp->fd, a->ai_addr, a->ai_addrlen) != 0) {
        error = errno;
        err = error == EINPROGRESS ? finish_connecting(tcp, until, &error) : RDV_ERR_CLOSED;
    }
    if (err == RDV_OK)
        return RDV_OK;
    (void)close(tcp->fd);
    return rdv_why_say(why, err, "%s port %s: %s", address, port,
                       err == RDV_ERR_TIMEOUT ? "no answer in time"
                       : error == 0           ? "stopped"
                                              : strerror(error));
}

static enum rdv_err resolve(struct addrinfo **out, const char *host, const char *port,
                            struct rdv_why *why)
{
    const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_NUMERICSERV };
    int r;

    if ((r = getaddrinfo(host, port, &hints, out)) == 0)
        return RDV_OK;
    if (r == EAI_MEMORY)
        return RDV_ERR_NOMEM;
    return rdv_why_say(why, RDV_ERR_ABSENT, "%s: %s", host, gai_strerror(r));
}

enum rdv_err guest_socket_open(struct rdv_transport *out, const char *host, uint16_t port,
                               int timeout_ms, const int *stop, struct rdv_why *why)
{
    const uint64_t until = rdv_clock_mono_ms() + (uint64_t)timeout_ms;
    struct addrinfo *list = NULL;
    unsigned left = 0;
    char service[8];
    struct tcp *tcp;
    enum rdv_err err;

    *out = (struct rdv_transport){ 0 };
    (void)snprintf(service, sizeof(service), "%u", (unsigned)port);
    if ((tcp = malloc(sizeof(*tcp))) == NULL)
        return RDV_ERR_NOMEM;
    *tcp = (struct tcp){ .fd = -1, .stop = stop == NULL ? -1 : *stop };
    if ((err = resolve(&list, host, service, why)) != RDV_OK)
        goto out;
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        left++;
    err = RDV_ERR_ABSENT;
    for (const struct addrinfo *a = list; a != NULL && err != RDV_OK; a = a->ai_next, left--) {
        const uint64_t now = rdv_clock_mono_ms();

        err = connect_to(tcp, a, now + (until > now ? (until - now) / left : 0), why);
    }
    freeaddrinfo(list);
    if (err == RDV_OK) {
        *out = (struct rdv_transport){ tcp, exchange, close_socket };
        tcp = NULL;
    }
out:
    free(tcp);
    return err;
}
