/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/apdu.h"

#include <string.h>

/* Length fields after the header: nothing, Le, Lc data, or Lc data Le. */
static enum rdv_err decode_short(struct rdv_apdu *out, struct rdv_reader *rd)
{
    uint8_t n;
    enum rdv_err err;

    if ((err = rdv_get_u8(rd, &n)) != RDV_OK)
        return err;
    if (rd->rest.n == 0) {
        out->le = n == 0 ? 256 : n;
        return RDV_OK;
    }
    if ((err = rdv_get_bytes(rd, &out->data, n)) != RDV_OK || rd->rest.n == 0)
        return err;
    if ((err = rdv_get_u8(rd, &n)) != RDV_OK)
        return err;
    out->le = n == 0 ? 256 : n;
    return rdv_get_end(rd);
}

static enum rdv_err decode_extended(struct rdv_apdu *out, struct rdv_reader *rd)
{
    uint8_t zero;
    uint16_t n;
    enum rdv_err err;

    out->extended = true;
    if ((err = rdv_get_u8(rd, &zero)) != RDV_OK || (err = rdv_get_u16(rd, &n)) != RDV_OK)
        return err;
    if (rd->rest.n == 0) {
        out->le = n == 0 ? 65536 : n;
        return RDV_OK;
    }
    if (n == 0) /* "no data" is said by leaving the count out */
        return RDV_ERR_TRAILING;
    if ((err = rdv_get_bytes(rd, &out->data, n)) != RDV_OK || rd->rest.n == 0)
        return err;
    if ((err = rdv_get_u16(rd, &n)) != RDV_OK)
        return err;
    out->le = n == 0 ? 65536 : n;
    return rdv_get_end(rd);
}

enum rdv_err rdv_apdu_decode(struct rdv_apdu *out, struct rdv_span in)
{
    struct rdv_reader rd = { in };
    enum rdv_err err;

    *out = (struct rdv_apdu){ 0 };
    if ((err = rdv_get_u8(&rd, &out->cla)) != RDV_OK ||
        (err = rdv_get_u8(&rd, &out->ins)) != RDV_OK ||
        (err = rdv_get_u8(&rd, &out->p1)) != RDV_OK || (err = rdv_get_u8(&rd, &out->p2)) != RDV_OK)
        return err;
    if (rd.rest.n == 0)
        return RDV_OK;
    /* A zero byte with more behind it opens the extended form. */
    if (rd.rest.n > 1 && rd.rest.p[0] == 0)
        return decode_extended(out, &rd);
    return decode_short(out, &rd);
}

enum rdv_err rdv_apdu_encode(struct rdv_buf *out, const struct rdv_apdu *apdu)
{
    const size_t most_data = apdu->extended ? RDV_APDU_DATA_MAX : 255;
    const size_t most_le = apdu->extended ? 65536 : 256;
    const size_t wide = apdu->extended ? 2 : 1;
    const size_t n = apdu->data.n;
    size_t need = 4 + (n > 0 ? wide + n : 0) + (apdu->le > 0 ? wide : 0);
    uint8_t *p;
    enum rdv_err err;

    if (n > most_data || apdu->le > most_le)
        return RDV_ERR_RANGE;
    if (apdu->extended && need > 4)
        need++; /* the zero that opens the extended form */
    if ((err = rdv_buf_room(out, &p, need)) != RDV_OK)
        return err;
    rdv_buf_grew(out, need);
    *p++ = apdu->cla;
    *p++ = apdu->ins;
    *p++ = apdu->p1;
    *p++ = apdu->p2;
    if (apdu->extended && need > 4)
        *p++ = 0;
    if (n > 0) {
        if (apdu->extended)
            *p++ = (uint8_t)(n >> 8);
        *p++ = (uint8_t)n;
        memcpy(p, apdu->data.p, n);
        p += n;
    }
    if (apdu->le > 0) {
        if (apdu->extended)
            *p++ = (uint8_t)(apdu->le >> 8);
        *p++ = (uint8_t)apdu->le;
    }
    return RDV_OK;
}

enum rdv_err rdv_apdu_response(struct rdv_span *data, uint16_t *sw, struct rdv_span in)
{
    *data = (struct rdv_span){ NULL, 0 };
    *sw = 0;
    if (in.n < 2)
        return RDV_ERR_SHORT;
    *data = (struct rdv_span){ in.p, in.n - 2 };
    *sw = (uint16_t)(in.p[in.n - 2] << 8 | in.p[in.n - 1]);
    return RDV_OK;
}
