/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results for people: lines of names and values, or a table. Nothing a card says can move the
 * cursor. */
#ifndef RDV_GUEST_TOOLS_RDV_RESULT_H
#define RDV_GUEST_TOOLS_RDV_RESULT_H

#include <stdio.h>

#include <rdv/value.h>

#define TOOL_MOMENT 32 /* with its NUL */

/* "2026-01-02T03:04:05Z", or "?" of what is no year that people live in. */
void tool_moment(char out[TOOL_MOMENT], uint64_t seconds);

/* A map, a line for each value but that of the key `without`, which may be NULL. */
void tool_result_write(FILE *out, struct rdv_value result, const char *without);

/* Rows of several answers as one table. */
struct tool_table;

/* NULL when there is no memory. */
struct tool_table *tool_table_new(void);
/* False when there is no memory. */
bool tool_table_add(struct tool_table *table, struct rdv_value row);
void tool_table_write(FILE *out, const struct tool_table *table);
void tool_table_free(struct tool_table *table);

#endif
