/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "schema/sql/migrations.h"
#include "tests/support/dump.h"
#include "tests/support/test.h"

static char path[80];
static struct se_store *store;
static struct rdv_buf one = { .limit = 1 << 20 }, two = { .limit = 1 << 20 };

static void place(void)
{
    (void)snprintf(path, sizeof(path), "%s/card.sqlite3", t_temp_dir());
}

static void start(void)
{
    place();
    T_MUST_OK(se_store_create(&store, path));
    T_MUST_OK(se_store_begin(store));
}

static void stop(void)
{
    se_store_rollback(store);
    se_store_close(store);
    store = NULL;
    rdv_buf_free(&one);
    rdv_buf_free(&two);
}

static void commit(void)
{
    T_MUST_OK(se_store_commit(store));
    T_MUST_OK(se_store_begin(store));
}

static int64_t add_account(const char *name)
{
    struct se_account a = { .posts_max = SE_NO_LIMIT, .quota = SE_NO_LIMIT };

    (void)snprintf(a.name, sizeof(a.name), "%s", name);
    T_MUST_OK(se_store_account_add(store, &a));
    return a.id;
}

static struct se_account account(int64_t id)
{
    struct se_account a;

    T_MUST_OK(se_store_account_get(store, &a, id));
    return a;
}

/* A file of these bytes, private. */
static enum rdv_err put_record(uint8_t slot, const char *sealed, int64_t author, int64_t changed,
                               const char *type)
{
    struct se_record_info info = { .slot = slot, .author = author, .changed = changed };

    (void)snprintf(info.type, sizeof(info.type), "%s", type);
    return se_store_record_put(store, &info, rdv_span_of(sealed));
}

static void write_file(const char *bytes)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    T_MUST(fd >= 0 && write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes) && close(fd) == 0);
}

static void read_file(struct rdv_buf *out, const char *name)
{
    rdv_buf_clear(out);
    T_MUST_OK(rdv_file_read(out, name));
}

/* Closed, then changed from outside, then opened again with a group open. */
static void damage(const char *sql)
{
    T_MUST_OK(se_store_commit(store));
    se_store_close(store);
    t_sql(path, sql);
    T_MUST_OK(se_store_open(&store, path));
    T_MUST_OK(se_store_migrate(store));
    T_MUST_OK(se_store_begin(store));
}

/* --- opening ---------------------------------------------------------------------------------- */

static void what_is_no_card_s_database_is_not_opened(void)
{
    char newer[60];

    place();
    T_ERR(se_store_open(&store, path), RDV_ERR_ABSENT);
    write_file("not a database at all, but text that is long enough to be looked at as a header of"
               " one, which has a hundred bytes");
    T_ERR(se_store_open(&store, path), RDV_ERR_CORRUPT);
    T_MUST(unlink(path) == 0);
    write_file("");
    T_ERR(se_store_open(&store, path), RDV_ERR_CORRUPT);
    T_MUST(unlink(path) == 0);
    write_file("");
    t_sql(path, "CREATE TABLE other (a)");
    T_ERR(se_store_open(&store, path), RDV_ERR_CORRUPT);
    (void)snprintf(newer, sizeof(newer), "PRAGMA user_version = %u", rdv_n_migrations + 1);
    t_sql(path, newer);
    (void)t_logged("");
    T_ERR(se_store_open(&store, path), RDV_ERR_VERSION);
    T_UINT(t_logged("this program knows up to"), 1);
    T_TRUE(store == NULL);
}

static void what_others_can_touch_is_not_opened(void)
{
    start();
    stop();
    T_MUST(chmod(path, 0644) == 0);
    T_ERR(se_store_open(&store, path), RDV_ERR_EXPOSED);
    T_MUST(chmod(path, 0620) == 0);
    T_ERR(se_store_open(&store, path), RDV_ERR_EXPOSED);
    T_MUST(chmod(path, 0600) == 0);
    T_OK(se_store_open(&store, path));
    se_store_close(store);
}

static void what_is_there_is_not_made_anew_and_what_is_open_not_opened_twice(void)
{
    struct se_store *second;

    start();
    T_ERR(se_store_create(&second, path), RDV_ERR_EXISTS);
    T_ERR(se_store_open(&second, path), RDV_ERR_BUSY);
    stop();
}

