/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of accounts, their identities, keys and addresses. */
#include "se_card/store_sqlite.h"

#include <string.h>

#define STAND_IN 1  /* whose row is read where there is none: root's, the first there was */
#define IS_FOUND 18 /* behind ACCOUNT_COLUMNS */

static void bind_scope(sqlite3_stmt *s, int at, const struct se_scope *scope)
{
    se_sql_bind_blob(s, at, (struct rdv_span){ scope->bits, sizeof(scope->bits) });
}

enum rdv_err se_store_account_add(struct se_store *st, struct se_account *in)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ACCOUNT_ADD);
    enum rdv_err err;

    se_sql_bind_text(s, 1, in->name);
    (void)sqlite3_bind_int(s, 2, in->root);
    (void)sqlite3_bind_int(s, 3, in->enabled);
    (void)sqlite3_bind_int(s, 4, in->needs_name);
    (void)sqlite3_bind_int64(s, 5, in->rights);
    bind_scope(s, 6, &in->records);
    bind_scope(s, 7, &in->keys);
    (void)sqlite3_bind_int64(s, 8, in->created);
    (void)sqlite3_bind_int64(s, 9, in->not_before);
    (void)sqlite3_bind_int64(s, 10, in->expires);
    (void)sqlite3_bind_int64(s, 11, in->posts_max);
    (void)sqlite3_bind_int64(s, 12, in->quota);
    if ((err = se_sql_run(st, s)) == RDV_OK)
        in->id = sqlite3_last_insert_rowid(st->db);
    return err;
}

enum rdv_err se_store_account_set(struct se_store *st, const struct se_account *in)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ACCOUNT_SET);

    (void)sqlite3_bind_int64(s, 1, in->id);
    (void)sqlite3_bind_int(s, 2, in->enabled);
    (void)sqlite3_bind_int(s, 3, in->needs_name);
    (void)sqlite3_bind_int64(s, 4, in->rights);
    bind_scope(s, 5, &in->records);
    bind_scope(s, 6, &in->keys);
    (void)sqlite3_bind_int64(s, 7, in->not_before);
    (void)sqlite3_bind_int64(s, 8, in->expires);
    (void)sqlite3_bind_int64(s, 9, in->posts_max);
    (void)sqlite3_bind_int64(s, 10, in->quota);
    return se_sql_run(st, s);
}

enum rdv_err se_store_account_count(struct se_store *st, int64_t id, size_t n)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ACCOUNT_COUNT);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, id);
    (void)sqlite3_bind_int64(s, 2, (int64_t)n);
    if ((err = se_sql_run(st, s)) != RDV_OK)
        return err;
    return sqlite3_changes(st->db) == 1 ? RDV_OK : RDV_ERR_LIMIT;
}

enum rdv_err se_store_account_reset_counts(struct se_store *st, int64_t id)
{
    return se_sql_run_for(st, SQL_ACCOUNT_RESET, id);
}

enum rdv_err se_store_account_delete(struct se_store *st, int64_t id, int64_t now)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ACCOUNT_RETIRE);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, id);
    (void)sqlite3_bind_int64(s, 2, now);
    if ((err = se_sql_run(st, s)) != RDV_OK)
        return err;
    return se_sql_run_for(st, SQL_ACCOUNT_DELETE, id);
}

static enum rdv_err write_psk(struct se_store *st, enum se_sql which, int64_t id,
                              struct rdv_span sealed)
{
    sqlite3_stmt *s = se_sql_use(st, which);

    (void)sqlite3_bind_int64(s, 1, id);
    se_sql_bind_blob(s, 2, sealed);
    return se_sql_run(st, s);
}

enum rdv_err se_store_account_set_psk(struct se_store *st, int64_t id, struct rdv_span sealed)
{
    return write_psk(st, SQL_ACCOUNT_SET_PSK, id, sealed);
}

enum rdv_err se_store_account_promote_psk(struct se_store *st, int64_t id, struct rdv_span sealed)
{
    return write_psk(st, SQL_ACCOUNT_PROMOTE_PSK, id, sealed);
}

enum rdv_err se_store_account_set_next_psk(struct se_store *st, int64_t id, struct rdv_span sealed,
                                           int64_t until)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ACCOUNT_SET_NEXT_PSK);

    (void)sqlite3_bind_int64(s, 1, id);
    se_sql_bind_blob(s, 2, sealed);
    (void)sqlite3_bind_int64(s, 3, until);
    return se_sql_run(st, s);
}

static enum rdv_err column_scope(struct se_scope *out, sqlite3_stmt *s, int at)
{
    const struct rdv_span blob = se_sql_blob(s, at);

    memset(out, 0, sizeof(*out));
    if (blob.n != sizeof(out->bits))
        return RDV_ERR_CORRUPT;
    memcpy(out->bits, blob.p, sizeof(out->bits));
    return RDV_OK;
}

/* The one row of ACCOUNT_COLUMNS, which can still be looked at. */
static enum rdv_err read_columns(struct se_store *st, struct se_account *out, sqlite3_stmt *s)
{
    enum rdv_err err;

