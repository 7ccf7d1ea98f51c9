/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "schema/sql/migrations.h"

#define ACCOUNT_COLUMNS                                                                            \
    "a.id, a.name, a.root, a.enabled, a.needs_name, a.rights, a.records, a.key_slots, a.created,"  \
    " a.not_before, a.expires, a.posts_max, a.posts, a.quota, a.bytes, a.psk_serial, a.psk_until," \
    " a.psk IS NOT NULL"

static const char *const sql[SQL_N_STATEMENTS] = {
    [SQL_BEGIN] = "BEGIN",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_STEP] = "SAVEPOINT step",
    [SQL_STEP_KEEP] = "RELEASE step",
    [SQL_STEP_UNDO] = "ROLLBACK TO step",
    [SQL_ELEMENT_PUT] = "INSERT INTO element (id, sen, demo, created, kek, data_key)"
                        " VALUES (1, ?1, ?2, ?3, ?4, ?5)",
    [SQL_ELEMENT_GET] = "SELECT sen, demo, created, kek, data_key FROM element WHERE id = 1",
    [SQL_ACCOUNT_ADD] = "INSERT INTO account (name, root, enabled, needs_name, rights, records,"
                        " key_slots, created, not_before, expires, posts_max, quota)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [SQL_ACCOUNT_SET] =
            "UPDATE account SET enabled = ?2, needs_name = ?3, rights = ?4, records = ?5,"
            " key_slots = ?6, not_before = ?7, expires = ?8, posts_max = ?9, quota = ?10"
            " WHERE id = ?1",
    [SQL_ACCOUNT_COUNT] = "UPDATE account SET posts = posts + 1, bytes = bytes + ?2 WHERE id = ?1"
                          " AND (posts_max < 0 OR posts < posts_max)"
                          " AND (quota < 0 OR ?2 <= quota - bytes)",
    [SQL_ACCOUNT_RESET] = "UPDATE account SET posts = 0, bytes = 0 WHERE id = ?1",
    [SQL_ACCOUNT_RETIRE] = "INSERT INTO former_account (id, name, deleted)"
                           " SELECT id, name, ?2 FROM account WHERE id = ?1",
    [SQL_ACCOUNT_DELETE] = "DELETE FROM account WHERE id = ?1",
    [SQL_ACCOUNT_SET_PSK] = "UPDATE account SET psk = ?2, next_psk = NULL, psk_until = 0,"
                            " psk_serial = psk_serial + 1 WHERE id = ?1",
    [SQL_ACCOUNT_PROMOTE_PSK] = "UPDATE account SET psk = ?2, next_psk = NULL, psk_until = 0"
                                " WHERE id = ?1",
    [SQL_ACCOUNT_SET_NEXT_PSK] = "UPDATE account SET next_psk = ?2, psk_until = ?3 WHERE id = ?1",
    [SQL_ACCOUNT_GET] = "SELECT " ACCOUNT_COLUMNS " FROM account a WHERE a.id = ?1",
    [SQL_ACCOUNT_FIND] =
            "SELECT " ACCOUNT_COLUMNS ", i.account IS NOT NULL FROM (SELECT ?1 AS wanted)"
            " LEFT JOIN identity i ON i.identity = wanted"
            " JOIN account a ON a.id = ifnull(i.account, ?2)",
    [SQL_ACCOUNT_NAMED] = "SELECT " ACCOUNT_COLUMNS " FROM account a WHERE a.name = ?1",
    [SQL_ACCOUNT_FROM] = "SELECT " ACCOUNT_COLUMNS " FROM account a WHERE a.name >= ?1"
                         " ORDER BY a.name LIMIT 1",
    [SQL_ACCOUNT_NAME] = "SELECT name FROM account WHERE id = ?1"
                         " UNION ALL SELECT name FROM former_account WHERE id = ?1",
    [SQL_ACCOUNT_PSK] = "SELECT psk FROM account WHERE id = ?1 AND psk IS NOT NULL",
    [SQL_ACCOUNT_NEXT_PSK] = "SELECT next_psk FROM account WHERE id = ?1 AND next_psk IS NOT NULL",
    [SQL_ADDRESS_ADD] = "INSERT INTO known_address (account, address, last)"
                        " SELECT id, ?2, ?3 FROM account WHERE id = ?1"
                        " ON CONFLICT DO UPDATE SET last = ?3",
    [SQL_ADDRESS_TRIM] =
            "DELETE FROM known_address WHERE account = ?1 AND address IN (SELECT address"
            " FROM known_address WHERE account = ?1 ORDER BY last DESC LIMIT -1 OFFSET ?2)",
    [SQL_ADDRESS_KNOWN] = "SELECT 1 FROM known_address WHERE account = ?1 AND address = ?2",
    [SQL_IDENTITY_ADD] = "INSERT INTO identity (identity, account) VALUES (?1, ?2)",
    [SQL_IDENTITY_DROP_ALL] = "DELETE FROM identity WHERE account = ?1",
    [SQL_IDENTITY_GET] = "SELECT identity FROM identity WHERE account = ?1 ORDER BY identity"
                         " LIMIT 1 OFFSET ?2",
    [SQL_RECORD_PUT] = "INSERT INTO record (slot, content, author, changed, type)"
                       " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (slot)"
                       " DO UPDATE SET content = ?2, author = ?3, changed = ?4, type = ?5",
    [SQL_RECORD_GET] = "SELECT slot, author, changed, length(content), type, content FROM record"
                       " WHERE slot = ?1 AND length(content) > 0",
    [SQL_RECORD_FROM] = "SELECT slot, author, changed, length(content), type FROM record"
                        " WHERE slot >= ?1 AND length(content) > 0 ORDER BY slot LIMIT 1",
    [SQL_ONCE_GET] = "SELECT digest, changed, seq FROM once WHERE account = ?1 AND once = ?2",
    [SQL_ONCE_ADD] =
            "INSERT INTO once (account, n, once, digest, changed, seq)"
            " SELECT ?1, ifnull(max(n), 0) + 1, ?2, ?3, ?4, ?5 FROM once WHERE account = ?1",
    [SQL_ONCE_TRIM] = "DELETE FROM once WHERE account = ?1 AND n <="
                      " (SELECT max(n) FROM once WHERE account = ?1) - ?2",
    [SQL_SETTING_GET] = "SELECT ttl, keep, most FROM record_setting WHERE slot = ?1",
    [SQL_SETTING_PUT] = "INSERT OR REPLACE INTO record_setting (slot, ttl, keep, most)"
                        " VALUES (?1, ?2, ?3, ?4)",
    [SQL_CHAIN_GET] = "SELECT n, seq, hash FROM record WHERE slot = ?1",
    [SQL_CHAIN_GET_CARD] = "SELECT card_n, card_seq, card_hash FROM state WHERE id = 1",
    [SQL_CHAIN_PUT] = "UPDATE record SET n = ?1, seq = ?2, hash = ?3 WHERE slot = ?4",
    [SQL_CHAIN_PUT_CARD] =
            "UPDATE state SET card_n = ?1, card_seq = ?2, card_hash = ?3 WHERE id = 1",
    [SQL_LOG_ADD] = "INSERT INTO log (seq, chain, n, time, author, bytes)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_LOG_FROM] = "SELECT seq, chain, n, time, author, bytes FROM log WHERE seq >= ?1"
                     " ORDER BY seq LIMIT ?2",
    [SQL_LOG_DROP] = "DELETE FROM log WHERE seq BETWEEN ?1 AND ?2",
    [SQL_ENVELOPE_ADD] = "INSERT INTO envelope (seq, message) VALUES (?1, ?2)",
    [SQL_ENVELOPE_GET] = "SELECT message FROM envelope WHERE seq = ?1",
    [SQL_ENVELOPE_DROP] = "DELETE FROM envelope WHERE seq BETWEEN ?1 AND ?2",
    [SQL_CONSUMER_FROM] = "SELECT name, account, seq, moved FROM consumer WHERE name >= ?1"
                          " ORDER BY name LIMIT 1",
    [SQL_CONSUMER_ADD] = "INSERT INTO consumer (name, account, seq, moved) VALUES (?1, ?2, ?3, ?4)",
    [SQL_CONSUMER_MOVE] = "UPDATE consumer SET seq = ?3, moved = ?4 WHERE name = ?1",
    [SQL_CONSUMER_DROP] = "DELETE FROM consumer WHERE name = ?1",
    [SQL_KEY_PUT] = "INSERT OR REPLACE INTO key"
                    " (slot, kind, origin, exportable, created, uses, point, secret)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SQL_KEY_CLEAR] = "DELETE FROM key WHERE slot = ?1",
    [SQL_KEY_FROM] = "SELECT slot, kind, origin, exportable, created, uses, point,"
                     " secret IS NOT NULL FROM key WHERE slot >= ?1 ORDER BY slot LIMIT 1",
    [SQL_KEY_SECRET] = "SELECT secret FROM key WHERE slot = ?1 AND secret IS NOT NULL",
    [SQL_KEY_COUNT] = "UPDATE key SET uses = uses + ?2 WHERE slot = ?1",
    [SQL_OWN_PUT] = "INSERT OR REPLACE INTO own (name, value) VALUES (?1, ?2)",
    [SQL_OWN_DROP] = "DELETE FROM own WHERE name = ?1",
    [SQL_OWN_GET] = "SELECT value FROM own WHERE name = ?1",
    [SQL_AUDIT_ADD] = "INSERT INTO audit (seq, time, actor, action, target, result, detail, hash)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SQL_AUDIT_FROM] = "SELECT seq, time, actor, action, target, result, detail, hash FROM audit"
                       " WHERE seq >= ?1 ORDER BY seq LIMIT 1",
    [SQL_AUDIT_RANGE] =
            "SELECT ifnull(min(seq), 0), ifnull((SELECT max(seq) FROM audit), 0) FROM audit",
    [SQL_AUDIT_DROP] = "DELETE FROM audit WHERE seq < ?1",
    [SQL_STATE_GET] = "SELECT epoch, counter FROM state WHERE id = 1",
    [SQL_STATE_PUT] = "UPDATE state SET epoch = ?1, counter = ?2 WHERE id = 1",
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

    for (size_t i = 0; i < SQL_N_STATEMENTS; i++) {
        if ((err = translate(st,
                             sqlite3_prepare_v3(st->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                                &st->statements[i], NULL),
                             sql[i])) != RDV_OK)
            return err;
    }
    return RDV_OK;
}

