/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/posts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/log.h"
#include "schema/wire/envelope.h"
#include "tests/bench/mqtt.h"
#include "tests/bench/talk.h"

#define SESSIONS_MAX 256
#define SIZE_MOST 4096
#define EVENTS 64
#define SILENCE_MS 20000
#define FILTER "rdv/" BENCH_SEN "/record/+"
#define PACKET_IDS 65535

struct session {
    struct bench_talk *talk;
    uint64_t n_posted, n_acknowledged;
    uint64_t n_arrived; /* of its record */
    bool waits;         /* something was put to be written */
};

struct bench_posts {
    struct bench_posts_config config;
    struct bench_talk *subscriber;
    struct session sessions[SESSIONS_MAX];
    int epoll, timer;
    uint64_t posted, arrived, acknowledged; /* of all runs */
    char content[SIZE_MOST + 1];
    /* The run under way. */
    struct bench_posts_run *run;
    uint64_t first;    /* number of its first post */
    uint64_t began_ns; /* moment of that */
    uint64_t *due_ns;  /* of each since then */
    size_t due_cap;
};

/* --- packets ---------------------------------------------------------------------------------- */

struct greeting {
    const char *text; /* client id, or filter */
    bool subscribes;
};

static enum rdv_err say_greeting(void *user, struct rdv_buf *out)
{
    const struct greeting *g = user;

    return g->subscribes ? bench_mqtt_put_subscribe(out, 1, g->text)
                         : bench_mqtt_put_connect(out, g->text);
}

/* A subscription that is granted has its QoS for a reason. */
static enum rdv_err hear_greeting(void *user, struct rdv_buf *in, bool *whole)
{
    const struct greeting *g = user;
    const enum bench_mqtt_type want = g->subscribes ? BENCH_MQTT_SUBACK : BENCH_MQTT_CONNACK;
    struct bench_mqtt_packet packet;
    enum rdv_err err = bench_mqtt_get(&packet, rdv_buf_view(in), whole);

    if (err != RDV_OK || !*whole)
        return err;
    if (packet.type != want || packet.reason != (g->subscribes ? 1 : 0))
        return RDV_ERR_FORMAT;
    rdv_buf_consume(in, packet.n);
    return RDV_OK;
}

static enum rdv_err greet(struct bench_talk *t, const char *text, bool subscribes)
{
    struct greeting greeting = { text, subscribes };
    unsigned long answers;
    double took;

    return bench_talk_run(t, say_greeting, hear_greeting, &greeting, 1, 0, &answers, &took);
}

/* --- connecting ------------------------------------------------------------------------------- */

static enum rdv_err watch(const struct bench_posts *p, int fd, uint32_t what, size_t who)
{
    struct epoll_event event = { .events = what, .data.u64 = who };

    if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
        return RDV_OK;
    log_error("epoll: %s", strerror(errno));
    return RDV_ERR_IO;
}

static enum rdv_err connect_all(struct bench_posts *p)
{
    const struct bench_posts_config *c = &p->config;
    char name[32];
    enum rdv_err err;

    if ((err = bench_talk_new(&p->subscriber, c->broker, NULL)) != RDV_OK ||
        (err = greet(p->subscriber, "subscriber", false)) != RDV_OK ||
        (err = greet(p->subscriber, FILTER, true)) != RDV_OK)
        return err;
    for (size_t i = 0; i < c->n_sessions && err == RDV_OK; i++) {
        struct bench_talk **t = &p->sessions[i].talk;

        (void)snprintf(name, sizeof(name), "publisher%zu", i);
        if ((err = bench_talk_new(t, c->card == NULL ? c->broker : c->card, NULL)) == RDV_OK &&
            c->card == NULL)
            err = greet(*t, name, false);
    }
    return err;
}

/* What is ready is moved until it is not: edges are enough. */
static enum rdv_err watch_all(struct bench_posts *p)
{
    const uint32_t edges = EPOLLIN | EPOLLOUT | EPOLLET;
    enum rdv_err err = watch(p, bench_talk_fd(p->subscriber), edges, SESSIONS_MAX);

