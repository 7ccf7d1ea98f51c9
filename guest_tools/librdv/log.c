/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/log.h>

#include <string.h>

enum rdv_err rdv_client_log(struct rdv_client *c, const struct rdv_log_query *query,
                            struct rdv_items *rows, uint64_t *next)
{
    struct rdv_param params[5] = { RDV_NUMBER("from", query->from) };
    size_t at = 1;
    struct rdv_answer a;
    enum rdv_err err;

    *rows = (struct rdv_items){ .pairs = false };
    *next = query->from;
    if (query->wait_s > 0)
        params[at++] = (struct rdv_param)RDV_NUMBER("seconds", query->wait_s);
    if (query->count > 0)
        params[at++] = (struct rdv_param)RDV_NUMBER("count", query->count);
    if (query->record >= 0)
        params[at++] = (struct rdv_param)RDV_NUMBER("record", (uint64_t)query->record);
    params[at] = (struct rdv_param)RDV_END;
    if ((err = rdv_client_call(c, query->wait_s > 0 ? "wait" : "log", params, &a)) != RDV_OK)
        return err;
    *rows = rdv_value_items(rdv_value_in(a.result, "list"));
    /* What went back would be asked for again and again. */
    return rdv_value_number(rdv_value_in(a.result, "next"), next) && *next >= query->from
                   ? RDV_OK
                   : RDV_ERR_FORMAT;
}

enum rdv_err rdv_entry_read(struct rdv_log_entry *out, struct rdv_value row)
{
    uint64_t record;

    *out = (struct rdv_log_entry){ .record = -1 };
    if (!rdv_value_number(rdv_value_in(row, "seq"), &out->seq) ||
        !rdv_value_number(rdv_value_in(row, "n"), &out->n))
        return RDV_ERR_FORMAT;
    if (rdv_value_number(rdv_value_in(row, "record"), &record)) {
        if (record > UINT8_MAX)
            return RDV_ERR_FORMAT;
        out->record = (int)record;
    }
    (void)rdv_value_number(rdv_value_in(row, "expires"), &out->expires);
    if (!rdv_value_bytes(rdv_value_in(row, "envelope"), &out->envelope, &out->n_envelope))
        out->envelope = NULL;
    return RDV_OK;
}

enum rdv_err rdv_client_receipt(struct rdv_client *c, uint64_t seq, struct rdv_log_entry *out)
{
    const struct rdv_param params[] = { RDV_NUMBER("seq", seq), RDV_END };
    struct rdv_answer a;
    enum rdv_err err;

    *out = (struct rdv_log_entry){ .record = -1 };
    if ((err = rdv_client_call(c, "receipt", params, &a)) == RDV_OK &&
        (err = rdv_entry_read(out, a.result)) == RDV_OK && out->envelope == NULL)
        err = RDV_ERR_FORMAT;
    return err;
}

enum rdv_err rdv_client_heads(struct rdv_client *c, int record, struct rdv_items *rows)
{
    const struct rdv_param params[] = { RDV_NUMBER("record", (uint64_t)record), RDV_END };
    struct rdv_answer a;
    enum rdv_err err;

    *rows = (struct rdv_items){ .pairs = false };
    if ((err = rdv_client_call(c, "head", record < 0 ? NULL : params, &a)) == RDV_OK)
        *rows = rdv_value_items(rdv_value_in(a.result, "list"));
    return err;
}

enum rdv_err rdv_client_ack(struct rdv_client *c, const char *consumer, uint64_t seq)
{
    const struct rdv_param params[] = { RDV_TEXT("consumer", consumer), RDV_NUMBER("seq", seq),
                                        RDV_END };
    struct rdv_answer a;

    return rdv_client_call(c, "ack", params, &a);
}
