/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/feed.h"

#include <string.h>

#include "base/hex.h"
#include "schema/wire/envelope.h"

#define CHUNK 65536
/* One byte more than a message may have shows the verifier that it is too long. */
#define MESSAGE_MAX (RDV_ENVELOPE_MAX + 1)
#define LINE_MAX (TOOL_FEED_TOPIC_MAX + 1 + 2 * MESSAGE_MAX)

void tool_feed_init(struct tool_feed *f)
{
    *f = (struct tool_feed){ .bytes = RDV_BUF(LINE_MAX + CHUNK), .message = RDV_BUF(MESSAGE_MAX) };
}

void tool_feed_free(struct tool_feed *f)
{
    rdv_buf_free(&f->bytes);
    rdv_buf_free(&f->message);
}

enum rdv_err tool_feed_room(struct tool_feed *f, uint8_t **out, size_t *n)
{
    *n = CHUNK;
    return rdv_buf_room(&f->bytes, out, CHUNK);
}

void tool_feed_grew(struct tool_feed *f, size_t n)
{
    rdv_buf_grew(&f->bytes, n);
}

/* The first line, its end included; none when it has none yet. */
static struct rdv_span first_line(struct tool_feed *f, bool end)
{
    const struct rdv_span all = rdv_buf_view(&f->bytes);
    const uint8_t *lf = NULL;

    if (all.n > f->searched)
        lf = memchr(all.p + f->searched, '\n', all.n - f->searched);
    f->searched = lf == NULL ? all.n : 0;
    if (lf == NULL)
        return (struct rdv_span){ all.p, end ? all.n : 0 };
    return (struct rdv_span){ all.p, (size_t)(lf - all.p) + 1 };
}

static struct rdv_span without_end(struct rdv_span line)
{
    if (line.n > 0 && line.p[line.n - 1] == '\n')
        line.n--;
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

/* The topic ends at the last blank: it may hold some, and hex digits do not. */
static enum rdv_err read_line(struct tool_feed *f, struct rdv_span line)
{
    const uint8_t *blank = line.n == 0 ? NULL : memrchr(line.p, ' ', line.n);
    struct rdv_span topic, digits;
    enum rdv_err err;

    if (blank == NULL)
        return RDV_ERR_FORMAT;
    topic = (struct rdv_span){ line.p, (size_t)(blank - line.p) };
    digits = (struct rdv_span){ blank + 1, line.n - topic.n - 1 };
    if (rdv_span_to_text(f->topic, sizeof(f->topic), topic) != RDV_OK)
        return RDV_ERR_FORMAT;
    err = rdv_hex_get(&f->message, digits);
    return err == RDV_ERR_NOMEM || err == RDV_ERR_LIMIT ? err
           : err == RDV_OK                              ? RDV_OK
                                                        : RDV_ERR_FORMAT;
}

static void forget(struct tool_feed *f)
{
    rdv_buf_consume(&f->bytes, rdv_buf_len(&f->bytes));
    f->searched = 0;
}

/* Of what is longer than any message, the topic may be known. */
static enum rdv_err skip_line(struct tool_feed *f)
{
    const struct rdv_span all = rdv_buf_view(&f->bytes);
    const uint8_t *blank = memchr(all.p, ' ', TOOL_FEED_TOPIC_MAX + 1);
    const struct rdv_span topic = { all.p, blank == NULL ? 0 : (size_t)(blank - all.p) };

    if (rdv_span_to_text(f->topic, sizeof(f->topic), topic) != RDV_OK)
        f->topic[0] = '\0';
    forget(f);
    f->skips = true;
    return RDV_ERR_LIMIT;
}

enum rdv_err tool_feed_next(struct tool_feed *f, bool end)
{
    struct rdv_span line;
    bool skipped;
    enum rdv_err err;

    f->topic[0] = '\0';
    rdv_buf_clear(&f->message);
    while ((line = first_line(f, end)).n > 0) {
        skipped = f->skips;
        f->skips = false;
        err = skipped ? RDV_OK : read_line(f, without_end(line));
        rdv_buf_consume(&f->bytes, line.n);
        if (!skipped)
            return err;
    }
    if (f->skips)
        forget(f);
    else if (rdv_buf_len(&f->bytes) > LINE_MAX)
        return skip_line(f);
    return RDV_ERR_SHORT;
}
