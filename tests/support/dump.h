/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An element's database, looked at and damaged from outside. */
#ifndef RDV_TESTS_SUPPORT_DUMP_H
#define RDV_TESTS_SUPPORT_DUMP_H

#include "se_card/store.h"

enum t_dump_what {
    T_DUMP_ALL,
    T_DUMP_EFFECTS, /* not the audit: a refusal is written there, and nowhere else */
};

/* Replaces `out` by a line for each row of each table, so that a test sees whether anything has
 * changed: what the open group has done counts. */
void t_dump(struct rdv_buf *out, struct se_store *store, enum t_dump_what what);

/* Does what no program of ours does to a database that nobody has open: damages it, or makes one
 * that is older than this program. What is in its log stays there, as after a kill. */
void t_sql(const char *path, const char *sql);

#endif
