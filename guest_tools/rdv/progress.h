/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bar on standard error, where that is a terminal: how much is done, how fast, how long it takes.
 */
#ifndef RDV_GUEST_TOOLS_RDV_PROGRESS_H
#define RDV_GUEST_TOOLS_RDV_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tool_progress {
    bool shown; /* there is a terminal */
    uint64_t bytes, total_bytes;
    size_t n, total;
    uint64_t began_ms, drawn_ms;
};

void tool_progress_begin(struct tool_progress *p, size_t total, uint64_t total_bytes);
/* One more is done, of so many bytes. */
void tool_progress_step(struct tool_progress *p, uint64_t bytes);
/* Takes the bar away: before a message, and at the end. The next step brings it back. */
void tool_progress_clear(struct tool_progress *p);

/* The bar as text of at most `columns`, after so many milliseconds. */
void tool_progress_line(char *out, size_t size, const struct tool_progress *p, uint64_t elapsed_ms,
                        int columns);

#endif
