/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paho's threads call back with its own lock held: our lock is taken inside of it, and never the
 * other way round. A handle serves one connection; when it is destroyed, nothing more is called.
 */
#include "mqtt_bridge/mqtt.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/broker_paho.h"
#include "base/log.h"
#include "base/secret.h"

#define KEEP_ALIVE_S 30
#define CONNECT_S 15
#define QOS 1
#define FILES 64       /* that are open here at most: there are about 15 */
#define CLOSE_TRIES 20 /* of 50 ms */

/* A message that is not answered, or whose answer was not taken yet. */
struct flight {
    struct bridge_mqtt *m;
    uint64_t ticket;
    uint8_t reason;
    struct flight *next;
};

struct bridge_mqtt {
    char client_id[200], topic[RDV_TOPIC_MAX + 1];
    void (*wake)(void *user);
    void *user;
    MQTTAsync handle;                 /* NULL: closed */
    MQTTAsync bell;                   /* see bridge_mqtt_nudge */
    struct bridge_mqtt_access access; /* of this connection */
    struct rdv_broker_tls tls;        /* the same */
    int keep_alive_s;
    bool retains; /* the broker keeps messages for who comes later */

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t closed_now;
    bool opened, is_open, gone, gone_taken, closed;
    struct bridge_broker broker;
    bool broker_retains, broker_confirms;
    int broker_keep_alive_s;
    uint8_t reason;
    char why[240];
    struct rdv_quoted tls_why;
    struct flight *idle, *answered, **answered_end;
    size_t n_flights;
    struct flight flights[];
};

/* --- life ------------------------------------------------------------------------------------- */

static void all_idle(struct bridge_mqtt *m)
{
    m->opened = m->is_open = m->gone = m->gone_taken = m->closed = false;
    m->reason = 0;
    m->why[0] = m->tls_why.text[0] = '\0';
    m->idle = m->answered = NULL;
    m->answered_end = &m->answered;
    for (size_t i = 0; i < m->n_flights; i++) {
        m->flights[i] = (struct flight){ .m = m, .next = m->idle };
        m->idle = &m->flights[i];
    }
}

/* Never connected; it keeps what it is given, but one message only. */
static int new_bell(struct bridge_mqtt *m)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;

    options.sendWhileDisconnected = 1;
    options.allowDisconnectedSendAtAnyTime = 1;
    options.maxBufferedMessages = 1;
    options.deleteOldestMessages = 1;
    return MQTTAsync_createWithOptions(&m->bell, "tcp://localhost", "bell",
                                       MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
}

enum rdv_err bridge_mqtt_new(struct bridge_mqtt **out, const struct bridge_mqtt_options *o)
{
    struct rdv_topic status = { .kind = RDV_TOPIC_STATUS };
    struct bridge_mqtt *m;
    pthread_condattr_t attr;
    enum rdv_err err;

    *out = NULL;
    if ((err = rdv_broker_init()) != RDV_OK)
        return err;
    if ((m = calloc(1, sizeof(*m) + o->on_way * sizeof(m->flights[0]))) == NULL)
        return RDV_ERR_NOMEM;
    (void)snprintf(m->client_id, sizeof(m->client_id), "%s", o->client_id);
    (void)snprintf(status.sen, sizeof(status.sen), "%s", o->sen);
    rdv_topic_print(m->topic, &status);
    m->wake = o->wake;
    m->user = o->user;
    m->keep_alive_s = KEEP_ALIVE_S;
    m->n_flights = o->on_way;
    all_idle(m);
    RDV_INVARIANT(pthread_mutex_init(&m->lock, NULL) == 0 && pthread_condattr_init(&attr) == 0 &&
                  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
                  pthread_cond_init(&m->closed_now, &attr) == 0);
    (void)pthread_condattr_destroy(&attr);
    if (new_bell(m) != MQTTASYNC_SUCCESS) {
        bridge_mqtt_free(m);
        return RDV_ERR_NOMEM;
    }
    *out = m;
    return RDV_OK;
}

void bridge_mqtt_free(struct bridge_mqtt *m)
{
    if (m == NULL)
        return;
    bridge_mqtt_close(m);
    if (m->bell != NULL)
        MQTTAsync_destroy(&m->bell);
    (void)pthread_cond_destroy(&m->closed_now);
    (void)pthread_mutex_destroy(&m->lock);
    free(m);
}

/*
 * Paho's sending thread looks whether there is something to do, and then waits to be woken: what is
 * put and signalled in between lies there for a second. Something put for a client that is never
 * connected signals again, and harms nobody.
 */
