/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One secure element: everything behind one SEN. It lives in one thread; nothing here is shared.
 *
 *   DIR/<SEN>/card.sqlite3      what it keeps
 *   DIR/<SEN>/epoch             how far it had come (epoch.h)
 *   file named by --kek         what opens it (DIR/kek unless told otherwise)
 */
#ifndef RDV_SE_CARD_ELEMENT_H
#define RDV_SE_CARD_ELEMENT_H

#define SE_PATH_MAX 512 /* bytes of DIR/<SEN>, with NUL */

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "schema/wire/link.h"
#include "se_card/arrivals.h"
#include "se_card/audit.h"
#include "se_card/epoch.h"
#include "se_card/guard.h"
#include "se_card/seal.h"
#include "se_card/store.h"
#include "se_card/tls.h"

struct se_card;
struct se_ec;
struct se_heads;
struct se_log;
struct se_pair;
struct se_session;

/* The rule that has refused a request: what is told of it to programs. */
struct se_refusal {
    const char *right; /* that is missing; NULL: none is */
    const char *scope; /* "record" or "key": what `slot` is; NULL: it is about none */
    uint8_t slot;
    const char *limit; /* that is passed: "posts"; NULL: none that has a name */
    bool has_max;
    int64_t max; /* the value of the limit */
};

/* What consumers hold of each chain (consumers.h). */
struct se_holds {
    bool known;
    uint64_t accounts_version; /* of which it is true */
    int64_t of[SE_CHAINS];
};

/* What goes round the log (retention.h). */
struct se_hand {
    int64_t next;             /* number of the entry it looks at next */
    int64_t budget;           /* of writes, that it has not used up yet */
    int64_t paid;             /* by writes since the last tick */
    bool has_dropped;         /* in this round */
    bool has_kept[SE_CHAINS]; /* an entry of it, in this round */
    uint64_t rests_until_ms;
};

struct se_element {
    char sen[RDV_SEN_MAX + 1];
    char dir[SE_PATH_MAX]; /* DIR/<SEN> */
    bool demo;
    int64_t created;
    char banner[64]; /* without the version: "RDV keystore" */
    struct se_store *store;
    struct se_seal *seal;
    struct se_tls_server *tls; /* NULL while being made */
    struct se_guard *guard;
    struct se_arrivals arrivals;
    struct se_ec *ec;
    uint8_t identity[SE_POINT_BYTES]; /* public key of the card; zero when it could not be made */
    struct rdv_key *own_key;          /* its private key (own.h); NULL then */
    uint64_t identity_made;           /* both, by the command of this number; 0: committed */
    struct se_log *log;               /* log.h; both NULL while being made */
    struct se_pair *pair;             /* helps to sign; NULL: nobody does. Borrowed */
    struct se_heads *heads;           /* heads.h */
    struct se_holds holds;
    struct se_hand hand;                    /* of retention.h */
    struct se_record_setting settings[256]; /* records.h */
    bool settings_known;
    uint64_t settings_set; /* by the command of this number, last */
    struct se_audit audit;
    struct se_epoch epoch;
    struct se_state state; /* as committed */
    bool unstepped;        /* something was written since the counter was stepped */
    bool stepping;         /* the open transaction steps it */
    bool read_only;        /* an older database was put back, and root has not accepted it */
    bool accepting;        /* it does so in the open transaction */
    /* Time, as the worker last told it. */
    int64_t now;     /* seconds since 1970 */
    uint64_t now_ms; /* of a clock that never goes back */
    /* Counts changes to accounts, so that a session knows when its copy is old. In memory only. */
    uint64_t accounts_version;
    uint64_t swept_version;   /* up to which sessions have been looked at */
    struct se_card *sessions; /* cards with an open session (card.h) */
    uint64_t next_session;
    size_t n_sessions;
    struct se_session *waiting; /* for something (session.h) */
    uint64_t wakes;             /* it has happened: counted */
    uint64_t swept_wakes;
    uint64_t next_question; /* of those that wait for a confirmation */
    /* Commands run so far, and before the open transaction: what one of them has marked in memory
     * is taken back with it. */
    uint64_t acts, acts_at_begin;
    struct rdv_buf scratch; /* for what is opened or sealed on the way; wiped after use */
    char fault[200];        /* why the last request was refused; empty: its error says it */
    struct se_refusal refusal;
};

/* Says why a request is refused, for an answer in words; returns err. */
enum rdv_err se_fault(struct se_element *el, enum rdv_err err, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The same by a rule, in the words of key=value; returns err. */
enum rdv_err se_refuse(struct se_element *el, enum rdv_err err, struct se_refusal why);

/* Nothing is refused yet. */
void se_fault_clear(struct se_element *el);

/* --- transactions: the store's, with what belongs to every one of ours -------------------------
 */

/* An older database that root has not accepted; what follows the acceptance in its own transaction
 * may write already. */
bool se_element_is_read_only(const struct se_element *el);

RDV_MUST_USE enum rdv_err se_element_begin(struct se_element *el);
/* Adds the audit rows that wait, steps the counter if that was asked for, commits. On failure all
 * is undone, and what memory held of it too. */
RDV_MUST_USE enum rdv_err se_element_commit(struct se_element *el);
void se_element_rollback(struct se_element *el);
/* Takes back what commands numbered above `act` have marked in memory. */
void se_element_unmark(struct se_element *el, uint64_t act);

/* The epoch that begins when root accepts an older database. */
int64_t se_element_next_epoch(const struct se_element *el);

/* What is to be done now and then: writes what waits for a transaction, notes the epoch. */
void se_element_tick(struct se_element *el);

struct se_element_init {
    const char *dir;
    const char *sen;
    const char *kek;           /* "file:PATH"; made if it does not exist */
    const char *root_psk_file; /* where root's new key goes; not used in demo mode */
    bool demo;
    int64_t now;
};

/*
 * Makes a new element: its directory, database, keys, and the account root.
 * Returns: RDV_ERR_EXISTS, RDV_ERR_RANGE (name or path), RDV_ERR_IO, ...; faults are logged, and
 * nothing of the element is left behind.
 */
RDV_MUST_USE enum rdv_err se_element_init(const struct se_element_init *in);

struct se_element_open {
    const char *dir;
    const char *sen;
    const char *kek; /* overrides the place of the key-encryption key when not empty */
    const char *banner;
    int64_t audit_keep;     /* rows */
    int64_t log_quota;      /* bytes; see log.h */
    int64_t head_seconds;   /* see heads.h */
    unsigned free_failures; /* see guard.h */
};

/*
 * Opens an element to serve it; read-only when its database is an older one put back.
 * Returns: RDV_ERR_AUTH when the key-encryption key is not the right one, and what se_store_open
 * and rdv_keyfile_read return. Nothing on disk has changed unless this returns RDV_OK.
 */
RDV_MUST_USE enum rdv_err se_element_open(struct se_element **out,
                                          const struct se_element_open *in);
void se_element_close(struct se_element *el);

/* Key-encryption keys are named by URI: "file:PATH" is the one scheme there is.
 * Returns: RDV_ERR_RANGE for another scheme; *path points into uri. */
RDV_MUST_USE enum rdv_err se_kek_path(const char **path, const char *uri);

#endif
