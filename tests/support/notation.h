/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CBOR as people read it: diagnostic notation (RFC 8949 section 8). */
#ifndef RDV_TESTS_SUPPORT_NOTATION_H
#define RDV_TESTS_SUPPORT_NOTATION_H

#include "base/bytes.h"

/* Appends what an independent reader (libcbor) makes of the one item that `in` consists of: hex
 * digits in upper case, ", " and ": " between. False when it is not one well-formed item. */
bool t_notation(struct rdv_buf *out, struct rdv_span in);

/* Appends the item written so, keys in the order written; blanks do not matter. Aborts on what it
 * cannot read: numbers, text, h'', arrays, maps, true, false, null. */
void t_cbor(struct rdv_buf *out, const char *notation);

#endif
