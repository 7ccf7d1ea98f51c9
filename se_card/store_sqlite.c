/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/file.h"
#include "base/log.h"
#include "schema/sql/migrations.h"

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    STEP,
    STEP_KEEP,
    STEP_UNDO,
    ELEMENT_PUT,
    ELEMENT_GET,
    ACCOUNT_ADD,
    ACCOUNT_SET,
    ACCOUNT_COUNT,
    ACCOUNT_RESET,
    ACCOUNT_RETIRE,
    ACCOUNT_DELETE,
    ACCOUNT_SET_PSK,
    ACCOUNT_PROMOTE_PSK,
    ACCOUNT_SET_NEXT_PSK,
    ACCOUNT_GET,
    ACCOUNT_FIND,
    ACCOUNT_NAMED,
    ACCOUNT_FROM,
    ACCOUNT_NAME,
    ACCOUNT_PSK,
    ACCOUNT_NEXT_PSK,
    ADDRESS_ADD,
    ADDRESS_TRIM,
    ADDRESS_KNOWN,
    IDENTITY_ADD,
    IDENTITY_DROP_ALL,
    IDENTITY_GET,
    RECORD_PUT,
    RECORD_CLEAR,
    RECORD_GET,
    RECORD_FROM,
    SETTING_GET,
    SETTING_PUT,
    AUDIT_ADD,
    AUDIT_FROM,
    AUDIT_RANGE,
    AUDIT_DROP,
    STATE_GET,
    STATE_PUT,
    N_STATEMENTS,
};

#define ACCOUNT_COLUMNS                                                                            \
    "a.id, a.name, a.root, a.enabled, a.needs_name, a.rights, a.records, a.key_slots, a.created,"  \
    " a.not_before, a.expires, a.posts_max, a.posts, a.quota, a.bytes, a.psk_serial, a.psk_until," \
    " a.psk IS NOT NULL"

