/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/notation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "schema/wire/cbor.h"

#define DEPTH_MAX 32
#define ITEM_MAX (1 << 21)

static void skip_blanks(const char **at)
{
    *at += strspn(*at, " \n");
}

/* Takes this text if it comes next. */
static bool take(const char **at, const char *text)
{
    skip_blanks(at);
    if (strncmp(*at, text, strlen(text)) != 0)
        return false;
    *at += strlen(text);
    return true;
}

static void put_item(struct rdv_buf *out, const char **at, unsigned depth);

/* Items up to `end`, in pairs or not; the head is written once they are counted. */
static void put_items(struct rdv_buf *out, const char **at, const char *end, bool pairs,
                      unsigned depth)
{
    struct rdv_buf items = RDV_BUF(ITEM_MAX);
    uint64_t n = 0;

    RDV_INVARIANT(depth < DEPTH_MAX);
    while (!take(at, end)) {
        RDV_INVARIANT(n++ == 0 || take(at, ","));
        put_item(&items, at, depth + 1);
        if (!pairs)
            continue;
        RDV_INVARIANT(take(at, ":"));
        put_item(&items, at, depth + 1);
    }
    RDV_INVARIANT((pairs ? rdv_cbor_put_map(out, n) : rdv_cbor_put_array(out, n)) == RDV_OK &&
                  rdv_put_bytes(out, rdv_buf_view(&items)) == RDV_OK);
    rdv_buf_free(&items);
}

static void put_text(struct rdv_buf *out, const char **at)
{
    struct rdv_buf text = RDV_BUF(ITEM_MAX);

    for (; **at != '"'; ++*at) {
        *at += **at == '\\';
        RDV_INVARIANT(**at != '\0' && rdv_put_u8(&text, (uint8_t) * *at) == RDV_OK);
    }
    ++*at;
    RDV_INVARIANT(rdv_cbor_put_text(out, rdv_buf_view(&text)) == RDV_OK);
    rdv_buf_free(&text);
}

static void put_hex(struct rdv_buf *out, const char **at)
{
    struct rdv_buf bytes = RDV_BUF(ITEM_MAX);
    const size_t n = strcspn(*at, "'");

    RDV_INVARIANT(rdv_hex_get(&bytes, (struct rdv_span){ (const uint8_t *)*at, n }) == RDV_OK &&
                  rdv_cbor_put_bytes(out, rdv_buf_view(&bytes)) == RDV_OK);
    *at += n + 1;
    rdv_buf_free(&bytes);
}

static void put_number(struct rdv_buf *out, const char **at)
{
    const bool negative = **at == '-';
    char *end;

    errno = 0;
    if (negative)
        RDV_INVARIANT(rdv_cbor_put_int(out, strtoll(*at, &end, 10)) == RDV_OK);
    else
        RDV_INVARIANT(rdv_cbor_put_uint(out, strtoull(*at, &end, 10)) == RDV_OK);
    RDV_INVARIANT(end != *at && errno == 0);
    *at = end;
}

static void put_item(struct rdv_buf *out, const char **at, unsigned depth)
{
    if (take(at, "["))
        put_items(out, at, "]", false, depth);
    else if (take(at, "{"))
        put_items(out, at, "}", true, depth);
    else if (take(at, "\""))
        put_text(out, at);
    else if (take(at, "h'"))
        put_hex(out, at);
    else if (take(at, "true"))
        RDV_INVARIANT(rdv_cbor_put_bool(out, true) == RDV_OK);
    else if (take(at, "false"))
        RDV_INVARIANT(rdv_cbor_put_bool(out, false) == RDV_OK);
    else if (take(at, "null"))
        RDV_INVARIANT(rdv_cbor_put_null(out) == RDV_OK);
    else
        put_number(out, at);
}

void t_cbor(struct rdv_buf *out, const char *notation)
{
    put_item(out, &notation, 0);
    skip_blanks(&notation);
    RDV_INVARIANT(*notation == '\0');
}