/* A card that then refuses to start has changed nothing. */
static void an_older_database_is_left_as_it_is_until_it_is_migrated(void)
{
    struct se_account a;
    struct rdv_buf one_log = RDV_BUF(1 << 20);
    char log[90];

    place();
    write_file("");
    (void)snprintf(log, sizeof(log), "%s-wal", path);
    t_sql(path, "PRAGMA journal_mode = WAL");
    t_sql(path, rdv_migrations[0]);
    t_sql(path, "INSERT INTO account (name, root, enabled, needs_name, rights) VALUES"
                " ('root', 1, 1, 0, 0), ('guest', 0, 1, 1, 513)");
    T_MUST(chmod(log, 0600) == 0);
    read_file(&one, path);
    T_MUST_OK(rdv_file_read(&one_log, log));
    T_TRUE(rdv_buf_len(&one_log) > 1000);
    T_MUST_OK(se_store_open(&store, path));
    se_store_close(store);
    read_file(&two, path);
    T_SPAN(rdv_buf_view(&two), rdv_buf_view(&one));
    read_file(&two, log);
    T_SPAN(rdv_buf_view(&two), rdv_buf_view(&one_log));
    rdv_buf_free(&one_log);
    T_MUST_OK(se_store_open(&store, path));
    T_MUST_OK(se_store_migrate(store));
    T_MUST_OK(se_store_begin(store));
    T_MUST_OK(se_store_account_named(store, &a, RDV_LIT("guest")));
    /* What it could do, it can. */
    T_TRUE(a.enabled && a.needs_name && a.rights == 513 && !a.root);
    T_TRUE(se_scope_has(&a.records, 255) && se_scope_has(&a.keys, 0));
    T_TRUE(a.posts_max == SE_NO_LIMIT && a.quota == SE_NO_LIMIT && a.expires == 0);
    stop();
}

/* --- transactions ----------------------------------------------------------------------------- */

static void what_is_rolled_back_never_was(void)
{
    int64_t id;
    struct se_account a;

    start();
    T_TRUE(!se_store_has_written(store));
    id = add_account("lost");
    T_TRUE(se_store_has_written(store));
    se_store_rollback(store);
    T_MUST_OK(se_store_begin(store));
    T_TRUE(!se_store_has_written(store));
    T_ERR(se_store_account_get(store, &a, id), RDV_ERR_ABSENT);
    stop();
}

static void a_step_is_undone_alone(void)
{
    static const char *const names[] = { "a", "b", "c", "d" };
    struct se_account a;

    for (unsigned undone = 0; undone < 4; undone++) { /* the first one has no savepoint */
        start();
        for (unsigned i = 0; i < 4; i++) {
            T_MUST_OK(se_store_step(store));
            (void)add_account(names[i]);
            T_MUST_OK(i == undone ? se_store_step_undo(store) : se_store_step_keep(store));
        }
        commit();
        for (unsigned i = 0; i < 4; i++)
            T_ERR(se_store_account_named(store, &a, rdv_span_of(names[i])),
                  i == undone ? RDV_ERR_ABSENT : RDV_OK);
        stop();
    }
}

static void what_was_committed_is_there_after_a_restart(void)
{
    struct se_account a;

    start();
    (void)add_account("kept");
    commit();
    (void)add_account("not committed");
    se_store_close(store); /* as a process does that is killed */
    T_MUST_OK(se_store_open(&store, path));
    T_MUST_OK(se_store_migrate(store));
    T_MUST_OK(se_store_begin(store));
    T_OK(se_store_account_named(store, &a, RDV_LIT("kept")));
    T_ERR(se_store_account_named(store, &a, RDV_LIT("not committed")), RDV_ERR_ABSENT);
    stop();
}

/* --- accounts --------------------------------------------------------------------------------- */

static void a_name_or_identity_is_taken_once(void)
{
    struct se_account a = { .name = "sensor1" };

    start();
    T_MUST_OK(se_store_account_add(store, &a));
    T_ERR(se_store_account_add(store, &a), RDV_ERR_EXISTS);
    T_OK(se_store_identity_add(store, RDV_LIT("id"), a.id));
    T_ERR(se_store_identity_add(store, RDV_LIT("id"), a.id), RDV_ERR_EXISTS);
    T_ERR(se_store_identity_add(store, RDV_LIT("id"), add_account("other")), RDV_ERR_EXISTS);
    T_OK(se_store_identity_add(store, RDV_LIT("ID"), a.id)); /* bytes, not letters */
    stop();
}

