/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one table of what can be asked of a card: for each command its right, its scope and whether
 * it writes. Every language (shell.h, words.h, call.h) parses into a struct se_request and comes
 * through se_command_run: a rule exists once.
 *
 * A row whose name is words ("key sign") is a `!` command for people and a method for programs. Its
 * syntax says what it takes (syntax.h), and its handler finds that in rq->words whoever has asked:
 * what the syntax calls HEX is there as bytes, which a program sends as they are. It answers
 * through answer.h, which writes lines or CBOR. So a command of TLS-SE becomes a method by a row
 * with a name of words and a handler that calls the same function of the core.
 */
#ifndef RDV_SE_CARD_COMMANDS_H
#define RDV_SE_CARD_COMMANDS_H

#include "base/bytes.h"
#include "base/err.h"
#include "schema/wire/words.h"
#include "se_card/answer.h"
#include "se_card/keys.h"
#include "se_card/session.h"

enum se_scope_kind {
    SE_SCOPE_NONE,
    SE_SCOPE_RECORD, /* the request's slot is a record */
    SE_SCOPE_KEY,    /* the request's slot is a key */
};

/* "record"; "none". */
const char *se_scope_name(enum se_scope_kind scope);

enum se_command_flags {
    SE_WRITES = 1 << 0,         /* needs a database that may be written */
    SE_ADMIN = 1 << 1,          /* what it does is written to the audit */
    SE_ALONE = 1 << 2,          /* makes its own transactions: never inside a group */
    SE_WHEN_READ_ONLY = 1 << 3, /* writes, and yet may run while the card is read-only */
};

/* How a command on a key takes its input and gives its answer. */
enum se_key_mode {
    SE_MODE_PIPE = 4,   /* blocks, one operation each */
    SE_MODE_BINARY = 8, /* raw bytes both ways, not hex */
};

struct se_request {
    uint8_t slot;                  /* of a record or key, where the command has a scope */
    uint8_t mode;                  /* TLS-SE, keys: enum se_key_mode */
    enum se_key_curve curve;       /* TLS-SE, keys: 1y asks for P-256 */
    struct rdv_span payload;       /* TLS-SE: behind the digits */
    const struct rdv_words *words; /* of the other languages: what comes with the command */
    enum rdv_err malformed;        /* what is wrong with it all the same; el->fault says it */
    /* For the audit, filled in by the handler. */
    char target[SE_NAME_MAX + 1];
    char detail[160];
};

typedef enum rdv_err (*se_handler)(struct se_session *s, struct se_answer *answer,
                                   struct se_request *rq);

struct se_command {
    const char *name; /* "Z", "?A0", or the words "guest add" */
    uint32_t right;   /* enum se_right, or SE_NEEDS_... */
    enum se_scope_kind scope;
    unsigned flags;
    const char *syntax; /* behind the name */
    const char *help;   /* one line */
    se_handler run;
};

const struct se_command *se_commands(size_t *n);

/* "Z", "?A0": by letter, and for '?' by its digits. NULL when there is none. */
const struct se_command *se_command_find(uint8_t letter, uint8_t index);

/* "guest add": by the first words of a line; *n_used is how many they are. NULL when there is none.
 */
const struct se_command *se_command_find_words(const struct rdv_words *words, size_t *n_used);

/* True for a command with a name of words: of the languages beside TLS-SE. */
bool se_command_is_word(const struct se_command *c);

/* By name, for help. */
const struct se_command *se_command_named(struct rdv_span name);

/* True when the account may run it at all, whatever the slot. */
bool se_command_is_allowed(const struct se_command *c, const struct se_account *account);

/*
 * Checks the right and the scope, then what comes with the command against its syntax, runs it as
 * one step of the open transaction, and writes what belongs in the audit. A command that fails
 * leaves no effect; el->fault says why. Returns: what the command returns; RDV_ERR_DENIED;
 * RDV_ERR_READONLY; RDV_ERR_LOST when the whole transaction was lost.
 */
RDV_MUST_USE enum rdv_err se_command_run(const struct se_command *c, struct se_session *s,
                                         struct se_answer *answer, struct se_request *rq);

#endif
