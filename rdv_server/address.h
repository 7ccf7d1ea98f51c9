/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket addresses as text: "192.0.2.7:50122", "[2001:db8::1]:50122". */
#ifndef RDV_SERVER_ADDRESS_H
#define RDV_SERVER_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

#define RDV_ADDRESS_TEXT 64 /* longer than any of them, with NUL */

/* An IPv4 address that an IPv6 socket sees ("::ffff:192.0.2.7") is written as what it is. */
void rdv_address_text(char out[RDV_ADDRESS_TEXT], const struct sockaddr *address);

/* True for 0.0.0.0 and [::], which stand for every address of the machine. */
bool rdv_address_is_any(const struct sockaddr *address);

/* Port 0 is allowed. Returns: RDV_ERR_USAGE. */
RDV_MUST_USE enum rdv_err rdv_address_parse(struct sockaddr_storage *out, const char *text);

#endif
