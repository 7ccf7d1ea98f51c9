/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "base/busy_poll_uv.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/out_uv.h"
#include "schema/wire/link.h"
#include "se_card/card.h"
#include "se_card/turn.h"

#define READ_BYTES 65536
/* What may wait unparsed: one frame that is not whole yet, behind it nothing but one read. */
#define IN_MAX (RDV_LINK_FRAME_HEADER + RDV_LINK_COMMAND_MAX + READ_BYTES)
/* Responses are sent when there is so much of them, and the front takes them while the card makes
 * the next. */
#define OUT_ENOUGH 32768
#define OUT_MAX (OUT_ENOUGH + RDV_LINK_FRAME_HEADER + RDV_LINK_RESPONSE_MAX)
#define IDLE_BYTES 512
#define BACKLOG 1024
#define TURN_MAX 256 /* cards in one transaction */
/* How long a response that says nothing (the handshake's last) waits for one that does, ms: the
 * front sends on without it, and wakes once for both. */
#define COMPANY_MS 20
/* No more than these wait, the handshake's: where a long request comes in many records, the front
 * sends no more until it has heard of the first. */
#define COMPANY_BYTES (2 * (RDV_LINK_FRAME_HEADER + 2))
/* How often what is done now and then is done: sessions of accounts that have expired end within
 * it, guessers wait that much longer, failed logins reach the audit. */
#define TICK_MS 100

/* The link of one client. */
struct conn {
    uv_pipe_t pipe;
    struct se_worker *worker;
    struct se_card *card; /* NULL until the hello */
    struct rdv_buf in;    /* a frame that is not whole yet */
    struct rdv_out out;   /* responses */
    bool ready;           /* in the worker's list, waiting for the turn */
    bool held;            /* in the worker's list, waiting for company */
    bool has_served;      /* a session, before the one under way */
    bool comes_back;      /* with another question, having been answered one: to wait for */
    uint64_t quiet_until; /* ms: nothing is answered before; 0: no such moment */
    bool closing;
    struct conn *next_ready, *next_held;
    struct conn *next, **prev; /* all of the worker */
};

/* A connection on its way to the worker that has its element. */
struct transfer {
    int fd;
    struct rdv_buf in;
    struct transfer *next;
};

struct se_worker {
    struct se_workers *all;
    uv_loop_t loop;
    uv_check_t turn;
    uv_async_t wake;
    uv_mutex_t mutex;           /* guards the two below */
    struct transfer *transfers; /* newest first */
    bool stopping;
    uv_thread_t thread;
    bool has_thread;
    uv_pipe_t listener;
    bool listening;
    long front_uid;
    uv_signal_t signals[2];
    struct conn *conns;
    struct conn *ready;
    struct conn *held;
    uv_timer_t company; /* runs while somebody is held */
    uv_timer_t tick;
    struct rdv_busy_poll poll;
    uint8_t buffer[READ_BYTES]; /* for every read: connections keep only what is left over */
};

static void pump(struct conn *c);
static void on_drained(struct rdv_out *out, int status);

/* --- connections ------------------------------------------------------------------------------ */

static void end_card(struct conn *c)
{
    if (c->card != NULL)
        atomic_fetch_sub(&c->worker->all->n_sessions, 1);
    se_card_free(c->card);
    c->card = NULL;
}

static void on_conn_closed(uv_handle_t *handle)
{
    struct conn *c = handle->data;

    end_card(c);
    rdv_buf_free(&c->in);
    rdv_buf_free(&c->out.buf);
    free(c);
}

static void conn_close(struct conn *c)
{
    if (c->closing)
        return;
    c->closing = true;
    for (struct conn **at = &c->worker->held; c->held; at = &(*at)->next_held) {
        if (*at == c) {
            *at = c->next_held;
            c->held = false;
            break;
        }
    }
    *c->prev = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    uv_close((uv_handle_t *)&c->pipe, on_conn_closed);
}

