/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/element.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/random.h"
#include "schema/wire/envelope.h"
#include "se_card/accounts.h"
#include "se_card/card.h"
#include "se_card/ec.h"
#include "se_card/heads.h"
#include "se_card/log.h"
#include "se_card/own.h"
#include "se_card/records.h"
#include "se_card/retention.h"

#define KEK_SCHEME "file:"
#define SCRATCH_MAX (RDV_ENVELOPE_MAX + SE_SEAL_OVERHEAD)

static const struct se_place place_of_data_key = { "element", "data_key", 1 };

enum rdv_err se_kek_path(const char **path, const char *uri)
{
    *path = NULL;
    if (strncmp(uri, KEK_SCHEME, strlen(KEK_SCHEME)) != 0 || uri[strlen(KEK_SCHEME)] == '\0') {
        log_error("kek \"%s\": must be file:PATH", rdv_quote(rdv_span_of(uri)).text);
        return RDV_ERR_RANGE;
    }
    *path = uri + strlen(KEK_SCHEME);
    return RDV_OK;
}

static enum rdv_err join(char out[PATH_MAX], const char *a, const char *b, const char *c)
{
    const int n = snprintf(out, PATH_MAX, "%s/%s%s", a, b, c);

    if (n > 0 && n < PATH_MAX)
        return RDV_OK;
    log_error("%s/%s: path too long", a, b);
    return RDV_ERR_LIMIT;
}

/* The key-encryption key, made on first use: several elements may share one. */
static enum rdv_err read_or_make_kek(struct rdv_key *out, const char *path)
{
    enum rdv_err err;

    if (access(path, F_OK) == 0)
        return rdv_keyfile_read(out, path);
    rdv_random(out->bytes, sizeof(out->bytes));
    if ((err = rdv_keyfile_create(path, out)) != RDV_OK)
        rdv_key_wipe(out);
    return err;
}

enum rdv_err se_fault(struct se_element *el, enum rdv_err err, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(el->fault, sizeof(el->fault), format, ap);
    va_end(ap);
    el->refusal = (struct se_refusal){ 0 };
    return err;
}

enum rdv_err se_refuse(struct se_element *el, enum rdv_err err, struct se_refusal why)
{
    char right[32] = "", slot[32] = "", limit[32] = "", max[32] = "";
    char text[sizeof(el->fault)] = "";

    if (why.right != NULL)
        (void)snprintf(right, sizeof(right), " right=%s", why.right);
    if (why.scope != NULL)
        (void)snprintf(slot, sizeof(slot), " %s=%02X", why.scope, (unsigned)why.slot);
    if (why.limit != NULL)
        (void)snprintf(limit, sizeof(limit), " limit=%s", why.limit);
    if (why.has_max)
        (void)snprintf(max, sizeof(max), " max=%lld", (long long)why.max);
    (void)snprintf(text, sizeof(text), "%s%s%s%s", right, slot, limit, max);
    (void)snprintf(el->fault, sizeof(el->fault), "%s", text + 1);
    el->refusal = why;
    return err;
}

void se_fault_clear(struct se_element *el)
{
    el->fault[0] = '\0';
    el->refusal = (struct se_refusal){ 0 };
}

static struct se_element *element_new(const char *sen, struct se_store *store, struct se_seal *seal)
{
    struct se_element *el = calloc(1, sizeof(*el));

    if (el == NULL)
        return NULL;
    (void)snprintf(el->sen, sizeof(el->sen), "%s", sen);
    el->store = store;
    el->seal = seal;
    el->epoch.fd = -1;
    el->accounts_version = 1;
    el->scratch = RDV_BUF(SCRATCH_MAX);
    return el;
}

void se_element_close(struct se_element *el)
{
    if (el == NULL)
        return;
    rdv_buf_free(&el->scratch);
    se_tls_server_free(el->tls);
    se_guard_free(el->guard);
    se_log_close(el);
    se_heads_close(el);
    se_own_forget(el);
    se_ec_free(el->ec);
    se_epoch_close(&el->epoch);
    se_seal_free(el->seal);
    se_store_close(el->store);
    free(el);
}

