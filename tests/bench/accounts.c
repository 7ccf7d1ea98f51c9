/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rdv-bench accounts: whether sessions slow down as guests grow in number. Three elements of one
 * card differ in nothing but how many guests they have. Root makes them over TLS, as people do.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hex.h"
#include "base/log.h"
#include "tests/bench/bench.h"
#include "tests/bench/load.h"
#include "tests/bench/servers.h"

#define ROUNDS_MAX 50
#define N_ELEMENTS 3
#define AT_ONCE 16
#define ROOTS 32 /* sessions that make guests, each so many lines at a time: */
#define LINES 16
#define LIST_MOST 100 /* accounts in one answer */
#define RATIO_FLOOR 0.9
#define MIB (1024.0 * 1024.0)

static const char *const sens[N_ELEMENTS] = { "few.com", "some.com", "many.com" };

/* One element, and who is to come to it next. */
struct element {
    const char *sen;
    size_t n;         /* guests: 0 to n - 1 */
    size_t n_made;    /* of them, so far */
    size_t n_visited; /* how many have logged in, one after the other */
    uint64_t chance;  /* state of the generator */
    double seconds;   /* making all of them took */
    double first_visits_per_s;
    struct bench_figures rounds[ROUNDS_MAX];
};

/* --- guests ----------------------------------------------------------------------------------- */

/* SplitMix64: numbers that look random and come again in each run. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

/* Name and key follow from the number, so that nobody needs to keep 100,000 keys. */
static struct bench_login guest_of(const struct element *e, size_t number)
{
    struct bench_login guest = { .sen = e->sen };
    uint64_t state = number;

    (void)snprintf(guest.identity, sizeof(guest.identity), "g%07zu", number);
    for (size_t i = 0; i < RDV_KEY_BYTES; i += sizeof(state)) {
        const uint64_t word = draw(&state);

        memcpy(guest.psk.bytes + i, &word, sizeof(word));
    }
    return guest;
}

static struct bench_login as_root(void *user, size_t session)
{
    const struct element *e = user;

    (void)session;
    return bench_login_root(e->sen);
}

static struct bench_login as_the_next(void *user, size_t session)
{
    struct element *e = user;

    (void)session;
    return guest_of(e, e->n_visited++ % e->n);
}

static struct bench_login as_anybody(void *user, size_t session)
{
    struct element *e = user;

    (void)session;
    return guest_of(e, draw(&e->chance) % e->n);
}

/* --- what is said ----------------------------------------------------------------------------- */

/* How the card shows one of them. */
static enum rdv_err put_guest(struct rdv_buf *want, const char *name)
{
    char line[200];

    (void)snprintf(line, sizeof(line),
                   "name=%s enabled=yes rights=read records=00-0F keys=none psk=set not-before=now "
                   "expires=never posts=none quota=none needs-name=no\r\n",
                   name);
    return rdv_put_text(want, line);
}

static enum rdv_err put_add(struct rdv_buf *ask, const struct bench_login *guest)
{
    enum rdv_err err;

    if ((err = rdv_put_text(ask, "!guest add ")) != RDV_OK ||
        (err = rdv_put_text(ask, guest->identity)) != RDV_OK ||
        (err = rdv_put_text(ask, " rights=read records=00-0F psk=")) != RDV_OK ||
        (err = rdv_hex_put(ask, (struct rdv_span){ guest->psk.bytes, RDV_KEY_BYTES })) != RDV_OK)
        return err;
    return rdv_put_text(ask, "\n");
}

/* The next guests, as many as one session makes at a time. */
static enum rdv_err ask_add(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                            unsigned long nth)
{
    struct element *e = user;
    enum rdv_err err = bench_ask_banner(ask, want, user, session, nth);

