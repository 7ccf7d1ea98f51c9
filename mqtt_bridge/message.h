/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is published, as MQTT 5 (OASIS, 2019) has it. All of it goes with QoS 1 and is retained. */
#ifndef RDV_MQTT_BRIDGE_MESSAGE_H
#define RDV_MQTT_BRIDGE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "schema/wire/topic.h"

#define BRIDGE_TYPE_SIGNED \
    "application/cose; cose-type=\"cose-sign1\"" /* RFC 9052 section 11.2.1 */
#define BRIDGE_TYPE_STATUS "text/plain"

/* Names of user properties. */
#define BRIDGE_PROPERTY_SEQ "seq"
#define BRIDGE_PROPERTY_N "n"

struct bridge_message {
    struct rdv_topic topic;
    struct rdv_span payload;
    uint64_t seq, n;  /* of an entry, as user properties; seq 0: of something else, without them */
    uint64_t expires; /* seconds since 1970; 0: never */
};

const char *bridge_message_type(const struct bridge_message *m);

/* Seconds for which the broker is to keep it (section 3.3.2.3.3), at least 1: what has expired on
 * the way is published all the same, or it would be missed. 0: for ever. */
uint32_t bridge_message_expiry(const struct bridge_message *m, int64_t now);

/* Bytes of its PUBLISH packet (section 3.3), which a broker may limit. */
size_t bridge_message_packet(const struct bridge_message *m);

#endif
