/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/dump.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/support/test.h"

/* The rows of a statement, values as SQL writes them. */
static void put_rows(struct rdv_buf *out, sqlite3 *db, const char *table)
{
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\" ORDER BY 1, 2", table);
    sqlite3_stmt *rows = NULL;

    T_MUST(sql != NULL && sqlite3_prepare_v2(db, sql, -1, &rows, NULL) == SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        T_MUST_OK(rdv_put_text(out, table));
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            const int n = sqlite3_column_bytes(rows, i);
            char *value = NULL;

            if (sqlite3_column_type(rows, i) == SQLITE_BLOB) {
                T_MUST_OK(rdv_put_text(out, " x"));
                T_MUST_OK(rdv_put_u32(out, (uint32_t)n));
                T_MUST_OK(rdv_put_bytes(
                        out, (struct rdv_span){ sqlite3_column_blob(rows, i), (size_t)n }));
                continue;
            }
            value = sqlite3_mprintf(" %Q", (const char *)sqlite3_column_text(rows, i));
            T_MUST(value != NULL);
            T_MUST_OK(rdv_put_text(out, value));
            sqlite3_free(value);
        }
        T_MUST_OK(rdv_put_text(out, "\n"));
    }
    T_MUST(sqlite3_finalize(rows) == SQLITE_OK);
    sqlite3_free(sql);
}

void t_dump(struct rdv_buf *out, struct se_store *store, enum t_dump_what what)
{
    static const char *const audit = " AND name NOT IN ('audit', 'sqlite_sequence')";
    char path[80], sql[200];
    sqlite3_stmt *tables = NULL;
    sqlite3 *db = NULL;
    unsigned n = 0;

    rdv_buf_clear(out);
    (void)snprintf(path, sizeof(path), "%s/copy", t_temp_dir());
    T_MUST_OK(se_store_backup(store, path));
    T_MUST(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
    (void)snprintf(sql, sizeof(sql),
                   "SELECT name FROM sqlite_schema WHERE type = 'table'%s"
                   " ORDER BY name",
                   what == T_DUMP_ALL ? "" : audit);
    T_MUST(sqlite3_prepare_v2(db, sql, -1, &tables, NULL) == SQLITE_OK);
    for (; sqlite3_step(tables) == SQLITE_ROW; n++)
        put_rows(out, db, (const char *)sqlite3_column_text(tables, 0));
    T_MUST(sqlite3_finalize(tables) == SQLITE_OK && sqlite3_close(db) == SQLITE_OK);
    T_TRUE(n > 3);
    (void)unlink(path);
}

void t_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *why = NULL;

    T_MUST(sqlite3_open(path, &db) == SQLITE_OK);
    T_MUST(sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) == SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        T_TEXT(rdv_span_of(why), sql);
    sqlite3_free(why);
    T_MUST(sqlite3_close(db) == SQLITE_OK);
}
