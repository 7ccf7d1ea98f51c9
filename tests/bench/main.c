/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rdv-bench: how fast the servers are, beside others that do the same. It starts the front and the
 * card that lie beside it, and openssl,
 * redis-server and mosquitto from the PATH.
 */
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/bench/bench.h"
#include "tests/bench/process.h"
#include "tests/bench/workdir.h"

#define TINY_SECONDS 0.2
#define EXIT_MISSED 3 /* all ran, but a floor was not reached */

static const struct rdv_option options[] = {
#define RDV_CONFIG_LIST "tests/bench/options.def"
#define RDV_CONFIG_OWNER bench_options
#include "base/config_options.h"
};

static const struct subcommand {
    const char *name;
    enum rdv_err (*run)(struct bench_job *job);
    unsigned rounds;
    const char *help;
} subcommands[] = {
    { "sessions", bench_sessions, 5, "short sessions, against openssl s_server" },
    { "writes", bench_writes, 5, "acknowledged writes, beside redis and bare fdatasync" },
    { "reads", bench_reads, 3, "reads, beside redis" },
    { "idle", bench_idle, 1, "memory of sessions that say nothing" },
    { "accounts", bench_accounts, 7, "sessions with 1, 1,000 and 100,000 guests in an element" },
    { "log", bench_log, 7, "signed writes with a log of 1,000,000 entries, and with an empty one" },
    { "sign", bench_sign, 5, "signatures in pipes, against the libraries themselves" },
    { "api", bench_api, 3, "what programs say, many at a time, against lines, redis, s_server" },
    { "publish", bench_publish, 3, "from a post to an MQTT subscriber, beside mosquitto alone" },
};

#define N_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

/* --- for the subcommands ---------------------------------------------------------------------- */

void bench_floor(struct bench_job *job, bool met, const char *format, ...)
{
    va_list args;

    printf("floor: ");
    va_start(args, format);
    (void)vprintf(format, args);
    va_end(args);
    printf(": %s\n", met ? "met" : "NOT MET");
    job->missed = job->missed || !met;
}

const char *bench_how(const struct bench_job *job)
{
    if (job->options->cpu >= 0)
        return ", each on one processor, the clients on the others";
    return job->options->sleepy ? ", ours without busy polling" : "";
}

void bench_progress(const char *format, ...)
{
    va_list args;

    if (isatty(STDERR_FILENO) != 1)
        return;
    fprintf(stderr, "\r\033[K");
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\r");
}

/* --- running ---------------------------------------------------------------------------------- */

static enum rdv_err run_in_dir(const struct subcommand *sub, struct bench_job *job)
{
    char dir[PATH_MAX];
    enum rdv_err err;

    if ((err = bench_workdir_make(dir, sizeof(dir), job->options->dir)) != RDV_OK)
        return err;
    job->dir = dir;
    err = sub->run(job);
    bench_workdir_remove(dir);
    if (err != RDV_OK)
        log_error_e(err, "%s", sub->name);
    return err;
}

static enum rdv_err run(const struct subcommand *sub, const struct bench_options *o, bool *missed)
{
    struct bench_job job = {
        .options = o,
        .seconds = (double)o->seconds,
        .rounds = o->rounds > 0 ? (unsigned)o->rounds : sub->rounds,
    };
    const enum rdv_err err = run_in_dir(sub, &job);

    *missed = job.missed;
    return err;
}

/* Every subcommand at a tiny size: that they work is all that counts. */
static enum rdv_err smoke(const struct bench_options *o)
{
    enum rdv_err err = RDV_OK;

    for (size_t i = 0; i < N_SUBCOMMANDS && err == RDV_OK; i++) {
        struct bench_job job = { .options = o, .seconds = TINY_SECONDS, .rounds = 1, .tiny = true };

        err = run_in_dir(&subcommands[i], &job);
    }
    return err;
}

static int usage(FILE *to)
{
    fprintf(to, "usage: rdv-bench SUBCOMMAND [option ...]\n\n");
    for (size_t i = 0; i < N_SUBCOMMANDS; i++)
        fprintf(to, "  %-10s %s\n", subcommands[i].name, subcommands[i].help);
    fprintf(to, "  %-10s all of them, as small as can be: do they work?\n", "smoke");
    fprintf(to, "  %-10s this\n\n", "help");
    fprintf(to,
            "rdv-bench SUBCOMMAND --help lists the options. Exit status %d: a floor was missed.\n",
            EXIT_MISSED);
    return to == stdout ? 0 : rdv_err_exit(RDV_ERR_USAGE);
}

int main(int argc, char **argv)
{
    struct bench_options o;
    const struct rdv_config config = {
        "rdv-bench", "rdv-bench SUBCOMMAND [option ...]",
        options,     sizeof(options) / sizeof(options[0]),
        &o,          sizeof(o),
    };
    const char *name = argc >= 2 ? argv[1] : "";
    enum rdv_config_then then;
    bool missed = false;
    enum rdv_err err;
    size_t i;

    rdv_log_open("rdv-bench", RDV_LOG_INFO);
    for (i = 0; i < N_SUBCOMMANDS && strcmp(name, subcommands[i].name) != 0; i++)
        ;
    if (i == N_SUBCOMMANDS && strcmp(name, "smoke") != 0)
        return usage(strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 ? stdout : stderr);
    if ((err = rdv_config_args(&config, &then, argc - 1, argv + 1)) != RDV_OK ||
        then != RDV_CONFIG_RUN)
        return rdv_err_exit(err);
    bench_catch_signals();
    err = i == N_SUBCOMMANDS ? smoke(&o) : run(&subcommands[i], &o, &missed);
    if (err != RDV_OK)
        return rdv_err_exit(err);
    return missed ? EXIT_MISSED : 0;
}