static const char *const sql[N_STATEMENTS] = {
    [BEGIN] = "BEGIN",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [STEP] = "SAVEPOINT step",
    [STEP_KEEP] = "RELEASE step",
    [STEP_UNDO] = "ROLLBACK TO step",
    [ELEMENT_PUT] = "INSERT INTO element (id, sen, demo, created, kek, data_key)"
                    " VALUES (1, ?1, ?2, ?3, ?4, ?5)",
    [ELEMENT_GET] = "SELECT sen, demo, created, kek, data_key FROM element WHERE id = 1",
    [ACCOUNT_ADD] = "INSERT INTO account (name, root, enabled, needs_name, rights, records,"
                    " key_slots, created, not_before, expires, posts_max, quota)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [ACCOUNT_SET] = "UPDATE account SET enabled = ?2, needs_name = ?3, rights = ?4, records = ?5,"
                    " key_slots = ?6, not_before = ?7, expires = ?8, posts_max = ?9, quota = ?10"
                    " WHERE id = ?1",
    [ACCOUNT_COUNT] = "UPDATE account SET posts = posts + 1, bytes = bytes + ?2 WHERE id = ?1"
                      " AND (posts_max < 0 OR posts < posts_max)"
                      " AND (quota < 0 OR ?2 <= quota - bytes)",
    [ACCOUNT_RESET] = "UPDATE account SET posts = 0, bytes = 0 WHERE id = ?1",
    [ACCOUNT_RETIRE] = "INSERT INTO former_account (id, name, deleted)"
                       " SELECT id, name, ?2 FROM account WHERE id = ?1",
    [ACCOUNT_DELETE] = "DELETE FROM account WHERE id = ?1",
    [ACCOUNT_SET_PSK] = "UPDATE account SET psk = ?2, next_psk = NULL, psk_until = 0,"
                        " psk_serial = psk_serial + 1 WHERE id = ?1",
    [ACCOUNT_PROMOTE_PSK] = "UPDATE account SET psk = ?2, next_psk = NULL, psk_until = 0"
                            " WHERE id = ?1",
    [ACCOUNT_SET_NEXT_PSK] = "UPDATE account SET next_psk = ?2, psk_until = ?3 WHERE id = ?1",
    [ACCOUNT_GET] = "SELECT " ACCOUNT_COLUMNS " FROM account a WHERE a.id = ?1",
    [ACCOUNT_FIND] = "SELECT " ACCOUNT_COLUMNS " FROM identity i JOIN account a ON a.id = i.account"
                     " WHERE i.identity = ?1",
    [ACCOUNT_NAMED] = "SELECT " ACCOUNT_COLUMNS " FROM account a WHERE a.name = ?1",
    [ACCOUNT_FROM] = "SELECT " ACCOUNT_COLUMNS " FROM account a WHERE a.name >= ?1"
                     " ORDER BY a.name LIMIT 1",
    [ACCOUNT_NAME] = "SELECT name FROM account WHERE id = ?1"
                     " UNION ALL SELECT name FROM former_account WHERE id = ?1",
    [ACCOUNT_PSK] = "SELECT psk FROM account WHERE id = ?1 AND psk IS NOT NULL",
    [ACCOUNT_NEXT_PSK] = "SELECT next_psk FROM account WHERE id = ?1 AND next_psk IS NOT NULL",
    [ADDRESS_ADD] = "INSERT INTO known_address (account, address, last) VALUES (?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET last = ?3",
    [ADDRESS_TRIM] =
            "DELETE FROM known_address WHERE account = ?1 AND address IN (SELECT address"
            " FROM known_address WHERE account = ?1 ORDER BY last DESC LIMIT -1 OFFSET ?2)",
    [ADDRESS_KNOWN] = "SELECT 1 FROM known_address WHERE account = ?1 AND address = ?2",
    [IDENTITY_ADD] = "INSERT INTO identity (identity, account) VALUES (?1, ?2)",
    [IDENTITY_DROP_ALL] = "DELETE FROM identity WHERE account = ?1",
    [IDENTITY_GET] = "SELECT identity FROM identity WHERE account = ?1 ORDER BY identity"
                     " LIMIT 1 OFFSET ?2",
    [RECORD_PUT] = "INSERT INTO record (slot, content, author, changed) VALUES (?1, ?2, ?3, ?4)"
                   " ON CONFLICT (slot) DO UPDATE SET content = ?2, author = ?3, changed = ?4",
    [RECORD_CLEAR] = "DELETE FROM record WHERE slot = ?1",
    [RECORD_GET] = "SELECT content FROM record WHERE slot = ?1",
    [RECORD_FROM] = "SELECT slot, author, changed, length(content) FROM record WHERE slot >= ?1"
                    " ORDER BY slot LIMIT 1",
    [SETTING_GET] = "SELECT ttl, keep, most FROM record_setting WHERE slot = ?1",
    [SETTING_PUT] = "INSERT OR REPLACE INTO record_setting (slot, ttl, keep, most)"
                    " VALUES (?1, ?2, ?3, ?4)",
    [AUDIT_ADD] = "INSERT INTO audit (seq, time, actor, action, target, result, detail, hash)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [AUDIT_FROM] = "SELECT seq, time, actor, action, target, result, detail, hash FROM audit"
                   " WHERE seq >= ?1 ORDER BY seq LIMIT 1",
    [AUDIT_RANGE] =
            "SELECT ifnull(min(seq), 0), ifnull((SELECT max(seq) FROM audit), 0) FROM audit",
    [AUDIT_DROP] = "DELETE FROM audit WHERE seq < ?1",
    [STATE_GET] = "SELECT epoch, counter FROM state WHERE id = 1",
    [STATE_PUT] = "UPDATE state SET epoch = ?1, counter = ?2 WHERE id = 1",
};

struct se_store {
    sqlite3 *db;
    char *path;
    unsigned version; /* of the database */
    sqlite3_stmt *statements[N_STATEMENTS];
    sqlite3_stmt *reading;    /* whose row a caller's span points into */
    int64_t changes_at_begin; /* of the connection, when the group was opened */
    bool group_is_step;       /* nothing of the group was written before this step */
};

/* SQLite's codes in our words; the detail is logged, once, here. */
static enum rdv_err translate(const struct se_store *st, int rc, const char *what)
{
    enum rdv_err err;

    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return RDV_OK;
    case SQLITE_CONSTRAINT:
        return RDV_ERR_EXISTS; /* not a fault of the database */
    case SQLITE_NOMEM:
        err = RDV_ERR_NOMEM;
        break;
    case SQLITE_FULL:
        err = RDV_ERR_FULL;
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        err = RDV_ERR_BUSY;
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        err = RDV_ERR_CORRUPT;
        break;
    default:
        err = RDV_ERR_IO;
        break;
    }
    log_error("%s: %s: %s (SQLite %d)", st->path, what, sqlite3_errmsg(st->db), rc);
    return err;
}

static enum rdv_err execute(struct se_store *st, const char *text)
{
    return translate(st, sqlite3_exec(st->db, text, NULL, NULL, NULL), text);
}

static enum rdv_err prepare(struct se_store *st)
{
    enum rdv_err err;

