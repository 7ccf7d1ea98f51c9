/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_GUEST_TOOLS_LIBRDV_SHA256_H
#define RDV_GUEST_TOOLS_LIBRDV_SHA256_H

#include "base/bytes.h"
#include "base/err.h"

#define GUEST_SHA256_BYTES 32

/* SHA-256 (FIPS 180-4) of public bytes. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err guest_sha256(uint8_t out[GUEST_SHA256_BYTES], struct rdv_span data);

#endif