    for (unsigned i = 0; i < LINES && e->n_made < e->n && err == RDV_OK; i++) {
        const struct bench_login guest = guest_of(e, e->n_made++);

        if ((err = put_add(ask, &guest)) == RDV_OK &&
            (err = put_guest(want, guest.identity)) == RDV_OK)
            err = rdv_put_text(want, "OK\r\n");
    }
    return err;
}

static enum rdv_err ask_show(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                             unsigned long nth)
{
    const struct bench_login guest = as_anybody(user, session);
    char line[80];
    enum rdv_err err;

    (void)nth;
    (void)snprintf(line, sizeof(line), "!guest show %s\n", guest.identity);
    if ((err = rdv_put_text(ask, line)) != RDV_OK ||
        (err = put_guest(want, guest.identity)) != RDV_OK)
        return err;
    (void)snprintf(line, sizeof(line), "identity=%s failures=0\r\nOK\r\n", guest.identity);
    return rdv_put_text(want, line);
}

static size_t list_length(const struct element *e)
{
    return e->n / 2 < LIST_MOST ? e->n / 2 : LIST_MOST;
}

/* A list from anywhere that does not reach the last guest. */
static enum rdv_err ask_list(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                             unsigned long nth)
{
    struct element *e = user;
    const size_t n = list_length(e), first = draw(&e->chance) % (e->n - n);
    char line[80];
    enum rdv_err err;

    (void)session;
    (void)nth;
    (void)snprintf(line, sizeof(line), "!guest list from=%s count=%zu\n",
                   guest_of(e, first).identity, n);
    err = rdv_put_text(ask, line);
    for (size_t i = 0; i < n && err == RDV_OK; i++)
        err = put_guest(want, guest_of(e, first + i).identity);
    (void)snprintf(line, sizeof(line), "next=%s\r\nOK\r\n", guest_of(e, first + n).identity);
    return err == RDV_OK ? rdv_put_text(want, line) : err;
}

static struct bench_load_config load_of(const struct bench_server *srv, struct element *e,
                                        size_t n_sessions, bench_who who, bench_ask ask)
{
    return (struct bench_load_config){
        .port = srv->port,
        .tls = srv->tls,
        .n_sessions = n_sessions,
        .who = who,
        .ask = ask,
        .user = e,
        .farewell = "?02\n",
    };
}

/* --- measurements ----------------------------------------------------------------------------- */

static enum rdv_err make_guests(struct element *e, const struct bench_server *srv)
{
    const struct bench_load_config config = load_of(srv, e, ROOTS, as_root, ask_add);
    struct bench_load *load = NULL;
    struct bench_run run = { .seconds = 0 };
    enum rdv_err err;

    if ((err = bench_load_new(&load, &config)) == RDV_OK)
        err = bench_load_open(load, &run);
    bench_times_free(&run.times);
    while (err == RDV_OK && e->n_made < e->n) {
        bench_progress("%s: %zu of %zu guests made", e->sen, e->n_made, e->n);
        err = bench_load_sample(load, &run, 1);
        e->seconds += run.seconds;
        bench_times_free(&run.times);
    }
    bench_load_free(load);
    return err;
}

static enum rdv_err visit(struct bench_figures *out, struct element *e,
                          const struct bench_server *srv, bench_who who, double seconds)
{
    const struct bench_load_config config = load_of(srv, e, AT_ONCE, who, bench_ask_banner);
    const double cpu_before = bench_server_cpu_s(srv);
    struct bench_load *load = NULL;
    struct bench_run run = { .seconds = 0 };
    enum rdv_err err;

    if ((err = bench_load_new(&load, &config)) == RDV_OK &&
        (err = bench_load_visits(load, &run, seconds)) == RDV_OK)
        *out = bench_figures_of(&run.times, run.seconds, bench_server_cpu_s(srv) - cpu_before);
    bench_times_free(&run.times);
    bench_load_free(load);
    return err;
}

