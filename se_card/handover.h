/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What root hands over to whoever gets a new key: ready to use, told once. */
#ifndef RDV_SE_CARD_HANDOVER_H
#define RDV_SE_CARD_HANDOVER_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

struct se_handover {
    const char *sen;
    const char *identity; /* printable ASCII */
    const char *address;  /* "HOST:PORT", as rdv_reached_is_valid has it */
    const struct rdv_key *psk;
};

/*
 * Appends three lines:
 *
 *   psk=HEX
 *   uri=shellS://SEN:HEX(IDENTITY)@HOST:PORT/     the form of draft-urien-tls-se-rdv
 *     openssl s_client ...                        text for a POSIX shell
 *
 * In the URI, what is not unreserved (RFC 3986, 2.3) in the identity is percent-encoded. The shell
 * line begins with two blanks, so that a shell told to ignore such lines keeps it out of its
 * history; it gives every value back exactly.
 * Returns: RDV_ERR_LIMIT, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err se_handover_put(struct rdv_buf *answer, const struct se_handover *h);

#endif
