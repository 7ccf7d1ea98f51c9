/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rdv-bench log: whether signed writes slow down as the log grows. Elements of one card differ in
 * nothing but their logs: one that is empty, anew in each round; one that keeps all its entries;
 * and one that lets old ones go all the time it is measured.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tests/bench/bench.h"
#include "tests/bench/load.h"
#include "tests/bench/servers.h"

#define ROUNDS_MAX 50
#define N_KINDS 3
#define N_SENS (ROUNDS_MAX + 2)
#define SESSIONS 32 /* each writes a record of its own */
#define LINES 16    /* that one session fills with at a time */
#define VALUE_MAX 4096
#define RATIO_FLOOR 0.9

enum { LONG, REAPED, EMPTY };

static const char *const kind_names[N_KINDS] = { "all entries kept", "old entries go",
                                                 "empty log" };

struct element {
    char sen[16];
    size_t size;           /* of a value */
    unsigned long left;    /* entries that are still to be made */
    unsigned long keep;    /* of each record, from now on */
    unsigned long entries; /* in the log, as it has said last */
};

/* What was measured of a kind. */
struct figures {
    struct bench_figures rounds[ROUNDS_MAX];
    double let_go[ROUNDS_MAX]; /* entries, for each that was written */
    unsigned long entries;     /* when it begins */
};

struct bench {
    struct element elements[N_SENS]; /* LONG, REAPED, and from EMPTY on one for each round */
    struct figures of[N_KINDS];
    double fill_s[N_KINDS];
};

static struct bench_login as_root(void *user, size_t session)
{
    const struct element *e = user;

    (void)session;
    return bench_login_root(e->sen);
}

/* --- what is said ----------------------------------------------------------------------------- */

static enum rdv_err put_write(struct rdv_buf *ask, struct rdv_buf *want, const struct element *e,
                              size_t session, unsigned long nth)
{
    char text[VALUE_MAX + 3];
    const int n = snprintf(text, sizeof(text), "Z%02zX%lu.", session, nth);
    const size_t most = e->size + 3;
    enum rdv_err err;

    if ((size_t)n < most)
        memset(text + n, 'a' + (int)(nth % 26), most - (size_t)n);
    if ((err = rdv_put_bytes(ask, (struct rdv_span){ (const uint8_t *)text, most })) != RDV_OK ||
        (err = rdv_put_text(ask, "\n")) != RDV_OK)
        return err;
    return rdv_put_text(want, "OK\r\n");
}

static enum rdv_err ask_write(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                              unsigned long nth)
{
    return put_write(ask, want, user, session, nth);
}

/* Many at a time; the banner when nothing is left, as everybody is asked something. */
static enum rdv_err ask_fill(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                             unsigned long nth)
{
    struct element *e = user;
    enum rdv_err err = RDV_OK;

    if (e->left == 0)
        return bench_ask_banner(ask, want, user, session, nth);
    for (unsigned i = 0; i < LINES && e->left > 0 && err == RDV_OK; i++, e->left--)
        err = put_write(ask, want, e, session, nth * LINES + i);
    return err;
}

static enum rdv_err ask_info(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                             unsigned long nth)
{
    (void)want;
    (void)user;
    (void)session;
    (void)nth;
    return rdv_put_text(ask, "!info\n");
}

static enum rdv_err ask_keep(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                             unsigned long nth)
{
    const struct element *e = user;
    char line[80];

    (void)want;
    (void)nth;
    (void)snprintf(line, sizeof(line), "!record set %02zX keep=%lu\n", session, e->keep);
    return rdv_put_text(ask, line);
}

/* Both are answered lines that nobody knows beforehand, and OK. */
static enum rdv_err judge(void *user, size_t session, struct rdv_span got, bool *whole)
{
    static const char key[] = " entries=";
    struct element *e = user;