static void what_is_not_there_is_absent(void)
{
    char name[SE_NAME_MAX + 1];
    struct se_account a;
    struct rdv_span sealed;
    struct se_record_info record;
    struct se_record_setting setting;
    struct se_audit_row row;

    start();
    T_ERR(se_store_account_get(store, &a, 1), RDV_ERR_ABSENT);
    T_ERR(se_store_account_find(store, &a, RDV_LIT("x")), RDV_ERR_ABSENT);
    T_ERR(se_store_account_find(store, &a, (struct rdv_span){ NULL, 0 }), RDV_ERR_ABSENT);
    T_ERR(se_store_account_named(store, &a, RDV_LIT("\xff\xfe")), RDV_ERR_ABSENT);
    T_ERR(se_store_account_from(store, &a, RDV_LIT("")), RDV_ERR_ABSENT);
    T_ERR(se_store_account_name(store, name, 1), RDV_ERR_ABSENT);
    T_ERR(se_store_account_psk(store, &one, add_account("no key")), RDV_ERR_ABSENT);
    T_ERR(se_store_account_next_psk(store, &one, 1), RDV_ERR_ABSENT);
    T_ERR(se_store_identity_get(store, name, 1, 0), RDV_ERR_ABSENT);
    T_ERR(se_store_address_known(store, 1, "192.0.2.7"), RDV_ERR_ABSENT);
    T_ERR(se_store_record_get(store, &record, &sealed, 0), RDV_ERR_ABSENT);
    T_ERR(se_store_record_from(store, &record, 0), RDV_ERR_ABSENT);
    T_ERR(se_store_record_from(store, &record, 256), RDV_ERR_ABSENT);
    T_ERR(se_store_setting_get(store, &setting, 0), RDV_ERR_ABSENT);
    T_ERR(se_store_audit_from(store, &row, 0), RDV_ERR_ABSENT);
    stop();
}

static void an_account_comes_back_as_it_was_written(void)
{
    struct se_account a = { .name = "sensor1",
                            .root = true,
                            .enabled = true,
                            .needs_name = true,
                            .rights = 0x80000001,
                            .created = 1,
                            .not_before = 2,
                            .expires = 3,
                            .posts_max = 4,
                            .quota = 5 };
    struct se_account got;

    start();
    a.records.bits[0] = 1;
    a.keys.bits[31] = 0x80;
    T_MUST_OK(se_store_account_add(store, &a));
    got = account(a.id);
    a.psk_serial = 1; /* the first one */
    T_TRUE(memcmp(&got, &a, sizeof(a)) == 0);
    a = (struct se_account){ .id = a.id, .posts_max = INT64_MAX, .quota = SE_NO_LIMIT };
    T_MUST_OK(se_store_account_set(store, &a));
    got = account(a.id);
    T_TEXT(rdv_span_of(got.name), "sensor1"); /* what is not set */
    T_TRUE(got.root && got.created == 1 && got.psk_serial == 1);
    T_TRUE(!got.enabled && !got.needs_name && got.rights == 0 && got.not_before == 0 &&
           got.expires == 0 && got.posts_max == INT64_MAX && got.quota == SE_NO_LIMIT);
    T_TRUE(memcmp(&got.records, &a.records, sizeof(a.records)) == 0);
    stop();
}

static void accounts_are_listed_by_name(void)
{
    struct se_account a;

    start();
    (void)add_account("b");
    (void)add_account("a");
    (void)add_account("B");
    T_OK(se_store_account_from(store, &a, RDV_LIT("")));
    T_TEXT(rdv_span_of(a.name), "B");
    T_OK(se_store_account_from(store, &a, RDV_LIT("B\x01")));
    T_TEXT(rdv_span_of(a.name), "a");
    T_OK(se_store_account_from(store, &a, RDV_LIT("b")));
    T_TEXT(rdv_span_of(a.name), "b");
    T_ERR(se_store_account_from(store, &a, RDV_LIT("b\x01")), RDV_ERR_ABSENT);
    stop();
}

