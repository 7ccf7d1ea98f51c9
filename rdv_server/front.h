/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The front at work: listens for clients, connects each to its card, moves bytes. It holds no
 * secret and keeps no state: killing it costs nothing but the connections.
 */
#ifndef RDV_SERVER_FRONT_H
#define RDV_SERVER_FRONT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct rdv_front_config {
    const char *listen;      /* "ADDR:PORT", "[ADDR6]:PORT" */
    const char *cards;       /* path of the cards' Unix socket */
    const char *default_sen; /* "" for none */
    const char *public;      /* "HOST:PORT" where clients reach it; "": where they have */
    size_t max_sessions, max_per_address;
    uint64_t handshake_ms, idle_ms, card_wait_ms;
    unsigned busy_poll_us; /* how long it looks for a card's answer before it sleeps; 0: never */
    const char *ready_file;
};

/* Serves until SIGTERM or SIGINT. Returns: RDV_OK then; RDV_ERR_USAGE (address), RDV_ERR_IO,
 * RDV_ERR_NOMEM when serving could not begin. Faults are logged. */
RDV_MUST_USE enum rdv_err rdv_front_run(const struct rdv_front_config *config);

#endif