    (void)session;
    *whole = got.n >= 4 && memcmp(got.p + got.n - 4, "OK\r\n", 4) == 0;
    for (size_t i = 0; *whole && i + sizeof(key) < got.n; i++) {
        if (memcmp(got.p + i, key, sizeof(key) - 1) == 0)
            e->entries = strtoul((const char *)got.p + i + sizeof(key) - 1, NULL, 10);
    }
    return got.n >= 3 && memcmp(got.p, "ERR", 3) == 0 ? RDV_ERR_FORMAT : RDV_OK;
}

/* --- one element ------------------------------------------------------------------------------ */

static enum rdv_err open_sessions(struct bench_load **out, const struct bench_server *srv,
                                  struct element *e, size_t n, bench_ask ask, bench_judge judges)
{
    const struct bench_load_config config = {
        .port = srv->port,
        .tls = srv->tls,
        .n_sessions = n,
        .who = as_root,
        .ask = ask,
        .judge = judges,
        .user = e,
    };
    struct bench_run run;
    enum rdv_err err;

    if ((err = bench_load_new(out, &config)) != RDV_OK)
        return err;
    err = bench_load_open(*out, &run);
    bench_times_free(&run.times);
    return err;
}

/* One question of each of n sessions. */
static enum rdv_err once(const struct bench_server *srv, struct element *e, size_t n, bench_ask ask)
{
    struct bench_load *load = NULL;
    struct bench_run run = { .seconds = 0 };
    enum rdv_err err;

    if ((err = open_sessions(&load, srv, e, n, ask, judge)) == RDV_OK)
        err = bench_load_sample(load, &run, 1);
    bench_times_free(&run.times);
    bench_load_free(load);
    return err;
}

static enum rdv_err fill(struct element *e, double *took, const struct bench_server *srv,
                         unsigned long n)
{
    struct bench_load *load = NULL;
    struct bench_run run;
    enum rdv_err err = open_sessions(&load, srv, e, SESSIONS, ask_fill, NULL);

    for (e->left = n; err == RDV_OK && e->left > 0; *took += run.seconds) {
        bench_progress("%s: %lu of %lu entries to be made", e->sen, e->left, n);
        err = bench_load_commands(load, &run, 1);
        bench_times_free(&run.times);
    }
    bench_load_free(load);
    return err;
}