static struct conn *conn_new(struct se_worker *w)
{
    struct conn *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    RDV_INVARIANT(uv_pipe_init(&w->loop, &c->pipe, 0) == 0);
    c->pipe.data = c;
    c->worker = w;
    c->in = RDV_BUF(IN_MAX);
    c->out.buf = RDV_BUF(OUT_MAX);
    c->out.drained = on_drained;
    c->next = w->conns;
    c->prev = &w->conns;
    if (c->next != NULL)
        c->next->prev = &c->next;
    w->conns = c;
    return c;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* The front did not keep up: nothing more was read or answered until this moment. */
static void on_drained(struct rdv_out *out, int status)
{
    struct conn *c = (struct conn *)((char *)out - offsetof(struct conn, out));

    if (status < 0)
        conn_close(c);
    else if (!c->closing)
        pump(c);
}

static void send_out(struct conn *c)
{
    if (c->closing)
        return;
    if (c->comes_back)
        rdv_busy_poll_expect(&c->worker->poll);
    if (rdv_out_send(&c->out, (uv_stream_t *)&c->pipe) != 0)
        conn_close(c);
}

/* Appends the responses that are due and do not wait for a commit, until it is enough to be sent.
 * Returns whether any of them says something. */
static bool collect_responses(struct conn *c)
{
    struct rdv_buf *out = &c->out.buf;
    struct rdv_span data;
    bool says = false;
    uint16_t sw;

    while (rdv_buf_len(out) < OUT_ENOUGH && se_card_response(c->card, &data, &sw)) {
        says |= data.n > 0 || (sw != RDV_SW_OK && sw != RDV_SW_OPEN);
        if (rdv_link_put_response(out, data, sw) != RDV_OK) {
            conn_close(c);
            return true;
        }
    }
    return says;
}

static void on_company(uv_timer_t *timer)
{
    struct se_worker *w = timer->data;
    struct conn *c;

    while ((c = w->held) != NULL) {
        w->held = c->next_held;
        c->held = false;
        send_out(c);
    }
}

static void hold(struct conn *c)
{
    struct se_worker *w = c->worker;

    if (c->held || rdv_buf_len(&c->out.buf) == 0)
        return;
    c->held = true;
    c->next_held = w->held;
    w->held = c;
    if (!uv_is_active((uv_handle_t *)&w->company))
        (void)uv_timer_start(&w->company, on_company, COMPANY_MS, 0);
}

/* Back to where the connection began. What is there already cannot be a hello: the front has sent
 * it before it knew of the end. */
static void await_hello(struct conn *c)
{
    if (rdv_buf_len(&c->in) > 0 || c->ready) {
        conn_close(c);
        return;
    }
    end_card(c);
    c->quiet_until = 0;
    c->has_served = true;
    c->comes_back = false;
}

/* To run its requests with those of all others that are ready. */
static void await_turn(struct conn *c)
{
    if (c->ready)
        return;
    c->ready = true;
    c->next_ready = c->worker->ready;
    c->worker->ready = c;
}

static void respond(struct conn *c)
{
    if (c->quiet_until > uv_now(&c->worker->loop))
        return; /* on_tick comes back to it */
    while (!c->out.writing && !c->closing && collect_responses(c))
        send_out(c);
    if (c->out.writing || c->closing)
        return;
    if (se_card_is_asked(c->card) && se_card_wants_turn(c->card))
        await_turn(c); /* the front has asked ahead: no word of it need come before */
    if (se_card_has_ended(c->card))
        await_hello(c); /* nothing more can come of this one */
    else if (rdv_buf_len(&c->out.buf) > COMPANY_BYTES)
        send_out(c);
    else
        hold(c);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* An acceptance leaves together with the first response, so that the front wakes once. */
static void accept_hello(struct conn *c)
{
    const uint8_t flags = se_card_element(c->card)->demo ? RDV_LINK_DEMO : 0;

    if (rdv_link_put_welcome(&c->out.buf, RDV_LINK_ACCEPTED, flags) != RDV_OK)
        conn_close(c);
}

static void refuse_hello(struct conn *c, enum rdv_link_status status)
{
    if (rdv_link_put_welcome(&c->out.buf, status, 0) == RDV_OK)
        send_out(c);
    conn_close(c); /* these few bytes were taken at once */
}

static bool find_element(const struct se_workers *all, size_t *at, struct rdv_span sen)
{
    for (*at = 0; *at < all->n_elements; (*at)++) {
        if (rdv_span_is(sen, all->elements[*at]->sen))
            return true;
    }
    return false;
}

/* Hands the connection, with what has been read of it, to another worker's thread. */
static void hand_over(struct conn *c, struct se_worker *to)
{
    struct transfer *t = calloc(1, sizeof(*t));
    uv_os_fd_t fd = -1;

    if (t != NULL && uv_fileno((const uv_handle_t *)&c->pipe, &fd) == 0 &&
        (t->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0) {
        t->in = c->in;
        c->in = RDV_BUF(IN_MAX);
        uv_mutex_lock(&to->mutex);
        t->next = to->transfers;
        to->transfers = t;
        uv_mutex_unlock(&to->mutex);
        (void)uv_async_send(&to->wake);
    } else {
        log_error("connection lost on its way to its worker");
        free(t);
    }
    conn_close(c);
}

/* The front's hello, and with it the element this connection is for. */
static void read_hello(struct conn *c, size_t *used)
{
    struct se_workers *all = c->worker->all;
    struct rdv_link_hello hello;
    size_t at;
    enum rdv_err err;

    *used = 0;
    if ((err = rdv_link_get_hello(&hello, used, rdv_buf_view(&c->in))) != RDV_OK) {
        if (!c->has_served) /* else: sent before the front knew of the end */
            log_warn_e(err, "not a front of ours");
        conn_close(c);
    } else if (*used == 0) {
        return;
    } else if (hello.major != RDV_LINK_MAJOR) {
        log_error("the front speaks version %u of the link, this card %u", (unsigned)hello.major,
                  RDV_LINK_MAJOR);
        refuse_hello(c, RDV_LINK_VERSION);
    } else if (!find_element(all, &at, hello.sen)) {
        refuse_hello(c, RDV_LINK_UNKNOWN_SEN);
    } else if (all->worker_of[at] != c->worker) {
        *used = 0;
        hand_over(c, all->worker_of[at]);
    } else if (atomic_fetch_add(&all->n_sessions, 1) >= all->max_sessions) {
        atomic_fetch_sub(&all->n_sessions, 1);
        refuse_hello(c, RDV_LINK_FULL);
    } else if (se_card_new(&c->card, all->elements[at], hello.address) != RDV_OK) {
        atomic_fetch_sub(&all->n_sessions, 1);
        conn_close(c);
    } else if (se_card_set_reached(c->card, hello.reached) != RDV_OK) {
        conn_close(c); /* which counts its card off */
    } else {
        se_card_set_owner(c->card, c);
        accept_hello(c);
    }
}

static void tell_time(const struct se_worker *w, struct se_element *el)
{
    el->now = rdv_clock_wall_s();
    el->now_ms = uv_now(&w->loop);
}

/* Gives the card the frames that are whole. */
static void read_frames(struct conn *c)
{
    tell_time(c->worker, se_card_element(c->card));
    struct rdv_span rest = rdv_buf_view(&c->in), apdu;
    size_t used = 0, total = 0;
    uint64_t delay;
    enum rdv_err err = RDV_OK;

    while (!c->closing) {
        rest.p += used;
        rest.n -= used;
        total += used;
        if ((err = rdv_link_get_frame(&apdu, &used, rest, RDV_LINK_COMMAND_MAX)) != RDV_OK ||
            used == 0)
            break;
        if ((err = se_card_feed(c->card, apdu)) != RDV_OK)
            break;
        if ((delay = se_card_delay(c->card)) > 0)
            c->quiet_until = uv_now(&c->worker->loop) + delay;
    }
    if (err != RDV_OK) {
        log_warn_e(err, "link ended");
        conn_close(c);
        return;
    }
    rdv_buf_consume(&c->in, total);
    if (rdv_buf_len(&c->in) == 0)
        rdv_buf_reset(&c->in, IDLE_BYTES);
}

/* Moves what can be moved: bytes to the card, and its responses out, or the card to the turn. */
static void pump(struct conn *c)
{
    size_t used;

    if (c->card == NULL) {
        read_hello(c, &used);
        if (c->card == NULL || c->closing)
            return;
        rdv_buf_consume(&c->in, used);
    }
    if (c->out.writing)
        return;
    read_frames(c);
    if (c->closing)
        return;
    if (se_card_wants_turn(c->card))
        await_turn(c);
    else
        respond(c);
}

/* The front will send no more: its client has gone, or it wants the session to end in good order.
 */
static void end_session(struct conn *c)
{
    if (c->card != NULL && !c->out.writing && se_card_end(c->card))
        respond(c);
    conn_close(c);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct conn *c = handle->data;

    (void)size;
    *buf = uv_buf_init((char *)c->worker->buffer, READ_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct conn *c = stream->data;
    enum rdv_err err;

    if (n == 0)
        return;
    rdv_busy_poll_heard(&c->worker->poll);
    c->comes_back = c->card != NULL && se_card_has_answered(c->card);
    if (n < 0) {
        end_session(c);
        return;
    }
    err = rdv_put_bytes(&c->in, (struct rdv_span){ (const uint8_t *)buf->base, (size_t)n });
    if (err != RDV_OK) { /* it sends on while it does not read */
        log_warn_e(err, "link ended");
        conn_close(c);
        return;
    }
    pump(c);
}

/* --- the turn --------------------------------------------------------------------------------- */

/* Takes the ready cards of one element out of the list: as many as one transaction is to hold. */
static size_t take_ready(struct se_worker *w, struct conn **out)
{
    struct conn **at = &w->ready, *c;
    struct se_element *el = NULL;
    size_t n = 0;

    while ((c = *at) != NULL && n < TURN_MAX) {
        if (!c->closing && el == NULL)
            el = se_card_element(c->card);
        if (!c->closing && se_card_element(c->card) != el) {
            at = &c->next_ready;
            continue;
        }
        *at = c->next_ready;
        c->ready = false;
        if (!c->closing)
            out[n++] = c;
    }
    return n;
}

/* Those that waited for what has happened go on. */
static void wake(struct se_element *el)
{
    if (el->swept_wakes == el->wakes)
        return;
    el->swept_wakes = el->wakes;
    for (struct se_session *s = el->waiting, *next; s != NULL; s = next) {
        next = s->next_waiting;
        if (se_card_wants_turn(s->card))
            pump(se_card_owner(s->card));
    }
}

/* Ends the sessions whose account has gone, was disabled, has another key or is out of its time,
 * and those that root has ended: as soon as what they rest on has changed. */
static void sweep(struct se_element *el)
{
    struct se_card *card, *next;

    if (el->swept_version == el->accounts_version) {
        wake(el);
        return;
    }
    el->swept_version = el->accounts_version;
    el->swept_wakes = el->wakes;
    for (card = el->sessions; card != NULL; card = next) {
        next = se_card_next(card);
        if (se_card_must_end(card))
            end_session(se_card_owner(card));
        else if (se_card_wants_turn(card))
            pump(se_card_owner(card));
    }
}

static void run_turns(struct se_worker *w)
{
    struct conn *conns[TURN_MAX];
    struct se_card *cards[TURN_MAX];
    struct se_element *el;
    size_t n;

    while ((n = take_ready(w, conns)) > 0) {
        for (size_t i = 0; i < n; i++)
            cards[i] = conns[i]->card;
        el = se_card_element(cards[0]);
        tell_time(w, el);
        se_turn_run(el, cards, n);
        for (size_t i = 0; i < n; i++)
            respond(conns[i]);
        sweep(el);
    }
}

static void on_turn(uv_check_t *handle)
{
    run_turns(handle->data);
}

static void on_tick(uv_timer_t *timer)
{
    struct se_worker *w = timer->data;
    const uint64_t now = uv_now(&w->loop);
    struct conn *c, *next;

    for (size_t i = 0; i < w->all->n_elements; i++) {
        if (w->all->worker_of[i] != w)
            continue;
        tell_time(w, w->all->elements[i]);
        se_element_tick(w->all->elements[i]);
        w->all->elements[i]->swept_version = 0; /* time passes too */
        sweep(w->all->elements[i]);
    }
    for (c = w->conns; c != NULL; c = next) {
        next = c->next;
        if (c->quiet_until == 0 || c->quiet_until > now)
            continue;
        c->quiet_until = 0;
        if (!c->closing)
            pump(c);
    }
    run_turns(w); /* the loop may sleep before it comes there */
}

/* --- arrivals --------------------------------------------------------------------------------- */

static void conn_open(struct se_worker *w, int fd, struct rdv_buf *in)
{
    struct conn *c = conn_new(w);

    if (c == NULL) {
        (void)close(fd);
        return;
    }
    if (in != NULL) {
        c->in = *in;
        *in = RDV_BUF(IN_MAX);
    }
    if (uv_pipe_open(&c->pipe, fd) != 0) {
        (void)close(fd);
        conn_close(c);
    } else if (uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read) != 0) {
        conn_close(c);
    } else {
        pump(c);
    }
}

void se_worker_adopt(struct se_worker *w, int fd)
{
    conn_open(w, fd, NULL);
}

static bool peer_is_allowed(const struct se_worker *w, int fd)
{
    struct ucred peer;
    socklen_t n = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) != 0)
        return false;
    if (peer.uid == geteuid() || peer.uid == 0 || (long)peer.uid == w->front_uid)
        return true;
    log_warn("user %u may not connect", (unsigned)peer.uid);
    return false;
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct se_worker *w = stream->data;
    struct conn *c;
    uv_os_fd_t fd = -1;

    if (status < 0) {
        log_error("accept: %s", uv_strerror(status));
        return;
    }
    if ((c = conn_new(w)) == NULL)
        return;
    if (uv_accept(stream, (uv_stream_t *)&c->pipe) != 0 ||
        uv_fileno((const uv_handle_t *)&c->pipe, &fd) != 0 || !peer_is_allowed(w, fd) ||
        uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read) != 0)
        conn_close(c);
}

