/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands that verify share: messages in, verdicts shown and counted, what was learned
 * kept. */
#ifndef RDV_GUEST_TOOLS_RDV_JUDGE_H
#define RDV_GUEST_TOOLS_RDV_JUDGE_H

#include "guest_tools/rdv/memory.h"
#include "guest_tools/rdv/verdict.h"

struct tool_judge {
    struct tool_memory memory;
    struct tool_show show;
    bool alarms_only; /* are shown */
    uint64_t judged, alarms;
};

/* As tool_memory_open, shown as the options have it. */
RDV_MUST_USE enum rdv_err tool_judge_open(struct tool *t, struct tool_judge *j, const char *key,
                                          const char *sen);
void tool_judge_close(struct tool_judge *j);

/* A message that came on a topic. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err tool_judge_message(struct tool *t, struct tool_judge *j,
                                             const char *topic, struct rdv_span message);

/* One that came on none, but from somewhere. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err tool_judge_from(struct tool *t, struct tool_judge *j, const char *from,
                                          struct rdv_span message);

/* Something came that is no message at all, and why. */
void tool_judge_noise(struct tool_judge *j, const char *topic, const char *why);

/* Time has passed, or nothing more will come. */
void tool_judge_overdue(struct tool *t, struct tool_judge *j, bool end);

/* What was shown so far has arrived, and is kept. Returns as tool_memory_keep. */
RDV_MUST_USE enum rdv_err tool_judge_keep(struct tool *t, struct tool_judge *j);

/* Keeps. Returns also: RDV_ERR_ALARM (something was wrong, or is missing still). */
RDV_MUST_USE enum rdv_err tool_judge_end(struct tool *t, struct tool_judge *j);

#endif
