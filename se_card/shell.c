/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/shell.h"

#include "base/hex.h"
#include "base/log.h"
#include "schema/wire/command.h"
#include "se_card/accounts.h"
#include "se_card/records.h"
#include "se_card/rights.h"

#define BINARY_MAX 8192 /* bytes that a payload of hex digits may stand for */

static enum rdv_err ok(struct rdv_buf *answer)
{
    return rdv_put_text(answer, SE_ANSWER_OK);
}

static enum rdv_err text(struct rdv_buf *answer, struct rdv_span t)
{
    enum rdv_err err;

    if ((err = rdv_put_bytes(answer, t)) != RDV_OK)
        return err;
    return rdv_put_text(answer, "\r\n");
}

static enum rdv_err hex(struct rdv_buf *answer, struct rdv_span bytes)
{
    enum rdv_err err;

    if ((err = rdv_hex_put(answer, bytes)) != RDV_OK)
        return err;
    return rdv_put_text(answer, "\r\n");
}

/* --- session ---------------------------------------------------------------------------------- */

static enum rdv_err version(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                            struct rdv_span payload)
{
    enum rdv_err err;

    (void)index;
    if (payload.n != 0)
        return RDV_ERR_TRAILING;
    if ((err = rdv_put_text(answer, s->el->banner)) != RDV_OK)
        return err;
    return rdv_put_text(answer, " " RDV_VERSION "\r\n");
}

static enum rdv_err echo_text(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                              struct rdv_span payload)
{
    (void)s;
    (void)index;
    return text(answer, payload);
}

static enum rdv_err echo_bytes(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                               struct rdv_span payload)
{
    struct rdv_buf bytes = RDV_BUF(BINARY_MAX);
    enum rdv_err err;

    (void)s;
    (void)index;
    if ((err = rdv_hex_get(&bytes, payload)) == RDV_OK)
        err = hex(answer, rdv_buf_view(&bytes));
    rdv_buf_free(&bytes);
    return err;
}

static enum rdv_err disconnect(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                               struct rdv_span payload)
{
    (void)answer;
    (void)index;
    if (payload.n != 0)
        return RDV_ERR_TRAILING;
    s->state.ending = true;
    return RDV_OK;
}

/* --- accounts --------------------------------------------------------------------------------- */

/* The guest chosen by ?06, or the one called "guest": published clients never choose. */
static enum rdv_err selected_guest(struct se_session *s, struct se_store_account *out)
{
    enum rdv_err err;

    *out = (struct se_store_account){ 0 };
    if (s->state.selected == 0 &&
        (err = se_accounts_find_guest(s->el, &s->state.selected, RDV_LIT("guest"))) != RDV_OK)
        return err;
    return se_accounts_get(s->el, out, s->state.selected);
}

static enum rdv_err set_root_identity(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                                      struct rdv_span payload)
{
    enum rdv_err err;

    (void)index;
    if ((err = se_accounts_rename_root(s->el, s->account, payload)) != RDV_OK)
        return err;
    return text(answer, payload);
}

static enum rdv_err select_guest(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                                 struct rdv_span payload)
{
    int64_t id;
    enum rdv_err err;

    (void)index;
    if ((err = se_accounts_guest(s->el, &id, payload)) != RDV_OK)
        return err;
    s->state.selected = id;
    return text(answer, payload);
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

static enum rdv_err set_guest_psk(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                                  struct rdv_span payload)
{
    struct se_store_account guest = s->me;
    struct rdv_span rest = payload;
    struct rdv_key psk = { 0 };
    enum rdv_err err;

    (void)index;
    if ((s->me.root && (err = selected_guest(s, &guest)) != RDV_OK) ||
        (err = take_key(&psk, &rest)) != RDV_OK)
        goto out;
    if (rest.n != 0) {
        err = RDV_ERR_TRAILING;
        goto out;
    }
    if ((err = se_accounts_set_psk(s->el, guest.id, &psk)) == RDV_OK)
        err = hex(answer, (struct rdv_span){ psk.bytes, sizeof(psk.bytes) });
out:
    rdv_key_wipe(&psk);
    return err;
}

static enum rdv_err get_guest_psk(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                                  struct rdv_span payload)
{
    struct se_store_account guest;
    struct rdv_key psk = { 0 };
    enum rdv_err err;

    (void)index;
    if (payload.n != 0)
        return RDV_ERR_TRAILING;
    if ((err = selected_guest(s, &guest)) == RDV_OK &&
        (err = se_accounts_psk(s->el, &psk, guest.id)) == RDV_OK)
        err = hex(answer, (struct rdv_span){ psk.bytes, sizeof(psk.bytes) });
    rdv_key_wipe(&psk);
    return err;
}

static enum rdv_err set_guest_flags(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                                    struct rdv_span payload)
{
    struct se_store_account guest;
    uint8_t flags;
    enum rdv_err err;

    (void)index;
    if ((err = rdv_hex_decode(&flags, 1, payload)) != RDV_OK)
        return err;
    if ((flags & ~0x81U) != 0)
        return RDV_ERR_RANGE;
    if ((err = selected_guest(s, &guest)) != RDV_OK)
        return err;
    guest.enabled = (flags & 0x01) != 0;
    guest.needs_name = (flags & 0x80) != 0;
    if ((err = se_accounts_set(s->el, &guest)) != RDV_OK)
        return err;
    return ok(answer);
}

static enum rdv_err set_guest_rights(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                                     struct rdv_span payload)
{
    struct se_store_account guest;
    uint8_t bytes[2]; /* class, mask */
    enum rdv_err err;

