/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/attest.h"

#include <stdio.h>

#include "schema/wire/cose.h"
#include "se_card/keys.h"
#include "se_card/own.h"

#define CONTENT_TYPE "application/rdv-key+cbor"
#define PROTECTED_MAX 256
#define PAYLOAD_MAX 1024

static enum rdv_err put_public(struct se_element *el, struct rdv_buf *out, uint8_t slot,
                               uint8_t part)
{
    struct rdv_buf bytes = RDV_BUF(SE_RSA_BYTES);
    enum rdv_err err;

    if ((err = se_keys_get_part(el, &bytes, slot, SE_ANY_CURVE, part)) == RDV_OK)
        err = rdv_cbor_put_bytes(out, rdv_buf_view(&bytes));
    rdv_buf_free(&bytes);
    return err;
}

static enum rdv_err put_rights(struct rdv_buf *out, const struct se_key_info *info)
{
    enum rdv_err err;

    if ((err = rdv_cbor_put_array(out, info->kind == SE_KEY_RSA ? 2 : 1)) != RDV_OK ||
        (err = rdv_cbor_put_text(out, RDV_LIT("sign"))) != RDV_OK || info->kind != SE_KEY_RSA)
        return err;
    return rdv_cbor_put_text(out, RDV_LIT("rsa"));
}

static enum rdv_err put_payload(struct se_element *el, struct rdv_buf *out,
                                const struct se_key_info *info)
{
    const char *kind = se_keys_kind_name(info->kind), *origin = se_keys_origin_name(info->origin);
    struct rdv_cbor_map map;
    enum rdv_err err;

    if ((err = rdv_cbor_map_begin(&map, out)) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "public")) != RDV_OK ||
        (err = put_public(el, out, info->slot, SE_PART_PUBLIC)) != RDV_OK ||
        (info->kind == SE_KEY_RSA &&
         ((err = rdv_cbor_map_key(&map, "exponent")) != RDV_OK ||
          (err = put_public(el, out, info->slot, SE_PART_EXPONENT)) != RDV_OK)) ||
        (err = rdv_cbor_map_key(&map, "kind")) != RDV_OK ||
        (err = rdv_cbor_put_text(out, rdv_span_of(kind))) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "origin")) != RDV_OK ||
        (err = rdv_cbor_put_text(out, rdv_span_of(origin))) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "private")) != RDV_OK ||
        (err = rdv_cbor_put_bool(out, info->has_secret)) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "exportable")) != RDV_OK ||
        (err = rdv_cbor_put_bool(out, info->exportable)) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "created")) != RDV_OK ||
        (err = rdv_cbor_put_int(out, info->created)) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "uses")) != RDV_OK ||
        (err = rdv_cbor_put_int(out, info->uses)) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "rights")) != RDV_OK ||
        (err = put_rights(out, info)) != RDV_OK)
        return err;
    return rdv_cbor_map_end(&map);
}

/* Labels in ascending order: that is their deterministic order. */
static enum rdv_err put_protected(struct se_element *el, struct rdv_buf *out, uint8_t slot)
{
    uint8_t kid[RDV_COSE_KID_BYTES];
    char subject[8];
    enum rdv_err err;

    se_own_kid(el, kid);
    (void)snprintf(subject, sizeof(subject), "key/%02X", (unsigned)slot);
    if ((err = rdv_cbor_put_map(out, 4)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, RDV_COSE_ALG)) != RDV_OK ||
        (err = rdv_cbor_put_int(out, RDV_COSE_ES256K)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, RDV_COSE_CONTENT_TYPE)) != RDV_OK ||
        (err = rdv_cbor_put_text(out, RDV_LIT(CONTENT_TYPE))) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, RDV_COSE_KID)) != RDV_OK ||
        (err = rdv_cbor_put_bytes(out, (struct rdv_span){ kid, sizeof(kid) })) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, RDV_COSE_CLAIMS)) != RDV_OK ||
        (err = rdv_cbor_put_map(out, 3)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, RDV_CWT_ISS)) != RDV_OK ||
        (err = rdv_cbor_put_text(out, rdv_span_of(el->sen))) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, RDV_CWT_SUB)) != RDV_OK ||
        (err = rdv_cbor_put_text(out, rdv_span_of(subject))) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, RDV_CWT_IAT)) != RDV_OK)
        return err;
    return rdv_cbor_put_int(out, el->now);
}

enum rdv_err se_attest(struct se_element *el, struct rdv_buf *out, uint8_t slot)
{
    struct rdv_buf protected = RDV_BUF(PROTECTED_MAX), payload = RDV_BUF(PAYLOAD_MAX);
    struct se_key_info info;
    enum rdv_err err;

    if ((err = se_keys_info(el, &info, slot)) != RDV_OK)
        return err;
    if (info.kind == SE_KEY_SECRET)
        return se_fault(el, RDV_ERR_RANGE, "key=%02X: it has no public key", (unsigned)slot);
    if ((err = put_protected(el, &protected, slot)) == RDV_OK &&
        (err = put_payload(el, &payload, &info)) == RDV_OK)
        err = se_own_sign1(el, out, rdv_buf_view(&protected), rdv_buf_view(&payload));
    rdv_buf_free(&protected);
    rdv_buf_free(&payload);
    return err;
}