    for (size_t i = 0; i < p->config.n_sessions && err == RDV_OK; i++)
        err = watch(p, bench_talk_fd(p->sessions[i].talk), edges, i);
    return err == RDV_OK ? watch(p, p->timer, EPOLLIN | EPOLLET, SESSIONS_MAX + 1) : err;
}

enum rdv_err bench_posts_new(struct bench_posts **out, const struct bench_posts_config *config)
{
    struct bench_posts *p = calloc(1, sizeof(*p));
    enum rdv_err err = RDV_ERR_IO;

    *out = NULL;
    if (p == NULL)
        return RDV_ERR_NOMEM;
    RDV_INVARIANT(config->n_sessions > 0 && config->n_sessions <= SESSIONS_MAX &&
                  config->size >= BENCH_POST_MIN && config->size <= SIZE_MOST);
    p->config = *config;
    memset(p->content, 'x', config->size);
    p->timer = -1;
    if ((p->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0 ||
        (p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) < 0) {
        log_error("epoll, timerfd: %s", strerror(errno));
        goto out;
    }
    if ((err = connect_all(p)) != RDV_OK || (err = watch_all(p)) != RDV_OK)
        goto out;
    *out = p;
    p = NULL;
out:
    bench_posts_free(p);
    return err;
}

void bench_posts_free(struct bench_posts *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->config.n_sessions; i++)
        bench_talk_free(p->sessions[i].talk);
    bench_talk_free(p->subscriber);
    if (p->epoll >= 0)
        (void)close(p->epoll);
    if (p->timer >= 0)
        (void)close(p->timer);
    free(p->due_ns);
    free(p);
}

/* --- posting ---------------------------------------------------------------------------------- */

static enum rdv_err put_post(struct bench_posts *p, size_t who)
{
    struct rdv_buf *out = bench_talk_out(p->sessions[who].talk);
    char head[40];
    enum rdv_err err;

    if (p->config.card == NULL) {
        (void)snprintf(head, sizeof(head), "rdv/" BENCH_SEN "/record/%02zX", who);
        return bench_mqtt_put_publish(
                out, (uint16_t)(p->sessions[who].n_posted % PACKET_IDS + 1), head,
                (struct rdv_span){ (const uint8_t *)p->content, p->config.size });
    }
    (void)snprintf(head, sizeof(head), "Z%02zX", who);
    if ((err = rdv_put_text(out, head)) != RDV_OK ||
        (err = rdv_put_text(out, p->content)) != RDV_OK)
        return err;
    return rdv_put_text(out, "\r\n");
}

/* The next post, whose moment is `due`; it is written by write_all. */
static enum rdv_err post(struct bench_posts *p, uint64_t due)
{
    const size_t who = (size_t)(p->posted % p->config.n_sessions);
    const size_t i = (size_t)(p->posted - p->first);
    char number[BENCH_POST_MIN + 1];
    enum rdv_err err;

    if (i == p->due_cap) {
        const size_t cap = i == 0 ? 4096 : 2 * i;
        uint64_t *more = reallocarray(p->due_ns, cap, sizeof(*more));

        if (more == NULL)
            return RDV_ERR_NOMEM;
        p->due_ns = more;
        p->due_cap = cap;
    }
    p->due_ns[i] = due;
    (void)snprintf(number, sizeof(number), "%0*" PRIu64, BENCH_POST_MIN, p->posted);
    memcpy(p->content, number, BENCH_POST_MIN);
    if ((err = put_post(p, who)) != RDV_OK)
        return err;
    p->sessions[who].n_posted++;
    p->sessions[who].waits = true;
    p->posted++;
    return RDV_OK;
}

/* --- what comes ------------------------------------------------------------------------------- */

static enum rdv_err add_time(const struct bench_posts *p, struct bench_times *to, uint64_t number)
{
    return bench_times_add(to, bench_now_ns() - p->due_ns[number - p->first]);
}

