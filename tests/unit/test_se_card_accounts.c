/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "se_card/binder.h"
#include "se_card/hash.h"
#include "se_card/seal.h"
#include "se_card/store_sqlite.h"
#include "tests/support/card_rig.h"
#include "tests/support/dump.h"
#include "tests/support/test.h"

#define HERE RDV_LIT("192.0.2.7:50122")
#define ELSEWHERE RDV_LIT("198.51.100.9:1")

static const struct rdv_key key1 = { { 7, 1, 9 } }, key2 = { { 7, 1, 8 } }, key3 = { { 7, 1, 7 } };
static struct t_element element;
static struct se_element *el;
static struct se_account sensor;
static struct se_login login;
static struct rdv_buf before = { .limit = 1 << 20 }, after = { .limit = 1 << 20 };

/* A guest "sensor1" with the first key. */
static void start(bool demo)
{
    element = t_element_new(demo);
    el = element.el;
    sensor = (struct se_account){
        .name = "sensor1", .enabled = true, .posts_max = SE_NO_LIMIT, .quota = SE_NO_LIMIT
    };
    T_MUST_OK(se_element_begin(el));
    T_MUST_OK(se_accounts_add(el, &sensor));
    T_MUST_OK(se_accounts_set_psk(el, sensor.id, &key1));
    T_MUST_OK(se_element_commit(el));
}

static void stop(void)
{
    t_element_free(&element);
    rdv_buf_free(&before);
    rdv_buf_free(&after);
}

/* Refused with this error, its fault named so, and nothing has changed. */
static void refused(enum rdv_err got, enum rdv_err want, const char *fault)
{
    T_ERR(got, want);
    if (strncmp(el->fault, fault, strlen(fault)) != 0)
        T_TEXT(rdv_span_of(el->fault), fault);
    se_element_rollback(el);
    t_dump(&after, el->store, T_DUMP_ALL);
    T_SPAN(rdv_buf_view(&after), rdv_buf_view(&before));
    T_MUST_OK(se_element_begin(el));
}

static void begin_refusals(void)
{
    t_dump(&before, el->store, T_DUMP_ALL);
    T_MUST_OK(se_element_begin(el));
}

/* --- names ------------------------------------------------------------------------------------ */

static void a_bad_name_is_refused_wherever_one_is_given(void)
{
    static const struct {
        const char *name;
        enum rdv_err err;
        const char *fault;
    } bad[] = {
        { "", RDV_ERR_RANGE, "a name has 1 to 64 characters, not 0" },
        { " a", RDV_ERR_FORMAT, "name \" a\": a space at its end" },
        { "a ", RDV_ERR_FORMAT, "name \"a \": a space at its end" },
        { " ", RDV_ERR_FORMAT, "name \" \": a space at its end" },
        { "a\tb", RDV_ERR_FORMAT, "name \"a\\x09b\": printable ASCII only" },
        { "a\nb", RDV_ERR_FORMAT, "name \"a\\x0ab\": printable ASCII only" },
        { "a\x1b[2J", RDV_ERR_FORMAT, "name \"a\\x1b[2J\": printable ASCII only" },
        { "a\x7f", RDV_ERR_FORMAT, "name \"a\\x7f\": printable ASCII only" },
        { "\xc3\xa9", RDV_ERR_FORMAT, "name \"\\xc3\\xa9\": printable ASCII only" },
        { "\xff\xfe", RDV_ERR_FORMAT, "name \"\\xff\\xfe\": printable ASCII only" },
    };
    char longest[301];
    struct se_account a = { .enabled = true };
    int64_t id;

    start(true);
    begin_refusals();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct rdv_span name = rdv_span_of(bad[i].name);

        T_MUST_OK(rdv_span_to_text(a.name, sizeof(a.name), name));
        refused(se_accounts_check_name(el, name), bad[i].err, bad[i].fault);
        refused(se_accounts_add(el, &a), bad[i].err, bad[i].fault);
        refused(se_accounts_guest(el, &id, name), bad[i].err, bad[i].fault);
        refused(se_accounts_set_identities(el, sensor.id, &name, 1), bad[i].err, bad[i].fault);
    }
    memset(longest, 'n', sizeof(longest) - 1);
    longest[300] = '\0';
    refused(se_accounts_guest(el, &id, rdv_span_of(longest)), RDV_ERR_RANGE,
            "a name has 1 to 64 characters, not 300");
    refused(se_accounts_guest(el, &id, (struct rdv_span){ (const uint8_t *)"a\0b", 3 }),
            RDV_ERR_FORMAT, "name \"a\\x00b\": printable ASCII only");
    refused(se_accounts_check_name(el, (struct rdv_span){ NULL, 0 }), RDV_ERR_RANGE, "a name has");
    stop();
}

