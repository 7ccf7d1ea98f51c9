/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

#define REDRAW_MS 100
#define COLUMNS_DEFAULT 80
#define COLUMNS_MOST 200
#define BAR_MOST 30

/* 1234567 as "1.2 MB". */
static void write_bytes(char *out, size_t size, double n)
{
    static const char *const units[] = { "B", "kB", "MB", "GB" };
    size_t unit = 0;

    while (n >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        n /= 1000;
        unit++;
    }
    (void)snprintf(out, size, unit == 0 ? "%.0f %s" : "%.1f %s", n, units[unit]);
}

static void write_left(char *out, size_t size, const struct tool_progress *p, double bytes_per_ms)
{
    const double ms = (double)(p->total_bytes - p->bytes) / bytes_per_ms;
    const uint64_t s = bytes_per_ms > 0 && ms < 359999000.0 ? (uint64_t)(ms / 1000) : UINT64_MAX;

    if (s == UINT64_MAX)
        (void)snprintf(out, size, "-:--");
    else if (s >= 3600)
        (void)snprintf(out, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60,
                       s % 60);
    else
        (void)snprintf(out, size, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
}

void tool_progress_line(char *out, size_t size, const struct tool_progress *p, uint64_t elapsed_ms,
                        int columns)
{
    const double rate = elapsed_ms == 0 ? 0 : (double)p->bytes / (double)elapsed_ms;
    const double part = p->total_bytes == 0 ? (double)p->n / (double)(p->total == 0 ? 1 : p->total)
                                            : (double)p->bytes / (double)p->total_bytes;
    char done[32], all[32], speed[32], left[32], text[200], bar[BAR_MOST + 1] = "";
    int room, n;

    write_bytes(done, sizeof(done), (double)p->bytes);
    write_bytes(all, sizeof(all), (double)p->total_bytes);
    write_bytes(speed, sizeof(speed), rate * 1000);
    write_left(left, sizeof(left), p, rate);
    n = snprintf(text, sizeof(text), " %3.0f%%  %zu/%zu  %s of %s  %s/s  %s left", part * 100, p->n,
                 p->total, done, all, speed, left);
    room = columns - n - 2;
    if (room > BAR_MOST)
        room = BAR_MOST;
    for (int i = 0; i < room; i++)
        bar[i] = (double)i < part * room ? '#' : '.';
    if (room > 4)
        (void)snprintf(out, size, "[%s]%s", bar, text);
    else
        (void)snprintf(out, size, "%.*s", columns, text + 1);
}

static int columns_of_terminal(void)
{
    struct winsize w;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
        return COLUMNS_DEFAULT;
    return w.ws_col > COLUMNS_MOST ? COLUMNS_MOST : w.ws_col;
}

static void draw(struct tool_progress *p, uint64_t now)
{
    char line[COLUMNS_MOST + 1];

    /* One column less than there are: the cursor stays in the line. */
    tool_progress_line(line, sizeof(line), p, now - p->began_ms, columns_of_terminal() - 1);
    fprintf(stderr, "\r%s\033[K", line);
    (void)fflush(stderr);
    p->drawn_ms = now;
}

void tool_progress_begin(struct tool_progress *p, size_t total, uint64_t total_bytes)
{
    *p = (struct tool_progress){ .shown = isatty(STDERR_FILENO) == 1,
                                 .total = total,
                                 .total_bytes = total_bytes,
                                 .began_ms = rdv_clock_mono_ms() };
    if (p->shown)
        draw(p, p->began_ms);
}

void tool_progress_step(struct tool_progress *p, uint64_t bytes)
{
    const uint64_t now = rdv_clock_mono_ms();

    p->n++;
    p->bytes += bytes;
    if (p->shown && (now - p->drawn_ms >= REDRAW_MS || p->n == p->total))
        draw(p, now);
}

void tool_progress_clear(struct tool_progress *p)
{
    if (!p->shown)
        return;
    fprintf(stderr, "\r\033[K");
    (void)fflush(stderr);
    p->drawn_ms = 0;
}
