/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection to a broker, one after the other. All functions are for one thread; what the broker
 * says is kept for it as events.
 */
#ifndef RDV_MQTT_BRIDGE_MQTT_H
#define RDV_MQTT_BRIDGE_MQTT_H

#include "base/broker.h"
#include "mqtt_bridge/bridge.h"

struct bridge_mqtt;

struct bridge_mqtt_options {
    const char *client_id;
    const char *sen; /* whose status the last will is about */
    size_t on_way;   /* most messages that are not answered */
    /* Events wait. Called on any thread, and must not call back. */
    void (*wake)(void *user);
    void *user;
};

/* Returns: RDV_ERR_NOMEM. Options are copied, but `user`. */
RDV_MUST_USE enum rdv_err bridge_mqtt_new(struct bridge_mqtt **out,
                                          const struct bridge_mqtt_options *options);
/* Closes first. m may be NULL. */
void bridge_mqtt_free(struct bridge_mqtt *m);

/* What to show to a broker; "" and empty secrets: nothing. Paths of PEM files. */
struct bridge_mqtt_access {
    struct rdv_broker_address address;
    struct rdv_broker_secret login, psk;
    const char *ca, *cert, *key;
};

/* Begins to connect; the connection before must be closed. Copies. Returns: RDV_ERR_IO (logged). */
RDV_MUST_USE enum rdv_err bridge_mqtt_open(struct bridge_mqtt *m,
                                           const struct bridge_mqtt_access *access);

/* Ends the connection, so that the broker publishes the last will, and all events of it. */
void bridge_mqtt_close(struct bridge_mqtt *m);

/* Copies; now is the time of day, for what expires. Returns: RDV_ERR_IO (logged): the connection is
 * to be closed. */
RDV_MUST_USE enum rdv_err bridge_mqtt_publish(struct bridge_mqtt *m, uint64_t ticket,
                                              const struct bridge_message *message, int64_t now);

enum bridge_mqtt_event_kind {
    BRIDGE_MQTT_OPENED,
    BRIDGE_MQTT_ANSWERED,
    BRIDGE_MQTT_GONE, /* or not opened: it is to be closed */
};

struct bridge_mqtt_event {
    enum bridge_mqtt_event_kind kind;
    struct bridge_broker broker; /* OPENED */
    uint64_t ticket;             /* ANSWERED */
    uint8_t reason;              /* of MQTT; GONE: 0 when the broker did not say one */
    char why[240];               /* GONE */
};

/* The next event; false when there is none. */
bool bridge_mqtt_next(struct bridge_mqtt *m, struct bridge_mqtt_event *out);

/* What the library was given may lie there, for it can miss its own signal: to be called a few
 * milliseconds later, and again, as long as something is not answered. */
void bridge_mqtt_nudge(struct bridge_mqtt *m);

#endif
