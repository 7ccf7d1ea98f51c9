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
#include "se_card/scope.h"

struct se_store;

#define SE_NAME_MAX 64  /* bytes of an account name or identity */
#define SE_TYPE_MAX 127 /* bytes of a media type */
#define SE_ONCE_MAX 32  /* bytes of a number used once */
#define SE_KEK_MAX 256  /* bytes of a key-encryption key's URI, with NUL */

struct se_store_element {
    char sen[16];
    bool demo;
    int64_t created;
    char kek[SE_KEK_MAX];
    struct rdv_span data_key; /* sealed; get: valid until the next call on the store */
};

/* Never a limit: SE_NO_LIMIT. Moments are seconds since 1970; 0 is none. */
#define SE_NO_LIMIT (-1)

struct se_account {
    int64_t id;
    char name[SE_NAME_MAX + 1];
    bool root;
    bool enabled;
    bool needs_name;
    uint32_t rights;
    struct se_scope records, keys;
    int64_t created, not_before, expires;
    int64_t posts_max, posts; /* records written: how many may be, how many were */
    int64_t quota, bytes;     /* bytes written, the same */
    int64_t psk_serial;       /* grows whenever the sessions of its old key must end */
    int64_t psk_until;        /* a rotation is under way: the old key dies then at the latest */
    bool has_psk;
};

struct se_record_setting {
    int64_t ttl;  /* seconds; 0: for ever */
    int64_t keep; /* entries; 0: all */
    int64_t most; /* bytes of content */
};

struct se_record_info {
    uint8_t slot;
    int64_t author, changed;
    size_t sealed_bytes;        /* 0: empty */
    char type[SE_TYPE_MAX + 1]; /* "": not told */
};

