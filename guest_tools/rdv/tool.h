/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the commands of rdv share: the options given, errors for people, and the way to a card. A
 * command is a function tool_NAME; its line is in commands.def, its options in options.def.
 */
#ifndef RDV_GUEST_TOOLS_RDV_TOOL_H
#define RDV_GUEST_TOOLS_RDV_TOOL_H

#include <rdv/client.h>

#include "base/bytes.h"
#include "base/err.h"

#define TOOL_CARD_KEY_TEXT 132 /* a card's public key in hex, and room to see that it goes on */

struct tool_options {
#define FLAG(group, field, letter, help) bool field;
#define VALUE(group, field, letter, argument, help) const char *field;
#include "guest_tools/rdv/options.def"
#undef FLAG
#undef VALUE
};

struct tool {
    struct tool_options options;
    const char *command; /* being run */
    /* What is left of the command line: operands. They are the process's own arguments. */
    int argc;
    char **argv;
    struct rdv_why why;  /* of the error a function below has returned; "" when it says enough */
    enum rdv_err failed; /* the first that was told already: tool_fail */
    int timeout_ms;      /* of the option */
    const int *stop; /* ends all waiting for a card, as rdv/client.h has it; NULL: nothing does */
    char psk_path[4096];               /* of the profile's key; "" */
    char card_key[TOOL_CARD_KEY_TEXT]; /* that the profile's card must have, in hex; "" */
};

/* --- commands --------------------------------------------------------------------------------- */

#define TOOL_COMMAND(name) enum rdv_err tool_##name(struct tool *t)

#define COMMAND(name, groups, operands, help) TOOL_COMMAND(name);
#include "guest_tools/rdv/commands.def"
#undef COMMAND

/* --- errors and talk -------------------------------------------------------------------------- */

/* Sets t->why and returns err: `return tool_why(t, RDV_ERR_USAGE, "...")`. */
enum rdv_err tool_why(struct tool *t, enum rdv_err err, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Tells an error now, for a command that goes on with something else. */
void tool_fail(struct tool *t, enum rdv_err err);

/* Says what is being done, with --verbose. */
void tool_say(const struct tool *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes the next operand, or NULL. */
char *tool_next(struct tool *t);

/* RDV_ERR_USAGE unless all operands were taken. */
RDV_MUST_USE enum rdv_err tool_no_more(struct tool *t);

/* --- the way to a card ------------------------------------------------------------------------ */

/* True of what can only be WHERE: it holds "://" or begins with '@'. */
bool tool_is_where(const char *operand);

/*
 * Takes the operand WHERE if there is one: a URI, or @NAME of a profile; else the default profile.
 * Options win over both. *where may hold a key: wipe it. A key in a URI on the command line is
 * struck out there, and warned about.
 */
RDV_MUST_USE enum rdv_err tool_where(struct tool *t, struct rdv_uri *where);

/* What the options say about where, in the place of what is there. Returns: RDV_ERR_USAGE. */
RDV_MUST_USE enum rdv_err tool_where_options(struct tool *t, struct rdv_uri *where);

/* Puts the key into *where: of an option, of where itself, of the profile, or typed at the
 * terminal.
 */
RDV_MUST_USE enum rdv_err tool_take_key(struct tool *t, struct rdv_uri *where);

/* Finds the key, connects and logs in; a card that the profile knows has proved that it is that. */
RDV_MUST_USE enum rdv_err tool_connect(struct tool *t, struct rdv_client **out,
                                       const struct rdv_uri *where, enum rdv_language language);

#endif
