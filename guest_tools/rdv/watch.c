/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv watch: entries of a card as they come, through every loss of the connection. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "guest_tools/rdv/arguments.h"
#include "guest_tools/rdv/ending.h"
#include "guest_tools/rdv/json.h"
#include "guest_tools/rdv/source.h"
#include "guest_tools/rdv/vigil.h"

struct watch {
    struct tool_source source;
    struct rdv_log_query query;
    int stop;
    uint64_t left;     /* entries to show */
    unsigned wait_s;   /* how long the card may hold a request */
    int64_t heads_at;  /* when heads are to be asked for again */
    unsigned retry_ms; /* before the next try; 0: the last one was good */
    bool begun;
    bool complete; /* all that was there was read, and heads agree, in this session */
    bool hopeless; /* not for the sake of the connection */
};

/* Waits that long for the end. */
static bool is_stopped(const struct watch *w, unsigned ms)
{
    struct pollfd fd = { w->stop, POLLIN, 0 };

    return poll(&fd, 1, (int)ms) > 0;
}

/* --- what is asked ---------------------------------------------------------------------------- */

/* The end of the head that ends first; far away when there is none. */
static int64_t end_of_heads(const struct watch *w)
{
    struct rdv_standing standing;
    int64_t end = INT64_MAX / 2;
    unsigned record = 0;

    while (rdv_verifier_standing(w->source.judge.memory.verifier, &record, &standing)) {
        if (standing.has_head && standing.head_until < end &&
            (w->query.record < 0 || w->query.record == standing.record))
            end = standing.head_until;
    }
    return end;
}

/* Heads are told only when something is wrong with them. */
static enum rdv_err judge_heads(struct tool *t, struct watch *w, uint64_t *seq)
{
    enum rdv_err err;

    w->source.judge.alarms_only = !t->options.verbose;
    err = tool_source_heads(t, &w->source, w->query.record, seq);
    w->source.judge.alarms_only = false;
    w->heads_at = tool_vigil_heads_at(rdv_clock_wall_s(), end_of_heads(w), w->wait_s);
    return err;
}

/* Behind what is known, or else behind what is there now: its heads say what the next follows. */
static enum rdv_err begin(struct tool *t, struct watch *w)
{
    const uint64_t known = rdv_verifier_seq(w->source.judge.memory.verifier, w->query.record);
    uint64_t last = 0;
    enum rdv_err err;

    if (w->query.from == 0) {
        if (known == 0 && (err = judge_heads(t, w, &last)) != RDV_OK)
            return err;
        w->query.from = (known > 0 ? known : last) + 1;
        w->complete = known == 0;
    }
    w->begun = true;
    return RDV_OK;
}

/* Entries, if there are any: only when it is known that there are none are they waited for. */
static enum rdv_err read_on(struct tool *t, struct watch *w)
{
    const int64_t now = rdv_clock_wall_s();
    const uint64_t before = w->query.from;
    size_t n;
    enum rdv_err err;

    if (now >= w->heads_at)
        w->complete = false;
    w->query.wait_s = w->complete ? tool_vigil_hold(now, w->heads_at, w->wait_s) : 0;
    w->query.count = w->left < 256 ? (unsigned)w->left : 0;
    if ((err = tool_source_entries(t, &w->source, &w->query, NULL, &n)) != RDV_OK)
        return err;
    w->left -= n;
    if (w->complete || w->query.from != before)
        return RDV_OK;
    if ((err = judge_heads(t, w, NULL)) != RDV_OK)
        return err;
    w->complete = true;
    return RDV_OK;
}

/* What came is shown, then kept. */
static enum rdv_err step(struct tool *t, struct watch *w)
{
    enum rdv_err err = w->begun ? read_on(t, w) : begin(t, w);

    if (err != RDV_OK)
        return err;
    w->retry_ms = 0;
    tool_judge_overdue(t, &w->source.judge, false);
    err = tool_judge_keep(t, &w->source.judge);
    w->hopeless = err != RDV_OK;
    return err;
}

/* --- the loss of a session -------------------------------------------------------------------- */

static bool may_pass(enum rdv_err err)
{
    return err == RDV_ERR_CLOSED || err == RDV_ERR_TIMEOUT || err == RDV_ERR_IO ||
           err == RDV_ERR_BUSY || err == RDV_ERR_OUTCOME || err == RDV_ERR_TLS ||
           err == RDV_ERR_LOST;
}

/* False when it is stopped. */
static bool pause_before_retry(struct tool *t, struct watch *w, enum rdv_err err)
{
    uint32_t chance;
    unsigned ms;

    rdv_random(&chance, sizeof(chance));
    ms = tool_vigil_pause(&w->retry_ms, chance);
    tool_say(t, "%s: trying again in %u ms",
             t->why.text[0] == '\0' ? rdv_err_text(err) : t->why.text, ms);
    return !is_stopped(w, ms);
}

static enum rdv_err watch(struct tool *t, struct watch *w)
{
    enum rdv_err err = RDV_OK;

    for (;;) {
        while (err == RDV_OK && w->left > 0 && !is_stopped(w, 0))
            err = step(t, w);
        if (is_stopped(w, 0))
            return RDV_OK; /* what was being waited for is not missed */
        if (err == RDV_OK || !may_pass(err) || w->hopeless)
            return err;
        w->complete = false;
        if (pause_before_retry(t, w, err))
            err = tool_source_reopen(t, &w->source);
    }
}

/* --- the command ------------------------------------------------------------------------------ */

/* Where another watch goes on. */
static void tell_cursor(const struct tool *t, const struct watch *w)
{
    const struct tool_json_field next = { .name = "next", .number = w->query.from };

    if (!w->begun)
        return;
    if (t->options.json)
        tool_json_object(&next, 1);
    fprintf(stderr, "rdv watch: the next entry is %" PRIu64 "\n", w->query.from);
}

TOOL_COMMAND(watch)
{
    const int timeout_ms = t->timeout_ms == 0 ? RDV_TIMEOUT_DEFAULT : t->timeout_ms;
    struct watch w = { .stop = -1, .wait_s = tool_vigil_wait(timeout_ms) };
    bool from_given;
    enum rdv_err err;

    if ((err = tool_count(t, &w.left)) != RDV_OK || (err = tool_ending(t, &w.stop)) != RDV_OK)
        return err;
    t->stop = &w.stop;
    if ((err = tool_source_open(t, &w.source)) == RDV_OK) {
        w.query.record = w.source.where.record;
        if ((err = tool_take_number(t, &w.query.from, &from_given)) == RDV_OK &&
            (err = tool_no_more(t)) == RDV_OK && (err = watch(t, &w)) == RDV_OK)
            err = tool_judge_end(t, &w.source.judge);
        tell_cursor(t, &w);
        tool_source_close(&w.source);
    }
    t->stop = NULL;
    (void)close(w.stop);
    return err;
}
