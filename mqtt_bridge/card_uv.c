/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/card_uv.h"

#include <stdio.h>
#include <stdlib.h>

#include <rdv/client.h>

#include "base/log.h"
#include "base/out_uv.h"
#include "base/secret.h"
#include "base/why.h"

#define LOGIN_MS 15000 /* from the name's resolution to the end of the handshake */
#define CHUNK 65536
#define SEND_MAX (2 * 1024 * 1024)

/* One connection. It outlives its session until all its handles are closed. */
struct conn {
    struct bridge_card *owner; /* NULL: closed */
    uv_tcp_t tcp;
    uv_timer_t timer; /* of the login */
    uv_getaddrinfo_t resolve;
    uv_connect_t connect;
    struct rdv_out out;
    struct rdv_session *session;
    bool connected, open;
    unsigned open_handles; /* the resolution is one while it runs */
    char chunk[CHUNK];
};

struct bridge_card {
    uv_loop_t *loop;
    struct bridge_card_options o;
    struct conn *conn;
    unsigned address; /* which one of the name's; the next one after a failure */
};

/* --- life ------------------------------------------------------------------------------------- */

enum rdv_err bridge_card_new(struct bridge_card **out, uv_loop_t *loop,
                             const struct bridge_card_options *options)
{
    struct bridge_card *c = calloc(1, sizeof(*c));

    *out = c;
    if (c == NULL)
        return RDV_ERR_NOMEM;
    c->loop = loop;
    c->o = *options;
    return RDV_OK;
}

void bridge_card_free(struct bridge_card *c)
{
    free(c);
}

static void one_closed(struct conn *n)
{
    if (--n->open_handles > 0)
        return;
    rdv_session_free(n->session);
    rdv_buf_free(&n->out.buf);
    rdv_wipe(n->chunk, sizeof(n->chunk));
    free(n);
}

static void on_closed(uv_handle_t *handle)
{
    one_closed(handle->data);
}

static void drop(struct conn *n)
{
    n->owner->conn = NULL;
    n->owner = NULL;
    (void)uv_cancel((uv_req_t *)&n->resolve); /* its callback comes all the same */
    uv_close((uv_handle_t *)&n->timer, on_closed);
    uv_close((uv_handle_t *)&n->tcp, on_closed);
}

/* With the session's own reason, if it has one. */
static void is_gone(struct conn *n, enum rdv_err err, const char *why)
{
    struct bridge_card *c = n->owner;
    char text[256];

    if (!n->open)
        c->address++;
    if (rdv_session_why(n->session)[0] != '\0')
        why = rdv_session_why(n->session);
    (void)snprintf(text, sizeof(text), "%s", why);
    drop(n);
    c->o.calls->gone(c->o.user, err, text);
}

/* --- moving bytes ----------------------------------------------------------------------------- */

static void send_all(struct conn *n)
{
    const uint8_t *bytes;
    size_t some;
    int r = 0;

    while (n->connected && !n->out.writing &&
           (some = rdv_session_to_send(n->session, &bytes)) > 0) {
        if (some > CHUNK)
            some = CHUNK;
        if (rdv_put_bytes(&n->out.buf, (struct rdv_span){ bytes, some }) != RDV_OK) {
            is_gone(n, RDV_ERR_NOMEM, rdv_err_text(RDV_ERR_NOMEM));
            return;
        }
        rdv_session_sent(n->session, some);
        if ((r = rdv_out_send(&n->out, (uv_stream_t *)&n->tcp)) != 0) {
            is_gone(n, RDV_ERR_CLOSED, uv_strerror(r));
            return;
        }
    }
}

static void on_drained(struct rdv_out *out, int status)
{
    struct conn *n = (struct conn *)(void *)((char *)out - offsetof(struct conn, out));

    if (n->owner == NULL)
        return;
    if (status != 0)
        is_gone(n, RDV_ERR_CLOSED, uv_strerror(status));
    else
        send_all(n);
}

/* What has come; it ends the session when somebody cannot go on. */
static void take_answers(struct conn *n)
{
    struct bridge_card *c = n->owner;
    struct rdv_answer answer;
    enum rdv_err err;

    if (!n->open && rdv_session_is_open(n->session)) {
        n->open = true;
        (void)uv_timer_stop(&n->timer);
        c->o.calls->opened(c->o.user);
    }
    while (n->owner != NULL && (err = rdv_session_next(n->session, &answer)) != RDV_ERR_SHORT) {
        if (err != RDV_OK) {
            is_gone(n, err, rdv_err_text(err));
        } else if ((err = c->o.calls->answered(c->o.user, &answer)) != RDV_OK && n->owner != NULL) {
            is_gone(n, err, rdv_err_text(err));
        }
    }
    if (n->owner != NULL)
        send_all(n);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct conn *n = handle->data;
    const size_t room = rdv_session_room(n->session);

    (void)size;
    *buf = uv_buf_init(n->chunk, (unsigned)(room < CHUNK ? room : CHUNK));
}

