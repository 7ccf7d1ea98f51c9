/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Posts from many sessions, and the one subscriber that awaits them all: one thread, none of whose
 * connections ever blocks. Session i posts to record i, as lines to a card or with MQTT to a
 * broker; all with QoS 1. Every post has a number and must arrive, those of a record in order.
 */
#ifndef RDV_TESTS_BENCH_POSTS_H
#define RDV_TESTS_BENCH_POSTS_H

#include "base/err.h"
#include "tests/bench/servers.h"
#include "tests/bench/stopwatch.h"

struct bench_posts;

struct bench_posts_config {
    const struct bench_server *card;   /* ours; NULL: straight to the broker */
    const struct bench_server *broker; /* where the subscriber is */
    size_t n_sessions;                 /* 1 to 256 */
    size_t size;                       /* bytes of a content; at least BENCH_POST_MIN */
};

#define BENCH_POST_MIN 12 /* digits of its number */

/* Connects, and subscribes. Returns: as the runs. */
RDV_MUST_USE enum rdv_err bench_posts_new(struct bench_posts **out,
                                          const struct bench_posts_config *config);
void bench_posts_free(struct bench_posts *p);

struct bench_posts_run {
    double seconds;                  /* from the first post's moment to the last arrival */
    size_t backlog;                  /* posts not there yet when the last one had been made */
    struct bench_times arrived;      /* at the subscriber. Times are the caller's to free */
    struct bench_times acknowledged; /* by the card, or the broker */
};

/*
 * The runs. Both end when all has arrived and is acknowledged.
 *
 *   at       a post every 1/rate seconds, whatever became of those before; times are taken from the
 *            moment at which it was to be made, even if that was late
 *   closed   as many as go with `under_way` that have not arrived
 *
 * Returns: RDV_ERR_IO, _TLS, _CLOSED, RDV_ERR_FORMAT (a wrong answer; something is missing),
 * RDV_ERR_TIMEOUT, RDV_ERR_STATE (interrupted), RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err bench_posts_at(struct bench_posts *p, struct bench_posts_run *out,
                                         double rate, double seconds);
RDV_MUST_USE enum rdv_err bench_posts_closed(struct bench_posts *p, struct bench_posts_run *out,
                                             size_t under_way, double seconds);

#endif
