/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/accounts.h"

#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "se_card/binder.h"
#include "se_card/rights.h"

static struct se_place place_of_psk(int64_t account)
{
    return (struct se_place){ "account", "psk", account };
}

static struct se_place place_of_next_psk(int64_t account)
{
    return (struct se_place){ "account", "next_psk", account };
}

void se_accounts_demo_psk(struct rdv_key *out)
{
    for (size_t i = 0; i < RDV_KEY_BYTES; i++)
        out->bytes[i] = (uint8_t)(i + 1);
}

bool se_account_is_valid(const struct se_account *a, int64_t now)
{
    return a->enabled && now >= a->not_before && (a->expires == 0 || now < a->expires);
}

/* --- looking up ------------------------------------------------------------------------------- */

enum rdv_err se_accounts_get(struct se_element *el, struct se_account *out, int64_t id)
{
    return se_store_account_get(el->store, out, id);
}

enum rdv_err se_accounts_named(struct se_element *el, struct se_account *out, struct rdv_span name)
{
    const enum rdv_err err = se_store_account_named(el->store, out, name);

    if (err == RDV_ERR_ABSENT)
        return se_fault(el, err, "no account \"%s\"", rdv_quote(name).text);
    return err;
}

enum rdv_err se_accounts_find_guest(struct se_element *el, int64_t *id, struct rdv_span identity)
{
    struct se_account a;
    enum rdv_err err;

    *id = 0;
    if ((err = se_store_account_find(el->store, &a, identity)) != RDV_OK)
        return err;
    if (a.root)
        return se_fault(el, RDV_ERR_EXISTS, "\"%s\" is root", rdv_quote(identity).text);
    *id = a.id;
    return RDV_OK;
}

/* Opens a sealed key that the store has put into the scratch buffer. */
static enum rdv_err open_psk(struct se_element *el, struct rdv_key *out, struct se_place place,
                             enum rdv_err got)
{
    enum rdv_err err = got;

    rdv_key_wipe(out);
    if (err == RDV_OK && (err = se_seal_open_key(el->seal, out, place,
                                                 rdv_buf_view(&el->scratch))) == RDV_ERR_CORRUPT)
        log_error("%s: account %lld: its sealed key (%s) is damaged: it cannot log in", el->sen,
                  (long long)place.row, place.column);
    rdv_buf_clear(&el->scratch);
    return err;
}

enum rdv_err se_accounts_psk(struct se_element *el, struct rdv_key *out, int64_t id)
{
    return open_psk(el, out, place_of_psk(id), se_store_account_psk(el->store, &el->scratch, id));
}

static enum rdv_err next_psk(struct se_element *el, struct rdv_key *out, int64_t id)
{
    return open_psk(el, out, place_of_next_psk(id),
                    se_store_account_next_psk(el->store, &el->scratch, id));
}

static enum rdv_err seal_psk(struct se_element *el, struct se_place place,
                             const struct rdv_key *psk)
{
    return se_seal_close(el->seal, &el->scratch, place,
                         (struct rdv_span){ psk->bytes, sizeof(psk->bytes) });
}

/* --- logging in ------------------------------------------------------------------------------- */

/* The key that counts now, or the one that is to come. Random where there is none: then root's, who
 * always has one, is opened, so that the work is the same. */
static void find_key(struct se_element *el, struct rdv_key *out, const struct se_account *a,
                     bool to_come)
{
    const bool there = a != NULL && (to_come ? a->psk_until != 0 : a->has_psk);
    struct rdv_key found;
    enum rdv_err err;

    rdv_random(out->bytes, sizeof(out->bytes));
    if (there && to_come)
        err = next_psk(el, &found, a->id);
    else
        err = se_accounts_psk(el, &found, there ? a->id : SE_ROOT_ID);
    if (there && err == RDV_OK && (to_come || a->psk_until == 0 || el->now < a->psk_until))
        *out = found;
    rdv_key_wipe(&found);
}