static void a_deleted_account_leaves_its_name_and_nothing_else(void)
{
    char name[SE_NAME_MAX + 1];
    struct se_account a;
    int64_t id;

    start();
    id = add_account("gone");
    T_MUST_OK(se_store_account_set_psk(store, id, RDV_LIT("sealed-key-in-force")));
    T_MUST_OK(se_store_account_set_next_psk(store, id, RDV_LIT("sealed-key-to-come"), 9));
    T_MUST_OK(se_store_identity_add(store, RDV_LIT("gone-identity"), id));
    T_MUST_OK(se_store_address_add(store, id, "192.0.2.7", 1, 9));
    T_MUST_OK(put_record(0, "sealed", id, 1, ""));
    commit();
    T_MUST_OK(se_store_account_delete(store, id, 5));
    commit();
    T_ERR(se_store_account_get(store, &a, id), RDV_ERR_ABSENT);
    T_ERR(se_store_account_find(store, &a, RDV_LIT("gone-identity")), RDV_ERR_ABSENT);
    T_ERR(se_store_address_known(store, id, "192.0.2.7"), RDV_ERR_ABSENT);
    T_ERR(se_store_account_psk(store, &one, id), RDV_ERR_ABSENT);
    T_OK(se_store_account_name(store, name, id));
    T_TEXT(rdv_span_of(name), "gone");
    T_MUST_OK(se_store_commit(store));
    t_dump(&one, store, T_DUMP_ALL);
    T_TRUE(memmem(one.p, rdv_buf_len(&one), "sealed-key", 10) == NULL);
    T_MUST_OK(se_store_begin(store));
    T_TRUE(add_account("gone") != id); /* what it wrote stays the old one's */
    stop();
}

static void posts_are_counted_up_to_each_limit_and_no_further(void)
{
    struct se_account a = { .name = "a", .posts_max = 2, .quota = 10 };

    start();
    T_MUST_OK(se_store_account_add(store, &a));
    T_ERR(se_store_account_count(store, a.id, 11), RDV_ERR_LIMIT);
    T_ERR(se_store_account_count(store, a.id, SIZE_MAX / 2), RDV_ERR_LIMIT);
    T_OK(se_store_account_count(store, a.id, 9));
    T_ERR(se_store_account_count(store, a.id, 2), RDV_ERR_LIMIT);
    T_OK(se_store_account_count(store, a.id, 1));
    T_ERR(se_store_account_count(store, a.id, 0), RDV_ERR_LIMIT);
    T_TRUE(account(a.id).posts == 2 && account(a.id).bytes == 10);
    T_OK(se_store_account_reset_counts(store, a.id));
    T_OK(se_store_account_count(store, a.id, 10));
    T_ERR(se_store_account_count(store, 4711, 0), RDV_ERR_LIMIT); /* nobody posts nothing */
    stop();
}

static void a_new_key_ends_what_a_used_one_does_not(void)
{
    int64_t id;

    start();
    id = add_account("a");
    T_TRUE(!account(id).has_psk && account(id).psk_serial == 1);
    T_OK(se_store_account_set_psk(store, id, RDV_LIT("1")));
    T_TRUE(account(id).has_psk && account(id).psk_serial == 2);
    T_OK(se_store_account_set_next_psk(store, id, RDV_LIT("2"), 77));
    T_TRUE(account(id).psk_until == 77 && account(id).psk_serial == 2);
    T_OK(se_store_account_psk(store, &one, id));
    T_OK(se_store_account_next_psk(store, &one, id));
    T_TEXT(rdv_buf_view(&one), "12");
    T_OK(se_store_account_promote_psk(store, id, RDV_LIT("3")));
    T_TRUE(account(id).psk_until == 0 && account(id).psk_serial == 2);
    T_ERR(se_store_account_next_psk(store, &one, id), RDV_ERR_ABSENT);
    T_OK(se_store_account_set_next_psk(store, id, RDV_LIT("4"), 88));
    T_OK(se_store_account_set_psk(store, id, RDV_LIT("5")));
    T_TRUE(account(id).psk_until == 0 && account(id).psk_serial == 3);
    T_ERR(se_store_account_next_psk(store, &one, id), RDV_ERR_ABSENT);
    stop();
}