static void on_read(uv_stream_t *stream, ssize_t r, const uv_buf_t *buf)
{
    struct conn *n = stream->data;

    (void)buf;
    if (n->owner == NULL || r == 0)
        return;
    if (r < 0)
        rdv_session_break(n->session, RDV_ERR_CLOSED,
                          r == UV_EOF ? "the server has closed the connection"
                                      : uv_strerror((int)r));
    else if (rdv_session_receive(n->session, (const uint8_t *)n->chunk, (size_t)r) != RDV_OK)
        log_debug("%s", rdv_session_why(n->session));
    take_answers(n); /* what fails is told by the session */
}

/* --- opening ---------------------------------------------------------------------------------- */

static void on_connected(uv_connect_t *request, int status)
{
    struct conn *n = request->data;

    if (n->owner == NULL)
        return;
    if (status != 0 || (status = uv_tcp_nodelay(&n->tcp, 1)) != 0 ||
        (status = uv_read_start((uv_stream_t *)&n->tcp, on_alloc, on_read)) != 0) {
        is_gone(n, RDV_ERR_CLOSED, uv_strerror(status));
        return;
    }
    n->connected = true;
    send_all(n);
}

static const struct addrinfo *chosen(const struct addrinfo *list, unsigned which)
{
    unsigned count = 0;

    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        count++;
    for (which %= count; which > 0; which--)
        list = list->ai_next;
    return list;
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    struct conn *n = request->data;
    int r = status;

    if (n->owner != NULL) {
        if (r == 0)
            r = uv_tcp_connect(&n->connect, &n->tcp, chosen(list, n->owner->address)->ai_addr,
                               on_connected);
        if (r != 0)
            is_gone(n, status != 0 ? RDV_ERR_ABSENT : RDV_ERR_CLOSED, uv_strerror(r));
    }
    uv_freeaddrinfo(list);
    one_closed(n);
}

static void on_late(uv_timer_t *timer)
{
    is_gone(timer->data, RDV_ERR_TIMEOUT, "the login took too long");
}

static enum rdv_err new_session(struct conn *n, const struct bridge_card_options *o,
                                struct rdv_why *why)
{
    uint8_t psk[RDV_PSK_BYTES];
    const struct rdv_session_options session = { o->where->sen, o->where->identity, psk,
                                                 RDV_REQUESTS, NULL };
    enum rdv_err err;

    if ((err = rdv_psk_read(psk, o->psk_file, why)) == RDV_OK &&
        (err = rdv_session_new(&n->session, &session)) != RDV_OK)
        (void)rdv_why_say(why, err, "no session could be made: %s", rdv_err_text(err));
    rdv_wipe(psk, sizeof(psk));
    return err;
}

static enum rdv_err start(struct bridge_card *c, struct conn *n, struct rdv_why *why)
{
    const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_NUMERICSERV };
    char port[8];
    int r;

    (void)snprintf(port, sizeof(port), "%u", (unsigned)c->o.where->port);
    n->resolve.data = n->connect.data = n->tcp.data = n->timer.data = n;
    RDV_INVARIANT(uv_tcp_init(c->loop, &n->tcp) == 0 && uv_timer_init(c->loop, &n->timer) == 0);
    n->open_handles = 2;
    c->conn = n;
    n->owner = c;
    if ((r = uv_getaddrinfo(c->loop, &n->resolve, on_resolved, c->o.where->host, port, &hints)) ==
        0) {
        n->open_handles++;
        r = uv_timer_start(&n->timer, on_late, LOGIN_MS, 0);
    }
    if (r == 0)
        return RDV_OK;
    drop(n);
    return rdv_why_say(why, RDV_ERR_IO, "%s", uv_strerror(r));
}

enum rdv_err bridge_card_open(struct bridge_card *c, struct rdv_why *why)
{
    struct conn *n;
    enum rdv_err err;

    RDV_INVARIANT(c->conn == NULL);
    if ((n = calloc(1, sizeof(*n))) == NULL)
        return rdv_why_say(why, RDV_ERR_NOMEM, "%s", rdv_err_text(RDV_ERR_NOMEM));
    n->out.buf = RDV_BUF(SEND_MAX);
    n->out.drained = on_drained;
    if ((err = new_session(n, &c->o, why)) != RDV_OK) {
        free(n);
        return err;
    }
    return start(c, n, why);
}

struct rdv_session *bridge_card_session(struct bridge_card *c)
{
    return c->conn->session;
}

void bridge_card_flush(struct bridge_card *c)
{
    if (c->conn != NULL)
        send_all(c->conn);
}

void bridge_card_close(struct bridge_card *c)
{
    struct conn *n = c->conn;
    const uint8_t *bytes;

    if (n == NULL)
        return;
    if (n->open && rdv_session_is_open(n->session)) {
        rdv_session_close(n->session);
        if (!n->out.writing) { /* as far as that goes at once */
            const size_t some = rdv_session_to_send(n->session, &bytes);
            const uv_buf_t piece = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)some);

            (void)uv_try_write((uv_stream_t *)&n->tcp, &piece, 1);
        }
    }
    drop(n);
}
