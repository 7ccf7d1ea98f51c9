/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rdv-bench sign: signatures that the card makes, asked for in pipes over TLS, against what the
 * libraries make in this process. Every answer is taken apart; of each measurement the last one is
 * verified by OpenSSL.
 */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/random.h"
#include "tests/bench/bench.h"
#include "tests/bench/load.h"
#include "tests/bench/servers.h"
#include "tests/bench/signer.h"

#define ROUNDS_MAX 50
#define N_CURVES 2
#define N_AT_ONCE 2
#define PIPE 100 /* signatures asked for at once */
#define SESSIONS_MAX 16
#define ANSWER_MAX (PIPE * 2 * 73 + 2)
#define RATIO_FLOOR 0.7

static const size_t at_once[N_AT_ONCE] = { 1, SESSIONS_MAX };

static const struct curve {
    const char *name;
    char key;             /* the card's slot */
    const char *generate; /* makes it */
} curves[N_CURVES] = {
    { "secp256k1", '0', "g00\n" },
    { "P-256", '1', "G01\n" },
};

enum { K1, P256 };
enum { LIBRARY_K1, LIBRARY_P256, TOKEN_P256, N_SIGNERS };

/* --- asking the card -------------------------------------------------------------------------- */

struct talk {
    const struct curve *curve;
    uint8_t digests[SESSIONS_MAX][PIPE][BENCH_DIGEST_BYTES]; /* of the question under way */
    uint8_t last[ANSWER_MAX];                                /* the last whole answer, in hex */
    size_t last_n, last_session;
    uint8_t last_digests[PIPE][BENCH_DIGEST_BYTES];
};

static enum rdv_err ask_generate(struct rdv_buf *ask, struct rdv_buf *want, void *user,
                                 size_t session, unsigned long nth)
{
    const struct talk *t = user;

    (void)want;
    (void)session;
    (void)nth;
    return rdv_put_text(ask, t->curve->generate);
}

static enum rdv_err ask_point(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                              unsigned long nth)
{
    const struct talk *t = user;
    const char line[] = { 'p', '0', t->curve->key, '\n', '\0' };

    (void)want;
    (void)session;
    (void)nth;
    return rdv_put_text(ask, line);
}

static enum rdv_err ask_pipe(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                             unsigned long nth)
{
    struct talk *t = user;
    const char command[] = { 's', '4', t->curve->key, '\0' };
    enum rdv_err err;

    (void)want;
    (void)nth;
    rdv_random(t->digests[session], sizeof(t->digests[session]));
    if ((err = rdv_put_text(ask, command)) != RDV_OK ||
        (err = rdv_hex_put(ask, (struct rdv_span){ t->digests[session][0],
                                                   sizeof(t->digests[session]) })) != RDV_OK)
        return err;
    return rdv_put_text(ask, "\n");
}

/* One line, whatever it says; it is kept. */
static enum rdv_err take_line(void *user, size_t session, struct rdv_span got, bool *whole)
{
    struct talk *t = user;

    *whole = got.n >= 2 && got.p[got.n - 1] == '\n';
    if (!*whole)
        return got.n < ANSWER_MAX ? RDV_OK : RDV_ERR_FORMAT;
    if (got.n > ANSWER_MAX || rdv_span_is(got, "ERROR\r\n"))
        return RDV_ERR_FORMAT;
    t->last_n = got.n - 2;
    t->last_session = session;
    memcpy(t->last, got.p, t->last_n);
    memcpy(t->last_digests, t->digests[session], sizeof(t->last_digests));
    return RDV_OK;
}

/* --- checking --------------------------------------------------------------------------------- */

static enum rdv_err check_signatures(const struct talk *t, const uint8_t point[BENCH_POINT_BYTES])
{
    struct rdv_buf bytes = RDV_BUF(ANSWER_MAX);
    struct rdv_reader rd;
    struct rdv_span der;
    enum rdv_err err;

    if ((err = rdv_hex_get(&bytes, (struct rdv_span){ t->last, t->last_n })) != RDV_OK)
        goto out;
    rd.rest = rdv_buf_view(&bytes);
    for (size_t i = 0; i < PIPE; i++) {
        if ((err = rdv_get_vec8(&rd, &der)) != RDV_OK)
            goto out;
        if (!bench_verifies(t->curve == &curves[P256], point, t->last_digests[i], der)) {
            log_error("signature %zu of %d does not verify", i + 1, PIPE);
            err = RDV_ERR_FORMAT;
            goto out;
        }
    }
    err = rdv_get_end(&rd);
out:
    rdv_buf_free(&bytes);
    return err;
}

