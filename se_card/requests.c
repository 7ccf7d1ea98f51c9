/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/requests.h"

enum rdv_err se_requests_put(struct rdv_buf *requests, enum se_request_kind kind,
                             struct rdv_span bytes)
{
    uint8_t *room;
    enum rdv_err err;

    if ((err = rdv_buf_room(requests, &room, 5 + bytes.n)) != RDV_OK ||
        (err = rdv_put_u8(requests, (uint8_t)kind)) != RDV_OK ||
        (err = rdv_put_u32(requests, (uint32_t)bytes.n)) != RDV_OK)
        return err;
    return rdv_put_bytes(requests, bytes);
}

bool se_requests_next(struct rdv_reader *rd, enum se_request_kind *kind, struct rdv_span *bytes)
{
    uint8_t k;
    uint32_t n;

    if (rd->rest.n == 0)
        return false;
    RDV_INVARIANT(rdv_get_u8(rd, &k) == RDV_OK && rdv_get_u32(rd, &n) == RDV_OK &&
                  rdv_get_bytes(rd, bytes, n) == RDV_OK);
    *kind = (enum se_request_kind)k;
    return true;
}