static void a_name_holds_any_printable_text(void)
{
    static const char *const good[] = { "a", "a b", "a\"b", "a\\b", "a=b,c;d'e", "~!@#$%^&*()" };
    char longest[SE_NAME_MAX + 1];
    int64_t id;

    start(true);
    memset(longest, 'n', SE_NAME_MAX);
    longest[SE_NAME_MAX] = '\0';
    T_MUST_OK(se_element_begin(el));
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        T_OK(se_accounts_guest(el, &id, rdv_span_of(good[i])));
    T_OK(se_accounts_guest(el, &id, rdv_span_of(longest)));
    T_MUST_OK(se_element_commit(el));
    stop();
}

static void a_name_that_is_taken_is_refused(void)
{
    struct se_account a = { .name = "root" };
    struct rdv_span ids[SE_IDENTITIES_MAX + 1];
    int64_t id;

    start(true);
    begin_refusals();
    refused(se_accounts_add(el, &a), RDV_ERR_EXISTS, "account \"root\" exists already");
    refused(se_accounts_guest(el, &id, RDV_LIT("root")), RDV_ERR_EXISTS, "\"root\" is root");
    refused(se_accounts_guest(el, &id, RDV_LIT("Client_identity")), RDV_ERR_EXISTS,
            "\"Client_identity\" is root");
    T_MUST_OK(rdv_span_to_text(a.name, sizeof(a.name), RDV_LIT("Client_identity")));
    refused(se_accounts_add(el, &a), RDV_ERR_EXISTS, "identity \"Client_identity\" is taken");
    ids[0] = RDV_LIT("mine");
    ids[1] = RDV_LIT("guest");
    refused(se_accounts_set_identities(el, sensor.id, ids, 2), RDV_ERR_EXISTS,
            "identity \"guest\" is taken");
    ids[1] = RDV_LIT("mine");
    refused(se_accounts_set_identities(el, sensor.id, ids, 2), RDV_ERR_EXISTS,
            "identity \"mine\" is taken");
    for (size_t i = 0; i <= SE_IDENTITIES_MAX; i++)
        ids[i] = (struct rdv_span){ (const uint8_t *)"abcdefghi" + i, 1 };
    refused(se_accounts_set_identities(el, sensor.id, ids, SE_IDENTITIES_MAX + 1), RDV_ERR_LIMIT,
            "an account has 1 to 8 identities");
    refused(se_accounts_set_identities(el, sensor.id, ids, 0), RDV_ERR_LIMIT,
            "an account has 1 to 8 identities");
    T_OK(se_accounts_set_identities(el, sensor.id, ids, SE_IDENTITIES_MAX));
    stop();
}

static void who_is_not_there_is_named(void)
{
    struct se_account a;
    int64_t id = 7;

    start(true);
    T_ERR(se_accounts_named(el, &a, RDV_LIT("no\x01one")), RDV_ERR_ABSENT);
    T_TEXT(rdv_span_of(el->fault), "no account \"no\\x01one\"");
    T_ERR(se_accounts_get(el, &a, 4711), RDV_ERR_ABSENT);
    T_ERR(se_accounts_find_guest(el, &id, RDV_LIT("nobody")), RDV_ERR_ABSENT);
    T_TRUE(id == 0);
    stop();
}

