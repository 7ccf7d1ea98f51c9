/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/cbor.h"

#include <string.h>

/* --- reading ---------------------------------------------------------------------------------- */

/* The first byte is major type(3 bits), additional information(5 bits); 24 to 27 there say that the
 * argument follows in 1, 2, 4 or 8 bytes (RFC 8949 section 3). */
#define MAJOR(byte) ((byte) >> 5)
#define INFO(byte) ((byte)&0x1f)
#define INFO_ONE_BYTE 24
#define INFO_EIGHT_BYTES 27
#define SIMPLE 7
#define SIMPLE_FALSE 20
#define SIMPLE_TRUE 21
#define SIMPLE_NULL 22

static enum rdv_err get_argument(struct rdv_reader *rd, uint64_t *out, uint8_t info)
{
    struct rdv_span bytes;
    enum rdv_err err;

    *out = info;
    if (info < INFO_ONE_BYTE)
        return RDV_OK;
    if (info > INFO_EIGHT_BYTES) /* reserved, or indefinite length */
        return RDV_ERR_FORMAT;
    if ((err = rdv_get_bytes(rd, &bytes, (size_t)1 << (info - INFO_ONE_BYTE))) != RDV_OK)
        return err;
    *out = 0;
    for (size_t i = 0; i < bytes.n; i++)
        *out = *out << 8 | bytes.p[i];
    return RDV_OK;
}

static enum rdv_err set_simple(struct rdv_cbor *out, uint8_t info)
{
    if (info == INFO_ONE_BYTE && out->n < 32) /* has a shorter form, and must (section 3.3) */
        return RDV_ERR_FORMAT;
    if (info == SIMPLE_FALSE || info == SIMPLE_TRUE) {
        out->type = RDV_CBOR_BOOL;
        out->n = info == SIMPLE_TRUE;
    } else {
        out->type = info == SIMPLE_NULL ? RDV_CBOR_NULL : RDV_CBOR_OTHER;
    }
    return RDV_OK;
}

enum rdv_err rdv_cbor_get_head(struct rdv_reader *rd, struct rdv_cbor *out)
{
    const struct rdv_reader before = *rd;
    uint8_t first;
    enum rdv_err err;

    *out = (struct rdv_cbor){ .type = RDV_CBOR_OTHER };
    if ((err = rdv_get_u8(rd, &first)) == RDV_OK &&
        (err = get_argument(rd, &out->n, INFO(first))) == RDV_OK) {
        if (MAJOR(first) == SIMPLE)
            err = set_simple(out, INFO(first));
        else
            out->type = (enum rdv_cbor_type)MAJOR(first);
    }
    if (err != RDV_OK)
        *rd = before;
    return err;
}

/* The bytes that follow the first one of a character (RFC 3629 section 4), and the least value that
 * needs as many. */
static bool utf8_lead(uint8_t c, size_t *n, uint32_t *value, uint32_t *least)
{
    if (c < 0x80) {
        *n = 0, *value = c, *least = 0;
    } else if ((c & 0xe0) == 0xc0) {
        *n = 1, *value = c & 0x1f, *least = 0x80;
    } else if ((c & 0xf0) == 0xe0) {
        *n = 2, *value = c & 0x0f, *least = 0x800;
    } else if ((c & 0xf8) == 0xf0) {
        *n = 3, *value = c & 0x07, *least = 0x10000;
    } else {
        return false;
    }
    return true;
}

static bool is_utf8(struct rdv_span text)
{
    uint32_t value, least;
    size_t more;

    for (size_t i = 0; i < text.n; i++) {
        if (!utf8_lead(text.p[i], &more, &value, &least) || more >= text.n - i)
            return false;
        for (; more > 0; more--) {
            if ((text.p[++i] & 0xc0) != 0x80)
                return false;
            value = value << 6 | (text.p[i] & 0x3f);
        }
        if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
            return false;
    }
    return true;
}

enum rdv_err rdv_cbor_get(struct rdv_reader *rd, struct rdv_cbor *out)
{
    const struct rdv_reader before = *rd;
    enum rdv_err err;

    if ((err = rdv_cbor_get_head(rd, out)) == RDV_OK &&
        (out->type == RDV_CBOR_BYTES || out->type == RDV_CBOR_TEXT)) {
        if (out->n > rd->rest.n)
            err = RDV_ERR_SHORT;
        else
            err = rdv_get_bytes(rd, &out->bytes, (size_t)out->n);
        if (err == RDV_OK && out->type == RDV_CBOR_TEXT && !is_utf8(out->bytes))
            err = RDV_ERR_FORMAT;
    }
    if (err != RDV_OK)
        *rd = before;
    return err;
}