static void stop_loop(struct se_worker *w)
{
    while (w->conns != NULL)
        conn_close(w->conns);
    uv_stop(&w->loop);
}

static void on_wake(uv_async_t *handle)
{
    struct se_worker *w = handle->data;
    struct transfer *t, *next;
    bool stopping;

    uv_mutex_lock(&w->mutex);
    t = w->transfers;
    w->transfers = NULL;
    stopping = w->stopping;
    uv_mutex_unlock(&w->mutex);
    for (; t != NULL; t = next) {
        next = t->next;
        conn_open(w, t->fd, &t->in);
        free(t);
    }
    if (stopping)
        stop_loop(w);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct se_worker *w = handle->data;

    log_info("signal %d: stopping", number);
    stop_loop(w);
}

/* --- life ------------------------------------------------------------------------------------- */

enum rdv_err se_worker_new(struct se_worker **out, struct se_workers *all)
{
    struct se_worker *w;

    *out = NULL;
    if ((w = calloc(1, sizeof(*w))) == NULL)
        return RDV_ERR_NOMEM;
    w->all = all;
    if (uv_loop_init(&w->loop) != 0) {
        free(w);
        return RDV_ERR_NOMEM;
    }
    if (uv_mutex_init(&w->mutex) != 0) {
        (void)uv_loop_close(&w->loop);
        free(w);
        return RDV_ERR_NOMEM;
    }
    w->turn.data = w->wake.data = w->listener.data = w->company.data = w->tick.data = w;
    RDV_INVARIANT(
            uv_timer_init(&w->loop, &w->company) == 0 && uv_timer_init(&w->loop, &w->tick) == 0 &&
            uv_timer_start(&w->tick, on_tick, TICK_MS, TICK_MS) == 0 &&
            uv_check_init(&w->loop, &w->turn) == 0 && uv_check_start(&w->turn, on_turn) == 0 &&
            uv_async_init(&w->loop, &w->wake, on_wake) == 0);
    rdv_busy_poll_init(&w->poll, &w->loop, all->busy_poll_us);
    *out = w;
    return RDV_OK;
}

