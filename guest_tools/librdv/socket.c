/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/librdv/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/why.h"

/* The descriptor travels in the transport's pointer: there is nothing else to keep. */
static int fd_of(void *user)
{
    return (int)(intptr_t)user;
}

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
static enum rdv_err wait_for(int fd, short events, uint64_t until)
{
    for (;;) {
        const uint64_t now = rdv_clock_mono_ms();
        struct pollfd p = { .fd = fd, .events = events };
        int r;

        if (now >= until)
            return RDV_ERR_TIMEOUT;
        if ((r = poll(&p, 1, (int)(until - now))) > 0)
            return RDV_OK;
        if (r < 0 && errno != EINTR)
            return RDV_ERR_IO;
    }
}

static enum rdv_err exchange(void *user, struct rdv_exchange *x)
{
    const uint64_t until = rdv_clock_mono_ms() + (uint64_t)x->timeout_ms;
    const short events = (short)((x->n_out > 0 ? POLLOUT : 0) | (x->n_in > 0 ? POLLIN : 0));
    enum rdv_err err;

    x->sent = x->received = 0;
    while ((err = move(fd_of(user), x)) == RDV_OK && x->sent == 0 && x->received == 0) {
        if ((err = wait_for(fd_of(user), events, until)) != RDV_OK)
            return err;
    }
    return err;
}

static void close_socket(void *user)
{
    (void)close(fd_of(user));
}

/* --- connecting ------------------------------------------------------------------------------- */

static enum rdv_err finish_connecting(int fd, uint64_t until, int *error)
{
    socklen_t n = sizeof(*error);
    enum rdv_err err;

    if ((err = wait_for(fd, POLLOUT, until)) != RDV_OK)
        return err;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, error, &n) != 0)
        return RDV_ERR_IO;
    return *error == 0 ? RDV_OK : RDV_ERR_CLOSED;
}

static enum rdv_err connect_to(int *out, const struct addrinfo *a, uint64_t until,
                               struct rdv_why *why)
{
    const int on = 1;
    char address[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
    int fd, error = 0;
    enum rdv_err err = RDV_OK;

    (void)getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof(address), port, sizeof(port),
                      NI_NUMERICHOST | NI_NUMERICSERV);
    fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (fd < 0)
        return rdv_why_say(why, RDV_ERR_IO, "socket: %s", strerror(errno));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
        error = errno;
        err = error == EINPROGRESS ? finish_connecting(fd, until, &error) : RDV_ERR_CLOSED;
    }
    if (err == RDV_OK) {
        *out = fd;
        return RDV_OK;
    }
    (void)close(fd);
    return rdv_why_say(why, err, "%s port %s: %s", address, port,
                       err == RDV_ERR_TIMEOUT ? "no answer in time" : strerror(error));
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
                               int timeout_ms, struct rdv_why *why)
{
    const uint64_t until = rdv_clock_mono_ms() + (uint64_t)timeout_ms;
    struct addrinfo *list = NULL;
    unsigned left = 0;
    char service[8];
    int fd = -1;
    enum rdv_err err;

    *out = (struct rdv_transport){ 0 };
    (void)snprintf(service, sizeof(service), "%u", (unsigned)port);
    if ((err = resolve(&list, host, service, why)) != RDV_OK)
        return err;
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        left++;
    err = RDV_ERR_ABSENT;
    for (const struct addrinfo *a = list; a != NULL && err != RDV_OK; a = a->ai_next, left--) {
        const uint64_t now = rdv_clock_mono_ms();

        err = connect_to(&fd, a, now + (until > now ? (until - now) / left : 0), why);
    }
    freeaddrinfo(list);
    if (err == RDV_OK)
        *out = (struct rdv_transport){ (void *)(intptr_t)fd, exchange, close_socket };
    return err;
}