/* Every guest logs in once: the card then knows its address, which is a row to write. */
static enum rdv_err visit_first(struct element *e, const struct bench_server *srv, double seconds)
{
    const uint64_t began = bench_now_ns();
    struct bench_figures f;
    enum rdv_err err = RDV_OK;

    while (err == RDV_OK && e->n_visited < e->n) {
        bench_progress("%s: %zu of %zu guests seen", e->sen, e->n_visited, e->n);
        err = visit(&f, e, srv, as_the_next, seconds);
    }
    e->first_visits_per_s = (double)e->n_visited * 1e9 / (double)(bench_now_ns() - began);
    return err;
}

static enum rdv_err measure_rounds(struct element *elements, const struct bench_job *job,
                                   const struct bench_server *srv)
{
    enum rdv_err err;

    for (unsigned i = 0; i < job->rounds; i++) {
        for (size_t j = 0; j < N_ELEMENTS; j++) {
            struct element *e = &elements[(i + j) % N_ELEMENTS]; /* none is always the first */

            bench_progress("round %u of %u: %zu guests", i + 1, job->rounds, e->n);
            if ((err = visit(&e->rounds[i], e, srv, as_anybody, job->seconds)) != RDV_OK)
                return err;
        }
    }
    return RDV_OK;
}

/* Root asks one question after the other. */
static enum rdv_err measure_questions(struct bench_figures *out, struct element *e,
                                      const struct bench_server *srv, bench_ask ask, double seconds)
{
    const struct bench_load_config config = load_of(srv, e, 1, as_root, ask);
    struct bench_load *load = NULL;
    struct bench_run run = { .seconds = 0 };
    enum rdv_err err;

    if ((err = bench_load_new(&load, &config)) == RDV_OK)
        err = bench_load_open(load, &run);
    bench_times_free(&run.times);
    if (err == RDV_OK && (err = bench_load_commands(load, &run, seconds)) == RDV_OK)
        *out = bench_figures_of(&run.times, run.seconds, 0);
    bench_times_free(&run.times);
    bench_load_free(load);
    return err;
}

/* --- the tables ------------------------------------------------------------------------------- */

/* The database, and what of it still stands in the write-ahead log. */
static double database_bytes(const struct bench_server *srv, const struct element *e)
{
    static const char *const suffixes[] = { "", "-wal" };
    char path[512];
    struct stat st;
    double sum = 0;

    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof(path), "%s/cards/%s/card.sqlite3%s", srv->dir, e->sen,
                       suffixes[i]);
        if (stat(path, &st) == 0)
            sum += (double)st.st_size;
    }
    return sum;
}

static double ratio_of(const struct element *e, const struct element *to, unsigned n)
{
    double ratios[ROUNDS_MAX];

    for (unsigned i = 0; i < n; i++)
        ratios[i] = e->rounds[i].per_second / to->rounds[i].per_second;
    return bench_median(ratios, n);
}

static void print_making(const struct element *elements, const struct bench_server *srv,
                         const double *rss)
{
    printf("\nguests, made by %d sessions of root, %d lines at a time (!guest add, psk=HEX); then "
           "each logs in once\n\n"
           "%10s %10s %10s %14s %16s %14s\n",
           ROOTS, LINES, "guests", "made in s", "per s", "database MiB", "first log-ins/s",
           "card RSS MiB");
    printf("%10d %10s %10s %14s %16s %14.1f\n", 0, "", "", "", "", rss[0] / MIB);
    for (size_t i = 0; i < N_ELEMENTS; i++) {
        const struct element *e = &elements[i];

        printf("%10zu %10.2f %10.0f %14.2f %16.0f %14.1f\n", e->n, e->seconds,
               (double)e->n / e->seconds, database_bytes(srv, e) / MIB, e->first_visits_per_s,
               rss[i + 1] / MIB);
    }
}

