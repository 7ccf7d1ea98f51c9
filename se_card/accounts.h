/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Accounts: who may log in, with which key, under which names. One account is root; the others are
 * guests. Every function that writes must run inside a store transaction; the caller undoes it when
 * an error comes back. What is wrong with a request is told by se_fault (element.h).
 */
#ifndef RDV_SE_CARD_ACCOUNTS_H
#define RDV_SE_CARD_ACCOUNTS_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "schema/wire/client_hello.h"
#include "se_card/element.h"

#define SE_ROOT_ID 1
#define SE_IDENTITIES_MAX 8

/* 0102..1F20, the published demonstration key. */
void se_accounts_demo_psk(struct rdv_key *out);

/* First rows of a new element: root, and in demo mode the guest "guest" (disabled, demo key). */
RDV_MUST_USE enum rdv_err se_accounts_init(struct se_element *el, const struct rdv_key *root_psk);

/* True while the account may be used: enabled, within its time. */
bool se_account_is_valid(const struct se_account *a, int64_t now);

/* --- logging in ------------------------------------------------------------------------------- */

struct se_login {
    int64_t account;   /* 0: the handshake is bound to fail */
    uint64_t delay_ms; /* before anything is answered */
    bool used_next;    /* the key of a rotation: the old one dies now */
    bool new_address;  /* not known to the account */
};

/*
 * The key for a TLS handshake. Always gives one: an unknown identity, a disabled or expired
 * account, one without a key, one that needs the server name and did not get it, one that is
 * locked, all get a random key after the same work, so that the handshake fails just as with a
 * wrong key.
 */
void se_accounts_login(struct se_element *el, struct rdv_key *key, struct se_login *out,
                       const struct rdv_client_hello *hello, struct rdv_span address);

/* What a login with the key of a rotation writes: it becomes the key, and the old one dies. Live
 * sessions of the old one go on. Nothing, when another login was first. */
RDV_MUST_USE enum rdv_err se_accounts_promote(struct se_element *el, int64_t id);

/* --- looking up ------------------------------------------------------------------------------- */

/* All: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_accounts_get(struct se_element *el, struct se_account *out,
                                          int64_t id);
RDV_MUST_USE enum rdv_err se_accounts_named(struct se_element *el, struct se_account *out,
                                            struct rdv_span name);
/* The guest known by this identity. */
RDV_MUST_USE enum rdv_err se_accounts_find_guest(struct se_element *el, int64_t *id,
                                                 struct rdv_span identity);

/* Returns: RDV_ERR_ABSENT (has none), RDV_ERR_CORRUPT. */
RDV_MUST_USE enum rdv_err se_accounts_psk(struct se_element *el, struct rdv_key *out, int64_t id);

/* --- changing --------------------------------------------------------------------------------- */

/* Name or identity: 1 to SE_NAME_MAX printable ASCII characters, no space at either end.
 * Returns: RDV_ERR_RANGE (length), RDV_ERR_FORMAT (a character). */
RDV_MUST_USE enum rdv_err se_accounts_check_name(struct se_element *el, struct rdv_span name);

/* Adds a guest, known by its name and without a key; sets a->id.
 * Returns: RDV_ERR_EXISTS (name or identity taken), and as se_accounts_check_name. */
RDV_MUST_USE enum rdv_err se_accounts_add(struct se_element *el, struct se_account *a);

/* ?06: the guest of this identity, made (disabled, without a key) if there is none.
 * Returns: RDV_ERR_EXISTS when the name is root's, and as se_accounts_check_name. */
RDV_MUST_USE enum rdv_err se_accounts_guest(struct se_element *el, int64_t *id,
                                            struct rdv_span name);

/* Writes what *a says, but for its name, key and counters. */
RDV_MUST_USE enum rdv_err se_accounts_set(struct se_element *el, const struct se_account *a);
RDV_MUST_USE enum rdv_err se_accounts_reset_counts(struct se_element *el, int64_t id);

/* The account is known by these identities (n of them, 1 to SE_IDENTITIES_MAX), and no others.
 * Returns: RDV_ERR_EXISTS when one is another's, RDV_ERR_LIMIT, and as se_accounts_check_name. */
RDV_MUST_USE enum rdv_err se_accounts_set_identities(struct se_element *el, int64_t id,
                                                     const struct rdv_span *identities, size_t n);

/* Sessions of the old key end. Outside demo mode a key a person made up: RDV_ERR_WEAK. */
RDV_MUST_USE enum rdv_err se_accounts_set_psk(struct se_element *el, int64_t id,
                                              const struct rdv_key *psk);

/* A second key, accepted beside the first until its first use or until the moment `until`; from
 * then on alone. Returns: RDV_ERR_WEAK, RDV_ERR_ABSENT (there is no first one). */
RDV_MUST_USE enum rdv_err se_accounts_rotate(struct se_element *el, int64_t id,
                                             const struct rdv_key *psk, int64_t until);

/* Removes a guest with its keys and identities. Returns: RDV_ERR_DENIED for root. */
RDV_MUST_USE enum rdv_err se_accounts_delete(struct se_element *el, const struct se_account *a);

/* Forgets the failures counted for all its identities. */
RDV_MUST_USE enum rdv_err se_accounts_unlock(struct se_element *el, int64_t id);

#endif
