/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the store share (store_*_sqlite.c): the connection, its prepared statements,
 * and how one is used:
 *
 *     s = se_sql_use(st, SQL_X);  bind...;  se_sql_run(st, s), or:
 *     se_sql_first_row(st, s);    columns...;  se_sql_finish(st)
 */
#ifndef RDV_SE_CARD_STORE_SQLITE_H
#define RDV_SE_CARD_STORE_SQLITE_H

#include <sqlite3.h>

#include "se_card/store.h"

enum se_sql {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_STEP,
    SQL_STEP_KEEP,
    SQL_STEP_UNDO,
    SQL_ELEMENT_PUT,
    SQL_ELEMENT_GET,
    SQL_ACCOUNT_ADD,
    SQL_ACCOUNT_SET,
    SQL_ACCOUNT_COUNT,
    SQL_ACCOUNT_RESET,
    SQL_ACCOUNT_RETIRE,
    SQL_ACCOUNT_DELETE,
    SQL_ACCOUNT_SET_PSK,
    SQL_ACCOUNT_PROMOTE_PSK,
    SQL_ACCOUNT_SET_NEXT_PSK,
    SQL_ACCOUNT_GET,
    SQL_ACCOUNT_FIND,
    SQL_ACCOUNT_NAMED,
    SQL_ACCOUNT_FROM,
    SQL_ACCOUNT_NAME,
    SQL_ACCOUNT_PSK,
    SQL_ACCOUNT_NEXT_PSK,
    SQL_ADDRESS_ADD,
    SQL_ADDRESS_TRIM,
    SQL_ADDRESS_KNOWN,
    SQL_IDENTITY_ADD,
    SQL_IDENTITY_DROP_ALL,
    SQL_IDENTITY_GET,
    SQL_RECORD_PUT,
    SQL_RECORD_GET,
    SQL_RECORD_FROM,
    SQL_ONCE_GET,
    SQL_ONCE_ADD,
    SQL_ONCE_TRIM,
    SQL_SETTING_GET,
    SQL_SETTING_PUT,
    SQL_CHAIN_GET,
    SQL_CHAIN_GET_CARD,
    SQL_CHAIN_PUT,
    SQL_CHAIN_PUT_CARD,
    SQL_LOG_ADD,
    SQL_LOG_FROM,
    SQL_LOG_DROP,
    SQL_ENVELOPE_ADD,
    SQL_ENVELOPE_GET,
    SQL_ENVELOPE_DROP,
    SQL_CONSUMER_FROM,
    SQL_CONSUMER_ADD,
    SQL_CONSUMER_MOVE,
    SQL_CONSUMER_DROP,
    SQL_KEY_PUT,
    SQL_KEY_CLEAR,
    SQL_KEY_FROM,
    SQL_KEY_SECRET,
    SQL_KEY_COUNT,
    SQL_OWN_PUT,
    SQL_OWN_DROP,
    SQL_OWN_GET,
    SQL_AUDIT_ADD,
    SQL_AUDIT_FROM,
    SQL_AUDIT_RANGE,
    SQL_AUDIT_DROP,
    SQL_STATE_GET,
    SQL_STATE_PUT,
    SQL_N_STATEMENTS,
};

struct se_store {
    sqlite3 *db;
    char *path;
    unsigned version; /* of the database */
    sqlite3_stmt *statements[SQL_N_STATEMENTS];
    sqlite3_stmt *reading;    /* whose row a caller's span points into */
    int64_t changes_at_begin; /* of the connection, when the group was opened */
    bool group_is_step;       /* nothing of the group was written before this step */
};

/* The statement, with no row of an earlier one left open. */
sqlite3_stmt *se_sql_use(struct se_store *st, enum se_sql which);

/* Runs a statement that returns no row, and lets go of what was bound. */
RDV_MUST_USE enum rdv_err se_sql_run(struct se_store *st, sqlite3_stmt *s);
/* The same for one that takes an id and nothing else. */
RDV_MUST_USE enum rdv_err se_sql_run_for(struct se_store *st, enum se_sql which, int64_t id);

/* Steps to the one row of a statement; it stays open until the next call here. Returns:
 * RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_sql_first_row(struct se_store *st, sqlite3_stmt *s);
/* Then to the next one, of a statement that has several. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_sql_next_row(struct se_store *st, sqlite3_stmt *s);
void se_sql_finish(struct se_store *st);

/* What is bound is borrowed until the statement was run. Binding fails only on our own mistakes or
 * without memory, which the step then meets again. */
void se_sql_bind_blob(sqlite3_stmt *s, int at, struct rdv_span bytes);
void se_sql_bind_text(sqlite3_stmt *s, int at, const char *text);
void se_sql_bind_span(sqlite3_stmt *s, int at, struct rdv_span text);

/* Columns of the open row, valid until the next call on the store. */
struct rdv_span se_sql_blob(sqlite3_stmt *s, int at);
struct rdv_span se_sql_span(sqlite3_stmt *s, int at);
/* Copies a text. Returns: RDV_ERR_CORRUPT when it does not fit. */
RDV_MUST_USE enum rdv_err se_sql_text(char *out, size_t size, sqlite3_stmt *s, int at);

#endif
