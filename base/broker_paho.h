/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How Paho (MQTT C, the asynchronous client) connects to a broker with TLS. */
#ifndef RDV_BASE_BROKER_PAHO_H
#define RDV_BASE_BROKER_PAHO_H

#include <MQTTAsync.h>

#include "base/broker.h"
#include "base/quote.h"

/* Before everything else that is done with Paho or OpenSSL: lets the process end well while
 * threads of Paho still do. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_broker_init(void);

struct rdv_broker_tls {
    const char *ca, *cert, *key;         /* PEM files; "" or NULL: none */
    const struct rdv_broker_secret *psk; /* instead of certificates, unless it is empty */
    /* Why it goes wrong, as OpenSSL has it, in words for people; called on Paho's threads. */
    void (*says)(void *user, const struct rdv_quoted *why);
    void *user;
};

/* how: borrowed, for the life of the client that connects. */
void rdv_broker_tls_set(MQTTAsync_SSLOptions *out, struct rdv_broker_tls *how);

#endif
