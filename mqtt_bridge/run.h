/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bridge with its connections, on one loop. */
#ifndef RDV_MQTT_BRIDGE_RUN_H
#define RDV_MQTT_BRIDGE_RUN_H

#include <rdv/uri.h>

#include "base/broker.h"
#include "mqtt_bridge/bridge.h"

#define BRIDGE_BROKERS 8

struct bridge_config {
    struct rdv_uri from; /* with an identity */
    const char *psk_file;
    const char *client_id;
    struct rdv_broker_address brokers[BRIDGE_BROKERS];
    unsigned n_brokers;
    const char *user_file, *broker_psk_file; /* "": none */
    const char *ca, *cert, *key;             /* PEM files; "": none */
    size_t entries, bytes;
    unsigned per_record;
    uint64_t republish_from;
    const char *ready_file;
};

/* Runs until SIGTERM or SIGINT. Returns: RDV_ERR_BUSY (another bridge does this work), RDV_ERR_IO,
 * RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err bridge_run(const struct bridge_config *config);

#endif