static void the_oldest_addresses_are_forgotten(void)
{
    char address[24];
    int64_t id;

    start();
    id = add_account("a");
    for (int i = 0; i < 5; i++) {
        (void)snprintf(address, sizeof(address), "192.0.2.%d", i);
        T_OK(se_store_address_add(store, id, address, 100 + i, 3));
        if (i == 3) /* seen again: no more the oldest */
            T_OK(se_store_address_add(store, id, "192.0.2.1", 104, 3));
    }
    T_ERR(se_store_address_known(store, id, "192.0.2.0"), RDV_ERR_ABSENT);
    T_OK(se_store_address_known(store, id, "192.0.2.1"));
    T_ERR(se_store_address_known(store, id, "192.0.2.2"), RDV_ERR_ABSENT);
    T_OK(se_store_address_known(store, id, "192.0.2.3"));
    T_OK(se_store_address_known(store, id, "192.0.2.4"));
    T_ERR(se_store_address_known(store, id + 1, "192.0.2.4"), RDV_ERR_ABSENT);
    stop();
}

/* --- other rows ------------------------------------------------------------------------------- */

static void numbers_used_once_are_found_until_newer_ones_push_them_out(void)
{
    struct rdv_span sealed;
    const struct se_posted again = { 1, 1 }, its = { 70, 7 };
    struct se_posted posted;
    int64_t first, other;

    start();
    first = add_account("first");
    other = add_account("other");
    for (uint8_t i = 0; i < 6; i++) {
        const struct se_posted at = { i, 10 + i };

        T_OK(se_store_once_add(store, first, (struct rdv_span){ &i, 1 }, RDV_LIT("sealed"), &at,
                               4));
        if (i < 2)
            T_OK(se_store_once_add(store, other, (struct rdv_span){ &i, 1 }, RDV_LIT("its"), &its,
                                   4));
    }
    for (uint8_t i = 0; i < 6; i++) {
        const struct rdv_span once = { &i, 1 };

        T_ERR(se_store_once_get(store, first, once, &sealed, &posted),
              i < 2 ? RDV_ERR_ABSENT : RDV_OK);
        T_TRUE(i < 2 ? posted.changed == 0 && posted.seq == 0
                     : posted.changed == i && posted.seq == 10 + i);
        T_ERR(se_store_once_get(store, other, once, &sealed, &posted),
              i < 2 ? RDV_OK : RDV_ERR_ABSENT);
    }
    T_ERR(se_store_once_add(store, first, t_hex("05"), RDV_LIT("again"), &again, 4),
          RDV_ERR_EXISTS);
    T_OK(se_store_account_delete(store, first, 1));
    T_ERR(se_store_once_get(store, first, t_hex("05"), &sealed, &posted), RDV_ERR_ABSENT);
    T_OK(se_store_once_get(store, other, t_hex("00"), &sealed, &posted));
    T_TEXT(sealed, "its");
    stop();
}

static void records_are_found_by_number(void)
{
    struct se_record_info info;
    struct rdv_span sealed;

    start();
    T_OK(put_record(0xFF, "last", 7, 70, ""));
    T_OK(put_record(0x10, "first", 7, 70, "text/plain"));
    T_OK(put_record(0x10, "again", 8, 80, "a/b"));
    T_OK(se_store_record_from(store, &info, 0));
    T_TRUE(info.slot == 0x10 && info.author == 8 && info.changed == 80 && info.sealed_bytes == 5);
    T_TEXT(rdv_span_of(info.type), "a/b");
    T_OK(se_store_record_from(store, &info, 0x11));
    T_TRUE(info.slot == 0xFF);
    T_OK(se_store_record_get(store, &info, &sealed, 0x10));
    T_TEXT(sealed, "again");
    T_TRUE(info.slot == 0x10 && info.author == 8 && info.changed == 80 && info.sealed_bytes == 5);
    T_TEXT(rdv_span_of(info.type), "a/b");
    T_OK(put_record(0x10, "", 8, 90, ""));
    T_OK(put_record(0x11, "", 8, 90, ""));
    T_ERR(se_store_record_get(store, &info, &sealed, 0x10), RDV_ERR_ABSENT);
    stop();
}