/* The first write of each session is not measured. */
static enum rdv_err measure(struct bench_figures *out, double *let_go, struct element *e,
                            const struct bench_server *srv, double seconds)
{
    struct bench_load *load = NULL;
    struct bench_run run = { .seconds = 0 };
    unsigned long before = 0, written = 0;
    double cpu_before;
    enum rdv_err err;

    if ((err = once(srv, e, 1, ask_info)) != RDV_OK)
        return err;
    before = e->entries;
    if ((err = open_sessions(&load, srv, e, SESSIONS, ask_write, NULL)) == RDV_OK &&
        (err = bench_load_sample(load, &run, 1)) == RDV_OK) {
        bench_times_free(&run.times);
        cpu_before = bench_server_cpu_s(srv);
        if ((err = bench_load_commands(load, &run, seconds)) == RDV_OK) {
            written = SESSIONS + run.times.n;
            *out = bench_figures_of(&run.times, run.seconds, bench_server_cpu_s(srv) - cpu_before);
        }
    }
    bench_times_free(&run.times);
    bench_load_free(load);
    if (err != RDV_OK || (err = once(srv, e, 1, ask_info)) != RDV_OK)
        return err;
    *let_go = (double)(before + written - e->entries) / (double)written;
    return RDV_OK;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* Those that are long; one of them has just been told to keep two thirds of what it holds. */
static enum rdv_err prepare(struct bench *b, const struct bench_server *srv, unsigned long n)
{
    struct element *reaped = &b->elements[REAPED];
    enum rdv_err err = RDV_OK;

    for (size_t i = LONG; i <= REAPED && err == RDV_OK; i++) {
        if ((err = fill(&b->elements[i], &b->fill_s[i], srv, n)) == RDV_OK)
            err = once(srv, &b->elements[i], 1, ask_info);
        b->of[i].entries = b->elements[i].entries;
    }
    reaped->keep = n * 2 / 3 / SESSIONS;
    return err == RDV_OK ? once(srv, reaped, SESSIONS, ask_keep) : err;
}

static enum rdv_err measure_rounds(struct bench *b, const struct bench_job *job,
                                   const struct bench_server *srv)
{
    enum rdv_err err;

    for (unsigned i = 0; i < job->rounds; i++) {
        for (size_t j = 0; j < N_KINDS; j++) {
            const size_t kind = (i + j) % N_KINDS; /* none is always the first */

            bench_progress("round %u of %u: %s", i + 1, job->rounds, kind_names[kind]);
            if ((err = measure(&b->of[kind].rounds[i], &b->of[kind].let_go[i],
                               &b->elements[kind == EMPTY ? EMPTY + i : kind], srv,
                               job->seconds)) != RDV_OK)
                return err;
        }
    }
    return RDV_OK;
}

static double ratio_of(const struct bench *b, size_t kind, unsigned n)
{
    double ratios[ROUNDS_MAX];

    for (unsigned i = 0; i < n; i++)
        ratios[i] = b->of[kind].rounds[i].per_second / b->of[EMPTY].rounds[i].per_second;
    return bench_median(ratios, n);
}

static void print_table(const struct bench_job *job, const struct bench *b)
{
    printf("\nsigned writes (Z), values of %ld bytes, %d sessions, one question of each under way\n"
           "%u rounds of %.1f s each, elements in turn; medians. TLS 1.3, %s, %s\n\n"
           "%-18s %9s %8s %8s %9s %9s %8s %10s %8s %7s\n",
           job->options->size, SESSIONS, job->rounds, job->seconds, job->options->suite,
           job->options->group, "log", "entries", "fill s", "per s", "p50 ms", "p99 ms", "CPU s",
           "per CPU s", "let go", "ratio");
    for (size_t i = 0; i < N_KINDS; i++) {
        const struct bench_figures f = bench_figures_median(b->of[i].rounds, job->rounds);

        printf("%-18s %9lu %8.1f %8.0f %9.3f %9.3f %8.2f %10.0f %8.2f %7.2f\n", kind_names[i],
               b->of[i].entries, b->fill_s[i], f.per_second, f.p50_ms, f.p99_ms, f.cpu_s,
               f.per_cpu_second, bench_median(b->of[i].let_go, job->rounds),
               ratio_of(b, i, job->rounds));
    }
    printf("\nlet go: entries that went for each that was written\n\n");
}

static enum rdv_err run(struct bench_job *job, struct bench *b, const struct bench_server *srv)
{
    enum rdv_err err;

    if ((err = prepare(b, srv, job->tiny ? 2000 : (unsigned long)job->options->entries)) !=
                RDV_OK ||
        (err = measure_rounds(b, job, srv)) != RDV_OK)
        return err;
    print_table(job, b);
    for (size_t i = LONG; i <= REAPED; i++) {
        const double ratio = ratio_of(b, i, job->rounds);

        bench_floor(job, ratio >= RATIO_FLOOR,
                    "%lu entries, %s: %.2f of the writes with an empty log; at least %.2f",
                    b->of[i].entries, kind_names[i], ratio, RATIO_FLOOR);
    }
    return RDV_OK;
}

enum rdv_err bench_log(struct bench_job *job)
{
    static struct bench b;
    const char *sens[N_SENS];
    struct bench_server srv = { .n = 0 };
    enum rdv_err err;

    if (job->rounds > ROUNDS_MAX) {
        log_error("--rounds: at most %d", ROUNDS_MAX);
        return RDV_ERR_USAGE;
    }
    for (size_t i = 0; i < EMPTY + job->rounds; i++) {
        struct element *e = &b.elements[i];

        (void)snprintf(e->sen, sizeof(e->sen), "log%02u.com", (unsigned)i % 100);
        e->size = (size_t)job->options->size;
        sens[i] = e->sen;
    }
    if ((err = bench_rdv_start_with(&srv, job, 1000, sens, EMPTY + job->rounds)) == RDV_OK)
        err = run(job, &b, &srv);
    if (bench_server_stop(&srv) != RDV_OK && err == RDV_OK)
        err = RDV_ERR_IO;
    return err;
}
