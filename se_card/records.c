/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/records.h"

#include "base/log.h"

static struct se_place place_of_content(uint8_t slot)
{
    return (struct se_place){ "record", "content", slot };
}

enum rdv_err se_records_put(struct se_element *el, uint8_t slot, struct rdv_span content,
                            int64_t author, int64_t now)
{
    enum rdv_err err;

    if (content.n > SE_RECORD_MAX)
        return RDV_ERR_LIMIT;
    if (content.n == 0)
        return se_store_record_clear(el->store, slot);
    if ((err = se_seal_close(el->seal, &el->scratch, place_of_content(slot), content)) == RDV_OK)
        err = se_store_record_put(el->store, slot, rdv_buf_view(&el->scratch), author, now);
    rdv_buf_clear(&el->scratch);
    return err;
}

enum rdv_err se_records_get(struct se_element *el, struct rdv_buf *out, uint8_t slot)
{
    struct rdv_span sealed;
    enum rdv_err err;

    if ((err = se_store_record_get(el->store, &sealed, slot)) == RDV_ERR_ABSENT)
        return RDV_OK;
    if (err == RDV_OK &&
        (err = se_seal_open(el->seal, out, place_of_content(slot), sealed)) == RDV_ERR_CORRUPT)
        log_error("%s: record %02X: its sealed content is damaged", el->sen, (unsigned)slot);
    return err;
}