void se_accounts_login(struct se_element *el, struct rdv_key *key, struct se_login *out,
                       const struct rdv_client_hello *hello, struct rdv_span address)
{
    char host[SE_HOST_TEXT];
    struct se_account a;
    struct se_verdict verdict;
    struct rdv_key current, next;
    bool found, proven, may;

    se_guard_host(host, address);
    found = se_store_account_find(el->store, &a, hello->first_identity) == RDV_OK;
    /* The look-up is made for a stranger too. */
    out->new_address = se_store_address_known(el->store, found ? a.id : 0, host) != RDV_OK;
    verdict = se_guard_ask(el->guard, hello->first_identity, rdv_span_of(host), !out->new_address,
                           el->now_ms);
    out->delay_ms = verdict.delay_ms;
    find_key(el, &current, found ? &a : NULL, false);
    find_key(el, &next, found ? &a : NULL, true);
    /* Both are looked at even if the first is right: it may be a disabled guest's. */
    proven = se_binder_matches(&current, hello->before_binders, hello->first_binder);
    out->used_next =
            se_binder_matches(&next, hello->before_binders, hello->first_binder) && !proven;
    if (out->used_next)
        current = next;
    proven |= out->used_next;
    may = found && proven && !verdict.refuse && se_account_is_valid(&a, el->now) &&
          (!a.needs_name || hello->has_server_name);
    *key = current;
    if (may) {
        out->account = a.id;
        se_guard_succeeded(el->guard, hello->first_identity, rdv_span_of(host));
    } else {
        out->account = 0;
        rdv_random(key->bytes, sizeof(key->bytes));
        se_guard_failed(el->guard, hello->first_identity, rdv_span_of(host), el->now_ms);
        se_audit_login_failed(&el->audit, el->now, el->now_ms, hello->first_identity,
                              rdv_span_of(host), verdict.refuse);
    }
    rdv_key_wipe(&current);
    rdv_key_wipe(&next);
}

enum rdv_err se_accounts_promote(struct se_element *el, int64_t id)
{
    struct rdv_key psk;
    enum rdv_err err;

    el->accounts_version++;
    if ((err = next_psk(el, &psk, id)) == RDV_OK &&
        (err = seal_psk(el, place_of_psk(id), &psk)) == RDV_OK)
        err = se_store_account_promote_psk(el->store, id, rdv_buf_view(&el->scratch));
    rdv_buf_clear(&el->scratch);
    rdv_key_wipe(&psk);
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

/* --- changing --------------------------------------------------------------------------------- */

enum rdv_err se_accounts_check_name(struct se_element *el, struct rdv_span name)
{
    if (name.n == 0 || name.n > SE_NAME_MAX)
        return se_fault(el, RDV_ERR_RANGE, "a name has 1 to %d characters, not %zu", SE_NAME_MAX,
                        name.n);
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] < 0x20 || name.p[i] > 0x7e)
            return se_fault(el, RDV_ERR_FORMAT, "name \"%s\": printable ASCII only",
                            rdv_quote(name).text);
    }
    if (name.p[0] == ' ' || name.p[name.n - 1] == ' ')
        return se_fault(el, RDV_ERR_FORMAT, "name \"%s\": a space at its end",
                        rdv_quote(name).text);
    return RDV_OK;
}

static enum rdv_err add_identity(struct se_element *el, struct rdv_span identity, int64_t id)
{
    const enum rdv_err err = se_store_identity_add(el->store, identity, id);

    if (err == RDV_ERR_EXISTS)
        return se_fault(el, err, "identity \"%s\" is taken already", rdv_quote(identity).text);
    return err;
}

enum rdv_err se_accounts_add(struct se_element *el, struct se_account *a)
{
    enum rdv_err err;

    if ((err = se_accounts_check_name(el, rdv_span_of(a->name))) != RDV_OK)
        return err;
    a->created = el->now;
    el->accounts_version++;
    if ((err = se_store_account_add(el->store, a)) == RDV_ERR_EXISTS)
        return se_fault(el, err, "account \"%s\" exists already",
                        rdv_quote(rdv_span_of(a->name)).text);
    if (err != RDV_OK)
        return err;
    return add_identity(el, rdv_span_of(a->name), a->id);
}

enum rdv_err se_accounts_init(struct se_element *el, const struct rdv_key *root_psk)
{
    struct se_account root = {
        .name = "root",
        .root = true,
        .enabled = true,
        .records = se_scope_all(),
        .keys = se_scope_all(),
        .posts_max = SE_NO_LIMIT,
        .quota = SE_NO_LIMIT,
    };
    int64_t guest;
    enum rdv_err err;

    if ((err = se_accounts_add(el, &root)) != RDV_OK ||
        (err = se_accounts_set_psk(el, root.id, root_psk)) != RDV_OK || !el->demo)
        return err;
    /* What a client written for a published card finds there. */
    if ((err = add_identity(el, RDV_LIT("Client_identity"), root.id)) != RDV_OK ||
        (err = se_accounts_guest(el, &guest, RDV_LIT("guest"))) != RDV_OK)
        return err;
    return se_accounts_set_psk(el, guest, root_psk);
}

