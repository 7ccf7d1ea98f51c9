/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes the benchmark starts: each is ended by its own id, and none outlives the benchmark.
 * What one says goes to NAME.log in its directory; the end of that is shown when it fails.
 */
#ifndef RDV_TESTS_BENCH_PROCESS_H
#define RDV_TESTS_BENCH_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* What to start. All is borrowed: name and dir for as long as the process is used. */
struct bench_command {
    const char *name;        /* for messages and the log */
    const char *dir;         /* it runs there */
    const char *const *argv; /* ends with NULL; argv[0] without a slash is looked up in PATH */
    bool mute;               /* what it says is thrown away */
    bool is_card;            /* it lets nobody trace it, not even the leak checker */
    bool stays;              /* on this processor, with all its threads */
    long cpu;
};

struct bench_process {
    const char *name, *dir;
    pid_t pid; /* 0: not running */
};

/* Fills a zeroed struct. Returns: RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err bench_process_start(struct bench_process *p,
                                              const struct bench_command *command);

/* Runs one to its end, which must be status 0. Returns: RDV_ERR_IO, RDV_ERR_TIMEOUT. */
RDV_MUST_USE enum rdv_err bench_process_do(const struct bench_command *command);

/* False when it has ended by itself; its log is shown then. */
bool bench_process_is_alive(struct bench_process *p);

/* SIGTERM, then SIGKILL after a while. Does nothing when it is not running.
 * Returns: RDV_ERR_IO when it had to be killed, or ended in another way than by the signal or with
 * status 0. */
RDV_MUST_USE enum rdv_err bench_process_stop(struct bench_process *p);

/* Seconds of processor time so far, user and system, all threads. */
double bench_process_cpu_s(const struct bench_process *p);

struct bench_memory {
    double rss_bytes;
    double pss_bytes; /* 0 when we may not see it */
};

struct bench_memory bench_process_memory(const struct bench_process *p);

/* The signals that end the benchmark in good order: from then on bench_interrupted is true. */
void bench_catch_signals(void);
bool bench_interrupted(void);

/* Waits that many milliseconds, or until a signal comes. */
void bench_sleep_ms(unsigned ms);

#endif
