/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv doctor: goes the way to a card step by step, and names what is wrong with it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "guest_tools/librdv/socket.h"
#include "guest_tools/rdv/json.h"
#include "guest_tools/rdv/pin.h"

#define SKEW_MOST 60 /* seconds between the clocks: times of expiry are not more exact */

/* --- findings --------------------------------------------------------------------------------- */

static void tell(const struct tool *t, const char *check, const char *result, enum rdv_err err,
                 const char *text)
{
    const struct tool_json_field fields[] = { { "check", rdv_span_of(check), 0 },
                                              { "result", rdv_span_of(result), 0 },
                                              { "text", rdv_span_of(text), 0 },
                                              { "code", rdv_span_of(rdv_err_name(err)), 0 } };

    if (t->options.json)
        tool_json_object(fields, err == RDV_OK ? 3 : 4);
    else
        printf("%-8s %-8s %s\n", result, check, text);
}

static void well(const struct tool *t, const char *check, const char *text)
{
    tell(t, check, "ok", RDV_OK, text);
}

/* What may be meant so: it does not change the exit status. */
static void warn(const struct tool *t, const char *check, const char *text)
{
    tell(t, check, "warning", RDV_OK, text);
}

/* The first that is wrong is the exit status. Returns err. */
static enum rdv_err wrong(struct tool *t, const char *check, enum rdv_err err, const char *text)
{
    tell(t, check, "wrong", err, text[0] == '\0' ? rdv_err_text(err) : text);
    if (t->failed == RDV_OK)
        t->failed = err;
    return err;
}

/* --- the steps -------------------------------------------------------------------------------- */

/* Which step of a login it was that failed. */
static const char *step_of(enum rdv_err err)
{
    switch (err) {
    case RDV_ERR_ABSENT:
        return "sen";
    case RDV_ERR_AUTH:
        return "login";
    case RDV_ERR_BUSY:
        return "card";
    case RDV_ERR_VERSION:
        return "language";
    default:
        return "tls";
    }
}

static enum rdv_err reach(struct tool *t, struct rdv_transport *out, const struct rdv_uri *where)
{
    const int timeout = t->timeout_ms == 0 ? RDV_TIMEOUT_DEFAULT : t->timeout_ms;
    char text[300];
    enum rdv_err err;

    if ((err = guest_socket_open(out, where->host, where->port, timeout, NULL, &t->why)) ==
        RDV_ERR_ABSENT)
        return wrong(t, "name", err, t->why.text);
    well(t, "name", where->host);
    if (err != RDV_OK)
        return wrong(t, "connect", err, t->why.text);
    (void)snprintf(text, sizeof(text), "port %u", (unsigned)where->port);
    well(t, "connect", text);
    return RDV_OK;
}

/* Takes the transport, whatever comes. */
static enum rdv_err log_in(struct tool *t, struct rdv_client **out, const struct rdv_uri *where,
                           const struct rdv_transport *transport)
{
    const struct rdv_client_options options = { .language = RDV_REQUESTS,
                                                .timeout_ms = t->timeout_ms,
                                                .transport = transport };
    const char *identity = where->identity[0] == '\0' ? RDV_IDENTITY_DEFAULT : where->identity;
    char text[400];
    enum rdv_err err;

    t->why.text[0] = '\0';
    if ((err = rdv_client_open(out, where, &options, &t->why)) != RDV_OK) {
        (void)snprintf(text, sizeof(text), "%s (%s at %s)",
                       t->why.text[0] == '\0' ? rdv_err_text(err) : t->why.text, identity,
                       where->sen);
        return wrong(t, step_of(err), err, text);
    }
    well(t, "tls", "TLS 1.3, by the key that both have");
    (void)snprintf(text, sizeof(text), "%s at %s", identity, where->sen);
    well(t, "login", text);
    return RDV_OK;
}

static void check_clock(struct tool *t, uint64_t card, uint64_t ours)
{
    const bool ahead = ours > card;
    const uint64_t skew = ahead ? ours - card : card - ours;
    char text[120];

    (void)snprintf(text, sizeof(text), "this machine's clock is %" PRIu64 " s %s the card's", skew,
                   ahead ? "ahead of" : "behind");
    if (skew > SKEW_MOST)
        (void)wrong(t, "clock", RDV_ERR_RANGE, text);
    else
        well(t, "clock", skew == 0 ? "as the card's" : text);
}

static void check_info(struct tool *t, struct rdv_client *c)
{
    struct rdv_answer a;
    uint64_t now = 0;
    bool demo = false, read_only = false;
    enum rdv_err err;

    if ((err = rdv_client_call(c, "info", NULL, &a)) != RDV_OK ||
        (err = rdv_value_number(rdv_value_in(a.result, "now"), &now) ? RDV_OK : RDV_ERR_FORMAT) !=
                RDV_OK) {
        (void)wrong(t, "card", err, rdv_client_why(c));
        return;
    }
    (void)rdv_value_bool(rdv_value_in(a.result, "demo"), &demo);
    (void)rdv_value_bool(rdv_value_in(a.result, "read-only"), &read_only);
    if (demo)
        warn(t, "card", "demonstration keys, which everybody knows: not for real use");
    if (read_only)
        warn(t, "card",
             "reads only: its database is an older copy (root says: rdv restore accept)");
    if (!demo && !read_only)
        well(t, "card", "serves");
    check_clock(t, now, (uint64_t)rdv_clock_wall_s());
}

static void check_pin(struct tool *t, struct rdv_client *c)
{
    enum rdv_err err;

    if (t->card_key[0] == '\0')
        return;
    t->why.text[0] = '\0';
    if ((err = tool_pin_check(t, c, RDV_REQUESTS, t->card_key)) != RDV_OK)
        (void)wrong(t, "card-key", err, t->why.text);
    else
        well(t, "card-key", "the card has proved that it has the key the profile names");
}

static void go(struct tool *t, struct rdv_uri *where)
{
    struct rdv_transport transport;
    struct rdv_client *c = NULL;
    enum rdv_err err;

    if ((err = tool_take_key(t, where)) != RDV_OK) {
        (void)wrong(t, "key", err, t->why.text);
        return;
    }
    well(t, "key", "there, and private");
    if (reach(t, &transport, where) != RDV_OK || log_in(t, &c, where, &transport) != RDV_OK)
        return;
    check_info(t, c);
    check_pin(t, c);
    rdv_client_close(c);
}

TOOL_COMMAND(doctor)
{
    struct rdv_uri where;
    enum rdv_err err;

    if ((err = tool_where(t, &where)) == RDV_OK && (err = tool_no_more(t)) == RDV_OK)
        go(t, &where);
    else if (err != RDV_ERR_USAGE)
        err = wrong(t, "profile", err, t->why.text);
    rdv_uri_wipe(&where);
    return t->failed == RDV_OK ? err : RDV_OK;
}
