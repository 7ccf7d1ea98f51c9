/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A card as where messages to judge come from: its log and its heads, in a session. */
#ifndef RDV_GUEST_TOOLS_RDV_SOURCE_H
#define RDV_GUEST_TOOLS_RDV_SOURCE_H

#include <rdv/log.h>

#include "guest_tools/rdv/judge.h"

struct tool_source {
    struct rdv_uri where; /* with the key */
    struct rdv_client *client;
    struct tool_judge judge;
};

/*
 * Takes the operand WHERE, logs in, and judges by the key of --card-key, of the profile, or the one
 * that the card proves to have; with --lines it judges nothing.
 * Returns: what these return; *s is closed then.
 */
RDV_MUST_USE enum rdv_err tool_source_open(struct tool *t, struct tool_source *s);
void tool_source_close(struct tool_source *s);

/* Logs in again. */
RDV_MUST_USE enum rdv_err tool_source_reopen(struct tool *t, struct tool_source *s);

/* Entries from query->from on; that is where to go on, then. What is not `wanted`, which may be
 * NULL, is passed over. *n: how many there were. Returns as rdv_client_log. */
RDV_MUST_USE enum rdv_err tool_source_entries(
        struct tool *t, struct tool_source *s, struct rdv_log_query *query,
        bool (*wanted)(const struct tool_source *s, const struct rdv_log_entry *e), size_t *n);

/* One entry; unless it is an alarm, its envelope goes to the file of --output. */
RDV_MUST_USE enum rdv_err tool_source_receipt(struct tool *t, struct tool_source *s, uint64_t seq);

/* The heads of a record, or of all (-1). *seq, which may be NULL: the greatest that they tell of.
 */
RDV_MUST_USE enum rdv_err tool_source_heads(struct tool *t, struct tool_source *s, int record,
                                            uint64_t *seq);

#endif