struct se_audit_row {
    int64_t seq, time;
    /* Borrowed; get: valid until the next call on the store. */
    struct rdv_span actor, action, target, result, detail;
    uint8_t hash[32];
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
 * se_store_step_undo returns RDV_ERR_LOST when SQLite gave up the whole group (disk full). */
RDV_MUST_USE enum rdv_err se_store_step(struct se_store *st);
RDV_MUST_USE enum rdv_err se_store_step_keep(struct se_store *st);
RDV_MUST_USE enum rdv_err se_store_step_undo(struct se_store *st);

/* --- rows ------------------------------------------------------------------------------------- */

RDV_MUST_USE enum rdv_err se_store_element_put(struct se_store *st,
                                               const struct se_store_element *in);
RDV_MUST_USE enum rdv_err se_store_element_get(struct se_store *st, struct se_store_element *out);

/* Inserts, without a PSK; sets in->id. Returns: RDV_ERR_EXISTS (the name). */
RDV_MUST_USE enum rdv_err se_store_account_add(struct se_store *st, struct se_account *in);
/* Writes all of in->id but its name, keys and counters. */
RDV_MUST_USE enum rdv_err se_store_account_set(struct se_store *st, const struct se_account *in);
/* Counts one post of n bytes. Returns: RDV_ERR_LIMIT when that would pass a limit of the account.
 */
RDV_MUST_USE enum rdv_err se_store_account_count(struct se_store *st, int64_t id, size_t n);
RDV_MUST_USE enum rdv_err se_store_account_reset_counts(struct se_store *st, int64_t id);
/* Removes it with all that is its own, and keeps the name among the former ones. */
RDV_MUST_USE enum rdv_err se_store_account_delete(struct se_store *st, int64_t id, int64_t now);
/* The key in force: replaces it, ends a rotation and the account's sessions. */
RDV_MUST_USE enum rdv_err se_store_account_set_psk(struct se_store *st, int64_t id,
                                                   struct rdv_span sealed);
/* The same for the key of a rotation once it is used: sessions go on. */
RDV_MUST_USE enum rdv_err se_store_account_promote_psk(struct se_store *st, int64_t id,
                                                       struct rdv_span sealed);
/* The key to come, and when the old one dies at the latest. */
RDV_MUST_USE enum rdv_err se_store_account_set_next_psk(struct se_store *st, int64_t id,
                                                        struct rdv_span sealed, int64_t until);
/* All: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_account_get(struct se_store *st, struct se_account *out,
                                               int64_t id);
/* A row is read for a stranger's identity too: the time does not tell who is known. */
RDV_MUST_USE enum rdv_err se_store_account_find(struct se_store *st, struct se_account *out,
                                                struct rdv_span identity);
RDV_MUST_USE enum rdv_err se_store_account_named(struct se_store *st, struct se_account *out,
                                                 struct rdv_span name);
/* The first account, in order of names, whose name is `from` or comes after it. */
RDV_MUST_USE enum rdv_err se_store_account_from(struct se_store *st, struct se_account *out,
                                                struct rdv_span from);
/* The name of an account, or of one that is gone. */
RDV_MUST_USE enum rdv_err se_store_account_name(struct se_store *st, char out[SE_NAME_MAX + 1],
                                                int64_t id);
/* Appends the sealed keys: in force, and to come. RDV_ERR_ABSENT also when there is none. */
RDV_MUST_USE enum rdv_err se_store_account_psk(struct se_store *st, struct rdv_buf *sealed,
                                               int64_t id);
RDV_MUST_USE enum rdv_err se_store_account_next_psk(struct se_store *st, struct rdv_buf *sealed,
                                                    int64_t id);

/* An address the account, if it is still there, has logged in from; the oldest beyond `most` are
 * forgotten. */
RDV_MUST_USE enum rdv_err se_store_address_add(struct se_store *st, int64_t account,
                                               const char *address, int64_t now, unsigned most);
/* Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_address_known(struct se_store *st, int64_t account,
                                                 const char *address);

/* Returns: RDV_ERR_EXISTS. */
RDV_MUST_USE enum rdv_err se_store_identity_add(struct se_store *st, struct rdv_span identity,
                                                int64_t account);
RDV_MUST_USE enum rdv_err se_store_identity_drop_all(struct se_store *st, int64_t account);
/* The n-th identity, from 0. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_identity_get(struct se_store *st, char out[SE_NAME_MAX + 1],
                                                int64_t account, unsigned n);

/* Writes `sealed` as in->slot's content, with author, moment and type of `in`. Empty: it holds
 * nothing, and its row stays for where its chain stands. */
RDV_MUST_USE enum rdv_err se_store_record_put(struct se_store *st, const struct se_record_info *in,
                                              struct rdv_span sealed);
/* *sealed is valid until the next call on the store. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_record_get(struct se_store *st, struct se_record_info *out,
                                              struct rdv_span *sealed, uint8_t slot);
/* The first record that is not empty, from `slot` on. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_record_from(struct se_store *st, struct se_record_info *out,
                                               unsigned slot);

/* What a post is answered. */
struct se_posted {
    int64_t changed; /* seconds since 1970 */
    int64_t seq;     /* of its entry in the log; 0: of a program that had none */
};

/* A post of the account that carried this number: what was kept of it. *sealed is valid until the
 * next call on the store. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_once_get(struct se_store *st, int64_t account,
                                            struct rdv_span once, struct rdv_span *sealed,
                                            struct se_posted *out);
/* Keeps it; the account's oldest beyond `most` are forgotten. */
RDV_MUST_USE enum rdv_err se_store_once_add(struct se_store *st, int64_t account,
                                            struct rdv_span once, struct rdv_span sealed,
                                            const struct se_posted *in, unsigned most);

/* Returns: RDV_ERR_ABSENT when none was made. */
RDV_MUST_USE enum rdv_err se_store_setting_get(struct se_store *st, struct se_record_setting *out,
                                               uint8_t slot);
RDV_MUST_USE enum rdv_err se_store_setting_put(struct se_store *st, uint8_t slot,
                                               const struct se_record_setting *in);

/* --- the log ---------------------------------------------------------------------------------- */

/* Entries of a record are a chain; those about the card are one beside. */
#define SE_CHAIN_CARD 256U
#define SE_CHAINS 257

/* Where a chain stands: its last entry. */
struct se_chain {
    int64_t n;   /* 0: there was none */
    int64_t seq; /* 0 then */
    uint8_t hash[32];
};

struct se_log_line {
    int64_t seq;
    unsigned chain;
    int64_t n, time, author;
    int64_t bytes; /* of the sealed envelope; se_store_log_add counts them itself */
};

RDV_MUST_USE enum rdv_err se_store_chain_get(struct se_store *st, struct se_chain *out,
                                             unsigned chain);
/* Of a record that has a row. */
RDV_MUST_USE enum rdv_err se_store_chain_put(struct se_store *st, unsigned chain,
                                             const struct se_chain *in);
RDV_MUST_USE enum rdv_err se_store_log_add(struct se_store *st, const struct se_log_line *in,
                                           struct rdv_span sealed);
/* The first entry with this number or a greater one. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_log_from(struct se_store *st, struct se_log_line *out,
                                            int64_t seq);
/* The first *n of them; out: how many there are. */
RDV_MUST_USE enum rdv_err se_store_log_lines(struct se_store *st, struct se_log_line *out,
                                             size_t *n, int64_t seq);
/* *sealed is valid until the next call on the store. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_log_envelope(struct se_store *st, struct rdv_span *sealed,
                                                int64_t seq);
RDV_MUST_USE enum rdv_err se_store_log_drop(struct se_store *st, int64_t from, int64_t to);
struct se_consumer {
    char name[SE_NAME_MAX + 1];
    int64_t account;
    int64_t seq;   /* acknowledged: this entry, and all before it */
    int64_t moved; /* seconds since 1970 */
};
/* The first one, in order of names, whose name is `from` or comes after it. Returns:
 * RDV_ERR_ABSENT.
 */