enum rdv_err se_accounts_guest(struct se_element *el, int64_t *id, struct rdv_span name)
{
    struct se_account a = {
        .rights = SE_RIGHTS_OF_A_NEW_GUEST,
        .records = se_scope_all(),
        .keys = se_scope_all(),
        .posts_max = SE_NO_LIMIT,
        .quota = SE_NO_LIMIT,
    };
    enum rdv_err err;

    *id = 0;
    if ((err = se_accounts_check_name(el, name)) != RDV_OK)
        return err;
    if ((err = se_accounts_find_guest(el, id, name)) != RDV_ERR_ABSENT)
        return err;
    if ((err = rdv_span_to_text(a.name, sizeof(a.name), name)) != RDV_OK ||
        (err = se_accounts_add(el, &a)) != RDV_OK)
        return err;
    *id = a.id;
    return RDV_OK;
}

enum rdv_err se_accounts_set(struct se_element *el, const struct se_account *a)
{
    el->accounts_version++;
    return se_store_account_set(el->store, a);
}

enum rdv_err se_accounts_reset_counts(struct se_element *el, int64_t id)
{
    el->accounts_version++;
    return se_store_account_reset_counts(el->store, id);
}

enum rdv_err se_accounts_set_identities(struct se_element *el, int64_t id,
                                        const struct rdv_span *identities, size_t n)
{
    enum rdv_err err;

    el->accounts_version++;
    if (n == 0 || n > SE_IDENTITIES_MAX)
        return se_fault(el, RDV_ERR_LIMIT, "an account has 1 to %d identities", SE_IDENTITIES_MAX);
    if ((err = se_store_identity_drop_all(el->store, id)) != RDV_OK)
        return err;
    for (size_t i = 0; i < n; i++) {
        if ((err = se_accounts_check_name(el, identities[i])) != RDV_OK ||
            (err = add_identity(el, identities[i], id)) != RDV_OK)
            return err;
    }
    return RDV_OK;
}

static enum rdv_err check_psk(struct se_element *el, const struct rdv_key *psk)
{
    if (el->demo || !rdv_key_is_weak(psk))
        return RDV_OK;
    return se_fault(el, RDV_ERR_WEAK, "this key follows a pattern: use psk=auto");
}

enum rdv_err se_accounts_set_psk(struct se_element *el, int64_t id, const struct rdv_key *psk)
{
    enum rdv_err err;

    if ((err = check_psk(el, psk)) != RDV_OK)
        return err;
    el->accounts_version++;
    if ((err = seal_psk(el, place_of_psk(id), psk)) == RDV_OK)
        err = se_store_account_set_psk(el->store, id, rdv_buf_view(&el->scratch));
    rdv_buf_clear(&el->scratch);
    return err;
}

enum rdv_err se_accounts_rotate(struct se_element *el, int64_t id, const struct rdv_key *psk,
                                int64_t until)
{
    struct se_account a;
    struct rdv_key old;
    enum rdv_err err = se_accounts_psk(el, &old, id);

    rdv_key_wipe(&old);
    if (err == RDV_ERR_ABSENT)
        return se_fault(el, err, "it has no key to rotate: give it one with psk=");
    if ((err = check_psk(el, psk)) != RDV_OK || (err = se_accounts_get(el, &a, id)) != RDV_OK)
        return err;
    /* A key whose time was up must not come back to life: the one that followed it is the old one.
     */
    if (a.psk_until != 0 && el->now >= a.psk_until && (err = se_accounts_promote(el, id)) != RDV_OK)
        return err;
    el->accounts_version++;
    if ((err = seal_psk(el, place_of_next_psk(id), psk)) == RDV_OK)
        err = se_store_account_set_next_psk(el->store, id, rdv_buf_view(&el->scratch), until);
    rdv_buf_clear(&el->scratch);
    return err;
}

enum rdv_err se_accounts_delete(struct se_element *el, const struct se_account *a)
{
    if (a->root)
        return se_fault(el, RDV_ERR_DENIED, "root cannot be deleted");
    el->accounts_version++;
    return se_store_account_delete(el->store, a->id, el->now);
}

enum rdv_err se_accounts_unlock(struct se_element *el, int64_t id)
{
    char identity[SE_NAME_MAX + 1];
    enum rdv_err err;

    for (unsigned i = 0;; i++) {
        if ((err = se_store_identity_get(el->store, identity, id, i)) != RDV_OK)
            return err == RDV_ERR_ABSENT ? RDV_OK : err;
        se_guard_unlock(el->guard, rdv_span_of(identity));
    }
}
