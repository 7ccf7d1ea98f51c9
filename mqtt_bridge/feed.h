/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bridge's questions in the words of the card (docs/protocol.md), and its answers. The methods
 * are those of the log; a wait for entries ends when another request follows.
 */
#ifndef RDV_MQTT_BRIDGE_FEED_H
#define RDV_MQTT_BRIDGE_FEED_H

#include <rdv/session.h>

#include "mqtt_bridge/bridge.h"

/* Asks. Returns as rdv_session_call. */
RDV_MUST_USE enum rdv_err bridge_feed_ask(struct rdv_session *s, const char *consumer,
                                          const struct bridge_ask *ask);

/*
 * Hands the answer to `asked`, the oldest question, to the bridge.
 * Returns: what ends the session: RDV_ERR_FORMAT (no card says this), RDV_ERR_NOMEM, or what the
 * card has refused.
 */
RDV_MUST_USE enum rdv_err bridge_feed_take(struct bridge *b, const struct bridge_ask *asked,
                                           const struct rdv_answer *answer, uint64_t now);

#endif