    *out = (struct se_account){ 0 };
    if ((err = se_sql_first_row(st, s)) == RDV_OK &&
        (err = se_sql_text(out->name, sizeof(out->name), s, 1)) == RDV_OK &&
        (err = column_scope(&out->records, s, 6)) == RDV_OK &&
        (err = column_scope(&out->keys, s, 7)) == RDV_OK) {
        out->id = sqlite3_column_int64(s, 0);
        out->root = sqlite3_column_int(s, 2) != 0;
        out->enabled = sqlite3_column_int(s, 3) != 0;
        out->needs_name = sqlite3_column_int(s, 4) != 0;
        out->rights = (uint32_t)sqlite3_column_int64(s, 5);
        out->created = sqlite3_column_int64(s, 8);
        out->not_before = sqlite3_column_int64(s, 9);
        out->expires = sqlite3_column_int64(s, 10);
        out->posts_max = sqlite3_column_int64(s, 11);
        out->posts = sqlite3_column_int64(s, 12);
        out->quota = sqlite3_column_int64(s, 13);
        out->bytes = sqlite3_column_int64(s, 14);
        out->psk_serial = sqlite3_column_int64(s, 15);
        out->psk_until = sqlite3_column_int64(s, 16);
        out->has_psk = sqlite3_column_int(s, 17) != 0;
    }
    return err;
}

static enum rdv_err read_account(struct se_store *st, struct se_account *out, sqlite3_stmt *s)
{
    const enum rdv_err err = read_columns(st, out, s);

    se_sql_finish(st);
    return err;
}

enum rdv_err se_store_account_get(struct se_store *st, struct se_account *out, int64_t id)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ACCOUNT_GET);

    (void)sqlite3_bind_int64(s, 1, id);
    return read_account(st, out, s);
}

enum rdv_err se_store_account_find(struct se_store *st, struct se_account *out,
                                   struct rdv_span identity)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ACCOUNT_FIND);
    enum rdv_err err;

    se_sql_bind_blob(s, 1, identity);
    (void)sqlite3_bind_int64(s, 2, STAND_IN);
    err = read_columns(st, out, s);
    if (err == RDV_OK && sqlite3_column_int(s, IS_FOUND) == 0) {
        *out = (struct se_account){ 0 };
        err = RDV_ERR_ABSENT;
    }
    se_sql_finish(st);
    return err;
}

enum rdv_err se_store_account_named(struct se_store *st, struct se_account *out,
                                    struct rdv_span name)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ACCOUNT_NAMED);

    se_sql_bind_span(s, 1, name);
    return read_account(st, out, s);
}

enum rdv_err se_store_account_from(struct se_store *st, struct se_account *out,
                                   struct rdv_span from)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ACCOUNT_FROM);

    se_sql_bind_span(s, 1, from);
    return read_account(st, out, s);
}

enum rdv_err se_store_account_name(struct se_store *st, char out[SE_NAME_MAX + 1], int64_t id)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ACCOUNT_NAME);
    enum rdv_err err;

    out[0] = '\0';
    (void)sqlite3_bind_int64(s, 1, id);
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        err = se_sql_text(out, SE_NAME_MAX + 1, s, 0);
    se_sql_finish(st);
    return err;
}

static enum rdv_err read_psk(struct se_store *st, struct rdv_buf *sealed, enum se_sql which,
                             int64_t id)
{
    sqlite3_stmt *s = se_sql_use(st, which);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, id);
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        err = rdv_put_bytes(sealed, se_sql_blob(s, 0));
    se_sql_finish(st);
    return err;
}

enum rdv_err se_store_account_psk(struct se_store *st, struct rdv_buf *sealed, int64_t id)
{
    return read_psk(st, sealed, SQL_ACCOUNT_PSK, id);
}

enum rdv_err se_store_account_next_psk(struct se_store *st, struct rdv_buf *sealed, int64_t id)
{
    return read_psk(st, sealed, SQL_ACCOUNT_NEXT_PSK, id);
}

enum rdv_err se_store_address_add(struct se_store *st, int64_t account, const char *address,
                                  int64_t now, unsigned most)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ADDRESS_ADD);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, account);
    se_sql_bind_text(s, 2, address);
    (void)sqlite3_bind_int64(s, 3, now);
    if ((err = se_sql_run(st, s)) != RDV_OK)
        return err;
    s = se_sql_use(st, SQL_ADDRESS_TRIM);
    (void)sqlite3_bind_int64(s, 1, account);
    (void)sqlite3_bind_int64(s, 2, most);
    return se_sql_run(st, s);
}

enum rdv_err se_store_address_known(struct se_store *st, int64_t account, const char *address)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ADDRESS_KNOWN);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, account);
    se_sql_bind_text(s, 2, address);
    err = se_sql_first_row(st, s);
    se_sql_finish(st);
    return err;
}

enum rdv_err se_store_identity_add(struct se_store *st, struct rdv_span identity, int64_t account)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_IDENTITY_ADD);

    se_sql_bind_blob(s, 1, identity);
    (void)sqlite3_bind_int64(s, 2, account);
    return se_sql_run(st, s);
}

enum rdv_err se_store_identity_drop_all(struct se_store *st, int64_t account)
{
    return se_sql_run_for(st, SQL_IDENTITY_DROP_ALL, account);
}

enum rdv_err se_store_identity_get(struct se_store *st, char out[SE_NAME_MAX + 1], int64_t account,
                                   unsigned n)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_IDENTITY_GET);
    enum rdv_err err;

    out[0] = '\0';
    (void)sqlite3_bind_int64(s, 1, account);
    (void)sqlite3_bind_int64(s, 2, n);
    if ((err = se_sql_first_row(st, s)) == RDV_OK &&
        rdv_span_to_text(out, SE_NAME_MAX + 1, se_sql_blob(s, 0)) != RDV_OK)
        err = RDV_ERR_CORRUPT;
    se_sql_finish(st);
    return err;
}