void bridge_mqtt_nudge(struct bridge_mqtt *m)
{
    MQTTAsync_message nothing = MQTTAsync_message_initializer;

    (void)MQTTAsync_sendMessage(m->bell, "bell", &nothing, NULL);
}

/* --- on Paho's threads ------------------------------------------------------------------------ */

static void lock(struct bridge_mqtt *m)
{
    RDV_INVARIANT(pthread_mutex_lock(&m->lock) == 0);
}

static void unlock(struct bridge_mqtt *m)
{
    RDV_INVARIANT(pthread_mutex_unlock(&m->lock) == 0);
}

/* With the lock held. The first reason is the true one. */
static void is_gone(struct bridge_mqtt *m, int reason, const char *why)
{
    if (m->gone)
        return;
    m->gone = true;
    m->reason = reason > 0 && reason <= 0xff ? (uint8_t)reason : 0;
    (void)snprintf(m->why, sizeof(m->why), "%s%s%s", why, m->tls_why.text[0] == '\0' ? "" : ": ",
                   m->tls_why.text);
}

static void says_gone(struct bridge_mqtt *m, int reason, const char *why)
{
    lock(m);
    is_gone(m, reason, why);
    unlock(m);
    m->wake(m->user);
}

static const char *reason_text(int reason)
{
    const char *text = MQTTReasonCode_toString((enum MQTTReasonCodes)reason);

    return text == NULL ? "unknown reason" : text;
}

static int number_of(MQTTProperties *p, enum MQTTPropertyCodes code, int otherwise)
{
    return MQTTProperties_hasProperty(p, code) ? MQTTProperties_getNumericValue(p, code)
                                               : otherwise;
}

static void on_connected(void *context, MQTTAsync_successData5 *response)
{
    struct bridge_mqtt *m = context;
    MQTTProperties *p = &response->properties;
    const int receive_max = number_of(p, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, UINT16_MAX);
    const int packet_max = number_of(p, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, -1);

    lock(m);
    m->opened = m->is_open = true;
    m->broker.receive_max = receive_max < 1 ? 1 : (uint16_t)receive_max;
    m->broker.packet_max = (uint32_t)packet_max; /* -1: all there is */
    m->broker_retains = number_of(p, MQTTPROPERTY_CODE_RETAIN_AVAILABLE, 1) != 0;
    m->broker_confirms = number_of(p, MQTTPROPERTY_CODE_MAXIMUM_QOS, 2) >= QOS;
    m->broker_keep_alive_s = number_of(p, MQTTPROPERTY_CODE_SERVER_KEEP_ALIVE, 0);
    unlock(m);
    m->wake(m->user);
}

static void on_not_connected(void *context, MQTTAsync_failureData5 *response)
{
    struct bridge_mqtt *m = context;
    /* What a CONNACK says comes in either of them. */
    const int reason = response->reasonCode != 0 ? (int)response->reasonCode : response->code;

    if (reason >= BRIDGE_MQTT_REFUSED)
        says_gone(m, reason, reason_text(reason));
    else
        says_gone(m, 0, response->message == NULL ? "cannot be reached" : response->message);
}

static void on_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)properties;
    says_gone(context, (int)reason, reason_text((int)reason));
}

static void on_lost(void *context, char *cause)
{
    (void)cause; /* Paho never says one */
    says_gone(context, 0, "connection lost");
}

static void answer(struct flight *f, int reason)
{
    struct bridge_mqtt *m = f->m;

    lock(m);
    f->reason = (uint8_t)reason;
    f->next = NULL;
    *m->answered_end = f;
    m->answered_end = &f->next;
    unlock(m);
    m->wake(m->user);
}

static void on_published(void *context, MQTTAsync_successData5 *response)
{
    (void)response;
    answer(context, 0);
}

static void on_not_published(void *context, MQTTAsync_failureData5 *response)
{
    struct flight *f = context;

    if (response->reasonCode >= BRIDGE_MQTT_REFUSED)
        answer(f, (int)response->reasonCode);
    else
        says_gone(f->m, 0, "connection lost");
}

static void on_closed(void *context, MQTTAsync_successData5 *response)
{
    struct bridge_mqtt *m = context;

    (void)response;
    lock(m);
    m->closed = true;
    (void)pthread_cond_signal(&m->closed_now);
    unlock(m);
}

static void on_tls_error(void *user, const struct rdv_quoted *why)
{
    struct bridge_mqtt *m = user;

    lock(m);
    m->tls_why = *why;
    unlock(m);
}

/* --- connecting ------------------------------------------------------------------------------- */