    for (size_t i = 0; i < N_STATEMENTS; i++) {
        if ((err = translate(st,
                             sqlite3_prepare_v3(st->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                                &st->statements[i], NULL),
                             sql[i])) != RDV_OK)
            return err;
    }
    return RDV_OK;
}

/* --- using a statement ------------------------------------------------------------------------ */

/* The statement, with no row of an earlier one left open. */
static sqlite3_stmt *use(struct se_store *st, enum statement which)
{
    if (st->reading != NULL) {
        (void)sqlite3_reset(st->reading);
        st->reading = NULL;
    }
    return st->statements[which];
}

/* Binding fails only on our own mistakes or without memory, which the step then meets again. */
static void bind_blob(sqlite3_stmt *s, int at, struct rdv_span bytes)
{
    (void)sqlite3_bind_blob64(s, at, bytes.n == 0 ? (const uint8_t *)"" : bytes.p, bytes.n,
                              SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
    (void)sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

/* Runs a statement that returns no row, and lets go of what was bound. */
static enum rdv_err run(struct se_store *st, sqlite3_stmt *s)
{
    const int rc = sqlite3_step(s);
    const enum rdv_err err = translate(st, rc, sqlite3_sql(s));

    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
    return err;
}

/* Steps to the one row of a statement; it stays open until `use` or `finish`. */
static enum rdv_err first_row(struct se_store *st, sqlite3_stmt *s)
{
    const int rc = sqlite3_step(s);

    st->reading = s;
    (void)sqlite3_clear_bindings(s);
    if (rc == SQLITE_DONE)
        return RDV_ERR_ABSENT;
    return translate(st, rc, sqlite3_sql(s));
}

static void finish(struct se_store *st)
{
    (void)use(st, BEGIN);
}

static struct rdv_span column_blob(sqlite3_stmt *s, int at)
{
    const uint8_t *p = sqlite3_column_blob(s, at);

    return (struct rdv_span){ p, (size_t)sqlite3_column_bytes(s, at) };
}

static enum rdv_err column_text(char *out, size_t size, sqlite3_stmt *s, int at)
{
    const uint8_t *p = sqlite3_column_text(s, at);
    const struct rdv_span text = { p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(s, at) };

    return rdv_span_to_text(out, size, text) == RDV_OK ? RDV_OK : RDV_ERR_CORRUPT;
}

/* --- opening ---------------------------------------------------------------------------------- */

static enum rdv_err database_version(struct se_store *st)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(st->db, "PRAGMA user_version", -1, &s, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        st->version = (unsigned)sqlite3_column_int(s, 0);
    (void)sqlite3_finalize(s);
    return translate(st, rc, "user_version");
}

/* The path of a file, once more with the suffix SQLite gives its companions. */
static enum rdv_err check_private(const char *path, const char *suffix, bool must_exist)
{
    char *whole = sqlite3_mprintf("%s%s", path, suffix);
    enum rdv_err err = RDV_OK;
    int fd = -1;

    if (whole == NULL)
        return RDV_ERR_NOMEM;
    if ((fd = open(whole, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) >= 0) {
        err = rdv_file_check_private(fd, whole);
        (void)close(fd);
    } else if (errno != ENOENT || must_exist) {
        log_error("%s: %s", whole, strerror(errno));
        err = errno == ENOENT ? RDV_ERR_ABSENT : RDV_ERR_IO;
    }
    sqlite3_free(whole);
    return err;
}

static enum rdv_err connect_to(struct se_store **out, const char *path, int flags)
{
    struct se_store *st;
    enum rdv_err err = RDV_ERR_NOMEM;

    *out = NULL;
    if ((st = calloc(1, sizeof(*st))) == NULL || (st->path = strdup(path)) == NULL)
        goto out;
    if ((err = translate(st,
                         sqlite3_open_v2(path, &st->db,
                                         flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL),
                         "open")) != RDV_OK ||
        (err = translate(st, sqlite3_db_config(st->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL),
                         "config")) != RDV_OK ||
        (err = translate(st, sqlite3_db_config(st->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL),
                         "config")) != RDV_OK ||
        /* Exclusive: no other process, and no lock to take again for each transaction. */
        (err = execute(st, "PRAGMA locking_mode = EXCLUSIVE;"
                           "PRAGMA synchronous = FULL;"
                           "PRAGMA foreign_keys = ON;"
                           "PRAGMA secure_delete = ON;"
                           "PRAGMA temp_store = MEMORY;"
                           "PRAGMA trusted_schema = OFF;"
                           "PRAGMA wal_autocheckpoint = 2000;")) != RDV_OK ||
        (err = database_version(st)) != RDV_OK)
        goto out;
    *out = st;
    st = NULL;
out:
    se_store_close(st);
    return err;
}

enum rdv_err se_store_create(struct se_store **out, const char *path)
{
    struct se_store *st = NULL;
    enum rdv_err err;
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

    *out = NULL;
    if (fd < 0) {
        log_error("%s: %s", path, strerror(errno));
        return errno == EEXIST ? RDV_ERR_EXISTS : RDV_ERR_IO;
    }
    (void)close(fd);
    if ((err = connect_to(&st, path, SQLITE_OPEN_READWRITE)) != RDV_OK ||
        (err = execute(st, "PRAGMA journal_mode = WAL")) != RDV_OK ||
        (err = se_store_migrate(st)) != RDV_OK || (err = rdv_file_sync_dir_of(path)) != RDV_OK)
        goto out;
    *out = st;
    st = NULL;
out:
    se_store_close(st);
    return err;
}

enum rdv_err se_store_open(struct se_store **out, const char *path)
{
    struct se_store *st = NULL;
    enum rdv_err err;

    *out = NULL;
    if ((err = check_private(path, "", true)) != RDV_OK ||
        (err = check_private(path, "-wal", false)) != RDV_OK ||
        (err = connect_to(&st, path, SQLITE_OPEN_READWRITE)) != RDV_OK)
        return err;
    if (st->version > rdv_n_migrations) {
        log_error("%s: database version %u; this program knows up to %u", path, st->version,
                  rdv_n_migrations);
        err = RDV_ERR_VERSION;
        goto out;
    }
    if (st->version == 0) {
        log_error("%s: not a card's database", path);
        err = RDV_ERR_CORRUPT;
        goto out;
    }
    /* What opening asks of the database must work with any older version too. */
    if ((err = translate(st,
                         sqlite3_prepare_v3(st->db, sql[ELEMENT_GET], -1, SQLITE_PREPARE_PERSISTENT,
                                            &st->statements[ELEMENT_GET], NULL),
                         sql[ELEMENT_GET])) != RDV_OK)
        goto out;
    *out = st;
    st = NULL;
out:
    se_store_close(st);
    return err;
}

enum rdv_err se_store_migrate(struct se_store *st)
{
    enum rdv_err err;

    finish(st);
    (void)sqlite3_finalize(st->statements[ELEMENT_GET]);
    st->statements[ELEMENT_GET] = NULL;
    for (; st->version < rdv_n_migrations; st->version++) {
        if ((err = execute(st, "BEGIN IMMEDIATE")) != RDV_OK)
            return err;
        if ((err = execute(st, rdv_migrations[st->version])) != RDV_OK ||
            (err = execute(st, "COMMIT")) != RDV_OK) {
            if (sqlite3_get_autocommit(st->db) == 0)
                (void)sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
            return err;
        }
    }
    if ((err = translate(st, sqlite3_db_config(st->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL),
                         "config")) != RDV_OK)
        return err;
    return prepare(st);
}

void se_store_close(struct se_store *st)
{
    if (st == NULL)
        return;
    for (size_t i = 0; i < N_STATEMENTS; i++)
        (void)sqlite3_finalize(st->statements[i]);
    (void)sqlite3_close(st->db);
    free(st->path);
    free(st);
}

/* --- transactions ----------------------------------------------------------------------------- */

enum rdv_err se_store_begin(struct se_store *st)
{
    st->changes_at_begin = sqlite3_total_changes64(st->db);
    return run(st, use(st, BEGIN));
}

bool se_store_has_written(const struct se_store *st)
{
    return sqlite3_total_changes64(st->db) != st->changes_at_begin;
}

void se_store_rollback(struct se_store *st)
{
    sqlite3_stmt *s = use(st, ROLLBACK);

    if (sqlite3_get_autocommit(st->db) == 0)
        (void)run(st, s); /* cannot fail in a way that leaves the transaction open */
}

enum rdv_err se_store_commit(struct se_store *st)
{
    sqlite3_stmt *s = use(st, COMMIT);
    enum rdv_err err;

    if (sqlite3_get_autocommit(st->db) != 0)
        return RDV_ERR_LOST; /* SQLite rolled back on its own, at an earlier failure */
    if ((err = run(st, s)) != RDV_OK)
        se_store_rollback(st);
    return err;
}

/* The first step that writes needs no savepoint: to undo it is to begin the group again. */
enum rdv_err se_store_step(struct se_store *st)
{
    if (sqlite3_get_autocommit(st->db) != 0)
        return RDV_ERR_LOST;
    st->group_is_step = sqlite3_total_changes64(st->db) == st->changes_at_begin;
    return st->group_is_step ? RDV_OK : run(st, use(st, STEP));
}

enum rdv_err se_store_step_keep(struct se_store *st)
{
    if (sqlite3_get_autocommit(st->db) != 0)
        return RDV_ERR_LOST;
    return st->group_is_step ? RDV_OK : run(st, use(st, STEP_KEEP));
}

enum rdv_err se_store_step_undo(struct se_store *st)
{
    enum rdv_err err;

    if (sqlite3_get_autocommit(st->db) != 0)
        return RDV_ERR_LOST;
    if (st->group_is_step) {
        se_store_rollback(st);
        return se_store_begin(st);
    }
    if ((err = run(st, use(st, STEP_UNDO))) != RDV_OK)
        return err;
    return run(st, use(st, STEP_KEEP));
}

/* --- rows ------------------------------------------------------------------------------------- */

enum rdv_err se_store_element_put(struct se_store *st, const struct se_store_element *in)
{
    sqlite3_stmt *s = use(st, ELEMENT_PUT);

    bind_text(s, 1, in->sen);
    (void)sqlite3_bind_int(s, 2, in->demo);
    (void)sqlite3_bind_int64(s, 3, in->created);
    bind_text(s, 4, in->kek);
    bind_blob(s, 5, in->data_key);
    return run(st, s);
}

enum rdv_err se_store_element_get(struct se_store *st, struct se_store_element *out)
{
    sqlite3_stmt *s = use(st, ELEMENT_GET);
    enum rdv_err err;

    *out = (struct se_store_element){ 0 };
    if ((err = first_row(st, s)) != RDV_OK)
        return err;
    if ((err = column_text(out->sen, sizeof(out->sen), s, 0)) != RDV_OK ||
        (err = column_text(out->kek, sizeof(out->kek), s, 3)) != RDV_OK)
        return err;
    out->demo = sqlite3_column_int(s, 1) != 0;
    out->created = sqlite3_column_int64(s, 2);
    out->data_key = column_blob(s, 4);
    return RDV_OK;
}

static void bind_scope(sqlite3_stmt *s, int at, const struct se_scope *scope)
{
    bind_blob(s, at, (struct rdv_span){ scope->bits, sizeof(scope->bits) });
}

enum rdv_err se_store_account_add(struct se_store *st, struct se_account *in)
{
    sqlite3_stmt *s = use(st, ACCOUNT_ADD);
    enum rdv_err err;

    bind_text(s, 1, in->name);
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
    if ((err = run(st, s)) == RDV_OK)
        in->id = sqlite3_last_insert_rowid(st->db);
    return err;
}

enum rdv_err se_store_account_set(struct se_store *st, const struct se_account *in)
{
    sqlite3_stmt *s = use(st, ACCOUNT_SET);

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
    return run(st, s);
}

enum rdv_err se_store_account_count(struct se_store *st, int64_t id, size_t n)
{
    sqlite3_stmt *s = use(st, ACCOUNT_COUNT);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, id);
    (void)sqlite3_bind_int64(s, 2, (int64_t)n);
    if ((err = run(st, s)) != RDV_OK)
        return err;
    return sqlite3_changes(st->db) == 1 ? RDV_OK : RDV_ERR_LIMIT;
}

/* Statements that take an account's id and nothing else. */
static enum rdv_err run_for(struct se_store *st, enum statement which, int64_t id)
{
    sqlite3_stmt *s = use(st, which);

    (void)sqlite3_bind_int64(s, 1, id);
    return run(st, s);
}

enum rdv_err se_store_account_reset_counts(struct se_store *st, int64_t id)
{
    return run_for(st, ACCOUNT_RESET, id);
}

enum rdv_err se_store_account_delete(struct se_store *st, int64_t id, int64_t now)
{
    sqlite3_stmt *s = use(st, ACCOUNT_RETIRE);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, id);
    (void)sqlite3_bind_int64(s, 2, now);
    if ((err = run(st, s)) != RDV_OK)
        return err;
    return run_for(st, ACCOUNT_DELETE, id);
}

static enum rdv_err write_psk(struct se_store *st, enum statement which, int64_t id,
                              struct rdv_span sealed)
{
    sqlite3_stmt *s = use(st, which);

    (void)sqlite3_bind_int64(s, 1, id);
    bind_blob(s, 2, sealed);
    return run(st, s);
}

enum rdv_err se_store_account_set_psk(struct se_store *st, int64_t id, struct rdv_span sealed)
{
    return write_psk(st, ACCOUNT_SET_PSK, id, sealed);
}

enum rdv_err se_store_account_promote_psk(struct se_store *st, int64_t id, struct rdv_span sealed)
{
    return write_psk(st, ACCOUNT_PROMOTE_PSK, id, sealed);
}

enum rdv_err se_store_account_set_next_psk(struct se_store *st, int64_t id, struct rdv_span sealed,
                                           int64_t until)
{
    sqlite3_stmt *s = use(st, ACCOUNT_SET_NEXT_PSK);

    (void)sqlite3_bind_int64(s, 1, id);
    bind_blob(s, 2, sealed);
    (void)sqlite3_bind_int64(s, 3, until);
    return run(st, s);
}

static enum rdv_err column_scope(struct se_scope *out, sqlite3_stmt *s, int at)
{
    const struct rdv_span blob = column_blob(s, at);

    memset(out, 0, sizeof(*out));
    if (blob.n != sizeof(out->bits))
        return RDV_ERR_CORRUPT;
    memcpy(out->bits, blob.p, sizeof(out->bits));
    return RDV_OK;
}

/* The one row of ACCOUNT_COLUMNS. */
static enum rdv_err read_account(struct se_store *st, struct se_account *out, sqlite3_stmt *s)
{
    enum rdv_err err;

    *out = (struct se_account){ 0 };
    if ((err = first_row(st, s)) == RDV_OK &&
        (err = column_text(out->name, sizeof(out->name), s, 1)) == RDV_OK &&
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
    finish(st);
    return err;
}

enum rdv_err se_store_account_get(struct se_store *st, struct se_account *out, int64_t id)
{
    sqlite3_stmt *s = use(st, ACCOUNT_GET);

    (void)sqlite3_bind_int64(s, 1, id);
    return read_account(st, out, s);
}

enum rdv_err se_store_account_find(struct se_store *st, struct se_account *out,
                                   struct rdv_span identity)
{
    sqlite3_stmt *s = use(st, ACCOUNT_FIND);

    bind_blob(s, 1, identity);
    return read_account(st, out, s);
}

static void bind_span_text(sqlite3_stmt *s, int at, struct rdv_span text)
{
    (void)sqlite3_bind_text64(s, at, text.n == 0 ? "" : (const char *)text.p, text.n, SQLITE_STATIC,
                              SQLITE_UTF8);
}

enum rdv_err se_store_account_named(struct se_store *st, struct se_account *out,
                                    struct rdv_span name)
{
    sqlite3_stmt *s = use(st, ACCOUNT_NAMED);

    bind_span_text(s, 1, name);
    return read_account(st, out, s);
}

enum rdv_err se_store_account_from(struct se_store *st, struct se_account *out,
                                   struct rdv_span from)
{
    sqlite3_stmt *s = use(st, ACCOUNT_FROM);

    bind_span_text(s, 1, from);
    return read_account(st, out, s);
}

enum rdv_err se_store_account_name(struct se_store *st, char out[SE_NAME_MAX + 1], int64_t id)
{
    sqlite3_stmt *s = use(st, ACCOUNT_NAME);
    enum rdv_err err;

    out[0] = '\0';
    (void)sqlite3_bind_int64(s, 1, id);
    if ((err = first_row(st, s)) == RDV_OK)
        err = column_text(out, SE_NAME_MAX + 1, s, 0);
    finish(st);
    return err;
}

static enum rdv_err read_psk(struct se_store *st, struct rdv_buf *sealed, enum statement which,
                             int64_t id)
{
    sqlite3_stmt *s = use(st, which);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, id);
    if ((err = first_row(st, s)) == RDV_OK)
        err = rdv_put_bytes(sealed, column_blob(s, 0));
    finish(st);
    return err;
}

enum rdv_err se_store_account_psk(struct se_store *st, struct rdv_buf *sealed, int64_t id)
{
    return read_psk(st, sealed, ACCOUNT_PSK, id);
}

enum rdv_err se_store_account_next_psk(struct se_store *st, struct rdv_buf *sealed, int64_t id)
{
    return read_psk(st, sealed, ACCOUNT_NEXT_PSK, id);
}

enum rdv_err se_store_address_add(struct se_store *st, int64_t account, const char *address,
                                  int64_t now, unsigned most)
{
    sqlite3_stmt *s = use(st, ADDRESS_ADD);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, account);
    bind_text(s, 2, address);
    (void)sqlite3_bind_int64(s, 3, now);
    if ((err = run(st, s)) != RDV_OK)
        return err;
    s = use(st, ADDRESS_TRIM);
    (void)sqlite3_bind_int64(s, 1, account);
    (void)sqlite3_bind_int64(s, 2, most);
    return run(st, s);
}

