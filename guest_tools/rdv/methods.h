/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that ask a card for one thing and show what it says, from methods.def. */
#ifndef RDV_GUEST_TOOLS_RDV_METHODS_H
#define RDV_GUEST_TOOLS_RDV_METHODS_H

#include <stdio.h>

#include "guest_tools/rdv/tool.h"

struct tool_method {
    const char *command, *verb, *method, *words, *help;
};

const struct tool_method *tool_methods(size_t *n);

/* The verbs of a command, for its help; nothing if it has none. */
void tool_methods_help(FILE *out, const char *command);
void tool_methods_help_json(const char *command);

#endif
