/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that an element's database says, as text: to see that nothing has changed. */
#ifndef RDV_TESTS_SUPPORT_DUMP_H
#define RDV_TESTS_SUPPORT_DUMP_H

#include "se_card/store.h"

enum t_dump_what {
    T_DUMP_ALL,
    T_DUMP_EFFECTS, /* not the audit: a refusal is written there, and nowhere else */
};

/* Replaces `out` by a line for each row of each table. Not inside a group. */
void t_dump(struct rdv_buf *out, struct se_store *store, enum t_dump_what what);

#endif
