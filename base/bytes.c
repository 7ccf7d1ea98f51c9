/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

struct rdv_span rdv_span_of(const char *text)
{
    return (struct rdv_span){ (const uint8_t *)text, strlen(text) };
}

bool rdv_span_equal(struct rdv_span a, struct rdv_span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool rdv_span_is(struct rdv_span a, const char *text)
{
    return rdv_span_equal(a, rdv_span_of(text));
}

enum rdv_err rdv_span_to_text(char *out, size_t size, struct rdv_span in)
{
    out[0] = '\0';
    if (in.n >= size)
        return RDV_ERR_LIMIT;
    if (in.n > 0) {
        if (memchr(in.p, 0, in.n) != NULL)
            return RDV_ERR_FORMAT;
        memcpy(out, in.p, in.n);
    }
    out[in.n] = '\0';
    return RDV_OK;
}

enum rdv_err rdv_get_bytes(struct rdv_reader *rd, struct rdv_span *out, size_t n)
{
    *out = (struct rdv_span){ NULL, 0 };
    if (n > rd->rest.n)
        return RDV_ERR_SHORT;
    *out = (struct rdv_span){ rd->rest.p, n };
    if (n > 0) /* an empty span may have no pointer to move */
        rd->rest.p += n;
    rd->rest.n -= n;
    return RDV_OK;
}

static enum rdv_err get_number(struct rdv_reader *rd, uint32_t *out, size_t n)
{
    struct rdv_span bytes;
    enum rdv_err err;

    *out = 0;
    if ((err = rdv_get_bytes(rd, &bytes, n)) != RDV_OK)
        return err;
    for (size_t i = 0; i < n; i++)
        *out = *out << 8 | bytes.p[i];
    return RDV_OK;
}

enum rdv_err rdv_get_u8(struct rdv_reader *rd, uint8_t *out)
{
    uint32_t v;
    const enum rdv_err err = get_number(rd, &v, 1);

    *out = (uint8_t)v;
    return err;
}

enum rdv_err rdv_get_u16(struct rdv_reader *rd, uint16_t *out)
{
    uint32_t v;
    const enum rdv_err err = get_number(rd, &v, 2);

    *out = (uint16_t)v;
    return err;
}

enum rdv_err rdv_get_u24(struct rdv_reader *rd, uint32_t *out)
{
    return get_number(rd, out, 3);
}

enum rdv_err rdv_get_u32(struct rdv_reader *rd, uint32_t *out)
{
    return get_number(rd, out, 4);
}

static enum rdv_err get_vec(struct rdv_reader *rd, struct rdv_span *out, size_t count_bytes)
{
    const struct rdv_reader before = *rd;
    uint32_t n;
    enum rdv_err err;

    *out = (struct rdv_span){ NULL, 0 };
    if ((err = get_number(rd, &n, count_bytes)) != RDV_OK ||
        (err = rdv_get_bytes(rd, out, n)) != RDV_OK)
        *rd = before;
    return err;
}

enum rdv_err rdv_get_vec8(struct rdv_reader *rd, struct rdv_span *out)
{
    return get_vec(rd, out, 1);
}

enum rdv_err rdv_get_vec16(struct rdv_reader *rd, struct rdv_span *out)
{
    return get_vec(rd, out, 2);
}

enum rdv_err rdv_get_end(const struct rdv_reader *rd)
{
    return rd->rest.n == 0 ? RDV_OK : RDV_ERR_TRAILING;
}

void rdv_buf_free(struct rdv_buf *b)
{
    rdv_wipe(b->p, b->end);
    free(b->p);
    *b = RDV_BUF(b->limit);
}

void rdv_buf_clear(struct rdv_buf *b)
{
    rdv_wipe(b->p, b->end);
    b->start = b->end = 0;
}

void rdv_buf_reset(struct rdv_buf *b, size_t keep)
{
    if (b->cap > keep)
        rdv_buf_free(b);
    else
        rdv_buf_clear(b);
}

static void slide_to_front(struct rdv_buf *b)
{
    const size_t n = rdv_buf_len(b);

    if (b->start == 0)
        return;
    memmove(b->p, b->p + b->start, n);
    rdv_wipe(b->p + n, b->end - n);
    b->start = 0;
    b->end = n;
}

/* A new block, copy, wipe, free: realloc could leave a copy of a secret behind. */
static enum rdv_err grow(struct rdv_buf *b, size_t need)
{
    const size_t n = rdv_buf_len(b);
    size_t cap = b->cap < 256 ? 256 : b->cap;
    uint8_t *p;

    while (cap < need)
        cap *= 2;
    if (cap > b->limit)
        cap = b->limit;
    if ((p = malloc(cap)) == NULL)
        return RDV_ERR_NOMEM;
    if (n > 0)
        memcpy(p, b->p + b->start, n);
    rdv_wipe(b->p, b->end);
    free(b->p);
    b->p = p;
    b->start = 0;
    b->end = n;
    b->cap = cap;
    return RDV_OK;
}

enum rdv_err rdv_buf_room(struct rdv_buf *b, uint8_t **out, size_t n)
{
    const size_t held = rdv_buf_len(b);
    enum rdv_err err;

    *out = NULL;
    if (n > b->limit - held)
        return RDV_ERR_LIMIT;
    if (n > b->cap - b->end) {
        if (n <= b->cap - held)
            slide_to_front(b);
        else if ((err = grow(b, held + n)) != RDV_OK)
            return err;
    }
    *out = b->end == 0 ? b->p : b->p + b->end;
    return RDV_OK;
}

void rdv_buf_grew(struct rdv_buf *b, size_t n)
{
    RDV_INVARIANT(n <= b->cap - b->end);
    b->end += n;
}

enum rdv_err rdv_put_bytes(struct rdv_buf *b, struct rdv_span bytes)
{
    uint8_t *p;
    enum rdv_err err;

    if (bytes.n == 0)
        return RDV_OK;
    if ((err = rdv_buf_room(b, &p, bytes.n)) != RDV_OK)
        return err;
    memcpy(p, bytes.p, bytes.n);
    rdv_buf_grew(b, bytes.n);
    return RDV_OK;
}

static enum rdv_err put_number(struct rdv_buf *b, uint32_t v, size_t n)
{
    uint8_t bytes[4];

    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(v >> 8 * (n - 1 - i));
    return rdv_put_bytes(b, (struct rdv_span){ bytes, n });
}

enum rdv_err rdv_put_u8(struct rdv_buf *b, uint8_t v)
{
    return put_number(b, v, 1);
}

enum rdv_err rdv_put_u16(struct rdv_buf *b, uint16_t v)
{
    return put_number(b, v, 2);
}

enum rdv_err rdv_put_u32(struct rdv_buf *b, uint32_t v)
{
    return put_number(b, v, 4);
}

enum rdv_err rdv_put_text(struct rdv_buf *b, const char *text)
{
    return rdv_put_bytes(b, rdv_span_of(text));
}

enum rdv_err rdv_put_vec8(struct rdv_buf *b, struct rdv_span bytes)
{
    uint8_t *p;
    enum rdv_err err;

    if (bytes.n > UINT8_MAX)
        return RDV_ERR_LIMIT;
    if ((err = rdv_buf_room(b, &p, 1 + bytes.n)) != RDV_OK)
        return err;
    p[0] = (uint8_t)bytes.n;
    if (bytes.n > 0)
        memcpy(p + 1, bytes.p, bytes.n);
    rdv_buf_grew(b, 1 + bytes.n);
    return RDV_OK;
}

void rdv_buf_patch(struct rdv_buf *b, size_t at, struct rdv_span bytes)
{
    RDV_INVARIANT(at <= rdv_buf_len(b) && bytes.n <= rdv_buf_len(b) - at);
    if (bytes.n > 0)
        memcpy(b->p + b->start + at, bytes.p, bytes.n);
}

enum rdv_err rdv_buf_insert(struct rdv_buf *b, size_t at, size_t n)
{
    const size_t behind = rdv_buf_len(b) - at;
    uint8_t *room;
    enum rdv_err err;

    RDV_INVARIANT(at <= rdv_buf_len(b));
    if ((err = rdv_buf_room(b, &room, n)) != RDV_OK)
        return err;
    if (n > 0) {
        memmove(room - behind + n, room - behind, behind);
        memset(room - behind, 0, n);
    }
    rdv_buf_grew(b, n);
    return RDV_OK;
}

void rdv_buf_consume(struct rdv_buf *b, size_t n)
{
    RDV_INVARIANT(n <= rdv_buf_len(b));
    if (n == 0)
        return;
    rdv_wipe(b->p + b->start, n);
    b->start += n;
    if (b->start == b->end)
        b->start = b->end = 0;
}

void rdv_buf_truncate(struct rdv_buf *b, size_t n)
{
    RDV_INVARIANT(n <= rdv_buf_len(b));
    if (b->p == NULL)
        return;
    rdv_wipe(b->p + b->start + n, rdv_buf_len(b) - n);
    b->end = b->start + n;
    if (n == 0)
        b->start = b->end = 0;
}
