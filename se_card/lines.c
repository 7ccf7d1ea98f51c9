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

static enum rdv_err put_request(struct rdv_buf *requests, enum se_request_kind kind,
                                struct rdv_span bytes)
{
    uint8_t *room;
    enum rdv_err err;

    if ((err = rdv_buf_room(requests, &room, 5 + bytes.n)) != RDV_OK ||
        (err = rdv_put_u8(requests, (uint8_t)kind)) != RDV_OK ||
        (err = rdv_put_u32(requests, (uint32_t)bytes.n)) != RDV_OK)
        return err;
    return rdv_put_bytes(requests, bytes);
}

/* A line without its LF. */
static enum rdv_err put_line(struct rdv_buf *requests, struct rdv_span line)
{
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    if (line.n > RDV_LINE_MAX)
        return put_request(requests, SE_REQUEST_TOO_LONG, RDV_LIT(""));
    return put_request(requests, SE_REQUEST_LINE, line);
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
        err = put_request(requests, SE_REQUEST_TOO_LONG, RDV_LIT(""));
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
    return put_request(requests, SE_REQUEST_TOO_LONG, RDV_LIT(""));
}

enum rdv_err se_lines_feed(struct se_lines *lines, struct rdv_buf *requests, struct rdv_span text)
{
    enum rdv_err err = RDV_OK;

    while (text.n > 0 && err == RDV_OK) {
        const bool fresh = rdv_buf_len(&lines->tail) == 0 && !lines->skipping;
        const uint8_t *lf = memchr(text.p, '\n', text.n);
        struct rdv_span line;

        if (fresh && rdv_command_is_binary(text))
            return put_request(requests, SE_REQUEST_BINARY, rdv_command_strip_end(text));
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
    return put_request(requests, SE_REQUEST_UNTERMINATED, RDV_LIT(""));
}

bool se_lines_next(struct rdv_reader *rd, enum se_request_kind *kind, struct rdv_span *bytes)
{
    uint8_t k;
    uint32_t n;

    if (rd->rest.n == 0)
        return false;
    RDV_INVARIANT(rdv_get_u8(rd, &k) == RDV_OK && rdv_get_u32(rd, &n) == RDV_OK &&
                  rdv_get_bytes(rd, bytes, n) == RDV_OK);
    *kind = (enum se_request_kind)k;
    return true;
}