static void print_sessions(const struct bench_job *job, const struct element *elements)
{
    printf("\nsessions of guests taken at random: connect, handshake (PSK, %s, %s), a line, its "
           "answer, farewell, close\n"
           "%u rounds of %.1f s each, %d sessions at once, elements in turn; medians\n\n"
           "%10s %11s %9s %9s %8s %11s %8s\n",
           job->options->suite, job->options->group, job->rounds, job->seconds, AT_ONCE, "guests",
           "sessions/s", "p50 ms", "p99 ms", "CPU s", "per CPU s", "ratio");
    for (size_t i = 0; i < N_ELEMENTS; i++) {
        const struct element *e = &elements[i];
        const struct bench_figures f = bench_figures_median(e->rounds, job->rounds);

        printf("%10zu %11.0f %9.3f %9.3f %8.2f %11.0f %8.2f\n", e->n, f.per_second, f.p50_ms,
               f.p99_ms, f.cpu_s, f.per_cpu_second, ratio_of(e, &elements[0], job->rounds));
    }
}

static void print_questions(const struct element *e, const struct bench_figures *show,
                            const struct bench_figures *list)
{
    printf("\nof %zu guests: !guest show p50 %.3f ms, p99 %.3f ms; !guest list (%zu a time) p50 "
           "%.3f ms, p99 %.3f ms\n\n",
           e->n, show->p50_ms, show->p99_ms, list_length(e), list->p50_ms, list->p99_ms);
}

static enum rdv_err run(struct bench_job *job, struct element *elements,
                        const struct bench_server *srv)
{
    struct element *greatest = &elements[N_ELEMENTS - 1];
    struct bench_figures show, list;
    double rss[N_ELEMENTS + 1];
    enum rdv_err err;

    rss[0] = bench_process_memory(&srv->processes[0]).rss_bytes;
    for (size_t i = 0; i < N_ELEMENTS; i++) {
        if ((err = make_guests(&elements[i], srv)) != RDV_OK ||
            (err = visit_first(&elements[i], srv, job->seconds)) != RDV_OK)
            return err;
        rss[i + 1] = bench_process_memory(&srv->processes[0]).rss_bytes;
    }
    if ((err = measure_rounds(elements, job, srv)) != RDV_OK ||
        (err = measure_questions(&show, greatest, srv, ask_show, job->seconds)) != RDV_OK ||
        (err = measure_questions(&list, greatest, srv, ask_list, job->seconds)) != RDV_OK)
        return err;
    print_making(elements, srv, rss);
    print_sessions(job, elements);
    print_questions(greatest, &show, &list);
    for (size_t i = 1; i < N_ELEMENTS; i++) {
        const double ratio = ratio_of(&elements[i], &elements[0], job->rounds);

        bench_floor(job, ratio >= RATIO_FLOOR,
                    "%zu guests: %.2f of the sessions with %zu; at least %.2f", elements[i].n,
                    ratio, elements[0].n, RATIO_FLOOR);
    }
    return RDV_OK;
}

enum rdv_err bench_accounts(struct bench_job *job)
{
    static struct element elements[N_ELEMENTS];
    const size_t greatest = job->tiny ? 100 : (size_t)job->options->guests;
    const size_t numbers[N_ELEMENTS] = { 1, job->tiny ? 10 : 1000, greatest };
    struct bench_server srv = { .n = 0 };
    enum rdv_err err;

    if (job->rounds > ROUNDS_MAX) {
        log_error("--rounds: at most %d", ROUNDS_MAX);
        return RDV_ERR_USAGE;
    }
    for (size_t i = 0; i < N_ELEMENTS; i++)
        elements[i] = (struct element){ .sen = sens[i], .n = numbers[i] };
    if ((err = bench_rdv_start_with(&srv, job, 1000, sens, N_ELEMENTS)) == RDV_OK)
        err = run(job, elements, &srv);
    if (bench_server_stop(&srv) != RDV_OK && err == RDV_OK)
        err = RDV_ERR_IO;
    return err;
}
