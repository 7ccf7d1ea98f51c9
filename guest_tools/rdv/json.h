/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --json writes to standard output: one object a line. */
#ifndef RDV_GUEST_TOOLS_RDV_JSON_H
#define RDV_GUEST_TOOLS_RDV_JSON_H

#include "base/bytes.h"
#include "base/err.h"

/* {"error": {"code": word, "text": why}} */
void tool_json_error(enum rdv_err err, const char *why);

/* {"command": ..., "answer": ...}: an answer in text, or {"hex": ...} of bytes that are none. */
void tool_json_answer(struct rdv_span command, struct rdv_span answer);

/* One pair of an object: a text as it is, or {"hex": ...} of bytes that are none; a number where
 * the text has no bytes at all (NULL). */
struct tool_json_field {
    const char *name;
    struct rdv_span text;
    uint64_t number;
};

void tool_json_object(const struct tool_json_field *fields, size_t n);

#endif