/* --- init ------------------------------------------------------------------------------------- */

static enum rdv_err write_element_row(struct se_element *el, const struct se_element_init *in,
                                      const struct rdv_key *kek, const struct rdv_key *data_key)
{
    struct se_store_element row = { .demo = in->demo, .created = in->now };
    struct rdv_buf sealed = RDV_BUF(256);
    struct se_seal *seal = NULL;
    enum rdv_err err;

    if ((err = rdv_span_to_text(row.sen, sizeof(row.sen), rdv_span_of(in->sen))) != RDV_OK ||
        (err = rdv_span_to_text(row.kek, sizeof(row.kek), rdv_span_of(in->kek))) != RDV_OK ||
        (err = se_seal_new(&seal, kek)) != RDV_OK ||
        (err = se_seal_close(seal, &sealed, place_of_data_key,
                             (struct rdv_span){ data_key->bytes, RDV_KEY_BYTES })) != RDV_OK)
        goto out;
    row.data_key = rdv_buf_view(&sealed);
    err = se_store_element_put(el->store, &row);
out:
    se_seal_free(seal);
    rdv_buf_free(&sealed);
    return err;
}

static enum rdv_err write_first_rows(struct se_element *el, const struct se_element_init *in,
                                     const struct rdv_key *kek, const struct rdv_key *data_key,
                                     const struct rdv_key *root_psk)
{
    enum rdv_err err;

    if ((err = se_store_begin(el->store)) != RDV_OK)
        return err;
    if ((err = write_element_row(el, in, kek, data_key)) != RDV_OK ||
        (err = se_own_make_identity(el)) != RDV_OK ||
        (err = se_accounts_init(el, root_psk)) != RDV_OK) {
        se_store_rollback(el->store);
        return err;
    }
    return se_store_commit(el->store);
}

static enum rdv_err make_directories(const struct se_element_init *in, char element_dir[PATH_MAX])
{
    enum rdv_err err;

    if ((err = join(element_dir, in->dir, in->sen, "")) != RDV_OK)
        return err;
    if (mkdir(in->dir, S_IRWXU) != 0 && errno != EEXIST) {
        log_error("%s: %s", in->dir, strerror(errno));
        return RDV_ERR_IO;
    }
    if (mkdir(element_dir, S_IRWXU) != 0) {
        log_error("%s: %s", element_dir, strerror(errno));
        return errno == EEXIST ? RDV_ERR_EXISTS : RDV_ERR_IO;
    }
    return rdv_file_sync_dir_of(element_dir);
}

/* True when a file to be made would lie below the directory in which nobody may find a key. */
static bool is_below(const char *dir, const char *file)
{
    char real_dir[PATH_MAX], parent[PATH_MAX], real_parent[PATH_MAX];
    size_t n;

    if (rdv_span_to_text(parent, sizeof(parent), rdv_span_of(file)) != RDV_OK ||
        realpath(dir, real_dir) == NULL || realpath(dirname(parent), real_parent) == NULL)
        return false;
    n = strlen(real_dir);
    return strncmp(real_parent, real_dir, n) == 0 &&
           (real_parent[n] == '\0' || real_parent[n] == '/');
}

enum rdv_err se_element_init(const struct se_element_init *in)
{
    char element_dir[PATH_MAX], database[PATH_MAX];
    struct rdv_key kek = { 0 }, data_key = { 0 }, root_psk = { 0 };
    struct se_store *store = NULL;
    struct se_seal *seal = NULL;
    struct se_element *el = NULL;
    bool made_dir = false, made_psk = false;
    const char *kek_file;
    enum rdv_err err;

