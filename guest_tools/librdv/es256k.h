/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ES256K (RFC 8812 section 3.2), of public keys only: ECDSA on secp256k1. */
#ifndef RDV_GUEST_TOOLS_LIBRDV_ES256K_H
#define RDV_GUEST_TOOLS_LIBRDV_ES256K_H

#include "base/bytes.h"
#include "base/err.h"

#define GUEST_ES256K_POINT_BYTES 33
#define GUEST_ES256K_SIGNATURE_BYTES 64

struct guest_es256k {
    uint8_t point[GUEST_ES256K_POINT_BYTES]; /* compressed */
    uint8_t parsed[64];                      /* in the library's form */
};

/* Takes a public key: 33 bytes compressed, or 65. Returns: RDV_ERR_RANGE. */
RDV_MUST_USE enum rdv_err guest_es256k_read(struct guest_es256k *out, struct rdv_span key);

/* signature: r and s, s the lower of the two that there are. Returns: RDV_ERR_AUTH. */
RDV_MUST_USE enum rdv_err guest_es256k_verify(const struct guest_es256k *key,
                                              const uint8_t rs[GUEST_ES256K_SIGNATURE_BYTES],
                                              const uint8_t digest[32]);

#endif
