/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/dump.h"

#include <string.h>

#include "base/log.h"
#include "se_card/store_sqlite.h"

static void put(struct rdv_buf *out, struct rdv_span bytes)
{
    RDV_INVARIANT(rdv_put_bytes(out, bytes) == RDV_OK);
}

/* Values with their types and lengths: no two rows look alike that are not. */
static void put_value(struct rdv_buf *out, sqlite3_stmt *row, int i)
{
    static const char types[] = " ifsbn"; /* SQLITE_INTEGER is 1 */
    const uint8_t *p = sqlite3_column_blob(row, i);
    const size_t n = (size_t)sqlite3_column_bytes(row, i);

    RDV_INVARIANT(rdv_put_u8(out, (uint8_t)types[sqlite3_column_type(row, i)]) == RDV_OK &&
                  rdv_put_u32(out, (uint32_t)n) == RDV_OK);
    put(out, (struct rdv_span){ p, n });
}

static void put_rows(struct rdv_buf *out, sqlite3 *db, const char *table)
{
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\" ORDER BY 1, 2", table);
    sqlite3_stmt *row = NULL;

    RDV_INVARIANT(sql != NULL && sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        put(out, rdv_span_of(table));
        for (int i = 0; i < sqlite3_column_count(row); i++)
            put_value(out, row, i);
        put(out, RDV_LIT("\n"));
    }
    RDV_INVARIANT(sqlite3_finalize(row) == SQLITE_OK);
    sqlite3_free(sql);
}

void t_dump(struct rdv_buf *out, struct se_store *store, enum t_dump_what what)
{
    static const char all[] = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    sqlite3_stmt *tables = NULL;
    unsigned n = 0;

    rdv_buf_clear(out);
    RDV_INVARIANT(sqlite3_prepare_v2(store->db, all, -1, &tables, NULL) == SQLITE_OK);
    for (; sqlite3_step(tables) == SQLITE_ROW; n++) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);

        if (what == T_DUMP_ALL ||
            (strcmp(table, "audit") != 0 && strcmp(table, "sqlite_sequence") != 0))
            put_rows(out, store->db, table);
    }
    RDV_INVARIANT(n > 3 && sqlite3_finalize(tables) == SQLITE_OK);
}

void t_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    RDV_INVARIANT(sqlite3_open(path, &db) == SQLITE_OK &&
                  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) == SQLITE_OK &&
                  sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK &&
                  sqlite3_close(db) == SQLITE_OK);
}
