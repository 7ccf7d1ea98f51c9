/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/why.h"

/* https://no-color.org */
static bool has_colours(void)
{
    const char *term = getenv("TERM"), *unwanted = getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) == 1 && (unwanted == NULL || unwanted[0] == '\0') &&
           term != NULL && strcmp(term, "dumb") != 0;
}

enum rdv_err tool_judge_open(struct tool *t, struct tool_judge *j, const char *key, const char *sen)
{
    *j = (struct tool_judge){
        .show = { .json = t->options.json, .content = t->options.content, .colour = has_colours() }
    };
    return tool_memory_open(t, &j->memory, key, sen);
}

void tool_judge_close(struct tool_judge *j)
{
    tool_memory_close(&j->memory);
}

static int64_t now(const struct tool *t)
{
    return t->options.archive ? 0 : rdv_clock_wall_s();
}

static void show(struct tool_judge *j, const struct rdv_verified *verified, const char *topic)
{
    const bool alarm = rdv_verdict_is_alarm(verified->verdict);

    j->alarms += alarm ? 1 : 0;
    if (alarm || !j->alarms_only)
        tool_verdict_show(stdout, &j->show, verified, topic);
}

enum rdv_err tool_judge_message(struct tool *t, struct tool_judge *j, const char *topic,
                                struct rdv_span message)
{
    struct rdv_verified verified;
    const enum rdv_err err =
            rdv_verify(j->memory.verifier, &verified, now(t), topic, message.p, message.n);

    if (err != RDV_OK)
        return err;
    j->judged++;
    j->memory.changed = true;
    show(j, &verified, topic);
    return RDV_OK;
}

enum rdv_err tool_judge_from(struct tool *t, struct tool_judge *j, const char *from,
                             struct rdv_span message)
{
    enum rdv_err err;

    j->show.from = from;
    err = tool_judge_message(t, j, NULL, message);
    j->show.from = NULL;
    return err;
}

void tool_judge_noise(struct tool_judge *j, const char *topic, const char *why)
{
    struct rdv_verified verified = { .verdict = RDV_MALFORMED };

    (void)rdv_why_say(&verified.why, RDV_OK, "%s", why);
    j->judged++;
    show(j, &verified, topic);
}

void tool_judge_overdue(struct tool *t, struct tool_judge *j, bool end)
{
    struct rdv_verified verified;

    while (end ? rdv_verifier_ends(j->memory.verifier, &verified, now(t))
               : rdv_verifier_overdue(j->memory.verifier, &verified, now(t))) {
        j->memory.changed = true;
        show(j, &verified, NULL);
    }
}

enum rdv_err tool_judge_keep(struct tool *t, struct tool_judge *j)
{
    /* In this order: what is not known to have been shown is shown again. */
    if (fflush(stdout) != 0 || ferror(stdout))
        return tool_why(t, RDV_ERR_IO, "standard output: %s", strerror(errno));
    return tool_memory_keep(t, &j->memory);
}

enum rdv_err tool_judge_end(struct tool *t, struct tool_judge *j)
{
    struct rdv_standing standing;
    unsigned record = 0;
    uint64_t missing = 0;
    enum rdv_err err;

    if ((err = tool_judge_keep(t, j)) != RDV_OK)
        return err;
    while (rdv_verifier_standing(j->memory.verifier, &record, &standing)) {
        missing += standing.missing;
        if (t->options.verbose)
            tool_standing_show(stderr, &standing);
    }
    if (j->alarms == 0 && missing == 0)
        return RDV_OK;
    return tool_why(t, RDV_ERR_ALARM,
                    "%" PRIu64 " messages, %" PRIu64 " alarms, %" PRIu64 " entries missing",
                    j->judged, j->alarms, missing);
}
