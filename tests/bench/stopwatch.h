/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times taken, and what they come to: percentiles of one measurement, medians over rounds. */
#ifndef RDV_TESTS_BENCH_STOPWATCH_H
#define RDV_TESTS_BENCH_STOPWATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define BENCH_ROUNDS_MAX 1000

/* Nanoseconds since some fixed moment; never goes back. */
uint64_t bench_now_ns(void);

/* How long each thing took. A zeroed struct is a valid empty one. */
struct bench_times {
    float *ms;
    size_t n, cap;
};

void bench_times_free(struct bench_times *t);
RDV_MUST_USE enum rdv_err bench_times_add(struct bench_times *t, uint64_t ns);

/* The time that `percent` of them do not exceed, ms; 0 when there is none. Sorts them. */
double bench_times_percentile(struct bench_times *t, double percent);

/* The middle of n numbers (at most BENCH_ROUNDS_MAX), which stay as they are; 0 when n is 0. */
double bench_median(const double *numbers, size_t n);

/* One measurement, and the same over several rounds. */
struct bench_figures {
    double per_second;
    double p50_ms, p99_ms;
    double cpu_s; /* of all processes of the server */
    double per_cpu_second;
};

/* From `n` things done in `seconds`, whose times are in `t`. */
struct bench_figures bench_figures_of(struct bench_times *t, double seconds, double cpu_s);
struct bench_figures bench_figures_median(const struct bench_figures *rounds, size_t n);

#endif
