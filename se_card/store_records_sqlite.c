/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of records and their settings. */
#include "se_card/store_sqlite.h"

enum rdv_err se_store_record_put(struct se_store *st, const struct se_record_info *in,
                                 struct rdv_span sealed)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_RECORD_PUT);

    (void)sqlite3_bind_int(s, 1, in->slot);
    se_sql_bind_blob(s, 2, sealed);
    (void)sqlite3_bind_int64(s, 3, in->author);
    (void)sqlite3_bind_int64(s, 4, in->changed);
    se_sql_bind_text(s, 5, in->type);
    return se_sql_run(st, s);
}

/* The columns that all statements begin with. */
static enum rdv_err read_info(struct se_record_info *out, sqlite3_stmt *s)
{
    *out = (struct se_record_info){
        .slot = (uint8_t)sqlite3_column_int(s, 0),
        .author = sqlite3_column_int64(s, 1),
        .changed = sqlite3_column_int64(s, 2),
        .sealed_bytes = (size_t)sqlite3_column_int64(s, 3),
    };
    return se_sql_text(out->type, sizeof(out->type), s, 4);
}

enum rdv_err se_store_record_get(struct se_store *st, struct se_record_info *out,
                                 struct rdv_span *sealed, uint8_t slot)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_RECORD_GET);
    enum rdv_err err;

    *out = (struct se_record_info){ 0 };
    *sealed = (struct rdv_span){ NULL, 0 };
    (void)sqlite3_bind_int(s, 1, slot);
    if ((err = se_sql_first_row(st, s)) != RDV_OK || (err = read_info(out, s)) != RDV_OK)
        return err;
    *sealed = se_sql_blob(s, 5);
    return RDV_OK;
}

enum rdv_err se_store_record_from(struct se_store *st, struct se_record_info *out, unsigned slot)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_RECORD_FROM);
    enum rdv_err err;

    *out = (struct se_record_info){ 0 };
    (void)sqlite3_bind_int64(s, 1, slot);
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        err = read_info(out, s);
    se_sql_finish(st);
    return err;
}

enum rdv_err se_store_once_get(struct se_store *st, int64_t account, struct rdv_span once,
                               struct rdv_span *sealed, struct se_posted *out)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ONCE_GET);
    enum rdv_err err;

    *sealed = (struct rdv_span){ NULL, 0 };
    *out = (struct se_posted){ 0 };
    (void)sqlite3_bind_int64(s, 1, account);
    se_sql_bind_blob(s, 2, once);
    if ((err = se_sql_first_row(st, s)) == RDV_OK) {
        *sealed = se_sql_blob(s, 0);
        *out = (struct se_posted){ sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2) };
    }
    return err;
}

enum rdv_err se_store_once_add(struct se_store *st, int64_t account, struct rdv_span once,
                               struct rdv_span sealed, const struct se_posted *in, unsigned most)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ONCE_ADD);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, account);
    se_sql_bind_blob(s, 2, once);
    se_sql_bind_blob(s, 3, sealed);
    (void)sqlite3_bind_int64(s, 4, in->changed);
    (void)sqlite3_bind_int64(s, 5, in->seq);
    if ((err = se_sql_run(st, s)) != RDV_OK)
        return err;
    s = se_sql_use(st, SQL_ONCE_TRIM);
    (void)sqlite3_bind_int64(s, 1, account);
    (void)sqlite3_bind_int64(s, 2, most);
    return se_sql_run(st, s);
}

enum rdv_err se_store_setting_get(struct se_store *st, struct se_record_setting *out, uint8_t slot)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_SETTING_GET);
    enum rdv_err err;

    *out = (struct se_record_setting){ 0 };
    (void)sqlite3_bind_int(s, 1, slot);
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        *out = (struct se_record_setting){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
                                           sqlite3_column_int64(s, 2) };
    se_sql_finish(st);
    return err;
}

enum rdv_err se_store_setting_put(struct se_store *st, uint8_t slot,
                                  const struct se_record_setting *in)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_SETTING_PUT);

    (void)sqlite3_bind_int(s, 1, slot);
    (void)sqlite3_bind_int64(s, 2, in->ttl);
    (void)sqlite3_bind_int64(s, 3, in->keep);
    (void)sqlite3_bind_int64(s, 4, in->most);
    return se_sql_run(st, s);
}