enum rdv_err se_worker_listen(struct se_worker *w, int fd, long front_uid)
{
    static const int numbers[] = { SIGTERM, SIGINT };
    int r;

    w->front_uid = front_uid;
    RDV_INVARIANT(uv_pipe_init(&w->loop, &w->listener, 0) == 0);
    w->listening = true;
    if ((r = uv_pipe_open(&w->listener, fd)) != 0 ||
        (r = uv_listen((uv_stream_t *)&w->listener, BACKLOG, on_connection)) != 0) {
        log_error("listen: %s", uv_strerror(r));
        return RDV_ERR_IO;
    }
    for (size_t i = 0; i < 2; i++) {
        w->signals[i].data = w;
        RDV_INVARIANT(uv_signal_init(&w->loop, &w->signals[i]) == 0);
        if (uv_signal_start(&w->signals[i], on_signal, numbers[i]) != 0)
            return RDV_ERR_IO;
    }
    return RDV_OK;
}

void se_worker_run(struct se_worker *w)
{
    (void)uv_run(&w->loop, UV_RUN_DEFAULT);
}

static void thread_main(void *user)
{
    se_worker_run(user);
}

enum rdv_err se_worker_start(struct se_worker *w)
{
    w->has_thread = uv_thread_create(&w->thread, thread_main, w) == 0;
    return w->has_thread ? RDV_OK : RDV_ERR_NOMEM;
}

