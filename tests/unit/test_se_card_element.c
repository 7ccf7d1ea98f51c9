/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/element.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

static char path[200], kek[200], psk[200];

static const char *in_dir(const char *dir, const char *name)
{
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static enum rdv_err open_it(struct se_element **out, const char *dir, const char *sen,
                            const char *kek_uri)
{
    const struct se_element_open in = {
        .dir = dir,
        .sen = sen,
        .kek = kek_uri,
        .banner = "RDV keystore",
        .audit_keep = 1000,
        .log_quota = 1 << 30,
        .head_seconds = 3600,
        .free_failures = 3,
    };

    return se_element_open(out, &in);
}

static struct se_element_init some_init(const char *dir)
{
    (void)snprintf(kek, sizeof(kek), "file:%s/kek", dir);
    (void)snprintf(psk, sizeof(psk), "%s.root.psk", dir);
    return (struct se_element_init){
        .dir = dir,
        .sen = "key1.com",
        .kek = kek,
        .root_psk_file = psk,
        .now = 1700000000,
    };
}

static void init_refuses_bad_names_and_leaves_nothing(void)
{
    static const char *const names[] = { "",    "-x",      ".x", "..", "a/b", "0123456789abcdef",
                                         "a b", "\xc3\xa9" };
    const char *dir = t_temp_dir();
    struct se_element_init in = some_init(dir);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        in.sen = names[i];
        T_ERR(se_element_init(&in), RDV_ERR_RANGE);
    }
    in.sen = "key1.com";
    in.kek = "pkcs11:token";
    T_ERR(se_element_init(&in), RDV_ERR_RANGE);
    in.kek = "file:/does/not/exist/kek";
    T_ERR(se_element_init(&in), RDV_ERR_IO);
    T_TRUE(access(in_dir(dir, "key1.com"), F_OK) != 0);
    T_TRUE(access(psk, F_OK) != 0);
}

static void roots_key_may_not_lie_in_the_cards_directory(void)
{
    const char *dir = t_temp_dir();
    struct se_element_init in = some_init(dir);
    char inside[200];

    (void)snprintf(inside, sizeof(inside), "%s/root.psk", dir);
    in.root_psk_file = inside;
    T_ERR(se_element_init(&in), RDV_ERR_USAGE);
    (void)snprintf(inside, sizeof(inside), "%s/key1.com/root.psk", dir);
    T_ERR(se_element_init(&in), RDV_ERR_USAGE);
    T_TRUE(access(in_dir(dir, "key1.com"), F_OK) != 0);
}

static void init_never_overwrites(void)
{
    const char *dir = t_temp_dir();
    struct se_element_init in = some_init(dir);
    struct rdv_key before, after;

    T_MUST_OK(se_element_init(&in));
    T_MUST_OK(rdv_keyfile_read(&before, psk));
    T_ERR(se_element_init(&in), RDV_ERR_EXISTS);
    T_MUST_OK(rdv_keyfile_read(&after, psk));
    T_TRUE(rdv_ct_equal(&before, &after, sizeof(before)));
    in.sen = "key2.com"; /* root's key file of the first is in the way */
    T_ERR(se_element_init(&in), RDV_ERR_EXISTS);
    T_TRUE(access(in_dir(dir, "key2.com"), F_OK) != 0);
    T_TRUE(access(in_dir(dir, "key1.com/card.sqlite3"), F_OK) == 0);
    (void)unlink(psk);
}

static void roots_key_is_private_and_opens_root(void)
{
    const char *dir = t_temp_dir();
    const struct se_element_init in = some_init(dir);
    struct t_client_options options = t_client_published();
    struct se_element *el;
    struct t_rig rig;
    struct stat st;

    T_MUST_OK(se_tls_library_init());
    T_MUST_OK(se_element_init(&in));
    T_TRUE(stat(psk, &st) == 0 && (st.st_mode & 07777) == 0600);
    T_MUST_OK(rdv_keyfile_read(&options.psk, psk));
    T_MUST_OK(open_it(&el, dir, "key1.com", ""));
    t_rig_open(&rig, el, &options);
    T_TEXT(t_rig_say(&rig, "?01in\n"), "in\r\n");
    t_rig_close(&rig);
    se_element_close(el);
    (void)unlink(psk);
}

