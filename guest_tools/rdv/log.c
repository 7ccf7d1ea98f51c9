/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv log, rdv receipt, rdv head: what a card has signed, from the card itself. */
#include "guest_tools/rdv/arguments.h"
#include "guest_tools/rdv/source.h"

#define AT_ONCE 256 /* entries asked for */

/* --- log -------------------------------------------------------------------------------------- */

/* Up to the end of the log, or `most` of them. */
static enum rdv_err read_on(struct tool *t, struct tool_source *s, struct rdv_log_query *query,
                            uint64_t most)
{
    uint64_t before;
    size_t n;
    enum rdv_err err;

    do {
        before = query->from;
        query->count = most < AT_ONCE ? (unsigned)most : AT_ONCE;
        if ((err = tool_source_entries(t, s, query, NULL, &n)) != RDV_OK)
            return err;
        most -= n;
    } while (most > 0 && query->from > before);
    return RDV_OK;
}

static bool is_missing(const struct tool_source *s, const struct rdv_log_entry *e)
{
    uint64_t from, to;

    for (size_t i = 0; e->record >= 0 && rdv_verifier_gap(s->judge.memory.verifier,
                                                          (uint8_t)e->record, i, &from, &to);
         i++) {
        if (e->n >= from && e->n <= to)
            return true;
    }
    return false;
}

/* From the beginning of the record's log: what is missing has a number in its chain, and none in
 * the log that were known. */
static enum rdv_err fill_record(struct tool *t, struct tool_source *s, uint8_t record)
{
    struct rdv_log_query query = { .count = AT_ONCE, .record = record };
    uint64_t before, from, to;
    size_t n;
    enum rdv_err err;

    do {
        before = query.from;
        if ((err = tool_source_entries(t, s, &query, is_missing, &n)) != RDV_OK)
            return err;
    } while (query.from > before &&
             rdv_verifier_gap(s->judge.memory.verifier, record, 0, &from, &to));
    return RDV_OK;
}

static enum rdv_err fill_gaps(struct tool *t, struct tool_source *s)
{
    struct rdv_standing standing;
    unsigned record = 0;
    enum rdv_err err = RDV_OK;

    while (err == RDV_OK && rdv_verifier_standing(s->judge.memory.verifier, &record, &standing)) {
        if (standing.missing > 0)
            err = fill_record(t, s, standing.record);
    }
    return err;
}

TOOL_COMMAND(log)
{
    struct rdv_log_query query = { .record = -1 };
    struct tool_source s;
    uint64_t most = UINT64_MAX;
    bool from_given, most_given;
    enum rdv_err err;

    if (t->options.missing && (t->options.lines || t->options.state == NULL))
        return tool_why(t, RDV_ERR_USAGE, "--missing: of what? It takes --state, and no --lines");
    if ((err = tool_source_open(t, &s)) != RDV_OK)
        return err;
    query.record = s.where.record;
    if ((err = tool_take_number(t, &query.from, &from_given)) != RDV_OK ||
        (err = tool_take_number(t, &most, &most_given)) != RDV_OK ||
        (err = tool_no_more(t)) != RDV_OK)
        goto out;
    if (!from_given && !t->options.lines)
        query.from = rdv_verifier_seq(s.judge.memory.verifier, query.record) + 1;
    err = t->options.missing ? fill_gaps(t, &s) : read_on(t, &s, &query, most);
    if (err == RDV_OK && !t->options.lines)
        err = tool_judge_end(t, &s.judge);
out:
    tool_source_close(&s);
    return err;
}

/* --- receipt ---------------------------------------------------------------------------------- */

TOOL_COMMAND(receipt)
{
    struct tool_source s;
    uint64_t seq = 0;
    bool given;
    enum rdv_err err;

    if ((err = tool_source_open(t, &s)) != RDV_OK)
        return err;
    if ((err = tool_take_number(t, &seq, &given)) == RDV_OK && !given)
        err = tool_why(t, RDV_ERR_USAGE, "of which entry? Its number, seq");
    if (err == RDV_OK && (err = tool_no_more(t)) == RDV_OK &&
        (err = tool_source_receipt(t, &s, seq)) == RDV_OK && !t->options.lines)
        err = tool_judge_end(t, &s.judge);
    tool_source_close(&s);
    return err;
}

/* --- head ------------------------------------------------------------------------------------- */

TOOL_COMMAND(head)
{
    struct tool_source s;
    const char *text;
    uint8_t record = 0;
    int which;
    enum rdv_err err;

    if ((err = tool_source_open(t, &s)) != RDV_OK)
        return err;
    which = s.where.record;
    if (which < 0 && (text = tool_next(t)) != NULL &&
        (err = tool_read_record(t, &record, text)) == RDV_OK)
        which = record;
    if (err == RDV_OK && (err = tool_no_more(t)) == RDV_OK &&
        (err = tool_source_heads(t, &s, which, NULL)) == RDV_OK && !t->options.lines)
        err = tool_judge_end(t, &s.judge);
    tool_source_close(&s);
    return err;
}
