/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an account may do. Default: nothing. Root may do everything. */
#ifndef RDV_SE_CARD_RIGHTS_H
#define RDV_SE_CARD_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "se_card/store.h"

/* Bits as the database keeps them: never renumber. */
enum se_right {
    SE_RIGHT_READ = 1 << 0,    /* records: I */
    SE_RIGHT_WRITE = 1 << 1,   /* records: Z */
    SE_RIGHT_KEYGEN = 1 << 2,  /* make and clear keys */
    SE_RIGHT_SIGN = 1 << 3,    /* sign, read public keys */
    SE_RIGHT_SECRET = 1 << 4,  /* HMAC, AES */
    SE_RIGHT_EXPORT = 1 << 5,  /* read a private key back */
    SE_RIGHT_PUBLISH = 1 << 6, /* read the log for others */
    SE_RIGHT_AUDIT = 1 << 7,   /* read the audit */
    SE_RIGHT_RSA = 1 << 8,     /* RSA keys */
    SE_RIGHT_ECHO = 1 << 9,    /* echo, and the identity of the card */
};

#define SE_RIGHTS_ALL ((1U << 10) - 1)

/* What a command asks of an account. */
#define SE_NEEDS_NOTHING 0U
#define SE_NEEDS_ROOT (1U << 31)
#define SE_NEEDS_LOG (SE_RIGHT_READ | SE_RIGHT_PUBLISH) /* either */

/* What a guest made by ?06 may do: the guest column of the TLS-SE command table. */
#define SE_RIGHTS_OF_A_NEW_GUEST (SE_RIGHT_READ | SE_RIGHT_SECRET | SE_RIGHT_ECHO)

/* "read"; "root" for SE_NEEDS_ROOT; "read|publish" for SE_NEEDS_LOG. */
const char *se_right_name(uint32_t right);

/* Reads "read,write" or "none". Returns: RDV_ERR_ABSENT for a word that is no right, which *bad
 * then holds. */
RDV_MUST_USE enum rdv_err se_rights_decode(uint32_t *out, struct rdv_span *bad,
                                           struct rdv_span text);

/* Appends "read,write", or "none". Returns: RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_rights_put(struct rdv_buf *out, uint32_t rights);

/* True when the account may do what needs `right` (one enum se_right, or SE_NEEDS_...). */
bool se_rights_allow(const struct se_account *account, uint32_t right);

/*
 * ?A8: the rights after class xx got the mask yy. Bit 04 grants the class (for records: read), bit
 * 08 grants writing records; bits 01 and 02 are root's and mean nothing here.
 * Returns: RDV_ERR_RANGE for an unknown class or bit; *rights is unchanged then.
 */
RDV_MUST_USE enum rdv_err se_rights_set_class(uint32_t *rights, uint8_t class, uint8_t mask);

#endif
