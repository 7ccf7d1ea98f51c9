/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *program_name = "rdv";
static enum rdv_log_level most_said = RDV_LOG_INFO;
static rdv_log_sink sink_function;

void rdv_log_open(const char *program, enum rdv_log_level most)
{
    program_name = program;
    most_said = most;
}

void rdv_log_to(rdv_log_sink sink)
{
    sink_function = sink;
}

void rdv_log_(enum rdv_log_level level, const char *function, enum rdv_err err, const char *format,
              ...)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    const int saved = errno;
    char line[1024];
    size_t n = 0;
    int r;
    va_list ap;

    if (level > most_said)
        return;
    r = snprintf(line, sizeof(line), "%s[%ld]: %s: %s: ", program_name, (long)getpid(),
                 names[level], function);
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
        /* One write: lines of several threads and processes do not mix. */
        line[n] = '\n';
        if (write(STDERR_FILENO, line, n + 1) < 0)
            errno = saved; /* nowhere to say it */
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
