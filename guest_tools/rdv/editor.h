/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines typed at a terminal, with the keys people know, a history and completion (libedit). */
#ifndef RDV_GUEST_TOOLS_RDV_EDITOR_H
#define RDV_GUEST_TOOLS_RDV_EDITOR_H

#include "base/bytes.h"
#include "base/err.h"
#include "guest_tools/rdv/complete.h"

struct tool_editor;

/*
 * prompt is borrowed. The history is kept in the file `path`, for its owner only; lines that may
 * hold a key are not. `help` is what completion learns from, and is borrowed.
 * Returns: RDV_ERR_NOMEM. A history that cannot be read is an empty one.
 */
RDV_MUST_USE enum rdv_err tool_editor_new(struct tool_editor **out, const char *prompt,
                                          const char *path, struct rdv_span help);
/* Saves the history. */
void tool_editor_free(struct tool_editor *e);

/* The next line without its end, valid until the next call. False at the end of the input. Ctrl-C
 * empties the line. */
bool tool_editor_line(struct tool_editor *e, struct rdv_span *line);

/* True when a line may hold a key: 32 hex digits in a row. */
bool tool_line_is_secret(struct rdv_span line);

#endif