enum rdv_err se_store_address_known(struct se_store *st, int64_t account, const char *address)
{
    sqlite3_stmt *s = use(st, ADDRESS_KNOWN);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, account);
    bind_text(s, 2, address);
    err = first_row(st, s);
    finish(st);
    return err;
}

enum rdv_err se_store_identity_add(struct se_store *st, struct rdv_span identity, int64_t account)
{
    sqlite3_stmt *s = use(st, IDENTITY_ADD);

    bind_blob(s, 1, identity);
    (void)sqlite3_bind_int64(s, 2, account);
    return run(st, s);
}

enum rdv_err se_store_identity_drop_all(struct se_store *st, int64_t account)
{
    return run_for(st, IDENTITY_DROP_ALL, account);
}

enum rdv_err se_store_identity_get(struct se_store *st, char out[SE_NAME_MAX + 1], int64_t account,
                                   unsigned n)
{
    sqlite3_stmt *s = use(st, IDENTITY_GET);
    enum rdv_err err;

    out[0] = '\0';
    (void)sqlite3_bind_int64(s, 1, account);
    (void)sqlite3_bind_int64(s, 2, n);
    if ((err = first_row(st, s)) == RDV_OK &&
        rdv_span_to_text(out, SE_NAME_MAX + 1, column_blob(s, 0)) != RDV_OK)
        err = RDV_ERR_CORRUPT;
    finish(st);
    return err;
}