static void root_is_never_deleted(void)
{
    struct se_account root;

    start(true);
    T_MUST_OK(se_accounts_get(el, &root, SE_ROOT_ID));
    begin_refusals();
    refused(se_accounts_delete(el, &root), RDV_ERR_DENIED, "root cannot be deleted");
    stop();
}

/* --- keys ------------------------------------------------------------------------------------- */

static void a_key_that_a_person_made_up_is_refused(void)
{
    struct rdv_key weak;

    start(false);
    begin_refusals();
    se_accounts_demo_psk(&weak);
    refused(se_accounts_set_psk(el, sensor.id, &weak), RDV_ERR_WEAK, "this key follows a pattern");
    refused(se_accounts_rotate(el, sensor.id, &weak, el->now + 9), RDV_ERR_WEAK,
            "this key follows a pattern");
    memset(&weak, 0x42, sizeof(weak));
    refused(se_accounts_set_psk(el, sensor.id, &weak), RDV_ERR_WEAK, "this key follows a pattern");
    memset(&weak, 0, sizeof(weak));
    refused(se_accounts_set_psk(el, SE_ROOT_ID, &weak), RDV_ERR_WEAK, "this key follows a pattern");
    stop();
}

static void without_a_key_there_is_none_to_rotate(void)
{
    int64_t id;

    start(true);
    T_MUST_OK(se_element_begin(el));
    T_MUST_OK(se_accounts_guest(el, &id, RDV_LIT("new")));
    T_MUST_OK(se_element_commit(el));
    begin_refusals();
    refused(se_accounts_rotate(el, id, &key2, el->now + 9), RDV_ERR_ABSENT,
            "it has no key to rotate");
    stop();
}

static void keys_are_sealed_each_in_its_place(void)
{
    struct rdv_key got;

    start(true);
    T_OK(se_accounts_psk(el, &got, sensor.id));
    T_TRUE(rdv_ct_equal(&got, &key1, sizeof(got)));
    t_dump(&before, el->store, T_DUMP_ALL);
    T_TRUE(memmem(before.p, rdv_buf_len(&before), key1.bytes, sizeof(key1.bytes)) == NULL);
    /* The same sealed bytes for another account open nothing. */
    T_MUST_OK(se_element_begin(el));
    rdv_buf_clear(&after);
    T_MUST_OK(se_store_account_psk(el->store, &after, sensor.id));
    T_MUST_OK(se_store_account_set_psk(el->store, SE_ROOT_ID, rdv_buf_view(&after)));
    (void)t_logged("");
    T_ERR(se_accounts_psk(el, &got, SE_ROOT_ID), RDV_ERR_CORRUPT);
    T_UINT(t_logged("account 1: its sealed key (psk) is damaged: it cannot log in"), 1);
    se_element_rollback(el);
    stop();
}

/* --- logging in ------------------------------------------------------------------------------- */

/* A hello whose binder that key makes; true when it opens the account of that name. */
static bool says_hello(const char *identity, const struct rdv_key *key, bool has_name,
                       struct rdv_span address)
{
    static const uint8_t hello_bytes[] = "a ClientHello up to its binders";
    struct rdv_client_hello hello = {
        .has_server_name = has_name,
        .first_identity = rdv_span_of(identity),
        .before_binders = { hello_bytes, sizeof(hello_bytes) },
    };
    uint8_t binder[SE_BINDER_BYTES], hash[SE_SHA256_BYTES];
    struct rdv_key got;

    se_sha256(hash, hello.before_binders);
    se_binder_make(binder, key, (struct rdv_span){ hash, sizeof(hash) });
    hello.first_binder = (struct rdv_span){ binder, sizeof(binder) };
    memset(&login, 0xEE, sizeof(login));
    se_accounts_login(el, &got, &login, &hello, address);
    /* The key for the handshake is that key, or one that nobody knows. */
    T_TRUE((login.account != 0) == rdv_ct_equal(&got, key, sizeof(got)));
    return login.account != 0;
}

static bool logs_in(const char *identity, const struct rdv_key *key)
{
    return says_hello(identity, key, true, HERE);
}

