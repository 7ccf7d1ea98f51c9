/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rdv-bench publish: from a post to a subscriber, through front, card, bridge and mosquitto, beside
 * the same posts given to mosquitto by the same client, in the same kind of session.
 */
#include <stdio.h>

#include "base/log.h"
#include "tests/bench/bench.h"
#include "tests/bench/posts.h"

#define ROUNDS_MAX 50
#define UNDER_WAY 1024 /* posts, while the highest rate is looked for */
#define FLOOR_MS 10.0
/* A rate is sustained when what has not arrived at its end is what comes in so many seconds. */
#define BACKLOG_S 0.1
#define TRIES 8
#define FIRST_SHARE 0.95 /* of what goes when the subscriber is waited for */
#define NEXT_SHARE 0.9   /* of a rate that was not sustained */

enum { OURS, STRAIGHT, N_WAYS };
enum { SLOW, QUICK, MOST, N_RATES };

static const char *const names[N_WAYS] = { "rdv", "mosquitto" };
static const double rates[N_RATES] = { 100, 1000, 0 /* is looked for */ };

struct way {
    struct bench_server card; /* and front, and bridge; not for STRAIGHT */
    struct bench_server broker;
    struct bench_posts *posts;
};

struct result {
    struct bench_figures f;
    double acknowledged_p50_ms;
};

struct rounds {
    struct result of[N_RATES][N_WAYS][ROUNDS_MAX];
};

/* --- measuring -------------------------------------------------------------------------------- */

static double cpu_s(const struct way *w)
{
    return bench_server_cpu_s(&w->card) + bench_server_cpu_s(&w->broker);
}

/* Out: how it went, and what had not arrived at the end. */
static enum rdv_err measure_at(struct result *out, size_t *backlog, const struct way *w,
                               double rate, double seconds)
{
    const double before = cpu_s(w);
    struct bench_posts_run run;
    const enum rdv_err err = bench_posts_at(w->posts, &run, rate, seconds);

    out->f = bench_figures_of(&run.arrived, run.seconds, cpu_s(w) - before);
    out->acknowledged_p50_ms = bench_times_percentile(&run.acknowledged, 50);
    *backlog = run.backlog;
    bench_times_free(&run.arrived);
    bench_times_free(&run.acknowledged);
    return err;
}

static enum rdv_err measure_closed(double *per_second, const struct way *w, double seconds)
{
    struct bench_posts_run run;
    const enum rdv_err err = bench_posts_closed(w->posts, &run, UNDER_WAY, seconds);

    *per_second = (double)run.arrived.n / run.seconds;
    bench_times_free(&run.arrived);
    bench_times_free(&run.acknowledged);
    return err;
}

/* The highest rate at which posts may come whether or not those before have arrived. */
static enum rdv_err measure_most(struct result *out, const struct way *w, double seconds)
{
    size_t backlog = 0;
    double rate;
    enum rdv_err err;

    if ((err = measure_closed(&rate, w, seconds)) != RDV_OK)
        return err;
    rate *= FIRST_SHARE;
    for (unsigned i = 0; i < TRIES; i++, rate *= NEXT_SHARE) {
        if ((err = measure_at(out, &backlog, w, rate, seconds)) != RDV_OK ||
            (double)backlog <= rate * BACKLOG_S)
            return err;
    }
    log_warn("at %.0f posts per second %zu wait in the end: no rate was sustained", rate, backlog);
    return RDV_OK;
}

static enum rdv_err measure_round(struct rounds *r, const struct bench_job *job, unsigned round,
                                  const struct way *ways)
{
    enum rdv_err err = RDV_OK;
    size_t backlog;

    for (int rate = 0; rate < N_RATES; rate++) {
        for (int way = 0; way < N_WAYS && err == RDV_OK; way++) {
            struct result *out = &r->of[rate][way][round];

            bench_progress("round %u of %u: %s, %.0f per second", round + 1, job->rounds,
                           names[way], rates[rate]);
            err = rate == MOST ? measure_most(out, &ways[way], job->seconds)
                               : measure_at(out, &backlog, &ways[way], rates[rate], job->seconds);
        }
    }
    return err;
}

/* --- the table -------------------------------------------------------------------------------- */

static struct result median_of(const struct result *rounds, unsigned n)
{
    struct bench_figures figures[ROUNDS_MAX];
    double acknowledged[ROUNDS_MAX];