static void what_others_can_read_is_not_opened(void)
{
    static const char *const files[] = { "key1.com/card.sqlite3", "kek" };
    struct t_element e = t_element_new(true);
    struct se_element *el;

    t_element_free(&e);
    for (size_t i = 0; i < 2; i++) {
        T_MUST(chmod(in_dir(e.dir, files[i]), 0640) == 0);
        T_ERR(open_it(&el, e.dir, "key1.com", ""), RDV_ERR_EXPOSED);
        T_MUST(chmod(path, 0600) == 0);
    }
    T_OK(open_it(&el, e.dir, "key1.com", ""));
    se_element_close(el);
}

static void another_key_encryption_key_does_not_open(void)
{
    struct t_element e = t_element_new(true);
    const struct rdv_key wrong = { { 9 } };
    struct se_element *el;
    char uri[220];

    t_element_free(&e);
    T_MUST_OK(rdv_keyfile_create(in_dir(e.dir, "other"), &wrong));
    (void)snprintf(uri, sizeof(uri), "file:%s", path);
    T_ERR(open_it(&el, e.dir, "key1.com", uri), RDV_ERR_AUTH);
    T_ERR(open_it(&el, e.dir, "key1.com", "file:/does/not/exist"), RDV_ERR_ABSENT);
    T_OK(open_it(&el, e.dir, "key1.com", ""));
    se_element_close(el);
}

static void the_database_of_another_element_is_refused(void)
{
    struct t_element e = t_element_new(true);
    struct se_element *el;
    char to[200];

    t_element_free(&e);
    (void)snprintf(to, sizeof(to), "%s/key2.com", e.dir);
    T_MUST(rename(in_dir(e.dir, "key1.com"), to) == 0);
    T_ERR(open_it(&el, e.dir, "key2.com", ""), RDV_ERR_CORRUPT);
    T_ERR(open_it(&el, e.dir, "key1.com", ""), RDV_ERR_ABSENT);
}

static void no_two_cards_serve_one_element(void)
{
    struct t_element e = t_element_new(true);
    struct se_element *second;

    T_ERR(open_it(&second, e.dir, "key1.com", ""), RDV_ERR_BUSY);
    t_element_free(&e);
}

/* --- an older database, put back ---------------------------------------------------------------
 */

static struct t_element element;
static struct t_rig root;

static void start(void)
{
    const struct t_client_options options = t_client_published();

    if (element.el == NULL)
        element = t_element_new(true);
    t_rig_open(&root, element.el, &options);
    T_MUST(t_client_is_open(root.client));
}

static void restart(void)
{
    t_rig_close(&root);
    t_element_reopen(&element);
    start();
}

static void stop(void)
{
    t_rig_close(&root);
    t_element_free(&element);
}

/* Puts the copy in the place of the database, with the card stopped. */
static void put_back(const char *copy)
{
    char from[200], to[200];

    t_rig_close(&root);
    t_element_free(&element);
    (void)snprintf(from, sizeof(from), "%s/key1.com/%s", element.dir, copy);
    (void)snprintf(to, sizeof(to), "%s/key1.com/card.sqlite3", element.dir);
    T_MUST(rename(from, to) == 0);
    (void)snprintf(to, sizeof(to), "%s/key1.com/card.sqlite3-wal", element.dir);
    (void)unlink(to);
    t_element_reopen(&element);
    start();
}

static bool says(const char *line, const char *what)
{
    const struct rdv_span got = t_rig_say(&root, line);

    return memmem(got.p, got.n, what, strlen(what)) != NULL;
}

