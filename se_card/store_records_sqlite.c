/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of records and their settings. */
#include "se_card/store_sqlite.h"

enum rdv_err se_store_record_put(struct se_store *st, uint8_t slot, struct rdv_span sealed,
                                 int64_t author, int64_t changed)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_RECORD_PUT);

    (void)sqlite3_bind_int(s, 1, slot);
    se_sql_bind_blob(s, 2, sealed);
    (void)sqlite3_bind_int64(s, 3, author);
    (void)sqlite3_bind_int64(s, 4, changed);
    return se_sql_run(st, s);
}

enum rdv_err se_store_record_clear(struct se_store *st, uint8_t slot)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_RECORD_CLEAR);

    (void)sqlite3_bind_int(s, 1, slot);
    return se_sql_run(st, s);
}

enum rdv_err se_store_record_get(struct se_store *st, struct rdv_span *sealed, uint8_t slot)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_RECORD_GET);
    enum rdv_err err;

    *sealed = (struct rdv_span){ NULL, 0 };
    (void)sqlite3_bind_int(s, 1, slot);
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        *sealed = se_sql_blob(s, 0);
    return err;
}

enum rdv_err se_store_record_from(struct se_store *st, struct se_record_info *out, unsigned slot)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_RECORD_FROM);
    enum rdv_err err;

    *out = (struct se_record_info){ 0 };
    (void)sqlite3_bind_int64(s, 1, slot);
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        *out = (struct se_record_info){
            .slot = (uint8_t)sqlite3_column_int(s, 0),
            .author = sqlite3_column_int64(s, 1),
            .changed = sqlite3_column_int64(s, 2),
            .sealed_bytes = (size_t)sqlite3_column_int64(s, 3),
        };
    se_sql_finish(st);
    return err;
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