RDV_MUST_USE enum rdv_err se_store_consumer_from(struct se_store *st, struct se_consumer *out,
                                                 struct rdv_span from);
/* Returns: RDV_ERR_EXISTS. */
RDV_MUST_USE enum rdv_err se_store_consumer_add(struct se_store *st, const struct se_consumer *in);
RDV_MUST_USE enum rdv_err se_store_consumer_move(struct se_store *st, const struct se_consumer *in);
RDV_MUST_USE enum rdv_err se_store_consumer_drop(struct se_store *st, const struct se_consumer *in);

/* Looks at every entry: for the start. */

/* --- keys ------------------------------------------------------------------------------------- */

/* Numbers as the database keeps them: never renumber. */
enum se_key_kind {
    SE_KEY_EC_K1 = 1,
    SE_KEY_EC_P256 = 2,
    SE_KEY_RSA = 3,
    SE_KEY_SECRET = 4, /* and seeds */
};

enum se_key_origin {
    SE_KEY_EMPTY = 0, /* no key; an elliptic curve may have been chosen */
    SE_KEY_GENERATED = 1,
    SE_KEY_IMPORTED = 2,
    SE_KEY_DERIVED = 3,
};

#define SE_POINT_BYTES 65

struct se_key_info {
    uint8_t slot;
    enum se_key_kind kind;
    enum se_key_origin origin;
    bool exportable;
    bool has_secret;
    bool has_point;
    int64_t created, uses;
    uint8_t point[SE_POINT_BYTES];
};

/* Writes all of it; without a sealed secret when `sealed` is empty. */
RDV_MUST_USE enum rdv_err se_store_key_put(struct se_store *st, const struct se_key_info *in,
                                           struct rdv_span sealed);
RDV_MUST_USE enum rdv_err se_store_key_clear(struct se_store *st, uint8_t slot);
/* The first key from `slot` on. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_key_from(struct se_store *st, struct se_key_info *out,
                                            unsigned slot);
/* *sealed is valid until the next call on the store. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_key_secret(struct se_store *st, struct rdv_span *sealed,
                                              uint8_t slot);
RDV_MUST_USE enum rdv_err se_store_key_count(struct se_store *st, uint8_t slot, unsigned uses);

/* What the element keeps for itself, sealed, by name; an empty value removes it. *sealed as above.
 * Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_own_put(struct se_store *st, const char *name,
                                           struct rdv_span sealed);
RDV_MUST_USE enum rdv_err se_store_own_get(struct se_store *st, struct rdv_span *sealed,
                                           const char *name);

/* --- audit and state -------------------------------------------------------------------------- */

RDV_MUST_USE enum rdv_err se_store_audit_add(struct se_store *st, const struct se_audit_row *in);
/* The first row with this number or a greater one. Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_store_audit_from(struct se_store *st, struct se_audit_row *out,
                                              int64_t seq);
/* Numbers of the first and last row; 0 and 0 when there is none. */
RDV_MUST_USE enum rdv_err se_store_audit_range(struct se_store *st, int64_t *first, int64_t *last);
RDV_MUST_USE enum rdv_err se_store_audit_drop_before(struct se_store *st, int64_t seq);

/* Where the database stands; see the table. Every transaction that writes steps the counter. */
struct se_state {
    int64_t epoch, counter;
};
RDV_MUST_USE enum rdv_err se_store_state_get(struct se_store *st, struct se_state *out);
RDV_MUST_USE enum rdv_err se_store_state_put(struct se_store *st, const struct se_state *in);

/* True when the open group has changed anything. */
bool se_store_has_written(const struct se_store *st);

/* Copies the database, consistent, to a new private file. Not inside a group.
 * Returns: RDV_ERR_EXISTS, and as any call. */
RDV_MUST_USE enum rdv_err se_store_backup(struct se_store *st, const char *path);

#endif