void se_worker_stop(struct se_worker *w)
{
    if (w == NULL)
        return;
    uv_mutex_lock(&w->mutex);
    w->stopping = true;
    uv_mutex_unlock(&w->mutex);
    (void)uv_async_send(&w->wake);
    if (w->has_thread)
        (void)uv_thread_join(&w->thread);
    w->has_thread = false;
}

void se_worker_free(struct se_worker *w)
{
    struct transfer *t, *next;

    if (w == NULL)
        return;
    while (w->conns != NULL)
        conn_close(w->conns);
    for (t = w->transfers; t != NULL; t = next) {
        next = t->next;
        (void)close(t->fd);
        rdv_buf_free(&t->in);
        free(t);
    }
    uv_close((uv_handle_t *)&w->turn, NULL);
    uv_close((uv_handle_t *)&w->company, NULL);
    uv_close((uv_handle_t *)&w->tick, NULL);
    rdv_busy_poll_close(&w->poll);
    uv_close((uv_handle_t *)&w->wake, NULL);
    if (w->listening) {
        uv_close((uv_handle_t *)&w->listener, NULL);
        for (size_t i = 0; i < 2; i++) {
            if (w->signals[i].loop != NULL)
                uv_close((uv_handle_t *)&w->signals[i], NULL);
        }
    }
    (void)uv_run(&w->loop, UV_RUN_DEFAULT); /* the close callbacks */
    RDV_INVARIANT(uv_loop_close(&w->loop) == 0);
    uv_mutex_destroy(&w->mutex);
    free(w);
}
