/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_GUEST_TOOLS_RDV_MQTT_EXIT_H
#define RDV_GUEST_TOOLS_RDV_MQTT_EXIT_H

#include "base/err.h"

/* Paho's threads are detached: the last of them may be ending while the process does, and frees
 * what it has of OpenSSL itself. To be called before OpenSSL is used, which then does not clean up
 * on exit. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err tool_mqtt_may_exit(void);

#endif
