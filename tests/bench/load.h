/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The load generator: many client sessions in one thread, none of which ever blocks. It knows
 * nothing of what is said: it asks what it is given, and compares the answer with what must come.
 * TCP_NODELAY is on. The first wrong answer or lost connection, which is logged, ends a run.
 */
#ifndef RDV_TESTS_BENCH_LOAD_H
#define RDV_TESTS_BENCH_LOAD_H

#include "base/bytes.h"
#include "base/err.h"
#include "tests/bench/stopwatch.h"
#include "tests/bench/tls.h"

struct bench_load;

/* Gives what a session asks next, and the whole of what it must be answered. Both are empty
 * buffers; `nth` counts what this session has asked. */
typedef enum rdv_err (*bench_ask)(struct rdv_buf *ask, struct rdv_buf *want, void *user,
                                  size_t session, unsigned long nth);

/* Who a session logs in as, told anew whenever it connects. */
typedef struct bench_login (*bench_who)(void *user, size_t session);

/* Where answers cannot be known beforehand: looks at all that has come of one, and says in *whole
 * whether that is all of it. Returns: RDV_ERR_FORMAT when it is wrong. */
typedef enum rdv_err (*bench_judge)(void *user, size_t session, struct rdv_span got, bool *whole);

struct bench_load_config {
    unsigned short port; /* on 127.0.0.1 */
    struct bench_tls_config *tls;
    size_t n_sessions;
    bench_who who; /* NULL: root of BENCH_SEN */
    bench_ask ask;
    bench_judge judge; /* NULL: answers are compared with what `ask` wants */
    void *user;
    const char *farewell; /* the line after which the server closes; only for ..._visits */
};

/* How a run went. Times are the caller's to free. */
struct bench_run {
    double seconds; /* from the first beginning to the last end */
    struct bench_times times;
};

/* The config is copied. Returns: RDV_ERR_NOMEM, RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err bench_load_new(struct bench_load **out,
                                         const struct bench_load_config *config);
void bench_load_free(struct bench_load *load); /* closes all sessions */

/* What the next run is to ask. */
void bench_load_set_ask(struct bench_load *load, bench_ask ask);

/*
 * The runs. After `seconds` nothing new is begun, and what was begun is awaited.
 *
 *   open      every session connects and shakes hands, some at a time
 *   commands  every open session asks, and asks again as soon as it is answered: at least once
 *   sample    as commands, but one question, by every `step`-th session only
 *   visits    every session connects, shakes hands, asks once, says farewell, awaits the server's
 *             close, and begins anew
 *
 * Returns: RDV_ERR_IO, _TLS (connection), _CLOSED, RDV_ERR_FORMAT (wrong answer), RDV_ERR_TIMEOUT,
 * RDV_ERR_STATE (interrupted), RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err bench_load_open(struct bench_load *load, struct bench_run *out);
RDV_MUST_USE enum rdv_err bench_load_commands(struct bench_load *load, struct bench_run *out,
                                              double seconds);
RDV_MUST_USE enum rdv_err bench_load_sample(struct bench_load *load, struct bench_run *out,
                                            size_t step);
RDV_MUST_USE enum rdv_err bench_load_visits(struct bench_load *load, struct bench_run *out,
                                            double seconds);

#endif