enum rdv_err se_store_record_put(struct se_store *st, uint8_t slot, struct rdv_span sealed,
                                 int64_t author, int64_t changed)
{
    sqlite3_stmt *s = use(st, RECORD_PUT);

    (void)sqlite3_bind_int(s, 1, slot);
    bind_blob(s, 2, sealed);
    (void)sqlite3_bind_int64(s, 3, author);
    (void)sqlite3_bind_int64(s, 4, changed);
    return run(st, s);
}

enum rdv_err se_store_record_clear(struct se_store *st, uint8_t slot)
{
    sqlite3_stmt *s = use(st, RECORD_CLEAR);

    (void)sqlite3_bind_int(s, 1, slot);
    return run(st, s);
}

enum rdv_err se_store_record_get(struct se_store *st, struct rdv_span *sealed, uint8_t slot)
{
    sqlite3_stmt *s = use(st, RECORD_GET);
    enum rdv_err err;

    *sealed = (struct rdv_span){ NULL, 0 };
    (void)sqlite3_bind_int(s, 1, slot);
    if ((err = first_row(st, s)) == RDV_OK)
        *sealed = column_blob(s, 0);
    return err;
}

enum rdv_err se_store_record_from(struct se_store *st, struct se_record_info *out, unsigned slot)
{
    sqlite3_stmt *s = use(st, RECORD_FROM);
    enum rdv_err err;