static void identities_are_given_in_order(void)
{
    char name[SE_NAME_MAX + 1];
    int64_t id;

    start();
    id = add_account("a");
    T_OK(se_store_identity_add(store, RDV_LIT("b"), id));
    T_OK(se_store_identity_add(store, RDV_LIT("a"), id));
    T_OK(se_store_identity_get(store, name, id, 0));
    T_TEXT(rdv_span_of(name), "a");
    T_OK(se_store_identity_get(store, name, id, 1));
    T_TEXT(rdv_span_of(name), "b");
    T_ERR(se_store_identity_get(store, name, id, 2), RDV_ERR_ABSENT);
    T_OK(se_store_identity_drop_all(store, id));
    T_ERR(se_store_identity_get(store, name, id, 0), RDV_ERR_ABSENT);
    stop();
}

static void a_damaged_row_is_named_so_and_the_others_are_served(void)
{
    struct se_audit_row row = { .seq = 1 };
    struct se_account a;
    int64_t bad, good;

    start();
    bad = add_account("bad");
    good = add_account("good");
    T_MUST_OK(se_store_audit_add(store, &row));
    row.seq = 2;
    T_MUST_OK(se_store_audit_add(store, &row));
    damage("UPDATE account SET records = x'00' WHERE name = 'bad';"
           "UPDATE audit SET hash = x'00' WHERE seq = 1");
    T_ERR(se_store_account_get(store, &a, bad), RDV_ERR_CORRUPT);
    T_ERR(se_store_account_named(store, &a, RDV_LIT("bad")), RDV_ERR_CORRUPT);
    T_OK(se_store_account_get(store, &a, good));
    T_ERR(se_store_audit_from(store, &row, 1), RDV_ERR_CORRUPT);
    T_OK(se_store_audit_from(store, &row, 2));
    damage("UPDATE account SET records = zeroblob(32), name = printf('%.*c', 65, 'x')"
           " WHERE name = 'bad'");
    T_ERR(se_store_account_get(store, &a, bad), RDV_ERR_CORRUPT);
    stop();
}

/* --- copies ----------------------------------------------------------------------------------- */

static void a_copy_is_private_whole_and_opens_alone(void)
{
    struct se_account a;
    struct stat st;
    char copy[90];

    start();
    (void)add_account("kept");
    T_MUST_OK(se_store_commit(store));
    (void)snprintf(copy, sizeof(copy), "%s.copy", path);
    T_OK(se_store_backup(store, copy));
    T_ERR(se_store_backup(store, copy), RDV_ERR_EXISTS);
    T_ERR(se_store_backup(store, "no/where/copy"), RDV_ERR_IO);
    T_TRUE(stat(copy, &st) == 0 && (st.st_mode & 07777) == 0600);
    T_MUST_OK(se_store_begin(store));
    (void)add_account("later");
    stop();
    T_MUST_OK(se_store_open(&store, copy));
    T_MUST_OK(se_store_migrate(store));
    T_MUST_OK(se_store_begin(store));
    T_OK(se_store_account_named(store, &a, RDV_LIT("kept")));
    T_ERR(se_store_account_named(store, &a, RDV_LIT("later")), RDV_ERR_ABSENT);
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(what_is_no_card_s_database_is_not_opened),
    T_CASE(what_others_can_touch_is_not_opened),
    T_CASE(what_is_there_is_not_made_anew_and_what_is_open_not_opened_twice),
    T_CASE(an_older_database_is_left_as_it_is_until_it_is_migrated),
    T_CASE(what_is_rolled_back_never_was),
    T_CASE(a_step_is_undone_alone),
    T_CASE(what_was_committed_is_there_after_a_restart),
    T_CASE(a_name_or_identity_is_taken_once),
    T_CASE(what_is_not_there_is_absent),
    T_CASE(an_account_comes_back_as_it_was_written),
    T_CASE(accounts_are_listed_by_name),
    T_CASE(a_deleted_account_leaves_its_name_and_nothing_else),
    T_CASE(posts_are_counted_up_to_each_limit_and_no_further),
    T_CASE(a_new_key_ends_what_a_used_one_does_not),
    T_CASE(the_oldest_addresses_are_forgotten),
    T_CASE(records_are_found_by_number),
    T_CASE(numbers_used_once_are_found_until_newer_ones_push_them_out),
    T_CASE(identities_are_given_in_order),
    T_CASE(a_damaged_row_is_named_so_and_the_others_are_served),
    T_CASE(a_copy_is_private_whole_and_opens_alone),
    T_END,
};

T_SUITE(se_card_store, tests);
