/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A transport over TCP. */
#ifndef RDV_GUEST_TOOLS_LIBRDV_SOCKET_H
#define RDV_GUEST_TOOLS_LIBRDV_SOCKET_H

#include <rdv/client.h>

/*
 * Resolves the name and connects to the first of its addresses that answers, each within its share
 * of the time. Name resolution itself keeps the resolver's own time. stop: as in struct
 * rdv_client_options.
 * Returns, with the reason in *why: RDV_ERR_ABSENT (no such host), RDV_ERR_CLOSED (nobody listens,
 * or no way there), RDV_ERR_TIMEOUT, RDV_ERR_IO, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err guest_socket_open(struct rdv_transport *out, const char *host,
                                            uint16_t port, int timeout_ms, const int *stop,
                                            struct rdv_why *why);

#endif