    *out = (struct se_record_info){ 0 };
    (void)sqlite3_bind_int64(s, 1, slot);
    if ((err = first_row(st, s)) == RDV_OK)
        *out = (struct se_record_info){
            .slot = (uint8_t)sqlite3_column_int(s, 0),
            .author = sqlite3_column_int64(s, 1),
            .changed = sqlite3_column_int64(s, 2),
            .sealed_bytes = (size_t)sqlite3_column_int64(s, 3),
        };
    finish(st);
    return err;
}

enum rdv_err se_store_setting_get(struct se_store *st, struct se_record_setting *out, uint8_t slot)
{
    sqlite3_stmt *s = use(st, SETTING_GET);
    enum rdv_err err;

    *out = (struct se_record_setting){ 0 };
    (void)sqlite3_bind_int(s, 1, slot);
    if ((err = first_row(st, s)) == RDV_OK)
        *out = (struct se_record_setting){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
                                           sqlite3_column_int64(s, 2) };
    finish(st);
    return err;
}

enum rdv_err se_store_setting_put(struct se_store *st, uint8_t slot,
                                  const struct se_record_setting *in)
{
    sqlite3_stmt *s = use(st, SETTING_PUT);

    (void)sqlite3_bind_int(s, 1, slot);
    (void)sqlite3_bind_int64(s, 2, in->ttl);
    (void)sqlite3_bind_int64(s, 3, in->keep);
    (void)sqlite3_bind_int64(s, 4, in->most);
    return run(st, s);
}