    if (!rdv_sen_is_valid(rdv_span_of(in->sen))) {
        log_error("SEN \"%s\": 1 to %d letters, digits, '.', '-' or '_'",
                  rdv_quote(rdv_span_of(in->sen)).text, RDV_SEN_MAX);
        return RDV_ERR_RANGE;
    }
    if (strlen(in->kek) >= SE_KEK_MAX) {
        log_error("kek: path too long");
        return RDV_ERR_LIMIT;
    }
    if ((err = se_kek_path(&kek_file, in->kek)) != RDV_OK ||
        (err = make_directories(in, element_dir)) != RDV_OK)
        return err;
    made_dir = true;
    if (!in->demo && is_below(in->dir, in->root_psk_file)) {
        log_error("%s: keep root's key out of %s", in->root_psk_file, in->dir);
        err = RDV_ERR_USAGE;
        goto out;
    }
    rdv_random(data_key.bytes, sizeof(data_key.bytes));
    if (in->demo)
        se_accounts_demo_psk(&root_psk);
    else
        rdv_random(root_psk.bytes, sizeof(root_psk.bytes));
    if ((err = join(database, in->dir, in->sen, "/card.sqlite3")) != RDV_OK ||
        (err = read_or_make_kek(&kek, kek_file)) != RDV_OK ||
        (!in->demo && (err = rdv_keyfile_create(in->root_psk_file, &root_psk)) != RDV_OK))
        goto out;
    made_psk = !in->demo;
    if ((err = se_store_create(&store, database)) != RDV_OK ||
        (err = se_seal_new(&seal, &data_key)) != RDV_OK)
        goto out;
    if ((el = element_new(in->sen, store, seal)) == NULL) {
        err = RDV_ERR_NOMEM;
        goto out;
    }
    store = NULL;
    seal = NULL;
    el->demo = in->demo;
    if ((err = se_ec_new(&el->ec)) == RDV_OK)
        err = write_first_rows(el, in, &kek, &data_key, &root_psk);
out:
    se_element_close(el);
    se_seal_free(seal);
    se_store_close(store);
    rdv_key_wipe(&kek);
    rdv_key_wipe(&data_key);
    rdv_key_wipe(&root_psk);
    if (err != RDV_OK && made_psk)
        (void)unlink(in->root_psk_file);
    if (err != RDV_OK && made_dir) {
        static const char *const suffixes[] = { "/card.sqlite3", "/card.sqlite3-wal" };

        for (size_t i = 0; i < 2; i++) {
            if (join(database, in->dir, in->sen, suffixes[i]) == RDV_OK)
                (void)unlink(database);
        }
        (void)rmdir(element_dir);
    }
    return err;
}

/* --- open ------------------------------------------------------------------------------------- */

/* Opens the data key with the key-encryption key: the moment that decides whether to serve. */
static enum rdv_err unwrap(struct se_seal **out, const struct se_store_element *row,
                           const char *kek_override)
{
    const char *uri = kek_override[0] != '\0' ? kek_override : row->kek;
    struct rdv_key kek = { 0 }, data_key = { 0 };
    struct se_seal *seal = NULL;
    const char *path;
    enum rdv_err err;

    if ((err = se_kek_path(&path, uri)) != RDV_OK ||
        (err = rdv_keyfile_read(&kek, path)) != RDV_OK ||
        (err = se_seal_new(&seal, &kek)) != RDV_OK)
        goto out;
    if ((err = se_seal_open_key(seal, &data_key, place_of_data_key, row->data_key)) != RDV_OK) {
        log_error("%s: %s is not its key-encryption key, or its data key is damaged", row->sen,
                  path);
        err = RDV_ERR_AUTH;
        goto out;
    }
    err = se_seal_new(out, &data_key);
out:
    se_seal_free(seal);
    rdv_key_wipe(&kek);
    rdv_key_wipe(&data_key);
    return err;
}

/* The card's own key, made now if the database is of a program that did not know of it. */
static enum rdv_err find_identity(struct se_element *el)
{
    enum rdv_err err = se_own_read_identity(el);

    if (err != RDV_ERR_ABSENT || el->read_only)
        return err == RDV_ERR_ABSENT ? RDV_OK : err;
    if ((err = se_store_begin(el->store)) != RDV_OK)
        return err;
    if ((err = se_own_make_identity(el)) == RDV_OK)
        return se_store_commit(el->store);
    se_store_rollback(el->store);
    return err;
}