/* Recurses as deep as the caller allows; a count is believed only as far as there are bytes. */
enum rdv_err rdv_cbor_skip(struct rdv_reader *rd, unsigned depth)
{
    const struct rdv_reader before = *rd;
    struct rdv_cbor item;
    enum rdv_err err;

    if ((err = rdv_cbor_get(rd, &item)) == RDV_OK &&
        (item.type == RDV_CBOR_ARRAY || item.type == RDV_CBOR_MAP || item.type == RDV_CBOR_TAG)) {
        const bool map = item.type == RDV_CBOR_MAP;

        if (depth == 0)
            err = RDV_ERR_LIMIT;
        if (item.type == RDV_CBOR_TAG)
            item.n = 1;
        for (uint64_t i = 0; i < item.n && err == RDV_OK; i++) {
            if ((err = rdv_cbor_skip(rd, depth - 1)) == RDV_OK && map)
                err = rdv_cbor_skip(rd, depth - 1);
        }
    }
    if (err != RDV_OK)
        *rd = before;
    return err;
}

#define FIND_DEPTH 8

enum rdv_err rdv_cbor_find(struct rdv_reader *value, struct rdv_span map, const char *key)
{
    struct rdv_cbor item;

    *value = (struct rdv_reader){ map };
    if (rdv_cbor_get(value, &item) != RDV_OK || item.type != RDV_CBOR_MAP)
        return RDV_ERR_FORMAT;
    for (uint64_t left = item.n; left > 0; left--) {
        struct rdv_reader pair = *value;

        if (rdv_cbor_get(&pair, &item) == RDV_OK && item.type == RDV_CBOR_TEXT &&
            rdv_span_is(item.bytes, key)) {
            *value = pair;
            return RDV_OK;
        }
        if (rdv_cbor_skip(value, FIND_DEPTH) != RDV_OK ||
            rdv_cbor_skip(value, FIND_DEPTH) != RDV_OK)
            return RDV_ERR_FORMAT;
    }
    return RDV_ERR_ABSENT;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* A head in its shortest form; returns its length. */
static size_t make_head(uint8_t out[RDV_CBOR_HEAD_MAX], enum rdv_cbor_type major, uint64_t n)
{
    const uint8_t first = (uint8_t)(major << 5);
    const unsigned log = n > UINT32_MAX ? 3 : n > UINT16_MAX ? 2 : n > UINT8_MAX ? 1 : 0;
    const size_t bytes = (size_t)1 << log;

    if (n < INFO_ONE_BYTE) {
        out[0] = (uint8_t)(first | n);
        return 1;
    }
    out[0] = (uint8_t)(first | (INFO_ONE_BYTE + log));
    for (size_t i = 0; i < bytes; i++)
        out[1 + i] = (uint8_t)(n >> 8 * (bytes - 1 - i));
    return 1 + bytes;
}

static enum rdv_err put_head(struct rdv_buf *out, enum rdv_cbor_type major, uint64_t n)
{
    uint8_t head[RDV_CBOR_HEAD_MAX];

    return rdv_put_bytes(out, (struct rdv_span){ head, make_head(head, major, n) });
}

static enum rdv_err put_string(struct rdv_buf *out, enum rdv_cbor_type major, struct rdv_span bytes)
{
    uint8_t head[RDV_CBOR_HEAD_MAX], *room;
    const size_t n = make_head(head, major, bytes.n);
    enum rdv_err err;

