/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/scope.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"

bool se_scope_has(const struct se_scope *scope, uint8_t n)
{
    return (scope->bits[n / 8] >> n % 8 & 1) != 0;
}

struct se_scope se_scope_all(void)
{
    struct se_scope all;

    memset(all.bits, 0xff, sizeof(all.bits));
    return all;
}

/* "XX" or "XX-YY". */
static enum rdv_err add_range(struct se_scope *out, struct rdv_span part)
{
    uint8_t low, high;

    if (part.n != 2 && (part.n != 5 || part.p[2] != '-'))
        return RDV_ERR_FORMAT;
    if (rdv_hex_decode(&low, 1, (struct rdv_span){ part.p, 2 }) != RDV_OK ||
        rdv_hex_decode(&high, 1, (struct rdv_span){ part.p + part.n - 2, 2 }) != RDV_OK)
        return RDV_ERR_FORMAT;
    if (low > high)
        return RDV_ERR_RANGE;
    for (unsigned n = low; n <= high; n++)
        out->bits[n / 8] |= (uint8_t)(1U << n % 8);
    return RDV_OK;
}

enum rdv_err se_scope_decode(struct se_scope *out, struct rdv_span text)
{
    struct se_scope scope = { { 0 } };
    enum rdv_err err;

    *out = scope;
    if (rdv_span_is(text, "none"))
        return RDV_OK;
    if (rdv_span_is(text, "all")) {
        *out = se_scope_all();
        return RDV_OK;
    }
    for (;;) {
        const uint8_t *comma = text.n == 0 ? NULL : memchr(text.p, ',', text.n);
        const size_t n = comma == NULL ? text.n : (size_t)(comma - text.p);

        if ((err = add_range(&scope, (struct rdv_span){ text.p, n })) != RDV_OK)
            return err;
        if (comma == NULL)
            break;
        text.p += n + 1;
        text.n -= n + 1;
    }
    *out = scope;
    return RDV_OK;
}

enum rdv_err se_scope_put(struct rdv_buf *out, const struct se_scope *scope)
{
    bool any = false;
    enum rdv_err err;

    for (unsigned low = 0; low < 256; low++) {
        unsigned high = low;
        char part[8];

        if (!se_scope_has(scope, (uint8_t)low))
            continue;
        while (high < 255 && se_scope_has(scope, (uint8_t)(high + 1)))
            high++;
        if (low == high)
            (void)snprintf(part, sizeof(part), "%s%02X", any ? "," : "", low);
        else
            (void)snprintf(part, sizeof(part), "%s%02X-%02X", any ? "," : "", low, high);
        if ((err = rdv_put_text(out, part)) != RDV_OK)
            return err;
        any = true;
        low = high;
    }
    return any ? RDV_OK : rdv_put_text(out, "none");
}
