/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv-bench sessions: whole short sessions, against openssl s_server. */
#include <stdio.h>

#include "base/log.h"
#include "base/processor.h"
#include "tests/bench/bench.h"
#include "tests/bench/load.h"
#include "tests/bench/servers.h"

#define ROUNDS_MAX 50
#define N_AT_ONCE 2
#define N_SERVERS 2
#define RATIO_FLOOR 1.0
#define P50_FLOOR_MS 1.5
#define SETTLE_MS 30 /* what a server still does for a session whose client has gone counts */

static const size_t at_once[N_AT_ONCE] = { 1, 16 };

enum { OURS, PEER };

/* What is said in a session: both servers are asked for the same banner, ours by its command, the
 * other by the banner's reverse. */
static enum rdv_err ask_reversed_banner(struct rdv_buf *ask, struct rdv_buf *want, void *user,
                                        size_t session, unsigned long nth)
{
    static const char banner[] = BENCH_BANNER;
    enum rdv_err err = RDV_OK;

    (void)user;
    (void)session;
    (void)nth;
    for (size_t i = sizeof(banner) - 1; i > 0 && err == RDV_OK; i--)
        err = rdv_put_u8(ask, (uint8_t)banner[i - 1]);
    if (err != RDV_OK || (err = rdv_put_text(ask, "\n")) != RDV_OK)
        return err;
    return rdv_put_text(want, BENCH_BANNER "\n");
}

static enum rdv_err measure(struct bench_figures *out, const struct bench_server *srv, bool ours,
                            size_t n_sessions, double seconds)
{
    const struct bench_load_config config = {
        .port = srv->port,
        .tls = srv->tls,
        .n_sessions = n_sessions,
        .ask = ours ? bench_ask_banner : ask_reversed_banner,
        .farewell = ours ? "?02\n" : "CLOSE\n",
    };
    const double cpu_before = bench_server_cpu_s(srv);
    struct bench_load *load = NULL;
    struct bench_run run = { .seconds = 0 };
    enum rdv_err err;

    if ((err = bench_load_new(&load, &config)) == RDV_OK &&
        (err = bench_load_visits(load, &run, seconds)) == RDV_OK) {
        bench_sleep_ms(SETTLE_MS);
        *out = bench_figures_of(&run.times, run.seconds, bench_server_cpu_s(srv) - cpu_before);
    }
    bench_times_free(&run.times);
    bench_load_free(load);
    return err;
}

/* --- the table -------------------------------------------------------------------------------- */

struct rounds {
    struct bench_figures of[N_AT_ONCE][N_SERVERS][ROUNDS_MAX];
};

static double ratio_of(const struct rounds *r, size_t a, unsigned n)
{
    double ratios[ROUNDS_MAX];

    for (unsigned i = 0; i < n; i++)
        ratios[i] = r->of[a][OURS][i].per_cpu_second / r->of[a][PEER][i].per_cpu_second;
    return bench_median(ratios, n);
}

static void print_row(const struct rounds *r, size_t a, size_t server, unsigned n)
{
    const struct bench_figures f = bench_figures_median(r->of[a][server], n);

    printf("%-18s %8zu %11.0f %9.3f %9.3f %8.2f %13.0f",
           server == OURS ? "rdv (front, card)" : "openssl s_server", at_once[a], f.per_second,
           f.p50_ms, f.p99_ms, f.cpu_s, f.per_cpu_second);
    if (server == OURS)
        printf(" %7.2f", ratio_of(r, a, n));
    printf("\n");
}

static void print_table(struct bench_job *job, const struct rounds *r)
{
    const double p50 = bench_figures_median(r->of[0][OURS], job->rounds).p50_ms;

    printf("\nsessions: connect, handshake (PSK, %s, %s), a line, its answer, farewell, close\n"
           "%u rounds of %.1f s each, servers in turn%s; medians\n\n"
           "%-18s %8s %11s %9s %9s %8s %13s %7s\n",
           job->options->suite, job->options->group, job->rounds, job->seconds, bench_how(job),
           "server", "at once", "sessions/s", "p50 ms", "p99 ms", "CPU s", "per CPU s", "ratio");
    for (size_t a = 0; a < N_AT_ONCE; a++) {
        for (size_t s = 0; s < N_SERVERS; s++)
            print_row(r, a, s, job->rounds);
    }
    printf("\n");
    for (size_t a = 0; a < N_AT_ONCE; a++)
        bench_floor(job, ratio_of(r, a, job->rounds) >= RATIO_FLOOR,
                    "%zu at once: sessions per CPU second, %.2f of s_server's; at least %.2f",
                    at_once[a], ratio_of(r, a, job->rounds), RATIO_FLOOR);
    bench_floor(job, p50 < P50_FLOOR_MS, "1 at once: p50 %.3f ms; below %.1f", p50, P50_FLOOR_MS);
}

static enum rdv_err measure_all(struct rounds *r, const struct bench_job *job,
                                const struct bench_server *servers)
{
    enum rdv_err err;

    for (unsigned i = 0; i < job->rounds; i++) {
        for (size_t a = 0; a < N_AT_ONCE; a++) {
            for (size_t s = 0; s < N_SERVERS; s++) {
                bench_progress("round %u of %u: %s, %zu at once", i + 1, job->rounds,
                               servers[s].name, at_once[a]);
                if ((err = measure(&r->of[a][s][i], &servers[s], s == OURS, at_once[a],
                                   job->seconds)) != RDV_OK)
                    return err;
            }
        }
    }
    return RDV_OK;
}

enum rdv_err bench_sessions(struct bench_job *job)
{
    static struct rounds r;
    struct bench_server servers[N_SERVERS] = { { .n = 0 }, { .n = 0 } };
    enum rdv_err err;

    if (job->rounds > ROUNDS_MAX) {
        log_error("--rounds: at most %d", ROUNDS_MAX);
        return RDV_ERR_USAGE;
    }
    if ((err = bench_rdv_start(&servers[OURS], job, 1000)) == RDV_OK &&
        (err = bench_s_server_start(&servers[PEER], job)) == RDV_OK &&
        (err = rdv_processor_leave(job->options->cpu)) == RDV_OK &&
        (err = measure_all(&r, job, servers)) == RDV_OK)
        print_table(job, &r);
    for (size_t s = 0; s < N_SERVERS; s++) {
        if (bench_server_stop(&servers[s]) != RDV_OK)
            err = err == RDV_OK ? RDV_ERR_IO : err;
    }
    return err;
}
