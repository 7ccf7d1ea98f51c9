/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One secure element: everything behind one SEN. It lives in one thread; nothing here is shared.
 *
 *   DIR/<SEN>/card.sqlite3      what it keeps
 *   file named by --kek         what opens it (DIR/kek unless told otherwise)
 */
#ifndef RDV_SE_CARD_ELEMENT_H
#define RDV_SE_CARD_ELEMENT_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "schema/wire/link.h"
#include "se_card/seal.h"
#include "se_card/store.h"
#include "se_card/tls.h"

struct se_element {
    char sen[RDV_SEN_MAX + 1];
    bool demo;
    char banner[64]; /* without the version: "RDV keystore" */
    struct se_store *store;
    struct se_seal *seal;
    struct se_tls_server *tls; /* NULL while being made */
    /* Counts changes to accounts, so that a session knows when its copy is old. In memory only. */
    uint64_t accounts_version;
    unsigned long failed_psk_changes; /* ?AA with a wrong old key */
    struct rdv_buf scratch;           /* for what is opened or sealed on the way; wiped after use */
};

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

/*
 * Opens an element to serve it. `kek` overrides the place of the key-encryption key when not empty.
 * Returns: RDV_ERR_AUTH when the key-encryption key is not the right one, and what se_store_open
 * and rdv_keyfile_read return. Nothing on disk has changed unless this returns RDV_OK.
 */
RDV_MUST_USE enum rdv_err se_element_open(struct se_element **out, const char *dir, const char *sen,
                                          const char *kek, const char *banner);
void se_element_close(struct se_element *el);

/* Key-encryption keys are named by URI: only "file:PATH" for now.
 * Returns: RDV_ERR_RANGE for another scheme; *path points into uri. */
RDV_MUST_USE enum rdv_err se_kek_path(const char **path, const char *uri);

#endif
