/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv verify: messages of a card that somebody else hands over. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "guest_tools/rdv/arguments.h"
#include "guest_tools/rdv/ending.h"
#include "guest_tools/rdv/feed.h"
#include "guest_tools/rdv/files.h"
#include "guest_tools/rdv/judge.h"
#include "guest_tools/rdv/tool.h"
#include "guest_tools/rdv/verify_mqtt.h"
#include "schema/wire/envelope.h"

#define TICK_MS 1000

/* The card's key, and its name where one is given: of the options, WHERE or the default profile. */
static enum rdv_err take_card(struct tool *t, char key[TOOL_CARD_KEY_TEXT], struct rdv_uri *where)
{
    const bool is_told = (t->argc > 0 && tool_is_where(t->argv[0])) || t->options.mqtt != NULL;
    enum rdv_err err;

    rdv_uri_wipe(where);
    if ((err = tool_card_key(t, key)) != RDV_OK ||
        ((is_told || key[0] == '\0') && (err = tool_where(t, where)) != RDV_OK))
        return err;
    if (key[0] == '\0')
        memcpy(key, t->card_key, sizeof(t->card_key));
    if (key[0] == '\0')
        return tool_why(
                t, RDV_ERR_USAGE,
                "whose key? --card-key, or a profile with card-key (rdv profile add --pin)");
    return RDV_OK;
}

static enum rdv_err judge_all(struct tool *t, struct tool_judge *j, struct tool_feed *f, bool end)
{
    enum rdv_err err;

    while ((err = tool_feed_next(f, end)) != RDV_ERR_SHORT) {
        if (err == RDV_OK)
            err = tool_judge_message(t, j, f->topic, rdv_buf_view(&f->message));
        else if (err != RDV_ERR_NOMEM)
            tool_judge_noise(j, f->topic,
                             err == RDV_ERR_LIMIT ? "longer than any message of a card"
                                                  : "not a line \"TOPIC HEX\"");
        if (err == RDV_ERR_NOMEM)
            return err;
    }
    return RDV_OK;
}

/* *end: there is nothing more. */
static enum rdv_err read_some(struct tool *t, struct tool_feed *f, bool *end)
{
    uint8_t *room;
    size_t n;
    ssize_t r;
    enum rdv_err err;

    if ((err = tool_feed_room(f, &room, &n)) != RDV_OK)
        return err;
    if ((r = read(STDIN_FILENO, room, n)) < 0)
        return errno == EINTR || errno == EAGAIN
                       ? RDV_OK
                       : tool_why(t, RDV_ERR_IO, "standard input: %s", strerror(errno));
    tool_feed_grew(f, (size_t)r);
    *end = r == 0;
    return RDV_OK;
}

/* What was judged is kept when nothing more has come yet, and once in a while. */
static enum rdv_err judge_input(struct tool *t, struct tool_judge *j, int stop)
{
    struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { stop, POLLIN, 0 } };
    struct tool_feed feed;
    uint64_t kept_at = rdv_clock_mono_ms();
    bool end = false, waits = false;
    enum rdv_err err = RDV_OK;
    int ready;

    tool_feed_init(&feed);
    while (err == RDV_OK && !end) {
        if ((ready = poll(fds, 2, waits ? TICK_MS : 0)) < 0 && errno != EINTR)
            err = tool_why(t, RDV_ERR_IO, "poll: %s", strerror(errno));
        if (ready > 0 && fds[1].revents != 0)
            break;
        waits = ready <= 0;
        if (err == RDV_OK && ready > 0 && (err = read_some(t, &feed, &end)) == RDV_OK)
            err = judge_all(t, j, &feed, end);
        tool_judge_overdue(t, j, end);
        if (err == RDV_OK && (waits || rdv_clock_mono_ms() - kept_at >= TICK_MS)) {
            err = tool_judge_keep(t, j);
            kept_at = rdv_clock_mono_ms();
        }
    }
    tool_feed_free(&feed);
    return err;
}

/* Each file is one message, as it is: a receipt. */
static enum rdv_err judge_file(struct tool *t, struct tool_judge *j, const char *file)
{
    struct rdv_buf message = RDV_BUF(RDV_ENVELOPE_MAX);
    enum rdv_err err = tool_read_input(t, &message, file);

    if (err == RDV_OK)
        err = tool_judge_from(t, j, file, rdv_buf_view(&message));
    rdv_buf_free(&message);
    return err;
}

static enum rdv_err judge_files(struct tool *t, struct tool_judge *j)
{
    const char *file;
    enum rdv_err err = RDV_OK;

    while (err == RDV_OK && (file = tool_next(t)) != NULL)
        err = judge_file(t, j, file);
    return err;
}

static enum rdv_err judge_source(struct tool *t, struct tool_judge *j, const char *sen, int stop)
{
    uint64_t count;
    enum rdv_err err;

    if ((err = tool_count(t, &count)) != RDV_OK)
        return err;
    if (t->options.mqtt != NULL)
        return (err = tool_no_more(t)) == RDV_OK ? tool_verify_mqtt(t, j, sen, count, stop) : err;
    if (t->options.count != NULL)
        return tool_why(t, RDV_ERR_USAGE, "--count: of a feed that does not end, with --mqtt");
    return t->argc > 0 ? judge_files(t, j) : judge_input(t, j, stop);
}

TOOL_COMMAND(verify)
{
    char key[TOOL_CARD_KEY_TEXT];
    struct tool_judge j = { .memory = { .lock = -1 } };
    struct rdv_uri where;
    int stop = -1;
    enum rdv_err err;

    if ((err = take_card(t, key, &where)) != RDV_OK ||
        (err = tool_judge_open(t, &j, key, where.sen[0] == '\0' ? NULL : where.sen)) != RDV_OK ||
        (err = tool_ending(t, &stop)) != RDV_OK)
        goto out;
    if ((err = judge_source(t, &j, where.sen, stop)) == RDV_OK)
        err = tool_judge_end(t, &j);
out:
    if (stop >= 0)
        (void)close(stop);
    tool_judge_close(&j);
    rdv_uri_wipe(&where);
    return err;
}
