/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests by wolfSSL, which may leave the work to a device of ours. */
#ifndef RDV_TESTS_SUPPORT_DIGEST_H
#define RDV_TESTS_SUPPORT_DIGEST_H

#include "base/bytes.h"

#define T_DIGEST_MAX 64
#define T_NO_DEVICE (-2)

/* SHA-256 of `bytes`, taken in two pieces, `cut` bytes first. *midway is the digest of the first of
 * them, of a copy as TLS makes them. */
void t_digest_sha256(uint8_t midway[32], uint8_t out[32], int device, struct rdv_span bytes,
                     size_t cut);

/* One byte, by the hash with so many bits (160: SHA-1). */
void t_digest_byte(uint8_t out[T_DIGEST_MAX], unsigned bits, int device);

#endif
