/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Accounts: who may log in, with which key, under which names. One account is root; the others are
 * guests. Every function that writes must run inside a store transaction; the caller undoes it when
 * an error comes back.
 */
#ifndef RDV_SE_CARD_ACCOUNTS_H
#define RDV_SE_CARD_ACCOUNTS_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "se_card/element.h"

/* 0102..1F20, the published demonstration key. */
void se_accounts_demo_psk(struct rdv_key *out);

/* First rows of a new element: root, and in demo mode the guest "guest" (disabled, demo key). */
RDV_MUST_USE enum rdv_err se_accounts_init(struct se_element *el, const struct rdv_key *root_psk);

/*
 * The key for a TLS handshake. Always gives one: an unknown identity, a disabled account, one
 * without a key, one that needs the server name and did not get it, all get a random key after the
 * same work, so that the handshake fails just as with a wrong key.
 * Out: *account, its id, or 0 for a random key.
 */
void se_accounts_login_key(struct se_element *el, struct rdv_key *out, int64_t *account,
                           struct rdv_span identity, bool has_server_name);

/* Name or identity: 1 to SE_NAME_MAX printable ASCII characters, no space at either end.
 * Returns: RDV_ERR_RANGE (length), RDV_ERR_FORMAT (a character). */
RDV_MUST_USE enum rdv_err se_accounts_check_name(struct rdv_span name);

/* Returns: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_accounts_get(struct se_element *el, struct se_store_account *out,
                                          int64_t id);

/* ?06: the guest of this identity, made (disabled, without a key) if there is none.
 * Returns: RDV_ERR_EXISTS when the name is root's, and as se_accounts_check_name. */
RDV_MUST_USE enum rdv_err se_accounts_guest(struct se_element *el, int64_t *id,
                                            struct rdv_span name);

/* The guest of this identity, if there is one: RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_accounts_find_guest(struct se_element *el, int64_t *id,
                                                 struct rdv_span name);

/* ?05: root is known by this identity, and no other. Returns: RDV_ERR_EXISTS when it is a guest's,
 * and as se_accounts_check_name. */
RDV_MUST_USE enum rdv_err se_accounts_rename_root(struct se_element *el, int64_t root,
                                                  struct rdv_span identity);

/* Outside demo mode a key a person made up is refused: RDV_ERR_WEAK. */
RDV_MUST_USE enum rdv_err se_accounts_set_psk(struct se_element *el, int64_t id,
                                              const struct rdv_key *psk);

/* Returns: RDV_ERR_ABSENT (has none), RDV_ERR_CORRUPT. */
RDV_MUST_USE enum rdv_err se_accounts_psk(struct se_element *el, struct rdv_key *out, int64_t id);

/* Writes enabled, needs_name and rights. */
RDV_MUST_USE enum rdv_err se_accounts_set(struct se_element *el,
                                          const struct se_store_account *account);

#endif
