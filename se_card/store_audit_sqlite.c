/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the audit, and the one row each of the element and its state. */
#include "se_card/store_sqlite.h"

#include <string.h>

enum rdv_err se_store_element_put(struct se_store *st, const struct se_store_element *in)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ELEMENT_PUT);

    se_sql_bind_text(s, 1, in->sen);
    (void)sqlite3_bind_int(s, 2, in->demo);
    (void)sqlite3_bind_int64(s, 3, in->created);
    se_sql_bind_text(s, 4, in->kek);
    se_sql_bind_blob(s, 5, in->data_key);
    return se_sql_run(st, s);
}

enum rdv_err se_store_element_get(struct se_store *st, struct se_store_element *out)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ELEMENT_GET);
    enum rdv_err err;

    *out = (struct se_store_element){ 0 };
    if ((err = se_sql_first_row(st, s)) != RDV_OK)
        return err;
    if ((err = se_sql_text(out->sen, sizeof(out->sen), s, 0)) != RDV_OK ||
        (err = se_sql_text(out->kek, sizeof(out->kek), s, 3)) != RDV_OK)
        return err;
    out->demo = sqlite3_column_int(s, 1) != 0;
    out->created = sqlite3_column_int64(s, 2);
    out->data_key = se_sql_blob(s, 4);
    return RDV_OK;
}

enum rdv_err se_store_audit_add(struct se_store *st, const struct se_audit_row *in)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_AUDIT_ADD);

    (void)sqlite3_bind_int64(s, 1, in->seq);
    (void)sqlite3_bind_int64(s, 2, in->time);
    se_sql_bind_span(s, 3, in->actor);
    se_sql_bind_span(s, 4, in->action);
    se_sql_bind_span(s, 5, in->target);
    se_sql_bind_span(s, 6, in->result);
    se_sql_bind_span(s, 7, in->detail);
    se_sql_bind_blob(s, 8, (struct rdv_span){ in->hash, sizeof(in->hash) });
    return se_sql_run(st, s);
}

enum rdv_err se_store_audit_from(struct se_store *st, struct se_audit_row *out, int64_t seq)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_AUDIT_FROM);
    struct rdv_span hash;
    enum rdv_err err;

    *out = (struct se_audit_row){ 0 };
    (void)sqlite3_bind_int64(s, 1, seq);
    if ((err = se_sql_first_row(st, s)) != RDV_OK)
        return err;
    out->seq = sqlite3_column_int64(s, 0);
    out->time = sqlite3_column_int64(s, 1);
    out->actor = se_sql_span(s, 2);
    out->action = se_sql_span(s, 3);
    out->target = se_sql_span(s, 4);
    out->result = se_sql_span(s, 5);
    out->detail = se_sql_span(s, 6);
    hash = se_sql_blob(s, 7);
    if (hash.n != sizeof(out->hash))
        return RDV_ERR_CORRUPT;
    memcpy(out->hash, hash.p, sizeof(out->hash));
    return RDV_OK;
}

enum rdv_err se_store_audit_range(struct se_store *st, int64_t *first, int64_t *last)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_AUDIT_RANGE);
    enum rdv_err err;

    *first = *last = 0;
    if ((err = se_sql_first_row(st, s)) == RDV_OK) {
        *first = sqlite3_column_int64(s, 0);
        *last = sqlite3_column_int64(s, 1);
    }
    se_sql_finish(st);
    return err;
}

enum rdv_err se_store_audit_drop_before(struct se_store *st, int64_t seq)
{
    return se_sql_run_for(st, SQL_AUDIT_DROP, seq);
}

enum rdv_err se_store_state_get(struct se_store *st, struct se_state *out)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_STATE_GET);
    enum rdv_err err;

    *out = (struct se_state){ 0, 0 };
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        *out = (struct se_state){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1) };
    se_sql_finish(st);
    return err;
}

enum rdv_err se_store_state_put(struct se_store *st, const struct se_state *in)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_STATE_PUT);

    (void)sqlite3_bind_int64(s, 1, in->epoch);
    (void)sqlite3_bind_int64(s, 2, in->counter);
    return se_sql_run(st, s);
}
