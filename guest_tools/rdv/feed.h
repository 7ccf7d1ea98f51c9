/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages as lines, as `mosquitto_sub -F '%t %x'` writes them: the topic, a blank, the payload in
 * hex digits. What is too long for a message is skipped to the end of its line. No I/O.
 */
#ifndef RDV_GUEST_TOOLS_RDV_FEED_H
#define RDV_GUEST_TOOLS_RDV_FEED_H

#include "base/bytes.h"
#include "base/err.h"

#define TOOL_FEED_TOPIC_MAX 256 /* bytes; that of a card has at most 29 */

struct tool_feed {
    struct rdv_buf bytes; /* not taken yet */
    size_t searched;      /* of them, without a line end */
    bool skips;           /* the rest of a line that was too long */
    char topic[TOOL_FEED_TOPIC_MAX + 1];
    struct rdv_buf message;
};

void tool_feed_init(struct tool_feed *f);
void tool_feed_free(struct tool_feed *f);

/* Room for bytes that have come; tool_feed_grew says how many there were. Returns: RDV_ERR_NOMEM.
 * tool_feed_next must have said RDV_ERR_SHORT before. */
RDV_MUST_USE enum rdv_err tool_feed_room(struct tool_feed *f, uint8_t **out, size_t *n);
void tool_feed_grew(struct tool_feed *f, size_t n);

/*
 * The next message, in f->topic and f->message until the next call. `end`: no more bytes come, and
 * the last line may have no end.
 * Returns: RDV_ERR_SHORT (there is none), RDV_ERR_FORMAT (a line that is no message), RDV_ERR_LIMIT
 * (a line longer than any message); the line is taken, and f->topic says as much of its topic as is
 * known; RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err tool_feed_next(struct tool_feed *f, bool end);

#endif
