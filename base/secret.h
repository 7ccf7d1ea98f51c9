/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secrets: a type of their own that nothing can print, wiped on every path, compared in constant
 * time. There is no hex or log function for struct rdv_key, on purpose.
 */
#ifndef RDV_BASE_SECRET_H
#define RDV_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define RDV_KEY_BYTES 32

/* A 256-bit secret: a pre-shared key, a data key, a key-encryption key. */
struct rdv_key {
    uint8_t bytes[RDV_KEY_BYTES];
};

/* Fills with zeros in a way the compiler may not remove. p may be NULL when n is 0. */
void rdv_wipe(void *p, size_t n);

static inline void rdv_key_wipe(struct rdv_key *key)
{
    rdv_wipe(key, sizeof(*key));
}

/*
 * True when any bit is set. Where something made from a secret decides what happens next, and
 * everybody may know the answer ("the key is refused"), the code says so with this; tests/ctime
 * finds every other branch on a secret.
 */
bool rdv_reveal(uint64_t bits);

/* True when the n bytes are equal; time depends on n alone. */
bool rdv_ct_equal(const void *a, const void *b, size_t n);

/*
 * Takes a key from its 32 bytes.
 * Returns: RDV_ERR_RANGE for another length; RDV_ERR_WEAK for an all-zero key. out is zero then.
 */
RDV_MUST_USE enum rdv_err rdv_key_import(struct rdv_key *out, struct rdv_span bytes);

/*
 * True for keys a person makes up: all bytes equal, or counting up or down by a constant step
 * (0102..1F20, the demonstration key, is one of them). Time depends on the answer only.
 */
bool rdv_key_is_weak(const struct rdv_key *key);

/* Keeps the pages of a long-lived secret out of swap and core dumps. False when mlock is refused;
 * the caller warns once and goes on. */
bool rdv_secret_lock(void *p, size_t n);

#endif
