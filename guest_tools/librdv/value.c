/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/value.h>

#include <string.h>

#include "guest_tools/librdv/params.h"
#include "schema/wire/cbor.h"
#include "schema/wire/rpc.h"

/* --- reading ---------------------------------------------------------------------------------- */

/* The item itself; what it holds, of a list or map, is left in *rd. */
static bool get(struct rdv_reader *rd, struct rdv_cbor *item, struct rdv_value v)
{
    *rd = (struct rdv_reader){ { v.p, v.n } };
    *item = (struct rdv_cbor){ .type = RDV_CBOR_OTHER };
    return rdv_cbor_get(rd, item) == RDV_OK;
}

enum rdv_kind rdv_value_kind(struct rdv_value v)
{
    struct rdv_reader rd;
    struct rdv_cbor item;

    if (v.n == 0)
        return RDV_KIND_NONE;
    if (!get(&rd, &item, v))
        return RDV_KIND_OTHER;
    switch (item.type) {
    case RDV_CBOR_UINT:
        return RDV_KIND_NUMBER;
    case RDV_CBOR_BYTES:
        return RDV_KIND_BYTES;
    case RDV_CBOR_TEXT:
        return RDV_KIND_TEXT;
    case RDV_CBOR_BOOL:
        return RDV_KIND_BOOL;
    case RDV_CBOR_NULL:
        return RDV_KIND_NULL;
    case RDV_CBOR_ARRAY:
        return RDV_KIND_LIST;
    case RDV_CBOR_MAP:
        return RDV_KIND_MAP;
    default:
        return RDV_KIND_OTHER;
    }
}

bool rdv_value_number(struct rdv_value v, uint64_t *out)
{
    struct rdv_reader rd;
    struct rdv_cbor item;

    *out = 0;
    if (!get(&rd, &item, v) || item.type != RDV_CBOR_UINT)
        return false;
    *out = item.n;
    return true;
}

bool rdv_value_bool(struct rdv_value v, bool *out)
{
    struct rdv_reader rd;
    struct rdv_cbor item;

    *out = false;
    if (!get(&rd, &item, v) || item.type != RDV_CBOR_BOOL)
        return false;
    *out = item.n != 0;
    return true;
}

bool rdv_value_bytes(struct rdv_value v, const uint8_t **out, size_t *n)
{
    struct rdv_reader rd;
    struct rdv_cbor item;

    *out = NULL;
    *n = 0;
    if (!get(&rd, &item, v) || (item.type != RDV_CBOR_BYTES && item.type != RDV_CBOR_TEXT))
        return false;
    *out = item.bytes.p;
    *n = item.bytes.n;
    return true;
}

bool rdv_value_text(struct rdv_value v, char *out, size_t size)
{
    struct rdv_reader rd;
    struct rdv_cbor item;

    out[0] = '\0';
    return get(&rd, &item, v) && item.type == RDV_CBOR_TEXT &&
           rdv_span_to_text(out, size, item.bytes) == RDV_OK;
}

struct rdv_items rdv_value_items(struct rdv_value v)
{
    struct rdv_reader rd;
    struct rdv_cbor item;

    if (!get(&rd, &item, v) || (item.type != RDV_CBOR_ARRAY && item.type != RDV_CBOR_MAP))
        return (struct rdv_items){ 0 };
    return (struct rdv_items){ { rd.rest.p, rd.rest.n }, item.n, item.type == RDV_CBOR_MAP };
}

/* Cuts the first value off. */
static bool take(struct rdv_value *rest, struct rdv_value *out)
{
    struct rdv_reader rd = { { rest->p, rest->n } };

    *out = (struct rdv_value){ NULL, 0 };
    if (rdv_cbor_skip(&rd, RDV_RPC_DEPTH_MAX) != RDV_OK)
        return false;
    *out = (struct rdv_value){ rest->p, rest->n - rd.rest.n };
    *rest = (struct rdv_value){ rd.rest.p, rd.rest.n };
    return true;
}

bool rdv_items_next(struct rdv_items *items, struct rdv_value *key, struct rdv_value *value)
{
    *key = *value = (struct rdv_value){ NULL, 0 };
    if (items->left == 0 || (items->pairs && !take(&items->rest, key)) ||
        !take(&items->rest, value)) {
        items->left = 0;
        return false;
    }
    items->left--;
    return true;
}

struct rdv_value rdv_value_in(struct rdv_value map, const char *key)
{
    struct rdv_value rest, value = { NULL, 0 };
    struct rdv_reader rd;

    if (rdv_cbor_find(&rd, (struct rdv_span){ map.p, map.n }, key) == RDV_OK) {
        rest = (struct rdv_value){ rd.rest.p, rd.rest.n };
        (void)take(&rest, &value);
    }
    return value;
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum rdv_err put_value(struct rdv_buf *out, const struct rdv_param *p)
{
    const struct rdv_span bytes = { p->bytes, p->n };

    switch (p->kind) {
    case RDV_KIND_NUMBER:
        return rdv_cbor_put_uint(out, p->number);
    case RDV_KIND_BOOL:
        return rdv_cbor_put_bool(out, p->number != 0);
    case RDV_KIND_BYTES:
        return rdv_cbor_put_bytes(out, bytes);
    case RDV_KIND_TEXT:
        return rdv_cbor_put_text(out, bytes);
    case RDV_KIND_NULL:
        return rdv_cbor_put_null(out);
    default:
        return RDV_ERR_RANGE;
    }
}

enum rdv_err guest_put_params(struct rdv_buf *out, const struct rdv_param *params)
{
    size_t n = 0;
    enum rdv_err err;

    while (params != NULL && params[n].name != NULL)
        n++;
    err = rdv_cbor_put_map(out, n);
    for (size_t i = 0; i < n && err == RDV_OK; i++) {
        if ((err = rdv_cbor_put_text(out, rdv_span_of(params[i].name))) == RDV_OK)
            err = put_value(out, &params[i]);
    }
    return err;
}