static int start_connecting(struct bridge_mqtt *m)
{
    MQTTAsync_connectOptions o = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTProperties will_properties = MQTTProperties_initializer;
    MQTTProperty type = { .identifier = MQTTPROPERTY_CODE_CONTENT_TYPE };
    char text[] = BRIDGE_TYPE_STATUS;
    int rc;

    type.value.data = (MQTTLenString){ sizeof(text) - 1, text };
    if (MQTTProperties_add(&will_properties, &type) != 0)
        return MQTTASYNC_FAILURE;
    will.topicName = m->topic;
    will.message = BRIDGE_STATUS_OFFLINE;
    will.retained = 1;
    will.qos = QOS;
    o.will = &will;
    o.willProperties = &will_properties;
    o.keepAliveInterval = m->keep_alive_s;
    o.connectTimeout = CONNECT_S;
    o.maxInflight = UINT16_MAX;
    if (m->access.login.name[0] != '\0') {
        o.username = m->access.login.name;
        o.binarypwd.data = m->access.login.bytes;
        o.binarypwd.len = (int)m->access.login.n;
    }
    if (m->access.address.tls) {
        m->tls = (struct rdv_broker_tls){ m->access.ca,   m->access.cert, m->access.key,
                                          &m->access.psk, on_tls_error,   m };
        rdv_broker_tls_set(&tls, &m->tls);
        o.ssl = &tls;
    }
    o.onSuccess5 = on_connected;
    o.onFailure5 = on_not_connected;
    o.context = m;
    rc = MQTTAsync_connect(m->handle, &o);
    MQTTProperties_free(&will_properties);
    return rc;
}

enum rdv_err bridge_mqtt_open(struct bridge_mqtt *m, const struct bridge_mqtt_access *access)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    const struct rdv_broker_address *a = &access->address;
    char uri[300];
    int rc;

    RDV_INVARIANT(m->handle == NULL);
    m->access = *access;
    options.maxBufferedMessages = UINT16_MAX;
    (void)snprintf(uri, sizeof(uri), "%s://%s:%u", a->tls ? "ssl" : "tcp", a->host,
                   (unsigned)a->port);
    if ((rc = MQTTAsync_createWithOptions(&m->handle, uri, m->client_id,
                                          MQTTCLIENT_PERSISTENCE_NONE, NULL, &options)) !=
        MQTTASYNC_SUCCESS) {
        m->handle = NULL;
    } else if ((rc = MQTTAsync_setConnectionLostCallback(m->handle, m, on_lost)) ==
                       MQTTASYNC_SUCCESS &&
               (rc = MQTTAsync_setDisconnected(m->handle, m, on_disconnected)) ==
                       MQTTASYNC_SUCCESS &&
               (rc = start_connecting(m)) == MQTTASYNC_SUCCESS) {
        return RDV_OK;
    }
    bridge_mqtt_close(m);
    log_warn("%s: Paho says %d", uri, rc);
    return RDV_ERR_IO;
}

/* A last will is published when the connection breaks, or when one says so. */
static void say_goodbye(struct bridge_mqtt *m)
{
    MQTTAsync_disconnectOptions o = MQTTAsync_disconnectOptions_initializer5;
    struct timespec until;

    o.reasonCode = MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE;
    o.onSuccess5 = on_closed;
    o.context = m;
    if (MQTTAsync_disconnect(m->handle, &o) != MQTTASYNC_SUCCESS)
        return;
    for (unsigned i = 0; i < CLOSE_TRIES; i++) {
        bool closed;

        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 50 * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        lock(m);
        if (!m->closed)
            (void)pthread_cond_timedwait(&m->closed_now, &m->lock, &until);
        closed = m->closed;
        unlock(m);
        if (closed)
            return;
        bridge_mqtt_nudge(m);
    }
}

void bridge_mqtt_close(struct bridge_mqtt *m)
{
    bool alive;

    lock(m);
    alive = m->is_open && !m->gone;
    unlock(m);
    if (alive)
        say_goodbye(m);
    if (m->handle != NULL)
        MQTTAsync_destroy(&m->handle);
    m->handle = NULL;
    rdv_wipe(&m->access, sizeof(m->access));
    lock(m);
    all_idle(m);
    unlock(m);
}

/* --- publishing ------------------------------------------------------------------------------- */

static bool add_text(MQTTProperties *to, enum MQTTPropertyCodes code, const char *name,
                     const char *value)
{
    MQTTProperty p = { .identifier = code };
    char first[64], second[64]; /* Paho copies, and yet asks for what could be written to */

    (void)snprintf(first, sizeof(first), "%s", name);
    (void)snprintf(second, sizeof(second), "%s", value);
    p.value.data = (MQTTLenString){ (int)strlen(first), first };
    p.value.value = (MQTTLenString){ (int)strlen(second), second };
    return MQTTProperties_add(to, &p) == 0;
}

