/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Slows guessing down. Failed logins are counted per identity and per address, in tables of fixed
 * size: buckets by a secret hash, so that a stranger's identity is treated as a known one is, and
 * nothing a stranger sends takes memory. From the third failure on an answer is delayed, longer
 * each time; from the tenth on the login is refused for a while whatever the key, longer each time.
 *
 * An address from which the account has logged in before is not held to the identity's count:
 * nobody can lock an owner out from elsewhere.
 */
#ifndef RDV_SE_CARD_GUARD_H
#define RDV_SE_CARD_GUARD_H

#include "base/bytes.h"
#include "base/err.h"

#define SE_GUARD_DELAYED 7 /* failures, after the free ones, that only delay the answer */
#define SE_GUARD_FIRST_MS 100
#define SE_GUARD_DELAY_MOST_MS 3000
#define SE_GUARD_LOCK_FIRST_MS 5000
#define SE_GUARD_LOCK_MOST_MS 900000
#define SE_GUARD_FORGET_MS 3600000 /* an hour without a failure clears a count */

struct se_guard;

struct se_verdict {
    uint64_t delay_ms; /* before the answer */
    bool refuse;       /* whatever the key */
};

/* `free_failures` cost nothing. */
RDV_MUST_USE enum rdv_err se_guard_new(struct se_guard **out, unsigned free_failures);
void se_guard_free(struct se_guard *g);

/* `ms` is a clock that never goes back. `known`: the account behind the identity, if there is one,
 * has logged in from this address. */
struct se_verdict se_guard_ask(const struct se_guard *g, struct rdv_span identity,
                               struct rdv_span address, bool known, uint64_t ms);
void se_guard_failed(struct se_guard *g, struct rdv_span identity, struct rdv_span address,
                     uint64_t ms);
/* A right key clears the identity's count, and the address's. */
void se_guard_succeeded(struct se_guard *g, struct rdv_span identity, struct rdv_span address);
/* What root says clears the identity's count. */
void se_guard_unlock(struct se_guard *g, struct rdv_span identity);

/* Failures counted for an identity. */
unsigned se_guard_failures(const struct se_guard *g, struct rdv_span identity, uint64_t ms);

/* The part of "192.0.2.7:50122" or "[2001:db8::1]:50122" that stands for its owner: the IPv4
 * address (as such or within IPv6, ::ffff:0:0/96), or the first 64 bits of an IPv6 one. Writes text
 * with NUL; what is not an address stands for itself. */
#define SE_HOST_TEXT 64
void se_guard_host(char out[SE_HOST_TEXT], struct rdv_span address);

#endif
