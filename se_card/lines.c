/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/lines.h"

#include <string.h>

#include "schema/wire/command.h"

#define TAIL_MAX (RDV_LINE_MAX + 1) /* and the CR of a line end whose LF is still to come */

void se_lines_init(struct se_lines *lines)
{
    *lines = (struct se_lines){ .tail = RDV_BUF(TAIL_MAX) };
}

void se_lines_free(struct se_lines *lines)
{
    rdv_buf_free(&lines->tail);
}

/* A line without its LF. */
static enum rdv_err put_line(struct rdv_buf *requests, struct rdv_span line)
{
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    if (line.n > RDV_LINE_MAX)
        return se_requests_put(requests, SE_REQUEST_TOO_LONG, RDV_LIT(""));
    return se_requests_put(requests, SE_REQUEST_LINE, line);
}

/* The rest of a line begun in an earlier record, without its LF. */
static enum rdv_err complete_tail(struct se_lines *lines, struct rdv_buf *requests,
                                  struct rdv_span rest)
{
    enum rdv_err err;

    if (lines->skipping) {
        lines->skipping = false;
        return RDV_OK;
    }
    if ((err = rdv_put_bytes(&lines->tail, rest)) == RDV_OK)
        err = put_line(requests, rdv_buf_view(&lines->tail));
    else if (err == RDV_ERR_LIMIT)
        err = se_requests_put(requests, SE_REQUEST_TOO_LONG, RDV_LIT(""));
    rdv_buf_free(&lines->tail);
    return err;
}

/* Text without a line end: kept, or refused at once when it can no longer become a line. */
static enum rdv_err keep_tail(struct se_lines *lines, struct rdv_buf *requests,
                              struct rdv_span text)
{
    enum rdv_err err;

    if (lines->skipping || (err = rdv_put_bytes(&lines->tail, text)) == RDV_OK)
        return RDV_OK;
    if (err != RDV_ERR_LIMIT)
        return err;
    rdv_buf_free(&lines->tail);
    lines->skipping = true;
    return se_requests_put(requests, SE_REQUEST_TOO_LONG, RDV_LIT(""));
}

enum rdv_err se_lines_feed(struct se_lines *lines, struct rdv_buf *requests, struct rdv_span text)
{
    enum rdv_err err = RDV_OK;

    while (text.n > 0 && err == RDV_OK) {
        const bool fresh = rdv_buf_len(&lines->tail) == 0 && !lines->skipping;
        const uint8_t *lf = memchr(text.p, '\n', text.n);
        struct rdv_span line;

        if (fresh && rdv_command_is_binary(text))
            return se_requests_put(requests, SE_REQUEST_BINARY, rdv_command_strip_end(text));
        if (lf == NULL)
            return keep_tail(lines, requests, text);
        line = (struct rdv_span){ text.p, (size_t)(lf - text.p) };
        text.p += line.n + 1;
        text.n -= line.n + 1;
        err = fresh ? put_line(requests, line) : complete_tail(lines, requests, line);
    }
    return err;
}

enum rdv_err se_lines_end(struct se_lines *lines, struct rdv_buf *requests)
{
    if (rdv_buf_len(&lines->tail) == 0)
        return RDV_OK;
    rdv_buf_free(&lines->tail);
    return se_requests_put(requests, SE_REQUEST_UNTERMINATED, RDV_LIT(""));
}