/* Serves reads, says why not more, and stays so until root accepts it, once and for all. */
static void serves_reads_only_until_root_accepts(const char *record_00)
{
    for (unsigned i = 0; i < 2; i++) {
        T_TRUE(element.el->read_only);
        T_TEXT(t_rig_say(&root, "I00\n"), record_00);
        T_TEXT(t_rig_say(&root, "Z00new\n"), "ERROR\r\n");
        T_TRUE(says("!record clear 00\n", "ERR readonly its database is an older copy"));
        T_TRUE(says("!guest add x\n", "ERR readonly its database is an older copy"));
        T_TRUE(says("!backup other\n", "ERR readonly its database is an older copy"));
        T_TRUE(says("!info\n", "read-only=\"its database is an older copy"));
        restart();
    }
    T_TEXT(t_rig_say(&root, "!restore accept\n"), "OK\r\n");
    for (unsigned i = 0; i < 2; i++) {
        T_TRUE(!element.el->read_only);
        T_TEXT(t_rig_say(&root, "I00\n"), record_00);
        T_TRUE(says("!restore accept\n", "ERR state "));
        T_TRUE(!says("!info\n", "read-only"));
        T_TRUE(says("!audit 1\n", "action=\"restore accept\""));
        restart();
    }
    T_TEXT(t_rig_say(&root, "Z00new\nI00\n"), "OK\r\nnew\r\n");
}

static void an_older_database_is_read_only_until_root_accepts_it(void)
{
    start();
    T_TEXT(t_rig_say(&root, "Z00old\n"), "OK\r\n");
    T_TEXT(t_rig_say(&root, "!backup copy1\n"), "file=copy1\r\nOK\r\n");
    T_TEXT(t_rig_say(&root, "Z00newer\n"), "OK\r\n");
    put_back("copy1");
    serves_reads_only_until_root_accepts("old\r\n");
    stop();
}

/* Even when nothing was written since. */
static void a_copy_just_made_is_an_older_one_too(void)
{
    start();
    T_TEXT(t_rig_say(&root, "Z00old\n!backup copy1\n"), "OK\r\nfile=copy1\r\nOK\r\n");
    put_back("copy1");
    serves_reads_only_until_root_accepts("old\r\n");
    stop();
}

static void a_card_that_lost_its_epoch_asks_root_too(void)
{
    start();
    T_TEXT(t_rig_say(&root, "Z00old\n"), "OK\r\n");
    t_rig_close(&root);
    t_element_free(&element);
    T_MUST(unlink(in_dir(element.dir, "key1.com/epoch")) == 0);
    t_element_reopen(&element);
    start();
    serves_reads_only_until_root_accepts("old\r\n");
    stop();
}

/* A copy is made outside any group, however the line is written and whatever is asked around it. */
static void a_copy_is_whole_however_it_is_asked_for(void)
{
    static const char *const lines[] = { "!backup c0\n", "! backup c1\n", "!\tbackup  c2 \n",
                                         "!\"backup\" \"c3\"\n" };
    struct stat st;
    char name[40];

    start();
    for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        T_TEXT(t_rig_say(&root, "Z00before\n"), "OK\r\n");
        t_rig_ask(&root, lines[i]);
        (void)snprintf(name, sizeof(name), "file=c%u\r\nOK\r\n", i);
        T_TEXT(t_rig_hear(&root), name);
        (void)snprintf(name, sizeof(name), "key1.com/c%u", i);
        T_TRUE(stat(in_dir(element.dir, name), &st) == 0 && (st.st_mode & 07777) == 0600);
        (void)snprintf(name, sizeof(name), "Z01x\n!backup d%u\nI01\n", i);
        T_TRUE(says(name, "\r\nOK\r\nx\r\n"));
    }
    T_TRUE(says("!backup c0\n", "ERR exists \"c0\" exists already"));
    T_TRUE(says("!backup epoch\n", "ERR exists "));
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(init_refuses_bad_names_and_leaves_nothing),
    T_CASE(roots_key_may_not_lie_in_the_cards_directory),
    T_CASE(init_never_overwrites),
    T_CASE(what_others_can_read_is_not_opened),
    T_CASE(another_key_encryption_key_does_not_open),
    T_CASE(the_database_of_another_element_is_refused),
    T_CASE(no_two_cards_serve_one_element),
    T_CASE(roots_key_is_private_and_opens_root),
    T_CASE(an_older_database_is_read_only_until_root_accepts_it),
    T_CASE(a_copy_just_made_is_an_older_one_too),
    T_CASE(a_card_that_lost_its_epoch_asks_root_too),
    T_CASE(a_copy_is_whole_however_it_is_asked_for),
    T_END,
};

T_SUITE(se_card_element, tests);
