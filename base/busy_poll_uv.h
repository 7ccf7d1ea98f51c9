/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Busy polling: a loop that has just said something looks for what comes next for a while before it
 * sleeps. To wake a sleeper takes longer than many an answer: above all on a virtual machine, whose
 * idle processor is the host's until an interrupt brings it back. Whoever else has work for this
 * processor gets it meanwhile, and where nothing comes in time it is tried ever less often.
 */
#ifndef RDV_BASE_BUSY_POLL_UV_H
#define RDV_BASE_BUSY_POLL_UV_H

#include <stdint.h>

#include <uv.h>

struct rdv_busy_poll {
    uv_idle_t idle; /* while it is active the loop does not sleep */
    uint64_t most_ns;
    uint64_t since_ns;
    unsigned misses; /* in a row, as far as they count */
    unsigned skip;   /* chances to let pass */
};

/* Polls for `most_us` microseconds at a time; 0: never. The loop must be closed after it. */
void rdv_busy_poll_init(struct rdv_busy_poll *poll, uv_loop_t *loop, unsigned most_us);
void rdv_busy_poll_close(struct rdv_busy_poll *poll);

/* Something was said that is soon to be answered. */
void rdv_busy_poll_expect(struct rdv_busy_poll *poll);

/* Something has come. */
void rdv_busy_poll_heard(struct rdv_busy_poll *poll);

#endif