static bool add_number(MQTTProperties *to, const char *name, uint64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    return add_text(to, MQTTPROPERTY_CODE_USER_PROPERTY, name, text);
}

static bool add_properties(MQTTProperties *to, const struct bridge_message *message, int64_t now)
{
    const uint32_t expiry = bridge_message_expiry(message, now);
    const MQTTProperty p = { .identifier = MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL,
                             .value.integer4 = expiry };

    return add_text(to, MQTTPROPERTY_CODE_CONTENT_TYPE, bridge_message_type(message), "") &&
           (expiry == 0 || MQTTProperties_add(to, &p) == 0) &&
           (message->seq == 0 || (add_number(to, BRIDGE_PROPERTY_SEQ, message->seq) &&
                                  add_number(to, BRIDGE_PROPERTY_N, message->n)));
}

/* Paho copies what it sends. */
static int send_message(struct bridge_mqtt *m, struct flight *f,
                        const struct bridge_message *message, int64_t now)
{
    MQTTAsync_message msg = MQTTAsync_message_initializer;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    char topic[RDV_TOPIC_MAX + 1];
    int rc = MQTTASYNC_FAILURE;

    rdv_topic_print(topic, &message->topic);
    msg.payload = (void *)(uintptr_t)message->payload.p;
    msg.payloadlen = (int)message->payload.n;
    msg.qos = QOS;
    msg.retained = m->retains ? 1 : 0;
    response.onSuccess5 = on_published;
    response.onFailure5 = on_not_published;
    response.context = f;
    if (add_properties(&msg.properties, message, now))
        rc = MQTTAsync_sendMessage(m->handle, topic, &msg, &response);
    MQTTProperties_free(&msg.properties);
    return rc;
}

enum rdv_err bridge_mqtt_publish(struct bridge_mqtt *m, uint64_t ticket,
                                 const struct bridge_message *message, int64_t now)
{
    struct flight *f;
    int rc;

    lock(m);
    f = m->idle;
    RDV_INVARIANT(f != NULL);
    m->idle = f->next;
    unlock(m);
    f->ticket = ticket;
    rc = send_message(m, f, message, now);
    if (rc == MQTTASYNC_SUCCESS)
        return RDV_OK;
    log_warn("Paho says %d", rc);
    return RDV_ERR_IO;
}

/* --- events ----------------------------------------------------------------------------------- */

/* Paho leaves Nagle's algorithm on: a message would wait until the broker has answered the one
 * before it. It has no option for that, and hides its socket; but all of ours are to send at once.
 */
static void send_at_once(void)
{
    const int on = 1;

    for (int fd = 0; fd < FILES; fd++)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* With the lock held. */
static void take_opened(struct bridge_mqtt *m, struct bridge_mqtt_event *out)
{
    send_at_once();
    m->opened = false;
    m->retains = m->broker_retains;
    *out = (struct bridge_mqtt_event){ .kind = BRIDGE_MQTT_OPENED, .broker = m->broker };
    if (!m->broker_confirms) {
        is_gone(m, MQTTREASONCODE_QOS_NOT_SUPPORTED, "it confirms nothing (QoS 1)");
    } else if (m->broker_keep_alive_s > 0 && m->broker_keep_alive_s < m->keep_alive_s) {
        m->keep_alive_s = m->broker_keep_alive_s;
        is_gone(m, 0, "it wants to hear of us more often");
    }
}

static void take_answered(struct bridge_mqtt *m, struct bridge_mqtt_event *out)
{
    struct flight *f = m->answered;

    *out = (struct bridge_mqtt_event){ .kind = BRIDGE_MQTT_ANSWERED,
                                       .ticket = f->ticket,
                                       .reason = f->reason };
    if ((m->answered = f->next) == NULL)
        m->answered_end = &m->answered;
    f->next = m->idle;
    m->idle = f;
}

bool bridge_mqtt_next(struct bridge_mqtt *m, struct bridge_mqtt_event *out)
{
    bool is = true;

    lock(m);
    if (m->opened) {
        take_opened(m, out);
    } else if (m->answered != NULL) {
        take_answered(m, out);
    } else if (m->gone && !m->gone_taken) {
        m->gone_taken = true;
        *out = (struct bridge_mqtt_event){ .kind = BRIDGE_MQTT_GONE, .reason = m->reason };
        memcpy(out->why, m->why, sizeof(m->why));
    } else {
        is = false;
    }
    unlock(m);
    return is;
}
