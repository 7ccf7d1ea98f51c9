/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/identity.h"

#include <string.h>

#include "base/secret.h"
#include "se_card/hash.h"

void se_identity_digest(uint8_t out[SE_IDENTITY_BYTES], const uint8_t session[SE_IDENTITY_BYTES],
                        const uint8_t challenge[SE_IDENTITY_BYTES])
{
    uint8_t both[2 * SE_IDENTITY_BYTES];

    memcpy(both, session, SE_IDENTITY_BYTES);
    memcpy(both + SE_IDENTITY_BYTES, challenge, SE_IDENTITY_BYTES);
    se_sha256(out, (struct rdv_span){ both, sizeof(both) });
    rdv_wipe(both, sizeof(both));
}
