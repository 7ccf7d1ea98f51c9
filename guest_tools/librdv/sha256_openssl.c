/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/librdv/sha256.h"

#include <openssl/evp.h>

enum rdv_err guest_sha256(uint8_t out[GUEST_SHA256_BYTES], struct rdv_span data)
{
    /* It fails for want of memory only. */
    return EVP_Digest(data.p, data.n, out, NULL, EVP_sha256(), NULL) == 1 ? RDV_OK : RDV_ERR_NOMEM;
}
