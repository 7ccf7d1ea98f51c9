/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many requests at once, over as many sessions as it takes. */
#ifndef RDV_GUEST_TOOLS_RDV_BULK_H
#define RDV_GUEST_TOOLS_RDV_BULK_H

#include "guest_tools/rdv/progress.h"
#include "guest_tools/rdv/tool.h"

struct tool_bulk_item {
    uint8_t record;
    char *file; /* its name in the directory */
    uint64_t bytes, version;
    bool done;        /* or given up: told */
    bool unknown;     /* asked for once without an answer: the card may have done it */
    uint32_t request; /* 0: not under way */
};

struct tool_bulk {
    struct tool *t;
    const struct rdv_uri *where;
    long tries; /* sessions, while no answer comes */
    struct tool_bulk_item *items;
    size_t n;
    struct tool_progress progress;
    bool met; /* a session was opened: there is something to go on with */
    /* Asks for one item. What it returns but RDV_OK and RDV_ERR_LIMIT (too much is under way) is
     * told, and the item given up. */
    enum rdv_err (*ask)(struct tool_bulk *b, struct rdv_session *s, struct tool_bulk_item *item);
    /* Takes the answer, which is no refusal. The same. */
    enum rdv_err (*take)(struct tool_bulk *b, struct tool_bulk_item *item,
                         const struct rdv_answer *answer);
    void *user;
};

/*
 * Asks for all items that are not done, as many at once as goes. A refusal is told, and the others
 * go on; a session that breaks is followed by another.
 * Returns: what ended the last session, when no more are tried; RDV_ERR_OUTCOME when one of those
 * that are left may be done.
 */
RDV_MUST_USE enum rdv_err tool_bulk_run(struct tool_bulk *b);

#endif