/* --- measuring -------------------------------------------------------------------------------- */

static enum rdv_err ask_once(struct bench_load *load, bench_ask what)
{
    struct bench_run run;
    enum rdv_err err;

    bench_load_set_ask(load, what);
    err = bench_load_sample(load, &run, 1000);
    bench_times_free(&run.times);
    return err;
}

static enum rdv_err run_pipes(struct bench_load *load, struct bench_figures *out, struct talk *t,
                              const struct bench_server *srv, double seconds)
{
    uint8_t point[BENCH_POINT_BYTES];
    struct bench_run run = { .seconds = 0 };
    double cpu_before;
    enum rdv_err err;

    err = bench_load_open(load, &run);
    bench_times_free(&run.times);
    if (err != RDV_OK || (err = ask_once(load, ask_point)) != RDV_OK ||
        (err = rdv_hex_decode(point, sizeof(point), (struct rdv_span){ t->last, t->last_n })) !=
                RDV_OK)
        return err;
    bench_load_set_ask(load, ask_pipe);
    cpu_before = bench_server_cpu_s(srv);
    if ((err = bench_load_commands(load, &run, seconds)) == RDV_OK) {
        *out = bench_figures_of(&run.times, run.seconds, bench_server_cpu_s(srv) - cpu_before);
        out->per_second *= PIPE;
        out->per_cpu_second *= PIPE;
        err = check_signatures(t, point);
    }
    bench_times_free(&run.times);
    return err;
}

static enum rdv_err measure(struct bench_figures *out, const struct bench_job *job,
                            const struct bench_server *srv, const struct curve *curve,
                            size_t n_sessions)
{
    static struct talk talk;
    const struct bench_load_config config = {
        .port = srv->port,
        .tls = srv->tls,
        .n_sessions = n_sessions,
        .ask = ask_pipe,
        .judge = take_line,
        .user = &talk,
    };
    struct bench_load *load = NULL;
    enum rdv_err err;

    talk.curve = curve;
    if ((err = bench_load_new(&load, &config)) == RDV_OK)
        err = run_pipes(load, out, &talk, srv, job->seconds);
    bench_load_free(load);
    return err;
}

static enum rdv_err make_keys(const struct bench_server *srv)
{
    static struct talk talk;
    const struct bench_load_config config = {
        .port = srv->port,
        .tls = srv->tls,
        .n_sessions = 1,
        .ask = ask_generate,
        .judge = take_line,
        .user = &talk,
    };
    struct bench_load *load = NULL;
    struct bench_run run = { .seconds = 0 };
    enum rdv_err err;

    if ((err = bench_load_new(&load, &config)) != RDV_OK)
        return err;
    err = bench_load_open(load, &run);
    bench_times_free(&run.times);
    for (size_t c = 0; c < N_CURVES && err == RDV_OK; c++) {
        talk.curve = &curves[c];
        err = ask_once(load, ask_generate);
    }
    bench_load_free(load);
    return err;
}

/* Signatures per second in this process. */
static enum rdv_err measure_signer(double *out, const struct bench_signer *signer, double seconds)
{
    const uint64_t began = bench_now_ns(), end = began + (uint64_t)(seconds * 1e9);
    uint8_t digest[BENCH_DIGEST_BYTES];
    unsigned long n = 0;
    enum rdv_err err;

    rdv_random(digest, sizeof(digest));
    for (; bench_now_ns() < end; n++, digest[n % sizeof(digest)]++) {
        if ((err = signer->sign(signer->state, digest)) != RDV_OK)
            return err;
    }
    *out = (double)n / ((double)(bench_now_ns() - began) / 1e9);
    return RDV_OK;
}

/* --- rounds ----------------------------------------------------------------------------------- */

struct rounds {
    struct bench_figures of[N_CURVES][N_AT_ONCE][ROUNDS_MAX];
    double signers[N_SIGNERS][ROUNDS_MAX];
};