/* The last steps, that write: only when everything else is in order. */
static enum rdv_err start(struct se_element *el)
{
    char path[PATH_MAX];
    bool behind;
    enum rdv_err err;

    if ((err = join(path, el->dir, "epoch", "")) != RDV_OK ||
        (err = se_store_state_get(el->store, &el->state)) != RDV_OK ||
        (err = se_epoch_open(&el->epoch, &behind, path, &el->state)) != RDV_OK)
        return err;
    if (behind) {
        el->read_only = true;
        log_warn("%s: READ-ONLY: its database is an older copy, put back (it stands at %lld.%lld, "
                 "and had "
                 "come to %lld.%lld): root must say !restore accept",
                 el->sen, (long long)el->state.epoch, (long long)el->state.counter,
                 (long long)el->epoch.noted.epoch, (long long)el->epoch.noted.counter);
        return find_identity(el);
    }
    el->state = (struct se_state){ el->state.epoch + 1, 0 };
    if ((err = se_store_state_put(el->store, &el->state)) == RDV_ERR_FULL) {
        log_warn("%s: the disk is full: only what was written can be read", el->sen);
        if ((err = se_store_state_get(el->store, &el->state)) != RDV_OK) /* the epoch goes on */
            return err;
        err = se_own_read_identity(el);
        return err == RDV_ERR_ABSENT ? RDV_OK : err;
    }
    if (err != RDV_OK || (err = find_identity(el)) != RDV_OK)
        return err;
    return se_epoch_note(&el->epoch, &el->state, true);
}

enum rdv_err se_element_open(struct se_element **out, const struct se_element_open *in)
{
    char database[PATH_MAX];
    struct se_store_element row;
    struct se_store *store = NULL;
    struct se_seal *seal = NULL;
    struct se_element *el = NULL;
    enum rdv_err err;

    *out = NULL;
    if ((err = join(database, in->dir, in->sen, "/card.sqlite3")) != RDV_OK ||
        (err = se_store_open(&store, database)) != RDV_OK ||
        (err = se_store_element_get(store, &row)) != RDV_OK)
        goto out;
    if (strcmp(row.sen, in->sen) != 0) {
        log_error("%s: the database of \"%s\" in the directory of another element", database,
                  rdv_quote(rdv_span_of(row.sen)).text);
        err = RDV_ERR_CORRUPT;
        goto out;
    }
    if ((err = unwrap(&seal, &row, in->kek)) != RDV_OK || (err = se_store_migrate(store)) != RDV_OK)
        goto out;
    if ((el = element_new(in->sen, store, seal)) == NULL) {
        err = RDV_ERR_NOMEM;
        goto out;
    }
    store = NULL;
    seal = NULL;
    el->demo = row.demo;
    el->created = row.created;
    (void)snprintf(el->banner, sizeof(el->banner), "%s", in->banner);
    if (snprintf(el->dir, sizeof(el->dir), "%s/%s", in->dir, in->sen) >= (int)sizeof(el->dir)) {
        log_error("%s: path too long", in->dir);
        err = RDV_ERR_LIMIT;
        goto out;
    }
    if ((err = se_tls_server_new(&el->tls)) != RDV_OK || (err = se_ec_new(&el->ec)) != RDV_OK ||
        (err = se_guard_new(&el->guard, in->free_failures)) != RDV_OK ||
        (err = se_audit_open(&el->audit, el->store, in->audit_keep)) != RDV_OK ||
        (err = se_log_open(el, in->log_quota)) != RDV_OK ||
        (err = se_heads_open(el, in->head_seconds)) != RDV_OK || (err = start(el)) != RDV_OK)
        goto out;
    *out = el;
    el = NULL;
out:
    se_element_close(el);
    se_seal_free(seal);
    se_store_close(store);
    return err;
}

/* --- transactions ----------------------------------------------------------------------------- */

