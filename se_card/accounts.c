/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/accounts.h"

#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "se_card/rights.h"

static struct se_place place_of_psk(int64_t account)
{
    return (struct se_place){ "account", "psk", account };
}

void se_accounts_demo_psk(struct rdv_key *out)
{
    for (size_t i = 0; i < RDV_KEY_BYTES; i++)
        out->bytes[i] = (uint8_t)(i + 1);
}

enum rdv_err se_accounts_check_name(struct rdv_span name)
{
    if (name.n == 0 || name.n > SE_NAME_MAX)
        return RDV_ERR_RANGE;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] < 0x20 || name.p[i] > 0x7e)
            return RDV_ERR_FORMAT;
    }
    return name.p[0] == ' ' || name.p[name.n - 1] == ' ' ? RDV_ERR_FORMAT : RDV_OK;
}

/* An account known by the identity that is its name. */
static enum rdv_err add(struct se_element *el, struct se_store_account *account)
{
    enum rdv_err err;

    el->accounts_version++;
    if ((err = se_store_account_add(el->store, account)) != RDV_OK)
        return err;
    return se_store_identity_add(el->store, rdv_span_of(account->name), account->id);
}

enum rdv_err se_accounts_init(struct se_element *el, const struct rdv_key *root_psk)
{
    struct se_store_account root = { .name = "root", .root = true, .enabled = true };
    struct se_store_account guest = { .name = "guest", .rights = SE_RIGHTS_OF_A_NEW_GUEST };
    enum rdv_err err;

    if ((err = add(el, &root)) != RDV_OK ||
        (err = se_accounts_set_psk(el, root.id, root_psk)) != RDV_OK || !el->demo)
        return err;
    /* What a client written for a published card finds there. */
    if ((err = se_store_identity_add(el->store, RDV_LIT("Client_identity"), root.id)) != RDV_OK ||
        (err = add(el, &guest)) != RDV_OK)
        return err;
    return se_accounts_set_psk(el, guest.id, root_psk);
}

enum rdv_err se_accounts_psk(struct se_element *el, struct rdv_key *out, int64_t id)
{
    enum rdv_err err;

    rdv_key_wipe(out);
    if ((err = se_store_account_psk(el->store, &el->scratch, id)) == RDV_OK &&
        (err = se_seal_open_key(el->seal, out, place_of_psk(id), rdv_buf_view(&el->scratch))) ==
                RDV_ERR_CORRUPT)
        log_error("%s: account %lld: its sealed key is damaged: it cannot log in", el->sen,
                  (long long)id);
    rdv_buf_clear(&el->scratch);
    return err;
}

void se_accounts_login_key(struct se_element *el, struct rdv_key *out, int64_t *account,
                           struct rdv_span identity, bool has_server_name)
{
    struct se_store_account a;
    struct rdv_key psk, random;
    bool may = se_store_account_find(el->store, &a, identity) == RDV_OK;

    /* An unknown identity does a known one's work: root, of id 1, always has a key to open. */
    if (!may)
        a = (struct se_store_account){ .id = 1 };
    may &= se_accounts_psk(el, &psk, a.id) == RDV_OK;
    may &= a.enabled;
    may &= !a.needs_name || has_server_name;
    rdv_random(random.bytes, sizeof(random.bytes));
    *out = may ? psk : random;
    *account = may ? a.id : 0;
    rdv_key_wipe(&psk);
    rdv_key_wipe(&random);
}

enum rdv_err se_accounts_get(struct se_element *el, struct se_store_account *out, int64_t id)
{
    return se_store_account_get(el->store, out, id);
}

enum rdv_err se_accounts_find_guest(struct se_element *el, int64_t *id, struct rdv_span name)
{
    struct se_store_account a;
    enum rdv_err err;

    *id = 0;
    if ((err = se_store_account_find(el->store, &a, name)) != RDV_OK)
        return err;
    if (a.root)
        return RDV_ERR_EXISTS;
    *id = a.id;
    return RDV_OK;
}

enum rdv_err se_accounts_guest(struct se_element *el, int64_t *id, struct rdv_span name)
{
    struct se_store_account a = { .rights = SE_RIGHTS_OF_A_NEW_GUEST };
    enum rdv_err err;

    *id = 0;
    if ((err = se_accounts_check_name(name)) != RDV_OK)
        return err;
    if ((err = se_accounts_find_guest(el, id, name)) != RDV_ERR_ABSENT)
        return err;
    if ((err = rdv_span_to_text(a.name, sizeof(a.name), name)) != RDV_OK ||
        (err = add(el, &a)) != RDV_OK)
        return err;
    *id = a.id;
    return RDV_OK;
}

enum rdv_err se_accounts_rename_root(struct se_element *el, int64_t root, struct rdv_span identity)
{
    enum rdv_err err;

    el->accounts_version++;
    if ((err = se_accounts_check_name(identity)) != RDV_OK ||
        (err = se_store_identity_drop_all(el->store, root)) != RDV_OK)
        return err;
    return se_store_identity_add(el->store, identity, root);
}

enum rdv_err se_accounts_set_psk(struct se_element *el, int64_t id, const struct rdv_key *psk)
{
    enum rdv_err err;

    if (!el->demo && rdv_key_is_weak(psk))
        return RDV_ERR_WEAK;
    el->accounts_version++;
    if ((err = se_seal_close(el->seal, &el->scratch, place_of_psk(id),
                             (struct rdv_span){ psk->bytes, sizeof(psk->bytes) })) == RDV_OK)
        err = se_store_account_set_psk(el->store, id, rdv_buf_view(&el->scratch));
    rdv_buf_clear(&el->scratch);
    return err;
}

enum rdv_err se_accounts_set(struct se_element *el, const struct se_store_account *account)
{
    el->accounts_version++;
    return se_store_account_set(el->store, account);
}