    (void)index;
    if ((err = rdv_hex_decode(bytes, sizeof(bytes), payload)) != RDV_OK ||
        (err = selected_guest(s, &guest)) != RDV_OK ||
        (err = se_rights_set_class(&guest.rights, bytes[0], bytes[1])) != RDV_OK ||
        (err = se_accounts_set(s->el, &guest)) != RDV_OK)
        return err;
    return ok(answer);
}

static enum rdv_err change_root_psk(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                                    struct rdv_span payload)
{
    struct rdv_span rest = payload;
    struct rdv_key given = { 0 }, old = { 0 }, new = { 0 };
    enum rdv_err err;

    (void)index;
    if (payload.n != (size_t)4 * RDV_KEY_BYTES) {
        err = RDV_ERR_RANGE;
        goto out;
    }
    if ((err = take_key(&given, &rest)) != RDV_OK || (err = take_key(&new, &rest)) != RDV_OK ||
        (err = se_accounts_psk(s->el, &old, s->account)) != RDV_OK)
        goto out;
    if (!rdv_ct_equal(given.bytes, old.bytes, RDV_KEY_BYTES)) {
        s->el->failed_psk_changes++;
        log_warn("%s: change of root's key refused: old key wrong (%lu so far)", s->el->sen,
                 s->el->failed_psk_changes);
        err = RDV_ERR_AUTH;
        goto out;
    }
    if ((err = se_accounts_set_psk(s->el, s->account, &new)) == RDV_OK)
        err = ok(answer);
out:
    rdv_key_wipe(&given);
    rdv_key_wipe(&old);
    rdv_key_wipe(&new);
    return err;
}

/* --- records ---------------------------------------------------------------------------------- */

static enum rdv_err write_record(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                                 struct rdv_span payload)
{
    enum rdv_err err;

    if ((err = se_records_put(s->el, index, payload, s->account, s->now)) != RDV_OK)
        return err;
    return ok(answer);
}

static enum rdv_err read_record(struct se_session *s, struct rdv_buf *answer, uint8_t index,
                                struct rdv_span payload)
{
    enum rdv_err err;

    if (payload.n != 0)
        return RDV_ERR_TRAILING;
    if ((err = se_records_get(s->el, answer, index)) != RDV_OK)
        return err;
    return rdv_put_text(answer, "\r\n");
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct se_shell_command commands[] = {
    { '?', 0x00, SE_NEEDS_NOTHING, false, version },
    { '?', 0x01, SE_RIGHT_ECHO, false, echo_text },
    { '?', 0x02, SE_NEEDS_NOTHING, false, disconnect },
    { '?', 0x05, SE_NEEDS_ROOT, true, set_root_identity },
    { '?', 0x06, SE_NEEDS_ROOT, true, select_guest },
    { '?', 0xA0, SE_NEEDS_NOTHING, true, set_guest_psk },
    { '?', 0xA1, SE_NEEDS_ROOT, false, get_guest_psk },
    { '?', 0xA5, SE_NEEDS_ROOT, true, set_guest_flags },
    { '?', 0xA8, SE_NEEDS_ROOT, true, set_guest_rights },
    { '?', 0xAA, SE_NEEDS_ROOT, true, change_root_psk },
    { '?', 0xFF, SE_RIGHT_ECHO, false, echo_bytes },
    { 'I', 0, SE_RIGHT_READ, false, read_record },
    { 'Z', 0, SE_RIGHT_WRITE, true, write_record },
};

const struct se_shell_command *se_shell_commands(size_t *n)
{
    *n = sizeof(commands) / sizeof(commands[0]);
    return commands;
}

static const struct se_shell_command *look_up(const struct rdv_command *line)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (commands[i].letter == line->letter &&
            (line->letter != '?' || commands[i].code == line->index))
            return &commands[i];
    }
    return NULL;
}

/* One command within a step of the transaction; on failure its effects are undone. */
static enum rdv_err run_step(struct se_session *s, struct rdv_buf *answer,
                             const struct se_shell_command *command, const struct rdv_command *line)
{
    const struct se_session_state before = s->state;
    enum rdv_err err;

    if (!command->writes)
        return command->run(s, answer, line->index, line->payload);
    if ((err = se_store_step(s->el->store)) != RDV_OK)
        return err;
    if ((err = command->run(s, answer, line->index, line->payload)) == RDV_OK)
        return se_store_step_keep(s->el->store);
    s->state = before;
    s->el->accounts_version++; /* whoever has seen what is undone now must look again */
    if (se_store_step_undo(s->el->store) != RDV_OK)
        return RDV_ERR_STATE;
    return err;
}

enum rdv_err se_shell_run(struct se_session *s, struct rdv_buf *answer, struct rdv_span line)
{
    const size_t before = rdv_buf_len(answer);
    const struct se_shell_command *command = NULL;
    struct rdv_command parsed;
    enum rdv_err err;

    if ((err = se_session_refresh(s)) == RDV_ERR_DENIED) {
        log_info("%s: session of account %lld ends: the account is disabled or gone", s->el->sen,
                 (long long)s->account);
        s->state.ending = true;
        return RDV_OK;
    }
    if (err == RDV_OK && (err = rdv_command_decode(&parsed, line)) == RDV_OK) {
        if ((command = look_up(&parsed)) == NULL)
            err = RDV_ERR_UNKNOWN;
        else if (!se_rights_allow(&s->me, command->right))
            err = RDV_ERR_DENIED;
        else
            err = run_step(s, answer, command, &parsed);
        s->state.ending |= parsed.last;
    }
    if (err == RDV_OK || err == RDV_ERR_STATE)
        return err;
    log_debug("%s: account %lld: %c%02X: %s", s->el->sen, (long long)s->account,
              command == NULL ? '-' : command->letter, command == NULL ? 0U : command->code,
              rdv_err_text(err));
    rdv_buf_truncate(answer, before);
    return rdv_put_text(answer, SE_ANSWER_ERROR);
}