/* Takes one answer to a post. */
static enum rdv_err take_answer(struct bench_posts *p, const struct session *s, struct rdv_buf *in,
                                bool *whole)
{
    const struct rdv_span got = rdv_buf_view(in);
    struct bench_mqtt_packet packet;
    enum rdv_err err;

    if (p->config.card != NULL) {
        *whole = got.n >= 4;
        if (*whole && memcmp(got.p, "OK\r\n", 4) != 0)
            return RDV_ERR_FORMAT;
        rdv_buf_consume(in, *whole ? 4 : 0);
        return RDV_OK;
    }
    if ((err = bench_mqtt_get(&packet, got, whole)) != RDV_OK || !*whole)
        return err;
    if (packet.type != BENCH_MQTT_PUBACK || packet.reason != 0 ||
        packet.id != s->n_acknowledged % PACKET_IDS + 1)
        return RDV_ERR_FORMAT;
    rdv_buf_consume(in, packet.n);
    return RDV_OK;
}

static enum rdv_err take_answers(struct bench_posts *p, size_t who)
{
    struct session *s = &p->sessions[who];
    struct rdv_buf *in = bench_talk_in(s->talk);
    bool whole = true;
    enum rdv_err err;

    if ((err = bench_talk_move(s->talk)) != RDV_OK)
        return err;
    while (rdv_buf_len(in) > 0 && whole) {
        if ((err = take_answer(p, s, in, &whole)) != RDV_OK || s->n_acknowledged == s->n_posted) {
            log_error("session %zu: a wrong answer: \"%.100s\"", who,
                      rdv_quote(rdv_buf_view(in)).text);
            return RDV_ERR_FORMAT;
        }
        if (!whole)
            break;
        if ((err = add_time(p, &p->run->acknowledged,
                            s->n_acknowledged * p->config.n_sessions + who)) != RDV_OK)
            return err;
        s->n_acknowledged++;
        p->acknowledged++;
    }
    return RDV_OK;
}

static enum rdv_err write_all(struct bench_posts *p)
{
    enum rdv_err err = RDV_OK;

    for (size_t i = 0; i < p->config.n_sessions && err == RDV_OK; i++) {
        if (p->sessions[i].waits)
            err = take_answers(p, i); /* which moves both ways */
        p->sessions[i].waits = false;
    }
    return err;
}

