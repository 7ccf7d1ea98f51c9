/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way to log: one line per event to standard error, "program[pid]: level: function: text".
 * Never payload, never a key, not even at debug. Bytes that strangers sent go through rdv_quote.
 * Safe to call from any thread; errno is preserved.
 */
#ifndef RDV_BASE_LOG_H
#define RDV_BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/quote.h"

enum rdv_log_level {
    RDV_LOG_ERROR,
    RDV_LOG_WARN,
    RDV_LOG_INFO,
    RDV_LOG_DEBUG,
};

/* Names the program in each line (borrowed) and sets how much is said. Call once, before threads.
 */
void rdv_log_open(const char *program, enum rdv_log_level most);

/* Sends lines to a function instead of standard error (tests). NULL restores. */
typedef void (*rdv_log_sink)(enum rdv_log_level level, const char *line);
void rdv_log_to(rdv_log_sink sink);

/*
 * For a program of one thread that says a line for each of its clients: from now on lines of the
 * level info wait for rdv_log_flush, for a line of another level, or until a pipe could not take
 * more in one piece. What waits when the program is killed is not said.
 */
void rdv_log_gather(void);
void rdv_log_flush(void);

#define log_error(...) rdv_log_(RDV_LOG_ERROR, __func__, RDV_OK, __VA_ARGS__)
#define log_warn(...) rdv_log_(RDV_LOG_WARN, __func__, RDV_OK, __VA_ARGS__)
#define log_info(...) rdv_log_(RDV_LOG_INFO, __func__, RDV_OK, __VA_ARGS__)
#define log_debug(...) rdv_log_(RDV_LOG_DEBUG, __func__, RDV_OK, __VA_ARGS__)
/* Append ": " and the text of err. */
#define log_error_e(err, ...) rdv_log_(RDV_LOG_ERROR, __func__, err, __VA_ARGS__)
#define log_warn_e(err, ...) rdv_log_(RDV_LOG_WARN, __func__, err, __VA_ARGS__)

void rdv_log_(enum rdv_log_level level, const char *function, enum rdv_err err, const char *format,
              ...) __attribute__((format(printf, 4, 5)));

/*
 * For what strangers can trigger at will: at most `most` lines in each window of a second, and the
 * number of those dropped is handed out with the first line of a later window.
 */
struct rdv_log_limit {
    uint64_t window;    /* second it counts for */
    unsigned said;      /* in this window */
    unsigned long left; /* unsaid since the last line */
};

/* True when a line may be written now; *unsaid is then the number dropped since the last one. */
bool rdv_log_may(struct rdv_log_limit *limit, unsigned most, uint64_t now_ms,
                 unsigned long *unsaid);

#endif
