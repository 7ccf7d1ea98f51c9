/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Content for one reader: libsodium's sealed box (X25519 with a key made for it alone, XSalsa20,
 * Poly1305). Whoever carries or keeps it, the secure element too, cannot read it; nobody can tell
 * who has sealed it.
 *
 *   box = public key made for it (32 bytes) || tag (16) || ciphertext
 */
#ifndef RDV_GUEST_TOOLS_RDV_BOX_H
#define RDV_GUEST_TOOLS_RDV_BOX_H

#include <rdv/record.h>

#include "base/bytes.h"
#include "base/secret.h"

#define TOOL_BOX_PUBLIC_BYTES 32
#define TOOL_BOX_OVERHEAD 48
#define TOOL_BOX_MAX ((size_t)RDV_CONTENT_MAX) /* a box fits in a record */
#define TOOL_BOX_PLAIN_MAX (TOOL_BOX_MAX - TOOL_BOX_OVERHEAD)

/* The public key of a reader's secret one. Returns: RDV_ERR_WEAK. */
RDV_MUST_USE enum rdv_err tool_box_public(uint8_t out[TOOL_BOX_PUBLIC_BYTES],
                                          const struct rdv_key *secret);

/* Appends a box. Returns: RDV_ERR_LIMIT (over TOOL_BOX_PLAIN_MAX, or out's limit), RDV_ERR_WEAK (a
 * public key that hides nothing), RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err tool_box_seal(struct rdv_buf *out, struct rdv_span plain,
                                        const uint8_t reader[TOOL_BOX_PUBLIC_BYTES]);

/* Appends what is in a box. Returns: RDV_ERR_SHORT (too short for one), RDV_ERR_AUTH (damaged, or
 * for another reader), RDV_ERR_LIMIT, RDV_ERR_NOMEM: nothing was added. */
RDV_MUST_USE enum rdv_err tool_box_open(struct rdv_buf *out, struct rdv_span box,
                                        const struct rdv_key *secret);

#endif