static void change(void)
{
    T_MUST_OK(se_element_begin(el));
    T_MUST_OK(se_accounts_set(el, &sensor));
    T_MUST_OK(se_element_commit(el));
}

static void nobody_logs_in_who_may_not(void)
{
    static const uint8_t binder_of_31[31];
    struct rdv_client_hello hello = { .first_identity = RDV_LIT("sensor1"),
                                      .first_binder = { binder_of_31, sizeof(binder_of_31) } };
    struct rdv_key got;

    start(true);
    T_TRUE(logs_in("sensor1", &key1));
    T_TRUE(login.account == sensor.id);
    T_TRUE(!logs_in("sensor1", &key2));
    T_TRUE(!logs_in("sensor2", &key1));
    T_TRUE(!logs_in("SENSOR1", &key1));
    T_TRUE(!logs_in("", &key1));
    se_accounts_login(el, &got, &login, &hello, HERE);
    T_TRUE(login.account == 0);
    sensor.enabled = false;
    change();
    T_TRUE(!logs_in("sensor1", &key1));
    sensor.enabled = true;
    sensor.not_before = el->now + 10;
    sensor.expires = el->now + 20;
    change();
    T_TRUE(!logs_in("sensor1", &key1));
    el->now += 10;
    T_TRUE(logs_in("sensor1", &key1));
    el->now += 10;
    T_TRUE(!logs_in("sensor1", &key1));
    sensor.expires = 0;
    sensor.needs_name = true;
    change();
    T_TRUE(!says_hello("sensor1", &key1, false, HERE));
    T_TRUE(logs_in("sensor1", &key1));
    T_MUST_OK(se_element_begin(el));
    T_MUST_OK(se_accounts_delete(el, &sensor));
    T_MUST_OK(se_element_commit(el));
    T_TRUE(!logs_in("sensor1", &key1));
    stop();
}

static void an_account_is_known_by_each_of_its_identities_and_no_other(void)
{
    const struct rdv_span ids[] = { RDV_LIT("one"), RDV_LIT("two") };

    start(true);
    T_MUST_OK(se_element_begin(el));
    T_MUST_OK(se_accounts_set_identities(el, sensor.id, ids, 2));
    T_MUST_OK(se_element_commit(el));
    T_TRUE(logs_in("one", &key1));
    T_TRUE(logs_in("two", &key1));
    T_TRUE(!logs_in("sensor1", &key1));
    stop();
}

static void a_stranger_costs_the_same_failures_as_a_guest(void)
{
    static const char *const identities[] = { "sensor1", "stranger" };

    for (size_t k = 0; k < 2; k++) {
        start(true);
        for (unsigned i = 0; i < 40; i++) {
            char address[32];

            (void)snprintf(address, sizeof(address), "10.0.0.%u:1", i);
            T_TRUE(!says_hello(identities[k], &key3, true, rdv_span_of(address)));
            T_TRUE((login.delay_ms > 0) == (i >= 3));
            T_TRUE(login.new_address);
        }
        T_UINT(se_guard_failures(el->guard, rdv_span_of(identities[k]), el->now_ms), 40);
        stop();
    }
}

/* What a login does, counted: se_binder_matches and se_seal_open_key come through here (linker). */
static struct work {
    unsigned binders, openings;
    long steps; /* of SQLite's machine */
} work;

bool __real_se_binder_matches(const struct rdv_key *psk, struct rdv_span hello,
                              struct rdv_span binder);
bool __wrap_se_binder_matches(const struct rdv_key *psk, struct rdv_span hello,
                              struct rdv_span binder);
enum rdv_err __real_se_seal_open_key(struct se_seal *seal, struct rdv_key *out,
                                     struct se_place place, struct rdv_span sealed);
enum rdv_err __wrap_se_seal_open_key(struct se_seal *seal, struct rdv_key *out,
                                     struct se_place place, struct rdv_span sealed);

