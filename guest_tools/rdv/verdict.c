/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/verdict.h"

#include <inttypes.h>
#include <string.h>

#include "base/quote.h"
#include "guest_tools/rdv/json.h"
#include "guest_tools/rdv/result.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN "\033[0m"

static const char *colour_of(enum rdv_verdict verdict)
{
    if (rdv_verdict_is_alarm(verdict))
        return RED;
    return verdict == RDV_VALID ? GREEN : YELLOW;
}

/* "VALID", "GAP 4..6": in a column as far as it fits. */
static void show_verdict(FILE *out, const struct rdv_verified *v, bool colour)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "%s", rdv_verdict_name(v->verdict));
    if (v->verdict == RDV_GAP)
        (void)snprintf(text, sizeof(text), "GAP %" PRIu64 "..%" PRIu64, v->gap_from, v->gap_to);
    fprintf(out, "%s%-13s%s ", colour ? colour_of(v->verdict) : "", text, colour ? PLAIN : "");
}

static void show_moment(FILE *out, const char *before, int64_t seconds)
{
    char text[TOOL_MOMENT];

    tool_moment(text, (uint64_t)seconds);
    fprintf(out, " %s%s", before, text);
}

/* "record/0A", "card": what it is about. */
static void show_subject(FILE *out, const struct rdv_verified *v, const char *topic,
                         const char *from)
{
    switch (v->statement) {
    case RDV_ENTRY:
        fprintf(out, "record/%02X", (unsigned)v->record);
        break;
    case RDV_HEAD:
        fprintf(out, "head/%02X  ", (unsigned)v->record);
        break;
    case RDV_EVENT:
        fprintf(out, "card     ");
        break;
    case RDV_KEYS:
        fprintf(out, "key      ");
        break;
    default:
        if (topic != NULL)
            fprintf(out, "\"%.120s\"", rdv_quote(rdv_span_of(topic)).text);
        else if (from != NULL)
            fprintf(out, "%.120s", rdv_quote(rdv_span_of(from)).text);
        else
            fprintf(out, "record/%02X", (unsigned)v->record);
    }
}

static void show_statement(FILE *out, const struct rdv_verified *v, bool content)
{
    if (v->statement == RDV_NOTHING)
        return;
    if (v->statement != RDV_KEYS)
        fprintf(out, " n=%" PRIu64, v->n);
    if (v->statement == RDV_ENTRY || v->statement == RDV_EVENT)
        fprintf(out, " seq=%" PRIu64, v->seq);
    show_moment(out, "", v->time);
    if (v->statement == RDV_HEAD)
        show_moment(out, "until=", v->until);
    if (v->statement == RDV_ENTRY || v->statement == RDV_EVENT) {
        fprintf(out, " %s %s %zu bytes", rdv_quote(rdv_span_of(v->author)).text,
                rdv_quote(rdv_span_of(v->type)).text, v->n_content);
        if (content && v->n_content > 0)
            fprintf(out, " \"%s\"", rdv_quote((struct rdv_span){ v->content, v->n_content }).text);
    }
}

void tool_verdict_show(FILE *out, const struct tool_show *how, const struct rdv_verified *v,
                       const char *topic)
{
    if (how->json) {
        tool_json_verdict(v, topic, how->from, how->content);
        return;
    }
    show_verdict(out, v, how->colour);
    show_subject(out, v, topic, how->from);
    show_statement(out, v, how->content);
    fprintf(out, "%s%s\n", v->why.text[0] == '\0' ? "" : ": ", v->why.text);
}

void tool_standing_show(FILE *out, const struct rdv_standing *s)
{
    fprintf(out, "record %02X: ", (unsigned)s->record);
    if (s->n == 0)
        fprintf(out, "no entry");
    else
        fprintf(out, "entries %" PRIu64 " to %" PRIu64 ", %" PRIu64 " missing", s->first, s->n,
                s->missing);
    if (s->has_head) {
        fprintf(out, "; head of %" PRIu64, s->head_n);
        show_moment(out, "until ", s->head_until);
    } else {
        fprintf(out, "; no head");
    }
    (void)fputc('\n', out);
}
