/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/shell.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "schema/wire/command.h"
#include "se_card/accounts.h"
#include "se_card/handlers.h"
#include "se_card/records.h"
#include "se_card/rights.h"

#define BINARY_MAX 8192 /* bytes that a payload of hex digits may stand for */

enum rdv_err se_shell_ok(struct se_answer *answer)
{
    return rdv_put_text(answer->out, SE_ANSWER_OK);
}

enum rdv_err se_shell_text(struct se_answer *answer, struct rdv_span text)
{
    enum rdv_err err;

    if ((err = rdv_put_bytes(answer->out, text)) != RDV_OK)
        return err;
    return rdv_put_text(answer->out, "\r\n");
}

enum rdv_err se_shell_hex(struct se_answer *answer, struct rdv_span bytes)
{
    enum rdv_err err;

    if ((err = rdv_hex_put(answer->out, bytes)) != RDV_OK)
        return err;
    return rdv_put_text(answer->out, "\r\n");
}

/* --- session ---------------------------------------------------------------------------------- */

SE_HANDLER(se_shell_version)
{
    enum rdv_err err;

    if (rq->payload.n != 0)
        return RDV_ERR_TRAILING;
    if ((err = rdv_put_text(answer->out, s->el->banner)) != RDV_OK)
        return err;
    return rdv_put_text(answer->out, " " RDV_VERSION "\r\n");
}

SE_HANDLER(se_shell_echo_text)
{
    (void)s;
    return se_shell_text(answer, rq->payload);
}

SE_HANDLER(se_shell_echo_bytes)
{
    struct rdv_buf bytes = RDV_BUF(BINARY_MAX);
    enum rdv_err err;

    (void)s;
    if ((err = rdv_hex_get(&bytes, rq->payload)) == RDV_OK)
        err = se_shell_hex(answer, rdv_buf_view(&bytes));
    rdv_buf_free(&bytes);
    return err;
}

SE_HANDLER(se_shell_disconnect)
{
    (void)answer;
    if (rq->payload.n != 0)
        return RDV_ERR_TRAILING;
    s->state.ending = true;
    return RDV_OK;
}

/* --- accounts --------------------------------------------------------------------------------- */

/* The guest chosen by ?06, or the one called "guest": published clients never choose. */
static enum rdv_err selected_guest(struct se_session *s, struct se_account *out,
                                   struct se_request *rq)
{
    enum rdv_err err;

    *out = (struct se_account){ 0 };
    if (s->state.selected == 0 &&
        (err = se_accounts_find_guest(s->el, &s->state.selected, RDV_LIT("guest"))) != RDV_OK)
        return err;
    if ((err = se_accounts_get(s->el, out, s->state.selected)) == RDV_OK)
        memcpy(rq->target, out->name, sizeof(rq->target));
    return err;
}

SE_HANDLER(se_shell_root_identity)
{
    enum rdv_err err;

    if ((err = se_accounts_set_identities(s->el, s->account, &rq->payload, 1)) != RDV_OK)
        return err;
    (void)snprintf(rq->detail, sizeof(rq->detail), "%.100s", rdv_quote(rq->payload).text);
    return se_shell_text(answer, rq->payload);
}

SE_HANDLER(se_shell_select_guest)
{
    struct se_account guest;
    int64_t id;
    enum rdv_err err;

    if ((err = se_accounts_guest(s->el, &id, rq->payload)) != RDV_OK)
        return err;
    s->state.selected = id;
    if ((err = selected_guest(s, &guest, rq)) != RDV_OK)
        return err;
    return se_shell_text(answer, rq->payload);
}

/* A key as 64 hex digits at the front of `digits`, which then holds the rest. */
static enum rdv_err take_key(struct rdv_key *out, struct rdv_span *digits)
{
    struct rdv_reader rd = { *digits };
    struct rdv_key raw = { 0 };
    struct rdv_span head;
    enum rdv_err err;

    rdv_key_wipe(out);
    if ((err = rdv_get_bytes(&rd, &head, 2 * RDV_KEY_BYTES)) == RDV_OK &&
        (err = rdv_hex_decode(raw.bytes, sizeof(raw.bytes), head)) == RDV_OK)
        err = rdv_key_import(out, (struct rdv_span){ raw.bytes, sizeof(raw.bytes) });
    rdv_key_wipe(&raw);
    *digits = rd.rest;
    return err;
}

/* Sets a key; the session that sets its own goes on. */
static enum rdv_err set_psk(struct se_session *s, int64_t account, const struct rdv_key *psk)
{
    const enum rdv_err err = se_accounts_set_psk(s->el, account, psk);

    if (err == RDV_OK && account == s->account)
        s->state.psk_serial++;
    return err;
}

SE_HANDLER(se_shell_set_psk)
{
    struct se_account guest = s->me;
    struct rdv_span rest = rq->payload;
    struct rdv_key psk = { 0 };
    enum rdv_err err;

    if ((s->me.root && (err = selected_guest(s, &guest, rq)) != RDV_OK) ||
        (err = take_key(&psk, &rest)) != RDV_OK)
        goto out;
    if (rest.n != 0) {
        err = RDV_ERR_TRAILING;
        goto out;
    }
    if ((err = set_psk(s, guest.id, &psk)) == RDV_OK)
        err = se_shell_hex(answer, (struct rdv_span){ psk.bytes, sizeof(psk.bytes) });
out:
    rdv_key_wipe(&psk);
    return err;
}

