/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/record.h>

#include <string.h>

#include "base/random.h"

void rdv_once(uint8_t once[RDV_ONCE_MAX])
{
    rdv_random(once, RDV_ONCE_MAX);
}

enum rdv_err rdv_client_put(struct rdv_client *c, uint8_t record, const void *content, size_t n,
                            const struct rdv_put_options *options, struct rdv_posted *out)
{
    struct rdv_param params[5] = { RDV_NUMBER("record", record), RDV_BYTES("content", content, n) };
    size_t at = 2;
    struct rdv_answer a;
    struct rdv_posted posted;
    enum rdv_err err;

    if (options != NULL && options->type != NULL)
        params[at++] = (struct rdv_param)RDV_TEXT("type", options->type);
    if (options != NULL && options->once != NULL)
        params[at++] = (struct rdv_param)RDV_BYTES("once", options->once, options->n_once);
    params[at] = (struct rdv_param)RDV_END;
    err = rdv_client_call(c, "put", params, &a);
    (void)rdv_value_number(rdv_value_in(a.result, "changed"), &posted.changed);
    (void)rdv_value_number(rdv_value_in(a.result, "seq"), &posted.seq);
    if (out != NULL)
        *out = posted;
    return err;
}

enum rdv_err rdv_client_get(struct rdv_client *c, uint8_t record, struct rdv_content *out)
{
    const struct rdv_param params[] = { RDV_NUMBER("record", record), RDV_END };
    struct rdv_answer a;
    enum rdv_err err;

    *out = (struct rdv_content){ 0 };
    if ((err = rdv_client_call(c, "get", params, &a)) != RDV_OK)
        return err;
    if (!rdv_value_bytes(rdv_value_in(a.result, "content"), &out->bytes, &out->n))
        return RDV_ERR_FORMAT;
    (void)rdv_value_text(rdv_value_in(a.result, "author"), out->author, sizeof(out->author));
    (void)rdv_value_text(rdv_value_in(a.result, "type"), out->type, sizeof(out->type));
    (void)rdv_value_number(rdv_value_in(a.result, "changed"), &out->changed);
    return RDV_OK;
}

enum rdv_err rdv_client_list(struct rdv_client *c, struct rdv_items *rows)
{
    struct rdv_answer a;
    enum rdv_err err;

    *rows = (struct rdv_items){ 0 };
    if ((err = rdv_client_call(c, "record list", NULL, &a)) == RDV_OK)
        *rows = rdv_value_items(rdv_value_in(a.result, "list"));
    return err;
}

enum rdv_err rdv_record_read(struct rdv_record *out, struct rdv_value row)
{
    uint64_t record;

    *out = (struct rdv_record){ 0 };
    if (!rdv_value_number(rdv_value_in(row, "record"), &record) || record > UINT8_MAX ||
        !rdv_value_number(rdv_value_in(row, "bytes"), &out->bytes))
        return RDV_ERR_FORMAT;
    out->record = (uint8_t)record;
    (void)rdv_value_text(rdv_value_in(row, "author"), out->author, sizeof(out->author));
    (void)rdv_value_text(rdv_value_in(row, "type"), out->type, sizeof(out->type));
    (void)rdv_value_number(rdv_value_in(row, "changed"), &out->changed);
    return RDV_OK;
}

enum rdv_err rdv_client_sign(struct rdv_client *c, uint8_t key, const void *digest, size_t n,
                             uint8_t *signature, size_t *n_signature)
{
    const struct rdv_param params[] = { RDV_NUMBER("key", key), RDV_BYTES("data", digest, n),
                                        RDV_END };
    const size_t room = *n_signature;
    const uint8_t *bytes;
    struct rdv_answer a;
    enum rdv_err err;

    *n_signature = 0;
    if ((err = rdv_client_call(c, "key sign", params, &a)) != RDV_OK)
        return err;
    if (!rdv_value_bytes(rdv_value_in(a.result, "signature"), &bytes, &n) || n == 0)
        return RDV_ERR_FORMAT;
    if (n > room)
        return RDV_ERR_LIMIT;
    memcpy(signature, bytes, n);
    *n_signature = n;
    return RDV_OK;
}
