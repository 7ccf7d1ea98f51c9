/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/stopwatch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/invariant.h"

uint64_t bench_now_ns(void)
{
    struct timespec t;

    RDV_INVARIANT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

void bench_times_free(struct bench_times *t)
{
    free(t->ms);
    *t = (struct bench_times){ .n = 0 };
}

enum rdv_err bench_times_add(struct bench_times *t, uint64_t ns)
{
    if (t->n == t->cap) {
        const size_t cap = t->cap == 0 ? 4096 : t->cap * 2;
        float *ms = reallocarray(t->ms, cap, sizeof(*ms));

        if (ms == NULL)
            return RDV_ERR_NOMEM;
        t->ms = ms;
        t->cap = cap;
    }
    t->ms[t->n++] = (float)ns / 1e6F;
    return RDV_OK;
}

static int by_float(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static int by_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_times_percentile(struct bench_times *t, double percent)
{
    if (t->n == 0)
        return 0;
    qsort(t->ms, t->n, sizeof(*t->ms), by_float);
    return (double)t->ms[(size_t)((double)(t->n - 1) * percent / 100)];
}

double bench_median(const double *numbers, size_t n)
{
    double sorted[BENCH_ROUNDS_MAX];

    RDV_INVARIANT(n <= BENCH_ROUNDS_MAX);
    if (n == 0)
        return 0;
    memcpy(sorted, numbers, n * sizeof(*numbers));
    qsort(sorted, n, sizeof(*sorted), by_double);
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

struct bench_figures bench_figures_of(struct bench_times *t, double seconds, double cpu_s)
{
    return (struct bench_figures){
        .per_second = (double)t->n / seconds,
        .p50_ms = bench_times_percentile(t, 50),
        .p99_ms = bench_times_percentile(t, 99),
        .cpu_s = cpu_s,
        .per_cpu_second = cpu_s > 0 ? (double)t->n / cpu_s : 0,
    };
}

/* The median of the field at `offset`. */
static double median_of(const struct bench_figures *rounds, size_t n, size_t offset)
{
    double numbers[BENCH_ROUNDS_MAX];

    RDV_INVARIANT(n <= BENCH_ROUNDS_MAX);
    for (size_t i = 0; i < n; i++)
        memcpy(&numbers[i], (const char *)&rounds[i] + offset, sizeof(numbers[i]));
    return bench_median(numbers, n);
}

struct bench_figures bench_figures_median(const struct bench_figures *rounds, size_t n)
{
    return (struct bench_figures){
        .per_second = median_of(rounds, n, offsetof(struct bench_figures, per_second)),
        .p50_ms = median_of(rounds, n, offsetof(struct bench_figures, p50_ms)),
        .p99_ms = median_of(rounds, n, offsetof(struct bench_figures, p99_ms)),
        .cpu_s = median_of(rounds, n, offsetof(struct bench_figures, cpu_s)),
        .per_cpu_second = median_of(rounds, n, offsetof(struct bench_figures, per_cpu_second)),
    };
}
