/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/cose.h"

#define TAG_SIGN1 18

enum rdv_err rdv_cose_put_signed(struct rdv_buf *out, const struct rdv_cose *in)
{
    enum rdv_err err;

    if ((err = rdv_cbor_put_array(out, 4)) != RDV_OK ||
        (err = rdv_cbor_put_text(out, RDV_LIT("Signature1"))) != RDV_OK ||
        (err = rdv_cbor_put_bytes(out, in->protected)) != RDV_OK ||
        (err = rdv_cbor_put_bytes(out, RDV_LIT(""))) != RDV_OK)
        return err;
    return rdv_cbor_put_bytes(out, in->payload);
}

enum rdv_err rdv_cose_put(struct rdv_buf *out, const struct rdv_cose *in)
{
    enum rdv_err err;

    if ((err = rdv_cbor_put_tag(out, TAG_SIGN1)) != RDV_OK ||
        (err = rdv_cbor_put_array(out, 4)) != RDV_OK ||
        (err = rdv_cbor_put_bytes(out, in->protected)) != RDV_OK ||
        (err = rdv_cbor_put_map(out, 0)) != RDV_OK ||
        (err = rdv_cbor_put_bytes(out, in->payload)) != RDV_OK)
        return err;
    return rdv_cbor_put_bytes(out, in->signature);
}

static enum rdv_err expect(struct rdv_reader *rd, enum rdv_cbor_type type, uint64_t n)
{
    struct rdv_cbor item;
    enum rdv_err err;

    if ((err = rdv_cbor_get(rd, &item)) != RDV_OK)
        return err;
    return item.type == type && item.n == n ? RDV_OK : RDV_ERR_FORMAT;
}

static enum rdv_err get_bytes(struct rdv_reader *rd, struct rdv_span *out)
{
    struct rdv_cbor item;
    enum rdv_err err;

    if ((err = rdv_cbor_get(rd, &item)) != RDV_OK)
        return err;
    *out = item.bytes;
    return item.type == RDV_CBOR_BYTES ? RDV_OK : RDV_ERR_FORMAT;
}

enum rdv_err rdv_cose_get(struct rdv_cose *out, struct rdv_span bytes)
{
    struct rdv_reader rd = { bytes };
    enum rdv_err err;

    *out = (struct rdv_cose){ { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    if ((err = expect(&rd, RDV_CBOR_TAG, TAG_SIGN1)) != RDV_OK ||
        (err = expect(&rd, RDV_CBOR_ARRAY, 4)) != RDV_OK ||
        (err = get_bytes(&rd, &out->protected)) != RDV_OK ||
        (err = expect(&rd, RDV_CBOR_MAP, 0)) != RDV_OK ||
        (err = get_bytes(&rd, &out->payload)) != RDV_OK ||
        (err = get_bytes(&rd, &out->signature)) != RDV_OK)
        return err;
    if (out->signature.n != RDV_COSE_SIGNATURE_BYTES)
        return RDV_ERR_FORMAT;
    return rdv_get_end(&rd);
}