bool __wrap_se_binder_matches(const struct rdv_key *psk, struct rdv_span hello,
                              struct rdv_span binder)
{
    work.binders++;
    return __real_se_binder_matches(psk, hello, binder);
}

enum rdv_err __wrap_se_seal_open_key(struct se_seal *seal, struct rdv_key *out,
                                     struct se_place place, struct rdv_span sealed)
{
    work.openings++;
    return __real_se_seal_open_key(seal, out, place, sealed);
}

/* Since it was asked last. */
static long sql_steps(void)
{
    long n = 0;

    for (size_t i = 0; i < SQL_N_STATEMENTS; i++) {
        if (el->store->statements[i] != NULL)
            n += sqlite3_stmt_status(el->store->statements[i], SQLITE_STMTSTATUS_VM_STEP, 1);
    }
    return n;
}

static struct work work_of_refusing(const char *identity, const struct rdv_key *key)
{
    (void)sql_steps();
    work = (struct work){ 0 };
    T_TRUE(!logs_in(identity, key));
    work.steps = sql_steps();
    return work;
}

static void add(const char *name, bool enabled, const struct rdv_key *key)
{
    struct se_account a = { .enabled = enabled, .posts_max = SE_NO_LIMIT, .quota = SE_NO_LIMIT };

    T_MUST_OK(rdv_span_to_text(a.name, sizeof(a.name), rdv_span_of(name)));
    T_MUST_OK(se_element_begin(el));
    T_MUST_OK(se_accounts_add(el, &a));
    if (key != NULL)
        T_MUST_OK(se_accounts_set_psk(el, a.id, key));
    T_MUST_OK(se_element_commit(el));
}

static void rotate(const struct rdv_key *key, int64_t overlap);

/* Less than it takes to read a row. */
#define STEPS_MORE_OR_LESS 8

static void whoever_is_refused_costs_the_same_work(void)
{
    static const struct {
        const char *identity;
        const struct rdv_key *key;
    } others[] = {
        { "stranger", &key1 }, { "disabled", &key2 }, { "disabled", &key3 },
        { "keyless", &key1 },  { "sensor1", &key3 }, /* by now in a rotation */
    };
    struct work known, got;

    start(true);
    add("disabled", false, &key2);
    add("keyless", true, NULL);
    known = work_of_refusing("sensor1", &key3);
    T_UINT(known.binders, 2);
    T_UINT(known.openings, 2);
    rotate(&key2, 100);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        got = work_of_refusing(others[i].identity, others[i].key);
        T_UINT(got.binders, known.binders);
        T_UINT(got.openings, known.openings);
        T_TRUE(labs(got.steps - known.steps) <= STEPS_MORE_OR_LESS);
    }
    stop();
}

static void who_is_locked_out_is_let_in_by_time_or_by_root(void)
{
    start(true);
    for (unsigned i = 0; i < 10; i++)
        T_TRUE(!says_hello("sensor1", &key2, true, ELSEWHERE));
    T_TRUE(!logs_in("sensor1", &key1)); /* the right key, and locked all the same */
    el->now_ms += SE_GUARD_LOCK_MOST_MS;
    T_TRUE(logs_in("sensor1", &key1));
    for (unsigned i = 0; i < 10; i++)
        T_TRUE(!says_hello("sensor1", &key2, true, ELSEWHERE));
    T_TRUE(!logs_in("sensor1", &key1));
    T_OK(se_accounts_unlock(el, sensor.id));
    T_TRUE(logs_in("sensor1", &key1));
    stop();
}

static void from_where_it_has_been_before_nobody_is_locked_out(void)
{
    start(true);
    T_TRUE(logs_in("sensor1", &key1));
    T_TRUE(login.new_address);
    T_MUST_OK(se_element_begin(el));
    T_MUST_OK(se_store_address_add(el->store, sensor.id, "192.0.2.7", el->now, 9));
    T_MUST_OK(se_element_commit(el));
    for (unsigned i = 0; i < 100; i++)
        T_TRUE(!says_hello("sensor1", &key2, true, ELSEWHERE));
    T_TRUE(!says_hello("sensor1", &key1, true, ELSEWHERE));
    T_TRUE(logs_in("sensor1", &key1));
    T_TRUE(!login.new_address && login.delay_ms == 0);
    stop();
}

