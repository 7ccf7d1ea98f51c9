/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/key_wrap.h"

#include "se_card/own.h"

void se_key_index(uint8_t *slot, enum se_key_curve *curve, uint8_t index)
{
    const bool p256 = index >= 0x10 && index < 0x20;

    *slot = p256 ? index & 0x0F : index;
    *curve = p256 ? SE_ONLY_P256 : SE_ANY_CURVE;
}

/* Blobs of curves and secrets are under one wrap secret, those of RSA keys and seeds under the
 * other. */
static enum rdv_err wrap_secret(struct se_element *el, struct rdv_buf *out, uint8_t slot)
{
    const enum se_key_class class = se_keys_class(slot);
    const bool second = class == SE_CLASS_RSA || class == SE_CLASS_SEED;
    const enum rdv_err err = se_own_get(el, out, second ? SE_OWN_WRAP_2 : SE_OWN_WRAP_1);

    if (err == RDV_ERR_ABSENT)
        return se_fault(el, err, "no wrap secret is set: ?3%d", second);
    return err;
}

static enum rdv_err check_slot(struct se_element *el, enum se_key_curve *curve, uint8_t slot,
                               const struct se_wrap_header *header)
{
    uint8_t named;

    se_key_index(&named, curve, header->index);
    if (named == slot)
        return RDV_OK;
    return se_fault(el, RDV_ERR_RANGE, "key=%02X: the header names key %02X", (unsigned)slot,
                    (unsigned)named);
}

enum rdv_err se_key_wrap(struct se_element *el, struct rdv_buf *out, struct rdv_span header,
                         uint8_t slot, bool older)
{
    struct rdv_buf secret = RDV_BUF(SE_OWN_VALUE_MAX), part = RDV_BUF(SE_WRAP_PART_MAX);
    struct se_wrap_header parsed;
    enum se_key_curve curve;
    enum rdv_err err;

    if ((err = se_wrap_header_get(&parsed, header)) != RDV_OK)
        return se_fault(el, err, "a header is type 00, slot, part, and 4 bytes; or slot, part");
    parsed.older |= older;
    if ((err = check_slot(el, &curve, slot, &parsed)) == RDV_OK &&
        (err = wrap_secret(el, &secret, slot)) == RDV_OK &&
        (err = se_keys_get_part(el, &part, slot, curve, parsed.param)) == RDV_OK)
        err = se_wrap_seal(out, &parsed, rdv_buf_view(&secret), rdv_buf_view(&part));
    rdv_buf_free(&secret);
    rdv_buf_free(&part);
    return err;
}

enum rdv_err se_key_unwrap(struct se_element *el, struct rdv_span blob, uint8_t slot)
{
    struct rdv_buf secret = RDV_BUF(SE_OWN_VALUE_MAX), part = RDV_BUF(SE_WRAP_PART_MAX);
    struct se_wrap_header header;
    enum se_key_curve curve;
    enum rdv_err err;

    if ((err = se_wrap_peek(&header, blob)) != RDV_OK)
        return se_fault(el, err, "not a blob");
    if ((err = check_slot(el, &curve, slot, &header)) == RDV_OK &&
        (err = wrap_secret(el, &secret, slot)) == RDV_OK) {
        if ((err = se_wrap_open(&part, &header, rdv_buf_view(&secret), blob)) != RDV_OK)
            err = se_fault(el, err, "the blob was changed, or is under another wrap secret");
        else
            err = se_keys_put_part(el, slot, curve, header.param, rdv_buf_view(&part));
    }
    rdv_buf_free(&secret);
    rdv_buf_free(&part);
    return err;
}
