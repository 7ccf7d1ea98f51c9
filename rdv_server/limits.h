/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many sessions there are, in all and from each address. */
#ifndef RDV_SERVER_LIMITS_H
#define RDV_SERVER_LIMITS_H

#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"

struct rdv_limits;

/* Who is counted: an IPv4 address, or the /64 of an IPv6 one, where one customer usually sits. */
struct rdv_limits_key {
    unsigned char bytes[16];
};

struct rdv_limits_key rdv_limits_key_of(const struct sockaddr *address);

/* Memory is taken now, for max_sessions. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_limits_new(struct rdv_limits **out, size_t max_sessions,
                                         size_t max_per_address);
void rdv_limits_free(struct rdv_limits *l);

/* Counts one session in. Returns: RDV_ERR_FULL (in all), RDV_ERR_LIMIT (from this address); nothing
 * is counted then. */
RDV_MUST_USE enum rdv_err rdv_limits_enter(struct rdv_limits *l, const struct rdv_limits_key *key);

/* Counts it out. */
void rdv_limits_leave(struct rdv_limits *l, const struct rdv_limits_key *key);

size_t rdv_limits_count(const struct rdv_limits *l);

#endif
