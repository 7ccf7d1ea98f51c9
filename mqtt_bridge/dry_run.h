/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_MQTT_BRIDGE_DRY_RUN_H
#define RDV_MQTT_BRIDGE_DRY_RUN_H

#include "mqtt_bridge/run.h"

/*
 * Writes to standard output what the bridge would publish now, a line a message: its topic, seq, n
 * and bytes. Changes nothing anywhere.
 * Returns: what rdv_client_open does, or what the card refuses with (logged).
 */
RDV_MUST_USE enum rdv_err bridge_dry_run(const struct bridge_config *config);

#endif