/* --- using a statement ------------------------------------------------------------------------ */

sqlite3_stmt *se_sql_use(struct se_store *st, enum se_sql which)
{
    if (st->reading != NULL) {
        (void)sqlite3_reset(st->reading);
        st->reading = NULL;
    }
    return st->statements[which];
}

void se_sql_bind_blob(sqlite3_stmt *s, int at, struct rdv_span bytes)
{
    (void)sqlite3_bind_blob64(s, at, bytes.n == 0 ? (const uint8_t *)"" : bytes.p, bytes.n,
                              SQLITE_STATIC);
}

void se_sql_bind_text(sqlite3_stmt *s, int at, const char *text)
{
    (void)sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

enum rdv_err se_sql_run(struct se_store *st, sqlite3_stmt *s)
{
    const int rc = sqlite3_step(s);
    const enum rdv_err err = translate(st, rc, sqlite3_sql(s));

    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
    return err;
}

enum rdv_err se_sql_first_row(struct se_store *st, sqlite3_stmt *s)
{
    const int rc = sqlite3_step(s);

    st->reading = s;
    (void)sqlite3_clear_bindings(s);
    if (rc == SQLITE_DONE)
        return RDV_ERR_ABSENT;
    return translate(st, rc, sqlite3_sql(s));
}

enum rdv_err se_sql_next_row(struct se_store *st, sqlite3_stmt *s)
{
    const int rc = sqlite3_step(s);

    return rc == SQLITE_DONE ? RDV_ERR_ABSENT : translate(st, rc, sqlite3_sql(s));
}

void se_sql_finish(struct se_store *st)
{
    (void)se_sql_use(st, SQL_BEGIN);
}

struct rdv_span se_sql_blob(sqlite3_stmt *s, int at)
{
    const uint8_t *p = sqlite3_column_blob(s, at);

    return (struct rdv_span){ p, (size_t)sqlite3_column_bytes(s, at) };
}

enum rdv_err se_sql_text(char *out, size_t size, sqlite3_stmt *s, int at)
{
    const uint8_t *p = sqlite3_column_text(s, at);
    const struct rdv_span text = { p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(s, at) };

    return rdv_span_to_text(out, size, text) == RDV_OK ? RDV_OK : RDV_ERR_CORRUPT;
}

void se_sql_bind_span(sqlite3_stmt *s, int at, struct rdv_span text)
{
    (void)sqlite3_bind_text64(s, at, text.n == 0 ? "" : (const char *)text.p, text.n, SQLITE_STATIC,
                              SQLITE_UTF8);
}

struct rdv_span se_sql_span(sqlite3_stmt *s, int at)
{
    const uint8_t *p = sqlite3_column_text(s, at);

    return (struct rdv_span){ p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(s, at) };
}

enum rdv_err se_sql_run_for(struct se_store *st, enum se_sql which, int64_t id)
{
    sqlite3_stmt *s = se_sql_use(st, which);

    (void)sqlite3_bind_int64(s, 1, id);
    return se_sql_run(st, s);
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
                         sqlite3_prepare_v3(st->db, sql[SQL_ELEMENT_GET], -1,
                                            SQLITE_PREPARE_PERSISTENT,
                                            &st->statements[SQL_ELEMENT_GET], NULL),
                         sql[SQL_ELEMENT_GET])) != RDV_OK)
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

    se_sql_finish(st);
    (void)sqlite3_finalize(st->statements[SQL_ELEMENT_GET]);
    st->statements[SQL_ELEMENT_GET] = NULL;
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
    for (size_t i = 0; i < SQL_N_STATEMENTS; i++)
        (void)sqlite3_finalize(st->statements[i]);
    (void)sqlite3_close(st->db);
    free(st->path);
    free(st);
}

