/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A subscription at an MQTT broker. All functions are for one thread; what comes waits for it as
 * events, and no more of it than fits: the broker is left waiting then.
 */
#ifndef RDV_GUEST_TOOLS_RDV_MQTT_H
#define RDV_GUEST_TOOLS_RDV_MQTT_H

#include "base/broker.h"

#define TOOL_MQTT_FILTER 64
#define TOOL_MQTT_CLIENT_ID 128 /* bytes */

struct tool_mqtt;

/* "" and empty secrets: none. Paths of PEM files. */
struct tool_mqtt_options {
    struct rdv_broker_address address;
    struct rdv_broker_secret login, psk;
    const char *ca, *cert, *key;
    char filter[TOOL_MQTT_FILTER]; /* of topics */
    char client_id[TOOL_MQTT_CLIENT_ID];
    bool stays; /* the broker keeps what comes while nobody is there */
};

/* options: borrowed for the life of *out; they hold keys. Returns: RDV_ERR_NOMEM, RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err tool_mqtt_new(struct tool_mqtt **out,
                                        const struct tool_mqtt_options *options);
/* m may be NULL. */
void tool_mqtt_free(struct tool_mqtt *m);

/* Begins to connect; the connection before must be closed. Returns: RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err tool_mqtt_open(struct tool_mqtt *m);
/* Ends the connection, and all events of it. */
void tool_mqtt_close(struct tool_mqtt *m);

/* Readable while there are events. */
int tool_mqtt_fd(const struct tool_mqtt *m);

enum tool_mqtt_kind { TOOL_MQTT_SUBSCRIBED, TOOL_MQTT_MESSAGE, TOOL_MQTT_GONE };

/* Valid until the next call on m. */
struct tool_mqtt_event {
    enum tool_mqtt_kind kind;
    const char *topic;       /* MESSAGE: up to the first NUL it may hold */
    struct rdv_span message; /* MESSAGE */
    unsigned reason;         /* GONE: of MQTT, or 0; the connection is to be closed */
    const char *why;         /* GONE */
};

/* False when there is none. */
bool tool_mqtt_next(struct tool_mqtt *m, struct tool_mqtt_event *out);

#endif
