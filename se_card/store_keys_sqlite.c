/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of keys, and of what the element keeps for itself. */
#include "se_card/store_sqlite.h"

#include <string.h>

static void bind_optional(sqlite3_stmt *s, int at, struct rdv_span bytes)
{
    if (bytes.n == 0)
        (void)sqlite3_bind_null(s, at);
    else
        se_sql_bind_blob(s, at, bytes);
}

enum rdv_err se_store_key_put(struct se_store *st, const struct se_key_info *in,
                              struct rdv_span sealed)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_KEY_PUT);

    (void)sqlite3_bind_int(s, 1, in->slot);
    (void)sqlite3_bind_int(s, 2, (int)in->kind);
    (void)sqlite3_bind_int(s, 3, (int)in->origin);
    (void)sqlite3_bind_int(s, 4, in->exportable);
    (void)sqlite3_bind_int64(s, 5, in->created);
    (void)sqlite3_bind_int64(s, 6, in->uses);
    bind_optional(s, 7, (struct rdv_span){ in->point, in->has_point ? sizeof(in->point) : 0 });
    bind_optional(s, 8, sealed);
    return se_sql_run(st, s);
}

enum rdv_err se_store_key_clear(struct se_store *st, uint8_t slot)
{
    return se_sql_run_for(st, SQL_KEY_CLEAR, slot);
}

static enum rdv_err read_key(struct se_key_info *out, sqlite3_stmt *s)
{
    const struct rdv_span point = se_sql_blob(s, 6);

    *out = (struct se_key_info){
        .slot = (uint8_t)sqlite3_column_int(s, 0),
        .kind = (enum se_key_kind)sqlite3_column_int(s, 1),
        .origin = (enum se_key_origin)sqlite3_column_int(s, 2),
        .exportable = sqlite3_column_int(s, 3) != 0,
        .created = sqlite3_column_int64(s, 4),
        .uses = sqlite3_column_int64(s, 5),
        .has_secret = sqlite3_column_int(s, 7) != 0,
        .has_point = point.n > 0,
    };
    if (point.n == 0)
        return RDV_OK;
    if (point.n != sizeof(out->point))
        return RDV_ERR_CORRUPT;
    memcpy(out->point, point.p, sizeof(out->point));
    return RDV_OK;
}

enum rdv_err se_store_key_from(struct se_store *st, struct se_key_info *out, unsigned slot)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_KEY_FROM);
    enum rdv_err err;

    *out = (struct se_key_info){ 0 };
    (void)sqlite3_bind_int64(s, 1, slot);
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        err = read_key(out, s);
    se_sql_finish(st);
    return err;
}

enum rdv_err se_store_key_secret(struct se_store *st, struct rdv_span *sealed, uint8_t slot)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_KEY_SECRET);
    enum rdv_err err;

    *sealed = (struct rdv_span){ NULL, 0 };
    (void)sqlite3_bind_int(s, 1, slot);
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        *sealed = se_sql_blob(s, 0);
    return err;
}

enum rdv_err se_store_key_count(struct se_store *st, uint8_t slot, unsigned uses)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_KEY_COUNT);

    (void)sqlite3_bind_int(s, 1, slot);
    (void)sqlite3_bind_int64(s, 2, uses);
    return se_sql_run(st, s);
}

enum rdv_err se_store_own_put(struct se_store *st, const char *name, struct rdv_span sealed)
{
    sqlite3_stmt *s = se_sql_use(st, sealed.n == 0 ? SQL_OWN_DROP : SQL_OWN_PUT);

    se_sql_bind_text(s, 1, name);
    if (sealed.n > 0)
        se_sql_bind_blob(s, 2, sealed);
    return se_sql_run(st, s);
}

enum rdv_err se_store_own_get(struct se_store *st, struct rdv_span *sealed, const char *name)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_OWN_GET);
    enum rdv_err err;

    *sealed = (struct rdv_span){ NULL, 0 };
    se_sql_bind_text(s, 1, name);
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        *sealed = se_sql_blob(s, 0);
    return err;
}