SE_HANDLER(se_shell_get_psk)
{
    struct se_account guest;
    struct rdv_key psk = { 0 };
    enum rdv_err err;

    if (rq->payload.n != 0)
        return RDV_ERR_TRAILING;
    if ((err = selected_guest(s, &guest, rq)) == RDV_OK &&
        (err = se_accounts_psk(s->el, &psk, guest.id)) == RDV_OK)
        err = se_shell_hex(answer, (struct rdv_span){ psk.bytes, sizeof(psk.bytes) });
    rdv_key_wipe(&psk);
    return err;
}

SE_HANDLER(se_shell_set_flags)
{
    struct se_account guest;
    uint8_t flags;
    enum rdv_err err;

    if ((err = rdv_hex_decode(&flags, 1, rq->payload)) != RDV_OK)
        return err;
    if ((flags & ~0x81U) != 0)
        return RDV_ERR_RANGE;
    if ((err = selected_guest(s, &guest, rq)) != RDV_OK)
        return err;
    guest.enabled = (flags & 0x01) != 0;
    guest.needs_name = (flags & 0x80) != 0;
    if ((err = se_accounts_set(s->el, &guest)) != RDV_OK)
        return err;
    (void)snprintf(rq->detail, sizeof(rq->detail), "flags=%02X", (unsigned)flags);
    return se_shell_ok(answer);
}

SE_HANDLER(se_shell_set_rights)
{
    struct se_account guest;
    uint8_t bytes[2]; /* class, mask */
    enum rdv_err err;

    if ((err = rdv_hex_decode(bytes, sizeof(bytes), rq->payload)) != RDV_OK ||
        (err = selected_guest(s, &guest, rq)) != RDV_OK ||
        (err = se_rights_set_class(&guest.rights, bytes[0], bytes[1])) != RDV_OK ||
        (err = se_accounts_set(s->el, &guest)) != RDV_OK)
        return err;
    (void)snprintf(rq->detail, sizeof(rq->detail), "class=%02X mask=%02X", (unsigned)bytes[0],
                   (unsigned)bytes[1]);
    return se_shell_ok(answer);
}

/* A wrong old key counts as a failed login of root. */
static enum rdv_err old_key_wrong(struct se_session *s)
{
    struct se_element *el = s->el;

    log_warn("%s: change of root's key refused: old key wrong", el->sen);
    se_audit_login_failed(&el->audit, el->now, el->now_ms, rdv_span_of(s->me.name), RDV_LIT("?AA"),
                          false);
    return se_fault(el, RDV_ERR_AUTH, "the old key is wrong");
}

SE_HANDLER(se_shell_change_root_psk)
{
    struct rdv_span rest = rq->payload;
    struct rdv_key given = { 0 }, old = { 0 }, new = { 0 };
    enum rdv_err err;

    if (rq->payload.n != (size_t)4 * RDV_KEY_BYTES) {
        err = RDV_ERR_RANGE;
        goto out;
    }
    if ((err = take_key(&given, &rest)) != RDV_OK || (err = take_key(&new, &rest)) != RDV_OK ||
        (err = se_accounts_psk(s->el, &old, s->account)) != RDV_OK)
        goto out;
    if (!rdv_ct_equal(given.bytes, old.bytes, RDV_KEY_BYTES))
        err = old_key_wrong(s);
    else if ((err = set_psk(s, s->account, &new)) == RDV_OK)
        err = se_shell_ok(answer);
out:
    rdv_key_wipe(&given);
    rdv_key_wipe(&old);
    rdv_key_wipe(&new);
    return err;
}

/* --- records ---------------------------------------------------------------------------------- */

SE_HANDLER(se_shell_write_record)
{
    enum rdv_err err;

    if ((err = se_records_put(s->el, rq->slot, rq->payload, &s->me)) != RDV_OK)
        return err;
    return se_shell_ok(answer);
}

SE_HANDLER(se_shell_read_record)
{
    enum rdv_err err;

    if (rq->payload.n != 0)
        return RDV_ERR_TRAILING;
    if ((err = se_records_get(s->el, NULL, answer->out, rq->slot)) != RDV_OK)
        return err;
    return rdv_put_text(answer->out, "\r\n");
}

/* --- a line ----------------------------------------------------------------------------------- */

enum rdv_err se_shell_run(struct se_session *s, struct rdv_buf *answer, struct rdv_span line)
{
    const size_t before = rdv_buf_len(answer);
    const struct se_command *command = NULL;
    struct se_request rq = { 0 };
    struct rdv_command parsed;
    struct se_answer said;
    enum rdv_err err;

    se_answer_for_people(&said, answer);
    se_fault_clear(s->el);
    if ((err = rdv_command_decode(&parsed, line)) == RDV_OK) {
        rq.slot = parsed.index;
        rq.payload = parsed.payload;
        if ((command = se_command_find(parsed.letter, parsed.index)) == NULL)
            err = RDV_ERR_UNKNOWN;
        else if (command->scope != SE_SCOPE_KEY || !se_command_is_allowed(command, &s->me) ||
                 (err = se_shell_find_key(s, &rq, &parsed)) == RDV_OK)
            err = se_command_run(command, s, &said, &rq);
        s->state.ending |= parsed.last;
    }
    if (err == RDV_OK || err == RDV_ERR_LOST)
        return err;
    log_debug("%s: account %lld: %s: %s: %s", s->el->sen, (long long)s->account,
              command == NULL ? "?" : command->name, rdv_err_text(err), s->el->fault);
    rdv_buf_truncate(answer, before);
    return rdv_put_text(answer, SE_ANSWER_ERROR);
}
