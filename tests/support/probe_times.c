/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `probe times N ID=PSK ...`: does a refusal's time tell why? N samples of each login, interleaved
 * in random order so that whatever else the machine does falls on all alike; each pair is compared
 * by the rank sum of Mann and Whitney, whose z has the standard normal distribution when the two
 * are the same: beyond 5 by chance once in two million pairs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "tests/support/probe.h"

#define LOGINS_MAX 8
#define SAMPLES_MAX 100000
#define Z_MOST 5.0
#define WARM_UP 20

struct login {
    char identity[64];
    struct probe_config config;
    double *samples; /* microseconds, in the order taken */
    size_t n;
};

static double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* From the ClientHello to the alert. */
static double time_of_refusal(const struct probe_config *config)
{
    struct probe_conn c;
    struct rdv_buf text = RDV_BUF(PROBE_RECORD_MAX);
    enum probe_tls_event event;
    double began;

    probe_conn_open(&c, config);
    (void)probe_tls_connect(c.tls);
    probe_conn_put_tls(&c);
    began = now_us();
    probe_conn_flush(&c);
    event = probe_conn_next(&c, &text);
    began = now_us() - began;
    if (event != PROBE_TLS_ALERT)
        probe_fail("%s was not refused by an alert", config->login.identity);
    rdv_buf_free(&text);
    probe_conn_close(&c);
    return began;
}

static void read_login(struct login *login, const struct probe_config *config, const char *text,
                       size_t samples)
{
    const char *equals = strchr(text, '=');

    *login = (struct login){ .config = *config };
    if (equals == NULL || (size_t)(equals - text) >= sizeof(login->identity) ||
        rdv_hex_decode(login->config.login.psk, PROBE_PSK_BYTES, rdv_span_of(equals + 1)) != RDV_OK)
        probe_misuse("\"%s\" is not ID=PSK", text);
    memcpy(login->identity, text, (size_t)(equals - text));
    login->config.login.identity = login->identity;
    if ((login->samples = calloc(samples, sizeof(*login->samples))) == NULL)
        probe_fail("no memory");
}

/* One sample of each, in random order. */
static void take_round(struct login *logins, size_t n, bool keep)
{
    size_t order[LOGINS_MAX];

    for (size_t i = 0; i < n; i++) {
        const size_t at = (size_t)random() % (i + 1);

        order[i] = order[at];
        order[at] = i;
    }
    for (size_t i = 0; i < n; i++) {
        struct login *login = &logins[order[i]];
        const double us = time_of_refusal(&login->config);

        if (keep)
            login->samples[login->n++] = us;
    }
}

static int by_time(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Both sorted. Equal times, rare at this resolution, count half. */
static double rank_sum_z(const struct login *a, const struct login *b)
{
    const double n = (double)a->n, m = (double)b->n;
    double u = 0;
    size_t below = 0, up_to = 0;

    for (size_t i = 0; i < a->n; i++) {
        while (below < b->n && b->samples[below] < a->samples[i])
            below++;
        while (up_to < b->n && b->samples[up_to] <= a->samples[i])
            up_to++;
        u += (double)(below + up_to) / 2;
    }
    return (u - n * m / 2) / sqrt(n * m * (n + m + 1) / 12);
}

static bool compare(const struct login *logins, size_t n)
{
    bool alike = true;

    for (size_t i = 0; i < n; i++)
        printf("%-20s median %8.1f us, quartiles %8.1f and %8.1f\n", logins[i].identity,
               logins[i].samples[logins[i].n / 2], logins[i].samples[logins[i].n / 4],
               logins[i].samples[logins[i].n * 3 / 4]);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            const double z = rank_sum_z(&logins[i], &logins[j]);

            printf("%-20s against %-20s z = %.2f\n", logins[i].identity, logins[j].identity, z);
            alike &= fabs(z) < Z_MOST;
        }
    }
    return alike;
}

int probe_times(const struct probe_config *config, int argc, char **argv)
{
    static struct login logins[LOGINS_MAX];
    const size_t n = (size_t)argc - 1;
    size_t samples;
    bool alike;

    if (argc < 3 || n > LOGINS_MAX)
        probe_misuse("times: 2 to %d logins", LOGINS_MAX);
    samples = (size_t)probe_number(argv[0], 10, SAMPLES_MAX);
    for (size_t i = 0; i < n; i++)
        read_login(&logins[i], config, argv[i + 1], samples);
    srandom((unsigned)time(NULL));
    for (size_t i = 0; i < WARM_UP + samples; i++)
        take_round(logins, n, i >= WARM_UP);
    for (size_t i = 0; i < n; i++)
        qsort(logins[i].samples, logins[i].n, sizeof(*logins[i].samples), by_time);
    alike = compare(logins, n);
    for (size_t i = 0; i < n; i++)
        free(logins[i].samples);
    if (!alike)
        probe_fail("the time of a refusal tells why");
    return 0;
}
