/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The subcommands of rdv-bench. Each starts the servers it compares, drives them with one and the
 * same client (load.h), prints a table, and ends what it started.
 */
#ifndef RDV_TESTS_BENCH_BENCH_H
#define RDV_TESTS_BENCH_BENCH_H

#include <stdbool.h>

#include "base/config.h"
#include "base/err.h"

struct bench_options {
#define RDV_CONFIG_LIST "tests/bench/options.def"
#include "base/config_fields.h"
};

/* What a subcommand is given. */
struct bench_job {
    const struct bench_options *options;
    const char *dir; /* absolute; removed when the job is done */
    double seconds;  /* of one measurement */
    unsigned rounds;
    bool tiny;   /* only to see that it works: the least of everything */
    bool missed; /* out: a floor was not reached */
};

/* All: what went wrong was logged. */
RDV_MUST_USE enum rdv_err bench_sessions(struct bench_job *job);
RDV_MUST_USE enum rdv_err bench_writes(struct bench_job *job);
RDV_MUST_USE enum rdv_err bench_reads(struct bench_job *job);
RDV_MUST_USE enum rdv_err bench_idle(struct bench_job *job);
RDV_MUST_USE enum rdv_err bench_accounts(struct bench_job *job);
RDV_MUST_USE enum rdv_err bench_log(struct bench_job *job);
RDV_MUST_USE enum rdv_err bench_sign(struct bench_job *job);
RDV_MUST_USE enum rdv_err bench_api(struct bench_job *job);
RDV_MUST_USE enum rdv_err bench_publish(struct bench_job *job);

/* Prints one floor of the project, and whether it is reached; remembers in job->missed. */
void bench_floor(struct bench_job *job, bool met, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* How the servers run, for the head of a table: "", or that they have a processor of their own, or
 * do not poll. */
const char *bench_how(const struct bench_job *job);

/* Says which round is under way, on standard error when that is a terminal. */
void bench_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