    /* Both or nothing. */
    if ((err = rdv_buf_room(out, &room, n + bytes.n)) != RDV_OK ||
        (err = rdv_put_bytes(out, (struct rdv_span){ head, n })) != RDV_OK)
        return err;
    return rdv_put_bytes(out, bytes);
}

enum rdv_err rdv_cbor_put_uint(struct rdv_buf *out, uint64_t n)
{
    return put_head(out, RDV_CBOR_UINT, n);
}

enum rdv_err rdv_cbor_put_int(struct rdv_buf *out, int64_t n)
{
    if (n < 0)
        return put_head(out, RDV_CBOR_NEGATIVE, (uint64_t)(-1 - n));
    return put_head(out, RDV_CBOR_UINT, (uint64_t)n);
}

enum rdv_err rdv_cbor_put_bytes(struct rdv_buf *out, struct rdv_span bytes)
{
    return put_string(out, RDV_CBOR_BYTES, bytes);
}

enum rdv_err rdv_cbor_put_text(struct rdv_buf *out, struct rdv_span text)
{
    return put_string(out, RDV_CBOR_TEXT, text);
}

enum rdv_err rdv_cbor_put_bool(struct rdv_buf *out, bool value)
{
    return rdv_put_u8(out, SIMPLE << 5 | (value ? SIMPLE_TRUE : SIMPLE_FALSE));
}

enum rdv_err rdv_cbor_put_null(struct rdv_buf *out)
{
    return rdv_put_u8(out, SIMPLE << 5 | SIMPLE_NULL);
}

enum rdv_err rdv_cbor_put_array(struct rdv_buf *out, uint64_t n)
{
    return put_head(out, RDV_CBOR_ARRAY, n);
}

enum rdv_err rdv_cbor_put_map(struct rdv_buf *out, uint64_t n)
{
    return put_head(out, RDV_CBOR_MAP, n);
}

enum rdv_err rdv_cbor_put_tag(struct rdv_buf *out, uint64_t n)
{
    return put_head(out, RDV_CBOR_TAG, n);
}

/* --- lists and maps --------------------------------------------------------------------------- */

enum rdv_err rdv_cbor_list_begin(struct rdv_cbor_list *list, struct rdv_buf *out)
{
    *list = (struct rdv_cbor_list){ .out = out, .start = rdv_buf_len(out) };
    return rdv_cbor_put_array(out, 0);
}

enum rdv_err rdv_cbor_list_end(struct rdv_cbor_list *list)
{
    uint8_t head[RDV_CBOR_HEAD_MAX];
    const size_t n = make_head(head, RDV_CBOR_ARRAY, list->n);
    enum rdv_err err;

    if ((err = rdv_buf_insert(list->out, list->start, n - 1)) == RDV_OK)
        rdv_buf_patch(list->out, list->start, (struct rdv_span){ head, n });
    return err;
}

enum rdv_err rdv_cbor_map_begin(struct rdv_cbor_map *map, struct rdv_buf *out)
{
    *map = (struct rdv_cbor_map){ .out = out, .start = rdv_buf_len(out) };
    return rdv_cbor_put_map(out, 0);
}

enum rdv_err rdv_cbor_map_key(struct rdv_cbor_map *map, const char *key)
{
    RDV_INVARIANT(map->n < RDV_CBOR_MAP_MAX);
    map->at[map->n++] = rdv_buf_len(map->out) - map->start;
    return rdv_cbor_put_text(map->out, rdv_span_of(key));
}

static struct rdv_span pair(const struct rdv_cbor_map *map, size_t i)
{
    const struct rdv_span all = rdv_buf_view(map->out);

    return (struct rdv_span){ all.p + map->start + map->at[i], map->at[i + 1] - map->at[i] };
}

/* The key of pair i, encoded. */
static struct rdv_span key_of(const struct rdv_cbor_map *map, size_t i)
{
    struct rdv_span key = pair(map, i);
    struct rdv_reader rd = { key };
    struct rdv_cbor item;

    RDV_INVARIANT(rdv_cbor_get(&rd, &item) == RDV_OK);
    key.n -= rd.rest.n;
    return key;
}

/* True when pair i must stand before pair j: bytewise, which puts short keys first. */
static bool comes_before(const struct rdv_cbor_map *map, size_t i, size_t j)
{
    const struct rdv_span a = key_of(map, i), b = key_of(map, j);
    const int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

    RDV_INVARIANT(order != 0); /* no key is the beginning of another: they would be the same */
    return order < 0;
}

/* Writes the pairs again, in this order. */
static enum rdv_err reorder(struct rdv_cbor_map *map, const size_t order[RDV_CBOR_MAP_MAX])
{
    const size_t body = map->start + 1, n = rdv_buf_len(map->out) - body;
    struct rdv_buf sorted = RDV_BUF(n);
    enum rdv_err err = RDV_OK;

    for (size_t i = 0; i < map->n && err == RDV_OK; i++)
        err = rdv_put_bytes(&sorted, pair(map, order[i]));
    if (err == RDV_OK)
        rdv_buf_patch(map->out, body, rdv_buf_view(&sorted));
    rdv_buf_free(&sorted);
    return err;
}

enum rdv_err rdv_cbor_map_end(struct rdv_cbor_map *map)
{
    size_t order[RDV_CBOR_MAP_MAX] = { 0 };
    uint8_t head[RDV_CBOR_HEAD_MAX];
    bool in_order = true;

    map->at[map->n] = rdv_buf_len(map->out) - map->start;
    for (size_t i = 0; i < map->n; i++) {
        size_t at = i;

        for (; at > 0 && comes_before(map, i, order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = i;
        in_order = in_order && at == i;
    }
    rdv_buf_patch(map->out, map->start,
                  (struct rdv_span){ head, make_head(head, RDV_CBOR_MAP, map->n) });
    return in_order ? RDV_OK : reorder(map, order);
}
