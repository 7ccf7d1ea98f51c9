/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rdv_server/front.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "base/busy_poll_uv.h"
#include "base/file.h"
#include "base/log.h"
#include "base/out_uv.h"
#include "base/ready.h"
#include "rdv_server/address.h"
#include "rdv_server/limits.h"
#include "rdv_server/links_uv.h"
#include "rdv_server/relay.h"

#define READ_BYTES 65536
#define BACKLOG 1024
#define FILES_PER_SESSION 2
#define OTHER_FILES (64 + RDV_LINKS_WAITING_MAX)
/* How long a client may take to read our last bytes and close, ms: closing at once could destroy
 * them, and the alert among them, while its own are still on the way. */
#define LINGER_MS 2000
/* How long a card may take to end a session in good order, ms. */
#define GOODBYE_MS 1000
#define CARD_RETRY_FIRST_MS 20
#define CARD_RETRY_MOST_MS 500
/* How long a link waits for another session of its card, ms. */
#define LINK_WAIT_MS 10000
#define REFUSALS_LOGGED 5 /* lines a second */
#define LOG_MS 100        /* how long the line of a session may wait for others */

struct session {
    uv_tcp_t client;
    uv_timer_t timer;
    uv_shutdown_t shutdown_card;
    struct front *front;
    struct rdv_relay relay;
    struct rdv_link *link; /* to the card; NULL: not yet, or no more */
    struct rdv_out to_client, to_card;
    struct rdv_buf sent; /* on a link that has waited, until the card answers */
    struct rdv_limits_key key;
    char address[RDV_ADDRESS_TEXT];
    uint64_t id, began, deadline; /* ms */
    uint64_t retry_ms;
    uint64_t give_up_card; /* when to stop trying to reach it, ms */
    unsigned open_handles;
    bool client_ended;   /* it sends no more; what it has sent is still carried out and answered */
    bool saying_goodbye; /* the card was asked to end the session */
    bool lingering;      /* all is sent; waiting for the client to close */
    bool closing;
    struct session *next, **prev;
};

struct front {
    const struct rdv_front_config *config;
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_signal_t signals[2];
    struct rdv_limits *limits;
    struct rdv_links *links;
    struct session *sessions;
    uint64_t next_id;
    uv_timer_t log_timer; /* runs while lines wait */
    struct rdv_busy_poll poll;
    bool demo_said;
    char bound[RDV_ADDRESS_TEXT];
    const char *reached; /* where all clients reach us; NULL: it differs */
    struct rdv_log_limit refusals;
    uint8_t buffer[READ_BYTES]; /* for every read */
};

static void settle(struct session *s);

/* --- the end of a session --------------------------------------------------------------------- */

static void on_log_timer(uv_timer_t *timer)
{
    (void)timer;
    rdv_log_flush();
}

static void log_end(const struct session *s)
{
    const uint64_t ms = uv_now(&s->front->loop) - s->began;

    log_info(
            "session %llu from %s sen=%s: %s; %llu.%03llu s, %lu records and %lu bytes in, %lu out",
            (unsigned long long)s->id, s->address, s->relay.sen[0] == '\0' ? "-" : s->relay.sen,
            s->relay.reason, (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000),
            s->relay.records_in, s->relay.bytes_in, s->relay.bytes_out);
    if (!uv_is_active((uv_handle_t *)&s->front->log_timer))
        (void)uv_timer_start(&s->front->log_timer, on_log_timer, LOG_MS, 0);
}

static void one_closed(void *user)
{
    struct session *s = user;

    if (--s->open_handles > 0)
        return;
    rdv_relay_free(&s->relay);
    rdv_buf_free(&s->to_client.buf);
    rdv_buf_free(&s->to_card.buf);
    rdv_buf_free(&s->sent);
    free(s);
}

static void on_handle_closed(uv_handle_t *handle)
{
    one_closed(handle->data);
}

/* A link whose session has ended in good order serves another one. */
static void leave_card(struct session *s)
{
    struct rdv_link *link = s->link;

    s->link = NULL;
    if (link == NULL)
        return;
    if (rdv_relay_frees_link(&s->relay) && !s->saying_goodbye && !s->to_card.writing) {
        s->open_handles--;
        rdv_link_wait(link);
    } else {
        rdv_link_close(link);
    }
}

