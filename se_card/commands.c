/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/commands.h"

#include <stdio.h>
#include <string.h>

#include "se_card/handlers.h"
#include "se_card/log.h"
#include "se_card/params.h"
#include "se_card/rights.h"

#define WRITES SE_WRITES
#define ADMIN (SE_WRITES | SE_ADMIN)
#define NONE SE_SCOPE_NONE
#define RECORD SE_SCOPE_RECORD
#define KEY SE_SCOPE_KEY
#define ALL SE_NEEDS_NOTHING
#define ROOT SE_NEEDS_ROOT
#define LOG SE_NEEDS_LOG

#define GUEST_KEYS                                                                  \
    "[rights=read,write|none] [records=00-0F,20|none|all] [keys=00-03,08|none|all]" \
    " [psk=auto|HEX] [identities=A,B] [expires=DURATION|TIME|never]"                \
    " [not-before=DURATION|TIME|now] [posts=N|none] [quota=BYTES|none] [needs-name=yes|no]"

static const struct se_command commands[] = {
    /* TLS-SE */
    { "?00", ALL, NONE, 0, "", "version", se_shell_version },
    { "?01", SE_RIGHT_ECHO, NONE, 0, "TEXT", "echo a text", se_shell_echo_text },
    { "?02", ALL, NONE, 0, "", "end the session", se_shell_disconnect },
    { "?05", ROOT, NONE, ADMIN, "NAME", "root is known by this identity, and no other",
      se_shell_root_identity },
    { "?06", ROOT, NONE, ADMIN, "NAME", "choose (or make) the guest of ?A0 ?A1 ?A5 ?A8",
      se_shell_select_guest },
    { "?0A", SE_RIGHT_ECHO, NONE, 0, "", "the card's own public key", se_shell_identity },
    { "?0B", SE_RIGHT_ECHO, NONE, 0, "", "the certificate of the card's key; zeros when unset",
      se_shell_certificate },
    { "?0C", SE_RIGHT_ECHO, NONE, 0, "64HEX", "prove that the card's key ends this session",
      se_shell_authenticate },
    { "?0E", ROOT, NONE, ADMIN, "128HEX", "set the certificate (r and s)",
      se_shell_set_certificate },
    { "?30", ROOT, NONE, ADMIN, "HEX", "wrap secret of curves and secrets (1 to 32 bytes)",
      se_shell_set_wrap_1 },
    { "?31", ROOT, NONE, ADMIN, "HEX", "wrap secret of RSA keys and seeds", se_shell_set_wrap_2 },
    { "?32", SE_RIGHT_EXPORT, KEY, ADMIN, "14HEX", "as ?33, in the older layout",
      se_shell_wrap_older },
    { "?33", SE_RIGHT_EXPORT, KEY, ADMIN, "14HEX",
      "part of a key as a blob: type 00, slot, part, 4 bytes of your own", se_shell_wrap },
    { "?34", SE_RIGHT_KEYGEN, KEY, ADMIN, "HEX", "take back a blob", se_shell_unwrap },
    { "?A0", ALL, NONE, ADMIN, "64HEX", "set the chosen guest's key; a guest: its own",
      se_shell_set_psk },
    { "?A1", ROOT, NONE, ADMIN, "", "read the chosen guest's key", se_shell_get_psk },
    { "?A2", ROOT, NONE, ADMIN, "64HEX", "set the key of ?D0 ?D1 ?D2", se_shell_set_psk3 },
    { "?A5", ROOT, NONE, ADMIN, "2HEX",
      "flags of the chosen guest: 01 enabled, 80 needs server name", se_shell_set_flags },
    { "?A8", ROOT, NONE, ADMIN, "CLASS MASK",
      "rights of the chosen guest (040C: read and write records)", se_shell_set_rights },
    { "?AA", ROOT, NONE, ADMIN, "OLD NEW", "change root's key (128 hex digits)",
      se_shell_change_root_psk },
    { "?D0", ROOT, NONE, 0, "64HEX", "binder of a ClientHello's hash, with the key of ?A2",
      se_shell_binder },
    { "?D1", ROOT, NONE, 0, "64HEX", "handshake secret of a shared secret, with the key of ?A2",
      se_shell_derive },
    { "?D2", ROOT, NONE, 0, "64HEX", "as ?D1, once the confirmation account has said !confirm",
      se_shell_derive_confirmed },
    { "?FF", SE_RIGHT_ECHO, NONE, 0, "HEX", "echo bytes (at most 8192)", se_shell_echo_bytes },
    { "I", SE_RIGHT_READ, RECORD, 0, "XX", "read record XX (00-FF)", se_shell_read_record },
    { "Z", SE_RIGHT_WRITE, RECORD, WRITES, "XX TEXT",
      "write record XX (00-FF; at most 4096 bytes unless set otherwise); no text clears it",
      se_shell_write_record },

    /* TLS-SE: keys. XX: 00-0F curve (10-1F: P-256), 20-2F RSA, 30-37 secret, 38-3F seed */
    { "c", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX", "clear key XX", se_shell_clear },
    { "C", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX", "clear key XX, and choose P-256 for it",
      se_shell_clear_p256 },
    { "g", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX", "generate key XX (secp256k1; 1x P-256; 2x RSA-2048)",
      se_shell_generate },
    { "G", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX", "generate key XX on P-256", se_shell_generate_p256 },
    { "p", SE_RIGHT_SIGN, KEY, 0, "XX [00|01]", "public key XX; of RSA: modulus, or exponent",
      se_shell_public },
    { "P", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX [00|01] HEX", "set public key XX, or a part of RSA's",
      se_shell_set_public },
    { "r", SE_RIGHT_EXPORT, KEY, ADMIN, "XX [00-04]", "private key XX, if it is exportable",
      se_shell_private },
    { "R", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX [00-04] HEX",
      "set private key XX, or P Q DP DQ QINV of RSA's", se_shell_set_private },
    { "X", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX HEX", "set private key XX", se_shell_set_private },
    { "s", SE_RIGHT_SIGN, KEY, WRITES, "XX HEX", "sign a digest of at most 32 bytes with key XX",
      se_shell_sign },
    { "t", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX [HEX]",
      "set secret or seed XX; no HEX: 32 random bytes", se_shell_set_secret },
    { "T", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX [HEX]", "as t", se_shell_set_secret },
    { "v", SE_RIGHT_EXPORT, KEY, ADMIN, "XX", "read secret or seed XX, if it is exportable",
      se_shell_read_secret },
    { "b", SE_RIGHT_SECRET, KEY, ADMIN, "XX PATH",
      "derive key XX (BIP32) from seed 38+X; PATH: words of 8HEX, hardened", se_shell_derive_key },
    { "k", SE_RIGHT_SECRET, KEY, ADMIN, "XX PATH", "as b", se_shell_derive_key },
    { "h", SE_RIGHT_SECRET, KEY, WRITES, "XX HEX", "HMAC-SHA256 with secret X", se_shell_hmac256 },
    { "H", SE_RIGHT_SECRET, KEY, WRITES, "XX HEX", "HMAC-SHA512 with secret X", se_shell_hmac512 },
    { "m", SE_RIGHT_SECRET, KEY, WRITES, "XX TEXT", "HMAC-SHA256 of a text with secret X",
      se_shell_hmac_text },
    { "A", SE_RIGHT_SECRET, KEY, WRITES, "XX HEX", "AES-128-ECB encrypt with secret X",
      se_shell_encrypt },
    { "a", SE_RIGHT_SECRET, KEY, WRITES, "XX HEX", "AES-128-ECB decrypt with secret X",
      se_shell_decrypt },
    { "E", SE_RIGHT_RSA, KEY, WRITES, "XX HEX", "RSA with the private exponent of key 2X",
      se_shell_rsa_private },
    { "d", SE_RIGHT_RSA, KEY, WRITES, "XX HEX", "RSA with the public exponent of key 2X",
      se_shell_rsa_public },

    /* words */
    { "help", ALL, NONE, 0, "[COMMAND...]", "list the commands, or tell about one", se_words_help },
    { "whoami", ALL, NONE, 0, "", "your account and what it may do", se_words_whoami },
    { "info", ALL, NONE, 0, "", "about this card", se_words_info },
    { "echo", SE_RIGHT_ECHO, NONE, 0, "data=HEX", "echo bytes", se_words_echo },
    { "rekey", ALL, NONE, ADMIN, "psk=HEX", "set your own key; this session goes on",
      se_words_rekey },
    { "guest add", ROOT, NONE, ADMIN, "NAME " GUEST_KEYS,
      "make a guest; what is not granted is denied", se_words_guest_add },
    { "guest set", ROOT, NONE, ADMIN, "NAME " GUEST_KEYS,
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
    { "guest psk", ROOT, NONE, ADMIN, "NAME", "read its key", se_words_guest_psk },
    { "record list", SE_RIGHT_READ, NONE, 0, "", "the records you may read that hold something",
      se_words_record_list },
    { "record show", SE_RIGHT_READ, RECORD, 0, "XX", "about one record", se_words_record_show },
    { "record set", ROOT, RECORD, ADMIN, "XX [ttl=DURATION|none] [keep=N|all] [max=BYTES]",
      "its limits; ttl and keep are for its log", se_words_record_set },
    { "record clear", SE_RIGHT_WRITE, RECORD, WRITES, "XX", "empty it", se_words_record_clear },
    { "put", SE_RIGHT_WRITE, RECORD, WRITES, "XX content=HEX [type=TEXT] [once=HEX]",
      "write record XX; the same once= again is the same post, and changes nothing", se_words_put },
    { "post", SE_RIGHT_WRITE, RECORD, WRITES, "XX TEXT [type=TEXT] [key=TEXT]",
      "write a text to record XX; the same key= again is the same post, and changes nothing",
      se_words_post },
    { "get", SE_RIGHT_READ, RECORD, 0, "XX", "read record XX, with its type and author",
      se_words_get },
    { "receipt", ALL, NONE, 0, "SEQ", "the signed entry of a write of yours, or one you may read",
      se_words_receipt },
    { "log", LOG, NONE, 0, "FROM [COUNT] [record=YY]",
      "entries from this number on, at most 256 at once; next= says where to go on", se_words_log },
    { "wait", LOG, NONE, 0, "FROM [SECONDS] [count=N] [record=YY]",
      "as log, but waits (30) until there is one; a program: or asks something else",
      se_words_wait },
    { "ack", LOG, NONE, WRITES, "CONSUMER SEQ [was=SEQ]",
      "all up to this entry may go; was= is refused when somebody else has moved it",
      se_words_ack },
    { "consumer list", LOG, NONE, 0, "", "who has read how far: yours; root: all",
      se_words_consumer_list },
    { "consumer show", LOG, NONE, 0, "CONSUMER", "how far one has read", se_words_consumer_show },
    { "consumer add", ROOT, NONE, ADMIN, "CONSUMER account=NAME [seq=SEQ]",
      "one for an account: what it may read and has not acknowledged stays in the log",
      se_words_consumer_add },
    { "consumer drop", LOG, NONE, ADMIN, "CONSUMER", "nothing stays for it any more",
      se_words_consumer_drop },
    { "consumer skip", LOG, NONE, ADMIN, "CONSUMER SEQ WHY",
      "write down that an entry did not get where it was read for", se_words_consumer_skip },
    { "head", LOG, NONE, 0, "[RECORD]", "the signed statement of a record's last entry, or of all",
      se_words_head },
    { "key list", SE_RIGHT_SIGN, NONE, 0, "", "the keys you may use", se_words_key_list },
    { "key show", SE_RIGHT_SIGN, KEY, 0, "XX", "about one key, its public key too",
      se_words_key_show },
    { "key attest", SE_RIGHT_SIGN, KEY, 0, "XX", "the card's signed statement about a key",
      se_words_key_attest },
    { "key generate", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX [type=secp256k1|p256] [exportable=yes|no]",
      "a fresh key: 00-0F curve, 20-2F RSA-2048, 30-37 secret, 38-3F seed", se_words_key_generate },
    { "key import", SE_RIGHT_KEYGEN, KEY, ADMIN,
      "XX [type=secp256k1|p256] [public=HEX] [private=HEX] [secret=HEX] [modulus=HEX]"
      " [exponent=HEX] [p=HEX] [q=HEX] [dp=HEX] [dq=HEX] [qinv=HEX]",
      "take a key, or parts of one", se_words_key_import },
    { "key derive", SE_RIGHT_SECRET, KEY, ADMIN, "XX seed=YY path=HEX",
      "a key from a seed (BIP32); 4 bytes a level, hardened", se_words_key_derive },
    { "key hold", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX", "it shall never be exported from now on",
      se_words_key_hold },
    { "key clear", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX", "remove it", se_words_key_clear },
    { "key export", SE_RIGHT_EXPORT, KEY, ADMIN, "XX [part=NAME]",
      "read it back, if it is exportable", se_words_key_export },
    { "key sign", SE_RIGHT_SIGN, KEY, WRITES, "XX data=HEX [pipe=yes|no]",
      "sign a digest of at most 32 bytes; pipe: of 32 each, DER with its length before it",
      se_words_key_sign },
    { "key hmac", SE_RIGHT_SECRET, KEY, WRITES, "XX data=HEX [hash=sha256|sha512] [pipe=yes|no]",
      "HMAC with a secret", se_words_key_hmac },
    { "key encrypt", SE_RIGHT_SECRET, KEY, WRITES, "XX data=HEX [pipe=yes|no]",
      "AES-128-ECB with a secret", se_words_key_encrypt },
    { "key decrypt", SE_RIGHT_SECRET, KEY, WRITES, "XX data=HEX [pipe=yes|no]",
      "AES-128-ECB with a secret", se_words_key_decrypt },
    { "key rsa", SE_RIGHT_RSA, KEY, WRITES, "XX data=HEX [exponent=private|public] [pipe=yes|no]",
      "RSA without padding", se_words_key_rsa },
    { "key wrap", SE_RIGHT_EXPORT, KEY, ADMIN, "XX header=HEX",
      "a part as a blob: type 00, slot, part, 4 bytes of your own", se_words_key_wrap },
    { "key unwrap", SE_RIGHT_KEYGEN, KEY, ADMIN, "XX blob=HEX", "take back a blob",
      se_words_key_unwrap },
    { "identity keys", ALL, NONE, 0, "", "the card's public keys, signed by the card",
      se_words_identity_keys },
    { "identity prove", SE_RIGHT_ECHO, NONE, 0, "challenge=HEX",
      "prove that the card's own key ends this session", se_words_identity_prove },
    { "identity certify", ROOT, NONE, ADMIN, "certificate=HEX",
      "set the certificate of the card's own key (r and s)", se_words_identity_certify },
    { "identity", SE_RIGHT_ECHO, NONE, 0, "", "the card's own public key, and its certificate",
      se_words_identity },
    { "wrap set", ROOT, NONE, ADMIN, "[first=HEX] [second=HEX]",
      "wrap secrets: the first of curves and secrets, the second of RSA keys and seeds",
      se_words_wrap_set },
    { "handshake set", ROOT, NONE, ADMIN, "psk=HEX", "set the key of the other two",
      se_words_handshake_set },
    { "handshake binder", ROOT, NONE, 0, "hash=HEX", "binder of a ClientHello's hash",
      se_words_handshake_binder },
    { "handshake secret", ROOT, NONE, 0, "shared=HEX [confirm=yes|no]",
      "handshake secret of a shared secret; confirm: once the confirmation account has said so",
      se_words_handshake_secret },
    { "confirm list", ALL, NONE, 0, "", "what waits for a confirmation", se_words_confirm_list },
    { "confirm account", ROOT, NONE, ADMIN, "NAME|none", "which account confirms ?D2",
      se_words_confirm_account },
    { "confirm", ALL, NONE, ADMIN, "ID", "say yes to a question that waits", se_words_confirm },
    { "session list", ROOT, NONE, 0, "", "who is logged in", se_words_session_list },
    { "session end", ROOT, NONE, ADMIN, "ID", "end a session", se_words_session_end },
    { "audit", SE_RIGHT_AUDIT, NONE, 0, "FROM [COUNT]", "rows of the audit, at most 50 at once",
      se_words_audit },
    { "backup", ROOT, NONE, WRITES | SE_ALONE, "NAME",
      "a consistent copy of the database, in the card's directory", se_words_backup },
    { "restore accept", ROOT, NONE, ADMIN | SE_WHEN_READ_ONLY, "",
      "go on with an older database that was put back", se_words_restore_accept },
};

const char *se_scope_name(enum se_scope_kind scope)
{
    switch (scope) {
    case SE_SCOPE_RECORD:
        return "record";
    case SE_SCOPE_KEY:
        return "key";
    case SE_SCOPE_NONE:
        break;
    }
    return "none";
}

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct se_command *se_commands(size_t *n)
{
    *n = N_COMMANDS;
    return commands;
}

bool se_command_is_word(const struct se_command *c)
{
    return c->name[0] >= 'a' && c->name[0] <= 'z' && c->name[1] != '\0';
}

const struct se_command *se_command_named(struct rdv_span name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const char *row = commands[i].name;

        if (name.n > 0 && (uint8_t)row[0] == name.p[0] && rdv_span_is(name, row))
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

        if (!se_command_is_word(&commands[i]) || words->n == 0 ||
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
        return se_refuse(s->el, RDV_ERR_DENIED,
                         (struct se_refusal){ .right = se_right_name(c->right) });
    if (c->scope != SE_SCOPE_NONE && !s->me.root &&
        !se_scope_has(c->scope == SE_SCOPE_KEY ? &s->me.keys : &s->me.records, rq->slot))
        return se_refuse(s->el, RDV_ERR_DENIED,
                         (struct se_refusal){ .right = se_right_name(c->right),
                                              .scope = se_scope_name(c->scope),
                                              .slot = rq->slot });
    if ((c->flags & SE_WRITES) != 0 && (c->flags & SE_WHEN_READ_ONLY) == 0 &&
        se_element_is_read_only(s->el))
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
    if (se_element_is_read_only(s->el))
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

    if ((err = c->run(s, answer, rq)) != RDV_OK || (err = se_answer_end(answer)) != RDV_OK ||
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
    const bool accepting = el->accepting;
    const uint64_t act = el->acts++;
    struct se_log_mark mark;
    enum rdv_err err;

    if ((err = check(c, s, rq)) != RDV_OK)
        return refuse(c, s, rq, err);
    if (rq->malformed != RDV_OK)
        return rq->malformed;
    if (rq->words != NULL && (err = se_params_check(s, c, rq->words)) != RDV_OK)
        return err;
    if ((c->flags & (SE_WRITES | SE_ALONE)) != SE_WRITES) {
        err = run_and_note(c, s, answer, rq);
        return err == RDV_ERR_DENIED ? refuse(c, s, rq, err) : err;
    }
    if ((err = se_log_make_room(el)) != RDV_OK || (err = se_store_step(el->store)) != RDV_OK)
        return err;
    mark = se_log_mark(el);
    if ((err = run_and_note(c, s, answer, rq)) == RDV_OK)
        return se_store_step_keep(el->store);
    s->state = before;
    el->accepting = accepting;
    el->accounts_version++; /* whoever has seen what is undone now must look again */
    se_element_unmark(el, act);
    se_log_undo(el, &mark);
    if (se_store_step_undo(el->store) != RDV_OK || se_audit_rewind(&el->audit, el->store) != RDV_OK)
        return RDV_ERR_LOST;
    return s->me.root ? err : refuse(c, s, rq, err); /* a limit is a guest's */
}
