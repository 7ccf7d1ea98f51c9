/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The database of one element: rows in and out, transactions, migrations. It knows SQL and nothing
 * else: what is sealed arrives here sealed, and no rule about accounts or records lives here.
 *
 * One connection, used by one thread. The file is locked for as long as the store is open, so that
 * no second card can serve it. Durable: WAL, synchronous=FULL; se_store_commit returns RDV_OK only
 * when the effect is on disk.
 *
 * Any call: RDV_ERR_FULL (disk or quota), RDV_ERR_IO, RDV_ERR_NOMEM, RDV_ERR_CORRUPT (database
 * damaged). The detail is logged here.
 */
#ifndef RDV_SE_CARD_STORE_H
#define RDV_SE_CARD_STORE_H

#include "base/bytes.h"
#include "base/err.h"

struct se_store;

#define SE_NAME_MAX 64 /* bytes of an account name or identity */
#define SE_KEK_MAX 256 /* bytes of a key-encryption key's URI, with NUL */

struct se_store_element {
    char sen[16];
    bool demo;
    int64_t created;
    char kek[SE_KEK_MAX];
    struct rdv_span data_key; /* sealed; get: valid until the next call on the store */
};

struct se_store_account {
    int64_t id;
    char name[SE_NAME_MAX + 1];
    bool root;
    bool enabled;
    bool needs_name;
    uint32_t rights;
};

/*
 * Makes a new database; it must not exist. Returns: RDV_ERR_EXISTS.
 */
RDV_MUST_USE enum rdv_err se_store_create(struct se_store **out, const char *path);

/*
 * Opens a database that must be private to this user, and leaves it as it is (not even a
 * checkpoint) until se_store_migrate was called: a card that then refuses to start has changed
 * nothing. Returns: RDV_ERR_ABSENT, RDV_ERR_EXPOSED, RDV_ERR_BUSY (another card has it),
 * RDV_ERR_VERSION (of a newer program), RDV_ERR_CORRUPT.
 */
RDV_MUST_USE enum rdv_err se_store_open(struct se_store **out, const char *path);

/* Steps an older database up to this program's version. */
RDV_MUST_USE enum rdv_err se_store_migrate(struct se_store *st);

void se_store_close(struct se_store *st);

/* --- transactions ----------------------------------------------------------------------------- */

/* A group is one transaction: all its effects reach the disk together, or none does. */
RDV_MUST_USE enum rdv_err se_store_begin(struct se_store *st);
RDV_MUST_USE enum rdv_err se_store_commit(struct se_store *st); /* on failure: rolled back */
void se_store_rollback(struct se_store *st);

/* A step within a group, to be kept or undone alone.
 * se_store_step_undo returns RDV_ERR_STATE when SQLite gave up the whole group (disk full). */
RDV_MUST_USE enum rdv_err se_store_step(struct se_store *st);
RDV_MUST_USE enum rdv_err se_store_step_keep(struct se_store *st);
RDV_MUST_USE enum rdv_err se_store_step_undo(struct se_store *st);

/* --- rows ------------------------------------------------------------------------------------- */

RDV_MUST_USE enum rdv_err se_store_element_put(struct se_store *st,
                                               const struct se_store_element *in);
RDV_MUST_USE enum rdv_err se_store_element_get(struct se_store *st, struct se_store_element *out);

/* Inserts, without a PSK; sets in->id. Returns: RDV_ERR_EXISTS (the name). */
RDV_MUST_USE enum rdv_err se_store_account_add(struct se_store *st, struct se_store_account *in);
/* Writes enabled, needs_name and rights of in->id. */
RDV_MUST_USE enum rdv_err se_store_account_set(struct se_store *st,
                                               const struct se_store_account *in);
RDV_MUST_USE enum rdv_err se_store_account_set_psk(struct se_store *st, int64_t id,
                                                   struct rdv_span sealed);
/* All: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_account_get(struct se_store *st, struct se_store_account *out,
                                               int64_t id);
RDV_MUST_USE enum rdv_err se_store_account_find(struct se_store *st, struct se_store_account *out,
                                                struct rdv_span identity);
/* Appends the sealed PSK to `sealed`; RDV_ERR_ABSENT also when there is none yet. */
RDV_MUST_USE enum rdv_err se_store_account_psk(struct se_store *st, struct rdv_buf *sealed,
                                               int64_t id);

/* Returns: RDV_ERR_EXISTS. */
RDV_MUST_USE enum rdv_err se_store_identity_add(struct se_store *st, struct rdv_span identity,
                                                int64_t account);
RDV_MUST_USE enum rdv_err se_store_identity_drop_all(struct se_store *st, int64_t account);

RDV_MUST_USE enum rdv_err se_store_record_put(struct se_store *st, uint8_t slot,
                                              struct rdv_span sealed, int64_t author,
                                              int64_t changed);
RDV_MUST_USE enum rdv_err se_store_record_clear(struct se_store *st, uint8_t slot);
/* *sealed is valid until the next call on the store. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_record_get(struct se_store *st, struct rdv_span *sealed,
                                              uint8_t slot);

#endif