/* --- audit and state -------------------------------------------------------------------------- */

enum rdv_err se_store_audit_add(struct se_store *st, const struct se_audit_row *in)
{
    sqlite3_stmt *s = use(st, AUDIT_ADD);

    (void)sqlite3_bind_int64(s, 1, in->seq);
    (void)sqlite3_bind_int64(s, 2, in->time);
    bind_span_text(s, 3, in->actor);
    bind_span_text(s, 4, in->action);
    bind_span_text(s, 5, in->target);
    bind_span_text(s, 6, in->result);
    bind_span_text(s, 7, in->detail);
    bind_blob(s, 8, (struct rdv_span){ in->hash, sizeof(in->hash) });
    return run(st, s);
}

static struct rdv_span column_span(sqlite3_stmt *s, int at)
{
    const uint8_t *p = sqlite3_column_text(s, at);

    return (struct rdv_span){ p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(s, at) };
}

enum rdv_err se_store_audit_from(struct se_store *st, struct se_audit_row *out, int64_t seq)
{
    sqlite3_stmt *s = use(st, AUDIT_FROM);
    struct rdv_span hash;
    enum rdv_err err;

    *out = (struct se_audit_row){ 0 };
    (void)sqlite3_bind_int64(s, 1, seq);
    if ((err = first_row(st, s)) != RDV_OK)
        return err;
    out->seq = sqlite3_column_int64(s, 0);
    out->time = sqlite3_column_int64(s, 1);
    out->actor = column_span(s, 2);
    out->action = column_span(s, 3);
    out->target = column_span(s, 4);
    out->result = column_span(s, 5);
    out->detail = column_span(s, 6);
    hash = column_blob(s, 7);
    if (hash.n != sizeof(out->hash))
        return RDV_ERR_CORRUPT;
    memcpy(out->hash, hash.p, sizeof(out->hash));
    return RDV_OK;
}

