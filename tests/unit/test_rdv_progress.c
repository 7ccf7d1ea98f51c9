/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/progress.h"

#include <string.h>

#include "tests/support/test.h"

static void shows(struct tool_progress p, uint64_t elapsed_ms, int columns, const char *want)
{
    char line[201];

    tool_progress_line(line, sizeof(line), &p, elapsed_ms, columns);
    T_TEXT(rdv_span_of(line), want);
    T_TRUE((int)strlen(line) <= columns);
}

static void a_bar_tells_how_far_how_fast_and_how_long(void)
{
    const struct tool_progress half = {
        .bytes = 500000, .total_bytes = 1000000, .n = 5, .total = 10
    };

    shows(half, 1000, 100,
          "[###############...............]  50%  5/10  500.0 kB of 1.0 MB  500.0 kB/s  0:01 left");
    shows(half, 200000, 100,
          "[###############...............]  50%  5/10  500.0 kB of 1.0 MB  2.5 kB/s  3:20 left");
    shows(half, 7200000, 70,
          "[########.......]  50%  5/10  500.0 kB of 1.0 MB  69 B/s  2:00:00 left");
}

static void it_begins_and_ends(void)
{
    struct tool_progress p = { .total_bytes = 999, .total = 3 };

    shows(p, 0, 80, "[..............................]   0%  0/3  0 B of 999 B  0 B/s  -:-- left");
    p.n = 3;
    p.bytes = 999;
    shows(p, 10, 80,
          "[##############################] 100%  3/3  999 B of 999 B  99.9 kB/s  0:00 left");
}

static void records_without_bytes_count_too(void)
{
    const struct tool_progress p = { .n = 1, .total = 4 };

    shows(p, 10, 60, "[#####.............]  25%  1/4  0 B of 0 B  0 B/s  -:-- left");
    shows((struct tool_progress){ 0 }, 10, 60,
          "[..................]   0%  0/0  0 B of 0 B  0 B/s  -:-- left");
}

static void a_narrow_terminal_gets_what_fits(void)
{
    const struct tool_progress half = {
        .bytes = 500000, .total_bytes = 1000000, .n = 5, .total = 10
    };

    shows(half, 1000, 50, " 50%  5/10  500.0 kB of 1.0 MB  500.0 kB/s  0:01 l");
    shows(half, 1000, 5, " 50% ");
}

static CU_TestInfo tests[] = {
    T_CASE(a_bar_tells_how_far_how_fast_and_how_long),
    T_CASE(it_begins_and_ends),
    T_CASE(records_without_bytes_count_too),
    T_CASE(a_narrow_terminal_gets_what_fits),
    T_END,
};

T_SUITE(rdv_progress, tests);