static enum rdv_err measure_all(struct rounds *r, const struct bench_job *job,
                                const struct bench_server *srv, const struct bench_signer *signers)
{
    enum rdv_err err;

    for (unsigned i = 0; i < job->rounds; i++) {
        for (size_t s = 0; s < N_SIGNERS; s++) {
            bench_progress("round %u of %u: %s", i + 1, job->rounds, signers[s].name);
            if ((err = measure_signer(&r->signers[s][i], &signers[s], job->seconds)) != RDV_OK)
                return err;
        }
        for (size_t c = 0; c < N_CURVES; c++) {
            for (size_t a = 0; a < N_AT_ONCE; a++) {
                bench_progress("round %u of %u: %s, %zu sessions", i + 1, job->rounds,
                               curves[c].name, at_once[a]);
                if ((err = measure(&r->of[c][a][i], job, srv, &curves[c], at_once[a])) != RDV_OK)
                    return err;
            }
        }
    }
    return RDV_OK;
}

/* The median over rounds of the card's rate, of a signer's in the same round. */
static double ratio_of(const struct bench_figures *card, const double *signer, unsigned n)
{
    double ratios[ROUNDS_MAX];

    for (unsigned i = 0; i < n; i++)
        ratios[i] = signer[i] > 0 ? card[i].per_second / signer[i] : 0;
    return bench_median(ratios, n);
}

static void print_table(const struct bench_job *job, const struct rounds *r,
                        const struct bench_signer *signers)
{
    static const char *const of[N_SIGNERS] = { "secp256k1", "P-256", "P-256" };

    printf("\nsign: pipes of %d digests over TLS (s40, hex), one question of each session under "
           "way\n"
           "%u rounds of %.1f s each, in turn; medians. TLS 1.3, %s, %s\n\n"
           "%-20s %-10s %8s %12s %10s %10s %9s\n",
           PIPE, job->rounds, job->seconds, job->options->suite, job->options->group, "who",
           "curve", "sessions", "signatures/s", "p50 ms", "per CPU s", "of library");
    for (size_t s = 0; s < N_SIGNERS; s++)
        printf("%-20s %-10s %8s %12.0f\n", signers[s].name, of[s], "",
               bench_median(r->signers[s], job->rounds));
    for (size_t c = 0; c < N_CURVES; c++) {
        for (size_t a = 0; a < N_AT_ONCE; a++) {
            const struct bench_figures f = bench_figures_median(r->of[c][a], job->rounds);

            printf("%-20s %-10s %8zu %12.0f %10.3f %10.0f %9.2f\n", "rdv (front, card)",
                   curves[c].name, at_once[a], f.per_second, f.p50_ms, f.per_cpu_second,
                   ratio_of(r->of[c][a], r->signers[c], job->rounds));
        }
    }
    printf("\n");
}

static void check_floors(struct bench_job *job, const struct rounds *r,
                         const struct bench_signer *signers)
{
    for (size_t c = 0; c < N_CURVES; c++) {
        for (size_t a = 0; a < N_AT_ONCE; a++) {
            const double ratio = ratio_of(r->of[c][a], r->signers[c], job->rounds);

            bench_floor(job, ratio >= RATIO_FLOOR, "%s, %zu sessions: %.2f of %s; at least %.1f",
                        curves[c].name, at_once[a], ratio, signers[c].name, RATIO_FLOOR);
        }
    }
    printf("P-256, 1 session: %.2f of %s\n",
           ratio_of(r->of[P256][0], r->signers[TOKEN_P256], job->rounds), signers[TOKEN_P256].name);
}

enum rdv_err bench_sign(struct bench_job *job)
{
    static struct rounds r;
    struct bench_signer signers[N_SIGNERS] = { { .name = NULL } };
    struct bench_server server = { .n = 0 };
    enum rdv_err err;

    if (job->rounds > ROUNDS_MAX) {
        log_error("--rounds: at most %d", ROUNDS_MAX);
        return RDV_ERR_USAGE;
    }
    if ((err = bench_signer_secp(&signers[LIBRARY_K1])) == RDV_OK &&
        (err = bench_signer_wolf(&signers[LIBRARY_P256])) == RDV_OK &&
        (err = bench_signer_p11(&signers[TOKEN_P256], job->dir)) == RDV_OK &&
        (err = bench_rdv_start(&server, job, 1000)) == RDV_OK &&
        (err = make_keys(&server)) == RDV_OK &&
        (err = measure_all(&r, job, &server, signers)) == RDV_OK) {
        print_table(job, &r, signers);
        check_floors(job, &r, signers);
    }
    if (bench_server_stop(&server) != RDV_OK)
        err = err == RDV_OK ? RDV_ERR_IO : err;
    for (size_t s = 0; s < N_SIGNERS; s++) {
        if (signers[s].state != NULL)
            signers[s].free(signers[s].state);
    }
    return err;
}
