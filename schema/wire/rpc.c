/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/rpc.h"

#include <string.h>

/* --- framing ---------------------------------------------------------------------------------- */

/* An item has ended, and with it all that it was the last of. */
static void close_item(struct rdv_rpc_framer *f, bool *whole)
{
    while (f->depth > 0 && --f->left[f->depth - 1] == 0)
        f->depth--;
    *whole = f->depth == 0;
}

static enum rdv_err open_item(struct rdv_rpc_framer *f, const struct rdv_cbor *item, bool *whole)
{
    uint64_t holds = 0;

    switch (item->type) {
    case RDV_CBOR_BYTES:
    case RDV_CBOR_TEXT:
        f->content = item->n;
        break;
    case RDV_CBOR_ARRAY:
        holds = item->n;
        break;
    case RDV_CBOR_MAP:
        holds = item->n > UINT64_MAX / 2 ? UINT64_MAX : 2 * item->n;
        break;
    case RDV_CBOR_TAG:
        holds = 1;
        break;
    default:
        break;
    }
    if (f->content == 0 && holds == 0) {
        close_item(f, whole);
    } else if (holds > 0) {
        if (f->depth == RDV_RPC_DEPTH_MAX)
            return RDV_ERR_FORMAT;
        f->left[f->depth++] = holds;
    }
    /* Each item that is to come takes a byte at least. */
    f->too_long |= f->n > f->most || f->content > f->most - f->n || holds > f->most - f->n;
    return RDV_OK;
}

/* A head, or as much of it as there is: kept, until the rest comes. */
static enum rdv_err take_head(struct rdv_rpc_framer *f, struct rdv_reader *in, bool *whole)
{
    struct rdv_cbor item;
    enum rdv_err err = RDV_ERR_SHORT;

    while (err == RDV_ERR_SHORT && in->rest.n > 0) {
        struct rdv_reader head = { { f->head, f->n_head + 1 } };

        RDV_INVARIANT(rdv_get_u8(in, &f->head[f->n_head++]) == RDV_OK);
        f->n++;
        err = rdv_cbor_get_head(&head, &item);
    }
    if (err == RDV_ERR_SHORT)
        return RDV_OK;
    f->n_head = 0;
    return err == RDV_OK ? open_item(f, &item, whole) : err;
}

static void take_content(struct rdv_rpc_framer *f, struct rdv_reader *in, bool *whole)
{
    const size_t n = f->content < in->rest.n ? (size_t)f->content : in->rest.n;
    struct rdv_span bytes;

    RDV_INVARIANT(rdv_get_bytes(in, &bytes, n) == RDV_OK);
    f->content -= n;
    /* Past the limit only the fact counts. */
    f->n = n < SIZE_MAX - f->n ? f->n + n : SIZE_MAX;
    if (f->content == 0)
        close_item(f, whole);
}

enum rdv_err rdv_rpc_frame(struct rdv_rpc_framer *f, struct rdv_reader *in, struct rdv_span *piece,
                           bool *whole)
{
    const bool known = f->too_long;
    enum rdv_err err = RDV_OK;

    *piece = in->rest;
    *whole = false;
    while (in->rest.n > 0 && !*whole && err == RDV_OK && f->too_long == known) {
        if (f->content > 0)
            take_content(f, in, whole);
        else
            err = take_head(f, in, whole);
    }
    piece->n -= in->rest.n;
    if (err == RDV_OK && f->too_long != known)
        err = RDV_ERR_LIMIT;
    if (*whole)
        *f = (struct rdv_rpc_framer){ .most = f->most };
    return err;
}

/* --- messages --------------------------------------------------------------------------------- */

/* The head of an array of three, and the first of them. */
static bool get_id(struct rdv_reader *rd, struct rdv_cbor *id)
{
    struct rdv_cbor array;

    return rdv_cbor_get(rd, &array) == RDV_OK && array.type == RDV_CBOR_ARRAY && array.n == 3 &&
           rdv_cbor_get(rd, id) == RDV_OK;
}

static bool is_id(const struct rdv_cbor *item)
{
    return item->type == RDV_CBOR_UINT && item->n <= RDV_RPC_ID_MAX;
}

bool rdv_rpc_peek_id(uint64_t *id, struct rdv_span beginning)
{
    struct rdv_reader rd = { beginning };
    struct rdv_cbor item;

    *id = 0;
    if (!get_id(&rd, &item) || !is_id(&item))
        return false;
    *id = item.n;
    return true;
}

/* The last item of a message, which must be a map. */
static bool get_body(struct rdv_reader *rd, struct rdv_span *body)
{
    struct rdv_reader inside = *rd;
    struct rdv_cbor map;

    *body = rd->rest;
    return rdv_cbor_get(&inside, &map) == RDV_OK && map.type == RDV_CBOR_MAP &&
           rdv_cbor_skip(rd, RDV_RPC_DEPTH_MAX - 1) == RDV_OK && rd->rest.n == 0;
}

enum rdv_err rdv_rpc_get_request(struct rdv_rpc_request *out, struct rdv_span message)
{
    struct rdv_reader rd = { message };
    struct rdv_cbor id, method;

    *out = (struct rdv_rpc_request){ 0 };
    if (!get_id(&rd, &id) || !is_id(&id))
        return RDV_ERR_FORMAT;
    out->has_id = true;
    out->id = id.n;
    if (rdv_cbor_get(&rd, &method) != RDV_OK || method.type != RDV_CBOR_TEXT || method.n == 0 ||
        method.n > RDV_RPC_METHOD_MAX)
        return RDV_ERR_FORMAT;
    out->method = method.bytes;
    return get_body(&rd, &out->params) ? RDV_OK : RDV_ERR_FORMAT;
}

enum rdv_err rdv_rpc_get_answer(struct rdv_rpc_answer *out, struct rdv_span message)
{
    struct rdv_reader rd = { message };
    struct rdv_cbor id, code;

    *out = (struct rdv_rpc_answer){ 0 };
    if (!get_id(&rd, &id) || !(is_id(&id) || id.type == RDV_CBOR_NULL) ||
        rdv_cbor_get(&rd, &code) != RDV_OK || code.type != RDV_CBOR_UINT ||
        (id.type == RDV_CBOR_NULL && code.n == 0) || !get_body(&rd, &out->body))
        return RDV_ERR_FORMAT;
    out->has_id = id.type != RDV_CBOR_NULL;
    out->id = out->has_id ? id.n : 0;
    out->code = code.n;
    return RDV_OK;
}

enum rdv_err rdv_rpc_put_request(struct rdv_buf *out, uint64_t id, const char *method)
{
    enum rdv_err err;

    if ((err = rdv_cbor_put_array(out, 3)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, id)) != RDV_OK)
        return err;
    return rdv_cbor_put_text(out, rdv_span_of(method));
}

enum rdv_err rdv_rpc_put_answer(struct rdv_buf *out, const uint64_t *id, uint64_t code)
{
    enum rdv_err err;

    if ((err = rdv_cbor_put_array(out, 3)) != RDV_OK ||
        (err = id == NULL ? rdv_cbor_put_null(out) : rdv_cbor_put_uint(out, *id)) != RDV_OK)
        return err;
    return rdv_cbor_put_uint(out, code);
}
