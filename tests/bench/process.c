/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/processor.h"

#define STEP_MS 5
#define DO_MS 60000
#define STOP_MS 20000 /* a card under AddressSanitizer with many sessions takes its time */
#define LOG_TAIL 3000 /* bytes shown of the log of a process that failed */

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

void bench_catch_signals(void)
{
    struct sigaction act = { .sa_handler = on_signal };

    (void)sigaction(SIGINT, &act, NULL);
    (void)sigaction(SIGTERM, &act, NULL);
    (void)sigaction(SIGHUP, &act, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

bool bench_interrupted(void)
{
    return interrupted != 0;
}

void bench_sleep_ms(unsigned ms)
{
    const struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000L };

    (void)nanosleep(&t, NULL);
}

static bool log_path(char *out, size_t size, const struct bench_process *p)
{
    const int n = snprintf(out, size, "%s/%s.log", p->dir, p->name);

    return n > 0 && (size_t)n < size;
}

/* --- starting --------------------------------------------------------------------------------- */

/* The options that the sanitizer of a card needs, after those there are. */
static bool set_card_options(void)
{
    const char *old = getenv("ASAN_OPTIONS");
    char options[1024];
    const int n = snprintf(options, sizeof(options), "%s%sdetect_leaks=0", old == NULL ? "" : old,
                           old == NULL ? "" : ":");

    return n > 0 && (size_t)n < sizeof(options) && setenv("ASAN_OPTIONS", options, 1) == 0;
}

/* In the child, until it becomes another program; returns only on failure. Whatever else is open
 * was opened close-on-exec. */
static void become(const struct bench_command *c, const char *log)
{
    const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int out =
            open(c->mute ? "/dev/null" : log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_DFL);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
        chdir(c->dir) != 0 || (c->is_card && !set_card_options()) ||
        (c->stays && rdv_processor_stay_on(c->cpu) != RDV_OK))
        return;
    (void)execvp(c->argv[0], (char *const *)(uintptr_t)c->argv);
    fprintf(stderr, "%s: %s\n", c->argv[0], strerror(errno));
}

enum rdv_err bench_process_start(struct bench_process *p, const struct bench_command *command)
{
    char log[PATH_MAX];

    *p = (struct bench_process){ .name = command->name, .dir = command->dir };
    if (!log_path(log, sizeof(log), p))
        return RDV_ERR_LIMIT;
    (void)fflush(stdout);
    if ((p->pid = fork()) < 0) {
        log_error("fork: %s", strerror(errno));
        p->pid = 0;
        return RDV_ERR_IO;
    }
    if (p->pid == 0) {
        become(command, log);
        _exit(127);
    }
    return RDV_OK;
}

/* --- ending ----------------------------------------------------------------------------------- */

static void show_log(const struct bench_process *p)
{
    char path[PATH_MAX], tail[LOG_TAIL + 1];
    FILE *f = NULL;
    size_t n = 0;

    if (log_path(path, sizeof(path), p) && (f = fopen(path, "re")) != NULL) {
        if (fseek(f, -(long)LOG_TAIL, SEEK_END) != 0)
            rewind(f);
        n = fread(tail, 1, LOG_TAIL, f);
        (void)fclose(f);
    }
    tail[n] = '\0';
    fprintf(stderr, "--- the end of what %s said:\n%s---\n", p->name, tail);
}

/* Waits for the end. Returns: RDV_ERR_TIMEOUT, and it still runs. */
static enum rdv_err reap(struct bench_process *p, int *status, unsigned most_ms)
{
    pid_t got;

    for (unsigned ms = 0; ms <= most_ms; ms += STEP_MS) {
        if ((got = waitpid(p->pid, status, WNOHANG)) == p->pid || (got < 0 && errno != EINTR)) {
            p->pid = 0;
            return RDV_OK;
        }
        bench_sleep_ms(STEP_MS);
    }
    return RDV_ERR_TIMEOUT;
}

static void kill_now(struct bench_process *p)
{
    int status;

    (void)kill(p->pid, SIGKILL);
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
        ;
    p->pid = 0;
}

enum rdv_err bench_process_do(const struct bench_command *command)
{
    struct bench_process p;
    int status = 0;
    enum rdv_err err;

    if ((err = bench_process_start(&p, command)) != RDV_OK)
        return err;
    if ((err = reap(&p, &status, DO_MS)) != RDV_OK) {
        log_error_e(err, "%s", command->name);
        kill_now(&p);
    } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        log_error("%s failed", command->name);
        show_log(&p);
        err = RDV_ERR_IO;
    }
    return err;
}

bool bench_process_is_alive(struct bench_process *p)
{
    int status;

    if (p->pid == 0)
        return false;
    if (waitpid(p->pid, &status, WNOHANG) != p->pid)
        return true;
    p->pid = 0;
    log_error("%s has ended", p->name);
    show_log(p);
    return false;
}

enum rdv_err bench_process_stop(struct bench_process *p)
{
    int status = 0;

    if (p->pid == 0)
        return RDV_OK;
    (void)kill(p->pid, SIGTERM);
    if (reap(p, &status, STOP_MS) != RDV_OK) {
        log_error("%s did not end: killed", p->name);
        show_log(p);
        kill_now(p);
        return RDV_ERR_IO;
    }
    if ((WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
        (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM))
        return RDV_OK;
    log_error("%s ended with %s %d", p->name, WIFSIGNALED(status) ? "signal" : "status",
              WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    show_log(p);
    return RDV_ERR_IO;
}

/* --- what it uses ----------------------------------------------------------------------------- */

double bench_process_cpu_s(const struct bench_process *p)
{
    struct timespec t = { 0, 0 };
    clockid_t clock;

    /* Finer than the clock ticks of /proc/PID/stat. */
    if (clock_getcpuclockid(p->pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return 0;
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A line "Name:   123 kB" of a file in /proc, in bytes; 0 when it is not to be had. */
static double proc_kilobytes(pid_t pid, const char *file, const char *name)
{
    char path[64], line[256];
    unsigned long kb = 0;
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, file);
    if ((f = fopen(path, "re")) == NULL)
        return 0;
    while (kb == 0 && fgets(line, sizeof(line), f) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0)
            kb = strtoul(line + strlen(name), NULL, 10);
    }
    (void)fclose(f);
    return (double)kb * 1024;
}

struct bench_memory bench_process_memory(const struct bench_process *p)
{
    return (struct bench_memory){
        .rss_bytes = proc_kilobytes(p->pid, "status", "VmRSS:"),
        .pss_bytes = proc_kilobytes(p->pid, "smaps_rollup", "Pss:"),
    };
}