/* The number in a message; false if it is none of ours. */
static bool number_of(const struct bench_posts *p, struct rdv_span payload, uint64_t *out)
{
    struct rdv_envelope envelope;
    struct rdv_cose parts;

    if (p->config.card != NULL) {
        if (rdv_envelope_get(&envelope, &parts, payload) != RDV_OK ||
            envelope.topic.kind != RDV_TOPIC_RECORD)
            return false;
        payload = envelope.entry.content;
    }
    if (payload.n != p->config.size)
        return false;
    *out = 0;
    for (size_t i = 0; i < BENCH_POST_MIN; i++) {
        if (payload.p[i] < '0' || payload.p[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(payload.p[i] - '0');
    }
    return *out < p->posted;
}

/* A message may come twice, for that is QoS 1. */
static enum rdv_err arrive(struct bench_posts *p, struct rdv_span payload)
{
    uint64_t number;
    struct session *s;

    if (!number_of(p, payload, &number)) {
        log_error("a message that nobody has posted, of %zu bytes", payload.n);
        return RDV_ERR_FORMAT;
    }
    s = &p->sessions[number % p->config.n_sessions];
    if (number / p->config.n_sessions < s->n_arrived)
        return RDV_OK;
    if (number / p->config.n_sessions > s->n_arrived) {
        log_error("post %" PRIu64 " has come before the one before it", number);
        return RDV_ERR_FORMAT;
    }
    s->n_arrived++;
    p->arrived++;
    return add_time(p, &p->run->arrived, number);
}

static enum rdv_err take_messages(struct bench_posts *p)
{
    struct rdv_buf *in = bench_talk_in(p->subscriber);
    struct bench_mqtt_packet packet;
    bool whole = true;
    enum rdv_err err;

    if ((err = bench_talk_move(p->subscriber)) != RDV_OK)
        return err;
    while (rdv_buf_len(in) > 0 && whole) {
        if ((err = bench_mqtt_get(&packet, rdv_buf_view(in), &whole)) != RDV_OK)
            return err;
        if (!whole)
            break;
        if (packet.type != BENCH_MQTT_PUBLISH)
            return RDV_ERR_FORMAT;
        if ((err = arrive(p, packet.payload)) != RDV_OK ||
            (err = bench_mqtt_put_puback(bench_talk_out(p->subscriber), packet.id)) != RDV_OK)
            return err;
        rdv_buf_consume(in, packet.n);
    }
    return bench_talk_move(p->subscriber);
}

/* --- runs ------------------------------------------------------------------------------------- */

static bool all_is_there(const struct bench_posts *p)
{
    return p->arrived == p->posted && p->acknowledged == p->posted;
}

static enum rdv_err await(struct bench_posts *p)
{
    struct epoll_event events[EVENTS];
    const int n = epoll_wait(p->epoll, events, EVENTS, SILENCE_MS);
    enum rdv_err err = RDV_OK;

    if (bench_interrupted())
        return RDV_ERR_STATE;
    if (n == 0) {
        log_error("nothing for %d ms: of %" PRIu64 " posts, %" PRIu64 " acknowledged, %" PRIu64
                  " arrived",
                  SILENCE_MS, p->posted, p->acknowledged, p->arrived);
        return RDV_ERR_TIMEOUT;
    }
    for (int i = 0; i < n && err == RDV_OK; i++) {
        if (events[i].data.u64 < SESSIONS_MAX)
            err = take_answers(p, events[i].data.u64);
        else if (events[i].data.u64 == SESSIONS_MAX)
            err = take_messages(p);
    }
    return err;
}

static void begin(struct bench_posts *p, struct bench_posts_run *out)
{
    *out = (struct bench_posts_run){ .seconds = 0 };
    p->run = out;
    p->first = p->posted;
    p->began_ns = bench_now_ns();
}

/* All was posted: waits until it is there. */
static enum rdv_err finish(struct bench_posts *p)
{
    enum rdv_err err = RDV_OK;

    p->run->backlog = (size_t)(p->posted - p->arrived);
    while (err == RDV_OK && !all_is_there(p))
        err = await(p);
    p->run->seconds = (double)(bench_now_ns() - p->began_ns) / 1e9;
    p->run = NULL;
    return err;
}

static enum rdv_err wake_at(const struct bench_posts *p, uint64_t due)
{
    const struct itimerspec when = { .it_value = { (time_t)(due / 1000000000),
                                                   (long)(due % 1000000000) } };

    return timerfd_settime(p->timer, TFD_TIMER_ABSTIME, &when, NULL) == 0 ? RDV_OK : RDV_ERR_IO;
}

enum rdv_err bench_posts_at(struct bench_posts *p, struct bench_posts_run *out, double rate,
                            double seconds)
{
    const uint64_t most = (uint64_t)(rate * seconds) + 1;
    enum rdv_err err = RDV_OK;
    uint64_t due;

    begin(p, out);
    due = p->began_ns;
    while (err == RDV_OK && p->posted - p->first < most) {
        const uint64_t now = bench_now_ns();

        while (err == RDV_OK && due <= now && p->posted - p->first < most) {
            err = post(p, due);
            due = p->began_ns + (uint64_t)((double)(p->posted - p->first) * 1e9 / rate);
        }
        if (err == RDV_OK && (err = write_all(p)) == RDV_OK && p->posted - p->first < most &&
            (err = wake_at(p, due)) == RDV_OK)
            err = await(p);
    }
    return err == RDV_OK ? finish(p) : err;
}

enum rdv_err bench_posts_closed(struct bench_posts *p, struct bench_posts_run *out,
                                size_t under_way, double seconds)
{
    enum rdv_err err = RDV_OK;
    uint64_t end, now;

    begin(p, out);
    end = p->began_ns + (uint64_t)(seconds * 1e9);
    for (now = p->began_ns; err == RDV_OK && now <= end; now = bench_now_ns()) {
        while (err == RDV_OK && p->posted - p->arrived < under_way)
            err = post(p, now);
        if (err == RDV_OK && (err = write_all(p)) == RDV_OK)
            err = await(p);
    }
    return err == RDV_OK ? finish(p) : err;
}
