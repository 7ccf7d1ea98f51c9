/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rdv-bench api: what programs say to the card (CBOR), one question after the other and 64 under
 * way, beside lines of text and redis; and great records beside a file from openssl s_server.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "schema/wire/rpc.h"
#include "tests/bench/bench.h"
#include "tests/bench/servers.h"
#include "tests/bench/stopwatch.h"
#include "tests/bench/talk.h"

#define ROUNDS_MAX 50
#define N_SIZES 3
#define N_DEPTHS 2
#define N_OPS 2
#define N_WAYS 3
#define SIZE_MAX_BYTES (1024 * 1024)
#define LINE_MOST 4096 /* bytes of a value that goes in a line */
#define DEPTH_FLOOR 5.0
#define WWW_FLOOR 0.5
#define MIB (1024.0 * 1024.0)

static const size_t sizes[N_SIZES] = { 100, 4096, SIZE_MAX_BYTES };
static const size_t depths[N_DEPTHS] = { 1, 64 };

enum { SMALL, MIDDLE, GREAT }; /* places in sizes */
enum { ONE, MANY };            /* in depths */
enum op { PUT, GET };
enum way { PROGRAMS, LINES, REDIS };

static const char *const op_names[N_OPS] = { "put", "get" };
static const char *const way_names[N_WAYS] = { "rdv, programs", "rdv, lines", "redis-server" };

static uint8_t content[SIZE_MAX_BYTES]; /* letters; of each size, the first so many */

/* --- questions -------------------------------------------------------------------------------- */

struct asking {
    enum way way;
    enum op op;
    struct rdv_span value;
    uint64_t next_id, next_answer;
};

static enum rdv_err say_as_program(const struct asking *a, uint64_t id, struct rdv_buf *out)
{
    struct rdv_cbor_map params;
    enum rdv_err err;

    if ((err = rdv_rpc_put_request(out, id, op_names[a->op])) != RDV_OK ||
        (err = rdv_cbor_map_begin(&params, out)) != RDV_OK ||
        (err = rdv_cbor_map_key(&params, "record")) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, 0)) != RDV_OK)
        return err;
    if (a->op == PUT && ((err = rdv_cbor_map_key(&params, "content")) != RDV_OK ||
                         (err = rdv_cbor_put_bytes(out, a->value)) != RDV_OK))
        return err;
    return rdv_cbor_map_end(&params);
}

static enum rdv_err say_line(const struct asking *a, struct rdv_buf *out)
{
    enum rdv_err err;

    if ((err = rdv_put_text(out, a->op == PUT ? "Z00" : "I00")) != RDV_OK ||
        (a->op == PUT && (err = rdv_put_bytes(out, a->value)) != RDV_OK))
        return err;
    return rdv_put_text(out, "\n");
}

static enum rdv_err say_to_redis(const struct asking *a, struct rdv_buf *out)
{
    char head[80];
    enum rdv_err err;