/* --- rotation --------------------------------------------------------------------------------- */

static void rotate(const struct rdv_key *key, int64_t overlap)
{
    T_MUST_OK(se_element_begin(el));
    T_MUST_OK(se_accounts_rotate(el, sensor.id, key, el->now + overlap));
    T_MUST_OK(se_element_commit(el));
}

static void promote(void)
{
    T_MUST_OK(se_element_begin(el));
    T_MUST_OK(se_accounts_promote(el, sensor.id));
    T_MUST_OK(se_element_commit(el));
}

static void both_keys_count_until_the_new_one_is_used(void)
{
    start(true);
    rotate(&key2, 100);
    T_TRUE(logs_in("sensor1", &key1) && !login.used_next);
    T_TRUE(!logs_in("sensor1", &key3));
    T_TRUE(logs_in("sensor1", &key2) && login.used_next);
    promote();
    T_TRUE(!logs_in("sensor1", &key1));
    T_TRUE(logs_in("sensor1", &key2) && !login.used_next);
    promote(); /* another login was first: nothing */
    T_TRUE(logs_in("sensor1", &key2));
    stop();
}

static void the_old_key_dies_at_the_stated_time(void)
{
    start(true);
    rotate(&key2, 100);
    el->now += 99;
    T_TRUE(logs_in("sensor1", &key1));
    el->now += 1;
    T_TRUE(!logs_in("sensor1", &key1));
    T_TRUE(logs_in("sensor1", &key2));
    rotate(&key3, 100); /* it stays dead */
    T_TRUE(!logs_in("sensor1", &key1));
    T_TRUE(logs_in("sensor1", &key2));
    T_TRUE(logs_in("sensor1", &key3));
    stop();
}

static void a_second_rotation_replaces_the_key_to_come(void)
{
    start(true);
    rotate(&key2, 100);
    rotate(&key3, 100);
    T_TRUE(logs_in("sensor1", &key1));
    T_TRUE(!logs_in("sensor1", &key2));
    T_TRUE(logs_in("sensor1", &key3));
    stop();
}

static void a_key_that_is_set_ends_a_rotation(void)
{
    start(true);
    rotate(&key2, 100);
    T_MUST_OK(se_element_begin(el));
    T_MUST_OK(se_accounts_set_psk(el, sensor.id, &key3));
    T_MUST_OK(se_element_commit(el));
    T_TRUE(!logs_in("sensor1", &key1));
    T_TRUE(!logs_in("sensor1", &key2));
    T_TRUE(logs_in("sensor1", &key3));
    stop();
}

static CU_TestInfo tests[] = {
    T_CASE(a_bad_name_is_refused_wherever_one_is_given),
    T_CASE(a_name_that_is_taken_is_refused),
    T_CASE(who_is_not_there_is_named),
    T_CASE(root_is_never_deleted),
    T_CASE(a_name_holds_any_printable_text),
    T_CASE(a_key_that_a_person_made_up_is_refused),
    T_CASE(without_a_key_there_is_none_to_rotate),
    T_CASE(keys_are_sealed_each_in_its_place),
    T_CASE(nobody_logs_in_who_may_not),
    T_CASE(an_account_is_known_by_each_of_its_identities_and_no_other),
    T_CASE(a_stranger_costs_the_same_failures_as_a_guest),
    T_CASE(whoever_is_refused_costs_the_same_work),
    T_CASE(who_is_locked_out_is_let_in_by_time_or_by_root),
    T_CASE(from_where_it_has_been_before_nobody_is_locked_out),
    T_CASE(both_keys_count_until_the_new_one_is_used),
    T_CASE(the_old_key_dies_at_the_stated_time),
    T_CASE(a_second_rotation_replaces_the_key_to_come),
    T_CASE(a_key_that_is_set_ends_a_rotation),
    T_END,
};

T_SUITE(se_card_accounts, tests);
