/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/notation.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include <cbor.h>

static void put(struct rdv_buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct rdv_buf *out, const char *format, ...)
{
    char text[64];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    RDV_INVARIANT(rdv_put_text(out, text) == RDV_OK);
}

static void put_text(struct rdv_buf *out, const cbor_item_t *item)
{
    const unsigned char *text = cbor_string_handle(item);

    put(out, "\"");
    for (size_t i = 0; i < cbor_string_length(item); i++)
        put(out, text[i] == '"' || text[i] == '\\' ? "\\%c" : "%c", text[i]);
    put(out, "\"");
}

static void put_simple(struct rdv_buf *out, const cbor_item_t *item)
{
    if (!cbor_float_ctrl_is_ctrl(item))
        put(out, "%g", cbor_float_get_float(item));
    else if (cbor_is_bool(item))
        put(out, cbor_get_bool(item) ? "true" : "false");
    else if (cbor_is_null(item))
        put(out, "null");
    else
        put(out, "simple(%u)", (unsigned)cbor_ctrl_value(item));
}

static void put_item(struct rdv_buf *out, const cbor_item_t *item)
{
    switch (cbor_typeof(item)) {
    case CBOR_TYPE_UINT:
        put(out, "%" PRIu64, cbor_get_int(item));
        break;
    case CBOR_TYPE_NEGINT:
        put(out, "-%" PRIu64, cbor_get_int(item) + 1); /* not of -2^64 */
        break;
    case CBOR_TYPE_BYTESTRING:
        put(out, "h'");
        for (size_t i = 0; cbor_bytestring_is_definite(item) && i < cbor_bytestring_length(item);
             i++)
            put(out, "%02X", (unsigned)cbor_bytestring_handle(item)[i]);
        put(out, "'");
        break;
    case CBOR_TYPE_STRING:
        if (cbor_string_is_definite(item))
            put_text(out, item);
        break;
    case CBOR_TYPE_ARRAY:
        put(out, "[");
        for (size_t i = 0; i < cbor_array_size(item); i++) {
            put(out, i == 0 ? "" : ", ");
            put_item(out, cbor_array_handle(item)[i]);
        }
        put(out, "]");
        break;
    case CBOR_TYPE_MAP:
        put(out, "{");
        for (size_t i = 0; i < cbor_map_size(item); i++) {
            put(out, i == 0 ? "" : ", ");
            put_item(out, cbor_map_handle(item)[i].key);
            put(out, ": ");
            put_item(out, cbor_map_handle(item)[i].value);
        }
        put(out, "}");
        break;
    case CBOR_TYPE_TAG:
        put(out, "%" PRIu64 "()", cbor_tag_value(item));
        break;
    case CBOR_TYPE_FLOAT_CTRL:
        put_simple(out, item);
        break;
    }
}

bool t_notation(struct rdv_buf *out, struct rdv_span in)
{
    struct cbor_load_result result;
    cbor_item_t *item = cbor_load(in.p, in.n, &result);
    const bool whole = item != NULL && result.read == in.n;

    if (whole)
        put_item(out, item);
    if (item != NULL)
        cbor_decref(&item);
    return whole;
}
