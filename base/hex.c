/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hex.h"

#include "base/secret.h"

static char digit_of(unsigned v)
{
    /* '0' + v, and 7 more (to 'A') from ten on: bit 8 of 9 - v is set when it is negative. */
    return (char)('0' + v + ((9 - v) >> 8 & 7));
}

/* All ones when lo <= c <= hi, else 0. */
static unsigned in_range(unsigned c, unsigned lo, unsigned hi)
{
    return 0U - (((lo - 1 - c) & (c - hi - 1)) >> 31);
}

/* Value of a digit; sets a bit in *bad for any other character. */
static unsigned value_of(unsigned c, unsigned *bad)
{
    const unsigned is_09 = in_range(c, '0', '9');
    const unsigned is_AF = in_range(c, 'A', 'F');
    const unsigned is_af = in_range(c, 'a', 'f');

    *bad |= ~(is_09 | is_AF | is_af) & 1;
    return (is_09 & (c - '0')) | (is_AF & (c - 'A' + 10)) | (is_af & (c - 'a' + 10));
}

void rdv_hex_encode(char *out, struct rdv_span in)
{
    for (size_t i = 0; i < in.n; i++) {
        out[2 * i] = digit_of(in.p[i] >> 4);
        out[2 * i + 1] = digit_of(in.p[i] & 15);
    }
}

enum rdv_err rdv_hex_put(struct rdv_buf *b, struct rdv_span in)
{
    uint8_t *p;
    enum rdv_err err;

    if (in.n > SIZE_MAX / 2)
        return RDV_ERR_LIMIT;
    if ((err = rdv_buf_room(b, &p, 2 * in.n)) != RDV_OK)
        return err;
    rdv_hex_encode((char *)p, in);
    rdv_buf_grew(b, 2 * in.n);
    return RDV_OK;
}

enum rdv_err rdv_hex_decode(uint8_t *out, size_t n, struct rdv_span digits)
{
    unsigned bad = 0;

    rdv_wipe(out, n);
    if (digits.n % 2 != 0 || digits.n / 2 != n)
        return RDV_ERR_RANGE;
    for (size_t i = 0; i < n; i++) {
        const unsigned high = value_of(digits.p[2 * i], &bad);

        out[i] = (uint8_t)(high << 4 | value_of(digits.p[2 * i + 1], &bad));
    }
    if (!rdv_reveal(bad))
        return RDV_OK;
    rdv_wipe(out, n);
    return RDV_ERR_FORMAT;
}

enum rdv_err rdv_hex_get(struct rdv_buf *b, struct rdv_span digits)
{
    const size_t n = digits.n / 2;
    uint8_t *p;
    enum rdv_err err;

    if (digits.n % 2 != 0)
        return RDV_ERR_FORMAT;
    if ((err = rdv_buf_room(b, &p, n)) != RDV_OK || (err = rdv_hex_decode(p, n, digits)) != RDV_OK)
        return err;
    rdv_buf_grew(b, n);
    return RDV_OK;
}
