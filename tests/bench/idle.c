/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv-bench idle: what a session that says nothing costs in memory. */
#include <stdio.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/log.h"
#include "tests/bench/bench.h"
#include "tests/bench/load.h"
#include "tests/bench/servers.h"

#define TINY_SESSIONS 50
#define WARM_SESSIONS 8
#define FILES_PER_SESSION 2 /* in the front, which has most: the client and the card */
#define OTHER_FILES 128
#define SAMPLES 100
#define SETTLE_MS 200

enum { CARD, FRONT, N_PROCESSES };

/* As many as were asked for and the limit on open files allows. */
static size_t sessions_possible(size_t wanted)
{
    const size_t files = wanted * FILES_PER_SESSION + OTHER_FILES;
    struct rlimit limit;

    /* The servers inherit what is possible. The hard limit gives way to the superuser only. */
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < files) {
        limit.rlim_cur = limit.rlim_max = files;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    rdv_file_raise_limit(files);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= files)
        return wanted;
    wanted = ((size_t)limit.rlim_cur - OTHER_FILES) / FILES_PER_SESSION;
    printf("the limit of %lu open files allows %zu sessions\n", (unsigned long)limit.rlim_cur,
           wanted);
    return wanted;
}

/* Opens n sessions, says something in each, and leaves them open. */
static enum rdv_err open_sessions(struct bench_load **out, const struct bench_server *srv, size_t n,
                                  double *seconds)
{
    const struct bench_load_config config = {
        .port = srv->port, .tls = srv->tls, .n_sessions = n, .ask = bench_ask_banner
    };
    struct bench_run run = { .seconds = 0 };
    enum rdv_err err;

    *seconds = 0;
    if ((err = bench_load_new(out, &config)) != RDV_OK)
        return err;
    err = bench_load_open(*out, &run);
    *seconds = run.seconds;
    bench_times_free(&run.times);
    if (err != RDV_OK)
        return err;
    err = bench_load_sample(*out, &run, 1);
    bench_times_free(&run.times);
    bench_sleep_ms(SETTLE_MS);
    return err;
}

/* So that what is needed once is in memory before it is measured. */
static enum rdv_err warm_up(const struct bench_server *srv)
{
    struct bench_load *load = NULL;
    double seconds;
    const enum rdv_err err = open_sessions(&load, srv, WARM_SESSIONS, &seconds);

    bench_load_free(load);
    bench_sleep_ms(SETTLE_MS);
    return err;
}

static void print_row(const char *name, struct bench_memory before, struct bench_memory after,
                      size_t n)
{
    printf("%-8s %12.0f %12.0f %18.0f", name, before.rss_bytes / 1024, after.rss_bytes / 1024,
           (after.rss_bytes - before.rss_bytes) / (double)n);
    if (after.pss_bytes > 0)
        printf(" %18.0f\n", (after.pss_bytes - before.pss_bytes) / (double)n);
    else
        printf(" %18s\n", "not to be seen");
}

static enum rdv_err measure(const struct bench_server *srv, size_t n)
{
    struct bench_memory before[N_PROCESSES], after[N_PROCESSES];
    struct bench_load *load = NULL;
    struct bench_run run = { .seconds = 0 };
    double seconds;
    enum rdv_err err;

    if ((err = warm_up(srv)) != RDV_OK)
        return err;
    for (size_t i = 0; i < N_PROCESSES; i++)
        before[i] = bench_process_memory(&srv->processes[i]);
    if ((err = open_sessions(&load, srv, n, &seconds)) != RDV_OK)
        goto out;
    for (size_t i = 0; i < N_PROCESSES; i++)
        after[i] = bench_process_memory(&srv->processes[i]);
    if ((err = bench_load_sample(load, &run, n / SAMPLES + 1)) != RDV_OK)
        goto out;
    printf("\nidle: %zu sessions, each of which has asked once; opened in %.1f s\n\n"
           "%-8s %12s %12s %18s %18s\n",
           n, seconds, "process", "RSS before K", "RSS after K", "RSS bytes/session",
           "PSS bytes/session");
    print_row("front", before[FRONT], after[FRONT], n);
    print_row("card", before[CARD], after[CARD], n);
    printf("\n%zu of them asked again, and were answered: p50 %.3f ms, p99 %.3f ms\n", run.times.n,
           bench_times_percentile(&run.times, 50), bench_times_percentile(&run.times, 99));
out:
    bench_times_free(&run.times);
    bench_load_free(load);
    return err;
}

enum rdv_err bench_idle(struct bench_job *job)
{
    const size_t wanted = job->tiny ? TINY_SESSIONS : (size_t)job->options->sessions;
    const size_t n = sessions_possible(wanted);
    struct bench_server srv = { .n = 0 };
    enum rdv_err err;

    if ((err = bench_rdv_start(&srv, job, n + WARM_SESSIONS)) == RDV_OK)
        err = measure(&srv, n);
    if (bench_server_stop(&srv) != RDV_OK && err == RDV_OK)
        err = RDV_ERR_IO;
    return err;
}
