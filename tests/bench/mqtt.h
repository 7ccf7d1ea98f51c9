/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a publisher and a subscriber say to a broker, and nothing else of MQTT 5: QoS 1, retained,
 * no properties, no time after which silence means death. Sans-I/O.
 */
#ifndef RDV_TESTS_BENCH_MQTT_H
#define RDV_TESTS_BENCH_MQTT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

/* All append a packet. Texts and payload are short: RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err bench_mqtt_put_connect(struct rdv_buf *out, const char *client_id);
RDV_MUST_USE enum rdv_err bench_mqtt_put_subscribe(struct rdv_buf *out, uint16_t id,
                                                   const char *filter);
RDV_MUST_USE enum rdv_err bench_mqtt_put_publish(struct rdv_buf *out, uint16_t id,
                                                 const char *topic, struct rdv_span payload);
RDV_MUST_USE enum rdv_err bench_mqtt_put_puback(struct rdv_buf *out, uint16_t id);

enum bench_mqtt_type {
    BENCH_MQTT_CONNACK = 2,
    BENCH_MQTT_PUBLISH = 3,
    BENCH_MQTT_PUBACK = 4,
    BENCH_MQTT_SUBACK = 9,
};

struct bench_mqtt_packet {
    enum bench_mqtt_type type;
    size_t n; /* bytes of the whole packet */
    uint16_t id;
    uint8_t reason; /* of an answer */
    struct rdv_span topic, payload;
};

/* Reads the packet at the front of `in`, which the spans point into; *whole is false when it has
 * not all come yet. Returns: RDV_ERR_FORMAT for all that is not told of here. */
RDV_MUST_USE enum rdv_err bench_mqtt_get(struct bench_mqtt_packet *out, struct rdv_span in,
                                         bool *whole);

#endif
