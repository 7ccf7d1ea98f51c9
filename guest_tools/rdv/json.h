/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --json writes to standard output: one object a line. */
#ifndef RDV_GUEST_TOOLS_RDV_JSON_H
#define RDV_GUEST_TOOLS_RDV_JSON_H

#include <rdv/record.h>
#include <rdv/verify.h>

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
/* Texts alone: name, value, name, value ..., NULL. */
void tool_json_texts(const char *const *pairs);
/* A result as it is: numbers, bools, texts, lists and maps are themselves, bytes are hex. */
void tool_json_result(struct rdv_value result);

/* {"record": 10, "changed": 1800000000, "seq": 57}; no seq when it is 0. */
void tool_json_posted(uint8_t record, uint64_t changed, uint64_t seq);

/* {"record": 10, "content": hex, "text": where it is one, "author": ..., "type": ..., "changed":
 * ...}; an empty record has its number and "content": "" alone. */
void tool_json_content(uint8_t record, const struct rdv_content *content);

/* {"verdict": "GAP", "alarm": true, ...}; of what the card has not signed only where it came: on
 * the topic, or `from` where that is NULL. */
void tool_json_verdict(const struct rdv_verified *verified, const char *topic, const char *from,
                       bool content);

/* Rows of several answers as {"list": [...]}. */
struct tool_json_list;

/* NULL when there is no memory. */
struct tool_json_list *tool_json_list_new(void);
void tool_json_list_add(struct tool_json_list *list, struct rdv_value row);
/* Writes and frees. */
void tool_json_list_end(struct tool_json_list *list);

#endif