enum rdv_err se_store_audit_range(struct se_store *st, int64_t *first, int64_t *last)
{
    sqlite3_stmt *s = use(st, AUDIT_RANGE);
    enum rdv_err err;

    *first = *last = 0;
    if ((err = first_row(st, s)) == RDV_OK) {
        *first = sqlite3_column_int64(s, 0);
        *last = sqlite3_column_int64(s, 1);
    }
    finish(st);
    return err;
}

enum rdv_err se_store_audit_drop_before(struct se_store *st, int64_t seq)
{
    return run_for(st, AUDIT_DROP, seq);
}

enum rdv_err se_store_state_get(struct se_store *st, struct se_state *out)
{
    sqlite3_stmt *s = use(st, STATE_GET);
    enum rdv_err err;

    *out = (struct se_state){ 0, 0 };
    if ((err = first_row(st, s)) == RDV_OK)
        *out = (struct se_state){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1) };
    finish(st);
    return err;
}

enum rdv_err se_store_state_put(struct se_store *st, const struct se_state *in)
{
    sqlite3_stmt *s = use(st, STATE_PUT);

    (void)sqlite3_bind_int64(s, 1, in->epoch);
    (void)sqlite3_bind_int64(s, 2, in->counter);
    return run(st, s);
}

/* --- backup ----------------------------------------------------------------------------------- */

static enum rdv_err copy_into(struct se_store *st, sqlite3 *to)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", st->db, "main");
    int rc;

    if (copy == NULL)
        return RDV_ERR_IO;
    rc = sqlite3_backup_step(copy, -1);
    (void)sqlite3_backup_finish(copy);
    if (rc == SQLITE_DONE) /* one whole file, that needs no companion to be read */
        rc = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    return translate(st, rc, "backup");
}

enum rdv_err se_store_backup(struct se_store *st, const char *path)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    sqlite3 *to = NULL;
    enum rdv_err err;

    if (fd < 0)
        return errno == EEXIST ? RDV_ERR_EXISTS : RDV_ERR_IO;
    finish(st);
    err = translate(st, sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL), "backup");
    if (err == RDV_OK)
        err = copy_into(st, to);
    if (sqlite3_close(to) != SQLITE_OK && err == RDV_OK)
        err = RDV_ERR_IO;
    if (err == RDV_OK && (fsync(fd) != 0 || rdv_file_sync_dir_of(path) != RDV_OK))
        err = RDV_ERR_IO;
    (void)close(fd);
    if (err != RDV_OK)
        (void)unlink(path);
    return err;
}
