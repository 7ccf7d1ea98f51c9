/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rdv-bench writes, rdv-bench reads: commands over sessions that stay open, beside redis. Writes
 * also beside the same mailbox without its signed log: what they cost, and what the log does.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/processor.h"
#include "tests/bench/bench.h"
#include "tests/bench/load.h"
#include "tests/bench/servers.h"
#include "tests/bench/workdir.h"

#define ROUNDS_MAX 50
#define N_AT_ONCE 4
#define N_SERVERS 3
#define SESSIONS_MAX 128 /* at most 256: each has a record of its own */
#define VALUE_MAX 4096

#define GAIN_FLOOR 3.0   /* 32 sessions, of 1 session */
#define REDIS_FLOOR 0.4  /* of redis, at 32 sessions */
#define SIGNED_FLOOR 0.5 /* of the mailbox without the log, at 32 sessions */
#define SYNC_FLOOR 0.5   /* that one with 1 session, of one fdatasync each */

static const size_t at_once[N_AT_ONCE] = { 1, 8, 32, 128 };

enum { ONE = 0, THIRTY_TWO = 2 }; /* places in at_once */
enum { OURS, REDIS, UNSIGNED };   /* the last only for writes */

/* --- what is asked ---------------------------------------------------------------------------- */

struct talk {
    bool redis;
    size_t size;                      /* of values */
    unsigned long last[SESSIONS_MAX]; /* which value a session's record holds, by its count */
};

/* The nth value of a session: all differ, and none holds a line end. */
static struct rdv_span value_of(char *out, const struct talk *t, size_t session, unsigned long nth)
{
    char head[40];
    const int n = snprintf(head, sizeof(head), "%zu.%lu.", session, nth);

    memset(out, 'a' + (int)(nth % 26), t->size);
    memcpy(out, head, (size_t)n < t->size ? (size_t)n : t->size);
    return (struct rdv_span){ (const uint8_t *)out, t->size };
}