/* Frees everything. `reason` counts only if the relay has not named one. */
static void session_close(struct session *s, const char *reason)
{
    if (s->closing)
        return;
    s->closing = true;
    if (s->relay.phase != RDV_RELAY_OVER) {
        s->relay.phase = RDV_RELAY_OVER;
        s->relay.reason = reason;
    }
    log_end(s);
    rdv_limits_leave(s->front->limits, &s->key);
    *s->prev = s->next;
    if (s->next != NULL)
        s->next->prev = s->prev;
    leave_card(s);
    uv_close((uv_handle_t *)&s->client, on_handle_closed);
    uv_close((uv_handle_t *)&s->timer, on_handle_closed);
}

/* --- time ------------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

/* Sets the moment at which on_timer acts; the timer itself is moved only when it must fire sooner,
 * so that a busy session does not touch the heap with every record. */
static void set_deadline(struct session *s, uint64_t in_ms)
{
    const uint64_t now = uv_now(&s->front->loop);

    s->deadline = now + in_ms;
    if (!uv_is_active((uv_handle_t *)&s->timer) || uv_timer_get_due_in(&s->timer) > in_ms)
        (void)uv_timer_start(&s->timer, on_timer, in_ms, 0);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status;
}

/* Asks the card to end the session: it then sends close_notify, which only it can. */
static void say_goodbye(struct session *s)
{
    s->saying_goodbye = true;
    set_deadline(s, GOODBYE_MS);
    (void)uv_read_stop((uv_stream_t *)&s->client);
    if (uv_shutdown(&s->shutdown_card, rdv_link_stream(s->link), on_shutdown) != 0)
        session_close(s, "idle");
}

static void on_timer(uv_timer_t *timer)
{
    struct session *s = timer->data;
    const uint64_t now = uv_now(&s->front->loop);

    if (now < s->deadline) {
        (void)uv_timer_start(timer, on_timer, s->deadline - now, 0);
    } else if (s->lingering || s->saying_goodbye) {
        session_close(s, "idle");
    } else if (s->relay.phase == RDV_RELAY_OVER || s->client_ended) {
        session_close(s, "closed by the client");
    } else if (s->relay.phase == RDV_RELAY_OPEN) {
        say_goodbye(s);
    } else {
        rdv_relay_end(&s->relay, &s->to_client.buf, RDV_ALERT_HANDSHAKE_FAILURE,
                      "handshake took too long");
        settle(s);
    }
}

/* --- reading and writing ---------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct session *s = handle->data;

    (void)size;
    *buf = uv_buf_init((char *)s->front->buffer, READ_BYTES);
}

/* Memory or a limit: the only ways in which the relay itself can fail. */
static bool relay_failed(struct session *s, enum rdv_err err)
{
    if (err == RDV_OK)
        return false;
    log_warn_e(err, "session %llu", (unsigned long long)s->id);
    session_close(s, rdv_err_text(err));
    return true;
}

/* The client's Finished needs no answer, but a client with Nagle on holds its first command until
 * it is acknowledged: without this, for 40 ms. */
