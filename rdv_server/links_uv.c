/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rdv_server/links_uv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/invariant.h"
#include "schema/wire/link.h"

#define READ_BYTES 65536

struct rdv_link {
    uv_pipe_t pipe;
    struct rdv_links *all;
    void *user; /* NULL: it waits */
    char sen[RDV_SEN_MAX + 1];
    bool has_waited;
    uint64_t waits_since;          /* ms */
    struct rdv_link *next, **prev; /* of those that wait */
};

struct rdv_links {
    uv_loop_t *loop;
    const char *path;
    uint64_t wait_ms;
    struct rdv_links_calls calls;
    struct rdv_link *waiting; /* the latest first */
    size_t n_waiting;
    uv_timer_t timer;           /* runs while any waits, and a little longer */
    uint8_t buffer[READ_BYTES]; /* for every read */
};

/* --- those that wait -------------------------------------------------------------------------- */

static void put_in(struct rdv_link *link)
{
    struct rdv_links *all = link->all;

    link->next = all->waiting;
    link->prev = &all->waiting;
    if (link->next != NULL)
        link->next->prev = &link->next;
    all->waiting = link;
    all->n_waiting++;
}

static void take_out(struct rdv_link *link)
{
    *link->prev = link->next;
    if (link->next != NULL)
        link->next->prev = link->prev;
    link->all->n_waiting--;
}

static void on_closed(uv_handle_t *handle)
{
    struct rdv_link *link = handle->data;

    if (link->user != NULL)
        link->all->calls.closed(link->user);
    free(link);
}

static void forget(struct rdv_link *link)
{
    take_out(link);
    uv_close((uv_handle_t *)&link->pipe, on_closed);
}

static void on_timer(uv_timer_t *timer)
{
    struct rdv_links *all = timer->data;
    const uint64_t now = uv_now(all->loop);
    struct rdv_link *link, *next;

    for (link = all->waiting; link != NULL; link = next) {
        next = link->next;
        if (now - link->waits_since >= all->wait_ms)
            forget(link);
    }
    if (all->waiting == NULL)
        (void)uv_timer_stop(timer);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    const struct rdv_link *link = handle->data;

    (void)size;
    *buf = uv_buf_init((char *)link->all->buffer, READ_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct rdv_link *link = stream->data;

    if (n == 0)
        return;
    if (link->user != NULL)
        link->all->calls.read(link->user, n, (const uint8_t *)buf->base);
    else
        forget(link); /* the card has gone, or says what nobody asked */
}

void rdv_link_read(struct rdv_link *link, bool wanted)
{
    uv_stream_t *stream = rdv_link_stream(link);

    if (wanted && !uv_is_active((uv_handle_t *)stream))
        (void)uv_read_start(stream, on_alloc, on_read);
    else if (!wanted)
        (void)uv_read_stop(stream);
}

/* --- beginning and end of a session ----------------------------------------------------------- */

/* A Unix socket connects at once or not at all: no event need be waited for. Returns the
 * descriptor, or -1 with errno. */
static int connect_to(const char *path)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd, saved;

    if (rdv_span_to_text(to.sun_path, sizeof(to.sun_path), rdv_span_of(path)) != RDV_OK) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
        return fd;
    saved = errno;
    (void)close(fd);
    errno = saved;
    return -1;
}

static struct rdv_link *connect_one(struct rdv_links *all, const char *sen)
{
    const int fd = connect_to(all->path);
    struct rdv_link *link = NULL;

    if (fd < 0 || (link = calloc(1, sizeof(*link))) == NULL)
        goto failed;
    link->all = all;
    if (rdv_span_to_text(link->sen, sizeof(link->sen), rdv_span_of(sen)) != RDV_OK) {
        errno = EINVAL;
        goto failed;
    }
    RDV_INVARIANT(uv_pipe_init(all->loop, &link->pipe, 0) == 0);
    link->pipe.data = link;
    if (uv_pipe_open(&link->pipe, fd) == 0)
        return link;
    uv_close((uv_handle_t *)&link->pipe, on_closed);
    link = NULL;
    errno = ENOMEM;
failed:
    if (fd >= 0)
        (void)close(fd);
    free(link);
    return NULL;
}

struct rdv_link *rdv_links_take(struct rdv_links *all, const char *sen, bool fresh, void *user)
{
    struct rdv_link *link = fresh ? NULL : all->waiting;

    while (link != NULL && strcmp(link->sen, sen) != 0)
        link = link->next;
    if (link != NULL)
        take_out(link);
    else if ((link = connect_one(all, sen)) == NULL)
        return NULL;
    link->user = user;
    return link;
}

bool rdv_link_has_waited(const struct rdv_link *link)
{
    return link->has_waited;
}

uv_stream_t *rdv_link_stream(struct rdv_link *link)
{
    return (uv_stream_t *)&link->pipe;
}

void rdv_link_close(struct rdv_link *link)
{
    uv_close((uv_handle_t *)&link->pipe, on_closed);
}

void rdv_link_wait(struct rdv_link *link)
{
    struct rdv_links *all = link->all;

    link->user = NULL;
    link->has_waited = true;
    link->waits_since = uv_now(all->loop);
    if (all->n_waiting == RDV_LINKS_WAITING_MAX) {
        rdv_link_close(link);
        return;
    }
    put_in(link);
    rdv_link_read(link, true); /* to see it end */
    if (!uv_is_active((uv_handle_t *)&all->timer))
        (void)uv_timer_start(&all->timer, on_timer, all->wait_ms, all->wait_ms);
}

/* --- life ------------------------------------------------------------------------------------- */

enum rdv_err rdv_links_new(struct rdv_links **out, uv_loop_t *loop, const char *path,
                           uint64_t wait_ms, const struct rdv_links_calls *calls)
{
    struct rdv_links *all = calloc(1, sizeof(*all));

    *out = NULL;
    if (all == NULL)
        return RDV_ERR_NOMEM;
    all->loop = loop;
    all->path = path;
    all->wait_ms = wait_ms;
    all->calls = *calls;
    RDV_INVARIANT(uv_timer_init(loop, &all->timer) == 0);
    all->timer.data = all;
    *out = all;
    return RDV_OK;
}

void rdv_links_stop(struct rdv_links *all)
{
    if (all == NULL)
        return;
    while (all->waiting != NULL)
        forget(all->waiting);
    uv_close((uv_handle_t *)&all->timer, NULL);
}

void rdv_links_free(struct rdv_links *all)
{
    free(all);
}
