/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/commands.h"

#include <stdio.h>
#include <string.h>

#include "se_card/handlers.h"
#include "se_card/rights.h"

#define WRITES SE_WRITES
#define ADMIN (SE_WRITES | SE_ADMIN)
#define NONE SE_SCOPE_NONE
#define RECORD SE_SCOPE_RECORD
#define ALL SE_NEEDS_NOTHING
#define ROOT SE_NEEDS_ROOT

static const struct se_command commands[] = {
    /* TLS-SE */
    { "?00", ALL, NONE, 0, "", "version", se_shell_version },
    { "?01", SE_RIGHT_ECHO, NONE, 0, "TEXT", "echo a text", se_shell_echo_text },
    { "?02", ALL, NONE, 0, "", "end the session", se_shell_disconnect },
    { "?05", ROOT, NONE, ADMIN, "NAME", "root is known by this identity, and no other",
      se_shell_root_identity },
    { "?06", ROOT, NONE, ADMIN, "NAME", "choose (or make) the guest of ?A0 ?A1 ?A5 ?A8",
      se_shell_select_guest },
    { "?A0", ALL, NONE, ADMIN, "64HEX", "set the chosen guest's key; a guest: its own",
      se_shell_set_psk },
    { "?A1", ROOT, NONE, ADMIN, "", "read the chosen guest's key", se_shell_get_psk },
    { "?A5", ROOT, NONE, ADMIN, "2HEX",
      "flags of the chosen guest: 01 enabled, 80 needs server name", se_shell_set_flags },
    { "?A8", ROOT, NONE, ADMIN, "CLASS MASK",
      "rights of the chosen guest (040C: read and write records)", se_shell_set_rights },
    { "?AA", ROOT, NONE, ADMIN, "OLD NEW", "change root's key (128 hex digits)",
      se_shell_change_root_psk },
    { "?FF", SE_RIGHT_ECHO, NONE, 0, "HEX", "echo bytes (at most 8192)", se_shell_echo_bytes },
    { "I", SE_RIGHT_READ, RECORD, 0, "XX", "read record XX (00-FF)", se_shell_read_record },
    { "Z", SE_RIGHT_WRITE, RECORD, WRITES, "XX TEXT",
      "write record XX (00-FF; at most 4096 bytes unless set otherwise); no text clears it",
      se_shell_write_record },

    /* words */
    { "help", ALL, NONE, 0, "[COMMAND]", "list the commands, or tell about one", se_words_help },
    { "whoami", ALL, NONE, 0, "", "your account and what it may do", se_words_whoami },
    { "info", ALL, NONE, 0, "", "about this card", se_words_info },
    { "guest add", ROOT, NONE, ADMIN,
      "NAME [rights=read,write] [records=00-0F,20] [keys=00-03] [psk=auto|HEX] [identities=A,B]"
      " [expires=DURATION|TIME] [not-before=DURATION|TIME] [posts=N] [quota=BYTES] "
      "[needs-name=yes]",
      "make a guest; what is not granted is denied", se_words_guest_add },
    { "guest set", ROOT, NONE, ADMIN,
      "NAME [rights=] [records=] [keys=] [psk=] [identities=] [expires=|never] [not-before=|now]"
      " [posts=N|none] [quota=BYTES|none] [needs-name=yes|no]",
      "change a guest; posts= and quota= count anew", se_words_guest_set },
    { "guest show", ROOT, NONE, 0, "NAME", "all about one account", se_words_guest_show },
    { "guest list", ROOT, NONE, 0, "[from=NAME] [count=N]", "accounts by name, at most 100 at once",
      se_words_guest_list },
    { "guest enable", ROOT, NONE, ADMIN, "NAME", "let it log in", se_words_guest_enable },
    { "guest disable", ROOT, NONE, ADMIN, "NAME", "end its sessions and let it log in no more",
      se_words_guest_disable },
    { "guest delete", ROOT, NONE, ADMIN, "NAME",
      "remove it with its keys; its name stays in the audit", se_words_guest_delete },
    { "guest rotate", ROOT, NONE, ADMIN, "NAME [psk=auto|HEX] [overlap=DURATION]",
      "a second key; the first dies when it is used, or after the overlap (7d)",
      se_words_guest_rotate },
    { "guest unlock", ROOT, NONE, ADMIN, "NAME", "forget its failed logins",
      se_words_guest_unlock },
    { "record list", SE_RIGHT_READ, NONE, 0, "", "the records you may read that hold something",
      se_words_record_list },
    { "record show", SE_RIGHT_READ, RECORD, 0, "XX", "about one record", se_words_record_show },
    { "record set", ROOT, RECORD, ADMIN, "XX [ttl=DURATION|none] [keep=N|all] [max=BYTES]",
      "its limits; ttl and keep are for its log", se_words_record_set },
    { "record clear", SE_RIGHT_WRITE, RECORD, WRITES, "XX", "empty it", se_words_record_clear },
    { "session list", ROOT, NONE, 0, "", "who is logged in", se_words_session_list },
    { "session end", ROOT, NONE, ADMIN, "ID", "end a session", se_words_session_end },
    { "audit", SE_RIGHT_AUDIT, NONE, 0, "FROM [COUNT]", "rows of the audit, at most 50 at once",
      se_words_audit },
    { "backup", ROOT, NONE, WRITES | SE_ALONE, "NAME",
      "a consistent copy of the database, in the card's directory", se_words_backup },
    { "restore accept", ROOT, NONE, ADMIN | SE_WHEN_READ_ONLY, "",
      "go on with an older database that was put back", se_words_restore_accept },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct se_command *se_commands(size_t *n)
{
    *n = N_COMMANDS;
    return commands;
}

const struct se_command *se_command_named(struct rdv_span name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (rdv_span_is(name, commands[i].name))
            return &commands[i];
    }
    return NULL;
}

