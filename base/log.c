/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a pipe takes in one piece: lines of several processes do not mix in it. */
#define GATHERED_MAX 4096
#define LINE_MAX_BYTES 1024

static char said_by[64] = "rdv";
static enum rdv_log_level most_said = RDV_LOG_INFO;
static rdv_log_sink sink_function;
static bool gathers;
static char gathered[GATHERED_MAX];
static size_t n_gathered;

void rdv_log_open(const char *program, enum rdv_log_level most)
{
    (void)snprintf(said_by, sizeof(said_by), "%s[%ld]", program, (long)getpid());
    most_said = most;
}

void rdv_log_to(rdv_log_sink sink)
{
    sink_function = sink;
}

static void write_out(const char *bytes, size_t n)
{
    const int saved = errno;

    if (write(STDERR_FILENO, bytes, n) < 0)
        errno = saved; /* nowhere to say it */
}

void rdv_log_gather(void)
{
    gathers = true;
}

void rdv_log_flush(void)
{
    if (n_gathered == 0) /* in a program that does not gather, other threads look here as well */
        return;
    write_out(gathered, n_gathered);
    n_gathered = 0;
}

/* One write a line, or for many: lines of several threads and processes do not mix. */
static void put_line(enum rdv_log_level level, const char *line, size_t n)
{
    const bool waits = gathers && level == RDV_LOG_INFO;

    if (!waits || n > sizeof(gathered) - n_gathered)
        rdv_log_flush();
    if (waits) {
        memcpy(gathered + n_gathered, line, n);
        n_gathered += n;
    } else {
        write_out(line, n);
    }
}

void rdv_log_(enum rdv_log_level level, const char *function, enum rdv_err err, const char *format,
              ...)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    const int saved = errno;
    char line[LINE_MAX_BYTES];
    size_t n = 0;
    int r;
    va_list ap;

    if (level > most_said)
        return;
    r = snprintf(line, sizeof(line), "%s: %s: %s: ", said_by, names[level], function);
    if (r > 0)
        n = (size_t)r < sizeof(line) ? (size_t)r : sizeof(line) - 1;
    va_start(ap, format);
    r = vsnprintf(line + n, sizeof(line) - n, format, ap);
    va_end(ap);
    if (r > 0)
        n = (size_t)r < sizeof(line) - n ? n + (size_t)r : sizeof(line) - 1;
    if (err != RDV_OK) {
        r = snprintf(line + n, sizeof(line) - n, ": %s", rdv_err_text(err));
        if (r > 0)
            n = (size_t)r < sizeof(line) - n ? n + (size_t)r : sizeof(line) - 1;
    }
    if (sink_function != NULL) {
        sink_function(level, line);
    } else {
        line[n] = '\n';
        put_line(level, line, n + 1);
    }
    errno = saved;
}

bool rdv_log_may(struct rdv_log_limit *limit, unsigned most, uint64_t now_ms, unsigned long *unsaid)
{
    *unsaid = 0;
    if (limit->window != now_ms / 1000) {
        limit->window = now_ms / 1000;
        limit->said = 0;
    }
    if (limit->said >= most) {
        limit->left++;
        return false;
    }
    limit->said++;
    *unsaid = limit->left;
    limit->left = 0;
    return true;
}
