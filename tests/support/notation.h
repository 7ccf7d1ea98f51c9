/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an independent reader (libcbor) makes of CBOR. */
#ifndef RDV_TESTS_SUPPORT_NOTATION_H
#define RDV_TESTS_SUPPORT_NOTATION_H

#include "base/bytes.h"

/* Appends the one item that `in` consists of, in diagnostic notation (RFC 8949 section 8): hex
 * digits in upper case, ", " and ": " between. False when it is not one well-formed item. */
bool t_notation(struct rdv_buf *out, struct rdv_span in);

#endif