    for (unsigned i = 0; i < n; i++) {
        figures[i] = rounds[i].f;
        acknowledged[i] = rounds[i].acknowledged_p50_ms;
    }
    return (struct result){ bench_figures_median(figures, n), bench_median(acknowledged, n) };
}

static void print_table(const struct bench_job *job, const struct rounds *r)
{
    printf("\npublish: from a post to an MQTT subscriber; %ld bytes, %ld sessions and as many "
           "records (topics)\n"
           "rdv: Z, on disk and signed; front, card, bridge, mosquitto. mosquitto: PUBLISH, kept "
           "in "
           "memory, not signed\n"
           "%u rounds of %.1f s each, servers in turn; medians. QoS 1, retained; TLS 1.3, PSK, %s, "
           "%s\n\n"
           "%-12s %9s %9s %9s %9s %9s %8s %10s\n",
           job->options->size, job->options->publishers, job->rounds, job->seconds,
           job->options->suite, job->options->group, "server", "wanted", "per s", "p50 ms",
           "p99 ms", "ack p50", "CPU s", "per CPU s");
    for (int rate = 0; rate < N_RATES; rate++) {
        for (int way = 0; way < N_WAYS; way++) {
            const struct result m = median_of(r->of[rate][way], job->rounds);
            char wanted[24] = "most";

            if (rate != MOST)
                (void)snprintf(wanted, sizeof(wanted), "%.0f", rates[rate]);
            printf("%-12s %9s %9.0f %9.3f %9.3f %9.3f %8.2f %10.0f\n", names[way], wanted,
                   m.f.per_second, m.f.p50_ms, m.f.p99_ms, m.acknowledged_p50_ms, m.f.cpu_s,
                   m.f.per_cpu_second);
        }
    }
    printf("\n");
}

/* --- running ---------------------------------------------------------------------------------- */

static enum rdv_err start_way(struct way *w, const struct bench_job *job, bool ours)
{
    const struct bench_posts_config config = {
        .card = ours ? &w->card : NULL,
        .broker = &w->broker,
        .n_sessions = (size_t)job->options->publishers,
        .size = (size_t)job->options->size,
    };
    struct bench_posts_run run;
    enum rdv_err err;

    if ((err = bench_broker_start(&w->broker, job, ours ? "broker" : "mosquitto")) != RDV_OK ||
        (ours && ((err = bench_rdv_start(&w->card, job, 1000)) != RDV_OK ||
                  (err = bench_bridge_start(&w->card, &w->broker)) != RDV_OK)) ||
        (err = bench_posts_new(&w->posts, &config)) != RDV_OK)
        return err;
    err = bench_posts_closed(w->posts, &run, config.n_sessions, 0); /* each once: all is warm */
    bench_times_free(&run.arrived);
    bench_times_free(&run.acknowledged);
    return err;
}

static enum rdv_err stop_way(struct way *w)
{
    enum rdv_err err;

    bench_posts_free(w->posts);
    err = bench_server_stop(&w->card);
    return bench_server_stop(&w->broker) == RDV_OK ? err : RDV_ERR_IO;
}

enum rdv_err bench_publish(struct bench_job *job)
{
    static struct rounds r;
    struct way ways[N_WAYS] = { { .posts = NULL }, { .posts = NULL } };
    enum rdv_err err = RDV_OK;

    if (job->rounds > ROUNDS_MAX || job->options->size < BENCH_POST_MIN) {
        log_error("--rounds: at most %d; --size: at least %d", ROUNDS_MAX, BENCH_POST_MIN);
        return RDV_ERR_USAGE;
    }
    for (int way = 0; way < N_WAYS && err == RDV_OK; way++)
        err = start_way(&ways[way], job, way == OURS);
    for (unsigned i = 0; i < job->rounds && err == RDV_OK; i++)
        err = measure_round(&r, job, i, ways);
    if (err == RDV_OK) {
        const double p50_ms = median_of(r.of[SLOW][OURS], job->rounds).f.p50_ms;

        print_table(job, &r);
        bench_floor(job, p50_ms < FLOOR_MS,
                    "100 per second: p50 from post to subscriber %.3f ms; below %.0f", p50_ms,
                    FLOOR_MS);
    }
    for (int way = 0; way < N_WAYS; way++) {
        if (stop_way(&ways[way]) != RDV_OK)
            err = err == RDV_OK ? RDV_ERR_IO : err;
    }
    return err;
}
