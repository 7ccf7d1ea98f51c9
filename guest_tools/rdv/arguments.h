/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Operands as parameters of a method: words by their place, the rest as name=value. A value is what
 * it would be in a line of words; of the names that take bytes it is hex, or @FILE for the bytes of
 * a file.
 */
#ifndef RDV_GUEST_TOOLS_RDV_ARGUMENTS_H
#define RDV_GUEST_TOOLS_RDV_ARGUMENTS_H

#include "guest_tools/rdv/tool.h"

#define TOOL_ARGUMENTS_MAX 22
#define TOOL_ARGUMENT_NAME 33 /* with its NUL */

struct tool_arguments {
    struct rdv_param params[TOOL_ARGUMENTS_MAX + 1]; /* ended by RDV_END */
    size_t n;
    /* What they point to: */
    char names[TOOL_ARGUMENTS_MAX][TOOL_ARGUMENT_NAME];
    struct rdv_buf values[TOOL_ARGUMENTS_MAX]; /* may hold keys */
};

void tool_arguments_init(struct tool_arguments *a);
void tool_arguments_free(struct tool_arguments *a);

/*
 * Takes all operands. `words` names those by place: "name", "[from] [count]". A record that the URI
 * names stands for "record". What may hold a key is struck out of the operands.
 * Returns: RDV_ERR_USAGE, or what reading a file met.
 */
RDV_MUST_USE enum rdv_err tool_arguments_take(struct tool *t, struct tool_arguments *a,
                                              const char *words, const struct rdv_uri *where);

bool tool_arguments_has(const struct tool_arguments *a, const char *name);

/* Sets a parameter, in the place of one of that name. Returns: RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err tool_arguments_set(struct tool_arguments *a, const char *name,
                                             const char *text);

/* Reads the two hex digits of a record. Returns: RDV_ERR_USAGE. */
RDV_MUST_USE enum rdv_err tool_read_record(struct tool *t, uint8_t *out, const char *text);

/* Takes the next operand, the number of an entry; *given is false when there is none. Returns:
 * RDV_ERR_USAGE. */
RDV_MUST_USE enum rdv_err tool_take_number(struct tool *t, uint64_t *out, bool *given);

/* The number of --count; UINT64_MAX without it. Returns: RDV_ERR_USAGE. */
RDV_MUST_USE enum rdv_err tool_count(struct tool *t, uint64_t *out);

#endif
