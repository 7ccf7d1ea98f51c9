/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The element that the harnesses of whole commands share: a guest that may do some things, a key of
 * each kind, and a record. It is the one thing that lives on between inputs, each of which is
 * rolled back. */
#ifndef RDV_TESTS_FUZZ_FUZZ_ELEMENT_H
#define RDV_TESTS_FUZZ_FUZZ_ELEMENT_H

#include "se_card/session.h"

/* Begins an input with an open transaction: `choice` says whether root (bit 0 clear) or the guest
 * speaks, and whether the card is read-only (bit 1). */
struct se_element *fuzz_element_begin(struct se_session *s, uint8_t choice);
void fuzz_element_end(void);

/* What a refused command must leave as it is: the database but its audit. */
void fuzz_element_dump(struct rdv_buf *out);
#define FUZZ_DUMP_MAX (4 * 1024 * 1024)

#endif