    if (a->op == GET)
        return rdv_put_text(out, "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
    (void)snprintf(head, sizeof(head), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%zu\r\n", a->value.n);
    if ((err = rdv_put_text(out, head)) != RDV_OK || (err = rdv_put_bytes(out, a->value)) != RDV_OK)
        return err;
    return rdv_put_text(out, "\r\n");
}

static enum rdv_err say(void *user, struct rdv_buf *out)
{
    struct asking *a = user;

    switch (a->way) {
    case PROGRAMS:
        return say_as_program(a, a->next_id++, out);
    case LINES:
        return say_line(a, out);
    case REDIS:
        break;
    }
    return say_to_redis(a, out);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* The value of a key in a map that is known to be well formed. */
static bool find(struct rdv_cbor *out, struct rdv_span map, const char *key)
{
    struct rdv_reader rd = { map };
    struct rdv_cbor head, name;

    if (rdv_cbor_get(&rd, &head) != RDV_OK || head.type != RDV_CBOR_MAP)
        return false;
    for (uint64_t i = 0; i < head.n; i++) {
        if (rdv_cbor_get(&rd, &name) != RDV_OK)
            return false;
        if (name.type == RDV_CBOR_TEXT && rdv_span_is(name.bytes, key))
            return rdv_cbor_get(&rd, out) == RDV_OK;
        if (rdv_cbor_skip(&rd, RDV_RPC_DEPTH_MAX) != RDV_OK)
            return false;
    }
    return false;
}

static enum rdv_err hear_as_program(struct asking *a, struct rdv_buf *in, bool *whole)
{
    struct rdv_rpc_framer framer = { .most = RDV_RPC_MESSAGE_MAX };
    struct rdv_reader rd = { rdv_buf_view(in) };
    struct rdv_rpc_answer answer;
    struct rdv_span message;
    struct rdv_cbor value;
    enum rdv_err err;

    if ((err = rdv_rpc_frame(&framer, &rd, &message, whole)) != RDV_OK || !*whole)
        return err;
    if ((err = rdv_rpc_get_answer(&answer, message)) != RDV_OK)
        return err;
    if (!answer.has_id || answer.id != a->next_answer || answer.code != 0)
        return RDV_ERR_FORMAT;
    if (a->op == GET && !(find(&value, answer.body, "content") && value.type == RDV_CBOR_BYTES &&
                          rdv_span_equal(value.bytes, a->value)))
        return RDV_ERR_FORMAT;
    a->next_answer++;
    rdv_buf_consume(in, message.n);
    return RDV_OK;
}

/* An answer of known bytes around the value, which only a get has. */
static enum rdv_err hear_exactly(const struct asking *a, struct rdv_buf *in, bool *whole,
                                 const char *before, const char *after)
{
    const struct rdv_span got = rdv_buf_view(in);
    const size_t head = strlen(before), value = a->op == GET ? a->value.n : 0, tail = strlen(after);

    *whole = got.n >= head + value + tail;
    if (!*whole)
        return RDV_OK;
    if (memcmp(got.p, before, head) != 0 || memcmp(got.p + head, a->value.p, value) != 0 ||
        memcmp(got.p + head + value, after, tail) != 0)
        return RDV_ERR_FORMAT;
    rdv_buf_consume(in, head + value + tail);
    return RDV_OK;
}

static enum rdv_err hear(void *user, struct rdv_buf *in, bool *whole)
{
    struct asking *a = user;
    char head[40] = "";

    switch (a->way) {
    case PROGRAMS:
        return hear_as_program(a, in, whole);
    case LINES:
        return hear_exactly(a, in, whole, a->op == GET ? "" : "OK", "\r\n");
    case REDIS:
        break;
    }
    if (a->op == GET)
        (void)snprintf(head, sizeof(head), "$%zu\r\n", a->value.n);
    return hear_exactly(a, in, whole, a->op == GET ? head : "+OK", "\r\n");
}

/* --- measuring -------------------------------------------------------------------------------- */

static enum rdv_err run_way(double *per_second, const struct bench_server *srv, enum way way,
                            enum op op, size_t size, size_t depth, double seconds)
{
    struct asking asking = { .way = way, .op = op, .value = { content, size } };
    struct bench_talk *t = NULL;
    unsigned long answers = 0;
    double took = 1;
    enum rdv_err err;

    if ((err = bench_talk_new(&t, srv, way == PROGRAMS ? RDV_RPC_PROTOCOL : NULL)) == RDV_OK)
        err = bench_talk_run(t, say, hear, &asking, depth, seconds, &answers, &took);
    bench_talk_free(t);
    *per_second = (double)answers / took;
    return err;
}

/* One record for all sizes: it may hold the greatest, and nothing of it is kept but the last. */
static enum rdv_err prepare(const struct bench_server *srv)
{
    for (size_t i = 0; i < sizeof(content); i++)
        content[i] = (uint8_t)('a' + i % 26);
    return bench_talk_order(srv, "!record set 00 max=1048576 keep=1");
}

/* Files per second, each over a connection of its own; the handshake is not counted. */
static enum rdv_err fetch_files(double *per_second, const struct bench_server *srv, double seconds)
{
    const uint64_t end = bench_now_ns() + (uint64_t)(seconds * 1e9);
    uint64_t spent = 0;
    unsigned long n = 0;
    enum rdv_err err = RDV_OK;

    while (err == RDV_OK && (n == 0 || bench_now_ns() < end)) {
        struct bench_talk *t = NULL;
        uint64_t began;
        size_t bytes;

        if ((err = bench_talk_new(&t, srv, NULL)) != RDV_OK)
            return err;
        began = bench_now_ns();
        err = bench_talk_fetch(t, RDV_LIT("GET /" BENCH_FILE " HTTP/1.0\r\n\r\n"), &bytes);
        spent += bench_now_ns() - began;
        bench_talk_free(t);
        n++;
        if (err == RDV_OK && bytes < SIZE_MAX_BYTES)
            err = RDV_ERR_FORMAT;
    }
    *per_second = (double)n / ((double)spent / 1e9);
    return err;
}

/* --- rounds ----------------------------------------------------------------------------------- */

struct rounds {
    double of[N_WAYS][N_OPS][N_SIZES][N_DEPTHS][ROUNDS_MAX];
    double www[ROUNDS_MAX];
};

static bool goes(enum way way, size_t size)
{
    return way != LINES || sizes[size] <= LINE_MOST;
}

static enum rdv_err measure_round(struct rounds *r, const struct bench_job *job, unsigned round,
                                  const struct bench_server *servers)
{
    enum rdv_err err;

    for (size_t size = 0; size < N_SIZES; size++) {
        for (int op = 0; op < N_OPS; op++) { /* what is got was put just before */
            for (size_t d = 0; d < N_DEPTHS; d++) {
                for (int way = 0; way < N_WAYS; way++) {
                    if (!goes((enum way)way, size))
                        continue;
                    bench_progress("round %u of %u: %s of %zu bytes, %zu under way, %s", round + 1,
                                   job->rounds, op_names[op], sizes[size], depths[d],
                                   way_names[way]);
                    if ((err = run_way(&r->of[way][op][size][d][round], &servers[way == REDIS],
                                       (enum way)way, (enum op)op, sizes[size], depths[d],
                                       job->seconds)) != RDV_OK)
                        return err;
                }
            }
        }
    }
    return fetch_files(&r->www[round], &servers[2], job->seconds);
}

static double ratio_of(const double *a, const double *b, unsigned n)
{
    double ratios[ROUNDS_MAX];

    for (unsigned i = 0; i < n; i++)
        ratios[i] = b[i] > 0 ? a[i] / b[i] : 0;
    return bench_median(ratios, n);
}

static void print_table(const struct bench_job *job, const struct rounds *r)
{
    printf("\napi: one session; put: acknowledged when on disk (redis: SET, appendfsync always)\n"
           "%u rounds of %.1f s each, in turn; medians. TLS 1.3, %s, %s\n\n"
           "%-18s %-5s %9s %12s %12s %9s %12s\n",
           job->rounds, job->seconds, job->options->suite, job->options->group, "who", "what",
           "bytes", "1 at a time", "64 at once", "gain", "MiB/s at 64");
    for (size_t size = 0; size < N_SIZES; size++) {
        for (int op = 0; op < N_OPS; op++) {
            for (int way = 0; way < N_WAYS; way++) {
                const double one = bench_median(r->of[way][op][size][ONE], job->rounds);
                const double many = bench_median(r->of[way][op][size][MANY], job->rounds);

                if (goes((enum way)way, size))
                    printf("%-18s %-5s %9zu %12.0f %12.0f %9.1f %12.1f\n", way_names[way],
                           op_names[op], sizes[size], one, many,
                           ratio_of(r->of[way][op][size][MANY], r->of[way][op][size][ONE],
                                    job->rounds),
                           many * (double)sizes[size] / MIB);
            }
        }
    }
    printf("%-18s %-5s %9d %12.0f\n\n", "s_server -WWW", "file", SIZE_MAX_BYTES,
           bench_median(r->www, job->rounds));
}

static void check_floors(struct bench_job *job, const struct rounds *r)
{
    const double gain = ratio_of(r->of[PROGRAMS][PUT][SMALL][MANY],
                                 r->of[PROGRAMS][PUT][SMALL][ONE], job->rounds);
    const double www = ratio_of(r->of[PROGRAMS][GET][GREAT][ONE], r->www, job->rounds);

    bench_floor(job, gain >= DEPTH_FLOOR,
                "puts of %zu bytes: 64 at once %.1f times 1; at least %.0f", sizes[SMALL], gain,
                DEPTH_FLOOR);
    bench_floor(job, www >= WWW_FLOOR, "gets of 1 MiB: %.2f of s_server -WWW; at least %.1f", www,
                WWW_FLOOR);
}

enum rdv_err bench_api(struct bench_job *job)
{
    static struct rounds r;
    struct bench_server servers[3] = { { .n = 0 }, { .n = 0 }, { .n = 0 } };
    enum rdv_err err;

    if (job->rounds > ROUNDS_MAX) {
        log_error("--rounds: at most %d", ROUNDS_MAX);
        return RDV_ERR_USAGE;
    }
    if ((err = bench_rdv_start(&servers[0], job, 1000)) == RDV_OK &&
        (err = bench_redis_start(&servers[1], job)) == RDV_OK &&
        (err = bench_www_start(&servers[2], job, SIZE_MAX_BYTES)) == RDV_OK)
        err = prepare(&servers[0]);
    for (unsigned i = 0; i < job->rounds && err == RDV_OK; i++)
        err = measure_round(&r, job, i, servers);
    if (err == RDV_OK) {
        print_table(job, &r);
        check_floors(job, &r);
    }
    for (size_t s = 0; s < 3; s++) {
        if (bench_server_stop(&servers[s]) != RDV_OK)
            err = err == RDV_OK ? RDV_ERR_IO : err;
    }
    return err;
}