static enum rdv_err put_format(struct rdv_buf *b, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static enum rdv_err put_format(struct rdv_buf *b, const char *format, ...)
{
    char text[64];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return rdv_put_text(b, text);
}

static enum rdv_err ask_write(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                              unsigned long nth)
{
    struct talk *t = user;
    char text[VALUE_MAX];
    const struct rdv_span value = value_of(text, t, session, nth);
    enum rdv_err err;

    t->last[session] = nth;
    if (t->redis) {
        if ((err = put_format(ask, "*3\r\n$3\r\nSET\r\n$3\r\nk%02zX\r\n", session)) != RDV_OK ||
            (err = put_format(ask, "$%zu\r\n", value.n)) != RDV_OK)
            return err;
    } else if ((err = put_format(ask, "Z%02zX", session)) != RDV_OK) {
        return err;
    }
    if ((err = rdv_put_bytes(ask, value)) != RDV_OK || (err = rdv_put_text(ask, "\r\n")) != RDV_OK)
        return err;
    return rdv_put_text(want, t->redis ? "+OK\r\n" : "OK\r\n");
}

static enum rdv_err ask_read(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                             unsigned long nth)
{
    const struct talk *t = user;
    char text[VALUE_MAX];
    const struct rdv_span value = value_of(text, t, session, t->last[session]);
    enum rdv_err err;

    (void)nth;
    if (t->redis)
        err = put_format(ask, "*2\r\n$3\r\nGET\r\n$3\r\nk%02zX\r\n", session);
    else
        err = put_format(ask, "I%02zX\r\n", session);
    if (err != RDV_OK || (t->redis && (err = put_format(want, "$%zu\r\n", value.n)) != RDV_OK) ||
        (err = rdv_put_bytes(want, value)) != RDV_OK)
        return err;
    return rdv_put_text(want, "\r\n");
}

/* --- one measurement -------------------------------------------------------------------------- */

/* One question of every session, not measured. */
static enum rdv_err once_each(struct bench_load *load, bench_ask next)
{
    struct bench_run run;
    enum rdv_err err;

    bench_load_set_ask(load, next);
    err = bench_load_sample(load, &run, 1);
    bench_times_free(&run.times);
    return err;
}

static enum rdv_err measure_on(struct bench_load *load, struct bench_figures *out,
                               const struct bench_server *srv, bench_ask what, double seconds)
{
    struct bench_run run = { .seconds = 0 };
    double cpu_before;
    enum rdv_err err;

    err = bench_load_open(load, &run);
    bench_times_free(&run.times);
    if (err != RDV_OK || (err = once_each(load, ask_write)) != RDV_OK)
        return err;
    bench_load_set_ask(load, what);
    cpu_before = bench_server_cpu_s(srv);
    if ((err = bench_load_commands(load, &run, seconds)) == RDV_OK)
        *out = bench_figures_of(&run.times, run.seconds, bench_server_cpu_s(srv) - cpu_before);
    bench_times_free(&run.times);
    /* What was acknowledged must be there. */
    return err != RDV_OK ? err : once_each(load, ask_read);
}

static enum rdv_err measure(struct bench_figures *out, const struct bench_job *job,
                            const struct bench_server *srv, bool redis, bench_ask what,
                            size_t n_sessions)
{
    struct talk talk = { .redis = redis, .size = (size_t)job->options->size };
    const struct bench_load_config config = {
        .port = srv->port,
        .tls = srv->tls,
        .n_sessions = n_sessions,
        .ask = what,
        .user = &talk,
    };
    struct bench_load *load = NULL;
    enum rdv_err err;

    if ((err = bench_load_new(&load, &config)) == RDV_OK)
        err = measure_on(load, out, srv, what, job->seconds);
    bench_load_free(load);
    return err;
}

static enum rdv_err measure_syncs(struct bench_figures *out, const struct bench_job *job)
{
    struct bench_times times = { .n = 0 };
    const uint64_t began = bench_now_ns();
    enum rdv_err err;

    if ((err = bench_workdir_syncs(&times, job->dir, job->seconds)) == RDV_OK)
        *out = bench_figures_of(&times, (double)(bench_now_ns() - began) / 1e9, 0);
    bench_times_free(&times);
    return err;
}

/* --- rounds ----------------------------------------------------------------------------------- */

struct rounds {
    struct bench_figures of[N_AT_ONCE][N_SERVERS][ROUNDS_MAX];
    struct bench_figures syncs[ROUNDS_MAX];
};

static enum rdv_err measure_all(struct rounds *r, const struct bench_job *job,
                                const struct bench_server *servers, size_t n, bench_ask what)
{
    enum rdv_err err;

    for (unsigned i = 0; i < job->rounds; i++) {
        bench_progress("round %u of %u: fdatasync", i + 1, job->rounds);
        if (what == ask_write && (err = measure_syncs(&r->syncs[i], job)) != RDV_OK)
            return err;
        for (size_t a = 0; a < N_AT_ONCE; a++) {
            for (size_t s = 0; s < n; s++) {
                bench_progress("round %u of %u: %s, %zu sessions", i + 1, job->rounds,
                               servers[s].name, at_once[a]);
                if ((err = measure(&r->of[a][s][i], job, &servers[s], s == REDIS, what,
                                   at_once[a])) != RDV_OK)
                    return err;
            }
        }
    }
    return RDV_OK;
}

/* --- the table -------------------------------------------------------------------------------- */

/* The median over rounds of a's rate, of b's in the same round. */
static double ratio_of(const struct bench_figures *a, const struct bench_figures *b, unsigned n)
{
    double ratios[ROUNDS_MAX];

    for (unsigned i = 0; i < n; i++)
        ratios[i] = b[i].per_second > 0 ? a[i].per_second / b[i].per_second : 0;
    return bench_median(ratios, n);
}

static void print_row(const char *name, size_t n_sessions, const struct bench_figures *rounds,
                      unsigned n)
{
    const struct bench_figures f = bench_figures_median(rounds, n);

    printf("%-18s %8zu %9.0f %9.3f %9.3f", name, n_sessions, f.per_second, f.p50_ms, f.p99_ms);
    if (f.cpu_s > 0)
        printf(" %8.2f %10.0f", f.cpu_s, f.per_cpu_second);
}

static void print_table(const struct bench_job *job, const struct rounds *r, bool writing)
{
    printf("\n%s: values of %ld bytes, one question of each session under way\n"
           "%u rounds of %.1f s each, servers in turn%s; medians. TLS 1.3, %s, %s\n\n"
           "%-18s %8s %9s %9s %9s %8s %10s %9s%s\n",
           writing ? "writes, acknowledged when on disk (Z; redis: SET, appendfsync always)"
                   : "reads (I; redis: GET)",
           job->options->size, job->rounds, job->seconds, bench_how(job), job->options->suite,
           job->options->group, "server", "sessions", "per s", "p50 ms", "p99 ms", "CPU s",
           "per CPU s", "of redis", writing ? " of unsigned" : "");
    for (size_t a = 0; a < N_AT_ONCE; a++) {
        const struct bench_figures(*of)[ROUNDS_MAX] = r->of[a];

        print_row("rdv (front, card)", at_once[a], of[OURS], job->rounds);
        printf(" %9.2f", ratio_of(of[OURS], of[REDIS], job->rounds));
        if (writing) {
            printf(" %11.2f\n", ratio_of(of[OURS], of[UNSIGNED], job->rounds));
            print_row("rdv, no signed log", at_once[a], of[UNSIGNED], job->rounds);
            printf(" %9.2f", ratio_of(of[UNSIGNED], of[REDIS], job->rounds));
        }
        printf("\n");
        print_row("redis-server", at_once[a], of[REDIS], job->rounds);
        printf("\n");
    }
    if (writing) {
        print_row("fdatasync, 4 KiB", 1, r->syncs, job->rounds);
        printf("   one file overwritten in place, without any server\n");
    }
    printf("\n");
}

static void check_floors(struct bench_job *job, const struct rounds *r)
{
    const struct bench_figures *const many = r->of[THIRTY_TWO][OURS], *const one = r->of[ONE][OURS];
    const double gain = ratio_of(many, one, job->rounds);
    const double redis = ratio_of(many, r->of[THIRTY_TWO][REDIS], job->rounds);
    const double log = ratio_of(many, r->of[THIRTY_TWO][UNSIGNED], job->rounds);
    const double sync = ratio_of(r->of[ONE][UNSIGNED], r->syncs, job->rounds);

    bench_floor(job, gain >= GAIN_FLOOR, "32 sessions: %.2f times 1 session; at least %.1f", gain,
                GAIN_FLOOR);
    bench_floor(job, redis >= REDIS_FLOOR, "32 sessions: %.2f of redis; at least %.1f", redis,
                REDIS_FLOOR);
    bench_floor(job, log >= SIGNED_FLOOR,
                "32 sessions: %.2f of the rate without the signed log; at least %.1f", log,
                SIGNED_FLOOR);
    bench_floor(job, sync >= SYNC_FLOOR,
                "1 session, without the signed log: %.2f of one fdatasync each; at least %.1f",
                sync, SYNC_FLOOR);
}

static enum rdv_err run(struct bench_job *job, bench_ask what)
{
    static struct rounds r;
    struct bench_server servers[N_SERVERS] = { { .n = 0 } };
    const bool writing = what == ask_write;
    enum rdv_err err;

    if (job->rounds > ROUNDS_MAX) {
        log_error("--rounds: at most %d", ROUNDS_MAX);
        return RDV_ERR_USAGE;
    }
    if ((err = bench_rdv_start(&servers[OURS], job, 1000)) == RDV_OK &&
        (err = bench_redis_start(&servers[REDIS], job)) == RDV_OK &&
        (!writing || (err = bench_unsigned_start(&servers[UNSIGNED], job, 1000)) == RDV_OK) &&
        (err = rdv_processor_leave(job->options->cpu)) == RDV_OK &&
        (err = measure_all(&r, job, servers, writing ? N_SERVERS : UNSIGNED, what)) == RDV_OK) {
        print_table(job, &r, writing);
        if (writing)
            check_floors(job, &r);
    }
    for (size_t s = 0; s < N_SERVERS; s++) {
        if (bench_server_stop(&servers[s]) != RDV_OK)
            err = err == RDV_OK ? RDV_ERR_IO : err;
    }
    return err;
}

enum rdv_err bench_writes(struct bench_job *job)
{
    return run(job, ask_write);
}

enum rdv_err bench_reads(struct bench_job *job)
{
    return run(job, ask_read);
}
