/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/tls_record.h"

enum rdv_err rdv_tls_record_peek(struct rdv_span *whole, struct rdv_span in)
{
    size_t body;

    *whole = (struct rdv_span){ NULL, 0 };
    /* What is there already must fit, so that a stranger is told at its first wrong byte. */
    if (in.n > 0 && (in.p[0] < RDV_TLS_CHANGE_CIPHER_SPEC || in.p[0] > RDV_TLS_APPLICATION_DATA))
        return RDV_ERR_FORMAT;
    if (in.n > 1 && in.p[1] != 3)
        return RDV_ERR_FORMAT;
    if (in.n < RDV_TLS_HEADER)
        return RDV_OK;
    body = (size_t)in.p[3] << 8 | in.p[4];
    if (body > RDV_TLS_BODY_MAX)
        return RDV_ERR_LIMIT;
    if (in.n - RDV_TLS_HEADER >= body)
        *whole = (struct rdv_span){ in.p, RDV_TLS_HEADER + body };
    return RDV_OK;
}

enum rdv_err rdv_tls_put_alert(struct rdv_buf *out, enum rdv_tls_alert alert)
{
    const uint8_t record[] = { RDV_TLS_ALERT, 3, 3, 0, 2, 2 /* fatal */, (uint8_t)alert };

    return rdv_put_bytes(out, (struct rdv_span){ record, sizeof(record) });
}