static void acknowledge_now(struct session *s)
{
    const int on = 1;
    uv_os_fd_t fd;

    if (uv_fileno((const uv_handle_t *)&s->client, &fd) == 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/* Where the client has reached us. */
static const char *reached_at(const struct session *s, char text[RDV_ADDRESS_TEXT])
{
    struct sockaddr_storage address = { 0 };
    int n = sizeof(address);

    if (s->front->reached != NULL)
        return s->front->reached;
    text[0] = '\0';
    if (uv_tcp_getsockname(&s->client, (struct sockaddr *)&address, &n) == 0)
        rdv_address_text(text, (const struct sockaddr *)&address);
    return text;
}

static enum rdv_err take_from_client(struct session *s, struct rdv_span bytes)
{
    struct rdv_relay_intro intro = { .default_sen = s->front->config->default_sen,
                                     .address = s->address,
                                     .reached = "" };
    char text[RDV_ADDRESS_TEXT];

    if (s->relay.phase == RDV_RELAY_HELLO)
        intro.reached = reached_at(s, text);
    return rdv_relay_from_client(&s->relay, &s->to_card.buf, &s->to_client.buf, bytes, &intro);
}

static void on_client_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct session *s = stream->data;

    if (n == 0)
        return;
    if (n == UV_EOF && !s->lingering && s->relay.n_ahead > 0) {
        s->client_ended = true;
        (void)uv_read_stop(stream);
        settle(s);
        return;
    }
    if (n < 0) {
        session_close(s, n == UV_EOF ? "closed by the client" : "connection lost");
        return;
    }
    if (s->lingering)
        return;
    if (s->relay.phase == RDV_RELAY_HANDSHAKE)
        acknowledge_now(s);
    if (relay_failed(
                s, take_from_client(s, (struct rdv_span){ (const uint8_t *)buf->base, (size_t)n })))
        return;
    if (s->relay.phase == RDV_RELAY_OPEN)
        set_deadline(s, s->front->config->idle_ms);
    settle(s);
}

static void on_client_drained(struct rdv_out *out, int status)
{
    struct session *s = (struct session *)((char *)out - offsetof(struct session, to_client));

    if (s->closing)
        return;
    if (status < 0)
        session_close(s, "connection lost");
    else
        settle(s);
}

static void on_card_drained(struct rdv_out *out, int status)
{
    struct session *s = (struct session *)((char *)out - offsetof(struct session, to_card));

    (void)status; /* see settle */
    if (!s->closing)
        settle(s);
}

/* --- the card --------------------------------------------------------------------------------- */

static void connect_card(struct session *s, bool fresh);

static void on_retry(uv_timer_t *timer)
{
    struct session *s = timer->data;

    if (s->relay.phase == RDV_RELAY_OVER) /* ended meanwhile: only its deadline counts now */
        on_timer(timer);
    else
        connect_card(s, false);
}

/* The card is away, perhaps starting: nothing was sent yet, so trying again is safe. */
static void card_away(struct session *s, int error)
{
    const uint64_t now = uv_now(&s->front->loop);
    const uint64_t wait = s->retry_ms;

    if (now + wait > s->give_up_card) {
        log_error("%s: %s", s->front->config->cards, strerror(error));
        rdv_relay_end(&s->relay, &s->to_client.buf, RDV_ALERT_INTERNAL_ERROR,
                      "the card does not answer");
        settle(s);
        return;
    }
    s->retry_ms = wait * 2 < CARD_RETRY_MOST_MS ? wait * 2 : CARD_RETRY_MOST_MS;
    (void)uv_timer_start(&s->timer, on_retry, wait, 0);
}

static void connect_card(struct session *s, bool fresh)
{
    const uint64_t now = uv_now(&s->front->loop);

    if ((s->link = rdv_links_take(s->front->links, s->relay.sen, fresh, s)) == NULL) {
        card_away(s, errno);
        return;
    }
    s->open_handles++;
    set_deadline(s,
                 s->deadline > now ? s->deadline - now : 0); /* the timer may have been retrying */
    settle(s);
}

/*
 * A link that has waited may have lost its card meanwhile, which shows only now. As long as the
 * card has not said a word nothing can have come of what it was sent: all of it goes out again, on
 * a new link.
 */
static bool try_another_link(struct session *s)
{
    if (s->relay.phase != RDV_RELAY_WELCOME || !rdv_link_has_waited(s->link) ||
        s->to_card.writing || rdv_buf_len(&s->relay.from_card) > 0)
        return false;
    log_debug("session %llu: its link was of a card that has gone: another one",
              (unsigned long long)s->id);
    leave_card(s);
    rdv_buf_free(&s->to_card.buf);
    s->to_card.buf = s->sent;
    s->sent = RDV_BUF(RDV_RELAY_TO_CARD_MAX);
    connect_card(s, true);
    return true;
}

static void on_card_gone(struct session *s)
{
    if (try_another_link(s))
        return;
    if (s->relay.phase != RDV_RELAY_OVER)
        rdv_relay_end(&s->relay, &s->to_client.buf, RDV_ALERT_INTERNAL_ERROR,
                      s->saying_goodbye ? "idle" : "the card has gone");
    leave_card(s);
    settle(s);
}

/* A card that takes no more may have said why: that is still read, up to its end. */
static enum rdv_err send_to_card(struct session *s)
{
    enum rdv_err err;

    if (s->link == NULL || s->to_card.writing)
        return RDV_OK;
    if (s->relay.phase == RDV_RELAY_WELCOME && rdv_link_has_waited(s->link) &&
        (err = rdv_put_bytes(&s->sent, rdv_buf_view(&s->to_card.buf))) != RDV_OK)
        return err;
    if (rdv_buf_len(&s->to_card.buf) > 0)
        rdv_busy_poll_expect(&s->front->poll);
    if (rdv_out_send(&s->to_card, rdv_link_stream(s->link)) != 0)
        rdv_buf_clear(&s->to_card.buf);
    return RDV_OK;
}

static void on_open(struct session *s)
{
    set_deadline(s, s->front->config->idle_ms);
    if (s->relay.demo && !s->front->demo_said) {
        s->front->demo_said = true;
        log_warn("card %s is in DEMO MODE: published keys, not for real use", s->relay.sen);
    }
}

static void on_card_read(void *user, ssize_t n, const uint8_t *bytes)
{
    struct session *s = user;
    const enum rdv_relay_phase before = s->relay.phase;

    rdv_busy_poll_heard(&s->front->poll);
    if (n < 0) {
        on_card_gone(s);
        return;
    }
    if (relay_failed(s, rdv_relay_from_card(&s->relay, &s->to_client.buf,
                                            (struct rdv_span){ bytes, (size_t)n })))
        return;
    if (s->relay.phase != RDV_RELAY_WELCOME)
        rdv_buf_free(&s->sent);
    if (s->saying_goodbye && s->relay.phase == RDV_RELAY_OVER)
        s->relay.reason = "idle";
    if (before != RDV_RELAY_OPEN && s->relay.phase == RDV_RELAY_OPEN)
        on_open(s);
    settle(s);
}

/* --- what to do next -------------------------------------------------------------------------- */

static void read_client(struct session *s, bool wanted)
{
    uv_stream_t *stream = (uv_stream_t *)&s->client;

    if (wanted && !uv_is_active((uv_handle_t *)stream))
        (void)uv_read_start(stream, on_alloc, on_client_read);
    else if (!wanted)
        (void)uv_read_stop(stream);
}

/* The end of the connection follows at once, and leaves in the same segment. What the client does
 * not take now is left to be sent as always. */
static void send_last(struct session *s)
{
    const struct rdv_span last = rdv_buf_view(&s->to_client.buf);
    uv_os_fd_t fd;
    ssize_t n;

    if (last.n == 0 || s->to_client.writing || uv_fileno((const uv_handle_t *)&s->client, &fd) != 0)
        return;
    if ((n = send(fd, last.p, last.n, MSG_MORE | MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
        rdv_buf_consume(&s->to_client.buf, (size_t)n);
}

/* All has been said: our side of the connection is closed, and the client's awaited for a while. */
static void linger(struct session *s)
{
    uv_os_fd_t fd;

    s->lingering = true;
    leave_card(s);
    s->deadline = 0;
    set_deadline(s, LINGER_MS);
    read_client(s, true);
    if (uv_fileno((const uv_handle_t *)&s->client, &fd) != 0 || shutdown(fd, SHUT_WR) != 0)
        session_close(s, "connection lost");
}

/* After anything has happened: sends what can be sent and reads what there is room for. */
static void settle(struct session *s)
{
    if (s->closing || s->lingering)
        return;
    if (s->relay.phase == RDV_RELAY_WELCOME && s->give_up_card == 0) {
        s->give_up_card = uv_now(&s->front->loop) + s->front->config->card_wait_ms;
        connect_card(s, false); /* comes back here */
        return;
    }
    if (s->relay.phase == RDV_RELAY_OVER)
        send_last(s);
    if (rdv_out_send(&s->to_client, (uv_stream_t *)&s->client) != 0) {
        session_close(s, "connection lost");
        return;
    }
    if (s->relay.phase == RDV_RELAY_OVER) {
        if (!s->to_client.writing)
            linger(s);
        return;
    }
    if (!s->to_client.writing && !s->to_card.writing &&
        relay_failed(s, rdv_relay_client_is_empty(&s->relay, &s->to_card.buf)))
        return;
    if (relay_failed(s, send_to_card(s)))
        return;
    if (s->client_ended && s->relay.n_ahead == 0 && s->relay.fetch == 0 && !s->to_client.writing) {
        session_close(s, "closed by the client");
        return;
    }
    if (s->client_ended) /* perhaps it does not wait for its answers either */
        set_deadline(s, LINGER_MS);
    if (s->link != NULL)
        rdv_link_read(s->link, !s->to_client.writing);
    if (!s->saying_goodbye && !s->client_ended)
        read_client(s, rdv_relay_wants_client(&s->relay) && !s->to_card.writing);
}

/* --- arrivals --------------------------------------------------------------------------------- */

static void on_refused_closed(uv_handle_t *handle)
{
    struct session *s = handle->data;

    free(s);
}

/* Over a limit: the client is told in clear, at once, and forgotten. */
static void refuse(struct session *s, enum rdv_err err)
{
    uv_buf_t alert;
    unsigned long unsaid;

    if (rdv_log_may(&s->front->refusals, REFUSALS_LOGGED, uv_now(&s->front->loop), &unsaid))
        log_warn("refused %s: too many sessions %s (%lu more unsaid)", s->address,
                 err == RDV_ERR_FULL ? "in all" : "from this address", unsaid);
    if (rdv_tls_put_alert(&s->to_client.buf, RDV_ALERT_INTERNAL_ERROR) == RDV_OK) {
        alert = uv_buf_init((char *)s->to_client.buf.p, (unsigned)rdv_buf_len(&s->to_client.buf));
        (void)uv_try_write((uv_stream_t *)&s->client, &alert, 1);
    }
    rdv_buf_free(&s->to_client.buf);
    uv_close((uv_handle_t *)&s->client, on_refused_closed);
}

static void session_begin(struct session *s)
{
    struct front *f = s->front;

    RDV_INVARIANT(uv_timer_init(&f->loop, &s->timer) == 0);
    s->timer.data = s;
    s->open_handles = 2;
    s->id = ++f->next_id;
    s->began = uv_now(&f->loop);
    s->retry_ms = CARD_RETRY_FIRST_MS;
    s->next = f->sessions;
    s->prev = &f->sessions;
    if (s->next != NULL)
        s->next->prev = &s->next;
    f->sessions = s;
    set_deadline(s, f->config->handshake_ms);
    settle(s);
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct front *f = stream->data;
    struct sockaddr_storage address = { 0 };
    int address_n = sizeof(address);
    struct session *s;
    enum rdv_err err;

    if (status < 0) {
        log_error("accept: %s", uv_strerror(status));
        return;
    }
    if ((s = calloc(1, sizeof(*s))) == NULL)
        return;
    s->front = f;
    rdv_relay_init(&s->relay);
    s->to_client.buf = RDV_BUF(RDV_RELAY_TO_CLIENT_MAX);
    s->to_client.drained = on_client_drained;
    s->to_card.buf = RDV_BUF(RDV_RELAY_TO_CARD_MAX);
    s->to_card.drained = on_card_drained;
    s->sent = RDV_BUF(RDV_RELAY_TO_CARD_MAX);
    RDV_INVARIANT(uv_tcp_init(&f->loop, &s->client) == 0);
    s->client.data = s;
    if (uv_accept(stream, (uv_stream_t *)&s->client) != 0 ||
        uv_tcp_getpeername(&s->client, (struct sockaddr *)&address, &address_n) != 0) {
        uv_close((uv_handle_t *)&s->client, on_refused_closed);
        return;
    }
    rdv_address_text(s->address, (const struct sockaddr *)&address);
    s->key = rdv_limits_key_of((const struct sockaddr *)&address);
    if ((err = rdv_limits_enter(f->limits, &s->key)) != RDV_OK)
        refuse(s, err);
    else
        session_begin(s);
}

/* --- life ------------------------------------------------------------------------------------- */

static void on_signal(uv_signal_t *handle, int number)
{
    struct front *f = handle->data;

    log_info("signal %d: stopping", number);
    while (f->sessions != NULL)
        session_close(f->sessions, "the front stops");
    uv_stop(&f->loop);
}

/* A client speaks first: the kernel hands a connection over when its hello is there, or a second
 * has passed, and the front wakes once for both. */
static void wait_for_hello(const uv_tcp_t *listener)
{
    const int seconds = 1;
    uv_os_fd_t fd;

    if (uv_fileno((const uv_handle_t *)listener, &fd) == 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
}

static enum rdv_err listen_on(struct front *f)
{
    struct sockaddr_storage address;
    int n = sizeof(address), r;

    if (rdv_address_parse(&address, f->config->listen) != RDV_OK) {
        log_error("listen: \"%s\" is not ADDR:PORT or [ADDR6]:PORT",
                  rdv_quote(rdv_span_of(f->config->listen)).text);
        return RDV_ERR_USAGE;
    }
    if ((r = uv_tcp_bind(&f->listener, (const struct sockaddr *)&address, 0)) != 0 ||
        (r = uv_listen((uv_stream_t *)&f->listener, BACKLOG, on_connection)) != 0 ||
        (r = uv_tcp_getsockname(&f->listener, (struct sockaddr *)&address, &n)) != 0) {
        log_error("%s: %s", f->config->listen, uv_strerror(r));
        return RDV_ERR_IO;
    }
    wait_for_hello(&f->listener);
    (void)uv_tcp_nodelay(&f->listener, 1); /* and so for all who come */
    rdv_address_text(f->bound, (const struct sockaddr *)&address);
    if (f->config->public[0] != '\0')
        f->reached = f->config->public;
    else if (!rdv_address_is_any((const struct sockaddr *)&address))
        f->reached = f->bound;
    return RDV_OK;
}

static enum rdv_err serve(struct front *f)
{
    static const int numbers[] = { SIGTERM, SIGINT };
    enum rdv_err err;

    if ((err = listen_on(f)) != RDV_OK)
        return err;
    for (size_t i = 0; i < 2; i++) {
        if (uv_signal_start(&f->signals[i], on_signal, numbers[i]) != 0)
            return RDV_ERR_IO;
    }
    if ((err = rdv_ready(f->config->ready_file, f->bound)) != RDV_OK)
        return err;
    log_info("listening on %s, cards at %s", f->bound, f->config->cards);
    rdv_log_gather();
    (void)uv_run(&f->loop, UV_RUN_DEFAULT);
    rdv_log_flush();
    return RDV_OK;
}

enum rdv_err rdv_front_run(const struct rdv_front_config *config)
{
    const struct rdv_links_calls link_calls = { on_card_read, one_closed };
    struct front *f = calloc(1, sizeof(*f));
    enum rdv_err err;

    if (f == NULL || uv_loop_init(&f->loop) != 0) {
        free(f);
        return RDV_ERR_NOMEM;
    }
    f->config = config;
    f->listener.data = f->signals[0].data = f->signals[1].data = f;
    RDV_INVARIANT(uv_tcp_init(&f->loop, &f->listener) == 0 &&
                  uv_timer_init(&f->loop, &f->log_timer) == 0 &&
                  uv_signal_init(&f->loop, &f->signals[0]) == 0 &&
                  uv_signal_init(&f->loop, &f->signals[1]) == 0);
    rdv_busy_poll_init(&f->poll, &f->loop, config->busy_poll_us);
    rdv_file_raise_limit(config->max_sessions * FILES_PER_SESSION + OTHER_FILES);
    if ((err = rdv_limits_new(&f->limits, config->max_sessions, config->max_per_address)) ==
                RDV_OK &&
        (err = rdv_links_new(&f->links, &f->loop, config->cards, LINK_WAIT_MS, &link_calls)) ==
                RDV_OK)
        err = serve(f);
    rdv_links_stop(f->links);
    uv_close((uv_handle_t *)&f->listener, NULL);
    uv_close((uv_handle_t *)&f->log_timer, NULL);
    rdv_busy_poll_close(&f->poll);
    uv_close((uv_handle_t *)&f->signals[0], NULL);
    uv_close((uv_handle_t *)&f->signals[1], NULL);
    (void)uv_run(&f->loop, UV_RUN_DEFAULT); /* the close callbacks */
    RDV_INVARIANT(uv_loop_close(&f->loop) == 0);
    rdv_links_free(f->links);
    rdv_limits_free(f->limits);
    free(f);
    return err;
}