bool se_element_is_read_only(const struct se_element *el)
{
    return el->read_only && !el->accepting;
}

enum rdv_err se_element_begin(struct se_element *el)
{
    el->accepting = el->stepping = false;
    el->acts_at_begin = el->acts;
    return se_store_begin(el->store);
}

void se_element_unmark(struct se_element *el, uint64_t act)
{
    for (struct se_card *card = el->sessions; card != NULL; card = se_card_next(card))
        se_card_unmark(card, act);
    if (el->settings_set >= act)
        el->settings_known = false;
    if (el->identity_made > act) {
        se_own_forget(el);
        el->identity_made = 0;
    }
}

void se_element_rollback(struct se_element *el)
{
    se_store_rollback(el->store);
    el->accepting = false;
    el->accounts_version++; /* whoever has seen what is undone now must look again */
    se_element_unmark(el, el->acts_at_begin);
    se_log_rolled_back(el);
    if (se_audit_rolled_back(&el->audit, el->store) != RDV_OK)
        log_error("%s: the audit cannot be read: nothing can be written", el->sen);
}

int64_t se_element_next_epoch(const struct se_element *el)
{
    const int64_t a = el->state.epoch, b = el->epoch.noted.epoch;

    return (a > b ? a : b) + 1;
}

/* What every transaction that writes carries. */
static enum rdv_err add_what_belongs(struct se_element *el, struct se_state *state)
{
    enum rdv_err err;

    if ((err = se_log_flush(el)) != RDV_OK ||
        (err = se_retention_follow(el, se_log_added(el))) != RDV_OK ||
        (err = se_audit_flush(&el->audit, el->store, el->now, el->now_ms)) != RDV_OK)
        return err;
    if (!el->accepting && !el->stepping)
        return RDV_OK;
    if (el->accepting)
        *state = (struct se_state){ se_element_next_epoch(el), 0 };
    else
        state->counter++;
    return se_store_state_put(el->store, state);
}

enum rdv_err se_element_commit(struct se_element *el)
{
    struct se_state state = el->state;
    const bool written = se_store_has_written(el->store) || se_log_waits(el);
    /* What has only read must not fail for what waits to be written: that waits on. */
    const bool carries = (written || el->stepping || el->accepting) && !se_element_is_read_only(el);
    enum rdv_err err;

    if ((carries && (err = add_what_belongs(el, &state)) != RDV_OK) ||
        (err = se_store_commit(el->store)) != RDV_OK) {
        se_element_rollback(el);
        return err;
    }
    if (carries) {
        se_audit_committed(&el->audit);
        se_log_committed(el);
        el->identity_made = 0;
    }
    el->state = state;
    if (written)
        el->hand.rests_until_ms = 0;
    el->unstepped = (el->unstepped || written) && !el->stepping;
    if (el->accepting) {
        el->read_only = el->accepting = false;
        log_warn("%s: the restored database was accepted by root", el->sen);
        if (se_epoch_note(&el->epoch, &state, true) != RDV_OK)
            log_error("%s: the next start will ask again", el->sen);
    }
    return RDV_OK;
}

/* Steps the counter, at most once a tick: a page less to write for every other transaction. With it
 * goes what may wait that long. */
static enum rdv_err step(struct se_element *el)
{
    enum rdv_err err;

    if ((err = se_element_begin(el)) != RDV_OK)
        return err;
    el->stepping = true;
    if ((err = se_arrivals_write(&el->arrivals, el->store, el->now)) != RDV_OK) {
        se_element_rollback(el);
        return err;
    }
    if ((err = se_element_commit(el)) != RDV_OK)
        return err;
    return se_epoch_note(&el->epoch, &el->state, false);
}

void se_element_tick(struct se_element *el)
{
    se_heads_tick(el);
    se_retention_tick(el);
    if (el->read_only ||
        (!el->unstepped && el->arrivals.n == 0 && !se_audit_has_waiting(&el->audit, el->now_ms)))
        return;
    if (step(el) != RDV_OK)
        log_debug("%s: the counter could not be stepped yet", el->sen);
}
