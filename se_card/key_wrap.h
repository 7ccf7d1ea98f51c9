/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys that leave the keystore as blobs (wrap.h) and come back. */
#ifndef RDV_SE_CARD_KEY_WRAP_H
#define RDV_SE_CARD_KEY_WRAP_H

#include "se_card/keys.h"
#include "se_card/wrap.h"

/* Where the first byte of a header's slot number leads: 10-1F are the curves 00-0F as P-256. */
void se_key_index(uint8_t *slot, enum se_key_curve *curve, uint8_t index);

/*
 * Appends the part that the 2 or 7 bytes of a header name as a blob; `slot` is the one that was
 * checked, and must be the header's. `older` asks for the older layout whatever the header.
 * Returns: RDV_ERR_ABSENT (no key, or no wrap secret was set), RDV_ERR_DENIED (not exportable),
 * RDV_ERR_RANGE, as keys.h and wrap.h.
 */
RDV_MUST_USE enum rdv_err se_key_wrap(struct se_element *el, struct rdv_buf *out,
                                      struct rdv_span header, uint8_t slot, bool older);

/* Takes the part in a blob into `slot`, which must be the blob's. Returns: RDV_ERR_AUTH (changed,
 * or under another wrap secret), as above and as se_keys_put_part. */
RDV_MUST_USE enum rdv_err se_key_unwrap(struct se_element *el, struct rdv_span blob, uint8_t slot);

#endif