/* --- transactions ----------------------------------------------------------------------------- */

enum rdv_err se_store_begin(struct se_store *st)
{
    st->changes_at_begin = sqlite3_total_changes64(st->db);
    return se_sql_run(st, se_sql_use(st, SQL_BEGIN));
}

bool se_store_has_written(const struct se_store *st)
{
    return sqlite3_total_changes64(st->db) != st->changes_at_begin;
}

void se_store_rollback(struct se_store *st)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ROLLBACK);

    /* Even when it fails, the transaction is closed then. */
    if (sqlite3_get_autocommit(st->db) == 0 && se_sql_run(st, s) != RDV_OK)
        log_warn("%s: rolled back with a fault", st->path);
}

enum rdv_err se_store_commit(struct se_store *st)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_COMMIT);
    enum rdv_err err;

    if (sqlite3_get_autocommit(st->db) != 0)
        return RDV_ERR_LOST; /* SQLite rolled back on its own, at an earlier failure */
    if ((err = se_sql_run(st, s)) != RDV_OK)
        se_store_rollback(st);
    return err;
}

/* The first step that writes needs no savepoint: to undo it is to begin the group again. */
enum rdv_err se_store_step(struct se_store *st)
{
    if (sqlite3_get_autocommit(st->db) != 0)
        return RDV_ERR_LOST;
    st->group_is_step = sqlite3_total_changes64(st->db) == st->changes_at_begin;
    return st->group_is_step ? RDV_OK : se_sql_run(st, se_sql_use(st, SQL_STEP));
}

enum rdv_err se_store_step_keep(struct se_store *st)
{
    if (sqlite3_get_autocommit(st->db) != 0)
        return RDV_ERR_LOST;
    return st->group_is_step ? RDV_OK : se_sql_run(st, se_sql_use(st, SQL_STEP_KEEP));
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
    if ((err = se_sql_run(st, se_sql_use(st, SQL_STEP_UNDO))) != RDV_OK)
        return err;
    return se_sql_run(st, se_sql_use(st, SQL_STEP_KEEP));
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
    se_sql_finish(st);
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