const struct se_command *se_command_find(uint8_t letter, uint8_t index)
{
    char name[4] = { (char)letter, '\0' };

    if (letter == '?')
        (void)snprintf(name, sizeof(name), "?%02X", (unsigned)index);
    return se_command_named(rdv_span_of(name));
}

const struct se_command *se_command_find_words(const struct rdv_words *words, size_t *n_used)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const char *name = commands[i].name, *blank = strchr(name, ' ');
        const size_t first = blank == NULL ? strlen(name) : (size_t)(blank - name);

        if (name[0] < 'a' || name[0] > 'z' || words->n == 0 ||
            !rdv_span_equal(words->word[0], (struct rdv_span){ (const uint8_t *)name, first }))
            continue;
        *n_used = blank == NULL ? 1 : 2;
        if (blank == NULL || (words->n > 1 && rdv_span_is(words->word[1], blank + 1)))
            return &commands[i];
    }
    *n_used = 0;
    return NULL;
}

bool se_command_is_allowed(const struct se_command *c, const struct se_account *account)
{
    return se_rights_allow(account, c->right);
}

/* --- running ---------------------------------------------------------------------------------- */

static enum rdv_err check(const struct se_command *c, struct se_session *s,
                          const struct se_request *rq)
{
    if (!se_command_is_allowed(c, &s->me))
        return se_fault(s->el, RDV_ERR_DENIED, "right=%s", se_right_name(c->right));
    if (c->scope == SE_SCOPE_RECORD && !s->me.root && !se_scope_has(&s->me.records, rq->slot))
        return se_fault(s->el, RDV_ERR_DENIED, "right=%s record=%02X", se_right_name(c->right),
                        (unsigned)rq->slot);
    if ((c->flags & SE_WRITES) != 0 && (c->flags & SE_WHEN_READ_ONLY) == 0 && s->el->read_only)
        return se_fault(s->el, RDV_ERR_READONLY,
                        "its database is an older copy, put back: root says !restore accept");
    return RDV_OK;
}

static struct se_audit_event event_of(const struct se_command *c, const struct se_session *s,
                                      const struct se_request *rq, const char *result,
                                      const char *detail)
{
    return (struct se_audit_event){ s->me.name, c->name, rq->target, result, detail };
}

/* A refusal is written down too. On a disk that cannot take that, the answer is that. */
static enum rdv_err refuse(const struct se_command *c, struct se_session *s,
                           const struct se_request *rq, enum rdv_err why)
{
    const struct se_audit_event event = event_of(c, s, rq, rdv_err_name(why), s->el->fault);
    enum rdv_err err = RDV_OK;

    if (why != RDV_ERR_DENIED && why != RDV_ERR_LIMIT)
        return why;
    if (s->el->read_only)
        se_audit_left_out(&s->el->audit, s->el->now_ms);
    else
        err = se_audit_refused(&s->el->audit, s->el->store, s->el->now, s->el->now_ms, &event);
    return err == RDV_OK ? why : RDV_ERR_LOST;
}

static enum rdv_err run_and_note(const struct se_command *c, struct se_session *s,
                                 struct se_answer *answer, struct se_request *rq)
{
    struct se_audit_event event;
    enum rdv_err err;

    if ((err = c->run(s, answer, rq)) != RDV_OK || (err = answer->err) != RDV_OK ||
        (c->flags & SE_ADMIN) == 0)
        return err;
    event = event_of(c, s, rq, "ok", rq->detail);
    return se_audit_add(&s->el->audit, s->el->store, s->el->now, &event);
}

enum rdv_err se_command_run(const struct se_command *c, struct se_session *s,
                            struct se_answer *answer, struct se_request *rq)
{
    const struct se_session_state before = s->state;
    struct se_element *el = s->el;
    enum rdv_err err;

    if ((err = check(c, s, rq)) != RDV_OK)
        return refuse(c, s, rq, err);
    if ((c->flags & (SE_WRITES | SE_ALONE)) != SE_WRITES)
        return run_and_note(c, s, answer, rq);
    if ((err = se_store_step(el->store)) != RDV_OK)
        return err;
    if ((err = run_and_note(c, s, answer, rq)) == RDV_OK)
        return se_store_step_keep(el->store);
    s->state = before;
    el->accounts_version++; /* whoever has seen what is undone now must look again */
    if (se_store_step_undo(el->store) != RDV_OK || se_audit_rewind(&el->audit, el->store) != RDV_OK)
        return RDV_ERR_LOST;
    return s->me.root ? err : refuse(c, s, rq, err); /* a limit is a guest's */
}
